"""Trials: running a check where its claim is false, each time in a process of its own.

A session of pytest takes longer to get ready than most checks to run, so each of these processes is
a fork of one that is ready to run the check.
"""

import importlib
import os
import select
import signal
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest.runner import runtestprotocol  # nothing public

from mkdocs_claims.check_modules import FaultyCheck
from mkdocs_claims.counterfactuals import Change
from mkdocs_claims.evidence import Evidence, Verdict
from mkdocs_claims.going_on import go_on_past
from mkdocs_claims.jobs import packed
from mkdocs_claims.proofs import Trial
from mkdocs_claims.rivals import put_rival

if TYPE_CHECKING:
    from mkdocs_claims.check_session import Session

__all__ = ["Trials", "put_in_force"]

_OURS = os.path.dirname(__file__)  # noqa: PTH120  # compared as text
_DONE = b"."
"""What a fork writes when it has come to its end."""


def put_in_force(trials: Iterable[Trial], *, is_probe: bool = False) -> dict[str, Change]:
    """Put counterfactuals in force in this process, and return their changes by their names.

    Raises:
        BaseException: whatever the code of a counterfactual raises.
    """
    changes = {}
    for trial in trials:
        changes[trial.by] = Change(is_probe=is_probe)
        if trial.by:
            getattr(importlib.import_module(trial.module), trial.by)(changes[trial.by])
    return changes


class Trials:
    """The part of a session that runs each check in its trials, and not as it is."""

    def __init__(self, session: "Session") -> None:
        self.session = session
        self._going_on: set[str] = set()
        """The names of the checks that go on past an assertion that fails, by now."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Run the check of an item in each of its trials."""
        if isinstance(item, FaultyCheck):
            return None
        name: str = item.subject.name  # type: ignore[attr-defined]
        if name not in self._going_on:
            go_on_past(item.function, self.session.note_failure)  # type: ignore[attr-defined]
            self._going_on.add(name)
        for number, trial in enumerate(self.session.job.trials.get(name, ())):
            self.session.send({"begin": name})  # each has the time of a check
            if hasattr(os, "fork"):
                self._fork(item, trial, f"{self.session.folder}{os.sep}{name}-{number}")
            else:
                self._run(item, trial)
        return True

    def _fork(self, item: pytest.Item, trial: Trial, folder: str) -> None:
        """Run a trial in a fork, and say what became of it if it does not do so itself."""
        job, subject = self.session.job, item.subject  # type: ignore[attr-defined]
        reads, writes = os.pipe()
        fork = os.fork()
        if not fork:
            try:
                os.mkdir(folder)  # noqa: PTH102  # each fork pays for what it touches first
                os.chdir(folder)
                os.environ["TMPDIR"], tempfile.tempdir = folder, None
                self._run(item, trial)
                os.write(writes, _DONE)
            finally:
                os._exit(0)
        os.close(writes)
        limit = subject.timeout or job.settings.timeout
        is_over = bool(select.select([reads], [], [], limit)[0])
        if not is_over:
            os.kill(fork, signal.SIGKILL)
        said = os.read(reads, 1) if is_over else b""
        os.close(reads)
        code = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
        if said != _DONE:
            how = f"its process ended with status {code} before it was done"
            late = f"it was still running after {limit:g} s, and was ended"
            self._give_up(item, trial, how if is_over else late)

    def _run(self, item: pytest.Item, trial: Trial) -> None:
        session = self.session
        session.by = trial.by
        try:
            session.changes = put_in_force([trial])
            if not trial.by:
                put_rival(item.function, session.changes[""])  # type: ignore[attr-defined]
        except BaseException as error:  # noqa: BLE001  # an author's code may raise anything
            what = f"the counterfactual {trial.by}" if trial.by else "the rival"
            why = f"{type(error).__name__}: {error}"
            self._give_up(item, trial, f"{what} could not be put in force{_where(error)}: {why}")
        else:
            runtestprotocol(item, log=False, nextitem=None)

    def _give_up(self, item: pytest.Item, trial: Trial, why: str) -> None:
        subject = item.subject  # type: ignore[attr-defined]
        evidence = Evidence(subject, Verdict.ERROR, expected="it to run to its end", seen=why)
        self.session.send({"name": subject.name, "by": trial.by, "seen": packed(evidence)})


def _where(error: BaseException) -> str:
    """Say on which line of a counterfactual's module an exception came out of it, if of one."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(_OURS)]
    return f" ({Path(own[0].filename).name}:{own[0].lineno})" if own else ""
