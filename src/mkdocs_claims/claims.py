"""A claim: how an author writes it, and how it is read, as syntax, without importing anything."""

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar, overload

from mkdocs_claims.problems import Problem

__all__ = ["Claim", "claim", "read_claims"]

Check = TypeVar("Check", bound=Callable[..., object])


@overload
def claim(check: Check, /) -> Check: ...


@overload
def claim(*, timeout: float) -> Callable[[Check], Check]: ...


def claim(
    check: Check | None = None,
    /,
    *,
    timeout: float = 0,  # noqa: ARG001  # read as syntax
) -> Check | Callable[[Check], Check]:
    """Make a function the check of a claim: `@claim`, or `@claim(timeout=120)`.

    The function's name gives the claim's id (with hyphens for underscores), its docstring the
    statement, its body the check.  The decorator only marks: claims are read as syntax, and pytest
    runs the function as it stands.

    Args:
        check: the function.
        timeout: seconds that the check may take, where that is not what the settings say.
    """
    return (lambda marked: marked) if check is None else check


_HOMES = ("mkdocs_claims", "mkdocs_claims.claims")
"""The modules that the decorator can be imported from."""


@dataclass(frozen=True)
class Claim:
    """One sentence about the package under test that is true or false, with its check."""

    id: str
    name: str
    """The name of the check's function."""
    statement: str
    path: str
    line: int
    """The line of the check's `def`."""
    code: str
    """The text of the check, without decorator and docstring."""
    timeout: float = 0
    """Seconds that it may take; 0 stands for what the project's settings say."""


def read_claims(text: str, path: str) -> tuple[list[Claim], list[Problem]]:
    """Read the claims of one check module from its text."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return [], [Problem(path, error.lineno or 0, f"cannot be read as Python: {error.msg}")]
    names = _decorator_names(tree)
    bound = _bound_names(tree)
    claims: list[Claim] = []
    problems: list[Problem] = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        mark = next((d for d in function.decorator_list if ast.unparse(_called(d)) in names), None)
        if mark is None:
            if any(ast.unparse(_called(d)) == "claim" for d in function.decorator_list) and (
                "claim" not in bound
            ):
                message = "@claim is not imported; add 'from mkdocs_claims import claim'"
                problems.append(Problem(path, function.lineno, message))
            continue
        wrong = _wrong_with(function, mark, function in tree.body)
        if wrong or not isinstance(function, ast.FunctionDef):
            problems.append(Problem(path, function.lineno, f"claim '{function.name}' {wrong}"))
            continue
        claims.append(
            Claim(
                id=function.name.replace("_", "-"),
                name=function.name,
                statement=" ".join(_statement(function).split()),
                path=path,
                line=function.lineno,
                code=_code(function, text),
                timeout=_timeout(mark) or 0,
            )
        )
    return claims, problems


def _decorator_names(tree: ast.Module) -> set[str]:
    """Return the spellings under which this module can reach the decorator."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in _HOMES:
            for alias in node.names:
                name = alias.asname or alias.name
                names |= {"claim": {name}, "claims": {f"{name}.claim"}}.get(alias.name, set())
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in _HOMES:
                    names.add(f"{alias.asname or alias.name}.claim")
                    names.add(f"{alias.asname or _HOMES[0]}.claim")
    return names


def _bound_names(tree: ast.Module) -> set[str]:
    """Return the names that a module imports, defines or assigns."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def _wrong_with(  # noqa: PLR0911  # one return a fault, in the order in which they matter
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    mark: ast.expr,
    is_top_level: bool,  # noqa: FBT001  # one private caller
) -> str:
    """Say why this cannot be a claim, or return an empty string."""
    if isinstance(function, ast.ClassDef):
        return "is a class; a claim is a function"
    if isinstance(function, ast.AsyncFunctionDef):
        return "is a coroutine, which would be created and never run; make it a plain function"
    if _timeout(mark) is None:
        return "has arguments that cannot be read; write `@claim` or `@claim(timeout=120)`"
    if not is_top_level:
        return "is nested in another function or class; move it to the module's top level"
    if not _statement(function):
        return "has no statement; write it as the function's docstring, in one sentence"
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(function)):
        return "yields, so its body would never run; make it a plain function"
    if not any(_asserts(node) for node in ast.walk(function)):
        return (
            "asserts nothing, so it could not fail; expected an `assert` on something that can be "
            "false, `pytest.raises`, `pytest.warns`, `pytest.fail` or a call of an `assert_...`"
        )
    return ""


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Walk a function's body without entering the functions defined in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, ast.Constant | ast.Tuple)
    if isinstance(node, ast.Call):
        dotted = ast.unparse(node.func)
        last = dotted.rpartition(".")[2]
        return dotted in ("pytest.raises", "pytest.warns", "pytest.fail") or last.startswith(
            "assert_"
        )
    return False


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _timeout(mark: ast.expr) -> float | None:
    """Return the seconds that a decorator names, 0 if it names none, None if it cannot be read."""
    match mark:
        case ast.Call(args=[], keywords=[ast.keyword(arg="timeout", value=ast.Constant(seconds))]):
            if isinstance(seconds, int | float) and not isinstance(seconds, bool):
                return float(seconds) if seconds > 0 else None
            return None
        case ast.Call():
            return None
        case _:
            return 0


def _statement(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    return (ast.get_docstring(function) or "").strip()


def _code(function: ast.FunctionDef, text: str) -> str:
    lines = text.split("\n")
    docstring = function.body[0]
    head = lines[function.lineno - 1 : docstring.lineno - 1]
    body = lines[docstring.end_lineno or docstring.lineno : function.end_lineno]
    return inspect.cleandoc("\n".join(["", *head, *body])).replace(":\n\n", ":\n", 1)
