"""A claim: how an author writes it, and how it is read, as syntax, without importing anything."""

import ast
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar, overload

from mkdocs_claims.assertions import Asserted, asserted_by
from mkdocs_claims.marks import mark_of, wrong_with
from mkdocs_claims.problems import Problem
from mkdocs_claims.spellings import bound_names, spellings_of

__all__ = ["RIVAL", "Claim", "claim", "read_claims"]

RIVAL = "__rival_of_claim__"
"""The attribute of a check's function that holds its rival."""

_FUNCTION = re.compile(r"^def (\w+)", re.MULTILINE)

Check = TypeVar("Check", bound=Callable[..., object])


@overload
def claim(check: Check, /) -> Check: ...


@overload
def claim(
    *,
    refuted_by: Sequence[Callable[..., object]] = (),
    rival: Callable[..., object] | None = None,
    timeout: float = 0,
) -> Callable[[Check], Check]: ...


def claim(
    check: Check | None = None,
    /,
    *,
    refuted_by: Sequence[Callable[..., object]] = (),  # noqa: ARG001  # read as syntax
    rival: Callable[..., object] | None = None,
    timeout: float = 0,  # noqa: ARG001  # as above
) -> Check | Callable[[Check], Check]:
    """Make a function the check of a claim: `@claim`, or `@claim(refuted_by=[...])`.

    The function's name gives the claim's id (with hyphens for underscores), its docstring the
    statement, its body the check.  The decorator only marks: claims are read as syntax, and pytest
    runs the function as it stands.

    Args:
        check: the function.
        refuted_by: the counterfactuals in which the check must fail.
        rival: other code, for which the check must fail, in the place of the decisive piece of it,
            which is the default of the check's one parameter that has one.
        timeout: seconds that the check may take, where that is not what the settings say.
    """

    def marked(function: Check) -> Check:
        if rival:
            setattr(function, RIVAL, rival)
        return function

    return marked if check is None else marked(check)


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
    refuted_by: tuple[str, ...] = ()
    """The names of the counterfactuals in which the check must fail."""
    rival: str = ""
    """What stands in the place of the decisive piece of the check, as code; empty if nothing."""
    lines: tuple[int, int] = (0, 0)
    """Its first line, decorators included, and its last."""
    asserted: tuple[Asserted, ...] = ()
    """What the check asserts, in its order."""


def read_claims(text: str, path: str) -> tuple[list[Claim], list[Problem]]:
    """Read the claims of one check module from its text."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        message = f"cannot be read as Python: {error.msg}"
        return [], [Problem(path, error.lineno or 0, message, tuple(_FUNCTION.findall(text)))]
    names = spellings_of("claim", tree)
    bound = bound_names(tree)
    claims: list[Claim] = []
    problems: list[Problem] = []
    unmarked: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        decorator = next(
            (d for d in function.decorator_list if ast.unparse(_called(d)) in names), None
        )
        if decorator is None:
            if any(ast.unparse(_called(d)) == "claim" for d in function.decorator_list) and (
                "claim" not in bound
            ):
                unmarked.append(function)
            continue
        mark = mark_of(decorator)
        wrong = wrong_with(function, mark, is_top_level=function in tree.body)
        if wrong or isinstance(mark, str) or not isinstance(function, ast.FunctionDef):
            message = f"claim '{function.name}' {wrong}"
            problems.append(Problem(path, function.lineno, message, (function.name,)))
            continue
        claims.append(
            Claim(
                id=function.name.replace("_", "-"),
                name=function.name,
                statement=" ".join((ast.get_docstring(function) or "").split()),
                path=path,
                line=function.lineno,
                code=_code(function, text),
                timeout=mark.timeout,
                refuted_by=mark.refuted_by,
                rival=mark.rival,
                lines=(function.decorator_list[0].lineno, function.end_lineno or function.lineno),
                asserted=asserted_by(function),
            )
        )
    if unmarked:
        message = "@claim is not imported; add 'from mkdocs_claims import claim'"
        line = min(each.lineno for each in unmarked)
        hidden = tuple(each.name for each in unmarked)
        problems.append(Problem(path, line, message, hidden))
    return claims, problems


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _code(function: ast.FunctionDef, text: str) -> str:
    lines = text.split("\n")
    docstring = function.body[0]
    head = lines[function.lineno - 1 : docstring.lineno - 1]
    body = lines[docstring.end_lineno or docstring.lineno : function.end_lineno]
    return inspect.cleandoc("\n".join(["", *head, *body])).replace(":\n\n", ":\n", 1)
