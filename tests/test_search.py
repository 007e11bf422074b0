"""The site's own search finds the page that answers a question, asked in its author's words."""

import tomllib
from collections.abc import Callable, Sequence
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


_ASK = """async (texts) => {
  const field = document.querySelector(".md-search__input");
  const list = document.querySelector(".md-search-result__list");
  const links = () =>
    [...list.querySelectorAll(".md-search-result__item > .md-search-result__link")];
  const until = (is) =>
    new Promise((done) => {
      const look = () => is() && (watch.disconnect(), done());
      const watch = new MutationObserver(look);
      watch.observe(list, { childList: true, subtree: true });
      look();
    });
  const type = (text) => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true })); // all that a menu's paste gives
  };
  const found = [];
  for (const text of texts) {
    // An empty search first, so that what is seen below is not the answer to the last one.
    type("");
    await until(() => !links().length);
    type(text);
    await until(() => links().length);
    found.push(links().map((link) => link.pathname.slice(1)));
  }
  return found;
}"""


def asked(page: Page, texts: Sequence[str]) -> list[list[str]]:
    """Return the pages that the search finds for each text, the best first."""
    found = page.evaluate(_ASK, texts)
    # A page may come with its sections.
    return [list(dict.fromkeys(pages)) for pages in found]


@pytest.fixture(scope="module")
def found(browser: Browser, address: str) -> dict[str, list[str]]:
    """Return the pages that the search finds for each question, the best first."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(address)
    page.locator(FIELD).click()
    questions = [str(question["asks"]) for question in QUESTIONS]
    pages = dict(zip(questions, asked(page, questions), strict=True))
    page.context.close()
    return pages


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

    first, *others = report.messages
    page.locator(FIELD).fill(report.whole(first))
    page.keyboard.press("End")
    while not held:
        page.wait_for_timeout(10)
    held.pop().continue_()
    link = page.locator(".md-search-result__link").first
    found = {first.path: urlsplit(link.get_attribute("href") or "").path.removeprefix("/")}
    pages = asked(page, [report.whole(message) for message in others])
    found |= {message.path: best for message, (best, *_) in zip(others, pages, strict=True)}
    page.context.close()

    assert {path: f"{path.removeprefix('docs/').removesuffix('.md')}/" for path in found} == found


def test_enter_opens_the_first_result(browser: Browser, address: str) -> None:
    """One whose best section is not the best of all, among others."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    opened, listed = [], []
    for text in (
        "Loaded state dict has a different number of parameter groups",
        "DistributedDataParallel is not needed when a module doesn't have any parameters",
        "RuntimeError: Inference tensors cannot be saved for backward. Please do not use Tensors",
    ):
        page.goto(address)
        page.keyboard.press("/")
        page.keyboard.insert_text(text)
        first = page.locator(".md-search-result__link").first
        listed.append(urlsplit(first.get_attribute("href") or "").path)
        page.keyboard.press("Enter")
        page.wait_for_url("**?h=*")
        opened.append(urlsplit(page.url).path)
    page.context.close()

    assert listed == opened
