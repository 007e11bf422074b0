"""What `[tool.claims]` says is taken as it stands, or refused by name."""

from pathlib import Path

import pytest

from mkdocs_claims.settings import NoSettingsError, Settings, SettingsError, find_root, load


def _project(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def test_an_empty_table_gives_the_defaults(tmp_path: Path) -> None:
    settings = load(_project(tmp_path, "[tool.claims]\n"))

    assert settings == Settings(
        root=tmp_path.resolve(),
        package="",
        preload=(),
        versions=(),
        prepare="",
        docs="docs",
        verify="verify",
        snippets="snippets",
    )


def test_every_setting_is_read(tmp_path: Path) -> None:
    text = (
        "[tool.claims]\n"
        'package = "decimal"\n'
        'preload = ["decimal", "fractions"]\n'
        'versions = ["pytest"]\n'
        'prepare = "verify.prepare:prepare"\n'
        'docs = "pages"\n'
        'verify = "checks"\n'
        'snippets = "code/snippets"\n'
    )

    assert load(_project(tmp_path, text)) == Settings(
        root=tmp_path.resolve(),
        package="decimal",
        preload=("decimal", "fractions"),
        versions=("pytest",),
        prepare="verify.prepare:prepare",
        docs="pages",
        verify="checks",
        snippets="code/snippets",
    )


def test_the_package_under_test_is_preloaded_and_its_version_decides(tmp_path: Path) -> None:
    settings = load(_project(tmp_path, '[tool.claims]\npackage = "torch"\n'))

    assert (("torch",), ("torch",)) == (settings.preload, settings.versions)


def test_empty_lists_stay_empty_beside_a_package(tmp_path: Path) -> None:
    text = '[tool.claims]\npackage = "decimal"\npreload = []\nversions = []\n'

    settings = load(_project(tmp_path, text))

    assert ((), ()) == (settings.preload, settings.versions)


def test_what_a_run_leaves_behind_stands_under_one_folder(tmp_path: Path) -> None:
    settings = Settings(tmp_path)

    assert tmp_path / ".claims" == settings.state
    assert tmp_path / ".claims" / "report.json" == settings.report
    assert tmp_path / ".claims" / "notebooks" == settings.notebooks


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            'pakage = "torch"',
            "pyproject.toml: [tool.claims] has no setting 'pakage', did you mean 'package'?",
        ),
        ("zzz = 1", "pyproject.toml: [tool.claims] has no setting 'zzz'"),
        ('root = "."', "pyproject.toml: [tool.claims] has no setting 'root'"),
        ("docs = 1", "pyproject.toml: [tool.claims] docs must be a string, not 1"),
        ("package = true", "pyproject.toml: [tool.claims] package must be a string, not True"),
        (
            'package = ["torch"]',
            "pyproject.toml: [tool.claims] package must be a string, not ['torch']",
        ),
        (
            'versions = "torch"',
            "pyproject.toml: [tool.claims] versions must be a list of strings, not 'torch'",
        ),
        (
            'preload = ["torch", 1]',
            "pyproject.toml: [tool.claims] preload must be a list of strings, not ['torch', 1]",
        ),
    ],
    ids=[
        "misspelt",
        "unknown",
        "not for authors",
        "number",
        "boolean",
        "list for a string",
        "string for a list",
        "number in a list",
    ],
)
def test_what_cannot_be_meant_is_refused(line: str, message: str, tmp_path: Path) -> None:
    root = _project(tmp_path, f"[tool.claims]\n{line}\n")

    with pytest.raises(SettingsError) as raised:
        load(root)

    assert message == str(raised.value)
    assert SettingsError is raised.type


@pytest.mark.parametrize("text", ["[tool]\nclaims = 1\n", "tool = 1\n"], ids=["claims", "tool"])
def test_a_table_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load(_project(tmp_path, text))


def test_a_project_without_the_file_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoSettingsError) as raised:
        load(tmp_path)

    assert (
        f"pyproject.toml: not found in {tmp_path}; claims are set up in its [tool.claims] table"
        == str(raised.value)
    )


def test_a_project_without_the_table_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoSettingsError) as raised:
        load(_project(tmp_path, "[tool.other]\n"))

    assert "pyproject.toml: has no [tool.claims] table; add one (it may be empty)" == str(
        raised.value
    )


@pytest.mark.parametrize("content", [b"[tool.claims\n", b"# \xff\n"], ids=["syntax", "encoding"])
def test_a_file_that_is_no_toml_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)

    with pytest.raises(
        SettingsError, match=r"^pyproject\.toml: cannot be read as TOML: "
    ) as raised:
        load(tmp_path)

    assert SettingsError is raised.type


def test_the_root_is_the_nearest_folder_with_the_table(tmp_path: Path) -> None:
    outer = _project(tmp_path / "outer", "[tool.claims]\n")
    inner = _project(outer / "inner", "[tool.claims]\n")
    other = _project(outer / "other", "[tool.ruff]\n")
    deep = inner / "docs" / "modes"
    deep.mkdir(parents=True)

    assert [outer, inner, inner, outer] == [
        find_root(outer),
        find_root(inner),
        find_root(deep),
        find_root(other),
    ]


def test_a_root_that_is_nowhere_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoSettingsError) as raised:
        find_root(tmp_path)

    assert f"no pyproject.toml with a [tool.claims] table in {tmp_path} or above it" == str(
        raised.value
    )


def test_what_is_installed_is_not_missing(tmp_path: Path) -> None:
    assert [] == Settings(tmp_path, preload=("json.tool", "pytest"), versions=("pytest",)).missing()


def test_what_is_not_installed_is_named_once(tmp_path: Path) -> None:
    settings = Settings(
        tmp_path,
        preload=("no_such_module", "decimal", "no_such_package.inner"),
        versions=("no_such_module", "pytest", "no-such-distribution"),
    )

    assert ["no_such_module", "no_such_package.inner", "no-such-distribution"] == settings.missing()


@pytest.mark.parametrize(
    ("package", "versions"),
    [
        pytest.param("fractions", (), id="a module of the standard library"),
        pytest.param("yaml", ("PyYAML",), id="a package whose distribution has another name"),
        pytest.param("sybil", ("sybil",), id="a package whose distribution has its name"),
        pytest.param("absent_anywhere", ("absent_anywhere",), id="a package that is not installed"),
    ],
)
def test_the_versions_that_decide_are_by_default_those_of_the_package(
    package: str, versions: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.claims]\npackage = "{package}"\n')

    assert versions == load(tmp_path).versions
