"""Executing a piece of a page or a snippet: where its lines are, what it asserts and prints."""

import ast
import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["execute", "printing"]


def execute(code: str, file: Path, line: int, namespace: dict[str, Any]) -> None:
    """Run code as if it began on a line of a file, with failed assertions that show their values.

    Raises:
        BaseException: whatever the code raises; SyntaxError with the line in the file.
    """
    from _pytest.assertion.rewrite import rewrite_asserts  # noqa: PLC0415  # nothing public does it

    text = "\n" * (line - 1) + code
    tree = ast.parse(text, filename=str(file))
    rewrite_asserts(tree, text.encode(), str(file))
    exec(compile(tree, str(file), "exec", dont_inherit=True), namespace)  # noqa: S102  # the point


@contextlib.contextmanager
def printing() -> Iterator[io.StringIO]:
    """Keep what is printed, and pass it on so that pytest shows it beside a failure."""
    kept = io.StringIO()
    outer = sys.stdout
    try:
        with contextlib.redirect_stdout(kept):
            yield kept
    finally:
        outer.write(kept.getvalue())
