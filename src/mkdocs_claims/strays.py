"""Strays: processes that outlive the one that started them."""

import os
import signal
from pathlib import Path

__all__ = ["end_strays"]


def end_strays(children: set[int]) -> None:
    """End the processes that came to this one when their parents ended, and theirs in turn."""
    own = os.getpid()
    while True:
        strays = [
            int(process.name)
            for process in Path("/proc").glob("[0-9]*")
            if _parent_of(process) == own and int(process.name) not in children
        ]
        if not strays:
            return
        for stray in strays:
            os.kill(stray, signal.SIGKILL)
            os.waitpid(stray, 0)


def _parent_of(process: Path) -> int:
    try:
        # The name before it may hold spaces and parentheses.
        stat = (process / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])
