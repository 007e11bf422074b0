"""The process of a job as the supervisor sees it: what it said, and what its end means."""

import json
import math
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
from mkdocs_claims.jobs import Begun, Ended, Job, Message, Seen, unpacked
from mkdocs_claims.problems import place

__all__ = ["Process", "RunError"]

_GRACE_OF_KERNELS = 30.0
"""Seconds that a kernel may take to start and to end."""
_GRACE_OF_TRIALS = 10.0
"""Seconds that the process of trials may take to end one of them."""
_IN_TIME = "it to end within {:g} s; where it needs more, say so with timeout=…"
_MOST_WORDS = 10_000
"""Characters of what a process writes beside messages that are kept."""
_TOLD = ("report", "told", "uses", "crash", "by", "failed")
"""What a process may say of a subject beside its evidence."""
_TO_ITS_END = "it to run to its end"


class RunError(RuntimeError):
    """Nothing can be run: what the settings name cannot be imported, or processes do not start."""


@dataclass
class Process:
    """The process of one job, from its launch on."""

    job: Job
    unseen: dict[str, Subject]
    """The subjects of which nothing was seen yet, by their names."""
    began: float
    begun: Subject | None = None
    """The subject that was begun last."""
    deadline: float = math.inf
    is_started: bool = False
    """Whether its process has said a word."""
    warnings: int = 0
    """How often it was ended, since it took longer than it may."""
    last_words: str = ""
    """What it wrote beside messages: where it crashed."""
    done: dict[str, Any] = field(default_factory=dict)
    """Its last message, if it said that it was done."""
    again: str = ""
    """The name of a subject from which on the file is to be run again, to tell more."""
    is_closed: bool = False
    ending: int | str | None = None

    @property
    def limit(self) -> float:
        """The seconds that the subject which is being run may take."""
        subject = self.begun or self.job.subjects[0]
        limit = subject.timeout or self.job.settings.timeout
        if subject.kind is Kind.NOTEBOOK:  # its process keeps the time, since it knows the cell
            return limit + _GRACE_OF_KERNELS
        # The process of trials keeps the time of each.
        return limit + _GRACE_OF_TRIALS if self.job.trials and not self.job.is_probe else limit

    def read(self, line: bytes) -> Iterator[tuple[Job, Message]]:
        """Take a line that it wrote, and yield what that tells.

        Raises:
            RunError: what the settings name cannot be imported.
        """
        try:
            message = json.loads(line)
            subjects = {subject.name: subject for subject in self.job.subjects}
            if "begin" in message:
                self.begun = subjects[message["begin"]]
                yield self.job, Begun(self.begun)
            elif "name" in message:
                subject = subjects[message["name"]]
                evidence = unpacked(message["seen"], subject) if "seen" in message else None
                if evidence:
                    self.unseen.pop(subject.name, None)
                seen = {key: message[key] for key in _TOLD if key in message}
                yield self.job, Seen(evidence, files=tuple(message.get("files", ())), **seen)
            elif "again" in message:
                self.again = message["again"]
            elif "done" in message:
                self.done = message
            elif "fault" in message:
                raise RunError(message["fault"])
            self.is_started = True
            if "begin" in message or "started" in message:
                self.deadline = time.monotonic() + self.limit
        except (ValueError, KeyError, TypeError):
            self.last_words = (self.last_words + line.decode(errors="replace"))[-_MOST_WORDS:]

    def rest(self) -> Job:
        """Return the job of running the file again from the subject on that it named."""
        names = [subject.name for subject in self.job.subjects]
        rest = self.job.subjects[names.index(self.again) :]
        return replace(self.job, subjects=rest, failed=self.again)

    def end(self) -> Iterator[tuple[Job, Message]]:
        """Yield what became of the subjects that it did not come to, or not back from."""
        ending = self._described()
        culprit = None if self.done else self.begun
        line = _line_in(self.last_words, self.job)
        missing = self.unseen.values()
        for subject in self.job.subjects:
            if subject is culprit or (subject in missing and not culprit):
                expected = _IN_TIME.format(self.limit) if self.warnings else _TO_ITS_END
                evidence = Evidence(
                    subject,
                    Verdict.ERROR,
                    expected=expected,
                    seen=ending,
                    line=line if culprit else 0,
                )
            elif subject in missing and culprit:
                seen = f"not run: {ending} at line {line or culprit.line}"
                evidence = Evidence(subject, Verdict.ERROR, expected=_TO_ITS_END, seen=seen)
            else:
                continue
            place_ = place(subject.path, evidence.line or subject.line)
            yield self.job, Seen(evidence, told=f"{place_}: {evidence.seen}")
        seconds = time.monotonic() - self.began
        yield self.job, Ended(seconds, tuple(self.done.get("files", ())))

    def _described(self) -> str:
        if self.done:
            return "the process said that it was done, and had not run this"
        if self.warnings:
            return f"it was still running after {self.limit:g} s, and was ended"
        if isinstance(self.ending, str):
            return self.ending
        code = self.ending or 0
        if code < 0:
            known = {known.value: known.name for known in signal.Signals}
            return f"the process was ended by {known.get(-code, f'signal {-code}')}"
        return f"the process ended with exit code {code} before it was done"


def _line_in(last_words: str, job: Job) -> int:
    """Return the innermost line of a job's file in what a crash left to be said, or 0."""
    file = re.escape(str(job.settings.root / job.path))
    found = re.search(rf'^  File "{file}", line (\d+)', last_words, re.MULTILINE)
    return int(found[1]) if found else 0
