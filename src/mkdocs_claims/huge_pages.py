"""Huge pages: memory in large pieces, so that a fork has fewer of them to copy and to free."""

import contextlib
import ctypes
import sys
from pathlib import Path

__all__ = ["MANY", "SEVERAL", "TUNABLES", "collapse"]

TUNABLES = "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=33554432"
"""What `GLIBC_TUNABLES` must be when a process starts, for its heap to grow in large pieces."""
SEVERAL = 20
"""From so many forks on, they gain more by that than the imports lose: a tenth of a second."""
MANY = 60
"""From so many forks on, they gain more than collapsing takes: a tenth to half of a second."""
_PIECE = 2 * 1024 * 1024
_COLLAPSE = 25
"""An option of Linux's `madvise`, since 6.1; an older kernel refuses it, and nothing is changed."""


def collapse() -> None:
    """Put this process's own memory into huge pages, where the system has them."""
    if sys.platform != "linux":
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in _own_memory():
        # Piece by piece: the first one that cannot be moved would end the call.
        for piece in range(-(-start // _PIECE) * _PIECE, end - _PIECE + 1, _PIECE):
            advise(piece, _PIECE, _COLLAPSE)


def _own_memory() -> list[tuple[int, int]]:
    """Return where each writable mapping that comes from no file begins and ends."""
    found = []
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
            places, rights, _, _, inode, *_ = line.split(maxsplit=5)
            if "w" in rights and inode == "0":
                start, _, end = places.partition("-")
                found.append((int(start, 16), int(end, 16)))
    return found
