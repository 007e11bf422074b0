"""A session of pytest in a child: it runs the checks of one module, and sends what it sees."""

import importlib
import os
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest
from _pytest.config import default_plugins  # nothing public

from mkdocs_claims.check_modules import CheckModule, FaultyCheck
from mkdocs_claims.containment import Watch
from mkdocs_claims.counterfactuals import Change
from mkdocs_claims.evidence import Evidence, Subject, Verdict
from mkdocs_claims.execution import cut_short
from mkdocs_claims.jobs import Job, Send, packed
from mkdocs_claims.outcomes import judged
from mkdocs_claims.settings import Settings
from mkdocs_claims.telling import at_root
from mkdocs_claims.trials import Trials, put_in_force

__all__ = ["Session", "evidence_of", "preload_plugins", "run_checks"]


def preload_plugins() -> None:
    """Import the parts of pytest that each session would import."""
    for name in default_plugins:
        importlib.import_module(f"_pytest.{name}")


def run_checks(job: Job, folder: str, send: Send, watch: Watch) -> None:
    """Run the checks of a job's module, as they are or in trials."""
    session = Session(job, folder, send, watch)
    plugins: list[object] = [session]
    if job.is_probe:
        every = dict.fromkeys(trial for trials in job.trials.values() for trial in trials)
        session.changes = put_in_force(every, is_probe=True)
    elif job.trials:
        plugins.append(Trials(session))
    if job.trials:
        # The same module is read again and again, by processes whose folder is beside this one.
        sys.pycache_prefix = f"{os.path.dirname(folder)}{os.sep}bytecode"  # noqa: PTH120  # as below
        sys.dont_write_bytecode = False
    pytest.register_assert_rewrite(job.settings.verify.replace("/", "."))
    arguments = [
        *(str(job.settings.root / job.path), "--rootdir", str(job.settings.root)),
        *("-q", "-p", "no:claims", "-p", "no:cacheprovider", "--import-mode=importlib"),
        # A crash is told to the supervisor, not to a terminal.
        *("-p", "no:faulthandler"),
        # What a project's author likes for pytest (-x, -k, -n) was seen to where files are chosen.
        *("-o", "addopts=", "--basetemp", f"{folder}{os.sep}pytest"),
        *job.options,
    ]
    with at_root(job.settings.root):  # from where paths are told
        pytest.main(arguments, plugins=plugins)


class Session:
    """The plugin of a child's session."""

    def __init__(self, job: Job, folder: str, send: Send, watch: Watch) -> None:
        self.job = job
        self.folder = folder
        self.send = send
        self.watch = watch
        self.changes: Mapping[str, Change] = {}
        """What is in force, by what should refute a claim."""
        self.by: str | None = None
        """What a check is being tried in; nothing where it is run as it is."""
        self.failures: dict[int, BaseException] = {}
        """In a trial: what assertions of the check have raised, by their lines."""

    def note_failure(self, line: int, error: BaseException) -> None:
        """Take note of an assertion that failed, and past which its check goes on."""
        self.failures.setdefault(line, error)

    def pytest_sessionstart(self) -> None:
        """Let the module and its checks run in the folder of their process."""
        os.chdir(self.folder)

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Collect the module of the job, in our way."""
        found = yield
        if file_path != self.job.settings.root / self.job.path:
            return found
        return [
            CheckModule.from_parent(
                parent, path=file_path, subjects=self.job.subjects, names=self.job.names
            )
        ]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Say that a check begins."""
        self.send({"begin": item.subject.name})  # type: ignore[attr-defined]
        if not self.job.is_told:  # a traceback that nobody reads takes longer than most checks
            item.repr_failure = lambda *_: ""  # type: ignore[method-assign]
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Let a check that interrupts its own process interrupt no other check."""
        for change in self.changes.values():
            change.uses = 0  # what was used when the module was imported is not the check's
        self.failures.clear()
        try:
            return (yield)
        except KeyboardInterrupt as error:
            raise _InterruptedError from error

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Say what was seen of a check."""
        with at_root(self.job.settings.root):
            report = yield
        message: dict[str, Any] = {"name": item.subject.name}  # type: ignore[attr-defined]
        first = next(iter(self.failures.values()), None) if call.when == "call" else None
        evidence = evidence_of(item, call, report, self.job.settings, first)
        if evidence:
            message["seen"] = packed(evidence)
            if self.changes:
                message["uses"] = {by: change.uses for by, change in self.changes.items()}
                message["crash"] = next((c.crash for c in self.changes.values() if c.crash), "")
            if self.by is not None:
                message |= {"by": self.by, "files": self.watch.files()}
                message["failed"] = list(self.failures)
        if self.job.is_told:
            message["report"] = item.config.hook.pytest_report_to_serializable(
                config=item.config, report=report
            )
        if len(message) > 1:
            self.send(message)
        return report


class _InterruptedError(Exception):
    """A check sent an interrupt to its own process."""


def evidence_of(
    item: pytest.Item,
    call: pytest.CallInfo[None],
    report: pytest.TestReport,
    settings: Settings,
    failure: BaseException | None = None,
) -> Evidence | None:
    """Return the evidence that a phase of a check's run gave, if it settles anything.

    `failure` is what the first assertion raised that the check has gone on past.
    """
    subject: Subject = item.subject  # type: ignore[attr-defined]
    if call.excinfo is None and call.when != "call":
        return None
    error = failure or (call.excinfo.value if call.excinfo else None)
    if isinstance(error, _InterruptedError):
        error = error.__cause__
    printed = report.capstdout
    evidence = Evidence(
        subject,
        Verdict.HOLDS,
        output=cut_short(printed, len(printed)),
        seconds=round(call.duration, 4),
    )
    return judged(
        evidence,
        error,
        item.path,
        settings.package,
        is_preparation=isinstance(item, FaultyCheck),
    )
