"""The pytest plugin: it collects subjects, has their files run, and reports what comes back.

It does nothing in a project without `[tool.claims]`.
"""

import functools
import sys
from collections import defaultdict, deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Literal

import pytest

from mkdocs_claims.collecting import collect
from mkdocs_claims.collection import Collection
from mkdocs_claims.evidence import Subject, Verdict
from mkdocs_claims.forking import can_fork
from mkdocs_claims.items import SubjectFile, SubjectItem, run_here
from mkdocs_claims.jobs import Ended, Job, Message, Seen
from mkdocs_claims.preloading import PreloadError, preload
from mkdocs_claims.requirements import shortage
from mkdocs_claims.settings import NoSettingsError, Settings, SettingsError, load
from mkdocs_claims.supervision import RunError, results_of

__all__: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says how many files run at the same time."""
    parser.getgroup("claims").addoption(
        "--claims-jobs",
        metavar="N",
        type=int,
        default=0,
        help="run N files at the same time (default: as many as there are cores)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take part where the project has settings."""
    try:
        settings = load(config.rootpath)
    except NoSettingsError:
        return
    except SettingsError as error:
        raise pytest.UsageError(str(error)) from error
    pytest.register_assert_rewrite(settings.verify.replace("/", "."))
    if str(settings.root) not in sys.path:
        sys.path.append(str(settings.root))
    config.pluginmanager.register(_Claims(config, settings), "claims-run")


class _Claims:
    """What the plugin does in a project that has claims."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.config = config
        self.settings = settings
        self.results: Iterator[tuple[Job, Message]] | None = None
        self.early: defaultdict[str, deque[Message]] = defaultdict(deque)
        """What came of files before it was their turn to be reported."""

    @functools.cached_property
    def collection(self) -> Collection:
        return collect(self.settings)

    @functools.cached_property
    def in_place(self) -> str:
        """Why files run in this very process, or an empty string if each has one of its own."""
        if self.config.getoption("usepdb"):
            return "--pdb"
        return "-s" if self.config.getoption("capture") == "no" else ""

    def pytest_report_header(self) -> str | None:
        if self.in_place:
            return (
                f"claims: all files run in one process, and may affect each other ({self.in_place})"
            )
        if not can_fork():
            return "claims: processes cannot be forked here; a new interpreter runs each file"
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Collect our files alone: a module named to pytest would be imported by it, too."""
        found = yield
        ours = self._file(file_path, parent)
        return [ours] if ours else found

    def _file(self, file_path: Path, parent: pytest.Collector) -> SubjectFile | None:
        if not file_path.is_relative_to(self.settings.root):
            return None
        path = file_path.relative_to(self.settings.root).as_posix()
        folders = (self.settings.docs, self.settings.verify, self.settings.snippets)
        if not path.startswith(tuple(f"{folder}/" for folder in folders)):
            return None
        problems = self.collection.problems_of(path)
        if path not in self.collection.subjects and not problems:
            return None
        return SubjectFile.from_parent(
            parent,
            path=file_path,
            settings=self.settings,
            subjects=self.collection.subjects.get(path, []),
            problems=problems,
            page=self.collection.pages.get(path),
            shortage=shortage(self.collection.requirements.get(path, ())),
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> bool | None:
        if not isinstance(item, SubjectItem) or item.parent.is_running:
            return None
        file = item.parent
        if not file.has_run:
            file.has_run = True
            selected = _files(item.session)[file]
            if file.shortage:
                run_here(file, selected, nextitem)
            elif self.in_place:
                self._preload()
                run_here(file, selected, nextitem)
            else:
                self._report(file, selected)
        return True

    @functools.cache  # noqa: B019  # it lives as long as the session
    def _preload(self) -> None:
        try:
            preload(self.settings)
        except PreloadError as error:
            raise pytest.UsageError(str(error)) from error

    def _report(self, file: SubjectFile, selected: list[SubjectItem]) -> None:
        """Report what comes of a file, as if it were run by this process."""
        items = {item.subject: item for item in reversed(selected)}
        is_begun = False
        for message in self._messages(selected[0]):
            if not isinstance(message, Seen):
                continue
            report = self._test_report(message, items)
            hook = file.config.hook
            if not is_begun:
                hook.pytest_runtest_logstart(nodeid=report.nodeid, location=report.location)
            hook.pytest_runtest_logreport(report=report)
            is_begun = message.report is not None and report.when != "teardown"
            if not is_begun:
                hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)
            if file.session.shouldfail or file.session.shouldstop:
                return

    def _test_report(self, seen: Seen, items: dict[Subject, SubjectItem]) -> pytest.TestReport:
        if seen.report:
            hook = self.config.hook
            report = hook.pytest_report_from_serializable(config=self.config, data=seen.report)
            assert isinstance(report, pytest.TestReport)  # noqa: S101  # for the type checker
            if isinstance(report.longrepr, list):  # a skip's, as JSON has it
                report.longrepr = tuple(report.longrepr)
            return report
        evidence = seen.evidence
        assert evidence  # noqa: S101  # as above
        item = items[evidence.subject]
        longrepr: str | tuple[str, int, str] | None = seen.told or None
        outcome: Literal["passed", "failed", "skipped"] = "failed"
        if evidence.verdict is Verdict.HOLDS:
            outcome = "passed"
        elif evidence.verdict is Verdict.UNKNOWN:
            outcome = "skipped"
            longrepr = (str(item.path), item.subject.line, evidence.seen)
        return pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords={},
            outcome=outcome,
            longrepr=longrepr,
            when="call",
            sections=[("Captured stdout call", evidence.output)] if evidence.output else [],
            duration=evidence.seconds,
        )

    def _messages(self, item: SubjectItem) -> Iterator[Message]:
        """Yield what comes of an item's file; what comes of others meanwhile is kept for later."""
        if self.results is None:
            files = _files(item.session)
            jobs = deque(
                file.job(items, self._options(file))
                for file, items in files.items()
                if not file.shortage
            )
            self.results = results_of(self.settings, jobs, self.config.getoption("claims_jobs"))
        early = self.early[item.subject.path]
        while True:
            while early:
                message = early.popleft()
                yield message
                if isinstance(message, Ended):
                    return
            try:
                job, message = next(self.results)
            except RunError as error:
                raise pytest.UsageError(str(error)) from error
            self.early[job.path].append(message)

    def _options(self, file: SubjectFile) -> tuple[str, ...]:
        """Return those of this session's options that decide how a failure is told."""
        option = self.config.option
        told = [f"--tb={option.tbstyle}", *["-v"] * (option.verbose + 1)]
        told += [name for name in ("--showlocals",) if option.showlocals]
        told += [part for change in option.override_ini or () for part in ("-o", change)]
        if option.basetemp:
            base = Path(option.basetemp).absolute()
            base.mkdir(parents=True, exist_ok=True)
            # Of its own: pytest empties it, and another module may have the same name.
            name = "-".join(file.path.relative_to(self.settings.root).with_suffix("").parts)
            told += ["--basetemp", str(base / name)]
        return tuple(told)

    def pytest_sessionfinish(self) -> None:
        """End what still runs."""
        if isinstance(self.results, Generator):
            self.results.close()


def _files(session: pytest.Session) -> dict[SubjectFile, list[SubjectItem]]:
    """Return the selected items of a session by their files."""
    files: dict[SubjectFile, list[SubjectItem]] = {}
    for item in session.items:
        if isinstance(item, SubjectItem):
            files.setdefault(item.parent, []).append(item)
    return files
