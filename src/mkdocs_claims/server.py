"""The server: a process that imports once what files need, and forks a child for each of them.

It runs nothing of any file, and does nothing with what it imports: a process that has worked in
parallel cannot be forked safely.
"""

import contextlib
import gc
import json
import os
import pickle
import select
import shutil
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any, NoReturn

from mkdocs_claims.containment import Watch, keep_orphans
from mkdocs_claims.evidence import Kind
from mkdocs_claims.huge_pages import MANY, TUNABLES, collapse
from mkdocs_claims.jobs import Job
from mkdocs_claims.settings import Settings
from mkdocs_claims.strays import end_strays

__all__ = ["HEADER", "Server"]

HEADER = struct.Struct("!I")
"""The length of an order, which stands before it."""


class Server:
    """Takes orders through a socket, forks, and says which process ended how."""

    def __init__(self, control: socket.socket, settings: Settings, folder: Path) -> None:
        self.control = control
        self.settings = settings
        self.folder = folder
        self.children: dict[int, int] = {}
        """The number of the job of each child, by its process id."""

    def prepare(self) -> None:
        """Import what files need; say what keeps that from being done, and end."""
        from mkdocs_claims.preloading import PreloadError, preload  # noqa: PLC0415  # gc is off now

        try:
            preload(self.settings)
        except PreloadError as error:
            self.say("fault", 0, str(error))
            raise SystemExit(1) from error
        import mkdocs_claims.children  # noqa: F401, PLC0415  # so that no child need import it

        self.watch = Watch(self.settings.root)

    def serve(self) -> None:
        """Follow orders until the other side is gone."""
        awake, wake = os.pipe()
        os.set_blocking(awake, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            while True:
                readable, _, _ = select.select([self.control.fileno(), awake], [], [])
                if awake in readable:
                    os.read(awake, 512)
                    self._reap()
                if self.control.fileno() in readable and not self._follow():
                    break
        finally:
            for child in self.children:
                os.kill(child, signal.SIGKILL)
            while self.children:
                self._reap(wait=True)
            end_strays(set())
            shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, what: str, number: int, content: object) -> None:
        """Tell the supervisor something about a job."""
        with contextlib.suppress(OSError):  # it is gone, so nobody is left to be told
            self.control.sendall(json.dumps([what, number, content]).encode() + b"\n")

    def _follow(self) -> bool:
        """Follow one order; return whether there was one."""
        header, descriptors, _, _ = socket.recv_fds(self.control, HEADER.size, 1)
        if not header:
            return False
        (size,) = HEADER.unpack(header)
        order = b""
        while len(order) < size:
            part = self.control.recv(size - len(order))
            if not part:
                return False
            order += part
        what, number, content = pickle.loads(order)  # noqa: S301  # our own supervisor wrote it
        if what == "run":
            self._fork(number, content, descriptors[0])
        elif what == "expect":
            if content >= MANY:
                collapse()
        elif what == "sweep":
            end_strays(set(self.children))
        else:
            for child, running in self.children.items():
                if running == number:
                    os.kill(child, signal.SIGKILL if what == "kill" else signal.SIGABRT)
        return True

    def _fork(self, number: int, job: Job, descriptor: int) -> None:
        if job.kind is Kind.CLAIM and "pytest" not in sys.modules:
            # Here, for all check modules that follow; but not before the first page was begun.
            import mkdocs_claims.check_session  # noqa: F401, PLC0415

            gc.freeze()
        try:
            child = os.fork()
        except OSError as error:
            os.close(descriptor)
            self.say("ended", number, f"no process could be started for it: {error}")
            return
        if not child:
            self._become_child(job, descriptor, self.folder / str(number))
        os.close(descriptor)
        self.children[child] = number

    def _become_child(self, job: Job, descriptor: int, folder: Path) -> NoReturn:
        from mkdocs_claims.children import work  # noqa: PLC0415  # as above

        code = 1
        try:
            signal.set_wakeup_fd(-1)
            self.control.close()
            work(job, self.watch, descriptor, folder)
            code = 0
        finally:
            os._exit(code)

    def _reap(self, *, wait: bool = False) -> None:
        """Take note of the children that ended, and end what they left behind."""
        while True:
            try:
                child, status = os.waitpid(-1, 0 if wait else os.WNOHANG)
            except ChildProcessError:
                self.children.clear()
                return
            if not child:
                return
            if child not in self.children:  # one that a child had left behind
                continue
            number = self.children.pop(child)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            shutil.rmtree(self.folder / str(number), ignore_errors=True)
            self.say("ended", number, os.waitstatus_to_exitcode(status))
            if wait:
                return


def _main() -> None:
    gc.disable()  # the imports make no garbage worth looking for
    if os.environ.get("GLIBC_TUNABLES") == TUNABLES:
        del os.environ["GLIBC_TUNABLES"]  # it was for this process alone
    control = socket.socket(fileno=int(sys.argv[1]))
    settings: Settings
    folder: Path
    size = HEADER.unpack(control.recv(HEADER.size, socket.MSG_WAITALL))[0]
    first: Any = pickle.loads(control.recv(size, socket.MSG_WAITALL))  # noqa: S301  # as above
    settings, folder = first
    keep_orphans()
    server = Server(control, settings, folder)
    server.prepare()
    gc.freeze()  # so that no collection in a child touches, and copies, what they share
    server.serve()
    os._exit(0)  # nothing is left to do, and to take down what was imported takes long


if __name__ == "__main__":
    _main()
