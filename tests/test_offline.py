"""The site as a folder: opened from file://, it works as it does from a server."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Project
from tests.kinds import KINDS
from tests.markup import astray, read_markup

INDEX = "search/search_index.js"


@pytest.fixture(scope="module")
def folder(real_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of this repository's site, built to be read without a server."""
    root = tmp_path_factory.mktemp("offline") / "repository"
    shutil.copytree(real_project.root, root)
    variables = {"OFFLINE": "1", "SITE_URL": "https://example.org/docs/"}
    ended = Project(root, variables).build()
    assert (ended.code, ended.output) == (0, ""), ended.output
    return root / "site"


def test_no_kind_of_page_asks_for_anything_outside_or_for_the_index_or_complains(
    browser: Browser, folder: Path
) -> None:
    asked, complaints = [], []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda told: complaints.append(told.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in KINDS.values():
        if path != KINDS["missing page"]:  # which only a server shows
            page.goto(_file(folder, path).as_uri())
            page.wait_for_timeout(100)  # for what is asked for late
    page.context.close()

    assert [] == complaints
    assert [] == [url for url in asked if not url.startswith((folder.as_uri(), "data:"))]
    assert [] == [url for url in asked if url.endswith(INDEX)]
    assert len(asked) > 100


def test_a_message_pasted_at_once_finds_its_page_which_marks_it(
    browser: Browser, folder: Path
) -> None:
    page = _open(browser, folder / "modes" / "no_grad.html")

    page.keyboard.press("/")
    page.keyboard.insert_text("AttributeError: 'NoneType' object has no attribute 'zero_'")
    page.keyboard.press("End")
    page.locator(".md-search-result__link").first.click()
    page.wait_for_url("**/errors/nonetype-object-has-no-attribute-zero.html?h=*")
    page.locator("mark", has_text="zero_").first.wait_for()
    page.context.close()


def test_a_question_finds_the_same_pages_as_from_a_server(
    browser: Browser, folder: Path, address: str
) -> None:
    question = "why does memory grow with each iteration of my training loop?"
    offline, online = (
        _found(_open(browser, place), question) for place in (folder / "index.html", address)
    )

    assert len(offline) > 3
    assert online == [path.removesuffix("index.html").replace(".html", "/") for path in offline]


def test_code_is_copied(browser: Browser, folder: Path) -> None:
    page = _open(browser, folder / "modes" / "no_grad.html")
    code = page.locator(".claims-example code").first.inner_text()

    page.locator(".claims-example").first.hover()
    page.locator(".claims-example button[data-md-type=copy]").first.click()
    page.locator(".md-dialog--active").wait_for()
    # From file:// no script may read the clipboard, and anyone may paste.
    page.evaluate("document.body.append(document.createElement('textarea'))")
    page.locator("body > textarea").focus()
    page.keyboard.press("Control+V")
    pasted = page.locator("body > textarea").input_value()
    page.context.close()

    assert code.strip() == pasted.strip()


def test_a_mark_tells_what_its_claim_says(browser: Browser, folder: Path) -> None:
    page = _open(browser, folder / "modes" / "no_grad.html")

    page.locator("a.claims-mark").first.hover()
    page.locator("#claims-popover .claims-statement").wait_for()
    page.context.close()


def test_every_link_leads_to_a_file_and_an_anchor_of_the_folder(folder: Path) -> None:
    markups = {
        file.relative_to(folder).as_posix(): read_markup(file.read_text(encoding="utf-8"))
        for file in folder.rglob("*.html")
    }

    assert [] == astray(folder, markups)
    # From file:// a folder is a list of what is in it.
    leads = {urlsplit(each) for markup in markups.values() for each in markup.leads}
    own = {lead.path for lead in leads if not lead.scheme}
    assert [] == [path for path in own if path in (".", "..") or path.endswith("/")]


def test_nothing_tells_of_a_server(folder: Path) -> None:
    """Neither an address that no page has, nor a file that only a server reads."""
    assert [] == [
        file.name for file in folder.rglob("*.html") if 'rel="canonical"' in file.read_text("utf-8")
    ]
    assert [] == [name for name in ("404.html", "sitemap.xml") if (folder / name).exists()]


def _file(folder: Path, path: str) -> Path:
    """Return where a page stands in the folder, by where it stands on a server."""
    flat = folder / path.replace("/index.html", ".html")
    return flat if flat.is_file() else folder / path


def _open(browser: Browser, place: Path | str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(place if isinstance(place, str) else place.as_uri())
    return page


def _found(page: Page, question: str) -> list[str]:
    """Return the pages that a search finds, seen from the home page."""
    home = page.url.removesuffix("index.html")
    page.locator(".md-search__input").fill(question)
    page.keyboard.press("End")
    page.locator(".md-search-result__link").first.wait_for(state="attached")
    links = page.eval_on_selector_all(
        ".md-search-result__item > .md-search-result__link", "found => found.map(a => a.href)"
    )
    page.context.close()
    return [link.removeprefix(home).partition("?")[0] for link in links]
