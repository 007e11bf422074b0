"""Subjects as pytest sees them: a file of them, and an item for each."""

import contextlib
import functools
import importlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.pathlib import import_path  # `pytest.Module` offers no way to choose the import mode
from sybil import Example

from mkdocs_claims.environment import environment_of
from mkdocs_claims.evidence import Kind, Subject
from mkdocs_claims.examples import Evaluator, document_of
from mkdocs_claims.execution import execute, printing
from mkdocs_claims.notebooks import CellFailure
from mkdocs_claims.notebooks import execute as execute_notebook
from mkdocs_claims.pages import Page
from mkdocs_claims.problems import Problem, place
from mkdocs_claims.settings import Settings
from mkdocs_claims.verdicts import MismatchError

__all__ = ["SubjectFile", "SubjectItem", "runnable", "send_outputs"]


class SubjectFile(pytest.File):
    """A check module, page, snippet or notebook; collecting it imports and runs nothing."""

    def __init__(
        self,
        *,
        settings: Settings,
        subjects: list[Subject],
        problems: list[Problem],
        page: Page | None,
        **kwargs: Any,  # noqa: ANN401  # pytest's own arguments
    ) -> None:
        super().__init__(**kwargs)
        self.settings = settings
        self.subjects = subjects
        self.problems = problems
        self.page = page
        self.is_running = False
        self.has_run = False
        self.evaluated: set[str] = set()
        """The ids of the examples that were evaluated in this process."""

    def collect(self) -> Iterator["SubjectItem"]:
        """Yield an item for each subject.

        Raises:
            pytest.Collector.CollectError: something is wrong with the file; all of it is named.
        """
        if self.problems:
            raise self.CollectError("\n".join(str(problem) for problem in self.problems))
        for subject in self.subjects:
            yield SubjectItem.from_parent(self, name=subject.name, subject=subject)
            for argument in self.config.args:
                _, _, name = argument.rpartition("::")
                if name.startswith(f"{subject.name}["):  # one run of a check with parameters
                    yield SubjectItem.from_parent(self, name=name, subject=subject)

    @functools.cached_property
    def examples(self) -> dict[str, Example]:
        """Sybil's examples of a page, by the ids of their subjects."""
        if self.page is None:
            return {}
        document = document_of(self.page, self.path)
        return {example.parsed.subject.id: example for example in document}

    def prepare(self) -> None:
        """Call what the project's settings name, once in each process."""
        if name := self.settings.prepare:
            module, _, function = name.partition(":")
            getattr(importlib.import_module(module), function)()


class SubjectItem(pytest.Item):
    """A subject that pytest can select, run and report."""

    parent: SubjectFile

    def __init__(self, *, subject: Subject, **kwargs: Any) -> None:  # noqa: ANN401  # as above
        super().__init__(**kwargs)
        self.subject = subject
        self.fault: BaseException | None = None
        """What kept its file from being prepared or imported."""
        self.output = ""
        self.raised = ""
        self.was_kept = False

    def runtest(self) -> None:
        """Run the subject in this process."""
        if self.fault:
            raise self.fault
        match self.subject.kind:
            case Kind.EXAMPLE:
                self._run_example()
            case Kind.SNIPPET:
                with printing() as printed:
                    try:
                        namespace = {"__name__": "__main__", "__file__": str(self.path)}
                        execute(self.subject.code, self.path, 1, namespace)
                    finally:
                        self.output = printed.getvalue()
            case Kind.NOTEBOOK:
                self._run_notebook()

    def _run_example(self) -> None:
        """Run an example after those above it, which need not have been selected."""
        file = self.parent
        for id_, example in file.examples.items():
            if id_ == self.subject.id:
                break
            if id_ not in file.evaluated:
                file.evaluated.add(id_)
                with contextlib.suppress(Exception):
                    example.evaluate()
        file.evaluated.add(self.subject.id)
        example = file.examples[self.subject.id]
        try:
            example.evaluate()
        finally:
            evaluator = example.region.evaluator
            if isinstance(evaluator, Evaluator):
                self.output, self.raised = evaluator.output, evaluator.raised

    def _run_notebook(self) -> None:
        settings = self.parent.settings
        inner = self.path.relative_to(settings.root / settings.docs)
        self.was_kept = execute_notebook(
            self.path, settings.notebooks / inner, environment_of(settings)
        )

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the place and name that pytest shows."""
        return self.path, self.subject.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401  # pytest's signature
        """Show a failure without the machinery's own frames."""
        if isinstance(excinfo.value, CellFailure):
            return f"{excinfo.value}\n\n{excinfo.value.code}"
        if isinstance(excinfo.value, MismatchError):
            where = place(self.subject.path, self.subject.line)
            error = excinfo.value
            return f"{where}\nexpected  {error.expected}\nseen      {error.seen}"
        own = excinfo.traceback.cut(path=self.path)
        excinfo.traceback = own
        return super().repr_failure(excinfo, style or "long")


class CheckModule(pytest.Module):
    """A check module that is imported, in the process that runs its checks."""

    def _getobj(self) -> Any:  # noqa: ANN401  # pytest's signature
        # In importlib mode a `verify/threading.py` does not shadow the standard library.
        return import_path(
            self.path,
            mode="importlib",
            root=self.config.rootpath,
            consider_namespace_packages=False,
        )

    def functions(self, items: Iterable[SubjectItem]) -> Iterator[pytest.Function]:
        """Yield the functions of the claims that were selected, with their subjects."""
        subjects = {item.name: item.subject for item in items}
        self.names = {subject.name for subject in subjects.values()}
        for node in self.collect():
            if isinstance(node, pytest.Function):
                subject = subjects.get(node.name) or subjects.get(node.originalname)
                if subject:
                    node.subject = subject  # type: ignore[attr-defined]
                    yield node

    def istestfunction(self, obj: object, name: str) -> bool:  # noqa: ARG002  # pytest's signature
        """Whether a function is a check."""
        return name in self.names

    def istestclass(self, obj: object, name: str) -> bool:  # noqa: ARG002  # pytest's signature
        """Whether a class holds checks: none does."""
        return False


def runnable(file: SubjectFile, selected: list[SubjectItem]) -> list[pytest.Item]:
    """Return what pytest runs, in this process, for the selected subjects of a file."""
    try:
        file.prepare()
        if selected[0].subject.kind is not Kind.CLAIM:
            return list(selected)
        return list(CheckModule.from_parent(file.parent, path=file.path).functions(selected))
    except BaseException as fault:  # noqa: BLE001  # an import may raise anything; it is reported
        for item in selected:
            item.fault = fault
        return list(selected)


def send_outputs(file: SubjectFile, send: Callable[[tuple[str, str]], None]) -> None:
    """Run the examples of a page, whatever becomes of each, and send what they print."""
    file.prepare()
    for id_, example in file.examples.items():
        with (
            Path(os.devnull).open("w", encoding="utf-8") as nowhere,
            contextlib.redirect_stdout(nowhere),
            contextlib.suppress(Exception),
        ):
            example.evaluate()
        evaluator = example.region.evaluator
        if isinstance(evaluator, Evaluator):
            send((id_, evaluator.output))
