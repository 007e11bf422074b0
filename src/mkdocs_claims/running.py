"""Running the subjects of a page, snippet or notebook in this process."""

import contextlib
import functools
import importlib

from sybil import Example

from mkdocs_claims.copies import execute as execute_notebook
from mkdocs_claims.environment import environment_of
from mkdocs_claims.evidence import Kind, Subject
from mkdocs_claims.examples import Evaluator, document_of
from mkdocs_claims.execution import execute, printing
from mkdocs_claims.pages import Page
from mkdocs_claims.pictures import Picture
from mkdocs_claims.settings import Settings

__all__ = ["FileRun", "prepare"]


def prepare(settings: Settings) -> None:
    """Call what the project's settings name, once in each process."""
    if name := settings.prepare:
        module, _, function = name.partition(":")
        getattr(importlib.import_module(module), function)()


class FileRun:
    """One run of a file: its subjects, one after another, and what the last one printed."""

    def __init__(
        self, settings: Settings, path: str, page: Page | None, *, shows_values: bool = True
    ) -> None:
        self.shows_values = shows_values
        self.settings = settings
        self.file = settings.root / path
        self.page = page
        self.output = ""
        self.raised = ""
        """The exception or warning that was expected, and seen."""
        self.pictures: list[Picture] = []
        """What the example drew."""
        self.files: list[str] = []
        """The files of the project that a process beside this one read for it."""
        self._evaluated: set[str] = set()

    def run(self, subject: Subject) -> None:
        """Run a subject.

        Raises:
            MismatchError: an example raised or printed something other than what it says.
            CellFailure: a cell of a notebook raised.
            BaseException: whatever else the subject's code raises.
        """
        self.output, self.raised, self.pictures = "", "", []
        if subject.kind is Kind.EXAMPLE:
            self._run_example(subject)
        elif subject.kind is Kind.SNIPPET:
            self._run_snippet(subject)
        else:
            copy = self.settings.copy_of(subject.path)
            environment = environment_of(self.settings)
            limit = subject.timeout or self.settings.timeout
            root = self.settings.root
            self.files = execute_notebook(self.file, copy, environment, limit, root)

    @functools.cached_property
    def _examples(self) -> dict[str, Example]:
        """Sybil's examples of the page, by the ids of their subjects."""
        if self.page is None:
            return {}
        document = document_of(self.page, self.file, shows_values=self.shows_values)
        return {example.parsed.subject.id: example for example in document}

    def _run_example(self, subject: Subject) -> None:
        """Run an example after those above it, which need not have been selected."""
        for id_, example in self._examples.items():
            if id_ == subject.id:
                break
            if id_ not in self._evaluated:
                self._evaluated.add(id_)
                with contextlib.suppress(Exception, SystemExit):
                    example.evaluate()
        self._evaluated.add(subject.id)
        example = self._examples[subject.id]
        try:
            example.evaluate()
        finally:
            evaluator = example.region.evaluator
            if isinstance(evaluator, Evaluator):
                self.output, self.raised = evaluator.output, evaluator.raised
                self.pictures = evaluator.pictures

    def _run_snippet(self, subject: Subject) -> None:
        with printing() as printed:
            try:
                namespace = {"__name__": "__main__", "__file__": str(self.file)}
                execute(subject.code, self.file, 1, namespace, shows_values=self.shows_values)
            finally:
                self.output = printed.kept()
