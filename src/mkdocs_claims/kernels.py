"""Inside a notebook's kernel: it notes which files of the project the cells read."""

import atexit
import json
from pathlib import Path

from mkdocs_claims.containment import Watch

__all__ = ["begin", "line"]


def line(root: Path, told: Path) -> str:
    """Return the line of Python that begins to watch in a kernel, and leaves no name behind."""
    return f"__import__({__name__!r}, fromlist=['begin']).begin({str(root)!r}, {str(told)!r})"


def begin(root: str, told: str) -> None:
    """Watch from now on; when the kernel ends, write what was read below `root` to a file."""
    watch = Watch(Path(root))
    watch.begin()
    atexit.register(lambda: Path(told).write_text(json.dumps(watch.files()), encoding="utf-8"))
