"""Containment: what the process of a file sets up around itself before it runs anything."""

import contextlib
import ctypes
import faulthandler
import gc
import itertools
import os
import signal
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

if sys.platform != "win32":
    import fcntl
    import resource

__all__ = ["Watch", "contain", "keep_orphans", "move_up"]

_DIE_WITH_PARENT = 1
_KEEP_ORPHANS = 36
"""Two options of Linux's `prctl`, from its header."""
_HIGH = 200
"""Where the descriptor for messages goes: out of the way of code that closes those it opened."""


def contain(folder: str, memory: int) -> None:
    """Part this process from all others: a session, a folder and limits of its own, no terminal.

    `memory` is what it may take, in MiB, beside what it has already.
    """
    if sys.platform != "win32":
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _limit(memory)
    _prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    keep_orphans()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    os.mkdir(folder)  # noqa: PTH102  # each fork pays for what it touches first
    os.chdir(folder)
    os.environ["TMPDIR"] = folder
    tempfile.tempdir = None
    gc.enable()


def move_up(descriptor: int) -> int:
    """Give a descriptor a high number, and let it also take what a crash leaves to be said."""
    if sys.platform == "win32":
        return descriptor
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    os.close(descriptor)
    faulthandler.enable(high, all_threads=False)
    return high


def keep_orphans() -> None:
    """Become the parent of processes whose own parent, a descendant of this one, has ended."""
    _prctl(_KEEP_ORPHANS, 1)


class Watch:
    """Watches which files of the project this process reads, and whether it starts others."""

    def __init__(self, root: Path) -> None:
        self._root = f"{root}{os.sep}"
        self._opened: set[str] = set()
        imported = _files_of(sys.modules.values())
        self._inherited = {path for path in imported if path.startswith(self._root)}
        self._modules = len(sys.modules)
        self.has_spawned = False

    def begin(self) -> None:
        """Watch from now on, to the end of the process."""
        sys.addaudithook(self._note)

    def files(self) -> list[str]:
        """Return the files that were read or imported, relative to the root, sorted."""
        # The latest modules come last; to touch all of them would copy them.
        later = itertools.islice(reversed(sys.modules.values()), len(sys.modules) - self._modules)
        inside = {
            path.removeprefix(self._root).replace(os.sep, "/")
            for path in self._opened | self._inherited | _files_of(list(later))
            if path.startswith(self._root) and not path.startswith(_MACHINERY)
        }
        return sorted(path for path in inside if not _is_foreign(path))

    def _note(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            is_path = isinstance(path, str | bytes | os.PathLike)
            if is_path and isinstance(flags, int) and not flags & os.O_ACCMODE:
                with contextlib.suppress(OSError):  # the working directory may be gone
                    name = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]  # noqa: PTH100  # at each open
                    self._opened.add(name)
        elif event in ("os.fork", "os.forkpty", "subprocess.Popen", "os.posix_spawn"):
            self.has_spawned = True


def _files_of(modules: Iterable[object]) -> set[str]:
    return {getattr(module, "__file__", None) or "" for module in modules}


def _is_foreign(path: str) -> bool:
    """Whether a file under the root was made there by tools, and not written by the author."""
    parts = path.split("/")
    return any(part.startswith(".") or part in _FOREIGN for part in parts)


_MACHINERY = f"{os.path.dirname(os.path.abspath(__file__))}{os.sep}"  # noqa: PTH100, PTH120  # as above
"""This package, which is no part of a project even where it lies in it."""
_FOREIGN = ("__pycache__", "site-packages", "node_modules")


def _limit(memory: int) -> None:
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):  # no /proc, or a stricter limit is in force
        with open("/proc/self/statm", "rb", buffering=0) as counts:  # noqa: PTH123  # as below
            pages = int(counts.read().split()[0])
        most = pages * resource.getpagesize() + memory * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _prctl(option: int, value: int) -> None:
    if _LIBC:
        _LIBC.prctl(option, value, 0, 0, 0)
