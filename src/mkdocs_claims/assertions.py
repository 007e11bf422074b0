"""The assertions of a check, as syntax: what in it can be false, and where it stands."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

__all__ = ["Asserted", "asserted_by", "asserts", "bodies", "is_assertion", "is_vain", "statements"]

_CATCHING = ("pytest.raises", "pytest.warns")


@dataclass(frozen=True)
class Asserted:
    """One thing that a check asserts."""

    line: int
    code: str
    """The statement in one line, or how it begins where it is a block."""
    is_refuted: bool = False
    """Whether it was seen to fail where its author says that the claim is false."""
    fails_in: tuple[str, ...] = ()
    """All counterfactuals in which it was seen to fail."""


def is_assertion(node: ast.AST) -> bool:
    """Whether a piece of syntax by itself asserts something that can be false."""
    if isinstance(node, ast.Assert):
        return not is_vain(node)
    if isinstance(node, ast.Call):
        dotted = ast.unparse(node.func)
        last = dotted.rpartition(".")[2]
        return dotted in (*_CATCHING, "pytest.fail") or last.startswith("assert_")
    return False


def is_vain(node: ast.AST) -> TypeGuard[ast.Assert]:
    """Whether a piece of syntax asserts what is always true, as `assert (x, "why")` does."""
    if not isinstance(node, ast.Assert):
        return False
    match node.test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=items):
            return bool(items)
        case _:
            return False


def asserts(statement: ast.stmt) -> bool:
    """Whether a statement is an assertion, or a block that is one by how it begins."""
    match statement:
        case ast.Expr(value=value) | ast.Assign(value=value):
            return is_assertion(value)
        case ast.With(items=items):
            return any(is_assertion(item.context_expr) for item in items)
        case _:
            return is_assertion(statement)


def asserted_by(function: ast.FunctionDef) -> tuple[Asserted, ...]:
    """Return a function's own assertions, in their order."""
    return tuple(
        Asserted(each.lineno, ast.unparse(each).partition("\n")[0])
        for each in statements(function.body)
        if asserts(each)
    )


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements and those within them, but for what stands in functions and classes.

    Whoever calls a function within a check may count on what its assertions raise.
    """
    for statement in body:
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for inner in bodies(statement):
                yield from statements(inner)


def bodies(statement: ast.stmt) -> list[list[ast.stmt]]:
    """Return the lists of statements that stand within a statement."""
    owners = [statement, *getattr(statement, "handlers", []), *getattr(statement, "cases", [])]
    names = ("body", "orelse", "finalbody")
    return [getattr(owner, name) for owner in owners for name in names if hasattr(owner, name)]
