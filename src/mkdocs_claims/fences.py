"""A page's fences: where each stands, its language and its attributes; the one parser for all.

It reads a page as the renderer (pymdownx.superfences) does: a fence in a comment or inside a longer
fence is none, and one that the renderer would show as text is a problem, never passed over.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from mkdocs_claims.info_strings import complaints, read_info
from mkdocs_claims.problems import Problem

__all__ = ["Fence", "Scan", "scan"]

_OPENING = re.compile(r"(?P<prefix>[> \t]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_BULLET = re.compile(r"[> \t]*(?:[-*+]|\d+[.)])[ \t]+(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$")
_INLINE_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_MARK = re.compile(r"[`~]|<!--|>>>")
"""What any line has that is more than prose."""
_PROMPT = re.compile(r"^[> \t]*>>> ?\S", re.MULTILINE)


@dataclass(frozen=True)
class Fence:
    """One fenced block of a page."""

    line: int
    """The line that opens it; its body begins on the next one."""
    end_line: int
    start: int
    """The offset of the opening line in the page's text; `end` is where the closing line ends."""
    end: int
    language: str
    """The language as written, in lower case; empty where there is none."""
    body: str
    """The text between the two lines, without the indentation or quote marks of the fence."""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scan:
    """What one pass over a page's lines found."""

    fences: list[Fence]
    prose: str
    """The text with fences, comments and inline code blanked; every offset stays as it is."""
    problems: list[Problem]


@dataclass
class _Open:
    """A fence whose closing line has not come yet."""

    line: int
    start: int
    prefix: str
    mark: str
    info: str
    body: list[str]

    @classmethod
    def at(cls, line: int, start: int, match: re.Match[str]) -> Self:
        """Open a fence; one behind a bullet is indented as far as its mark."""
        prefix = match.string[: match.start("fence")]
        if prefix.strip("> \t"):
            prefix = " " * len(prefix)
        return cls(line, start, prefix, match["fence"], match["info"], [])


class _Scanner:
    """One pass over the lines of a page."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.fences: list[Fence] = []
        self.problems: list[Problem] = []
        self.opened: _Open | None = None
        self.in_comment = False

    def read(self, number: int, offset: int, line: str) -> str:
        """Take a line; return its prose."""
        if not self.opened and not self.in_comment and not _MARK.search(line):
            return line
        if self.opened and (inside := _inside(line, self.opened.prefix)) is not None:
            opened = self.opened
            if inside.rstrip(" \t") == opened.mark:
                self._close(opened, number, offset + len(line))
            elif (other := _OPENING.match(line)) and _opens_another(inside, opened.mark):
                self._leave_open(f"line {number} opens another")
                self.opened = _Open.at(number, offset, other)
            else:
                opened.body.append(inside)
            return " " * len(line)
        if self.opened:
            mark = self.opened.mark
            self._leave_open(f"line {number} is indented less")
            if line.strip() == mark:
                return " " * len(line)
        return self._read_prose(number, offset, line)

    def end(self, number: int) -> None:
        """Take note of what is still open after the last line."""
        if self.opened:
            self._leave_open("the page ends first")
        if self.in_comment:
            self.problems.append(Problem(self.path, number, "a comment `<!--` is never closed"))

    def _read_prose(self, number: int, offset: int, line: str) -> str:
        seen, self.in_comment = _without_comments(line, in_comment=self.in_comment)
        match = _OPENING.match(seen)
        # Backticks in what cannot be an info string: inline code that happens to begin the line.
        if match and not ("`" in match["info"] and read_info(match["info"])[2]):
            self.opened = _Open.at(number, offset, match)
            return " " * len(line)
        if match := _BULLET.match(seen):
            self.opened = _Open.at(number, offset, match)
            message = (
                "a fence on the line of its bullet is shown as text; put it on a line of its own, "
                "indented by four spaces"
            )
            self.problems.append(Problem(self.path, number, message))
            return " " * len(line)
        if _PROMPT.match(seen):
            message = "a session outside a fence is not run; put it in a ```pycon fence"
            self.problems.append(Problem(self.path, number, message))
        return _INLINE_CODE.sub(_blank, seen)

    def _close(self, opened: _Open, end_line: int, end: int) -> None:
        language, attributes, wrong = read_info(opened.info)
        body = "".join(f"{line}\n" for line in opened.body)
        found = [wrong] if wrong else complaints(language, attributes, body)
        self.problems.extend(Problem(self.path, opened.line, each) for each in found)
        self.fences.append(
            Fence(
                line=opened.line,
                end_line=end_line,
                start=opened.start,
                end=end,
                language=language,
                body=body,
                attributes=attributes,
            )
        )
        self.opened = None

    def _leave_open(self, why: str) -> None:
        if self.opened:
            wanted = f"expected a line '{self.opened.mark}' below it, as far indented"
            message = f"this fence is never closed ({why}); {wanted}"
            self.problems.append(Problem(self.path, self.opened.line, message))
        self.opened = None


def scan(text: str, path: str) -> Scan:
    """Find the fences of a Markdown text."""
    scanner = _Scanner(path)
    prose: list[str] = []
    offset = 0
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        prose.append(scanner.read(number, offset, line))
        offset += len(line) + 1
    scanner.end(len(lines))
    return Scan(scanner.fences, "\n".join(prose), sorted(scanner.problems))


def _opens_another(inside: str, mark: str) -> bool:
    """Whether a line in a fence opens one, with a language: the first was left open."""
    match = _OPENING.match(inside)
    if not match or match["fence"] != mark or match["prefix"] or "`" in match["info"]:
        return False
    return bool(match["info"].strip())


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _inside(content: str, prefix: str) -> str | None:
    """Return a line of a fence without the fence's prefix, or None if it is indented less."""
    if not prefix:
        return content
    if not content.strip("> \t"):
        return content[len(prefix) :] if len(content) > len(prefix) else ""
    spaced = content.expandtabs(4)
    prefix = prefix.expandtabs(4)
    if spaced.startswith(prefix):
        return spaced[len(prefix) :]
    return None


def _without_comments(content: str, *, in_comment: bool) -> tuple[str, bool]:
    """Blank what stands in comments on one line; say whether a comment is open at its end."""
    if not in_comment and "<!--" not in content:
        return content, False
    hidden = _INLINE_CODE.sub(_blank, content)
    seen = list(content)
    place = 0
    while place < len(content):
        if in_comment:
            end = content.find("-->", place)
            stop = len(content) if end < 0 else end + 3
            seen[place:stop] = " " * (stop - place)
            in_comment = end < 0
        else:
            stop = hidden.find("<!--", place)
            if stop < 0:
                break
            in_comment = True
        place = stop
    return "".join(seen), in_comment
