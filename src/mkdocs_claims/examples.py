"""Sybil's parser and evaluator for the examples of a page."""

import doctest
import warnings
from collections.abc import Iterator
from pathlib import Path

import sybil
from sybil.document import Document
from sybil.region import Region

from mkdocs_claims.execution import execute, printing
from mkdocs_claims.pages import Example, Page
from mkdocs_claims.pictures import Picture, drawing
from mkdocs_claims.verdicts import ADDRESS, MismatchError

__all__ = ["Evaluator", "document_of"]


def document_of(page: Page, file: Path, *, shows_values: bool = True) -> Document:
    """Return Sybil's document of a page: a region for each example, and one namespace for all.

    `shows_values` is whether an assertion that fails tells the values in it.
    """
    document = Document(page.text, str(file))
    document.namespace["__name__"] = "__main__"
    for region in _regions(page, shows_values=shows_values):
        document.add(region)
    return document


def _regions(page: Page, *, shows_values: bool) -> Iterator[Region]:
    for example in page.examples:
        fence = example.fence
        yield Region(
            fence.start, fence.end, parsed=example, evaluator=Evaluator(shows_values=shows_values)
        )


class Evaluator:
    """Runs one example, and keeps what it printed, and raised or warned of."""

    def __init__(self, *, shows_values: bool) -> None:
        self.shows_values = shows_values
        self.output = ""
        self.raised = ""
        self.pictures: list[Picture] = []

    def __call__(self, found: sybil.Example) -> None:
        """Evaluate an example in its document's namespace.

        Raises:
            MismatchError: an expected exception, warning or output was missing, or another.
            BaseException: whatever the code raised.
        """
        example: Example = found.parsed
        try:
            with printing() as printed, drawing() as self.pictures:
                if example.is_session:
                    _run_session(example, found)
                elif example.raises:
                    self.raised = self._run_raising(example, found)
                elif example.warns:
                    self.raised = self._run_warning(example, found)
                else:
                    self._run(example, found)
        finally:
            self.output = printed.kept()
        if example.output is not None and self.output.rstrip() != example.output.rstrip():
            wanted = f"the output\n{example.output.rstrip()}"
            raise MismatchError(wanted, self.output.rstrip() or "no output")
        if address := ADDRESS.search(self.output):
            wanted = "an output that is the same on every build"
            seen = f"the address {address[0]} in it; print something that does not change"
            raise MismatchError(wanted, seen)

    def _run(self, example: Example, found: sybil.Example) -> None:
        execute(
            example.fence.body,
            Path(found.path),
            example.fence.line + 1,
            found.namespace,
            shows_values=self.shows_values,
        )

    def _run_raising(self, example: Example, found: sybil.Example) -> str:
        """Run code that must raise; return the exception as it is shown."""
        wanted = example.raises or ("", "")
        try:
            self._run(example, found)
        except Exception as error:  # which one it is, is what is checked
            if not _is_as(wanted, error):
                raise MismatchError(_named(*wanted), _shown(error)) from error
            return _shown(error)
        seen = "nothing was raised"
        raise MismatchError(_named(*wanted), seen)

    def _run_warning(self, example: Example, found: sybil.Example) -> str:
        """Run code that must warn; return the warning as it is shown."""
        wanted = example.warns or ("", "")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self._run(example, found)
        given = [item.message for item in caught if isinstance(item.message, Warning)]
        for warning in given:
            if _is_as(wanted, warning):
                return _shown(warning)
        seen = "\n".join(map(_shown, given)) or "no warning was given"
        raise MismatchError(_named(*wanted), seen)


def _is_as(wanted: tuple[str, str], told: BaseException) -> bool:
    """Whether an exception or a warning has a type, and begins with a text."""
    kind, text = wanted
    return _type_of(told) == kind and str(told).startswith(text)


def _type_of(told: BaseException) -> str:
    kind = type(told)
    is_builtin = kind.__module__ == "builtins"
    return kind.__qualname__ if is_builtin else f"{kind.__module__}.{kind.__qualname__}"


def _named(kind: str, text: str) -> str:
    return f"{kind}: {text}" if text else kind


def _shown(told: BaseException) -> str:
    return _named(_type_of(told), str(told))


def _run_session(example: Example, found: sybil.Example) -> None:
    """Run an interactive session, and print it as it went."""
    fence = example.fence
    name = f"{found.path}, line {fence.line}"
    session = doctest.DocTestParser().get_doctest(
        fence.body, found.namespace, name, found.path, fence.line
    )
    if not session.examples:
        wanted = "a session with '>>> ' prompts"
        raise MismatchError(wanted, "none in this block")
    session.globs = found.namespace  # get_doctest copies it; a page's examples share one
    runner = doctest.DebugRunner(verbose=False)
    try:
        runner.run(session, clear_globs=False)
    except doctest.DocTestFailure as failure:
        line = fence.line + 1 + failure.example.lineno
        call = f"`{failure.example.source.rstrip()}` (line {line})"
        wanted = f"{call} to print\n{failure.example.want.rstrip() or 'no output'}"
        raise MismatchError(wanted, failure.got.rstrip() or "no output") from None
    except doctest.UnexpectedException as unexpected:
        raise unexpected.exc_info[1] from None
