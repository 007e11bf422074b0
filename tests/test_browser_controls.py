"""What one can use in a page, by hand and by keyboard: copy buttons, tabs, the glossary's terms."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.kinds import KINDS


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """Return a page whose scripts may use the clipboard."""
    permissions = ["clipboard-read", "clipboard-write"]
    page = browser.new_page(viewport={"width": 1280, "height": 900}, permissions=permissions)
    yield page
    page.context.close()


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_the_copy_button_puts_the_code_into_the_clipboard(
    page: Page, address: str, by: str
) -> None:
    page.goto(address + KINDS["mode"])
    block = page.locator(".claims-example").first
    button = block.locator("[data-md-type=copy]")

    if by == "mouse":
        block.hover()
        button.click()
    else:
        button.focus()
        page.keyboard.press("Enter")
    expect(page.locator(".md-dialog")).to_have_text("Copied to clipboard")

    copied = page.evaluate("navigator.clipboard.readText()")
    assert block.locator("pre > code").first.inner_text().strip() == copied.strip()
    assert copied.startswith("import torch\n")
    page.evaluate("navigator.clipboard.writeText('')")


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_a_tab_is_chosen_on_every_page_at_once(browser: Browser, address: str, by: str) -> None:
    """Who has chosen a way of writing sees it wherever there is one of the same name."""
    page = browser.new_context().new_page()
    shown = page.locator(".tabbed-set:has-text('With parentheses') .tabbed-block:visible")

    page.goto(address + KINDS["mode"])
    expect(shown).to_contain_text("@torch.no_grad()")
    if by == "mouse":
        page.locator(".tabbed-labels label", has_text="Without").click()
    else:
        page.get_by_role("radio", name="With parentheses").focus()
        page.keyboard.press("ArrowRight")
    expect(shown).to_have_text(re.compile("@torch.no_grad$", re.MULTILINE))
    page.goto(address + "modes/inference_mode/")
    expect(shown).to_have_text(re.compile("@torch.inference_mode$", re.MULTILINE))
    page.context.close()


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_a_term_of_the_glossary_is_explained(page: Page, address: str, by: str) -> None:
    page.goto(address + KINDS["mode"])
    term = page.locator("abbr[title]:not(.again)").first
    says = str(term.get_attribute("title"))
    term = page.locator("abbr:not(.again)").first

    if by == "mouse":
        term.hover()
    else:
        term.focus()

    tip = page.get_by_role("tooltip").filter(has_text=says)
    expect(tip).to_be_visible()
    expect(term).to_have_accessible_description(says)
