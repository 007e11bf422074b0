"""Pytest is the face: what anyone expects of it works, and its verdicts are the build's.

It is as long as a list of cases is: each stands by itself.
"""

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import PROJECTS, Ended, Project

PASSED = {
    "docs/index.md::line-8",
    "docs/index.md::line-14",
    "docs/index.md::line-19",
    "verify/fixtures.py::every_share[0.25]",
    "verify/fixtures.py::every_share[0.5]",
    "verify/fixtures.py::own_fixture",
    "verify/fixtures.py::short_context",
    "verify/fixtures.py::stock_fixtures",
    "verify/threading.py::a_thread_has_a_context_of_its_own",
    "verify/wrong.py::second_share[0.5]",
}
FAILED = {
    "docs/index.md::line-23",
    "verify/wrong.py::nothing_raised",
    "verify/wrong.py::second_share[0.25]",
    "verify/wrong.py::wrong_number",
    "verify/wrong.py::wrong_sum",
}
_OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) (\S+)", re.MULTILINE)
_FINE = ("docs/index.md::line-8", "verify/fixtures.py", "verify/threading.py")
"""Some of each folder, all of which hold."""


def outcomes(ended: Ended) -> dict[str, set[str]]:
    """Return the node ids of each outcome that pytest's summary lists."""
    found: dict[str, set[str]] = {}
    for outcome, name in _OUTCOME.findall(ended.output):
        found.setdefault(outcome, set()).add(name)
    return found


def counts(ended: Ended) -> str:
    """Return pytest's last line without the seconds."""
    last = ended.output.strip().splitlines()[-1]
    return re.sub(r" in [\d.]+s.*", "", last).strip("= ")


@pytest.fixture
def face(tmp_path: Path) -> Project:
    """Return a copy of the project that uses pytest in every way."""
    shutil.copytree(PROJECTS / "pytest_face", tmp_path / "face")
    return Project(tmp_path / "face")


def test_pytest_runs_everything_and_fails_what_is_wrong(face: Project) -> None:
    ended = face.pytest("-rA", "-q", "verify", "docs")

    assert ended.code == 1
    assert outcomes(ended) == {"PASSED": PASSED, "FAILED": FAILED}
    assert counts(ended) == "5 failed, 10 passed, 1 skipped"


def test_a_failing_assertion_shows_its_values_and_its_line(face: Project) -> None:
    ended = face.pytest("-q", "verify/wrong.py::wrong_sum", "docs/index.md::line-23")

    for expected in (
        (
            '>       assert total == Decimal("0.4")\n'
            "E       AssertionError: assert Decimal('0.3') == Decimal('0.4')\n"
        ),
        "\nverify/wrong.py:15: AssertionError\n",
        (
            '>   assert total == Decimal("0.4")\n'
            "E   AssertionError: assert Decimal('0.3') == Decimal('0.4')\n"
        ),
        "\ndocs/index.md:24: AssertionError\n",
    ):
        assert expected in ended.output
    assert "mkdocs_claims" not in ended.output


def test_a_failing_example_is_shown_and_not_the_page_above_it(face: Project) -> None:
    ended = face.pytest("-q", "docs/index.md::line-23")

    _, _, told = ended.output.partition(" line-23 ")
    assert told.splitlines()[1:6] == [
        '>   assert total == Decimal("0.4")',
        "E   AssertionError: assert Decimal('0.3') == Decimal('0.4')",
        "E    +  where Decimal('0.4') = <class 'decimal.Decimal'>('0.4')",
        "",
        "docs/index.md:24: AssertionError",
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["verify/wrong.py::wrong_sum"], "1 failed", id="one claim by its name"),
        pytest.param(["verify/fixtures.py"], "5 passed", id="one file"),
        pytest.param(["-k", "fixture"], "5 passed, 10 deselected", id="names that hold a word"),
        pytest.param(["-x", "verify"], "1 failed, 6 passed", id="all up to the first failure"),
        pytest.param(
            ["--maxfail=2", "verify"], "2 failed, 6 passed", id="all up to the second failure"
        ),
        pytest.param(["docs/index.md::line-14"], "1 passed", id="one example"),
        pytest.param(
            ["verify/fixtures.py::every_share[0.25]"], "1 passed", id="a node id from the summary"
        ),
    ],
)
def test_pytest_selects(face: Project, arguments: list[str], expected: str) -> None:
    assert counts(face.pytest("-q", *arguments)) == expected


def test_claims_and_examples_are_collected_by_name_without_being_imported(face: Project) -> None:
    face.replace("verify/threading.py", "from decimal", "1 / 0\nfrom decimal")

    ended = face.pytest("--collect-only", "-q")

    assert ended.code == 0
    assert ended.output.splitlines()[:14] == [
        "docs/index.md::line-8",
        "docs/index.md::line-14",
        "docs/index.md::line-19",
        "docs/index.md::line-23",
        "verify/fixtures.py::own_fixture",
        "verify/fixtures.py::every_share",
        "verify/fixtures.py::short_context",
        "verify/fixtures.py::stock_fixtures",
        "verify/threading.py::a_thread_has_a_context_of_its_own",
        "verify/wrong.py::wrong_sum",
        "verify/wrong.py::nothing_raised",
        "verify/wrong.py::wrong_number",
        "verify/wrong.py::not_here",
        "verify/wrong.py::second_share",
    ]


def test_a_snippet_that_is_named_to_pytest_runs_once(face: Project) -> None:
    face.write(
        "snippets/once.py",
        "from pathlib import Path\n\n"
        'with Path(__file__).parents[1].joinpath("runs").open("a") as runs:\n'
        '    runs.write("x")\n'
        "assert runs.closed\n",
    )

    assert counts(face.pytest("-q", "snippets/once.py")) == "1 passed"

    assert face.read("runs") == "x"


def test_a_check_module_that_is_named_to_pytest_is_imported_where_it_runs(face: Project) -> None:
    face.replace("verify/threading.py", "from decimal", "1 / 0\nfrom decimal")

    ended = face.pytest("-q", "-rA", "verify/threading.py", "verify/fixtures.py::own_fixture")

    assert outcomes(ended) == {
        "PASSED": {"verify/fixtures.py::own_fixture"},
        "FAILED": {"verify/threading.py::a_thread_has_a_context_of_its_own"},
    }


def test_an_example_alone_runs_after_those_above_it_and_not_those_below(face: Project) -> None:
    face.replace("docs/index.md", 'total == Decimal("0.4")', 'print("below") or True')

    ended = face.pytest("-q", "-rA", "docs/index.md::line-19")

    assert counts(ended) == "1 passed"
    assert "below" not in ended.output


def test_a_fixture_is_torn_down(face: Project) -> None:
    base = face.root / "base"

    assert face.pytest("-q", "--basetemp", str(base), "verify/fixtures.py").code == 0

    assert (base / "verify-fixtures" / "torn-down").exists()


@pytest.mark.parametrize("option", ["-s", "--pdb"])
def test_in_place_all_files_run_in_one_process_and_pytest_says_so(
    face: Project, option: str
) -> None:
    header = "claims: all files run in one process, and may affect each other"

    ended = face.pytest(option, *_FINE)

    assert f"{header} ({option})" in ended.output
    assert counts(ended) == "7 passed"
    assert header not in face.pytest(*_FINE).output


@pytest.mark.parametrize(
    ("end", "how", "lines"),
    [
        pytest.param(
            "os._exit(0)",
            "the process ended with exit code 0 before it was done",
            (5, 8),
            id="exits",
        ),
        pytest.param(
            "ctypes.string_at(0)",
            "the process was ended by SIGSEGV",
            (7, 10),
            id="ends in a segfault",
        ),
    ],
)
def test_a_file_whose_process(face: Project, end: str, how: str, lines: tuple[int, int]) -> None:
    """It is an error that names the line; what ran before it and other files' results are kept.

    Only a crash can tell which line it was; else it is that of the subject.
    """
    example, check_ = lines
    text = (
        "```python\nx = 1\n```\n\n```python\nimport ctypes, os\n{}\n```\n\n```python\nx = 2\n```\n"
    )
    face.write("docs/gone.md", text.format(end))
    check = (
        "import ctypes\nimport os\n\nfrom mkdocs_claims import claim\n\n\n@claim\ndef gone() -> "
        f'None:\n    """It ends."""\n    {end}\n    assert [] == []\n'
    )
    face.write("verify/gone.py", check)
    face.append("docs/index.md", "[eleven](claim:gone)\n")

    ended = face.pytest("-q", "-rA", "verify", "docs")

    gone = {"docs/gone.md::line-5", "docs/gone.md::line-10", "verify/gone.py::gone"}
    assert outcomes(ended) == {
        "PASSED": PASSED | {"docs/gone.md::line-1"},
        "FAILED": FAILED | gone,
    }
    assert f"docs/gone.md:{example}: {how}\n" in ended.output
    assert f"docs/gone.md:10: not run: {how} at line {example}\n" in ended.output
    assert f"verify/gone.py:{check_}: {how}\n" in ended.output


def test_pytest_and_the_build_give_the_same_verdicts(face: Project) -> None:
    pytested = outcomes(face.pytest("-q", "-rA", "verify", "docs"))

    assert face.build().code == 1

    evidence = face.report(".claims/report.json")["evidence"]
    failed = {re.sub(r"\[.*", "", name) for name in pytested["FAILED"]}
    passed = {re.sub(r"\[.*", "", name) for name in pytested["PASSED"]} - failed
    assert {
        item["subject"]["path"] + "::" + item["subject"]["name"]: item["verdict"]
        for item in evidence
    } == {
        **dict.fromkeys(passed, "holds"),
        **dict.fromkeys(failed, "fails"),
        "verify/wrong.py::wrong_number": "error",
        "verify/wrong.py::not_here": "unknown",
    }


def test_a_claim_that_a_fixtures_parameters_refute_shows_the_one_that_did(face: Project) -> None:
    ended = face.build()

    (entry,) = [entry for entry in ended.entries if "second-share" in entry]
    assert entry.splitlines()[3:5] == [
        '  expected  assert share == Decimal("0.5")',
        "  seen      assert Decimal('0.25') == Decimal('0.5')",
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "docs/index.md::line-15",
            ("docs/index.md has no 'line-15'; it has line-8, line-14, line-19, line-23\n"),
        ),
        (
            "verify/fixtures.py::every-share",
            ("verify/fixtures.py has no 'every-share', did you mean 'every_share'?"),
        ),
    ],
)
def test_a_name_that_is_not_there_is_answered_by_those_that_are(
    face: Project, asked: str, said: str
) -> None:
    ended = face.pytest("-q", asked)

    assert ended.code != 0
    assert said in ended.output


def test_what_an_author_likes_for_pytest_does_not_change_what_is_built(face: Project) -> None:
    face.append("pyproject.toml", '[tool.pytest.ini_options]\naddopts = ["-x", "-k", "sum"]\n')

    face.build()

    counted = face.report(".claims/report.json")["counts"]
    assert (counted["holds"], counted["fails"], counted["unknown"]) == (8, 4, 1)
