"""The supervisor: it hands out jobs, keeps the clock, and judges what became of each.

It runs nothing itself, and believes a process only when that said that it was done.
"""

import math
import os
import time
from collections import deque
from collections.abc import Iterator

from mkdocs_claims.evidence import Kind
from mkdocs_claims.forking import Forks, can_fork
from mkdocs_claims.jobs import Job, Message
from mkdocs_claims.launching import Happening, Launcher
from mkdocs_claims.processes import Process, RunError
from mkdocs_claims.settings import Settings
from mkdocs_claims.spawning import Spawns

__all__ = ["RunError", "cores", "launcher_for", "results_of"]

_GRACE = 2.0
"""Seconds between asking a process to say where it is and ending it, and to its last word."""
_MOST_WARNINGS = 2
"""How often a process is ended before it is the launcher that is taken for stuck."""


def results_of(
    settings: Settings,
    jobs: deque[Job],
    at_once: int = 0,
    launcher: Launcher | None = None,
) -> Iterator[tuple[Job, Message]]:
    """Run jobs, each in a process of its own, and yield what comes of them as it comes.

    Each subject of a job is seen, perhaps more than once, before the job has ended.  Closing the
    iterator ends every process.

    Args:
        settings: those of the project.
        jobs: in the order in which they are begun; each is taken out as it is begun, and more may
            be added.
        at_once: how many run at the same time; 0 stands for the number of the machine's cores.
        launcher: what starts the processes, where there is one already; it is closed.

    Raises:
        RunError: nothing can be run.
    """
    if jobs:
        supervisor = _Supervisor(launcher or launcher_for(settings, len(jobs)), jobs)
        checks = sum(job.kind is Kind.CLAIM for job in jobs)
        supervisor.launcher.expect(len(jobs), checks)
        try:
            yield from supervisor.run(at_once or cores())
        finally:
            supervisor.launcher.close()


def launcher_for(settings: Settings, files: int) -> Launcher:
    """Return what launches processes on this platform; it begins to import what they need.

    `files` is about how many of them it will launch.
    """
    return Forks(settings, files) if can_fork() else Spawns(settings)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Supervisor:
    """What is running, and since when."""

    def __init__(self, launcher: Launcher, waiting: deque[Job]) -> None:
        self.launcher = launcher
        self.waiting = waiting
        self.running: dict[int, Process] = {}
        self.suspects: deque[Job] = deque()
        """Jobs that ran when the launcher was lost; each is run again, alone."""
        self.launched = 0

    def run(self, at_once: int) -> Iterator[tuple[Job, Message]]:
        """Run all jobs."""
        waiting = self.waiting
        while waiting or self.suspects or self.running:
            while self.suspects and not self.running:
                self._launch(self.suspects.popleft())
            while waiting and not self.suspects and self._busy() < at_once:
                self._launch(waiting.popleft())
            deadline = min(running.deadline for running in self.running.values())
            wait = None if deadline == math.inf else max(deadline - time.monotonic(), 0)
            if happening := self.launcher.next(wait):
                yield from self._take(happening)
            if deadline <= time.monotonic():
                yield from self._end_late()

    def _busy(self) -> int:
        """Return how many processes are at work: one that is done takes a while to end."""
        return sum(not running.done for running in self.running.values())

    def _launch(self, job: Job) -> None:
        self.launched += 1
        unseen = {subject.name: subject for subject in job.subjects}
        self.running[self.launched] = Process(job, unseen, time.monotonic())
        self.launcher.launch(self.launched, job)

    def _end_late(self) -> Iterator[tuple[Job, Message]]:
        """End what has no time left: first so that it can say where it is, at last the launcher."""
        now = time.monotonic()
        for number, running in list(self.running.items()):
            if running.deadline > now:
                continue
            running.deadline = now + _GRACE
            if running.ending is not None:  # what it has left behind holds its pipe open
                self.launcher.sweep()
                yield from self._take(Happening("closed", number))
            elif running.warnings < _MOST_WARNINGS:
                self.launcher.end(number, at_once=running.warnings > 0 or running.is_closed)
                running.warnings += 1
            else:
                self.launcher.give_up()

    def _take(self, happening: Happening) -> Iterator[tuple[Job, Message]]:
        if happening.what == "fault":
            raise RunError(happening.ending)
        if happening.what == "gone":
            yield from self._start_again(str(happening.ending))
        elif running := self.running.get(happening.number):
            if happening.what == "line":
                yield from running.read(happening.line)
                return
            running.is_closed |= happening.what == "closed"
            if happening.what == "ended":
                running.ending = happening.ending
            running.deadline = time.monotonic() + _GRACE
            if running.is_closed and running.ending is not None:
                del self.running[happening.number]
                if not running.done or running.done["has_spawned"]:
                    self.launcher.sweep()
                if running.done and running.again:
                    self.waiting.appendleft(running.rest())
                else:
                    yield from running.end()

    def _start_again(self, ending: str) -> Iterator[tuple[Job, Message]]:
        """Make another launcher; a job that was alone with the one before has ended it."""
        if not any(running.is_started for running in self.running.values()):
            raise RunError(ending)
        self.launcher.close()
        lost = list(self.running.values())
        self.launcher = launcher_for(lost[0].job.settings, len(lost) + len(self.waiting))
        self.running.clear()
        if len(lost) == 1:
            lost[0].ending = ending
            yield from lost[0].end()
        else:
            self.suspects.extend(running.job for running in lost)
