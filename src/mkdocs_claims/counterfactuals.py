"""A counterfactual: a changed package, in which a check that is worth anything fails."""

import ast
import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from mkdocs_claims.problems import Problem
from mkdocs_claims.spellings import spellings_of

__all__ = ["Change", "Counterfactual", "counterfactual", "read_counterfactuals"]

Changer = TypeVar("Changer", bound=Callable[..., object])


def counterfactual(changer: Changer) -> Changer:
    """Make a function a counterfactual: `@counterfactual`.

    The function's name is the counterfactual's, its docstring says in one sentence what is other
    than it is, and its body makes that so, through the `Change` that it is called with.  It is
    called in a process of its own, which ends with the check that is run in it; so nothing need be
    undone.  The decorator only marks: counterfactuals are read as syntax.
    """
    return changer


@dataclass(frozen=True)
class Counterfactual:
    """A changed package."""

    name: str
    statement: str
    """What is other than it is, as a sentence: "`torch.no_grad` does nothing."."""
    path: str
    line: int
    """The line of the function's `def`."""
    lines: tuple[int, int]
    """Its first line, decorators included, and its last."""


class Change:
    """Changes a package in this process, and counts how often what was changed is used."""

    def __init__(self, *, is_probe: bool = False) -> None:
        self.is_probe = is_probe
        """Whether everything goes on doing what it does, and uses are only counted."""
        self.uses = 0
        """How often something that was changed was called."""
        self.crash = ""
        """What the first fault of the changing code itself was, in words."""

    def method(self, owner: type, name: str, replacement: Callable[..., object]) -> None:
        """Replace a method in its class, for all who know the class by whatever name.

        `replacement` is called with the method that was there, then with the method's arguments.

        Raises:
            AttributeError: the class has no such method.
        """
        setattr(owner, name, self.replacing(getattr(owner, name), replacement))

    def function(self, function: Callable[..., object], replacement: Callable[..., object]) -> None:
        """Replace what a function of Python does, for all who know it by whatever name.

        `replacement` is called with a function that does what was done before, then with the
        function's arguments.

        Raises:
            ValueError: it is no function of Python, or a closure, whose code cannot be exchanged.
        """
        name = getattr(function, "__qualname__", repr(function))
        if not isinstance(function, types.FunctionType):
            message = f"'{name}' is no function of Python; change it where it is called"
            raise ValueError(message)  # noqa: TRY004  # one error for all that cannot be changed
        if function.__closure__:
            message = f"'{name}' is a closure; change what it calls"
            raise ValueError(message)
        before = types.FunctionType(
            function.__code__, function.__globals__, function.__name__, function.__defaults__
        )
        before.__kwdefaults__ = function.__kwdefaults__
        own = f"__{function.__name__}_of_a_counterfactual_{id(before)}"
        function.__globals__[own] = self.replacing(before, replacement)
        passes_on: dict[str, Any] = {}
        exec(f"def f(*args, **kwargs): return {own}(*args, **kwargs)", passes_on)  # noqa: S102  # its text is ours
        function.__code__ = passes_on["f"].__code__
        function.__defaults__ = function.__kwdefaults__ = None

    def replacing(
        self, original: Callable[..., Any], replacement: Callable[..., object]
    ) -> Callable[..., Any]:
        """Return what calls a replacement, and counts that: for a route that is not foreseen here.

        `replacement` is called with the original, then with the arguments of the call.
        """

        def passed_on(*args: object, **kwargs: object) -> object:
            try:
                return original(*args, **kwargs)
            except BaseException as error:
                is_called_wrongly = isinstance(original, types.FunctionType) and (
                    error.__traceback__ is not None and error.__traceback__.tb_next is None
                )
                error.__is_passed_on__ = not is_called_wrongly  # type: ignore[attr-defined]
                raise

        @functools.wraps(original)
        def changed(*args: object, **kwargs: object) -> object:
            self.uses += 1
            if self.is_probe:
                return original(*args, **kwargs)
            try:
                return replacement(passed_on, *args, **kwargs)
            except BaseException as error:
                is_passed_on = getattr(error, "__is_passed_on__", None)
                if is_passed_on is False or (
                    is_passed_on is None and _is_raised_in(error, replacement)
                ):
                    self.crash = self.crash or f"{type(error).__name__}: {error}"
                raise

        return changed


def _is_raised_in(error: BaseException, function: Callable[..., object]) -> bool:
    """Whether an exception was raised by the code of the file that a function stands in."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    code = getattr(inspect.unwrap(function), "__code__", None)
    return bool(trace and code and trace.tb_frame.f_code.co_filename == code.co_filename)


def read_counterfactuals(text: str, path: str) -> tuple[list[Counterfactual], list[Problem]]:
    """Read the counterfactuals of one module from its text."""
    if counterfactual.__name__ not in text:
        return [], []
    try:
        tree = ast.parse(text)
    except SyntaxError:  # which is told when its claims are read
        return [], []
    names = spellings_of("counterfactual", tree)
    found: list[Counterfactual] = []
    problems: list[Problem] = []
    for node in ast.walk(tree):
        decorators = getattr(node, "decorator_list", [])
        if not any(ast.unparse(decorator).partition("(")[0] in names for decorator in decorators):
            continue
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)  # noqa: S101
        wrong = _wrong_with(node, decorators, is_top_level=node in tree.body)
        if wrong:
            message = f"counterfactual '{node.name}' {wrong}"
            problems.append(Problem(path, node.lineno, message, (node.name,)))
            continue
        found.append(
            Counterfactual(
                name=node.name,
                statement=" ".join((ast.get_docstring(node) or "").split()),
                path=path,
                line=node.lineno,
                lines=(decorators[0].lineno, node.end_lineno or node.lineno),
            )
        )
    return found, problems


def _wrong_with(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    decorators: list[ast.expr],
    *,
    is_top_level: bool,
) -> str:
    """Say why this cannot be a counterfactual, or return an empty string."""
    if not isinstance(node, ast.FunctionDef):
        return "must be a plain function"
    if any(isinstance(decorator, ast.Call) for decorator in decorators):
        return "takes no arguments; write `@counterfactual`"
    if not is_top_level:
        return "is nested in another function or class; move it to the module's top level"
    if len(node.args.posonlyargs + node.args.args) != 1:
        return f"takes the change and nothing else; write `def {node.name}(change: Change) -> None`"
    if not (ast.get_docstring(node) or "").strip():
        return "does not say what it changes; write it as the function's docstring, in one sentence"
    return ""
