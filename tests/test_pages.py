"""A page's examples, embeds, skips and citations are read with their lines, or refused.

It is as long as a list of cases is: each stands by itself.
"""

from pathlib import Path

import pytest

from mkdocs_claims.citations import ALL_CLAIMS, Citation
from mkdocs_claims.evidence import Kind, Skip, Subject
from mkdocs_claims.pages import Embed, Example, normalized, read_page
from mkdocs_claims.problems import Problem
from mkdocs_claims.snippets import section

SAMPLES = Path(__file__).parent / "samples"
SNIPPETS = SAMPLES / "snippets"
PATH = "docs/page.md"


def _read_whole() -> str:
    return (SAMPLES / "pages" / "whole.md").read_text(encoding="utf-8")


def test_every_example_is_a_subject() -> None:
    page = read_page(_read_whole(), PATH, SNIPPETS)

    assert [] == page.problems
    assert [
        Subject(Kind.EXAMPLE, f"{PATH}:24", PATH, 24, "line-24", "First", "x = 1\nprint(x)\n"),
        Subject(Kind.EXAMPLE, f"{PATH}:33", PATH, 33, "line-33", "", 'Decimal("x")\n'),
        Subject(Kind.EXAMPLE, f"{PATH}:41", PATH, 41, "line-41", "", ">>> x\n1\n"),
    ] == [example.subject for example in page.examples]
    assert [
        (None, "1\n", False),
        (("decimal.InvalidOperation", "[<class"), None, False),
        (None, None, True),
    ] == [(example.raises, example.output, example.is_session) for example in page.examples]


def test_an_embed_is_counted_apart_and_shows_its_section() -> None:
    page = read_page(_read_whole(), PATH, SNIPPETS)

    text = (SNIPPETS / "ema.py").read_text(encoding="utf-8")
    assert [
        Embed(PATH, 46, "ema.py", section(text, "update") or ""),
        Embed(PATH, 50, "ema.py", section(text, "") or ""),
    ] == page.embeds


def test_an_example_that_is_taken_out_is_no_subject() -> None:
    page = read_page(_read_whole(), PATH, SNIPPETS)

    code = "x = y  # claim:not-this-either\n"
    assert [Skip(PATH, 37, "needs a GPU", code)] == page.skips


def test_every_link_and_card_outside_code_is_a_citation() -> None:
    page = read_page(_read_whole(), PATH, SNIPPETS)

    assert [
        Citation("in-heading", PATH, 5),
        Citation("first", PATH, 7),
        Citation("second", PATH, 7),
        Citation("first", PATH, 8),
        Citation("in-table", PATH, 12),
        Citation("first", PATH, 14, is_card=True),
        Citation("quoted", PATH, 19),
        Citation("in-note", PATH, 21, is_card=True),
        Citation("third", PATH, 56),
    ] == page.citations
    assert not page.has(ALL_CLAIMS)


def test_blocks_come_in_the_order_in_which_readers_meet_them() -> None:
    page = read_page(_read_whole(), PATH, SNIPPETS)

    assert [24, 33, 37, 41, 46, 50] == [
        block.subject.line if isinstance(block, Example) else block.line for block in page.blocks()
    ]


@pytest.mark.parametrize(
    "text",
    ["/// all-claims\n///\n", "////all-claims\n////\n", "    /// all-claims\n    ///\n"],
    ids=["plain", "four slashes", "indented"],
)
def test_the_list_of_all_claims_is_noticed_and_cites_none(text: str) -> None:
    page = read_page(text, PATH, SNIPPETS)

    assert page.has(ALL_CLAIMS)
    assert ([], []) == (page.citations, page.problems)


@pytest.mark.parametrize(
    ("attribute", "raises"),
    [
        ('raises="ValueError"', ("ValueError", "")),
        ('raises="ValueError:"', ("ValueError", "")),
        ('raises="ValueError: no"', ("ValueError", "no")),
        ('raises="ValueError:no"', ("ValueError", "no")),
        ('raises="a.b.Error: x: y"', ("a.b.Error", "x: y")),
        ("raises='KeyError: \"a\"'", ("KeyError", '"a"')),
    ],
)
def test_raises_names_the_type_and_how_the_text_begins(
    attribute: str, raises: tuple[str, str]
) -> None:
    page = read_page(f"```python {attribute}\nx\n```\n", PATH, SNIPPETS)

    assert [raises] == [example.raises for example in page.examples]
    assert [] == page.problems


RAISES = 'cannot read raises; expected raises="Type: text", with the exception\'s qualified name'
WARNS = 'cannot read warns; expected warns="Type: text", with the warning\'s qualified name'
MIXED = (
    "a fence either embeds a snippet or holds code of its own; expected one line "
    '--8<-- "snippets/file.py:section" and nothing else'
)
SESSION = "a session shows its own outputs and exceptions; remove"
STRAY = "an output fence belongs right after the example that prints it"
CLOSED = "must be closed by a line '///' right after it, with nothing between"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("```python\n\n```\n", 1, "this example is empty"),
        ('```python raises=""\nx\n```\n', 1, RAISES),
        ('```python raises="not a type"\nx\n```\n', 1, RAISES),
        ('```python raises=": text"\nx\n```\n', 1, RAISES),
        ("```python raises\nx\n```\n", 1, RAISES),
        ("```python warns\nx\n```\n", 1, WARNS),
        ('```pycon raises="ValueError"\n>>> x\n```\n', 1, f"{SESSION} raises"),
        ('```pycon warns="UserWarning"\n>>> x\n```\n', 1, f"{SESSION} warns"),
        ("```py\n>>> x\n```\n\n```output\n1\n```\n", 1, f"{SESSION} the output fence"),
        (
            '```pycon warns="UserWarning"\n>>> x\n```\n\n```output\n1\n```\n',
            1,
            f"{SESSION} warns and the output fence",
        ),
        ("```output\n1\n```\n", 1, STRAY),
        ("```python\nx\n```\n\ntext\n\n```output\n1\n```\n", 7, STRAY),
        ("```python\nx\n```\n```output\n1\n```\n```output\n2\n```\n", 7, STRAY),
        ('```python skip="slow"\nx\n```\n```output\n1\n```\n', 4, STRAY),
        ('```python\n--8<-- "ema.py"\n```\n```output\n1\n```\n', 4, STRAY),
        ('```python\nx = 1\n--8<-- "ema.py"\n```\n', 1, MIXED),
        ('```python\n--8<-- "ema.py"\n--8<-- "ema.py"\n```\n', 1, MIXED),
        ("```python\n--8<--\nema.py\n--8<--\n```\n", 1, MIXED),
        ("```python\n--8<-- ema.py\n```\n", 1, MIXED),
        ('```python\n;--8<-- "ema.py"\n```\n', 1, MIXED),
        (
            '```python raises="ValueError"\n--8<-- "ema.py"\n```\n',
            1,
            "an embedded snippet runs by itself; remove raises",
        ),
        ('```python\n--8<-- "gone.py"\n```\n', 2, "there is no snippet 'gone.py'"),
        ('```python\n--8<-- ".."\n```\n', 2, "there is no snippet '..'"),
        (
            '```python\n--8<-- "ema.py:gone"\n```\n',
            2,
            "'ema.py' has no section 'gone'; mark it with '# --8<-- [start:gone]'",
        ),
        (
            '```python\n--8<-- "ema.py:1:5"\n```\n',
            2,
            "'ema.py' has no section '1:5'; mark it with '# --8<-- [start:1:5]'",
        ),
        ("/// claim\n///\n", 1, "'/// claim' names no claim; write '/// claim | the-id'"),
        ("/// claim |\n///\n", 1, "'/// claim' names no claim; write '/// claim | the-id'"),
        ("/// claim | first\n", 1, f"'/// claim' {CLOSED}"),
        ("/// claim | first\ntext\n///\n", 1, f"'/// claim' {CLOSED}"),
        ("/// claim | first\n/// claim | second\n///\n", 1, f"'/// claim' {CLOSED}"),
        (
            "text\n\n/// all-claims | x\n///\n",
            3,
            "'/// all-claims' takes nothing after it; remove 'x'",
        ),
        ("/// clam | first\n///\n", 1, "unknown directive '/// clam', did you mean 'claim'?"),
        ("/// Claim | first\n///\n", 1, "unknown directive '/// Claim', did you mean 'claim'?"),
        (
            "/// all-claim\n///\n",
            1,
            "unknown directive '/// all-claim', did you mean 'all-claims'?",
        ),
        ("See claim:first.\n", 1, "'claim:first' is no link; write [some words](claim:first)"),
        (
            "See <claim:first>.\n",
            1,
            "'claim:first' is no link; write [some words](claim:first)",
        ),
        (
            'a\n\n<a href="claim:first">x</a>\n',
            3,
            "'claim:first' is no link; write [some words](claim:first)",
        ),
        (
            "[x](clam:first)\n",
            1,
            "'clam:' is no kind of link, did you mean 'claim:'?",
        ),
        (
            "[x](claims:first)\n",
            1,
            "'claims:' is no kind of link, did you mean 'claim:'?",
        ),
        (
            "[x](Claim:first)\n",
            1,
            "'Claim:' is no kind of link, did you mean 'claim:'?",
        ),
        (
            "[x][ref]\n\n[ref]: clam:first\n",
            3,
            "'clam:' is no kind of link, did you mean 'claim:'?",
        ),
    ],
    ids=[
        "empty example",
        "empty raises",
        "sentence for a type",
        "text for a type",
        "bare raises",
        "bare warns",
        "raises on a session",
        "warns on a session",
        "output below a session",
        "warns and output on a session",
        "output alone",
        "output behind prose",
        "second output",
        "output below a skip",
        "output below an embed",
        "code above an embed",
        "two embeds",
        "block of embeds",
        "embed without quotes",
        "escaped embed",
        "raises on an embed",
        "missing snippet",
        "folder for a snippet",
        "missing section",
        "range of lines",
        "card of nothing",
        "card of an empty name",
        "card without an end",
        "card with text in it",
        "card in a card",
        "argument of the list",
        "misspelt card",
        "card with a capital",
        "misspelt list",
        "bare id",
        "autolink",
        "raw HTML",
        "misspelt scheme",
        "plural scheme",
        "scheme with a capital",
        "misspelt scheme of a reference",
    ],
)
def test_what_an_author_got_wrong_is_said_at_its_line(text: str, line: int, message: str) -> None:
    assert [Problem(PATH, line, message)] == read_page(text, PATH, SNIPPETS).problems


def test_a_snippet_that_is_not_utf_8_is_said(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9\n")

    page = read_page('```python\n--8<-- "latin.py"\n```\n', PATH, tmp_path)

    assert [(PATH, 2)] == [(problem.path, problem.line) for problem in page.problems]


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com [x](https://example.com) [y](mailto:a@b.c) [z](page.md#a)\n",
        "/// details | Summary\ntext\n///\n",
        "`claim:first` and `/// claim`\n",
        "[time](10:30) a/claim:b\n",
    ],
    ids=["other links", "another directive", "inline code", "not a scheme"],
)
def test_what_is_not_ours_is_left_alone(text: str) -> None:
    page = read_page(text, PATH, SNIPPETS)

    assert ([], []) == (page.citations, page.problems)


def test_an_output_fence_in_an_admonition_belongs_to_the_example_above_it() -> None:
    text = (
        "!!! note\n\n    ```python\n    print(1)\n    ```\n\n    ```output\n    1\n    ```\n\n"
        "> ```python\n> print(2)\n> ```\n>\n> ```output\n> 2\n> ```\n"
    )

    page = read_page(text, PATH, SNIPPETS)

    assert ["1\n", "2\n"] == [example.output for example in page.examples]
    assert [] == page.problems


def test_an_empty_output_fence_says_that_nothing_is_printed() -> None:
    page = read_page("```python\nx = 1\n```\n\n```output\n```\n", PATH, SNIPPETS)

    assert [""] == [example.output for example in page.examples]


def test_problems_come_in_the_order_of_their_lines() -> None:
    text = "See claim:a.\n\n```python\n```\n\n/// clam | x\n///\n\n```output\n```\n"

    assert [1, 3, 6, 9] == [problem.line for problem in read_page(text, PATH, SNIPPETS).problems]


def test_a_problem_tells_whether_it_keeps_a_block_from_running() -> None:
    """What stands below may fail for want of that; a title that is misspelt keeps nothing."""
    text = (
        "```pyhton\nx = 1\n```\n\n"
        "```python raises\ny = 1\n```\n\n"
        "```python titel='A'\nz = 1\n```\n\n"
        "```python\n--8<-- 'snippets/none.py'\n```\n\n"
        "```output\n```\n\n"
        "/// claim | a\n"
    )

    problems = read_page(text, PATH, SNIPPETS).problems

    assert [(1, True), (5, True), (9, False), (14, False), (17, False), (20, False)] == [
        (problem.line, problem.keeps_from_running) for problem in problems
    ]


def test_a_block_s_text_is_compared_without_what_rendering_changes() -> None:
    assert "if x:\n    y" == normalized("\n    if x:\n    \ty\n\n")
