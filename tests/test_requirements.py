"""A snippet that needs more than is always there says so, and is never taken for checked.

It is as long as a list of cases is: each stands by itself.
"""

import platform
import shutil
from collections.abc import Callable
from importlib import metadata

import pytest

from mkdocs_claims.problems import Problem
from mkdocs_claims.requirements import absence, canonical, installed, lacking, read_requirements
from tests.conftest import Ended, Project

PATH = "snippets/invoice.py"
NEEDS = '# /// script\n# dependencies = ["{}"]\n# ///\n'
PYTEST = metadata.version("pytest")
PYTHON = platform.python_version()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("x = 1\n", (), id="no metadata"),
        pytest.param(NEEDS.format("fastapi"), ("fastapi",), id="one"),
        pytest.param(
            '"""Doc."""\n\n# /// script\n# requires-python = ">=3.11"\n# dependencies = [\n'
            '#   "fastapi>=0.100",\n#   "uvicorn",\n# ]\n# ///\n\nx = 1\n',
            ("python>=3.11", "fastapi>=0.100", "uvicorn"),
            id="two on lines of their own",
        ),
        pytest.param(
            '# /// script\n# requires-python = ">=3.11"\n# ///\n', ("python>=3.11",), id="a Python"
        ),
        pytest.param("# /// script\n#\n# ///\n", (), id="none named"),
        pytest.param("# /// script\n# [tool.other]\n# x = 1\n# ///\n", (), id="another tool's"),
        pytest.param("if x:\n    # /// script\n    pass\n", (), id="a comment within code"),
        pytest.param("# /// other\n# anything\n# ///\n", (), id="another kind of block"),
        pytest.param("# --8<-- [start:a]\n# /// scripted\n", (), id="another word"),
    ],
)
def test_what_a_snippet_needs_is_read(text: str, read: tuple[str, ...]) -> None:
    assert read == read_requirements(text, PATH)


@pytest.mark.parametrize(
    ("text", "line", "begins"),
    [
        pytest.param(
            '\n# /// script\n# dependencies = ["a"]\nx = 1\n',
            2,
            "this block of metadata is never closed; end it with a line '# ///'",
            id="unclosed",
        ),
        pytest.param(
            NEEDS.format("a") + "\n" + NEEDS.format("b"),
            5,
            "a snippet has one block '# /// script'; make one of the two",
            id="two blocks",
        ),
        pytest.param(
            "# /// script\n# dependencies = [\n# ///\n",
            2,
            "the metadata of this snippet cannot be read as TOML: ",
            id="no TOML",
        ),
        pytest.param(
            '# /// script\n# dependencies = [\n#   "a"\n#   "b"\n# ]\n# ///\n',
            4,
            "the metadata of this snippet cannot be read as TOML: Unclosed array",
            id="no comma",
        ),
        pytest.param(
            '# /// scirpt\n# dependencies = ["a"]\n# ///\n',
            1,
            "unknown block '# /// scirpt', did you mean 'script'?",
            id="a misspelt block",
        ),
        pytest.param(
            'x = 1\n#/// script\n# dependencies = ["a"]\n# ///\n',
            2,
            "a block of metadata begins with a line '# /// script'",
            id="no space",
        ),
        pytest.param(
            '# /// script\n#dependencies = ["a"]\n# ///\n',
            2,
            "a line of this block of metadata must begin with '# '",
            id="no space within",
        ),
        pytest.param(
            '# /// script\n#\n# dependancies = ["a"]\n# ///\n',
            3,
            "this block of metadata has no key 'dependancies', did you mean 'dependencies'?",
            id="a misspelt key",
        ),
        pytest.param(
            "# /// script\n# dependencies = [\n#   'a',\n#   'b @ https://b.example/b.whl',\n"
            "# ]\n# ///\n",
            4,
            "the dependency 'b @ https://b.example/b.whl' names a place, with which nothing "
            "installed can be compared; name a version",
            id="a place",
        ),
        pytest.param(
            '# /// script\n# dependencies = []\n# requires-python = "three"\n# ///\n',
            3,
            "requires-python must be a bound, such as \">=3.12\", not 'three'",
            id="no bound",
        ),
        pytest.param(
            "# /// script\n# requires-python = 3.12\n# ///\n",
            2,
            'requires-python must be a bound, such as ">=3.12", not 3.12',
            id="a number for a Python",
        ),
        pytest.param(
            '# /// script\n# dependencies = "fastapi"\n# ///\n',
            2,
            'dependencies must be a list of strings, such as ["fastapi"]',
            id="no list",
        ),
        pytest.param(
            NEEDS.format("fast api"), 2, "cannot read the dependency 'fast api': ", id="no name"
        ),
    ],
)
def test_metadata_that_cannot_be_meant_is_said_at_its_line(
    text: str, line: int, begins: str
) -> None:
    read = read_requirements(text, PATH)

    assert isinstance(read, Problem)
    assert (PATH, line) == (read.path, read.line)
    assert read.message.startswith(begins)


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        pytest.param("pytest", "", id="installed"),
        pytest.param("PyTest", "", id="in another spelling"),
        pytest.param(f"pytest=={PYTEST}", "", id="of this version"),
        pytest.param("pytest[dev]>=1", "", id="with an extra"),
        pytest.param("nowhere; python_version < '3'", "", id="not for this Python"),
        pytest.param(
            "pytest>=999", f"it needs pytest>=999 (installed is {PYTEST})", id="too old a one"
        ),
        pytest.param("nowhere", "it needs nowhere (not installed)", id="not installed"),
        pytest.param("python>=3.11", "", id="this Python"),
        pytest.param("python>=9", f"it needs python>=9 (this is {PYTHON})", id="another Python"),
    ],
)
def test_what_is_lacking_is_known_and_said(requirement: str, reason: str) -> None:
    versions = installed([requirement])
    unmet = lacking([requirement], versions)

    assert reason == (absence(unmet, versions) if unmet else "")


def _need(project: Project, requirement: str) -> None:
    project.write(PATH, NEEDS.format(requirement) + project.read(PATH))


REASON = "it needs nowhere (not installed)"


def test_a_snippet_whose_requirement_is_lacking_stops_the_build(
    project: Project, refused: Callable[..., Ended]
) -> None:
    _need(project, "nowhere")

    ended = refused()

    (entry,) = ended.entries
    assert entry.splitlines() == [
        f"{PATH}:1: snippet: not checked",
        "  expected  it to be run",
        f"  seen      {REASON}",
        f"  alone     pytest {PATH}::invoice.py",
    ]


def test_another_python_than_a_snippet_requires_leaves_it_unchecked(
    project: Project, refused: Callable[..., Ended]
) -> None:
    text = project.read(PATH)
    project.write(PATH, f'# /// script\n# requires-python = ">=9"\n# ///\n{text}')

    (entry,) = refused().entries

    assert f"{PATH}:1: snippet: not checked" in entry
    assert f"  seen      it needs python>=9 (this is {PYTHON})" in entry


def test_a_misspelt_key_stops_the_build_at_its_line(
    project: Project, refused: Callable[..., Ended]
) -> None:
    project.write(
        PATH, NEEDS.replace("dependencies", "dependancies").format("a") + project.read(PATH)
    )

    message = "this block of metadata has no key 'dependancies', did you mean 'dependencies'?"
    assert [f"{PATH}:2: {message}"] == refused().first_lines


def test_what_may_be_lacking_is_shown_as_not_checked_and_stops_nothing(project: Project) -> None:
    _need(project, "Nowhere>=2")
    project.append("pyproject.toml", 'may_lack = ["nowhere"]\n')

    ended, again = project.build(), project.build()

    assert [(0, ""), (0, "")] == [(ended.code, ended.output), (again.code, again.output)]
    shown = [found.text for found in project.html("index.html").select(".claims-unknown")]
    assert "Not runit needs Nowhere>=2 (not installed)" in shown
    report = project.report()
    assert (1, 0, 0) == tuple(report["counts"][each] for each in ("unknown", "fails", "error"))
    assert {PATH: {"nowhere": ""}} == report["requirements"]
    assert [PATH] == report["excused"]
    told = project.claims("check")
    assert 0 == told.code
    assert ", 1 unknown (for want of nowhere)" in told.output


def test_where_it_never_ran_a_project_in_which_nothing_changed_is_known_too(
    project: Project,
) -> None:
    """As on a fresh clone, which is built again and again without what the snippet needs."""
    _need(project, "nowhere")
    project.append("pyproject.toml", 'may_lack = ["nowhere"]\n')
    shutil.rmtree(project.root / ".claims")

    ended = [project.claims("check") for _ in range(3)]

    assert [0, 0, 0] == [each.code for each in ended], ended[-1].output
    told = "1 unknown (for want of nowhere) (0 run now, 11 kept from before)"
    assert [told in each.output for each in ended] == [False, True, True], ended[-1].output


def test_what_may_be_lacking_may_be_spelt_in_any_way(project: Project) -> None:
    _need(project, "no.Where_at-all")
    project.append("pyproject.toml", 'may_lack = ["No_where.AT_all"]\n')

    ended = project.claims("check")

    assert 0 == ended.code, ended.output
    assert [PATH] == project.report(".claims/report.json")["excused"]


@pytest.mark.parametrize("arguments", [[], ["-s"]], ids=["in a child", "in place"])
def test_pytest_skips_it_with_the_reason_and_runs_the_others(
    project: Project, arguments: list[str]
) -> None:
    _need(project, "nowhere")
    project.append(PATH, 'raise SystemExit("it was run")\n')

    alone = project.pytest("-rs", PATH, *arguments)
    among = project.pytest("-rs", "snippets", "docs/index.md", *arguments)

    for ended in (alone, among):
        assert 0 == ended.code, ended.output
        assert f"SKIPPED [1] {PATH}: {REASON}" in ended.output
    assert " 1 skipped in " in alone.output
    assert " passed, 1 skipped in " in among.output


def test_names_have_one_form() -> None:
    assert ["a-b-c", "a-b", "a"] == [canonical(name) for name in ("A_b.-C", "a--B", "a")]


def test_one_thing_that_may_be_lacking_excuses_no_other(
    project: Project, refused: Callable[..., Ended]
) -> None:
    text = project.read(PATH)
    project.write(PATH, '# /// script\n# dependencies = ["nowhere", "elsewhere"]\n# ///\n' + text)
    project.append("pyproject.toml", 'may_lack = ["nowhere"]\n')

    ended = refused()

    assert [f"{PATH}:1: snippet: not checked"] == ended.first_lines


def test_a_setting_that_nothing_needs_is_named(
    project: Project, refused: Callable[..., Ended]
) -> None:
    _need(project, "nowhere")
    project.append("pyproject.toml", 'may_lack = ["nowhere", "nowher"]\n')

    ended = refused()

    wrong = "[tool.claims] may_lack names 'nowher', which no snippet needs"
    assert [f"pyproject.toml: {wrong}, did you mean 'nowhere'?"] == ended.entries


def test_another_version_runs_the_snippet_again(project: Project) -> None:
    _need(project, "nowhere")
    beside = Project(project.root, {"PYTHONPATH": str(project.root / "beside")})
    metadata_of = "beside/nowhere.dist-info/METADATA"

    said = []
    for version in ("1.0", "1.0", "2.0"):
        project.write(metadata_of, f"Metadata-Version: 2.1\nName: nowhere\nVersion: {version}\n")
        said.append(beside.claims("check").output)
        seen = beside.report(".claims/report.json")["requirements"]
        assert {PATH: {"nowhere": version}} == seen

    assert ["1 run now" in each for each in said] == [True, False, True]
