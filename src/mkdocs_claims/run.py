"""A run: every file is run in a process of its own, unless all of it is known to hold."""

import functools
import io
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mkdocs_claims.collection import Collection, collect, sources
from mkdocs_claims.environment import environment_of
from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
from mkdocs_claims.forking import can_fork
from mkdocs_claims.gate import refusal, summary
from mkdocs_claims.jobs import Ended, Job, Message, Seen
from mkdocs_claims.keeping import Keeping
from mkdocs_claims.launching import Launcher
from mkdocs_claims.pages import Page
from mkdocs_claims.problems import Problem
from mkdocs_claims.progress import Progress
from mkdocs_claims.reports import Report
from mkdocs_claims.sealing import Seal
from mkdocs_claims.settings import Settings
from mkdocs_claims.supervision import RunError, launcher_for, results_of
from mkdocs_claims.writing import write

__all__ = ["Checked", "is_fresh_wanted", "run"]


@dataclass(frozen=True)
class Checked:
    """What a run leaves: its report, and the pages that it read."""

    refusal: str
    """All that is wrong, in words; empty if the site may be published."""
    summary: str
    """What was counted, and where, in one line."""
    pages: Mapping[str, Page]
    _read: Callable[[], Report]

    @functools.cached_property
    def report(self) -> Report:
        """The report."""
        return self._read()


def is_fresh_wanted() -> bool:
    """Whether the environment asks for a fresh run: `CLAIMS_FRESH=1`."""
    return os.environ.get("CLAIMS_FRESH", "") not in ("", "0")


def run(
    settings: Settings,
    *,
    is_fresh: bool = False,
    at_once: int = 0,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
) -> Checked:
    """Check every subject of a project, write the report, and return it.

    The calling process imports nothing of what is checked: neither the package under test nor the
    check modules.

    Args:
        settings: those of the project.
        is_fresh: whether to run what is known to hold, too.
        at_once: how many files run at the same time; 0 stands for the number of cores.
        progress: is told what comes of each file as it comes.
        say: takes a line for the user, on what is done in another way than they may expect.
    """
    began = time.time_ns()
    absent = settings.missing()
    environment = environment_of(settings)
    is_whole = is_fresh or bool(absent) or not settings.kept.is_file()
    seal = None if is_whole else Seal(settings, environment)
    if seal and (told := seal.summary()):
        return Checked("", told, {}, lambda: Report.read(settings.report))
    # While this process reads the files, another one imports what they need.
    launcher = None
    if is_whole and not absent:
        launcher = launcher_for(settings, len(sources(settings, settings.docs, ".md")))
    try:
        found = collect(settings)
        keeping = Keeping(settings, environment, found, began)
        problems = list(found.problems)
        evidence: dict[tuple[Kind, str], Evidence] = {}
        reason = "nothing could be run"
        if absent:
            reason = f"{' and '.join(absent)} not installed"
            problems.append(_absence(absent))
        else:
            _make_state(settings)
            this_run = _Run(settings, found, keeping, progress or Progress(io.StringIO()))
            try:
                evidence = this_run.all_evidence(
                    launcher, is_fresh=is_fresh, at_once=at_once, say=say or _say_nothing
                )
            except RunError as error:
                told = str(error).removeprefix("pyproject.toml: ")
                problems.append(Problem("pyproject.toml", 0, told))
    finally:
        if launcher:
            launcher.close()
    report = Report(
        environment=environment,
        pages=[*found.pages, *found.notebooks],
        evidence=[
            evidence.get((subject.kind, subject.id)) or _unknown(subject, reason)
            for subject in found.all_subjects()
        ],
        skips=found.skips(),
        citations=found.citations(),
        index=found.index(),
        problems=problems,
    )
    text = report.to_json()
    write(settings.report, text)
    checked = Checked(refusal(report), summary(report), found.pages, lambda: report)
    if seal and not checked.refusal and all(item.kept for item in report.evidence):
        seal.put(text, checked.summary, keeping.files())
    return checked


class _Run:
    """What is seen in one run, of what was kept and what is run now."""

    def __init__(
        self, settings: Settings, found: Collection, keeping: Keeping, progress: Progress
    ) -> None:
        self.settings = settings
        self.found = found
        self.keeping = keeping
        self.progress = progress
        self.seen: dict[tuple[Kind, str], Evidence] = {}
        self.jobs: deque[Job] = deque()

    def all_evidence(
        self,
        launcher: Launcher | None,
        *,
        is_fresh: bool,
        at_once: int,
        say: Callable[[str], None],
    ) -> dict[tuple[Kind, str], Evidence]:
        """Return the evidence of every subject.

        Raises:
            RunError: nothing can be run.
        """
        if self.keeping.complaint:
            say(f"{self.keeping.complaint}, so everything is run")
        jobs = []
        for path, subjects in self.found.subjects.items():
            kept = None if is_fresh else self.keeping.of(path)
            for evidence in kept or ():
                self._see(evidence)
            if not kept:
                jobs.append(Job(self.settings, path, subjects, self.found.pages.get(path)))
        if jobs:
            if not can_fork():
                say("processes cannot be forked here; a new interpreter runs each file")
            # The slowest first, so that none of them is what all others have waited for.
            jobs.sort(key=lambda job: self.keeping.seconds(job.path), reverse=True)
            self.jobs.extend(jobs)
            self._run(launcher, at_once)
            self.keeping.write()
        return self.seen

    def _run(self, launcher: Launcher | None, at_once: int) -> None:
        self.progress.begin(len(self.jobs))
        try:
            for job, message in results_of(self.settings, self.jobs, at_once, launcher):
                self.progress.take(job, message)
                if job.is_repeated:
                    self._compare(message)
                elif isinstance(message, Seen) and message.evidence:
                    self._see(message.evidence)
                elif isinstance(message, Ended):
                    self._end(job, message)
        finally:
            self.progress.end()

    def _see(self, evidence: Evidence) -> None:
        """Take evidence; what was seen before of the same subject stays if it does not hold."""
        key = (evidence.subject.kind, evidence.subject.id)
        if key not in self.seen or self.seen[key].verdict is Verdict.HOLDS:
            self.seen[key] = evidence

    def _end(self, job: Job, ended: Ended) -> None:
        subjects = self.found.subjects[job.path]
        evidence = [self.seen[subject.kind, subject.id] for subject in subjects]
        self.keeping.keep(job.path, evidence, ended.files, ended.seconds)
        if job.page and any(item.output and item.verdict is Verdict.HOLDS for item in evidence):
            # An output that is shown must be the same every time.
            self.jobs.append(replace(job, subjects=subjects, failed="", is_repeated=True))

    def _compare(self, message: Message) -> None:
        if not isinstance(message, Seen) or not message.evidence:
            return
        again = message.evidence
        first = self.seen[again.subject.kind, again.subject.id]
        if first.verdict is Verdict.HOLDS and first.output != again.output:
            self.keeping.forget(first.subject.path)
            self.seen[again.subject.kind, again.subject.id] = replace(
                first,
                verdict=Verdict.FAILS,
                expected=f"the same output whenever it is run; first it printed\n"
                f"{first.output.rstrip()}",
                seen=f"the second time it printed\n{again.output.rstrip()}",
                line=first.subject.line,
            )


def _unknown(subject: Subject, reason: str) -> Evidence:
    return Evidence(subject, Verdict.UNKNOWN, expected="it to be run", seen=reason)


def _absence(absent: list[str]) -> Problem:
    message = (
        f"[tool.claims] needs {' and '.join(absent)}, not installed for this Python "
        f"({sys.executable}), so nothing was checked; install it beside mkdocs-claims"
    )
    return Problem("pyproject.toml", 0, message)


def _make_state(settings: Settings) -> None:
    settings.state.mkdir(exist_ok=True)
    (settings.state / ".gitignore").write_text("*\n", encoding="utf-8")


def _say_nothing(line: str) -> None:
    """Let a line go that nobody asked for."""
