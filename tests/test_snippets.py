"""Sections of a snippet are cut as the renderer cuts them; what is no Python is named."""

from pathlib import Path

import pytest
from markdown import Markdown

from mkdocs_claims.problems import Problem
from mkdocs_claims.snippets import section, wrong_with

NEVER_CALLED = (
    "defines main() and never calls it; a snippet is run as a program, so end it "
    'with `if __name__ == "__main__":` and a call of main()'
)
SNIPPET = Path(__file__).parent / "samples" / "snippets" / "ema.py"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (
            "setup",
            "from decimal import Decimal\n\nweight = Decimal(3)\n",
        ),
        (
            "update",
            "for value in (1, 2):\n    weight += value\n    weight -= 1\n",
        ),
        ("inner", "weight += value\n"),
        ("empty", ""),
        (
            "",
            (
                '"""A mean that moves."""\n\n'
                "from decimal import Decimal\n\nweight = Decimal(3)\n\n\n"
                "def update(weight: Decimal) -> Decimal:\n"
                '    """Move it."""\n'
                "    for value in (1, 2):\n        weight += value\n        weight -= 1\n"
                "    return weight\n\n\n"
                "assert update(weight) == 4\n"
            ),
        ),
    ],
    ids=["one", "around another", "inside another", "empty", "the whole file"],
)
def test_a_section_is_dedented_and_without_marks(name: str, code: str) -> None:
    assert code == section(SNIPPET.read_text(encoding="utf-8"), name)


@pytest.mark.parametrize("name", ["setup", "update", "inner", ""])
def test_a_section_is_the_text_that_the_renderer_embeds(name: str) -> None:
    embedder = Markdown(
        extensions=["pymdownx.snippets"],
        extension_configs={
            "pymdownx.snippets": {
                "base_path": [str(SNIPPET.parent)],
                "dedent_subsections": True,
                "check_paths": True,
            }
        },
    )

    lines = embedder.preprocessors["snippet"].run([f'--8<-- "ema.py:{name}"'.replace(':"', '"')])

    code = section(SNIPPET.read_text(encoding="utf-8"), name) or ""
    assert "\n".join(lines).rstrip() == code.rstrip()


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\n",
        "# --8<-- [start:other]\nx = 1\n# --8<-- [end:other]\n",
        "# --8<-- [start:wanted]\nx = 1\n",
        "x = 1\n# --8<-- [end:wanted]\n",
        "# --8<-- [end:wanted]\nx = 1\n# --8<-- [start:wanted]\n",
        'x = "# --8<-- [start:wanted]"\n# --8<-- [end:wanted]\n',
        "",
    ],
    ids=["no marks", "another's", "never ended", "never begun", "turned round", "in code", "empty"],
)
def test_a_section_that_is_not_there_is_none(text: str) -> None:
    assert section(text, "wanted") is None


def test_a_form_feed_in_a_string_is_no_line_end() -> None:
    text = '# --8<-- [start:a]\nx = "b\x0cc\u2028d"\n# --8<-- [end:a]\n'

    assert 'x = "b\x0cc\u2028d"\n' == section(text, "a")


def test_a_snippet_that_is_python_has_nothing_wrong() -> None:
    assert [] == list(wrong_with(SNIPPET.read_text(encoding="utf-8"), "snippets/ema.py"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "x = 1\ny = (\n",
            Problem("snippets/a.py", 2, "cannot be read as Python: '(' was never closed"),
        ),
        (
            "if True:\nx = 1\n",
            Problem(
                "snippets/a.py",
                2,
                "cannot be read as Python: expected an indented block after 'if' statement on "
                "line 1",
            ),
        ),
    ],
    ids=["unclosed bracket", "indentation"],
)
def test_a_snippet_that_is_no_python_is_named_with_its_line(text: str, problem: Problem) -> None:
    assert [problem] == list(wrong_with(text, "snippets/a.py"))


def test_a_snippet_with_a_null_byte_is_named() -> None:
    assert ["snippets/a.py"] == [
        problem.path for problem in wrong_with("x = 1\n\0\n", "snippets/a.py")
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param("def main():\n    assert 1 + 1 == 2\n\nmain()\n", [], id="called"),
        pytest.param(
            "x = 1\n\ndef main():\n    assert x == 1\n",
            [(3, NEVER_CALLED)],
            id="never called",
        ),
        pytest.param(
            "x = 1\n",
            [(0, "asserts nothing, so it could not fail; assert what its page says of it")],
            id="asserts nothing",
        ),
    ],
)
def test_what_could_not_fail_is_no_snippet(text: str, problems: list[tuple[int, str]]) -> None:
    wrong = [Problem("snippets/x.py", *problem) for problem in problems]

    assert wrong == list(wrong_with(text, "snippets/x.py"))


def test_the_mark_of_a_package_asserts_nothing() -> None:
    assert [] == list(wrong_with("", "snippets/__init__.py"))
