"""The glossary and the tooltips say the same, and tooltips stand where they are of use."""

import json
import re

import pytest
from bs4 import BeautifulSoup, Tag

from tests.conftest import ROOT, Project

_ENTRY = re.compile(r"^## (?P<term>.+)\n\n(?P<first>.+)\n(?P<rest>(?:.+\n)*)", re.MULTILINE)
_TOOLTIP = re.compile(r"^\*\[(?P<form>.+?)\]: (?P<says>.+)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def plain(text: str) -> str:
    return _LINK.sub(r"\1", text).replace("`", "")


@pytest.fixture(scope="module")
def entries() -> dict[str, str]:
    """Return the whole text of each entry by its term; its first sentence is its first line."""
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    return {
        entry["term"]: plain(f"{entry['first']}\n{entry['rest']}")
        for entry in _ENTRY.finditer(text)
    }


@pytest.fixture(scope="module")
def tooltips() -> dict[str, str]:
    """Return what each form of a term says when it is pointed at."""
    text = (ROOT / "docs/.glossary/terms.md").read_text(encoding="utf-8")
    found = {tooltip["form"]: tooltip["says"] for tooltip in _TOOLTIP.finditer(text)}
    assert len(found) == len(text.splitlines())
    return found


@pytest.fixture(scope="module")
def pages(real_project: Project) -> dict[str, BeautifulSoup]:
    """Return the pages of the site that are no notebooks, whose Markdown no extension sees."""
    paths = [path for path in real_project.site() if path.endswith("index.html")]
    return {path: real_project.html(path) for path in paths if not path.startswith("cost/")}


def test_an_entry_is_one_sentence_first(entries: dict[str, str]) -> None:
    firsts = {term: entry.partition("\n")[0] for term, entry in entries.items()}

    assert len(entries) >= 40
    assert sorted(entries, key=str.casefold) == list(entries)
    assert {} == {term: first for term, first in firsts.items() if not first.endswith(".")}
    assert {} == {term: first for term, first in firsts.items() if re.search(r"[.!?] [A-Z]", first)}
    assert {} == {term: first for term, first in firsts.items() if len(first) > 140}


def test_each_entry_is_a_tooltip_and_each_tooltip_an_entry(
    entries: dict[str, str], tooltips: dict[str, str]
) -> None:
    firsts = {entry.partition("\n")[0] for entry in entries.values()}

    assert firsts - set(tooltips.values()) == set()
    assert set(tooltips.values()) - firsts == set()


def test_a_tooltip_is_that_of_its_own_term(
    entries: dict[str, str], tooltips: dict[str, str]
) -> None:
    """A form begins as its term does, or stands in its entry, as a synonym does."""
    entry_of = {entry.partition("\n")[0]: (term, entry) for term, entry in entries.items()}
    foreign = []
    for form, says in tooltips.items():
        term, entry = (text.casefold().replace("-", " ") for text in entry_of[says])
        own = form.casefold().replace("-", " ")
        is_form = term in own or any(word[:3] == term[:3] for word in re.split(r"[ _]", own))
        if not is_form and own not in entry:
            foreign.append(form)

    assert foreign == []
    assert {term.casefold() for term in entries} <= {
        re.sub(r"^(?:the|a) ", "", form.casefold()) for form in tooltips
    }


def test_terms_are_marked_in_prose_only(
    pages: dict[str, BeautifulSoup], tooltips: dict[str, str]
) -> None:
    marked = [(path, mark) for path, page in pages.items() for mark in page.select("abbr[title]")]

    assert len(marked) > 500
    assert {(mark.text, mark["title"]) for _, mark in marked} <= set(tooltips.items())
    assert [] == [
        (path, mark.text)
        for path, mark in marked
        if mark.find_parent(["a", "code", "pre", "nav", "h1", "h2", "h3", "h4", "h5", "h6"])
    ]


def test_a_term_shows_its_mark_once_under_a_heading(pages: dict[str, BeautifulSoup]) -> None:
    page = pages["modes/no_grad/index.html"]
    shown: list[list[str]] = [[]]
    for tag in page.select("article :is(h1, h2, h3, h4, abbr)"):
        if isinstance(tag, Tag) and tag.name != "abbr":
            shown.append([])
        elif "again" not in tag.get_attribute_list("class"):
            shown[-1].append(str(tag["title"]))

    assert sum(map(len, shown)) > 20
    assert [] == [titles for titles in shown if len(titles) != len(set(titles))]


def test_no_tooltip_is_a_text_of_its_own(real_project: Project, tooltips: dict[str, str]) -> None:
    """Neither the search nor the table of contents quotes one, nor is there a page of them."""
    index = json.loads(real_project.read("site/search/search_index.json"))
    texts = [f"{entry['title']} {entry['text']}" for entry in index["docs"]]
    leaf = tooltips["leaf"]

    assert [] == [text for text in texts if re.search(r"<abbr|\*\[[^\]]+\]:", text)]
    assert [] == [path for path in real_project.site() if "glossary/terms" in path]
    assert sum(leaf in re.sub(r"<[^>]+>", "", text) for text in texts) == 1
