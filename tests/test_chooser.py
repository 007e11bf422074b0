"""The questions of the first page, in a real browser: each path ends in code that ran.

A long file: by mouse, by keyboard, by address, from a folder, without JavaScript.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from tests.conftest import Project, clean_environment

ANSWER = ".chooser-answer section:not([hidden])"
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 400, "height": 900}

# Runs each text alone, as one who copied it would, and tells what it printed.
ALONE = """
import contextlib, io, json, sys
printed = []
for code in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(code, "copied", "exec"), {"__name__": "__main__"})
    printed.append(said.getvalue())
print(json.dumps(printed))
"""

# Adds up every shift that the reader did not cause, from the first paint on.
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True)
class Answer:
    """A row of the table, and what stands in the section that it leads to."""

    topic: str
    case: str
    take: str
    anchor: str
    code: str
    output: str


@pytest.fixture(scope="module")
def home(real_project: Project) -> BeautifulSoup:
    return real_project.html("index.html")


@pytest.fixture(scope="module")
def answers(home: BeautifulSoup) -> list[Answer]:
    """Return each row of the table as it stands in the page, before any script."""
    topic, found = "", []
    for row in home.select(".chooser tbody tr"):
        cells = row.select("td")
        topic = cells[0].text or topic
        anchor = str(cells[2].select("a")[0]["href"]).removeprefix("#")
        (example,) = _section(home, anchor)
        code = example.select("pre > code")[0].text
        output = example.select(".claims-output pre > code")[0].text
        found.append(Answer(topic, cells[1].text, cells[2].text, anchor, code, output))
    return found


def _section(home: BeautifulSoup, anchor: str) -> list[Tag]:
    """Return the examples from a heading to the next."""
    heading = home.select(f".chooser > h2[id='{anchor}']")[0]
    examples = []
    for following in heading.find_next_siblings():
        if following.name in ("h2", "script"):
            break
        examples += [following] if "claims-example" in following.get_attribute_list("class") else []
    return examples


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Return the first page as it is opened on a desk."""
    page = browser.new_context(viewport=DESKTOP).new_page()
    page.goto(address)
    yield page
    page.context.close()


def _choose(page: Page, topic: str, case: str = "") -> None:
    """Click on a topic, and on one of its cases."""
    page.locator("label", has_text=topic).first.click()
    if case:
        page.locator("fieldset:not([hidden]) label", has_text=case).last.click()


def _is_shown(page: Page, answer: Answer) -> None:
    """Fail unless this answer is what the page shows, it alone, and the address names it."""
    expect(page.locator(ANSWER)).to_have_count(1)
    expect(page.locator(ANSWER).locator("h2")).to_have_attribute("id", answer.anchor)
    expect(page.get_by_role("status")).to_have_text(f"Take {answer.take}")
    checked = page.eval_on_selector_all(
        ".chooser :checked", "inputs => inputs.map(input => input.parentElement.textContent)"
    )
    assert [answer.topic, answer.case] == checked
    assert f"#{answer.anchor}" == page.evaluate("location.hash")


def test_each_row_of_the_table_leads_to_a_section_of_its_own(
    home: BeautifulSoup, answers: list[Answer]
) -> None:
    sections = [str(heading["id"]) for heading in home.select(".chooser > h2")]

    assert sections == [answer.anchor for answer in answers]
    assert len(set(sections)) == len(sections) >= 25
    assert all(home.select(f"section, [id='{anchor}']") for anchor in sections)
    assert {True} == {bool(answer.topic and answer.case and answer.take) for answer in answers}


def test_code_of_each_answer_does_alone_what_the_page_shows(answers: list[Answer]) -> None:
    """Examples of a page share their names, and who copies one has only that one."""
    ran = subprocess.run(
        [sys.executable, "-c", ALONE],
        input=json.dumps([answer.code for answer in answers]),
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    printed = dict(zip([one.anchor for one in answers], json.loads(ran.stdout), strict=True))
    assert {answer.anchor: answer.output.strip() for answer in answers} == {
        anchor: text.strip() for anchor, text in printed.items()
    }


def test_each_path_by_mouse_ends_in_its_answer(page: Page, answers: list[Answer]) -> None:
    for answer in answers:
        _choose(page, answer.topic, answer.case)

        _is_shown(page, answer)
        code = page.locator(ANSWER).locator(".claims-example pre > code")
        assert [answer.code, answer.output] == code.all_text_contents()
        expect(code.first).to_be_visible()


def test_keyboard_alone_reaches_the_last_answer_and_comes_back(
    page: Page, answers: list[Answer]
) -> None:
    topics = list(dict.fromkeys(answer.topic for answer in answers))
    page.locator(".doors a").last.focus()

    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in topics[1:]:
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    _is_shown(page, answers[-1])

    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Start again")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(ANSWER)).to_have_count(0)
    assert "" == page.evaluate("location.hash")
    expect(page.get_by_label(topics[0], exact=True)).to_be_focused()

    page.keyboard.press("Shift+Tab")
    expect(page.locator(".doors a").last).to_be_focused()


def test_arrow_keys_leave_one_step_back_and_not_one_for_each_choice(
    page: Page, answers: list[Answer]
) -> None:
    page.locator(".chooser input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    _is_shown(page, answers[2])

    page.go_back()

    expect(page.locator(ANSWER)).to_have_count(0)
    assert "#evaluate-or-predict" == page.evaluate("location.hash")


def test_a_shared_address_opens_its_answer(
    browser: Browser, address: str, answers: list[Answer]
) -> None:
    page = browser.new_context(viewport=DESKTOP).new_page()
    for answer in answers[:: len(answers) // 4]:
        page.goto("about:blank")
        page.goto(f"{address}#{answer.anchor}")

        _is_shown(page, answer)
        expect(page.get_by_role("status")).to_be_in_viewport()
    page.context.close()


def test_back_and_forward_go_through_what_was_chosen(page: Page, answers: list[Answer]) -> None:
    first, last = answers[0], answers[-1]
    _choose(page, first.topic, first.case)
    _choose(page, last.topic, last.case)
    _is_shown(page, last)

    page.go_back()
    expect(page.locator(ANSWER)).to_have_count(0)
    page.go_back()
    _is_shown(page, first)
    page.go_forward()
    page.go_forward()
    _is_shown(page, last)
    for _ in range(4):
        page.go_back()
    expect(page.locator(".chooser :checked")).to_have_count(0)


def test_scrolling_leaves_the_choice_in_the_address(page: Page, answers: list[Answer]) -> None:
    """Material would write the heading that was passed into it."""
    page.wait_for_load_state("networkidle")
    _choose(page, answers[0].topic, answers[0].case)

    page.mouse.wheel(0, 1500)
    page.wait_for_timeout(600)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(600)

    _is_shown(page, answers[0])


def test_what_the_panel_lists_leads_to_answers(page: Page, answers: list[Answer]) -> None:
    listed = page.locator(".chooser-answer > ul > li")
    topics = {answer.topic: answer for answer in reversed(answers)}
    assert [f"{one.topic}: {one.case} {one.take}" for one in reversed(topics.values())] == (
        listed.all_text_contents()
    )

    listed.locator("a").nth(1).press("Enter")
    freezing = topics["Freeze weights"]
    _is_shown(page, freezing)
    expect(page.get_by_label(freezing.case, exact=True)).to_be_focused()


def test_all_answers_stand_in_the_table_that_can_be_opened(
    page: Page, answers: list[Answer]
) -> None:
    page.get_by_text("All answers in one table").click()
    links = page.locator(".chooser details tbody a")
    expect(links).to_have_count(len(answers))

    links.last.click()

    _is_shown(page, answers[-1])
    expect(page.get_by_role("status")).to_be_in_viewport()


def test_the_copy_button_copies_exactly_the_code(
    browser: Browser, address: str, answers: list[Answer]
) -> None:
    context = browser.new_context(
        viewport=DESKTOP, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.goto(address)
    for answer in (answers[0], answers[-1]):
        _choose(page, answer.topic, answer.case)
        page.locator(ANSWER).locator("pre").first.hover()
        page.locator(ANSWER).locator("[data-md-type=copy]").first.click()

        page.wait_for_function(
            "code => navigator.clipboard.readText().then(text => text === code)",
            arg=answer.code.rstrip("\n"),
        )
    context.close()


def test_it_works_from_a_folder(browser: Browser, real_site: Path, answers: list[Answer]) -> None:
    page = browser.new_context(viewport=DESKTOP).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((real_site / "index.html").as_uri())

    for answer in (answers[0], answers[-1]):
        _choose(page, answer.topic, answer.case)
        _is_shown(page, answer)
    page.go_back()
    page.go_back()
    _is_shown(page, answers[0])
    page.get_by_role("button", name="Start again").click()
    expect(page.locator(ANSWER)).to_have_count(0)
    page.context.close()
    assert [] == [error for error in errors if "search_index.js" not in error]


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_without_javascript_the_table_leads_to_the_sections(
    browser: Browser, address: str, answers: list[Answer], screen: ViewportSize
) -> None:
    page = browser.new_context(viewport=screen, java_script_enabled=False).new_page()
    page.goto(address)

    rows = page.locator(".chooser tbody tr")
    expect(rows).to_have_count(len(answers))
    expect(page.get_by_role("button", name="Search the site")).to_be_hidden()
    widths = rows.evaluate_all("rows => rows.map(row => row.getBoundingClientRect().right)")
    assert max(widths) <= screen["width"]
    rows.last.locator("a").click()
    expect(page.locator(f"#{answers[-1].anchor}")).to_be_in_viewport()
    expect(page.locator(".chooser .claims-example").last).to_be_visible()
    page.context.close()


def test_on_a_phone_what_comes_next_comes_into_view(
    browser: Browser, address: str, answers: list[Answer]
) -> None:
    page = browser.new_context(viewport=PHONE, reduced_motion="reduce").new_page()
    page.goto(address)

    _choose(page, answers[5].topic)
    expect(page.get_by_text("Which case is it?").locator("visible=true")).to_be_in_viewport()
    _choose(page, answers[5].topic, answers[5].case)
    expect(page.get_by_role("status")).to_be_in_viewport()
    expect(page.locator(ANSWER).locator("pre").first).to_be_in_viewport()
    page.context.close()


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("anchor", ["", "#clear-gradients"], ids=["start", "answer"])
def test_nothing_moves_while_the_page_loads(
    browser: Browser, address: str, screen: ViewportSize, anchor: str
) -> None:
    """Not even if the script is late: its place is held."""
    page = browser.new_context(viewport=screen).new_page()
    page.add_init_script(SHIFTS)

    def be_late(route: Route) -> None:
        page.wait_for_timeout(700)
        route.continue_()

    page.route("**/chooser.js", be_late)
    page.goto(address + anchor)
    page.wait_for_timeout(300)

    expect(page.locator(".chooser-ready")).to_have_count(1)
    assert page.evaluate("window.shifted") <= 0.02
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out_from_choosing(
    browser: Browser, address: str, answers: list[Answer], scheme: Literal["light", "dark"]
) -> None:
    """By what axe can see: names, contrast, size of targets."""
    page = browser.new_context(viewport=DESKTOP, color_scheme=scheme).new_page()
    page.goto(f"{address}#{answers[0].anchor}")
    parts = [".doors", ".chooser form", ".chooser-answer > p", ".chooser summary", ".switches th"]

    found = Axe().run(page, {"include": [[part] for part in parts]})

    page.context.close()
    assert [] == [
        (violation["id"], violation["nodes"][0]["html"])
        for violation in found.response["violations"]
    ]


def test_the_first_door_opens_the_search(browser: Browser, address: str) -> None:
    for screen in (DESKTOP, PHONE):
        page = browser.new_context(viewport=screen).new_page()
        page.goto(address)
        page.get_by_role("button", name="Search the site").click()
        page.keyboard.type("zero grad")
        # The index is asked for now, and the search makes it ready first.
        expect(page.locator(".md-search-result__link").first).to_be_visible(timeout=30_000)
        page.context.close()


def test_on_a_phone_the_questions_stay_beside_each_switch(browser: Browser, address: str) -> None:
    page = browser.new_context(viewport=PHONE).new_page()
    page.goto(address)
    table = page.locator(".switches table")

    table.locator("tbody tr").last.scroll_into_view_if_needed()

    tops = "cells => cells.map(cell => Math.round(cell.getBoundingClientRect().top))"
    questions = table.locator("thead th").evaluate_all(tops)
    cells = table.locator("tbody tr").last.locator("td").evaluate_all(tops)
    assert questions == cells
    expect(table.locator("th").last).to_be_in_viewport(ratio=1)
    expect(table.locator("tbody tr").last.locator("td").last).to_be_in_viewport()
    page.context.close()


def test_other_pages_do_without_it(real_project: Project) -> None:
    pages = [path for path in real_project.site() if path.endswith(".html")]

    assert ["index.html"] == [
        path for path in pages if "assets/chooser" in real_project.read(f"site/{path}")
    ]
