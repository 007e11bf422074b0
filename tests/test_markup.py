"""The markup of the built site: every link and anchor leads somewhere, and the HTML is valid."""

from collections import Counter
from pathlib import Path

import pytest
from html5lib import HTMLParser

from tests.markup import Markup, astray, read_markup

WHOLE = '<!doctype html>\n<html lang="en"><head><title>A</title></head><body>{}</body></html>'


@pytest.fixture(scope="module")
def texts(real_site: Path) -> dict[str, str]:
    """Return the HTML of every page of the site by its path."""
    return {
        file.relative_to(real_site).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(real_site.rglob("*.html"))
    }


@pytest.fixture(scope="module")
def markups(texts: dict[str, str]) -> dict[str, Markup]:
    """Return the markup of every page of the site by its path."""
    return {path: read_markup(text) for path, text in texts.items()}


def test_every_link_and_anchor_leads_somewhere(real_site: Path, markups: dict[str, Markup]) -> None:
    assert sum(len(markup.leads) for markup in markups.values()) > 10_000
    assert [] == astray(real_site, markups)


def test_what_an_element_names_by_its_id_is_there(markups: dict[str, Markup]) -> None:
    missing = {path: sorted(each.names.difference(each.ids)) for path, each in markups.items()}

    assert {} == {path: ids for path, ids in missing.items() if ids}


def test_no_id_stands_twice_in_a_page(markups: dict[str, Markup]) -> None:
    many = {
        path: [name for name, count in Counter(markup.ids).items() if count > 1]
        for path, markup in markups.items()
    }

    assert {} == {path: ids for path, ids in many.items() if ids}


def test_every_tag_is_closed_and_stands_where_it_may(markups: dict[str, Markup]) -> None:
    assert {} == {path: markup.faults for path, markup in markups.items() if markup.faults}


def errors_by_the_standard(html: str) -> list[str]:
    """Return what a parser that follows the standard finds wrong, each with its line."""
    parser = HTMLParser()
    parser.parse(html)
    return [f"{line}: {error}" for (line, _), error, _ in parser.errors]


def test_a_parser_of_the_standard_finds_no_error(texts: dict[str, str]) -> None:
    errors = {path: errors_by_the_standard(text) for path, text in texts.items()}

    assert {} == {path: told for path, told in errors.items() if told}


@pytest.mark.parametrize(
    ("html", "error"),
    [
        ('<p id="a" class="b" id="c"></p>', "duplicate-attribute"),
        ('<img alt="a "b" c">', "unexpected-character-after-attribute-value"),
        ("<p>a &nosuch; b</p>", "expected-named-entity"),
        ("<p>a<div>b</div></p>", "unexpected-end-tag"),
        ("<div/>", "non-void-element-with-trailing-solidus"),
        ("<div><b>a</div>", "end-tag-too-early"),
    ],
)
def test_a_parser_of_the_standard_finds_an_error(html: str, error: str) -> None:
    assert f"2: {error}" == errors_by_the_standard(WHOLE.format(html))[0]


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<p id="a" class="b" id="c"></p>', "<p> has id twice"),
        ('<img alt="a "b" c">', "<img> has the attribute 'b\"'"),
        ("<p>a<div>b</div></p>", "<div> stands in <p>"),
        ('<p><a href="x"><ul><li>b</li></ul></a></p>', "<ul> stands in <p>"),
        ("<ul><p>a</p></ul>", "<p> stands in <ul>"),
        ('<a href="x"><button>b</button></a>', "<button> stands in <a>"),
        ("<div/>", "<div/> closes nothing"),
        ("<div><b>a</div>", "</div> stands in <body> <div> <b>"),
        ("<div>a</span></div>", "</span> stands in <html> <body> <div>"),
    ],
)
def test_a_fault_is_found(html: str, fault: str) -> None:
    assert [f"2: {fault}"] == read_markup(WHOLE.format(html)).faults[:1]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="x"><div>b</div></a>',
        "<p>a<br>b<img alt='c' src='d'></p>",
        "<svg><g><path d='M0 0'/></g></svg>",
        "<details><summary>a <code>b</code></summary><p>c</p></details>",
        "<script>if (a < b) document.write('<p>')</script>",
    ],
)
def test_what_is_valid_has_no_fault(html: str) -> None:
    assert [] == read_markup(WHOLE.format(html)).faults
