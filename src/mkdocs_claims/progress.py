"""Progress: what is running, what is done and what failed, told while it goes on."""

import shutil
import sys
import time
from typing import TextIO

from mkdocs_claims.evidence import Verdict
from mkdocs_claims.jobs import Begun, Ended, Job, Message
from mkdocs_claims.problems import place

__all__ = ["Progress"]

_BETWEEN_LINES = 10.0
"""Seconds between two lines where nothing can be written over."""
_BETWEEN_CHANGES = 0.1
"""Seconds between two changes of a line in a terminal."""


class Progress:
    """Writes one line that changes to a terminal, and now and then a line to anything else."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._total = 0
        self._done = 0
        self._tried = 0
        """How often a check was run where its claim is false."""
        self._wrong: set[str] = set()
        self._running: dict[str, str] = {}
        """Where each file is that is being run, by its path."""
        self._told = time.monotonic()

    def begin(self, total: int) -> None:
        """Begin to count files."""
        self._total = total
        self._tell()

    def take(self, job: Job, message: Message) -> None:
        """Take note of what came of a job."""
        if isinstance(message, Begun):
            self._running[job.path] = place(job.path, message.subject.line)
        elif isinstance(message, Ended):
            self._running.pop(job.path, None)
            self._done += not job.is_repeated and not job.trials
        elif job.trials:
            self._tried += message.by is not None
        elif message.evidence and message.evidence.verdict is not Verdict.HOLDS:
            self._wrong.add(message.evidence.subject.id)
        self._tell()

    def end(self) -> None:
        """Leave nothing of the changing line."""
        if self._is_terminal:
            self._write("\r\x1b[K")

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told < (_BETWEEN_CHANGES if self._is_terminal else _BETWEEN_LINES):
            return
        self._told = now
        line = f"{self._done} of {self._total} files done"
        if self._tried:
            line += f", {self._tried} trials of checks where their claims are false"
        if self._wrong:
            line += f", {len(self._wrong)} wrong"
        if self._running:
            line += f"; running {', '.join(self._running.values())}"
        if self._is_terminal:
            width = shutil.get_terminal_size().columns - 1
            self._write(f"\r\x1b[K{line[:width]}")
        else:
            self._write(f"{line}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
