"""The built site in a real browser: every page stays at home, and within the screen."""

from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

PHONE: ViewportSize = {"width": 400, "height": 900}
"""What fits on it fits wherever there is more room."""


def is_wide(page: Page) -> bool:
    """Whether a part of a page lies beyond the right edge of the screen."""
    return bool(
        page.evaluate(
            """document.fonts.ready.then(
              () => document.documentElement.scrollWidth > window.innerWidth
            )"""
        )
    )


def test_every_page_stays_at_home_and_within_the_screen(
    browser: Browser, real_site: Path, address: str
) -> None:
    pages = [file.relative_to(real_site).as_posix() for file in sorted(real_site.rglob("*.html"))]
    page = browser.new_page(viewport=PHONE, reduced_motion="reduce")
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))

    wide = []
    for path in pages:
        page.goto(address + path)
        wide += [path] if is_wide(page) else []
    page.context.close()

    assert len(pages) > 150
    assert len(asked) > 2 * len(pages)
    assert [] == [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert [] == errors
    assert [] == wide


def test_a_page_beyond_the_edge_is_noticed(browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    seen = []
    for width in (400, 402):
        page.set_content(f"<body style='margin: 0'><p style='width: {width}px'>Wide.</p></body>")
        seen.append(is_wide(page))
    page.context.close()

    assert [False, True] == seen


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
