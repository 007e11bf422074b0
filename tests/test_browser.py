"""The built site in a real browser: every page stays at home, and within the screen."""

from pathlib import Path

from playwright.sync_api import Browser, Page

TABS = 3
"""So many pages are loaded at a time: a little more than the cores of a small machine."""
_WIDTHS = (1280, 400)
_FRAMES = "".join(f'<iframe width="{width}" height="900"></iframe>' for width in _WIDTHS)
# Shows each page in all frames at once, which is quicker than to open it anew for each width, and
# unlike a change of width leaves no time in which a page is on its way from one to the other.
_BEGIN = """(addresses) => {
  const frames = [...document.querySelectorAll("iframe")];
  const shown = (frame, address) =>
    new Promise((done) => {
      frame.onload = done;
      frame.src = address;
    }).then(async () => {
      const { document, innerWidth } = frame.contentWindow;
      await document.fonts.ready;
      return document.documentElement.scrollWidth > innerWidth ? [[address, innerWidth]] : [];
    });
  window.found = (async () => {
    const wide = [];
    for (const address of addresses)
      wide.push(...(await Promise.all(frames.map((frame) => shown(frame, address)))).flat());
    return wide;
  })();
}"""


def test_every_page_stays_at_home_and_within_the_screen(
    browser: Browser, real_site: Path, address: str
) -> None:
    pages = [file.relative_to(real_site).as_posix() for file in sorted(real_site.rglob("*.html"))]
    context = browser.new_context(reduced_motion="reduce")
    outside: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: outside.append(request.url))
    context.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.route("**/frames", lambda route: route.fulfill(body=_FRAMES, content_type="text/html"))

    tabs = [context.new_page() for _ in range(TABS)]
    for number, tab in enumerate(tabs):
        tab.goto(f"{address}frames")
        tab.evaluate(_BEGIN, [f"/{path}" for path in pages[number::TABS]])
    wide = [found for tab in tabs for found in tab.evaluate("window.found")]
    context.close()

    assert len(pages) > 150
    assert len(outside) > 2 * len(pages)
    assert [] == [url for url in outside if not url.startswith((address, "data:", "blob:"))]
    assert [] == errors
    assert [] == wide


def test_a_page_beyond_the_edge_is_noticed(browser: Browser, address: str) -> None:
    wide = "<p style='width: 500px'>Wide on a telephone alone.</p>"
    page = browser.new_page()
    page.route("**/frames", lambda route: route.fulfill(body=_FRAMES, content_type="text/html"))
    page.route("**/wide", lambda route: route.fulfill(body=wide, content_type="text/html"))

    page.goto(f"{address}frames")
    page.evaluate(_BEGIN, ["/wide"])
    found = page.evaluate("window.found")
    page.context.close()

    assert [["/wide", 400]] == found


def test_a_mark_leads_to_the_evidence_of_its_claim(browser: Browser, address: str) -> None:
    page = _open(browser, f"{address}modes/no_grad/")

    page.locator('a.claims-mark[href$="#claim-no-grad-results-have-no-grad-fn"]').first.click()
    page.wait_for_url("**/claims/no_grad/#claim-no-grad-results-have-no-grad-fn")
    card = page.locator("#claim-no-grad-results-have-no-grad-fn")

    assert card.locator(".claims-verdict").first.inner_text() == "✓ holds"
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
    page.goto(url)
    return page
