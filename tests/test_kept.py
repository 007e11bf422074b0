"""What held before is not run again, and whatever it depends on makes it run again.

It is as long as a list of cases is: each stands by itself.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Ended, Project, clean_environment

SEAL = ".claims/seal.json"


@pytest.fixture
def project(project: Project) -> Project:
    """Return the sample project with a sealed report: what changes must break the seal, too."""
    assert set() == run_now(project)
    assert (project.root / SEAL).is_file()
    return project


def run_now(project: Project, *options: str) -> set[str]:
    """Check the project, and return the files of the subjects that were run, not kept."""
    ended = check(project, *options)
    assert (ended.code, ended.output.count("\n")) == (0, 1)
    evidence = project.report(".claims/report.json")["evidence"]
    return {item["subject"]["path"] for item in evidence if not item["kept"]}


def check(project: Project, *options: str) -> Ended:
    """Run `claims check` in a project."""
    ended = subprocess.run(
        [Path(sys.executable).with_name("claims"), "check", *options],
        cwd=project.root,
        env={**clean_environment(), **project.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout)


EVERYTHING = {
    "docs/contexts.md",
    "docs/index.md",
    "snippets/invoice.py",
    "verify/arithmetic.py",
    "verify/contexts.py",
}


def test_nothing_is_run_where_nothing_changed(project: Project) -> None:
    assert set() == run_now(project)


def test_what_is_kept_is_told_in_the_summary_and_the_report(project: Project) -> None:
    project.append("docs/index.md", "```python\nlast = 1\n```\n")

    ended = check(project)

    assert "13 holds (5 run now, 8 kept from before)" in ended.output
    assert project.report(".claims/report.json")["counts"]["kept"] == 8


def test_a_fresh_run_runs_everything(project: Project) -> None:
    assert EVERYTHING == run_now(project, "--fresh")
    assert set() == run_now(project)


@pytest.mark.parametrize(("value", "expected"), [("1", EVERYTHING), ("0", set()), ("", set())])
def test_the_environment_can_ask_for_a_fresh_run(
    project: Project, value: str, expected: set[str]
) -> None:
    assert expected == run_now(Project(project.root, {"CLAIMS_FRESH": value}))


def test_a_fresh_build_runs_everything(project: Project) -> None:
    Project(project.root, {"CLAIMS_FRESH": "1"}).build()

    assert project.report()["counts"]["kept"] == 0


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("docs/index.md", "\nMore prose, and `code` in it.\n", id="prose of a page"),
        pytest.param("docs/new.md", "# A page\n\nOf prose.\n", id="a new page of prose"),
        pytest.param("README.md", "# Read me\n", id="a file that nothing reads"),
    ],
)
def test_nothing_is_run_after_a_change_of(project: Project, path: str, text: str) -> None:
    before = project.read(path) if (project.root / path).exists() else ""
    project.write(path, before + text)

    assert set() == run_now(project)


def test_evidence_that_is_kept_moves_with_its_lines(project: Project) -> None:
    fresh = {
        item["subject"]["line"]: (item["output"], item["raised"], item["verdict"])
        for item in project.report(".claims/report.json")["evidence"]
        if item["subject"]["path"] == "docs/index.md"
    }
    text = project.read("docs/index.md")
    title, _, rest = text.partition("\n")
    project.write("docs/index.md", f"{title}\n\nTwo lines more.\n{rest}")

    assert set() == run_now(project)

    kept = {
        item["subject"]["line"] - 2: (item["output"], item["raised"], item["verdict"])
        for item in project.report(".claims/report.json")["evidence"]
        if item["subject"]["path"] == "docs/index.md"
    }
    assert fresh == kept


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        pytest.param(
            "verify/arithmetic.py",
            "assert total ==",
            "assert +total ==",
            {"verify/arithmetic.py"},
            id="a check",
        ),
        pytest.param(
            "verify/conftest.py",
            '"1.2345678901234567890"',
            '"1.2345678901234567891"',
            {"verify/arithmetic.py", "verify/contexts.py"},
            id="the fixtures of its folder",
        ),
        pytest.param(
            "verify/prepare.py",
            "Put a context",
            "Put this context",
            EVERYTHING,
            id="what every file calls first",
        ),
    ],
)
def test_what_depends_on_it_alone_is_run_after_a_change_of(
    project: Project, path: str, old: str, new: str, expected: set[str]
) -> None:
    project.replace(path, old, new)

    assert expected == run_now(project)
    assert set() == run_now(project)


def test_a_page_is_run_alone_after_one_of_its_blocks_changed(project: Project) -> None:
    project.append("docs/contexts.md", "```python\nlast = 1\n```\n")

    assert {"docs/contexts.md"} == run_now(project)


@pytest.mark.parametrize("attribute", ['title="Other"', 'timeout="9"'])
def test_a_page_is_run_after_an_attribute_of_a_block_changed(
    project: Project, attribute: str
) -> None:
    line = project.append("docs/contexts.md", "```python\nlast = 1\n```\n")
    run_now(project)
    text = project.read("docs/contexts.md").split("\n")
    text[line - 1] += f" {attribute}"
    project.write("docs/contexts.md", "\n".join(text))

    assert {"docs/contexts.md"} == run_now(project)


def test_what_imports_or_reads_a_file_of_the_project_is_run_after_it_changed(
    project: Project,
) -> None:
    project.write("verify/tools/halves.py", "HALF = 0.5\n")
    project.write("rates.txt", "0.5\n")
    project.append(
        "docs/contexts.md", "```python\nfrom verify.tools.halves import HALF\nassert HALF\n```\n"
    )
    reading = (
        f"from pathlib import Path\nassert Path({str(project.root / 'rates.txt')!r}).read_text()"
    )
    project.append("docs/index.md", f"```python\n{reading}\n```\n")
    assert {"docs/contexts.md", "docs/index.md"} == run_now(project)

    project.write("verify/tools/halves.py", "HALF = 0.25\n")
    assert {"docs/contexts.md"} == run_now(project)

    project.write("rates.txt", "0.25\n")
    assert {"docs/index.md"} == run_now(project)

    assert set() == run_now(project)


@pytest.mark.parametrize("changed", ["snippets/itself.py", "verify/tools/halves.py"])
def test_a_verdict_is_not_kept_for_a_text_that_was_written_while_another_ran(
    project: Project, changed: str
) -> None:
    """Else what never ran would be known to hold."""
    project.write("verify/tools/halves.py", "HALF = 0.5\n")
    project.write(
        "snippets/itself.py",
        "from pathlib import Path\n\nfrom verify.tools.halves import HALF\n\n"
        f"Path({str(project.root / changed)!r}).write_text('raise ValueError\\n')\n"
        "assert HALF == 0.5\n",
    )
    assert {"snippets/itself.py"} == run_now(project)

    ended = check(project)

    assert ended.code == 1
    assert "snippets/itself.py:" in ended.first_lines[0]


def test_a_file_that_is_read_by_its_path_object_is_followed(project: Project) -> None:
    project.write("rates.txt", "0.5\n")
    file = str(project.root / "rates.txt")
    code = f"import os\nfrom pathlib import Path\n\nos.close(os.open(Path({file!r}), os.O_RDONLY))"
    project.append("docs/index.md", f"```python\n{code}\n```\n")
    assert {"docs/index.md"} == run_now(project)

    project.write("rates.txt", "0.25\n")

    assert {"docs/index.md"} == run_now(project)


def test_fixtures_that_are_new_above_a_check_make_it_run(project: Project) -> None:
    project.write("conftest.py", "")

    assert {"verify/arithmetic.py", "verify/contexts.py"} == run_now(project)


def test_another_setting_that_decides_makes_everything_run(project: Project) -> None:
    project.append("pyproject.toml", 'preload = ["decimal", "fractions"]\n')

    assert EVERYTHING == run_now(project)


def test_another_version_makes_everything_run(project: Project) -> None:
    kept = json.loads(project.read(".claims/kept.json"))
    project.replace("pyproject.toml", "versions = []", 'versions = ["pytest"]')

    assert EVERYTHING == run_now(project)

    again = json.loads(project.read(".claims/kept.json"))
    prints = [
        {file["fingerprint"] for file in stored["files"].values()} for stored in (kept, again)
    ]
    assert set() == prints[0] & prints[1]


def test_what_does_not_hold_is_run_again(project: Project) -> None:
    project.replace("verify/arithmetic.py", 'total == Decimal("0.3")', 'total == Decimal("0.4")')

    entries = [check(project).entries for _ in range(2)]

    assert len(entries[0]) == 1
    assert entries[0] == entries[1]
    evidence = project.report(".claims/report.json")["evidence"]
    assert {"verify/arithmetic.py"} == {
        item["subject"]["path"] for item in evidence if not item["kept"]
    }


def test_an_output_that_differs_from_run_to_run_is_never_kept(project: Project) -> None:
    project.append("docs/index.md", "```python\nimport time\n\nprint(time.time_ns())\n```\n")

    entries = [check(project).entries for _ in range(2)]

    assert [1, 1] == [len(each) for each in entries]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "is damaged", id="empty"),
        pytest.param('{"format": 1, "files": {"verify', "is damaged", id="cut off"),
        pytest.param('{"format": 0, "files": {}}', "has another format", id="of another format"),
        pytest.param('{"format": 1, "files": []}', "has another format", id="of another shape"),
        pytest.param("[]", "is damaged", id="something else"),
    ],
)
def test_kept_verdicts_are_ignored_with_a_line_where_the_file_is(
    project: Project, text: str, why: str
) -> None:
    project.write(".claims/kept.json", text)

    ended = check(project)

    assert ended.code == 0
    first, second = ended.output.splitlines()
    assert first.startswith(f"claims: kept.json {why}")
    assert first.endswith(", so everything is run")
    assert second.startswith("4 claims, 7 examples, 1 snippet, 0 notebooks, 1 skipped: 12 holds; ")
    assert set() == run_now(project)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"fingerprint": "0" * 64}, id="another fingerprint"),
        pytest.param({"fingerprint": None}, id="no fingerprint"),
        pytest.param({"files": {"verify/arithmetic.py": ""}}, id="another digest"),
        pytest.param({"files": None}, id="no digests"),
        pytest.param({"evidence": []}, id="no evidence"),
        pytest.param({"evidence": [{}, {}]}, id="empty evidence"),
        pytest.param({"evidence": [{"verdict": "fine"}] * 2}, id="a verdict that there is not"),
    ],
)
def test_an_entry_that_cannot_be_trusted_is_run(
    project: Project, change: dict[str, object]
) -> None:
    stored = json.loads(project.read(".claims/kept.json"))
    stored["files"]["verify/arithmetic.py"].update(change)
    project.write(".claims/kept.json", json.dumps(stored))

    assert {"verify/arithmetic.py"} == run_now(project)


def test_two_runs_at_once_leave_kept_verdicts_that_can_be_read(project: Project) -> None:
    with ThreadPoolExecutor() as threads:
        ended = list(threads.map(lambda _: check(project, "--fresh"), range(3)))

    assert [0, 0, 0] == [each.code for each in ended]
    assert set() == run_now(project)


def test_where_everything_is_kept_no_process_is_started(project: Project) -> None:
    """Not even the one that would import what files need."""
    code = (
        "import os, subprocess, sys\n"
        "def refuse(event, arguments):\n"
        "    if event in ('subprocess.Popen', 'os.fork', 'os.posix_spawn'):\n"
        "        raise SystemExit(f'started {arguments}')\n"
        "sys.addaudithook(refuse)\n"
        "from mkdocs_claims.cli import main\n"
        "code = main(['check'])\n"
        "print(sorted({'pytest', 'sybil', 'decimal'} & set(sys.modules)))\n"
        "sys.exit(code)\n"
    )
    ended = Ended(*_python(project, code))

    assert ended.code == 0, ended.output
    assert "(0 run now, 12 kept from before)" in ended.output
    assert ended.output.endswith("[]\n")


NOTHING_READ = (
    "import sys, mkdocs_claims.run\n"
    "def refuse(settings):\n"
    "    raise SystemExit('read the pages')\n"
    "mkdocs_claims.run.collect = refuse\n"
    "from mkdocs_claims.cli import main\n"
    "sys.exit(main(['check']))\n"
)


def test_a_sealed_report_is_believed_without_reading_a_page_for_it(project: Project) -> None:
    before = project.read(".claims/report.json")

    code, output = _python(project, NOTHING_READ)

    assert code == 0, output
    assert "12 holds (0 run now, 12 kept from before)" in output
    assert before == project.read(".claims/report.json")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(SEAL, "", id="an empty seal"),
        pytest.param(SEAL, "[]", id="a seal of another shape"),
        pytest.param(SEAL, '{"sources": "", "files": {}, "summary": "fine"}', id="another seal"),
        pytest.param(".claims/report.json", "{}", id="another report"),
    ],
)
def test_a_report_is_made_anew_where_its_seal_is_broken(
    project: Project, path: str, text: str
) -> None:
    before = project.read(".claims/report.json")
    project.write(path, text)
    assert _python(project, NOTHING_READ) == (1, "read the pages\n")

    assert set() == run_now(project)

    assert before == project.read(".claims/report.json")


def test_a_report_of_what_does_not_hold_is_not_sealed(project: Project) -> None:
    project.replace("docs/index.md", "claim:sum-of-tenths-is-exact", "claim:sum-of-tenth-is-exact")

    ended = [check(project) for _ in range(2)]

    assert ended[0].code == 1
    assert ended[0] == ended[1]


def test_a_build_from_a_sealed_report_is_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(project.environment, "SOURCE_DATE_EPOCH", "0")
    (project.root / SEAL).unlink()
    project.build()
    unsealed = project.site()
    assert (project.root / SEAL).is_file()

    project.build()

    assert unsealed == project.site()


def _python(project: Project, code: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.root,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout
