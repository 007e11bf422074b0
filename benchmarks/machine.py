"""The machine: on what, with what and when something was measured."""

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from benchmarks.peers import PEERS

__all__ = ["described"]


def described() -> str:
    """Return one paragraph that says when and on what a measurement was made."""
    cores = len(os.sched_getaffinity(0))
    names = ["torch", "numpy", "pytest", *(peer.distribution for peer in PEERS)]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names if name)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {cores} cores of {_processor()}, {_memory()} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}; {versions}."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "an unnamed processor"


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
