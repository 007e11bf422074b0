"""The memory of a process tree: the sum of proportional set sizes, at its highest."""

import threading
from pathlib import Path

__all__ = ["Watch"]

_INTERVAL = 0.02
"""Seconds between two looks."""
_KIB = 1024


class Watch:
    """Looks at a process and its descendants until it is asked for the peak."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._peak = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def peak(self) -> float:
        """Stop looking, and return the highest sum that was seen, in MiB."""
        self._is_over.set()
        self._thread.join()
        return self._peak / _KIB

    def _look(self) -> None:
        while not self._is_over.wait(_INTERVAL):
            self._peak = max(self._peak, sum(map(_proportional, _tree(self._root))))


def _tree(root: int) -> list[int]:
    """Return a process and its descendants, whatever sessions and groups they have opened."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The second field is a name, in which there may be spaces and parentheses.
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
        children.setdefault(parent, []).append(int(folder.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def _proportional(process: int) -> int:
    """Return the proportional set size of a process in KiB, where shared pages are shared out."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0  # it has just ended
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
