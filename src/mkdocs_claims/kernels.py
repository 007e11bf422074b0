"""Inside a notebook's kernel: cells import from the project, and what they read there is noted."""

import atexit
import json
import sys
from pathlib import Path

from mkdocs_claims.containment import Watch

__all__ = ["begin", "line"]


def line(root: Path, told: Path) -> str:
    """Return the line of Python that does so in a kernel, and leaves no name behind."""
    return f"__import__({__name__!r}, fromlist=['begin']).begin({str(root)!r}, {str(told)!r})"


def begin(root: str, told: str) -> None:
    """Let cells import what pages can, and watch from now on.

    When the kernel ends, what was read below `root` is written to a file.
    """
    sys.path.append(root)
    watch = Watch(Path(root))
    watch.begin()
    atexit.register(lambda: Path(told).write_text(json.dumps(watch.files()), encoding="utf-8"))
