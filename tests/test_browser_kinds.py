"""Each kind of page by day and by night, wide and narrow: quiet, open to all, at rest, light."""

import gzip
import mimetypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from playwright.sync_api import Browser

from tests.kinds import KINDS

ACCEPTED: set[str] = set()
"""The rules of axe that may be broken."""
FIRST, LATER = 350 * 1024, 60 * 1024
"""Bytes that a page may cost whom it is the first of all, and whoever has seen another one."""
SHIFT = 0.02

_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_WIDTHS = (1280, 400)
_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that see in which colours a page is shown."""
_WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
# What is many times the same, such as code, is looked at once as a whole, and else a few of each.
_BEGIN = """([tags, colours, whole]) => {
  const found = async (runOnly, rules = {}) =>
    (await axe.run({ runOnly, rules, resultTypes: ["violations"], preload: false })).violations;
  const off = Object.fromEntries(colours.map((rule) => [rule, { enabled: false }]));
  const judged = async () => {
    await document.fonts.ready;
    const structure = () => (tags.length ? found({ type: "tag", values: tags }, off) : []);
    const before = whole ? await structure() : [];
    await new Promise((done) => setTimeout(done, 200)); // for what moves late
    const { shifted: shift, innerWidth } = window;
    const wide = document.documentElement.scrollWidth > innerWidth;
    for (const alike of [".highlight", ".claims-rows > li", ".claims-foot li"])
      for (const each of [...document.querySelectorAll(alike)].slice(6)) each.remove();
    const after = whole ? [] : await structure();
    const shades = await found({ type: "rule", values: colours });
    return {
      violations: [...before, ...after, ...shades].flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => [id, target.join(" "), failureSummary])
      ),
      shift,
      wide,
    };
  };
  window.judged = judged();
}"""


@dataclass(frozen=True)
class Visit:
    """What was seen of one page in one tab."""

    asked: list[str]
    """The addresses of all that the page asked for."""
    said: list[str]
    """The errors and warnings in the console."""
    violations: list[str]
    """What axe found, each with its rule and its element."""
    shift: float
    """How far things moved while the page was loaded."""
    is_wide: bool
    """Whether a part of it lies beyond the right edge of the screen."""


class Tab:
    """A tab of one width by day or by night."""

    def __init__(self, browser: Browser, scheme: str, width: int) -> None:
        self.look = f"{scheme}, {width} px"
        # What else differs by night stands in no style sheet but as a colour.
        self._rules = [_RULES if scheme == "light" else [], _COLOURS, width == max(_WIDTHS)]
        self.page = browser.new_page(
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 900},
        )
        self.page.add_init_script(path=_AXE)
        self.page.add_init_script(_WATCH)
        self._asked: list[str] = []
        self.page.on("request", lambda request: self._asked.append(request.url))

    def begin(self, address: str) -> None:
        """Open a page, and do not wait for it."""
        self._asked.clear()
        self.page.goto(address, wait_until="commit")

    def judge(self) -> None:
        """Let axe begin when the page is there."""
        self.page.wait_for_load_state("load")
        self.page.evaluate(_BEGIN, self._rules)

    def end(self) -> Visit:
        """Wait for what axe says, and tell everything that was seen."""
        seen = self.page.evaluate("window.judged")
        told = self.page.console_messages(filter="since-navigation")
        said = [each.text for each in told if each.type in ("error", "warning")]
        said += [str(error) for error in self.page.page_errors(filter="since-navigation")]
        broken = [": ".join(each) for each in seen["violations"] if each[0] not in ACCEPTED]
        return Visit(list(self._asked), said, broken, seen["shift"], seen["wide"])


def visited(tabs: Iterable[Tab], address: str) -> Iterator[tuple[str, Visit]]:
    """Open a page in all tabs at once, since each has a process of its own."""
    for tab in tabs:
        tab.begin(address)
    for tab in tabs:
        tab.judge()
    for tab in tabs:
        yield tab.look, tab.end()


@pytest.fixture(scope="module")
def tabs(browser: Browser) -> Iterator[list[Tab]]:
    """Return a tab for each look."""
    tabs = [Tab(browser, *look) for look in product(("light", "dark"), _WIDTHS)]
    yield tabs
    for tab in tabs:
        tab.page.context.close()


@pytest.fixture(scope="module")
def visits(tabs: list[Tab], address: str) -> dict[tuple[str, str], Visit]:
    """Return what was seen of each kind of page in each look."""
    return {
        (kind, look): visit
        for kind, path in KINDS.items()
        for look, visit in visited(tabs, address + path)
    }


Visits = dict[tuple[str, str], Visit]


def test_nothing_is_said_in_the_console(visits: Visits) -> None:
    assert {} == {place: visit.said for place, visit in visits.items() if visit.said}


def test_nothing_is_asked_for_elsewhere(visits: Visits, address: str) -> None:
    assert {} == {
        place: outside
        for place, visit in visits.items()
        if (outside := [url for url in visit.asked if not url.startswith((address, "data:"))])
    }


def test_axe_finds_nothing(visits: Visits) -> None:
    assert {} == {place: visit.violations for place, visit in visits.items() if visit.violations}


def test_nothing_lies_beyond_the_edge_of_the_screen(visits: Visits) -> None:
    assert [] == [place for place, visit in visits.items() if visit.is_wide]


def test_nothing_moves_while_a_page_is_loaded(visits: Visits) -> None:
    assert {} == {place: seen.shift for place, seen in visits.items() if seen.shift > SHIFT}


def test_a_page_is_light_for_whom_it_is_the_first(visits: Visits, real_site: Path) -> None:
    weights = {place: _weight(visit.asked, real_site) for place, visit in visits.items()}

    assert {} == {place: weight for place, weight in weights.items() if weight > FIRST}


def test_a_page_is_light_for_who_has_seen_another(visits: Visits, real_site: Path) -> None:
    known = {"home": visits["mode", "light, 1280 px"].asked}
    weights = {
        (kind, look): _weight(
            set(visit.asked).difference(known.get(kind, visits["home", look].asked)), real_site
        )
        for (kind, look), visit in visits.items()
    }

    assert {} == {place: weight for place, weight in weights.items() if weight > LATER}


def test_what_is_wrong_with_a_page_is_noticed(tabs: list[Tab], tmp_path: Path) -> None:
    page = tmp_path / "wrong.html"
    page.write_text(
        """<!doctype html><html lang="en"><title>Wrong</title><main><h1>Wrong</h1>
        <div></div>
        <p style="width: 2000px; height: 500px; color: #aaa; background: #fff">
        Pale and wide.</p></main>
        <script>
          console.error("said");
          fetch("http://example.org/").catch(() => 0);
          setTimeout(() => (document.querySelector("div").style.height = "300px"), 50);
        </script></html>""",
        encoding="utf-8",
    )

    for _, visit in visited(tabs, page.as_uri()):
        assert visit.asked == [page.as_uri(), "http://example.org/"]
        assert visit.said[0] == "said"
        assert [each.partition(":")[0] for each in visit.violations] == ["color-contrast"]
        assert visit.shift > SHIFT
        assert visit.is_wide


def _weight(asked: Iterable[str], site: Path) -> int:
    """Return how many bytes a server would send that compresses texts as most do."""
    paths = {urlsplit(url).path.removeprefix("/") or "index.html" for url in asked}
    return sum(_sent(site / path) for path in paths)


def _sent(file: Path) -> int:
    content = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or ""
    is_text = kind.startswith("text/") or kind.endswith(("javascript", "json", "xml"))
    return len(gzip.compress(content, 6) if is_text else content)
