"""Everything that there is to run is found, in its order, and what cannot be is named.

It is as long as a list of cases is: each stands by itself.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mkdocs_claims.citations import Citation
from mkdocs_claims.collecting import collect
from mkdocs_claims.collection import Collection
from mkdocs_claims.evidence import Kind, Skip
from mkdocs_claims.problems import Problem
from mkdocs_claims.settings import load

SAMPLE = Path(__file__).parent / "samples" / "project"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project of one's own, in which all is well."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "project"))


def _collect(project: Path) -> Collection:
    return collect(load(project))


def _write(project: Path, path: str, text: str) -> None:
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_every_subject_is_found_and_nothing_is_wrong() -> None:
    found = _collect(SAMPLE)

    assert [] == found.problems
    assert [
        (Kind.CLAIM, "tenths-add-up", "verify/sums.py", 9),
        (Kind.CLAIM, "thirds-do-not", "verify/sums.py", 15),
        (Kind.SNIPPET, "snippets/sums.py", "snippets/sums.py", 1),
        (Kind.EXAMPLE, "docs/index.md:5", "docs/index.md", 5),
        (Kind.NOTEBOOK, "docs/deep/book.ipynb", "docs/deep/book.ipynb", 1),
    ] == [
        (subject.kind, subject.id, subject.path, subject.line) for subject in found.all_subjects()
    ]
    assert ["verify/sums.py", "snippets/sums.py", "docs/index.md", "docs/deep/book.ipynb"] == list(
        found.subjects
    )


def test_every_page_and_notebook_is_read_and_nothing_hidden_is() -> None:
    found = _collect(SAMPLE)

    assert ["docs/claims.md", "docs/deep/prose.md", "docs/index.md"] == list(found.pages)
    assert ["docs/deep/book.ipynb"] == list(found.notebooks)
    assert "docs/claims.md" == found.index()


def test_the_skips_and_citations_of_all_pages_are_gathered() -> None:
    found = _collect(SAMPLE)

    code = "while True:\n    pass\n"
    assert [Skip("docs/index.md", 15, "it would never end", code)] == found.skips()
    assert [
        Citation("tenths-add-up", "docs/index.md", 3),
        Citation("thirds-do-not", "docs/index.md", 20, is_card=True),
        Citation("tenths-add-up", "docs/deep/book.ipynb", 5),
        Citation("thirds-do-not", "docs/deep/book.ipynb", 27),
        Citation("tenths-add-up", "docs/deep/book.ipynb", 27),
    ] == found.citations()


def test_a_snippet_runs_whole_and_under_its_own_name() -> None:
    (snippet,) = _collect(SAMPLE).subjects["snippets/sums.py"]

    text = (SAMPLE / "snippets" / "sums.py").read_text(encoding="utf-8")
    assert ("sums.py", "", text) == (snippet.name, snippet.statement, snippet.code)


def test_collecting_imports_and_runs_nothing(project: Path) -> None:
    """A check module that would end the process is only read."""
    _write(project, "verify/deadly.py", "import os\n\nos._exit(9)\n")
    _write(project, "snippets/deadly.py", "import os\n\nos._exit(9)\nassert os.name\n")
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from mkdocs_claims.collecting import collect\nfrom mkdocs_claims.settings import load\n"
        "found = collect(load(Path()))\n"
        "print(len(found.all_subjects()), found.problems)\n"
        "print([name for name in ('torch', 'decimal', 'pytest', 'sybil') if name in sys.modules])\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False
    )

    assert (0, "6 []\n[]\n", "") == (ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        (
            "verify/more.py",
            (
                "from mkdocs_claims import claim\n\n\n@claim\ndef tenths_add_up() -> None:\n"
                '    """Another."""\n    assert more\n'
            ),
            Problem(
                "verify/sums.py",
                9,
                "claim id 'tenths-add-up' is already taken at verify/more.py:5; rename one of the "
                "two functions",
            ),
        ),
        (
            "verify/broken.py",
            "def broken(:\n",
            Problem("verify/broken.py", 1, "cannot be read as Python: invalid syntax"),
        ),
        (
            "snippets/broken.py",
            "\nx = = 1\n",
            Problem("snippets/broken.py", 2, "cannot be read as Python: invalid syntax"),
        ),
        (
            "docs/deep/page.md",
            "text\n\n```python\nx = 1\n",
            Problem(
                "docs/deep/page.md",
                3,
                "this fence is never closed (the page ends first); expected a line '```' below "
                "it, as far indented",
            ),
        ),
        (
            "docs/page.md",
            '```python\n--8<-- "verify/sums.py"\n```\n',
            Problem(
                "docs/page.md",
                2,
                "'verify/sums.py' is not among the snippets, so nothing would run it",
            ),
        ),
        (
            "docs/page.md",
            '```python\n--8<-- "../outside.py"\n```\n',
            Problem(
                "docs/page.md",
                2,
                "'../outside.py' is not among the snippets, so nothing would run it",
            ),
        ),
        (
            "docs/page.md",
            '```python\n--8<-- "./snippets/sums.py:sum"\n```\n',
            Problem(
                "docs/page.md",
                2,
                "'./snippets/sums.py' is not among the snippets, so nothing would run it",
            ),
        ),
        (
            "docs/book.ipynb",
            "no notebook",
            Problem(
                "docs/book.ipynb",
                1,
                "is no notebook: JSONDecodeError('Expecting value: line 1 column 1 (char 0)')",
            ),
        ),
    ],
    ids=[
        "an id twice",
        "check module that is no Python",
        "snippet that is no Python",
        "unclosed fence",
        "embed of a check module",
        "embed from outside",
        "embed by a roundabout path",
        "notebook that is none",
    ],
)
def test_what_is_wrong_with_one_file_is_named_and_hides_no_other(
    path: str, text: str, problem: Problem, project: Path
) -> None:
    (project.parent / "outside.py").write_text("x = 1\n", encoding="utf-8")
    _write(project, path, text)

    found = _collect(project)

    assert [problem] == found.problems
    assert [problem] == found.problems_of(problem.path)
    good = {subject.id for subject in _collect(SAMPLE).all_subjects()}
    assert good <= {subject.id for subject in found.all_subjects()}


@pytest.mark.parametrize(
    "path", ["docs/latin.md", "verify/latin.py", "snippets/latin.py", "docs/latin.ipynb"]
)
def test_a_file_that_is_not_utf_8_is_named_with_its_line(path: str, project: Path) -> None:
    (project / path).write_bytes(b"one\ntwo \xe9\n")

    found = _collect(project)

    message = "byte 0xe9 is not valid UTF-8; save the file as UTF-8"
    assert [Problem(path, 2, message)] == found.problems
    assert path not in found.subjects


def test_a_page_that_embeds_a_snippet_that_is_not_utf_8_is_named_too(project: Path) -> None:
    (project / "snippets" / "sums.py").write_bytes(b"# --8<-- [start:sum]\n# \xe9\n")

    paths = {problem.path for problem in _collect(project).problems}

    assert {"docs/index.md", "snippets/sums.py"} == paths


@pytest.mark.parametrize(
    ("missing", "problems"),
    [
        (
            ["docs"],
            [Problem("docs", 0, "there is no such folder")],
        ),
        (
            ["verify"],
            [Problem("verify", 0, "there is no such folder")],
        ),
        (
            ["docs", "verify", "snippets"],
            [
                Problem("docs", 0, "there is no such folder"),
                Problem("verify", 0, "there is no such folder"),
            ],
        ),
    ],
    ids=["docs", "verify", "all"],
)
def test_a_folder_that_is_missing_is_named(
    missing: list[str], problems: list[Problem], project: Path
) -> None:
    for folder in missing:
        shutil.rmtree(project / folder)

    assert problems == _collect(project).problems


def test_a_project_without_snippets_is_well(project: Path) -> None:
    shutil.rmtree(project / "snippets")
    (project / "docs" / "index.md").unlink()

    assert [] == _collect(project).problems


def test_empty_folders_are_not_passed(project: Path) -> None:
    for folder in ("docs", "verify"):
        shutil.rmtree(project / folder)
        (project / folder).mkdir()

    assert [
        Problem("docs", 0, "there is no page in this folder"),
        Problem(
            "verify", 0, "there is no claim in this folder; a run that finds none must not pass"
        ),
    ] == _collect(project).problems


def test_folders_have_the_names_that_the_settings_give(project: Path) -> None:
    for old, new in (("docs", "pages"), ("verify", "checks"), ("snippets", "code")):
        (project / old).rename(project / new)
    text = (project / "pages" / "index.md").read_text(encoding="utf-8")
    _write(project, "pages/index.md", text.replace("snippets/", "code/"))
    settings = '[tool.claims]\ndocs = "pages"\nverify = "checks"\nsnippets = "code"\n'
    _write(project, "pyproject.toml", settings)

    found = _collect(project)

    assert [] == found.problems
    assert ["checks/sums.py", "code/sums.py", "pages/index.md", "pages/deep/book.ipynb"] == list(
        found.subjects
    )
