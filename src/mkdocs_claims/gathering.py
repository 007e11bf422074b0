"""Gathering: everything that is seen in one run, of what was kept and of what is run now."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from mkdocs_claims.collection import Collection
from mkdocs_claims.evidence import Evidence, Kind, Verdict
from mkdocs_claims.forking import can_fork
from mkdocs_claims.jobs import Ended, Job, Message, Seen
from mkdocs_claims.keeping import Keeping
from mkdocs_claims.launching import Launcher
from mkdocs_claims.progress import Progress
from mkdocs_claims.proving import Proving
from mkdocs_claims.requirements import shortage
from mkdocs_claims.settings import Settings
from mkdocs_claims.supervision import results_of

__all__ = ["Gathering"]


class Gathering:
    """Gathers what is seen in one run, of what was kept and what is run now."""

    def __init__(
        self,
        settings: Settings,
        found: Collection,
        keeping: Keeping,
        proving: Proving,
        progress: Progress,
    ) -> None:
        self.settings = settings
        self.found = found
        self.keeping = keeping
        self.proving = proving
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
            if self._lacks_something(path):
                continue
            kept = None if is_fresh else self.keeping.of(path)
            for evidence in kept or ():
                self._see(evidence)
            if not kept:
                jobs.append(Job(self.settings, path, subjects, self.found.pages.get(path)))
        # The slowest first, so that none of them is what all others have waited for.
        jobs.sort(key=lambda job: self.keeping.seconds(job.path), reverse=True)
        self.jobs.extend(jobs)
        run_now = {job.path for job in jobs}
        for path in self.found.subjects:
            if path not in run_now:
                self._try(path)
        if self.jobs:
            if not can_fork():
                say("processes cannot be forked here; a new interpreter runs each file")
            self._run(len(jobs), launcher, at_once)
            self.keeping.write()
            self.proving.kept.write()
        return self.seen

    def _lacks_something(self, path: str) -> bool:
        """Whether what a file needs is not here; then that is all that is seen of it."""
        seen = shortage(self.found.requirements.get(path, ()))
        for subject in self.found.subjects[path] if seen else ():
            self._see(Evidence(subject, Verdict.UNKNOWN, expected="it to be run", seen=seen))
        return bool(seen)

    def _run(self, files: int, launcher: Launcher | None, at_once: int) -> None:
        self.progress.begin(files)
        try:
            for job, message in results_of(self.settings, self.jobs, at_once, launcher):
                self.progress.take(job, message)
                if job.trials:
                    self.jobs.extend(self.proving.take(job, message))
                elif job.is_repeated:
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
        self._try(job.path)
        if job.page and any(item.output and item.verdict is Verdict.HOLDS for item in evidence):
            # An output that is shown must be the same every time.
            self.jobs.append(replace(job, subjects=subjects, failed="", is_repeated=True))

    def _try(self, path: str) -> None:
        """Have the checks of a module that hold run where their claims are false."""
        subjects = [
            subject
            for subject in self.found.subjects[path]
            if subject.kind is Kind.CLAIM
            and self.seen[subject.kind, subject.id].verdict is Verdict.HOLDS
        ]
        self.jobs.extend(self.proving.jobs(subjects))

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
