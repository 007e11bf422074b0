"""Launching by forks of a server that has imported what they need."""

import contextlib
import json
import os
import pickle
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path

from mkdocs_claims.evidence import Kind
from mkdocs_claims.huge_pages import SEVERAL, TUNABLES
from mkdocs_claims.jobs import Job
from mkdocs_claims.launching import Happening, environment
from mkdocs_claims.orders import Order, send
from mkdocs_claims.settings import Settings

__all__ = ["Forks", "can_fork"]

_MOST_READ = 65_536
_LONGEST_LINE = 16 * 1024 * 1024
"""Bytes of a line; a longer one was written by no child of ours, and is let go."""
_MOST_PATIENCE = 10.0
"""Seconds that a server may take to end."""


def can_fork() -> bool:
    """Whether processes can be forked on this platform."""
    return hasattr(os, "fork")


class Forks:
    """Launches by forks of a server that has imported what they need."""

    def __init__(self, settings: Settings, files: int) -> None:
        self._happened: deque[Happening] = deque()
        self._selector = selectors.DefaultSelector()
        self._parts: dict[int, bytes] = {}
        """What was read of a line that is not whole yet, by the descriptor that it comes from."""
        self._folder = Path(tempfile.mkdtemp(prefix="claims-"))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the server
        self._control, theirs = socket.socketpair()
        self._server = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-P", "-m", "mkdocs_claims.server", str(theirs.fileno())],
            cwd=settings.root,
            # A user's own choice stays.
            env={**({"GLIBC_TUNABLES": TUNABLES} if files > SEVERAL else {}), **environment()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._order(Order.PREPARE, content=(settings, self._folder))
        self._watch(self._control.fileno(), 0)

    def next(self, timeout: float | None) -> Happening | None:
        """Wait until something happens, so many seconds at the most."""
        if not self._happened:
            ready = [key for key, _ in self._selector.select(timeout)]
            # What a process said before it ended the server is heard before the server's end.
            for key in sorted(ready, key=lambda key: key.data == 0):
                self._read(key.fd, key.data)
        return self._happened.popleft() if self._happened else None

    def expect(self, count: int, checks: int) -> None:
        """Tell the server how often it will fork, and how often for a check module."""
        self._order(Order.EXPECT, count, checks)

    def launch(self, number: int, job: Job) -> None:
        """Order a fork, which gets the end of a pipe to write to."""
        ours, theirs = os.pipe()
        order = Order.CHECK if job.kind is Kind.CLAIM else Order.RUN
        self._order(order, number, job, theirs)
        os.close(theirs)
        self._watch(ours, number)

    def end(self, number: int, *, at_once: bool) -> None:
        """Order a process to be ended; the server knows whether it is still the same."""
        self._order(Order.KILL if at_once else Order.ABORT, number)

    def sweep(self) -> None:
        """Order a search for processes that were left behind."""
        self._order(Order.SWEEP)

    def give_up(self) -> None:
        """Have the warden end the server, and with it all its children."""
        self._server.terminate()
        self._wake()

    def close(self) -> None:
        """Let go of the server, which then ends everything."""
        with contextlib.suppress(OSError):  # it may have ended by itself
            self._control.shutdown(socket.SHUT_WR)
        try:
            self._server.wait(_MOST_PATIENCE)
        except subprocess.TimeoutExpired:  # a page may have stopped it
            self.give_up()
            self._server.wait()
        for descriptor in self._parts.keys() - {self._control.fileno()}:
            os.close(descriptor)
        self._parts.clear()
        self._selector.close()
        self._control.close()
        self._errors.close()
        shutil.rmtree(self._folder, ignore_errors=True)  # where the warden was ended, too

    def _wake(self) -> None:
        """Let the warden go on, which may have been stopped."""
        self._server.send_signal(signal.SIGCONT)

    def _order(
        self, order: Order, number: int = 0, content: object = None, *descriptors: int
    ) -> None:
        with contextlib.suppress(OSError):  # it is gone, which the listener finds out
            send(self._control, order, number, pickle.dumps(content), *descriptors)

    def _watch(self, descriptor: int, number: int) -> None:
        self._parts[descriptor] = b""
        self._selector.register(descriptor, selectors.EVENT_READ, number)

    def _read(self, descriptor: int, number: int) -> None:
        try:
            read = os.read(descriptor, _MOST_READ)
        except ConnectionResetError:  # by a server that ended before it had read all its orders
            read = b""
        *lines, part = (self._parts[descriptor] + read).split(b"\n")
        self._parts[descriptor] = part if len(part) < _LONGEST_LINE else b""
        for line in lines:
            if number:
                self._happened.append(Happening("line", number, line + b"\n"))
            else:
                what, about, ending = json.loads(line)
                self._happened.append(Happening(what, about, ending=ending))
        if read:
            return
        self._selector.unregister(descriptor)
        last = self._parts.pop(descriptor)
        if number:
            os.close(descriptor)
            self._happened.append(Happening("line", number, last))
            self._happened.append(Happening("closed", number))
        else:
            self._happened.append(Happening("gone", 0, ending=self._last_words()))

    def _last_words(self) -> str:
        self._wake()
        ending = f"the process that starts the others ended with status {self._server.wait()}"
        self._errors.seek(0)
        return f"{ending}\n{self._errors.read().decode(errors='replace')}".strip()
