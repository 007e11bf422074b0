"""The site's own search finds the page that answers a question, asked in its author's words."""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

QUESTIONS = tomllib.loads(
    (Path(__file__).parent / "samples" / "questions.toml").read_text(encoding="utf-8")
)["questions"]
FIRST = 3
"""So many pages are looked at by someone in a hurry."""


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
