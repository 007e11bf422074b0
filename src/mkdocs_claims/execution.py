"""Executing a piece of a page or a snippet: where its lines are, what it asserts and prints."""

import ast
import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["Printed", "cut_short", "execute", "printing"]

MOST_PRINTED = 65_536
"""Characters of what one subject prints that are kept."""


def execute(
    code: str, file: Path, line: int, namespace: dict[str, Any], *, shows_values: bool = True
) -> None:
    """Run code as if it began on a line of a file.

    Args:
        code: what to run.
        file: the file that it stands in.
        line: the line of that file on which it begins.
        namespace: where its names are looked up and bound.
        shows_values: whether an assertion that fails tells the values in it, which takes several
            times as long to compile.

    Raises:
        BaseException: whatever the code raises; SyntaxError with the line in the file.
    """
    text = "\n" * (line - 1) + code
    if shows_values:
        from _pytest.assertion.rewrite import rewrite_asserts  # noqa: PLC0415  # nothing public

        tree = ast.parse(text, filename=str(file))
        rewrite_asserts(tree, text.encode(), str(file))
        compiled = compile(tree, str(file), "exec", dont_inherit=True)
    else:
        compiled = compile(text, str(file), "exec", dont_inherit=True)
    exec(compiled, namespace)  # noqa: S102  # the point


class Printed(io.StringIO):
    """A standard output that keeps what is printed, up to a limit, also when it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._length = 0
        self._closed_with = ""

    def write(self, text: str) -> int:
        """Keep a text, or as much of it as there is room for."""
        room = MOST_PRINTED - self._length
        self._length += len(text)
        if room > 0:
            super().write(text[:room])
        return len(text)

    def close(self) -> None:
        """Keep what was printed so far, and refuse more."""
        if not self.closed:
            self._closed_with = self.getvalue()
        super().close()

    def kept(self) -> str:
        """Return what was printed; where it was too much, the beginning and how much it was."""
        text = self._closed_with if self.closed else self.getvalue()
        return cut_short(text, self._length)


def cut_short(printed: str, length: int) -> str:
    """Return a printed text of some length; where that is too long, say so behind its beginning."""
    if length <= MOST_PRINTED:
        return printed
    return (
        f"{printed[:MOST_PRINTED]}\n… ({length:,} characters were printed; the rest is left out)\n"
    )


@contextlib.contextmanager
def printing() -> Iterator[Printed]:
    """Keep what is printed, and pass it on so that pytest shows it beside a failure."""
    printed = Printed()
    outer = sys.stdout
    try:
        with contextlib.redirect_stdout(printed):
            yield printed
    finally:
        with contextlib.suppress(OSError, ValueError):  # the code may have closed it
            outer.write(printed.kept())
