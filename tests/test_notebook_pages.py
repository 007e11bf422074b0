"""This site's notebooks are pages like the others: small, clean, and with code to copy."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

MOST_BYTES = 100_000
NOTEBOOKS = ("cost/memory", "cost/time", "cost/no_gain")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_s_page_is_small_and_clean(real_site: Path, name: str) -> None:
    html = (real_site / name / "index.html").read_text(encoding="utf-8")

    assert len(html.encode()) < MOST_BYTES
    assert 0 == html.partition("<article")[2].partition("</article>")[0].count("<style")
    assert 0 == html.count('<script src="">')


def test_the_search_knows_a_notebook_s_code_once(real_site: Path) -> None:
    index = json.loads((real_site / "search" / "search_index.json").read_text(encoding="utf-8"))

    texts = [page["text"] for page in index["docs"] if page["location"].startswith("cost/memory/")]

    assert 1 == "".join(texts).count("def kept(")


def test_the_copy_button_of_a_cell_takes_its_code(browser: Browser, address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}cost/memory/")

    page.locator(".claims-example", has_text="def watch(model)").get_by_role("button").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    context.close()

    assert copied.startswith(
        'def watch(model):\n    """Return a list that a forward pass fills."""'
    )
    assert copied.rstrip().endswith(
        'return {kind: names.count(kind) for kind in ("Linear", "ReLU")}'
    )


@pytest.mark.parametrize("width", [400, 1280])
def test_the_life_of_a_tensor_is_drawn_once_for_each_width(
    browser: Browser, address: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{address}autograd/")

    shown = [
        (svg.get_attribute("class"), svg.bounding_box())
        for svg in page.locator("svg[class^=lanes-]").all()
        if svg.is_visible()
    ]
    page.context.close()

    ((lanes, box),) = shown
    assert lanes == ("lanes-2" if width == 400 else "lanes-4")
    assert box is not None
    assert 0.8 * min(width, 800) < box["width"] <= width
