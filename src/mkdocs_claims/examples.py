"""Sybil's parser and evaluator for the examples of a page."""

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import sybil
from sybil.document import Document
from sybil.region import Region

from mkdocs_claims.execution import execute, printing
from mkdocs_claims.pages import Example, Page
from mkdocs_claims.verdicts import MismatchError

__all__ = ["Evaluator", "document_of"]

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")


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
    """Runs one example, and keeps what it printed and raised."""

    def __init__(self, *, shows_values: bool) -> None:
        self.shows_values = shows_values
        self.output = ""
        self.raised = ""

    def __call__(self, found: sybil.Example) -> None:
        """Evaluate an example in its document's namespace.

        Raises:
            MismatchError: an expected exception or output was missing, or another.
            BaseException: whatever the code raised.
        """
        example: Example = found.parsed
        try:
            with printing() as printed:
                if example.is_session:
                    _run_session(example, found)
                elif example.raises:
                    self.raised = self._run_raising(example, found)
                else:
                    self._run(example, found)
        finally:
            self.output = printed.kept()
        if example.output is not None and self.output.rstrip() != example.output.rstrip():
            wanted = f"the output\n{example.output.rstrip()}"
            raise MismatchError(wanted, self.output.rstrip() or "no output")
        if address := _ADDRESS.search(self.output):
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
        wanted, text = example.raises or ("", "")
        expected = f"{wanted}: {text}" if text else wanted
        try:
            self._run(example, found)
        except Exception as error:  # which one it is, is what is checked
            kind = type(error)
            name = kind.__qualname__
            if kind.__module__ != "builtins":
                name = f"{kind.__module__}.{name}"
            seen = f"{name}: {error}" if str(error) else name
            if name != wanted or not str(error).startswith(text):
                raise MismatchError(expected, seen) from error
            return seen
        seen = "nothing was raised"
        raise MismatchError(expected, seen)


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
