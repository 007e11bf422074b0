"""Evidence one step away, in a real browser: marks, cards, and the list that can be filtered.

It is long, since each is reached by pointer, keyboard and touch, from a folder and on paper.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

CLAIM = "no-grad-leaves-dropout-on"
STATEMENT = "no_grad does not change module.training, so nn.Dropout in train mode still drops."
"""What that claim says."""
EVIDENCE = f"claims/no_grad/#claim-{CLAIM}"
PAGE = "modes/no_grad/"


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """Return a desk with a mouse."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(desk: BrowserContext) -> Iterator[Page]:
    """Return an empty page on the desk."""
    page = desk.new_page()
    yield page
    page.close()


def opened(page: Page, url: str) -> Page:
    page.goto(url, wait_until="load")
    return page


def mark_of(page: Page) -> Locator:
    return page.locator(f'a.claims-mark[data-claim="{CLAIM}"]').first


def popover_of(page: Page) -> Locator:
    return page.locator(".claims-popover:popover-open")


def tap(mark: Locator) -> None:
    """Tap a link where it begins: beside its lines there may be others."""
    x, y = mark.evaluate(
        """mark => {
          const [first] = mark.getClientRects();
          const whole = mark.getBoundingClientRect();
          return [first.x - whole.x + 3, first.y - whole.y + 3];
        }"""
    )
    mark.tap(position={"x": x, "y": y})


def assert_it_tells_all(popover: Locator, mark: Locator) -> None:
    """The statement, the verdict, the version, and where the evidence is."""
    statement, told = popover.locator("p").all_inner_texts()
    assert STATEMENT == statement
    assert told.startswith("✓ holds with torch 2.")
    link = popover.get_by_role("link", name="Evidence", include_hidden=True)
    assert link.get_attribute("href") == mark.evaluate("mark => mark.href")


def test_a_pointer_that_rests_on_a_mark_is_told_what_the_claim_says(
    page: Page, address: str
) -> None:
    mark = mark_of(opened(page, address + PAGE))

    mark.hover()

    popover = popover_of(page)
    expect(popover).to_be_visible()
    assert_it_tells_all(popover, mark)

    popover.hover()  # the way there is not the end of it
    page.wait_for_timeout(400)
    expect(popover).to_be_visible()

    page.mouse.move(5, 5)
    expect(popover).to_have_count(0)


def test_the_link_in_what_is_told_leads_to_the_open_card(page: Page, address: str) -> None:
    mark_of(opened(page, address + PAGE)).hover()

    popover_of(page).get_by_role("link", name="Evidence", include_hidden=True).click()

    page.wait_for_url(f"**/{EVIDENCE}")
    card = page.locator(f"#claim-{CLAIM}")
    expect(card.get_by_text("Run it alone")).to_be_visible()
    expect(card).to_be_in_viewport()


def test_a_keyboard_at_a_mark_is_told_the_same_until_escape(page: Page, address: str) -> None:
    mark = mark_of(opened(page, address + PAGE))
    mark.evaluate("mark => mark.closest('p, li, td').querySelector('a').focus()")
    for _ in range(10):
        if mark.evaluate("mark => mark === document.activeElement"):
            break
        page.keyboard.press("Tab")

    popover = popover_of(page)
    expect(popover).to_be_visible()
    assert_it_tells_all(popover, mark)
    described = mark.get_attribute("aria-describedby")
    assert described == popover.get_attribute("id")
    assert popover.get_attribute("role") == "tooltip"

    page.keyboard.press("Escape")
    expect(popover).to_have_count(0)
    assert mark.get_attribute("aria-describedby") is None
    assert mark.evaluate("mark => mark === document.activeElement")

    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{EVIDENCE}")


def test_the_first_tap_tells_and_the_second_follows(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True)
    page = opened(context.new_page(), address + PAGE)
    mark = mark_of(page)

    tap(mark)

    popover = popover_of(page)
    expect(popover).to_be_visible()
    assert_it_tells_all(popover, mark)
    assert page.url == address + PAGE
    box = popover.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 400

    tap(mark)
    page.wait_for_url(f"**/{EVIDENCE}")
    context.close()


def test_a_tap_beside_it_closes_what_was_told(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True)
    page = opened(context.new_page(), address + PAGE)
    tap(mark_of(page))
    expect(popover_of(page)).to_be_visible()

    page.locator("h1").tap(force=True)

    expect(popover_of(page)).to_have_count(0)
    context.close()


def test_each_mark_of_a_page_has_its_claim_at_the_foot(page: Page, address: str) -> None:
    opened(page, f"{address}modes/inference_mode/")

    marks, rows = (
        page.eval_on_selector_all(selector, "found => found.map(each => each.dataset.claim)")
        for selector in ("a.claims-mark", ".claims-foot [data-claim]")
    )

    assert len(rows) > 50
    assert len(rows) == len(set(rows))
    assert set(marks) <= set(rows)


def test_a_card_opens_to_all_of_its_evidence(page: Page, address: str) -> None:
    """The check, where it stands, in what it ran, and alone, what refutes it, what it judges."""
    card = opened(page, f"{address}claims/no_grad/").locator(f"#claim-{CLAIM}")
    expect(card.locator(".highlight")).to_be_hidden()

    card.locator("summary").press("Enter")

    expect(card.locator(".highlight")).to_be_visible()
    text = card.inner_text()
    for told in (
        "Checked by verify/no_grad.py:",
        "with torch 2.",
        "def no_grad_leaves_dropout_on() -> None:",
        "pytest verify/no_grad.py::no_grad_leaves_dropout_on",
        "The check fails, as it must, when",
        "Seen there",
        "Judges what “",
        "Said on",
    ):
        assert told in text
    assert card.locator(".highlight .k").count() > 0  # highlighted keywords


def test_each_copy_button_of_a_card_takes_its_own_block(browser: Browser, address: str) -> None:
    """Material names blocks by what they stand in, and a button takes the first of a name."""
    permissions = ["clipboard-read", "clipboard-write"]
    page = browser.new_context(permissions=permissions).new_page()
    opened(page, f"{address}{EVIDENCE}")
    blocks = page.locator(f"#claim-{CLAIM} pre:has(> code)")
    expect(blocks.first.locator("[data-md-type=copy]")).to_be_attached()

    shown, copied = [], []
    for block in blocks.all():
        shown.append(block.locator("code").inner_text().strip())
        block.hover()
        block.locator("[data-md-type=copy]").click()
        page.wait_for_function(
            "text => navigator.clipboard.readText().then(copied => copied.trim() === text)",
            arg=shown[-1],
            timeout=3000,
        )
        copied.append(page.evaluate("navigator.clipboard.readText()").strip())
    ids = page.eval_on_selector_all("[id]", "found => found.map(each => each.id)")
    page.context.close()

    assert len(shown) > 1
    assert shown == copied
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address_of", ["claims/#claim-{}", "claims/no_grad/#claim-{}"])
def test_a_claim_has_a_permalink_in_the_list_and_at_its_evidence(
    page: Page, address: str, address_of: str
) -> None:
    opened(page, address + address_of.format(CLAIM))

    expect(page.locator(f"#claim-{CLAIM}")).to_be_in_viewport()


def rows_of(page: Page) -> list[str]:
    """Return the claims that the list shows."""
    shown: list[str] = page.eval_on_selector_all(
        ".claims-module li",
        "rows => rows.filter(row => row.checkVisibility({contentVisibilityAuto: false}))"
        ".map(row => row.id)",
    )
    return shown


@pytest.fixture
def listing(page: Page, address: str) -> Page:
    """Return the page of all claims."""
    return opened(page, f"{address}claims/")


def test_the_list_is_filtered_by_words_as_they_are_typed(listing: Page) -> None:
    everything = rows_of(listing)
    listing.get_by_label("Words").fill("dropout EVAL")

    found = rows_of(listing)

    assert 0 < len(found) < len(everything) / 10
    for row in found:
        text = listing.locator(f"#{row}").inner_text().lower()
        assert "dropout" in text
        assert "eval" in text or "eval" in row
    expect(listing.locator(".claims-filter output")).to_have_text(
        f"{len(found)} of {len(everything)} claims"
    )
    assert parse_qs(urlsplit(listing.url).query) == {"words": ["dropout EVAL"]}


@pytest.mark.parametrize(
    ("field", "choice"),
    [("subject", "Dropout"), ("verdict", "✓ holds"), ("proof", "a rival"), ("source", 1)],
)
def test_the_list_is_filtered_by_each_field_and_shared_by_its_address(
    listing: Page, desk: BrowserContext, field: str, choice: str | int
) -> None:
    everything = rows_of(listing)
    select = listing.locator(f"select[name={field}]")
    if isinstance(choice, int):
        select.select_option(index=choice)
    else:
        select.select_option(label=choice)
    found = rows_of(listing)

    other = opened(desk.new_page(), listing.url)

    assert found
    assert (field == "verdict") == (found == everything)
    assert found == rows_of(other)
    assert other.locator(f"select[name={field}]").input_value() == select.input_value() != ""
    other.close()


def test_modules_without_a_row_are_hidden_and_all_come_back(listing: Page) -> None:
    everything = rows_of(listing)
    listing.get_by_label("Words").fill("no claim says this")
    assert rows_of(listing) == []
    expect(listing.locator(".claims-module h2:visible")).to_have_count(0)
    expect(listing.locator(".md-nav--secondary .md-nav__link:visible")).to_have_count(0)
    expect(listing.locator(".claims-filter output")).to_have_text(
        f"None of {len(everything)} claims fits"
    )

    listing.get_by_role("button", name="Show all").click()

    expect(listing.locator(".claims-filter output")).to_have_text(f"{len(everything)} claims")
    assert rows_of(listing) == everything
    assert urlsplit(listing.url).query == ""


def test_back_takes_one_thing_out_of_the_filter(listing: Page) -> None:
    """All letters of a word are one thing."""
    lists = [rows_of(listing)]
    listing.get_by_label("Words").press_sequentially("gradient")
    lists.append(rows_of(listing))
    listing.locator("select[name=subject]").select_option(label="Hooks")
    lists.append(rows_of(listing))

    back = []
    for _ in lists[1:]:
        listing.go_back()
        back.append(rows_of(listing))

    assert len(lists[0]) > len(lists[1]) > len(lists[2]) > 0
    assert [lists[1], lists[0]] == back


def test_the_list_is_filtered_from_a_folder_too(page: Page, real_site: Path) -> None:
    """There a script may fetch nothing."""
    opened(page, f"{(real_site / 'claims' / 'index.html').as_uri()}?words=dropout")
    found = rows_of(page)

    page.get_by_label("Words").fill("dropout eval")

    assert 0 < len(rows_of(page)) < len(found)
    assert page.url.endswith("?words=dropout+eval")


def test_without_a_script_the_list_is_there_and_a_card_opens_where_a_link_leads(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = opened(context.new_page(), f"{address}claims/")
    expect(page.locator(".claims-filter")).to_be_hidden()
    page.locator(f"#claim-{CLAIM} a").click()
    page.wait_for_url(f"**/{EVIDENCE}")

    expect(page.locator(f"#claim-{CLAIM} .highlight").first).to_be_visible()
    context.close()


def test_on_paper_all_evidence_is_open(page: Page, address: str) -> None:
    opened(page, address + PAGE)
    evidence = page.locator("details.claims-evidence > :not(summary)")
    assert not any(element.is_visible() for element in evidence.all()[:3])

    page.emulate_media(media="print")

    assert all(evidence.evaluate_all("found => found.map(each => each.checkVisibility())"))
