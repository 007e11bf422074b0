"""The markup of a page, read in one pass: its ids, what it leads to, and what is wrong with it.

A browser mends whatever it is given, and says nothing of it; so this is stricter than the standard
in one respect: what may stay open must be closed, too, since that is how one sees a tag astray.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

__all__ = ["Markup", "astray", "read_markup"]

ELSEWHERE = {"data", "http", "https", "mailto"}
"""The schemes of addresses that no file of the site could answer."""

Attributes = list[tuple[str, str | None]]

_VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr")
_LEADING = {"action", "data", "href", "poster", "src"}
"""The attributes that hold an address."""
_NAMING = {"aria-controls", "aria-describedby", "aria-labelledby", "aria-owns", "for", "list"}
"""The attributes that hold ids of the same page."""
_NAME = re.compile(r"[a-z_][\w:.-]*")

_BLOCK = re.compile(
    "address|article|aside|blockquote|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer"
    "|form|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|ul"
)
_OF_WORDS = re.compile(
    "abbr|b|button|cite|code|del|em|h[1-6]|i|kbd|label|p|pre|q|s|samp|small|span|strong|sub|summary"
    "|sup|u|var"
)
"""The elements in which no block may stand."""
_ONLY = {
    "dl": {"dd", "div", "dt", "script", "template"},
    "ol": {"li", "script", "template"},
    "table": {"caption", "colgroup", "tbody", "tfoot", "thead"},
    "tbody": {"tr"},
    "thead": {"tr"},
    "tr": {"td", "th"},
    "ul": {"li", "script", "template"},
}
"""The elements that hold some others and nothing else."""
_ACTIVE = {"a", "button", "details", "iframe", "input", "label", "select", "textarea"}
"""What one can use; no link and no button may hold it."""


@dataclass
class Markup:
    """What a page is made of, as far as links and validity go."""

    ids: list[str] = field(default_factory=list)
    leads: set[str] = field(default_factory=set)
    """The addresses to which it leads, and from which it loads."""
    names: set[str] = field(default_factory=set)
    """The ids that it takes for granted."""
    faults: list[str] = field(default_factory=list)
    """What is wrong with it, each with its line."""


def read_markup(html: str) -> Markup:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    for tag in reader.open:
        reader.fault(f"<{tag}> is never closed")
    return reader.markup


def astray(site: Path, markups: Mapping[str, Markup]) -> list[tuple[str, str]]:
    """Return what leads to no file, or to no id of a page, each with the page where it stands."""
    files = {file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()}
    anchors = {path: set(markup.ids) for path, markup in markups.items()}
    found = []
    for page, markup in markups.items():
        for address in markup.leads:
            if urlsplit(address).scheme not in ELSEWHERE:
                path, name = _led_to(page, address)
                if path not in files or (name and name not in anchors[path]):
                    found.append((page, address))
    return found


def _led_to(page: str, address: str) -> tuple[str, str]:
    """Return the path of the file to which an address in a page leads, and the id in it."""
    parts = urlsplit(urljoin(f"/{page}", address))
    path = unquote(parts.path).removeprefix("/")
    is_folder = not path or path.endswith("/")
    return posixpath.join(path, "index.html") if is_folder else path, unquote(parts.fragment)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.markup = Markup()
        self.open: list[str] = []

    def fault(self, told: str) -> None:
        self.markup.faults.append(f"{self.getpos()[0]}: {told}")

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self._place(tag)
        self._read(tag, attrs)
        if not _VOID.fullmatch(tag):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        if not _VOID.fullmatch(tag) and not {"svg", "math"}.intersection(self.open):
            self.fault(f"<{tag}/> closes nothing")
        self._place(tag)
        self._read(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1:] == [tag]:
            self.open.pop()
            return
        self.fault(f"</{tag}> stands in <{'> <'.join(self.open[-3:])}>")
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]

    def _place(self, tag: str) -> None:
        """Tell where an element stands in one that must not hold it."""
        parent = self.open[-1] if self.open else ""
        if tag not in _ONLY.get(parent, {tag}):
            self.fault(f"<{tag}> stands in <{parent}>")
        # A link may hold what may stand in its place.
        around = next((each for each in reversed(self.open) if each != "a"), "")
        if _BLOCK.fullmatch(tag) and _OF_WORDS.fullmatch(around):
            self.fault(f"<{tag}> stands in <{around}>")
        if tag in _ACTIVE and (active := {"a", "button"}.intersection(self.open)):
            self.fault(f"<{tag}> stands in <{active.pop()}>")

    def _read(self, tag: str, attrs: Attributes) -> None:
        names = [name for name, _ in attrs]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                self.fault(f"<{tag}> has {name} twice")
            if not _NAME.fullmatch(name):
                self.fault(f"<{tag}> has the attribute {name!r}")
        for name, value in attrs:
            if name == "id":
                self.markup.ids.append(value or "")
            elif name in _LEADING and value is not None:
                self.markup.leads.add(value)
            elif name in _NAMING:
                self.markup.names.update((value or "").split())
