"""Writing a file so that a reader finds the old text or the new one, never a part."""

import os
from pathlib import Path

__all__ = ["write"]


def write(file: Path, text: str) -> None:
    """Write a file at once, and the folders that it needs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)
