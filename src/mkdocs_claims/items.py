"""Subjects as pytest sees them: a file of them, and an item for each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mkdocs_claims.check_modules import CheckModule
from mkdocs_claims.evidence import Kind, Subject
from mkdocs_claims.jobs import Job
from mkdocs_claims.pages import Page
from mkdocs_claims.problems import Problem, suggestion
from mkdocs_claims.running import FileRun, prepare
from mkdocs_claims.settings import Settings
from mkdocs_claims.telling import told

__all__ = ["SubjectFile", "SubjectItem", "run_here"]


class SubjectFile(pytest.File):
    """A check module, page, snippet or notebook; collecting it imports and runs nothing."""

    def __init__(
        self,
        *,
        settings: Settings,
        subjects: list[Subject],
        problems: list[Problem],
        page: Page | None,
        shortage: str = "",
        **kwargs: Any,  # noqa: ANN401  # pytest's own arguments
    ) -> None:
        super().__init__(**kwargs)
        self.settings = settings
        self.subjects = subjects
        self.problems = problems
        self.page = page
        self.shortage = shortage
        """Why nothing of it can be run here, in words; empty if it can."""
        self.run = FileRun(settings, self.path.relative_to(settings.root).as_posix(), page)
        self.is_running = False
        self.has_run = False

    def collect(self) -> Iterator["SubjectItem"]:
        """Yield an item for each subject.

        Raises:
            pytest.Collector.CollectError: something is wrong with the file; all of it is named.
        """
        if self.problems:
            raise self.CollectError("\n".join(str(problem) for problem in self.problems))
        if wrong := "\n".join(self._unknown()):
            raise self.CollectError(wrong)
        for subject in self.subjects:
            yield SubjectItem.from_parent(self, name=subject.name, subject=subject)
            for argument in self.config.args:
                _, _, name = argument.rpartition("::")
                if name.startswith(f"{subject.name}["):  # one run of a check with parameters
                    yield SubjectItem.from_parent(self, name=name, subject=subject)

    def _unknown(self) -> Iterator[str]:
        """Tell of each name on the command line that no subject of this file has."""
        names = [subject.name for subject in self.subjects]
        for argument in self.config.args:
            path, _, asked = argument.partition("::")
            name = asked.partition("[")[0]
            here = self.config.invocation_params.dir / path
            if name and name not in names and here.resolve() == self.path:
                own = self.path.relative_to(self.settings.root).as_posix()
                known = f"; it has {', '.join(names)}" if self.page else suggestion(name, names)
                yield f"{own} has no '{name}'{known}"

    def job(self, items: list["SubjectItem"], options: tuple[str, ...]) -> Job:
        """Return the job of running selected items."""
        subjects = list(dict.fromkeys(item.subject for item in items))
        return Job(
            self.settings,
            subjects[0].path,
            subjects,
            self.page,
            names=tuple(item.name for item in items if item.name != item.subject.name),
            options=options,
            is_told=True,
        )


class SubjectItem(pytest.Item):
    """A subject that pytest can select, run and report."""

    parent: SubjectFile

    def __init__(self, *, subject: Subject, **kwargs: Any) -> None:  # noqa: ANN401  # as above
        super().__init__(**kwargs)
        self.subject = subject
        self.fault: BaseException | None = None
        """What kept its file from being prepared."""
        if self.parent.shortage:
            self.add_marker(pytest.mark.skip(reason=self.parent.shortage))

    def runtest(self) -> None:
        """Run the subject in this process."""
        if self.fault:
            raise self.fault
        self.parent.run.run(self.subject)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the place and name that pytest shows."""
        return self.path, self.subject.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:  # noqa: ANN401, ARG002  # pytest's signature
        """Show a failure without the machinery's own frames."""
        return told(excinfo.value, self.subject, self.parent.job([self], ()))


def run_here(file: SubjectFile, selected: list[SubjectItem], nextitem: pytest.Item | None) -> None:
    """Run the selected subjects of a file in this process; those that cannot be are skipped."""
    file.is_running = True
    try:
        items = _runnable(file, selected)
        for item, following in zip(items, [*items[1:], nextitem], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if item.session.shouldfail or item.session.shouldstop:
                break
    finally:
        file.is_running = False


def _runnable(file: SubjectFile, selected: list[SubjectItem]) -> list[pytest.Item]:
    """Return what pytest runs, in this process, for the selected subjects of a file."""
    if file.shortage:
        return list(selected)
    try:
        prepare(file.settings)
    except BaseException as fault:  # noqa: BLE001  # an author's code may raise anything
        for item in selected:
            item.fault = fault
        return list(selected)
    if selected[0].subject.kind is not Kind.CLAIM:
        return list(selected)
    job = file.job(selected, ())
    module = CheckModule.from_parent(
        file.parent, path=file.path, subjects=job.subjects, names=job.names
    )
    return list(module.collect())
