"""The mark of a claim: what its decorator says, and what keeps a function from being a claim."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from mkdocs_claims.assertions import is_assertion, is_vain

__all__ = ["Mark", "mark_of", "wrong_with"]


@dataclass(frozen=True)
class Mark:
    """What the decorator of a check says."""

    refuted_by: tuple[str, ...] = ()
    """The names of counterfactuals."""
    rival: str = ""
    """The rival, as code."""
    timeout: float = 0


def mark_of(decorator: ast.expr) -> Mark | str:
    """Read what a decorator says, or say what is wrong with it."""
    if not isinstance(decorator, ast.Call):
        return Mark()
    said: dict[str, ast.expr] = {word.arg or "": word.value for word in decorator.keywords}
    if decorator.args or said.keys() - {"refuted_by", "rival", "timeout"}:
        return "takes `refuted_by=[...]`, `rival=...` and `timeout=120`, and nothing else"
    refuted_by = _names_in(said.get("refuted_by", ast.List([])))
    rival = said.get("rival")
    if isinstance(refuted_by, str):
        return refuted_by
    if not isinstance(rival, ast.Lambda | ast.Name | ast.Attribute | ast.Call | None):
        return "has a rival that is no function; write `rival=lambda ...: ...` or its name"
    match said.get("timeout"):
        case None:
            timeout: float = 0
        case ast.Constant(value=int() | float() as seconds) if seconds > 0 and seconds is not True:
            timeout = seconds
        case _:
            return "has a timeout that cannot be read; write seconds, as in `timeout=120`"
    return Mark(refuted_by, ast.unparse(rival) if rival else "", float(timeout))


def _names_in(written: ast.expr) -> tuple[str, ...] | str:
    """Return the names of the counterfactuals in a list, or say what is wrong with it."""
    items = written.elts if isinstance(written, ast.List | ast.Tuple) else [written]
    if items == [written] or not all(isinstance(one, ast.Name | ast.Attribute) for one in items):
        return (
            "has a `refuted_by` that cannot be read; write a list of the functions themselves, as "
            "in `refuted_by=[counterfactuals.eval_does_nothing]`"
        )
    names = tuple(ast.unparse(item).rpartition(".")[2] for item in items)
    if twice := [name for name in names if names.count(name) > 1]:
        return f"names '{twice[0]}' twice in its `refuted_by`; leave one out"
    return names


def wrong_with(  # noqa: PLR0911  # one return a fault, in the order in which they matter
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    mark: Mark | str,
    *,
    is_top_level: bool,
) -> str:
    """Say why a marked function cannot be a claim, or return an empty string."""
    if isinstance(function, ast.ClassDef):
        return "is a class; a claim is a function"
    if isinstance(function, ast.AsyncFunctionDef):
        return "is a coroutine, which would be created and never run; make it a plain function"
    if isinstance(mark, str):
        return mark
    if not is_top_level:
        return "is nested in another function or class; move it to the module's top level"
    if not (ast.get_docstring(function) or "").strip():
        return "has no statement; write it as the function's docstring, in one sentence"
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(function)):
        return "yields, so its body would never run; make it a plain function"
    if not any(is_assertion(node) for node in ast.walk(function)):
        return (
            "asserts nothing, so it could not fail; expected an `assert` on something that can be "
            "false, `pytest.raises`, `pytest.warns`, `pytest.fail` or a call of an `assert_...`"
        )
    if vain := [node for node in ast.walk(function) if is_vain(node)]:
        return (
            f"asserts on line {vain[0].lineno} what is always true, so it could not fail there; "
            "let it assert what can be false, or remove the line"
        )
    if mark.rival and _defaults(function) != 1:
        return (
            "has a rival, and must take what the rival stands in for as its one parameter with a "
            f"default, as in `def {function.name}(piece=lambda x: ...)`"
        )
    return ""


def _defaults(function: ast.FunctionDef) -> int:
    """Count the parameters that have a default."""
    given = [default for default in function.args.kw_defaults if default]
    return len(function.args.defaults) + len(given)


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Walk a function's body without entering the functions defined in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
