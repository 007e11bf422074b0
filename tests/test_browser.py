"""The built site in a real browser: nothing from outside, no errors, no sideways scrolling."""

from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

EMPTY = {"config": {"lang": ["en"], "separator": " ", "pipeline": [], "fields": {}}, "docs": []}
"""An index of nothing, as the search reads it."""


def test_every_page_stays_at_home_and_within_the_screen(
    browser: Browser, real_site: Path, address: str
) -> None:
    pages = [file.relative_to(real_site).as_posix() for file in real_site.rglob("*.html")]
    page = browser.new_page()
    # Each page makes the search's index anew, which takes longer than all else on it.
    page.route("**/search/search_index.json", lambda route: route.fulfill(json=EMPTY))
    outside: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))

    wide = []
    for path in pages:
        page.goto(address + path, wait_until="networkidle")
        for scheme, width in product(("light", "dark"), (400, 1280)):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function("width => window.innerWidth === width", arg=width)
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wide.append((path, scheme, width))
    page.context.close()

    assert len(pages) > 15
    assert [] == [url for url in outside if not url.startswith((address, "data:", "blob:"))]
    assert [] == errors
    assert [] == wide


def test_a_mark_leads_to_the_evidence_of_its_claim(browser: Browser, address: str) -> None:
    page = _open(browser, f"{address}modes/no_grad/")

    page.locator('a.claims-mark[href$="#claim-no-grad-results-have-no-grad-fn"]').first.click()
    page.wait_for_url("**/claims/#claim-no-grad-results-have-no-grad-fn")
    card = page.locator("#claim-no-grad-results-have-no-grad-fn")
    card.locator("summary").click()

    assert card.locator(".claims-verdict").inner_text() == "✓ holds"
    assert "def no_grad_results_have_no_grad_fn() -> None:" in card.inner_text()
    assert "pytest verify/no_grad.py::no_grad_results_have_no_grad_fn" in card.inner_text()
    page.context.close()


def test_a_sign_stands_in_the_page_and_not_only_a_colour(browser: Browser, address: str) -> None:
    page = _open(browser, f"{address}modes/inference_mode/")

    signs = page.eval_on_selector_all(
        "a.claims-mark", "marks => marks.map(mark => getComputedStyle(mark, '::after').content)"
    )
    page.context.close()

    assert len(signs) > 50
    assert {'"\u2060✓"'} == set(signs)


def _open(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(url, wait_until="networkidle")
    return page
