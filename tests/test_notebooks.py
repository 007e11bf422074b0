"""A notebook is read without running it, executed whole, and kept while nothing changes.

It is as long as a list of cases is: each stands by itself.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from mkdocs_claims.environment import Environment
from mkdocs_claims.evidence import Citation, Kind, Subject
from mkdocs_claims.fingerprint import fingerprint
from mkdocs_claims.notebooks import CellFailure, execute, read_notebook
from mkdocs_claims.problems import Problem

SAMPLES = Path(__file__).parent / "samples" / "notebooks"
PATH = "docs/book.ipynb"
ENVIRONMENT = Environment("3.11.7", "Linux x86_64", {"decimal": "1.70"}, "0.1.0")


def _text(name: str) -> str:
    return (SAMPLES / f"{name}.ipynb").read_text(encoding="utf-8")


def test_a_notebook_is_one_subject_with_all_its_code() -> None:
    code = 'from decimal import Decimal\n\nthird = Decimal(1) / 3\n\nprint(f"{third:.3}")\n\n'

    notebook = read_notebook(_text("good"), PATH)

    assert Subject(Kind.NOTEBOOK, PATH, PATH, 1, "book.ipynb", "", code) == notebook.subject
    assert [] == notebook.problems


def test_a_notebook_s_links_to_claims_are_citations_at_their_cells() -> None:
    assert [
        Citation("first", PATH, 5),
        Citation("second", PATH, 27),
        Citation("third", PATH, 27),
    ] == read_notebook(_text("good"), PATH).citations


def test_what_would_pass_untested_in_a_notebook_is_refused_at_its_cell() -> None:
    assert [
        Problem(PATH, 5, "cell 1: '/// claim' does nothing in a notebook; link the claim"),
        Problem(
            PATH,
            5,
            "cell 1: a fence with Python is never run in a notebook; make it a code cell",
        ),
        Problem(
            PATH,
            32,
            "cell 3 has the tag raises-exception, which passes whatever is raised, or nothing; "
            "write `try`, `except` and an assertion on the exception",
        ),
    ] == read_notebook(_text("wrong"), PATH).problems


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "{\n]",
            2,
            (
                "is no notebook: JSONDecodeError('Expecting property name enclosed in double "
                "quotes: line 2 column 1 (char 2)')"
            ),
        ),
        ("{}", 0, "is no notebook: KeyError('cells')"),
        ("[]", 0, "is no notebook: TypeError('list indices must be integers or slices, not str')"),
        ('{"cells": [{}]}', 0, "is no notebook: KeyError('source')"),
        ('{"cells": [{"source": []}]}', 0, "is no notebook: KeyError('cell_type')"),
        ('{"cells": 3}', 0, "is no notebook: TypeError(\"'int' object is not iterable\")"),
        ('{"cells": []}', 0, "this notebook has no code, so nothing of it is run"),
        (
            '{"cells": [{"cell_type": "markdown", "source": ["print(1)"]}]}',
            0,
            "this notebook has no code, so nothing of it is run",
        ),
        (
            '{"cells": [{"cell_type": "code", "source": [" \\n"]}]}',
            0,
            "this notebook has no code, so nothing of it is run",
        ),
    ],
    ids=[
        "no JSON",
        "no cells",
        "a list",
        "a cell without text",
        "a cell without a type",
        "a number of cells",
        "empty",
        "prose only",
        "blank code",
    ],
)
def test_what_is_no_notebook_to_run_is_said(text: str, line: int, message: str) -> None:
    notebook = read_notebook(text, PATH)

    assert [Problem(PATH, line, message)] == notebook.problems
    assert (Kind.NOTEBOOK, PATH, []) == (
        notebook.subject.kind,
        notebook.subject.id,
        notebook.citations,
    )


def test_cells_without_ids_are_placed_at_the_first_line() -> None:
    text = (
        '{"cells": [\n{"cell_type": "code", "source": "x = 1"},\n'
        '{"cell_type": "markdown", "source": ["[one]", "(claim:one)"]}]}'
    )

    notebook = read_notebook(text, PATH)

    assert ([Citation("one", PATH, 1)], []) == (notebook.citations, notebook.problems)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The executed copy of the good notebook; the tests that change it take a copy."""
    copy = tmp_path_factory.mktemp("notebooks") / "state" / "deep" / "good.ipynb"
    assert execute(SAMPLES / "good.ipynb", copy, ENVIRONMENT, 60) is False
    return copy


def _copied(executed: Path, folder: Path) -> Path:
    return Path(shutil.copy2(executed, folder / "copy.ipynb"))


def test_an_executed_copy_holds_what_was_printed_and_no_times(executed: Path) -> None:
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]

    outputs = [cell.get("outputs") for cell in cells]
    printed = {"name": "stdout", "output_type": "stream", "text": ["0.333\n"]}
    assert [None, [], None, [printed], []] == outputs
    assert [1, 2, None] == [cell["execution_count"] for cell in cells if "outputs" in cell]
    assert [{}] * 5 == [cell["metadata"] for cell in cells]
    assert ["good.ipynb"] == [file.name for file in executed.parent.iterdir()]


def test_a_copy_of_the_same_code_in_the_same_environment_is_kept(
    executed: Path, tmp_path: Path
) -> None:
    copy = _copied(executed, tmp_path)
    before = (copy.read_bytes(), copy.stat().st_mtime_ns)

    assert execute(SAMPLES / "good.ipynb", copy, ENVIRONMENT, 60) is True
    assert before == (copy.read_bytes(), copy.stat().st_mtime_ns)


def test_a_copy_from_another_environment_is_executed_again(executed: Path, tmp_path: Path) -> None:
    copy = _copied(executed, tmp_path)
    other = replace(ENVIRONMENT, versions={"decimal": "1.71"})

    assert execute(SAMPLES / "good.ipynb", copy, other, 60) is False
    assert execute(SAMPLES / "good.ipynb", copy, other, 60) is True


@pytest.mark.parametrize(
    "environment",
    [
        replace(ENVIRONMENT, versions={"decimal": "1.71"}),
        replace(ENVIRONMENT, versions={**ENVIRONMENT.versions, "numpy": "2"}),
        replace(ENVIRONMENT, versions={}),
        replace(ENVIRONMENT, python="3.11.8"),
        replace(ENVIRONMENT, platform="Linux aarch64"),
        replace(ENVIRONMENT, mkdocs_claims="0.1.1"),
    ],
    ids=["version", "one more", "one less", "Python", "platform", "machinery"],
)
def test_every_part_of_the_environment_is_in_the_fingerprint(environment: Environment) -> None:
    assert fingerprint("x = 1", ENVIRONMENT) != fingerprint("x = 1", environment)
    assert fingerprint("x = 1", environment) != fingerprint("x = 2", environment)
    assert fingerprint("x = 1", environment) == fingerprint("x = 1", replace(environment))


def test_a_copy_of_other_code_is_executed_again(executed: Path, tmp_path: Path) -> None:
    copy = _copied(executed, tmp_path)
    changed = tmp_path / "good.ipynb"
    changed.write_text(_text("good").replace("1) / 3", "1) / 7"), encoding="utf-8")

    assert execute(changed, copy, ENVIRONMENT, 60) is False
    assert "0.143\\n" in copy.read_text(encoding="utf-8")


def test_a_damaged_copy_is_executed_again(tmp_path: Path) -> None:
    copy = tmp_path / "copy.ipynb"
    copy.write_text('{"metadata": {"claims": ', encoding="utf-8")

    assert execute(SAMPLES / "good.ipynb", copy, ENVIRONMENT, 60) is False
    nbformat.validate(nbformat.read(copy, as_version=4))  # type: ignore[no-untyped-call]


def test_a_failing_cell_is_named_and_leaves_no_copy(executed: Path, tmp_path: Path) -> None:
    copy = _copied(executed, tmp_path)

    with pytest.raises(CellFailure) as raised:
        execute(SAMPLES / "failing.ipynb", copy, ENVIRONMENT, 60)

    failure = raised.value
    assert (24, 3, "KeyError", "'missing'", 'values = {}\nvalues["missing"]') == (
        failure.line,
        failure.cell,
        failure.name,
        failure.text,
        failure.code,
    )
    assert "cell 3: KeyError: 'missing'" == str(failure)
    assert [] == list(tmp_path.iterdir())


def test_a_cell_that_ends_the_kernel_is_named(tmp_path: Path) -> None:
    with pytest.raises(CellFailure) as raised:
        execute(SAMPLES / "dying.ipynb", tmp_path / "copy.ipynb", ENVIRONMENT, 60)

    assert (6, 1, "DeadKernelError") == (raised.value.line, raised.value.cell, raised.value.name)
    assert [] == list(tmp_path.iterdir())


def test_a_notebook_runs_where_it_lies(tmp_path: Path) -> None:
    """Its cells open files beside it, and the copy lies elsewhere."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "beside.txt").write_text("beside", encoding="utf-8")
    cell = {**json.loads(_text("dying"))["cells"][0], "source": "open('beside.txt').read()"}
    text = json.dumps({**json.loads(_text("dying")), "cells": [cell]})
    (folder / "book.ipynb").write_text(text, encoding="utf-8")

    assert execute(folder / "book.ipynb", tmp_path / "copy.ipynb", ENVIRONMENT, 60) is False
    assert "'beside'" in (tmp_path / "copy.ipynb").read_text(encoding="utf-8")
    assert ["beside.txt", "book.ipynb"] == sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize(
    ("metadata", "seconds", "count"),
    [
        pytest.param({"claims": {"timeout": 120}}, 120, 0, id="seconds"),
        pytest.param({"claims": {}}, 0, 0, id="none"),
        pytest.param({"claims": []}, 0, 0, id="another claims"),
        pytest.param(None, 0, 0, id="no metadata"),
        pytest.param({"claims": {"timeout": "long"}}, 0, 1, id="a word"),
        pytest.param({"claims": {"timeout": 0}}, 0, 1, id="nothing"),
        pytest.param({"claims": {"timeout": True}}, 0, 1, id="a truth"),
    ],
)
def test_a_notebook_says_how_long_it_may_take(metadata: object, seconds: float, count: int) -> None:
    text = json.dumps({**json.loads(_text("good")), "metadata": metadata})

    notebook = read_notebook(text, "docs/book.ipynb")

    assert seconds == notebook.subject.timeout
    assert count == sum("metadata.claims.timeout" in each.message for each in notebook.problems)
