"""The census: the Python that readers see on a rendered page, against what was run.

It counts in the finished HTML, so it depends neither on the parser that collected the examples nor
on the formatter that showed them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from mkdocs_claims.pages import Embed, Example, Page, normalized
from mkdocs_claims.problems import Problem, suggestion

__all__ = ["Seen", "compare", "compare_citations", "read"]

_SHOWN_AS_PYTHON = re.compile(
    r"\b(?:language|lang)-(?!(?:pytb|py3tb|py2tb|python-traceback)\b)"
    r"(?:python|py|ipython|sage|numpy|bazel|starlark)[\w-]*"
)
_FENCE_AS_TEXT = re.compile(r"`{3,}|~{3,}")
_DIRECTIVE_AS_TEXT = re.compile(r"^[ \t]*/{3,}[ \t]*[\w-]*", re.MULTILINE)
_BEGIN = '<div class="claims-example" data-claims="'
_OURS = re.compile(r'<div data-claims="(\d+)"></div>')
_WORTH_A_LOOK = ("<!--", "data-claims", "lang-", "language-", "claim", "```", "~~~", "///")
_OTHER_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot);)")
"""Without any of these a page shows nothing that counts: reading it whole takes its time."""
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
_CODE_TAGS = ("pre", "code", "script", "style", "textarea")


@dataclass
class Seen:
    """What a rendered page shows."""

    blocks: list[int | None] = field(default_factory=list)
    """The Python blocks in their order: the formatter's number, or None where it made none."""
    raw_fences: list[str] = field(default_factory=list)
    """Text with the marks of a fence or a directive that was not rendered."""
    unresolved: list[str] = field(default_factory=list)
    """Claims that a link names and no one resolved."""


def read(html: str) -> Seen:
    """Count what a page's HTML shows."""
    # What the formatter made needs no look inside, and is most of the tags of a page.
    rest = _without_formatted(html)
    others = _OURS.sub("", rest).lower()
    if not any(mark in others for mark in _WORTH_A_LOOK) and not _OTHER_ENTITY.search(others):
        return Seen([int(number) for number in _OURS.findall(rest)])
    reader = _Reader()
    reader.feed(rest)
    reader.close()
    return reader.seen


def _without_formatted(html: str) -> str:
    """Return HTML in which what the formatter made is an empty element with its number."""
    first, *others = html.split(_BEGIN)
    kept = [first]
    for other in others:
        number, _, block = other.partition('">')
        _, end, after = block.partition(f'<span data-claims-end="{number}"></span></div>')
        is_ours = end and number.isdecimal()
        kept.append(f'<div data-claims="{number}"></div>{after}' if is_ours else _BEGIN + other)
    return "".join(kept)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self.open: list[str] = []
        self.inside: int | None = None
        """How many elements were open where the block or card began that is being read."""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attributes}
        if given.get("href", "").startswith("claim:"):
            self.seen.unresolved.append(given["href"].removeprefix("claim:"))
        if self.inside is None:
            classes = given.get("class", "")
            is_ours = "data-claims" in given
            is_block = tag != "code" or "pre" in self.open
            is_python = is_block and bool(_SHOWN_AS_PYTHON.search(classes))
            if is_ours or is_python:
                self.seen.blocks.append(int(given["data-claims"]) if is_ours else None)
            if is_ours or is_python or "claims-card" in classes.split():
                self.inside = len(self.open)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            return
        while self.open.pop() != tag:
            pass
        if self.inside is not None and len(self.open) <= self.inside:
            self.inside = None

    def handle_data(self, data: str) -> None:
        if any(tag in _CODE_TAGS for tag in self.open):
            return
        for pattern in (_FENCE_AS_TEXT, _DIRECTIVE_AS_TEXT):
            if match := pattern.search(data):
                line = data[match.start() :].splitlines()[0]
                self.seen.raw_fences.append(line.strip())


def compare(seen: Seen, shown: list[str], page: Page) -> list[Problem]:
    """Return where what a page shows and what was collected from it differ.

    `shown` holds the code of the formatter's blocks, by their numbers.
    """
    return [
        *_uncounted(seen, shown, page),
        *(
            Problem(page.path, _line_with(page, text), f"shown as text, not rendered: {text!r}")
            for text in seen.raw_fences
        ),
        *(
            Problem(
                page.path,
                _line_with(page, f"claim:{claim}"),
                f"the link to claim '{claim}' is raw HTML; write [some words](claim:{claim})",
            )
            for claim in seen.unresolved
        ),
    ]


def compare_citations(cited: set[str], known: list[str], page: Page) -> list[Problem]:
    """Return where the claims that a page shows and those that were collected from it differ.

    `cited` holds the claims that the rendered page links or shows, `known` those that there are.
    """
    unknown = [
        Problem(
            page.path,
            _line_with(page, claim),
            f"there is no claim '{claim}'{suggestion(claim, known)}",
        )
        for claim in sorted(cited - set(known))
    ]
    return unknown + [
        Problem(
            page.path,
            citation.line,
            f"readers do not see this citation of claim '{citation.claim}': it stands in code or "
            "raw HTML, or is a target that no link uses",
        )
        for citation in page.citations
        if citation.claim not in cited
    ]


def _uncounted(seen: Seen, shown: list[str], page: Page) -> Iterator[Problem]:
    expected = page.blocks()
    codes = [None if number is None else shown[number].rstrip("\n") for number in seen.blocks]
    if codes == [_code_of(block).rstrip("\n") for block in expected]:
        return
    waiting = [normalized(_code_of(block)) for block in expected]
    found = [None if code is None else normalized(code) for code in codes]
    if found == waiting:
        return
    for code in found:
        if code is not None and code in waiting:
            place = waiting.index(code)
            waiting.pop(place)
            expected.pop(place)
        else:
            first = (code or "").partition("\n")[0]
            about = f" ({first!r})" if first else ""
            wanted = "make it a ```python fence on a line of its own"
            if "8<--" in first:
                wanted = "to embed it, add pymdownx.snippets to the markdown_extensions"
            message = f"the page shows a Python block{about} that was never run; {wanted}"
            yield Problem(page.path, _line_with(page, first), message)
    for block in expected:
        message = "this block was run, and the page does not show it as code; check its indentation"
        yield Problem(page.path, block.line, message)


def _code_of(block: object) -> str:
    if isinstance(block, Example):
        return block.fence.body
    return block.code if isinstance(block, Embed) else getattr(block, "code", "")


def _line_with(page: Page, text: str) -> int:
    """Return the line on which a text stands, or 0 if it is not there as it is."""
    offset = page.text.find(text) if text else -1
    return page.text.count("\n", 0, offset) + 1 if offset >= 0 else 0
