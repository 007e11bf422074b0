"""A form of a check that goes on past assertions that fail, so that those below are tried, too."""

import ast
import builtins
import inspect
import linecache
import sys
from collections.abc import Callable
from types import CodeType, FunctionType

from _pytest.assertion import rewrite  # nothing public gives assertions their words
from _pytest.outcomes import Failed

from mkdocs_claims.assertions import asserts, bodies, statements

__all__ = ["go_on_past"]

_FAILED, _FAILURES = "@assertion_failed", "@failures"
"""Names of a check's own, which nobody can write."""


def go_on_past(check: FunctionType, tell: Callable[[int, BaseException], None]) -> None:
    """Make a check tell of each assertion that fails, and go on with what stands below it.

    A check that is not as its file has it, as one that another decorator wraps, stays as it is.

    Args:
        check: the function; its assertions get the words that pytest gives them.
        tell: is called with the line of an assertion and what it raised.
    """
    code = _going_on(check.__code__)
    if code is None:
        return

    def failed(line: int, *, is_statement: bool) -> None:
        error = sys.exception()
        assert error is not None  # noqa: S101  # it is called where one is handled
        trace = error.__traceback__
        # Reading what an earlier failure left empty raises, too, and is none of this assertion.
        if is_statement and trace and trace.tb_next:
            raise error
        tell(line, error)

    check.__globals__.update(
        {
            _FAILED: failed,
            _FAILURES: (AssertionError, Failed),
            # What pytest imports at the top of a module whose assertions it rewrites.
            "@py_builtins": builtins,
            "@pytest_ar": rewrite,
        }
    )
    check.__code__ = code


def _going_on(code: CodeType) -> CodeType | None:
    """Return the code of a function that goes on, or nothing where its text is not to be had."""
    lines = linecache.getlines(code.co_filename)
    above = code.co_firstlineno - 1
    try:
        tree = ast.parse("\n" * above + "".join(inspect.getblock(lines[above:])))
    except SyntaxError:
        return None
    match tree.body:
        case [ast.FunctionDef(name=code.co_name) as function]:
            pass
        case _:
            return None
    function.decorator_list = []
    for statement in [function, *list(statements(function.body))]:
        if statement is function or not isinstance(statement, _DEFINITIONS):
            for body in bodies(statement):
                body[:] = map(_guarded, body)
    ast.fix_missing_locations(tree)
    rewrite.rewrite_asserts(tree, "".join(lines).encode(), code.co_filename)
    parts = compile(tree, code.co_filename, "exec", dont_inherit=True).co_consts
    named = (part for part in parts if isinstance(part, CodeType) and part.co_name == code.co_name)
    return next(named, None)


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _guarded(statement: ast.stmt) -> ast.stmt:
    """Put an assertion into a `try` that tells of its failure."""
    if not asserts(statement):
        return statement
    told = ast.Call(
        ast.Name(_FAILED, ast.Load()),
        [ast.Constant(statement.lineno)],
        [ast.keyword("is_statement", ast.Constant(isinstance(statement, ast.Assert)))],
    )
    handler = ast.ExceptHandler(ast.Name(_FAILURES, ast.Load()), None, [ast.Expr(told)])
    return ast.copy_location(ast.Try([statement], [handler], [], []), statement)
