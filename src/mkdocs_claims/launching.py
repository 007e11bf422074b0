"""Launching: what starts the process of a job, and tells what happens to it."""

import os
from dataclasses import dataclass
from typing import Literal, Protocol

from mkdocs_claims.jobs import Job

__all__ = ["Happening", "Launcher", "environment"]

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

_ON_CI = ("CI", "BUILD_NUMBER")
"""Where one of them is set, pytest says more of a failure, and a page would show another one."""


@dataclass(frozen=True)
class Happening:
    """What happened to a process that was launched."""

    what: Literal["line", "closed", "ended", "fault", "gone"]
    """It wrote a line; it can write no more; it ended; nothing can be launched, and no more is."""
    number: int
    line: bytes = b""
    ending: int | str = 0
    """The exit code, negative for a signal; or what went wrong, in words."""


class Launcher(Protocol):
    """Launches jobs, each under a number."""

    def next(self, timeout: float | None) -> Happening | None:
        """Wait until something happens, so many seconds at the most."""

    def expect(self, count: int, checks: int) -> None:
        """Get ready for so many jobs, of which so many are of check modules."""

    def launch(self, number: int, job: Job) -> None:
        """Start the process of a job."""

    def end(self, number: int, *, at_once: bool) -> None:
        """End it: at once, or so that it can say in which line it was."""

    def sweep(self) -> None:
        """End what ended processes have left behind."""

    def give_up(self) -> None:
        """End what launches, which does not follow orders any more."""

    def close(self) -> None:
        """End everything, and wait for it."""


def environment() -> dict[str, str]:
    """Return the variables of processes that run files: what changes from run to run is fixed."""
    kept = {name: value for name, value in os.environ.items() if name not in _ON_CI}
    return {**kept, "PYTHONHASHSEED": "0", **dict.fromkeys(_THREADS, "1")}
