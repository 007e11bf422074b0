"""A notebook is read without running it."""

import json
from pathlib import Path

import pytest

from mkdocs_claims.citations import Citation
from mkdocs_claims.evidence import Kind, Subject
from mkdocs_claims.notebooks import read_notebook
from mkdocs_claims.problems import Problem

SAMPLES = Path(__file__).parent / "samples" / "notebooks"
PATH = "docs/book.ipynb"


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
