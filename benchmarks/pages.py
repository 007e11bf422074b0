"""The corpus: pages of ten torch blocks with prose between, made from the sections of blocks.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

__all__ = ["BLOCKS", "OPENING", "Page", "Section", "falsified", "pages", "sections"]

BLOCKS = 10
"""How many blocks a page has."""
OPENING = "```python"
"""The line that opens a block."""

_RAISES_EVERY = 20
"""One block in so many shows what must raise."""
_PRINTING = (3, 7)
"""Which blocks of a page print, in a corpus that does."""
_TABLE = """\
| call | records | trainable |
| --- | --- | --- |
| `no_grad` | no | no |
| `detach` | yes | no |
| plain | yes | yes |
"""
_ADMONITION = """\
!!! note "Where this matters"

    A training loop of $scale steps calls this once a step.
    What was said above holds for each of them.
"""


@dataclass(frozen=True)
class Section:
    """A heading, a sentence or two, and a block that shows what they say."""

    title: str
    prose: str
    code: str

    def text(self) -> str:
        """Return the section as it stands on a page."""
        return f"## {self.title}\n\n{self.prose}\n\n{OPENING}\n{self.code}```\n"

    def filled(self, number: int) -> "Section":
        """Return the section as it stands on the page of a number."""
        code = Template(self.code).substitute(
            seed=number, size=2 + number % 4, scale=2 + number % 7
        )
        return Section(self.title, self.prose, code)


@dataclass(frozen=True)
class Page:
    """A page of the corpus; its blocks share one namespace."""

    number: int
    text: str

    @property
    def name(self) -> str:
        """The name of its file, without the suffix."""
        return f"page-{self.number:04}"


def pages(count: int, *, printing: bool = False) -> list[Page]:
    """Return the first pages of the corpus; the same number gives the same page."""
    return [_page(number, printing=printing) for number in range(count)]


def _page(number: int, *, printing: bool) -> Page:
    parts = [f"# Page {number}\n", f"What is switched off here, and what is not: part {number}.\n"]
    for position, section in enumerate(_sections_of(number)):
        shown = section.filled(number)
        if printing and position in _PRINTING:
            told = f'print("{position}:", weight.detach(), tuple(inputs.shape))\n'
            shown = Section(shown.title, shown.prose, shown.code + told)
        parts.append(shown.text())
        if position == BLOCKS // 3:
            parts.append(_TABLE)
        if position == BLOCKS * 2 // 3:
            parts.append(Template(_ADMONITION).substitute(scale=10 * (number + 1)))
    return Page(number, "\n".join(parts))


def _sections_of(number: int) -> Iterator[Section]:
    (opening,) = sections("Opening")
    ordinary, raising = sections("Ordinary"), sections("Raising")
    yield opening
    for index in range(number * BLOCKS + 1, (number + 1) * BLOCKS):
        turn, place = divmod(index, _RAISES_EVERY)
        # Counted through the whole corpus, so that no two pages near each other are alike.
        raises = place == _RAISES_EVERY * 3 // 4
        yield raising[turn % len(raising)] if raises else ordinary[index % len(ordinary)]


@cache
def sections(group: str) -> list[Section]:
    """Return the sections of one group of blocks.md: Opening, Ordinary or Raising."""
    text = Path(__file__).with_name("blocks.md").read_text(encoding="utf-8")
    inner = re.split(r"^# (\w+)\n", text, flags=re.MULTILINE)
    written = inner[inner.index(group) + 1]
    return [
        Section(match["title"], match["prose"], match["code"])
        for match in re.finditer(
            r"^## (?P<title>[^\n]+)\n\n(?P<prose>.+?)\n\n```python\n(?P<code>.*?)^```$",
            written,
            re.MULTILINE | re.DOTALL,
        )
    ]


def falsified(text: str) -> str:
    """Return a page or a module whose last assertion is false."""
    before, mark, after = text.rpartition("\n" + re.findall(r"^ *assert ", text, re.MULTILINE)[-1])
    condition, line_end, rest = after.partition("\n")
    return f"{before}{mark}not ({condition}){line_end}{rest}"
