"""How a verdict is found: from what a check, an example or a snippet raised."""

import ast
import inspect
import linecache
import re
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from mkdocs_claims.blame import is_raised_by
from mkdocs_claims.evidence import Verdict

__all__ = ["ADDRESS", "Finding", "MismatchError", "find"]

_MOST_LINES = 12
"""Lines of a statement that are shown whole."""
_LONGEST = 2000
"""Characters of an exception's text that are kept; a tensor printed whole helps nobody."""
_NOISE = re.compile(r"\n\s*(Use -v to get more diff)?(?=\n|$)")
"""What pytest adds to an assertion for those at a terminal: a hint, and empty lines."""
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
"""Where an object was in memory: another place in each run, and of no use to a reader."""


class MismatchError(AssertionError):
    """Something other than the expected was seen, and both are known."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}, seen: {seen}")
        self.expected = expected
        self.seen = seen


@dataclass(frozen=True)
class Finding:
    """What an exception means for the subject that let it through."""

    verdict: Verdict
    expected: str
    seen: str
    line: int


def find(
    error: BaseException, file: str, package: str, lines: Sequence[str] | None = None
) -> Finding:
    """Judge an exception that came out of a subject.

    Args:
        error: what was raised.
        file: the file of the subject, as its code names it.
        package: the top-level name of the package under test; empty if there is none.
        lines: the text of the file as it was executed, where that differs from what is on disk.
    """
    text = linecache.getlines(file) if lines is None else list(lines)
    frames = list(traceback.walk_tb(error.__traceback__))
    own = [line for frame, line in frames if frame.f_code.co_filename == file]
    line = own[-1] if own else _syntax_line(error, file)
    statement = _statement_at(line, text) if own else ""
    if isinstance(error, MismatchError):
        return Finding(Verdict.FAILS, error.expected, _shortened(error.seen), line)
    seen = _shortened(_described(error))
    if _is_assertion(error):
        return Finding(Verdict.FAILS, statement or "an assertion to hold", seen, line)

    def lines_of(name: str) -> Sequence[str]:
        return text if name == file else linecache.getlines(name)

    raised_by_package = is_raised_by(package, error, lines_of)
    verdict = Verdict.FAILS if raised_by_package else Verdict.ERROR
    return Finding(verdict, f"`{statement}` to run" if statement else "it to run", seen, line)


def _statement_at(line: int, text: Sequence[str]) -> str:
    """Return the statement on a line, whole where it takes a few lines and holds no others."""
    if line > len(text):
        return ""
    first = text[line - 1].strip()
    try:
        tree = ast.parse("\n".join(each.rstrip("\n") for each in text))
    except SyntaxError:
        return first
    smallest = _innermost(tree, line)
    if smallest is None or hasattr(smallest, "body"):
        return first
    lines = [each.rstrip("\n") for each in text[smallest.lineno - 1 : smallest.end_lineno]]
    return inspect.cleandoc("\n".join(["", *lines])) if len(lines) <= _MOST_LINES else first


def _innermost(node: ast.AST, line: int) -> ast.stmt | None:
    """Return the innermost statement in a piece of syntax that a line belongs to."""
    for child in ast.iter_child_nodes(node):
        last = getattr(child, "end_lineno", None)
        is_beside = last is not None and not getattr(child, "lineno", 0) <= line <= last
        if isinstance(child, ast.expr) or is_beside:
            continue
        if inner := _innermost(child, line):
            return inner
    is_around = isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    return node if is_around else None  # type: ignore[return-value]  # it is one, as above


def _is_assertion(error: BaseException) -> bool:
    # pytest's own failures ("DID NOT RAISE") are no AssertionError; they call themselves Failed.
    return isinstance(error, AssertionError) or type(error).__qualname__ == "Failed"


def _described(error: BaseException) -> str:
    kind = type(error)
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    if isinstance(error, AssertionError) or kind.__qualname__ == "Failed":
        return _NOISE.sub("", ADDRESS.sub("0x…", text)) or "AssertionError"
    is_builtin = kind.__module__ == "builtins"
    name = kind.__qualname__ if is_builtin else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name}: {text}" if text else name


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _syntax_line(error: BaseException, file: str) -> int:
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno or 0
    return 0
