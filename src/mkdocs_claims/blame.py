"""Whether it was the package under test that raised, or the check's own fault.

Functions written in C leave no frame, so the innermost one may be the check's: what it was doing
there is read from the position of the instruction that raised, in the text.
"""

import ast
import builtins
import inspect
from collections.abc import Callable, Sequence
from types import FrameType, ModuleType, TracebackType
from typing import Any

__all__ = ["is_raised_by"]

_OWN_FAULTS = (NameError, ImportError, SyntaxError, RecursionError, MemoryError, SystemExit)
"""What a check's author has to mend, whoever raised it."""

_NOTHING = object()
"""Stands for a value that cannot be known without running code."""


def is_raised_by(
    package: str, error: BaseException, lines_of: Callable[[str], Sequence[str]]
) -> bool:
    """Whether the package raised: in a frame of its own, or in C, called from the innermost one.

    `lines_of` returns the lines of a file, as it was executed.
    """
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if not package or trace is None or isinstance(error, _OWN_FAULTS):
        return False
    frame = trace.tb_frame
    is_inside = _belongs(frame.f_globals.get("__name__"), package)
    if isinstance(error, AttributeError):
        # A name that is not there is a wrong name, also where the package's own code looks it up.
        return is_inside and frame.f_code.co_name != "__getattr__"
    if is_inside:
        return True
    operation = _operation(trace, lines_of(frame.f_code.co_filename))
    return any(
        _is_of(_value(operand, frame, package), package)
        for operand in _operands(operation, frame, package)
    )


def _operation(trace: TracebackType, text: Sequence[str]) -> ast.AST | None:
    """Return the expression or statement that the instruction that raised belongs to."""
    position = list(trace.tb_frame.f_code.co_positions())[trace.tb_lasti // 2]
    start, end, left, right = position
    if start is None or end is None or left is None or right is None:
        return None
    lines = [line.encode() for line in text[start - 1 : end]]
    if not lines:
        return None
    lines[-1] = lines[-1][:right]
    indented = b" " * left
    lines = [lines[0][left:], *(line.removeprefix(indented) for line in lines[1:])]
    code = b"".join(lines).decode(errors="replace")
    for form in (f"({code}\n)", code):
        try:
            (statement,) = ast.parse(form).body
        except (SyntaxError, ValueError):
            continue
        operation = statement.value if isinstance(statement, ast.Expr) else statement
        items = _items_of_comprehensions(text, (start, left), trace.tb_frame)
        return _Named(items).visit(operation) if items else operation
    return None


def _items_of_comprehensions(
    text: Sequence[str], place: tuple[int, int], frame: FrameType
) -> dict[str, ast.expr]:
    """Return what stands for the variables of the comprehensions around a place.

    Since Python 3.12 they are in no frame once the comprehension was left.
    """
    try:
        tree = ast.parse("\n".join(line.rstrip("\n") for line in text))
    except SyntaxError:
        return {}
    return {
        each.target.id: ast.Subscript(each.iter, ast.Constant(0), ast.Load())
        for node in ast.walk(tree)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp)
        and (node.lineno, node.col_offset) <= place <= (node.end_lineno, node.end_col_offset)
        for each in node.generators
        if isinstance(each.target, ast.Name) and each.target.id not in frame.f_locals
    }


class _Named(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, meant: dict[str, ast.expr]) -> None:
        self.meant = meant

    def visit_Name(self, node: ast.Name) -> ast.expr:  # ast's name
        return self.meant.get(node.id, node)


def _operands(  # noqa: PLR0911  # one return a form
    operation: ast.AST | None, frame: FrameType, package: str
) -> list[ast.expr]:
    """Return the parts of an operation whose own code may have raised."""
    match operation:
        case ast.Call(func=function, args=arguments):
            owner = [function.value] if isinstance(function, ast.Attribute) else []
            if not _is_python_s_own(_value(function, frame, package)):
                arguments = []
            # `float(tensor)`, `sum(tensors)`: Python's own function runs its arguments' code.
            return [function, *owner, *_opened(arguments, frame, package)]
        case ast.BinOp(left=left, right=right) | ast.AugAssign(target=left, value=right):
            return [left, right]
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.UnaryOp(operand=value) | ast.Subscript(value=value) | ast.Attribute(value=value):
            return [value]
        case ast.Assert(test=value) | ast.If(test=value) | ast.While(test=value):
            return [value]
        case ast.Assign(targets=[ast.Attribute(value=value) | ast.Subscript(value=value)]):
            return [value]
        case ast.expr():
            return [operation]
        case _:
            return []


def _opened(arguments: list[ast.expr], frame: FrameType, package: str) -> list[ast.expr]:
    """Return arguments, with those that are containers followed by one of the package's in them."""
    opened = []
    for argument in arguments:
        opened.append(argument)
        value = _value(argument, frame, package)
        if isinstance(value, list | tuple | set | frozenset) and any(
            _is_of(item, package) for item in value
        ):
            opened.append(ast.Name(package, ast.Load()))
    return opened


def _is_python_s_own(function: object) -> bool:
    return any(function is known for known in vars(builtins).values())


def _value(expression: ast.expr, frame: FrameType, package: str) -> Any:  # noqa: ANN401, PLR0911  # any object; a case a form
    """Look an expression up without running anything; a part may stand for what it gives."""
    match expression:
        case ast.Name(id=name):
            known = {**vars(builtins), **frame.f_globals, **frame.f_locals}
            return known.get(name, _NOTHING)
        case ast.Attribute(value=inner, attr=attribute):
            owner = _value(inner, frame, package)
            found = inspect.getattr_static(owner, attribute, _NOTHING)
            is_plain = isinstance(owner, ModuleType | type)
            return found if is_plain and found is not _NOTHING else owner
        case ast.Subscript(value=inner, slice=ast.Constant(value=key)):
            return _item(_value(inner, frame, package), key)
        case ast.Dict(keys=keys, values=values):
            return {
                key.value: _value(value, frame, package)
                for key, value in zip(keys, values, strict=True)
                if isinstance(key, ast.Constant)
            }
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return [_value(item, frame, package) for item in items]
        case ast.BinOp(left=left, right=right):
            found = _value(left, frame, package)
            return found if _is_of(found, package) else _value(right, frame, package)
        case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.UnaryOp(operand=inner):
            return _value(inner, frame, package)
        case ast.Compare(left=inner):
            return _value(inner, frame, package)
        case _:
            return _NOTHING


def _item(owner: Any, key: Any) -> Any:  # noqa: ANN401  # any object
    """Return an item of Python's own containers; another owner stands for what it gives."""
    if not isinstance(owner, dict | list | tuple):
        return owner
    try:
        return owner[key]
    except LookupError:
        return _NOTHING


def _is_of(value: object, package: str) -> bool:
    """Whether a module, class, function, method or instance is the package's own."""
    owners = [value, getattr(value, "__self__", None)] if callable(value) else [value]
    names: list[object] = []
    for owner in owners:
        names += [kind.__module__ for kind in type(owner).__mro__]
        names += [kind.__module__ for kind in getattr(owner, "__mro__", ())]
        if isinstance(owner, ModuleType):
            names.append(owner.__name__)
        elif callable(owner):
            names.append(getattr(owner, "__module__", None))
    return any(_belongs(name, package) for name in names)


def _belongs(module: object, package: str) -> bool:
    return isinstance(module, str) and (module == package or module.startswith(f"{package}."))
