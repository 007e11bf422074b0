"""A command that is run and measured: how it ended, its time, its memory."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import Watch

__all__ = ["Contender", "Ended", "FailedError", "run"]

_LIMIT = 900
"""Seconds after which a command is taken for hung."""
_LAST_LINES = 30


class FailedError(RuntimeError):
    """A command that had to pass has failed, so that its time says nothing."""


def _nothing() -> None:
    """Do nothing before a command."""


@dataclass(frozen=True)
class Contender:
    """A command that is measured beside others."""

    name: str
    command: tuple[str, ...]
    folder: Path
    before: Callable[[], None] = _nothing
    """What is done before each of its runs, and not measured."""
    tells_its_time: bool = False
    """Whether the last line that it says are the seconds that count."""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it took."""

    code: int
    output: str
    wall: float
    """Seconds by the clock, or as it told them."""
    cpu: float
    """Seconds of all cores, in it and all that it has waited for; 0 where it told its time."""
    peak: float
    """MiB of its process tree, at most; 0 where nobody watched."""

    @property
    def tail(self) -> str:
        """The last lines of what it said."""
        return "\n".join(self.output.splitlines()[-_LAST_LINES:])


def run(contender: Contender, *, is_watched: bool = False) -> Ended:
    """Run a command to its end; watching its memory makes it slower."""
    contender.before()
    with tempfile.TemporaryFile() as said:
        begin = time.monotonic()
        process = subprocess.Popen(  # noqa: S603  # the commands stand in this package
            contender.command,
            cwd=contender.folder,
            env=_environment(contender.folder),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        alarm = threading.Timer(_LIMIT, process.kill)
        alarm.start()
        watch = Watch(process.pid) if is_watched else None
        # Popen's own wait would not tell what the kernel has accounted.
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read().decode(errors="replace")
        if contender.tells_its_time and not process.returncode:
            wall = float(output.split()[-1])
        return Ended(
            process.returncode,
            output,
            wall,
            0.0 if contender.tells_its_time else used.ru_utime + used.ru_stime,
            watch.peak() if watch else 0.0,
        )


def _environment(home: Path) -> dict[str, str]:
    """Return the few variables that a machine for CI would have, alike for all."""
    return {
        "CI": "true",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "NO_MKDOCS_2_WARNING": "1",
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        # One peer's plugin must not cost another peer time; each names those that it needs.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
