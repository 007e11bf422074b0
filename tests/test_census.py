"""What a rendered page shows as Python is what was collected from it, or the page is refused.

It is as long as a list of cases is: each stands by itself.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from mkdocs_claims.environment import Environment
from mkdocs_claims.pages import read_page
from mkdocs_claims.problems import Problem
from mkdocs_claims.rendering import ClaimsExtension
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.census import Seen, compare, read
from mkdocs_claims.rendering.rendered import Rendered
from mkdocs_claims.reports import Report
from mkdocs_claims.settings import Settings

SAMPLES = Path(__file__).parent / "samples"
PATH = "docs/page.md"
EXTENSIONS = [
    *("admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc"),
    *("pymdownx.details", "pymdownx.superfences", "pymdownx.tabbed"),
]
HIGHLIGHTED = [*EXTENSIONS, "pymdownx.highlight"]


def _forms(*kinds: str) -> list[Any]:
    return [
        pytest.param(form, id=form["name"].replace(" ", "-"))
        for kind in kinds
        for form in tomllib.loads(
            (SAMPLES / "fences" / f"{kind}.toml").read_text(encoding="utf-8")
        )["form"]
    ]


def _render(text: str, root: Path, extensions: list[str]) -> tuple[str, list[Problem]]:
    """Render a page as an engine does; return its HTML and what the census found."""
    (root / "docs").mkdir()
    (root / PATH).write_text(text, encoding="utf-8")
    found: list[Problem] = []
    claims = ClaimsExtension(
        settings=Settings(root),
        addresses=Addresses(Report(Environment("3.11", "Linux", {}, "0"))),
        rendered=Rendered(problems=found),
        page=PATH,
    )
    html = Markdown(
        extensions=[*extensions, claims],
        extension_configs={"pymdownx.tabbed": {"alternate_style": True}},
    ).convert(text)
    return html, found


@pytest.mark.parametrize("form", _forms("collected"))
def test_a_form_that_is_run_is_shown_as_often_as_it_is_run(
    form: dict[str, Any], tmp_path: Path
) -> None:
    html, found = _render(form["text"], tmp_path, HIGHLIGHTED)

    assert [] == found
    assert len(form["fences"]) == len(re.findall(r'class="language-py', html))


@pytest.mark.parametrize("form", _forms("passed_over"))
def test_a_form_that_is_no_example_is_not_missed(form: dict[str, Any], tmp_path: Path) -> None:
    _, found = _render(form["text"], tmp_path, HIGHLIGHTED)

    assert [] == found


@pytest.mark.parametrize("extensions", [EXTENSIONS, HIGHLIGHTED], ids=["default", "highlight"])
def test_python_that_our_formatter_did_not_show_is_seen(
    extensions: list[str], tmp_path: Path
) -> None:
    """Whether or not the engine's configuration names the highlighter."""
    html, _ = _render("```python\nx = 1\n```\n\n```sage\ny = 2\n```\n", tmp_path, extensions)

    assert [0, None] == read(html).blocks


NEVER_RUN = (
    "the page shows a Python block{} that was never run; make it a ```python fence on a line of "
    "its own"
)
NOT_SHOWN = "this block was run, and the page does not show it as code; check its indentation"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param(
            "text\n\n    ```python\n    x = 1\n    ```\n",
            [Problem(PATH, 3, NOT_SHOWN)],
            id="fence in indented code",
        ),
        pytest.param(
            "/// claim | a\n\n```python\nx = 1\n```\n\n///\n",
            [Problem(PATH, 3, NOT_SHOWN), Problem(PATH, 1, "there is no claim 'a'")],
            id="fence in a card",
        ),
        pytest.param(
            "```python linenums\nx = 1\n```\n",
            [Problem(PATH, 1, NOT_SHOWN)],
            id="attribute without the value that it needs",
        ),
        pytest.param(
            '```python hl_lines="1,3"\nx = 1\n```\n',
            [Problem(PATH, 1, NOT_SHOWN)],
            id="lines that cannot be read",
        ),
        pytest.param(
            '<pre><code class="language-python">x = 1</code></pre>\n',
            [Problem(PATH, 0, NEVER_RUN.format(""))],
            id="raw HTML",
        ),
        pytest.param(
            "<div class='lang-py highlight'>\n<pre>x</pre>\n</div>\n",
            [Problem(PATH, 0, NEVER_RUN.format(""))],
            id="raw HTML of another kind",
        ),
        pytest.param(
            "text\n\n| a |\n|---|\n| ```python |\n",
            [Problem(PATH, 5, "shown as text, not rendered: '```python'")],
            id="fence in a table",
        ),
        pytest.param(
            "text\n\n~~~python\nx = 1\n",
            [Problem(PATH, 3, "shown as text, not rendered: '~~~python'")],
            id="unclosed fence",
        ),
        pytest.param(
            "text\n\n<div>\n/// claim | a\n///\n</div>\n",
            [
                Problem(PATH, 4, "shown as text, not rendered: '/// claim | a'"),
                Problem(
                    PATH,
                    4,
                    "readers do not see this citation of claim 'a': it stands in code or raw HTML, "
                    "or is a target that no link uses",
                ),
            ],
            id="directive in raw HTML",
        ),
        pytest.param(
            'text\n\n<a href="claim:one">x</a>\n',
            [
                Problem(
                    PATH,
                    3,
                    "the link to claim 'one' is raw HTML; write [some words](claim:one)",
                )
            ],
            id="link in raw HTML",
        ),
    ],
)
def test_what_a_page_shows_and_nobody_ran_is_refused(
    text: str, problems: list[Problem], tmp_path: Path
) -> None:
    assert problems == _render(text, tmp_path, HIGHLIGHTED)[1]


@pytest.mark.parametrize(
    "text",
    [
        "- /// claim | gone\n  ///\n",
        "\\`[x](claim:gone)\\`\n",
        "`code\nspan` [x](claim:gone) `code`\n",
    ],
    ids=["card on the line of its bullet", "link between escaped backticks", "link after code"],
)
def test_a_claim_that_nobody_knows_is_refused_wherever_the_renderer_finds_it(
    text: str, tmp_path: Path
) -> None:
    """Where the page's own reader sees no citation, the gate cannot miss the claim."""
    html, found = _render(text, tmp_path, HIGHLIGHTED)

    assert "no check knows" in html
    assert [PATH] == [problem.path for problem in found]
    assert "'gone'" in found[0].message


def test_each_page_is_counted_anew(tmp_path: Path) -> None:
    text = "```python\nx = 1\n```\n"
    (tmp_path / "docs").mkdir()
    (tmp_path / PATH).write_text(text, encoding="utf-8")
    found: list[Problem] = []
    claims = ClaimsExtension(
        settings=Settings(tmp_path),
        addresses=Addresses(Report(Environment("3.11", "Linux", {}, "0"))),
        rendered=Rendered(problems=found),
        page=PATH,
    )
    engine = Markdown(extensions=[*HIGHLIGHTED, claims])

    first = engine.convert(text)
    second = engine.reset().convert(text)

    assert first == second
    assert [] == found


OURS = (
    '<div class="claims-example" data-claims="{}"><div class="language-python"><pre>x</pre></div>'
    "</div>"
)


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("", Seen()),
        ("<p>text</p>", Seen()),
        (OURS.format(0) + OURS.format(1), Seen(blocks=[0, 1])),
        ('<pre class="lang-py">x</pre>', Seen(blocks=[None])),
        ('<pre><code class="language-pycon">x</code></pre>', Seen(blocks=[None])),
        ('<p><code class="language-python highlight">x</code></p>', Seen()),
        (
            (
                '<div class="language-python"><table><tr><td><div class="language-py">x</div></td>'
                "</tr></table></div>"
            ),
            Seen(blocks=[None]),
        ),
        (
            '<div class="claims-card claims-holds"><div class="language-python">x</div></div>',
            Seen(),
        ),
        (
            '<div class="language-text">x</div><div class="language-pypylog-not">y</div>',
            Seen(blocks=[None]),
        ),
        (
            '<div class="claims-cards"><div class="language-python">x</div></div>',
            Seen(blocks=[None]),
        ),
        (f"<!-- {OURS.format(0)} -->", Seen()),
        (f"<img><br><p>{OURS.format(0)}</div></p>{OURS.format(1)}", Seen(blocks=[0, 1])),
        ("<p>``` python</p>", Seen(raw_fences=["``` python"])),
        ("<p>a\n~~~~\nb</p>", Seen(raw_fences=["~~~~"])),
        ("<p>a ~~gone~~ ``b``</p>", Seen()),
        ("<pre>```</pre><code>~~~</code><script>```</script>", Seen()),
        ("<p>/// claim | a</p>", Seen(raw_fences=["/// claim | a"])),
        ("<p>a /// b</p>", Seen()),
        ("</div>\n///\n", Seen(raw_fences=["///"])),
        ('<a href="claim:one-two">x</a><a href="#claim:no">y</a>', Seen(unresolved=["one-two"])),
    ],
    ids=[
        "nothing",
        "no code",
        "ours",
        "theirs",
        "a session",
        "code in a sentence",
        "block in a block",
        "code of a card",
        "languages",
        "a class that begins alike",
        "in a comment",
        "tags without an end",
        "fence as text",
        "tildes as text",
        "strike-through",
        "fence in code",
        "directive as text",
        "slashes in a sentence",
        "directive behind a tag",
        "link to a claim",
    ],
)
def test_a_page_s_html_is_read_as_readers_see_it(html: str, seen: Seen) -> None:
    assert seen == read(html)


def test_a_block_that_is_shown_twice_was_run_once_too_few() -> None:
    page = read_page("```python\nx = 1\n```\n", PATH, SAMPLES)

    seen = Seen(blocks=[0, 1])

    problem = Problem(PATH, 2, NEVER_RUN.format(" ('x = 1')"))
    assert [problem] == compare(seen, ["x = 1", "x = 1"], page)


def test_blocks_in_another_order_are_no_difference_in_number() -> None:
    page = read_page("```python\nx = 1\n```\n\n```python\ny = 2\n```\n", PATH, SAMPLES)

    assert [] == compare(Seen(blocks=[0, 1]), ["x = 1", "y = 2"], page)
    assert [Problem(PATH, 5, NOT_SHOWN)] == compare(Seen(blocks=[0]), ["x = 1"], page)
    assert [Problem(PATH, 1, NOT_SHOWN)] == compare(Seen(blocks=[0]), ["y = 2"], page)


def test_a_text_that_is_on_no_line_is_a_problem_of_the_page_as_a_whole() -> None:
    page = read_page("text\n", PATH, SAMPLES)

    assert [Problem(PATH, 0, "shown as text, not rendered: '```'")] == compare(
        Seen(raw_fences=["```"]), [], page
    )
