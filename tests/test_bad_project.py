"""Checks that are at fault themselves, folders that lack, settings that cannot be meant."""

import shutil
from collections.abc import Callable

import pytest

from tests.conftest import Ended, Project

Refused = Callable[..., Ended]

CLAIM = (
    "from mkdocs_claims import claim\n\n\n"
    '@claim\ndef c{0}() -> None:\n    """A c{0}."""\n    {1}\n    assert [] == []\n'
)

FINDINGS = [
    (
        "raise_nothing()",
        "error",
        "`raise_nothing()` to run",
        "NameError: name 'raise_nothing' is not defined",
    ),
    (
        'raise ValueError("mine")',
        "error",
        '`raise ValueError("mine")` to run',
        "ValueError: mine",
    ),
    (
        'decimal.Decimal("1.2.3")',
        "fails",
        '`decimal.Decimal("1.2.3")` to run',
        "decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]",
    ),
    (
        'raise SystemExit("enough")',
        "error",
        '`raise SystemExit("enough")` to run',
        "SystemExit: enough",
    ),
]
"""What a check does, and the verdict, what was expected and what was seen."""


def test_a_check_that_raises_anything_but_an_assertion_has_the_verdict_of_who_raised(
    project: Project, refused: Refused
) -> None:
    expected = []
    for number, (body, verdict, wanted, seen) in enumerate(FINDINGS, start=1):
        check = "import decimal\n\n" + CLAIM.format(number, body)
        project.write(f"verify/c{number}.py", check)
        line = project.append("docs/index.md", f"[It](claim:c{number}).\n")
        expected.append(
            f"docs/index.md:{line}: claim c{number}: {verdict}\n"
            f"  states    A c{number}.\n"
            f"  check     verify/c{number}.py:9\n"
            f"  expected  {wanted}\n"
            f"  seen      {seen}\n"
            f"  alone     pytest verify/c{number}.py::c{number}"
        )

    ended = refused()

    assert ended.entries == expected


def test_a_check_that_pytest_cannot_collect_is_an_error_and_refutes_no_claim(
    project: Project, refused: Refused
) -> None:
    wrong = '@pytest.mark.parametrize("absent", [1])\n@claim\ndef division_by_zero_raises'
    project.replace("verify/arithmetic.py", "@claim\ndef division_by_zero_raises", wrong)

    ended = refused()

    seen = "function uses no argument 'absent'"
    errors = [entry for entry in ended.entries if ": error\n" in entry and seen in entry]
    assert ended.entries == errors
    assert "docs/index.md:4: claim division-by-zero-raises: error" in ended.first_lines


def test_a_fixture_that_is_not_there_is_an_error(project: Project, refused: Refused) -> None:
    project.replace("verify/contexts.py", "ends_with_its_block()", "ends_with_its_block(absent)")

    ended = refused()

    assert ended.first_lines == [
        "docs/contexts.md:10: claim local-context-ends-with-its-block: error"
    ]
    assert "fixture 'absent' not found" in ended.output


def test_an_import_that_a_check_module_lacks_is_told_once_for_its_claims(
    project: Project, refused: Refused
) -> None:
    line = project.replace(
        "verify/arithmetic.py", "import pytest\n", "import pytest\nimport not_a_module_anywhere\n"
    )

    ended = refused()

    (entry,) = ended.entries
    assert (
        f"verify/arithmetic.py:{line + 1}: 2 claims: error\n"
        "  expected  `import not_a_module_anywhere` to run\n"
        "  seen      ModuleNotFoundError: No module named 'not_a_module_anywhere'\n"
        "  alone     pytest verify/arithmetic.py"
    ) == entry


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        pytest.param("docs", "docs: there is no page in this folder", id="docs"),
        pytest.param(
            "verify",
            "verify: there is no claim in this folder; a run that finds none must not pass",
            id="verify",
        ),
    ],
)
@pytest.mark.parametrize("is_left", [True, False], ids=["is empty", "is not there"])
def test_a_build_is_refused_where_a_folder(
    project: Project, refused: Refused, folder: str, expected: str, *, is_left: bool
) -> None:
    project.replace("pyproject.toml", 'prepare = "verify.prepare:prepare"\n', "")
    shutil.rmtree(project.root / folder)
    if is_left:
        (project.root / folder).mkdir()

    ended = refused()

    if is_left:
        assert expected in ended.first_lines
    else:
        assert folder in ended.output


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            'package = "decimal"',
            'package = "not_a_package_anywhere"',
            "pyproject.toml: [tool.claims] needs not_a_package_anywhere, not installed for this "
            "Python ",
            id="a package under test that is not installed",
        ),
        pytest.param(
            "versions = []",
            'versions = ["not-a-package", "nor-this"]',
            "pyproject.toml: [tool.claims] needs not-a-package and nor-this, not installed for "
            "this Python ",
            id="versions of what is not installed",
        ),
        pytest.param(
            "verify.prepare:prepare",
            "verify.prepare:nothing",
            "[tool.claims] prepare",
            id="a function to prepare that is not there",
        ),
        pytest.param(
            "versions = []",
            'versions = []\npreload = ["verify.raises_when_imported"]',
            "\npyproject.toml: [tool.claims] preload: cannot import verify.raises_when_imported: "
            "ZeroDivisionError: division by zero",
            id="a module to preload that raises",
        ),
        pytest.param(
            "versions = []",
            "version = []",
            "pyproject.toml: [tool.claims] has no setting 'version', did you mean 'versions'?",
            id="an unknown setting",
        ),
        pytest.param(
            "versions = []",
            'versions = "torch"',
            "pyproject.toml: [tool.claims] versions must be a list of strings, not 'torch'",
            id="a setting of another type",
        ),
        pytest.param(
            "[tool.claims]",
            "[tool.claims",
            "pyproject.toml: cannot be read as TOML: ",
            id="settings that are no TOML",
        ),
        pytest.param(
            "[tool.claims]",
            "[tool.other]",
            "pyproject.toml: has no [tool.claims] table; add one (it may be empty)",
            id="no settings",
        ),
    ],
)
def test_a_build_is_refused_for(
    project: Project, refused: Refused, old: str, new: str, expected: str
) -> None:
    project.write("verify/raises_when_imported.py", "1 / 0\n")
    project.replace("pyproject.toml", old, new)

    ended = refused()

    assert expected in ended.output


def test_a_package_that_is_not_installed_is_no_verdict_on_any_claim(project: Project) -> None:
    project.replace("pyproject.toml", '"decimal"', '"not_a_package_anywhere"')

    ended = project.build()

    assert ended.first_lines[1:] == [
        "12 subjects were not run: not_a_package_anywhere not installed"
    ]
    assert project.report(".claims/report.json")["counts"]["unknown"] == 12


def test_a_preparation_that_raises_is_told_at_every_subject(
    project: Project, refused: Refused
) -> None:
    project.append("verify/prepare.py", 'def broken() -> None:\n    raise ValueError("no seed")\n')
    project.replace("pyproject.toml", "verify.prepare:prepare", "verify.prepare:broken")

    ended = refused()

    assert len(ended.entries) == project.report(".claims/report.json")["counts"]["error"]
    assert all("\n  seen      ValueError: no seed\n" in entry for entry in ended.entries)
