"""The site's own search finds the page that answers a question, asked in its author's words."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from mkdocs_claims.reports import Report
from tests.conftest import Project

QUESTIONS = tomllib.loads(
    (Path(__file__).parent / "samples" / "questions.toml").read_text(encoding="utf-8")
)["questions"]
FIRST = 3
"""So many pages are looked at by someone in a hurry."""
INDEX = "**/search/search_index.json"
FIELD = ".md-search__input"
BEGINNINGS: dict[str, Callable[[Page], object]] = {
    "a key": lambda page: page.keyboard.press("/"),
    "a click": lambda page: page.locator(FIELD).click(),
    "the pointer": lambda page: page.locator(FIELD).hover(),
    "a link": lambda page: page.goto(f"{page.url}?q=detach"),
}
"""How a search begins."""


@pytest.fixture(scope="module")
def found(browser: Browser, address: str) -> dict[str, list[str]]:
    """Return the pages that the search finds for each question, the best first."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(address, wait_until="networkidle")
    field = page.locator(".md-search__input")
    field.click()
    found = {}
    for question in QUESTIONS:
        # An empty search first, so that what is seen below is not the answer to the last one.
        field.fill("")
        field.press("End")
        page.locator(".md-search-result__link").first.wait_for(state="detached")
        field.fill(question["asks"])
        field.press("End")
        page.locator(".md-search-result__link").first.wait_for(state="attached")
        links = page.eval_on_selector_all(
            ".md-search-result__item > .md-search-result__link", "found => found.map(a => a.href)"
        )
        pages = [urlsplit(link).path.removeprefix("/") for link in links]
        found[question["asks"]] = list(dict.fromkeys(pages))  # a page may come with its sections
    page.context.close()
    return found


@pytest.mark.parametrize("question", QUESTIONS, ids=[item["asks"] for item in QUESTIONS])
def test_one_of_the_first_pages_answers(
    found: dict[str, list[str]], question: dict[str, list[str]]
) -> None:
    first = found[str(question["asks"])][:FIRST]

    assert set(question["pages"]) & set(first), first


@pytest.mark.parametrize("begin", BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_page_loads_the_index_when_a_search_begins_and_not_before(
    browser: Browser, address: str, begin: Callable[[Page], object]
) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(address, wait_until="networkidle")
    before = list(asked)

    with page.expect_request(INDEX):
        begin(page)
    page.context.close()

    assert "/search/search_index.json" not in before
    assert "/assets/search.js" in before
    assert asked.count("/search/search_index.json") == 1


def test_a_tap_on_the_sign_of_a_narrow_page_loads_the_index(browser: Browser, address: str) -> None:
    page = browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True).new_page()
    page.goto(address, wait_until="networkidle")

    with page.expect_request(INDEX):
        page.locator(".md-header__button[for=__search]").tap()
    page.context.close()


def test_each_message_pasted_whole_finds_its_page(
    browser: Browser, address: str, real_project: Project
) -> None:
    """The first of them is pasted before the index has come."""
    report = Report.read(real_project.root / "site" / "claims.json")
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    held: list[Route] = []
    page.route(INDEX, lambda route: held.append(route))  # noqa: PLW0108  # one that can be marked
    page.goto(address, wait_until="networkidle")
    page.keyboard.press("/")

    found = {}
    for message in report.messages:
        page.locator(FIELD).fill(report.whole(message))
        page.keyboard.press("End")
        while message is report.messages[0] and not held:
            page.wait_for_timeout(10)
        if held:
            held.pop().continue_()
        link = page.locator(".md-search-result__link").first
        found[message.path] = urlsplit(link.get_attribute("href") or "").path
        page.locator(FIELD).fill("")
        page.keyboard.press("End")
        link.wait_for(state="detached")
    page.context.close()

    assert {path: f"/{path.removeprefix('docs/').removesuffix('.md')}/" for path in found} == found
