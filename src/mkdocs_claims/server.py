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
import sys
from pathlib import Path
from typing import NoReturn

from mkdocs_claims.containment import Watch, keep_orphans
from mkdocs_claims.huge_pages import MANY, TUNABLES, collapse
from mkdocs_claims.orders import Order, receive
from mkdocs_claims.settings import Settings
from mkdocs_claims.strays import end_strays
from mkdocs_claims.warden import watch_over

__all__ = ["Server"]

_FEW = 2
"""Up to so many check modules import pytest themselves, while another file is run beside them."""


class Server:
    """Takes orders through a socket, forks, and says which process ended how."""

    def __init__(self, control: socket.socket, settings: Settings, folder: Path) -> None:
        self.control = control
        self.settings = settings
        self.folder = folder
        self.checks = 0
        """How many runs of check modules are to be expected."""
        self.checked = 0
        """How many there were."""
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

    def say(self, what: str, number: int, content: object) -> None:
        """Tell the supervisor something about a job."""
        with contextlib.suppress(OSError):  # it is gone, so nobody is left to be told
            self.control.sendall(json.dumps([what, number, content]).encode() + b"\n")

    def _follow(self) -> bool:
        """Follow one order; return whether there was one."""
        received = receive(self.control)
        if not received:
            return False
        order, number, content, descriptors = received
        if order in (Order.RUN, Order.CHECK):
            if order == Order.CHECK:
                self._expect_checks()
            self._fork(number, content, descriptors[0])
        elif order == Order.EXPECT:
            self.checks = pickle.loads(content)  # noqa: S301  # our own supervisor wrote it
            if number >= MANY:
                collapse()
        elif order == Order.SWEEP:
            end_strays(set(self.children))
        else:
            for child, running in self.children.items():
                if running == number:
                    os.kill(child, signal.SIGKILL if order == Order.KILL else signal.SIGABRT)
        return True

    def _expect_checks(self) -> None:
        """Import pytest for all check modules that follow, but not before a page was begun."""
        self.checked += 1
        if max(self.checks, self.checked) > _FEW and "pytest" not in sys.modules:
            import mkdocs_claims.check_session  # noqa: PLC0415

            mkdocs_claims.check_session.preload_plugins()
            gc.freeze()

    def _fork(self, number: int, job: bytearray, descriptor: int) -> None:
        try:
            child = os.fork()
        except OSError as error:
            os.close(descriptor)
            self.say("ended", number, f"no process could be started for it: {error}")
            return
        if not child:
            self._become_child(job, descriptor, self._folder_of(number))
        os.close(descriptor)
        self.children[child] = number

    def _become_child(self, job: bytearray, descriptor: int, folder: str) -> NoReturn:
        from mkdocs_claims.children import work  # noqa: PLC0415  # as above

        code = 1
        try:
            signal.set_wakeup_fd(-1)
            self.control.close()
            # Not before the fork: what the server touches is copied for it after each one.
            work(pickle.loads(job), self.watch, descriptor, folder)  # noqa: S301  # our supervisor's
            code = 0
        finally:
            os._exit(code)

    def _folder_of(self, number: int) -> str:
        return f"{self.folder}{os.sep}{number}"

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
            try:
                os.rmdir(self._folder_of(number))  # noqa: PTH106  # as above
            except OSError:  # it is not empty
                shutil.rmtree(self._folder_of(number), ignore_errors=True)
            self.say("ended", number, os.waitstatus_to_exitcode(status))
            if wait:
                return


def _main() -> None:
    gc.disable()  # the imports make no garbage worth looking for
    if os.environ.get("GLIBC_TUNABLES") == TUNABLES:
        del os.environ["GLIBC_TUNABLES"]  # it was for this process alone
    control = socket.socket(fileno=int(sys.argv[1]))
    if not (received := receive(control)):
        return
    settings, folder = pickle.loads(received[2])  # noqa: S301  # as above
    if child := os.fork():
        control.close()
        watch_over(child, folder)
    os.setsid()  # what ends the group of the server does not end the warden
    keep_orphans()
    server = Server(control, settings, folder)
    server.prepare()
    gc.freeze()  # so that no collection in a child touches, and copies, what they share
    server.serve()
    os._exit(0)  # nothing is left to do, and to take down what was imported takes long


if __name__ == "__main__":
    _main()
