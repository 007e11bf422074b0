"""A problem: something an author has to mend, with its place."""

import textwrap
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """Something that stands in the way of publishing, and is not a verdict.

    `path` is relative to the project's root, with forward slashes; `line` counts from 1, and 0
    stands for the file as a whole.
    """

    path: str
    line: int
    message: str
    hides: tuple[str, ...] = field(default=(), compare=False)
    """The names of functions that cannot be read because of it; they may be there all the same."""
    keeps_from_running: bool = field(default=False, compare=False)
    """Whether a block of a page is not run because of it, for want of which others may fail."""

    def __str__(self) -> str:
        return f"{place(self.path, self.line)}: {self.message}"


def place(path: str, line: int) -> str:
    """Write a place the way that editors and terminals make clickable."""
    return f"{path}:{line}" if line else path


def read_text(file: Path, path: str) -> str | Problem:
    """Read a source file as UTF-8, or say which byte on which line is not."""
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Problem(
            path,
            line,
            f"byte 0x{content[error.start]:02x} is not valid UTF-8; save the file as UTF-8",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def nearest(word: str, known: list[str]) -> str:
    """Return the known word that is nearest to one, or an empty string if none is near."""
    from difflib import get_close_matches  # noqa: PLC0415  # only needed once something is wrong

    return next(iter(get_close_matches(word, known, n=1)), "")


def suggestion(word: str, known: list[str]) -> str:
    """Return ", did you mean 'x'?" for the nearest known word, or nothing."""
    near = nearest(word, known)
    return f", did you mean '{near}'?" if near else ""


def entry(first: str, told: dict[str, str]) -> str:
    """Return what is told of one thing: a line, and under it what else is known, by its words."""
    lines = [first]
    for word, text in told.items():
        if text:
            lines.append(f"  {word:<9} " + textwrap.indent(text, " " * 12).lstrip())
    return "\n".join(lines)
