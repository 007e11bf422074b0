"""Every form of a fence is collected as it stands, or refused with its line, or is no example."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pygments.lexers import find_lexer_class, get_all_lexers
from pygments.lexers.python import PythonConsoleLexer, PythonLexer

from mkdocs_claims.fences import Fence, Scan, scan
from mkdocs_claims.info_strings import is_python, is_session
from mkdocs_claims.problems import Problem, read_text

SAMPLES = Path(__file__).parent / "samples" / "fences"
PAGE = "docs/page.md"

Form = dict[str, Any]


def _forms(*kinds: str) -> list[Any]:
    """Read the forms of these sample files as parameters that carry their names."""
    return [
        pytest.param(form, id=form["name"].replace(" ", "-"))
        for kind in kinds
        for form in tomllib.loads((SAMPLES / f"{kind}.toml").read_text(encoding="utf-8"))["form"]
    ]


def _described(fence: Fence) -> Form:
    return {
        "line": fence.line,
        "end_line": fence.end_line,
        "language": fence.language,
        "body": fence.body,
        "attributes": dict(fence.attributes),
    }


def _examples(found: Scan) -> list[Fence]:
    return [each for each in found.fences if is_python(each.language) or is_session(each.language)]


@pytest.mark.parametrize("form", _forms("collected"))
def test_a_form_that_is_run_is_found_whole(form: Form) -> None:
    found = scan(form["text"], PAGE)

    assert form["fences"] == [_described(fence) for fence in found.fences]
    assert len(form["fences"]) == len(_examples(found))
    assert [] == found.problems


@pytest.mark.parametrize("form", _forms("refused"))
def test_a_form_that_would_pass_untested_is_refused_at_its_line(form: Form) -> None:
    expected = [Problem(PAGE, wrong["line"], wrong["message"]) for wrong in form["problems"]]

    assert expected == scan(form["text"], PAGE).problems


@pytest.mark.parametrize("form", _forms("passed_over"))
def test_what_is_no_example_is_neither_run_nor_refused(form: Form) -> None:
    found = scan(form["text"], PAGE)

    assert form["fences"] == [_described(fence) for fence in found.fences]
    assert [] == _examples(found)
    assert [] == found.problems


@pytest.mark.parametrize("form", _forms("collected", "refused", "passed_over"))
def test_line_ends_of_windows_make_no_difference(form: Form, tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_bytes(form["text"].replace("\n", "\r\n").encode())

    text = read_text(file, PAGE)

    assert isinstance(text, str)
    assert scan(form["text"], PAGE) == scan(text, PAGE)


def test_a_byte_order_mark_hides_no_fence(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_bytes(b"\xef\xbb\xbf```python\nx = 1\n```\n")

    text = read_text(file, PAGE)

    assert isinstance(text, str)
    assert [(1, "python", "x = 1\n")] == [
        (fence.line, fence.language, fence.body) for fence in scan(text, PAGE).fences
    ]


@pytest.mark.parametrize("form", _forms("collected", "passed_over"))
def test_offsets_reach_from_the_opening_line_to_the_end_of_the_closing_one(form: Form) -> None:
    lines = form["text"].split("\n")

    for fence in scan(form["text"], PAGE).fences:
        expected = "\n".join(lines[fence.line - 1 : fence.end_line])
        assert expected == form["text"][fence.start : fence.end]


@pytest.mark.parametrize("form", _forms("collected", "passed_over"))
def test_prose_keeps_every_offset_and_holds_no_code(form: Form) -> None:
    found = scan(form["text"], PAGE)

    assert len(form["text"].rstrip("\n")) == len(found.prose.rstrip("\n"))
    for fence in found.fences:
        assert "" == found.prose[fence.start : fence.end].strip()


def test_prose_keeps_what_stands_around_code_and_comments() -> None:
    text = "a `b` c <!-- d --> e\n```python\nx\n```\n<!--\nf\n--> g `` h ` i `` j\n"

    prose = scan(text, PAGE).prose

    assert ["a", "c", "e", "g", "j"] == prose.split()
    assert [text.index(f"{letter}") for letter in "ag"] == [prose.index(each) for each in "ag"]


def test_every_problem_of_a_page_is_named() -> None:
    text = (
        '```python titel="x"\nx = 1\n```\n\n'
        "```pyi\nx: int\n```\n\n"
        "- ```python\n  y = 2\n  ```\n\n"
        ">>> 1\n\n"
        "```python\nz = 3\n"
    )

    problems = scan(text, PAGE).problems

    assert [
        "docs/page.md:1: a Python fence has no attribute 'titel', did you mean 'title'?",
        "docs/page.md:5: 'pyi' would be shown as Python and never run; write python or pycon",
        (
            "docs/page.md:9: a fence on the line of its bullet is shown as text; put it on a "
            "line of its own, indented by four spaces"
        ),
        "docs/page.md:13: a session outside a fence is not run; put it in a ```pycon fence",
        (
            "docs/page.md:15: this fence is never closed (the page ends first); expected a line "
            "'```' below it, as far indented"
        ),
    ] == [str(problem) for problem in problems]


def _names_of_python() -> list[str]:
    """Return every name under which the highlighter shows a block as Python or as a session."""
    names = {
        alias
        for name, aliases, _, _ in get_all_lexers()
        if (lexer := find_lexer_class(name)) and issubclass(lexer, PythonLexer | PythonConsoleLexer)
        for alias in aliases
    }
    return sorted(names)


@pytest.mark.parametrize("name", _names_of_python())
def test_no_name_under_which_the_highlighter_knows_python_is_passed_over(name: str) -> None:
    found = scan(f"```{name}\nx = 1\n```\n", PAGE)

    problem = Problem(
        PAGE, 1, f"'{name}' would be shown as Python and never run; write python or pycon"
    )
    assert ([problem] if not _examples(found) else []) == found.problems


def test_there_are_forms_enough() -> None:
    """The table of the research beside the design has 55 forms."""
    assert 55 < len(_forms("collected", "refused", "passed_over"))
