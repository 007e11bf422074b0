"""Launching an interpreter for each job, where processes cannot be forked."""

import pickle
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from mkdocs_claims.jobs import Job
from mkdocs_claims.launching import Happening, environment
from mkdocs_claims.settings import Settings

__all__ = ["Spawns"]


class Spawns:
    """Launches an interpreter for each job, where processes cannot be forked."""

    def __init__(self, settings: Settings) -> None:
        self._happened: queue.SimpleQueue[Happening] = queue.SimpleQueue()
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="claims-"))
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def next(self, timeout: float | None) -> Happening | None:
        """Wait until something happens, so many seconds at the most."""
        try:
            return self._happened.get(timeout=timeout)
        except queue.Empty:
            return None

    def expect(self, count: int, checks: int) -> None:
        """Do nothing: each process starts by itself."""

    def launch(self, number: int, job: Job) -> None:
        """Start an interpreter, and hand it the job."""
        process = subprocess.Popen(  # our own interpreter and module
            [sys.executable, "-P", "-m", "mkdocs_claims.spawned"],
            cwd=self._settings.root,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._processes[number] = process
        attend = threading.Thread(target=self._attend, args=(number, job, process), daemon=True)
        attend.start()

    def end(self, number: int, *, at_once: bool) -> None:
        """End the process of a job; on Windows there is one way to do that."""
        if at_once or sys.platform == "win32":
            self._processes[number].kill()
        else:
            self._processes[number].send_signal(signal.SIGABRT)

    def sweep(self) -> None:
        """Find nothing: where there is no fork, processes do not come to another parent."""

    def give_up(self) -> None:
        """Do nothing: each process starts by itself."""

    def close(self) -> None:
        """End every process."""
        for process in self._processes.values():
            process.kill()
            process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _attend(self, number: int, job: Job, process: "subprocess.Popen[bytes]") -> None:
        folder = self._folder / str(number)
        try:
            with process.stdin:  # type: ignore[union-attr]  # it has one, as above
                pickle.dump((self._settings, job, folder), process.stdin)  # type: ignore[arg-type]
        except OSError:
            pass  # it has ended already, which is reported below
        with process.stdout as lines:  # type: ignore[union-attr]  # as above
            for line in lines:
                self._happened.put(Happening("line", number, line))
        self._happened.put(Happening("closed", number))
        self._happened.put(Happening("ended", number, ending=process.wait()))
        shutil.rmtree(folder, ignore_errors=True)
