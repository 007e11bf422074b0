"""Each kind of page where something is missing: JavaScript, a server, the screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.kinds import KINDS

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
SHEET: ViewportSize = {"width": 680, "height": 1000}
"""Paper of the size A4 within its margins."""
PHONE: ViewportSize = {"width": 400, "height": 900}
NAVIGATION = ".md-header, .md-tabs, .md-sidebar, .md-footer, .md-top, .md-search, .md-code__nav"
_HIDDEN = """(selector) =>
  [...document.querySelectorAll(selector)].filter((each) => !each.checkVisibility())
    .map((each) => each.outerHTML.slice(0, 80))"""
_SAID_AND_TOLD = """(article) => {
  for (const details of article.querySelectorAll("details")) details.open = true;
  for (const part of article.querySelectorAll("section")) part.style.contentVisibility = "visible";
  const told = article.cloneNode(true);
  for (const other of told.querySelectorAll("form, script, svg")) other.remove();
  return [article.innerText, told.textContent];
}"""
_SHOWN = _HIDDEN.replace("!each", "each")


@pytest.fixture(scope="module")
def bare(browser: Browser) -> Iterator[Page]:
    """Return a page in which no script runs."""
    page = browser.new_page(java_script_enabled=False, viewport=PHONE)
    yield page
    page.context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_without_javascript_a_page_shows_what_it_says(bare: Page, address: str, kind: str) -> None:
    bare.goto(address + KINDS[kind])

    said, told = bare.locator("article").evaluate(_SAID_AND_TOLD)
    assert bare.locator("article h1").first.is_visible()
    assert len(" ".join(said.split())) > 0.9 * len(" ".join(told.split()))


def test_without_javascript_evidence_opens(bare: Page, address: str) -> None:
    bare.goto(address + KINDS["evidence"])
    card = bare.locator(".claims-card").first
    check = card.locator("pre").first

    before = check.evaluate("check => check.checkVisibility()")
    card.locator("summary").click()

    assert (before, check.evaluate("check => check.checkVisibility()")) == (False, True)


def test_without_javascript_a_mark_leads_to_evidence(bare: Page, address: str) -> None:
    bare.goto(address + KINDS["mode"])
    mark = bare.locator("a.claims-mark").first
    claim = mark.get_attribute("data-claim")

    mark.click()
    bare.locator(f"#claim-{claim} summary").click()

    assert bare.locator(f"#claim-{claim} pre").first.is_visible()


@pytest.mark.parametrize("kind", ["home", "index of errors", "mode"])
def test_without_javascript_tables_can_be_read_on_a_phone(
    bare: Page, address: str, kind: str
) -> None:
    """Each scrolls by itself, if it must, and no column is pressed to a thread."""
    bare.goto(address + KINDS[kind])
    bare.locator("article details").evaluate_all("all => all.forEach(each => each.open = true)")

    tables = bare.eval_on_selector_all(
        "article table",
        """tables => tables.map(table => ({
          right: table.getBoundingClientRect().right,
          narrowest: Math.min(...[...table.querySelectorAll("th, td")]
            .map(cell => cell.offsetWidth).filter(width => width > 1)),
        }))""",
    )
    assert tables
    assert [] == [table for table in tables if table["right"] > PHONE["width"]]
    assert [] == [table for table in tables if table["narrowest"] < 40]


def test_from_a_folder_no_page_complains_or_misses_anything(
    browser: Browser, real_site: Path
) -> None:
    page = browser.new_page(viewport=DESKTOP)
    failed: list[str] = []
    # What leaving a page breaks off is not missing.
    page.on(
        "requestfailed",
        lambda request: (
            None if request.failure == "net::ERR_ABORTED" else failed.append(request.url)
        ),
    )
    said = []
    for path in KINDS.values():
        # Nobody opens the page for addresses that are missing: it is the server's.
        if path != KINDS["missing page"]:
            page.goto((real_site / path).as_uri())
            said += [told.text for told in page.console_messages(filter="since-navigation")]
            said += [str(error) for error in page.page_errors(filter="since-navigation")]
    page.context.close()

    assert [] == failed
    assert [] == said


def test_paper_shows_the_evidence_and_no_navigation(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=DESKTOP)
    page.emulate_media(media="print")
    folded, navigation = {}, {}
    for kind, path in KINDS.items():
        page.goto(address + path)
        folded[kind] = page.evaluate(_HIDDEN, "details.claims-evidence > *")
        navigation[kind] = page.evaluate(_SHOWN, NAVIGATION)
    page.goto(address + KINDS["evidence"])
    pieces = page.locator("details.claims-evidence > pre, details.claims-evidence pre").count()
    page.context.close()

    assert pieces > 20
    assert {} == {kind: found for kind, found in folded.items() if found}
    assert {} == {kind: found for kind, found in navigation.items() if found}


def test_paper_cuts_nothing_off(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=SHEET)
    page.emulate_media(media="print")
    beyond = {}
    for kind, path in KINDS.items():
        page.goto(address + path)
        beyond[kind] = page.eval_on_selector_all(
            "article :is(th, td, pre, svg, summary)",
            """all => all.filter(each => each.checkVisibility())
              .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
              .map(each => each.outerHTML.slice(0, 80))""",
        )
    page.context.close()

    assert {} == {kind: found for kind, found in beyond.items() if found}
