"""How a verdict is found: from what a check, an example or a snippet raised."""

import ast
import builtins
import linecache
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType, ModuleType, TracebackType
from typing import Any

from mkdocs_claims.evidence import Verdict

__all__ = ["Finding", "MismatchError", "find"]

_LONGEST = 2000
"""Characters of an exception's text that are kept; a tensor printed whole helps nobody."""

_OWN_FAULTS = (NameError, ImportError, SyntaxError, RecursionError, MemoryError, SystemExit)
"""What a check's author has to mend, whoever raised it."""


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
    statement = text[line - 1].strip() if own and line <= len(text) else ""
    if isinstance(error, MismatchError):
        return Finding(Verdict.FAILS, error.expected, _shortened(error.seen), line)
    seen = _shortened(_described(error))
    if _is_assertion(error):
        return Finding(Verdict.FAILS, statement or "an assertion to hold", seen, line)
    raised_by_package = (
        package
        and frames
        and not isinstance(error, _OWN_FAULTS)
        and _is_inside(frames[-1][0], error.__traceback__, package, file, text)
    )
    verdict = Verdict.FAILS if raised_by_package else Verdict.ERROR
    return Finding(verdict, f"`{statement}` to run" if statement else "it to run", seen, line)


def _is_assertion(error: BaseException) -> bool:
    # pytest's own failures ("DID NOT RAISE") are no AssertionError; they call themselves Failed.
    return isinstance(error, AssertionError) or type(error).__qualname__ == "Failed"


def _is_inside(
    frame: FrameType, trace: TracebackType | None, package: str, file: str, text: Sequence[str]
) -> bool:
    """Whether the package under test raised: in a frame of its own, or in C, called by this one."""
    if _belongs(frame.f_globals.get("__name__", ""), package):
        return True
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return False
    name = frame.f_code.co_filename
    operation = _operation(frame, trace, text if name == file else linecache.getlines(name))
    if isinstance(operation, ast.Attribute):
        # Only a property of an existing object runs code; a missing name is the check's own fault.
        owner = _value(operation.value, frame)
        return _is_of(owner, package) and hasattr(type(owner), operation.attr)
    return any(_is_of(_value(operand, frame), package) for operand in _operands(operation))


def _operation(frame: FrameType, trace: TracebackType, text: Sequence[str]) -> ast.expr | None:
    """Read, from the position of the instruction that raised, what was being done there.

    Functions written in C leave no frame, so the innermost one is that of their caller.
    """
    position = list(frame.f_code.co_positions())[trace.tb_lasti // 2]
    start, end, left, right = position
    if start is None or end is None or left is None or right is None:
        return None
    lines = [line.encode() for line in text[start - 1 : end]]
    if not lines:
        return None
    lines[-1] = lines[-1][:right]
    lines[0] = lines[0][left:]
    try:
        return ast.parse(b"".join(lines).strip(), mode="eval").body
    except SyntaxError:
        return None


def _operands(operation: ast.expr | None) -> list[ast.expr]:
    """Return the parts of an operation whose own code may have run."""
    match operation:
        case ast.Call(func=ast.Attribute(value=owner) as function):
            return [function, owner]
        case ast.Call(func=function, args=arguments):
            # `float(tensor)`, `len(tensor)`: Python's own function runs the argument's code.
            is_builtin = vars(builtins).get(getattr(function, "id", "")) is not None
            return [function, *arguments] if is_builtin else [function]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.UnaryOp(operand=value) | ast.Subscript(value=value):
            return [value]
        case _:
            return [operation] if operation else []


def _value(expression: ast.expr, frame: FrameType) -> Any:  # noqa: ANN401  # any Python object
    """Look an expression up without running anything; an owner stands for what it gives."""
    match expression:
        case ast.Name(id=name):
            return {**frame.f_globals, **frame.f_locals}.get(name)
        case ast.Attribute(value=value, attr=attribute):
            owner = _value(value, frame)
            is_plain = isinstance(owner, ModuleType | type)
            return vars(owner).get(attribute, owner) if is_plain else owner
        case ast.Call(func=value):
            return _value(value, frame)
        case ast.Subscript(value=value) | ast.BinOp(left=value) | ast.UnaryOp(operand=value):
            return _value(value, frame)
        case _:
            return None


def _is_of(value: object, package: str) -> bool:
    """Whether a module, class, function or instance is the package's own."""
    names = [kind.__module__ for kind in type(value).__mro__]
    names += [kind.__module__ for kind in getattr(value, "__mro__", ())]
    if isinstance(value, ModuleType):
        names.append(value.__name__)
    if callable(value):
        names.append(getattr(value, "__module__", ""))
    return any(_belongs(name, package) for name in names)


def _belongs(module: object, package: str) -> bool:
    return isinstance(module, str) and (module == package or module.startswith(f"{package}."))


def _described(error: BaseException) -> str:
    kind = type(error)
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    if isinstance(error, AssertionError) or kind.__qualname__ == "Failed":
        return text or "AssertionError"
    is_builtin = kind.__module__ == "builtins"
    name = kind.__qualname__ if is_builtin else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name}: {text}" if text else name


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _syntax_line(error: BaseException, file: str) -> int:
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno or 0
    return 0
