"""A process per file: work in a fork, whose messages come back while it goes on."""

import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from typing import Any, NoReturn

__all__ = ["can_isolate", "messages_of"]

_POLL = 0.2
"""Seconds between two looks at whether a silent child is still there."""


def can_isolate() -> bool:
    """Whether this platform can fork."""
    return hasattr(os, "fork")


def messages_of(work: Callable[[Callable[[Any], None]], None]) -> Generator[Any, None, str]:
    """Run `work(send)` in a fork of this process and yield what it sends.

    The generator returns how the child ended, as words for a reader, or an empty string if it came
    to the end of its work: only a child that says so is believed.  Closing the generator ends the
    child.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        receiver.close()
        _work_and_exit(work, sender)
    sender.close()
    is_done = False
    status: int | None = None
    try:
        while not is_done:
            # Looked at before the pipe, so that nothing sent before the end can be missed.
            status = _status(child) if status is None else status
            if not receiver.poll(0 if status is not None else _POLL):
                if status is not None:
                    break
                continue
            try:
                is_done, content = receiver.recv()
            except (
                EOFError,
                OSError,
                pickle.UnpicklingError,
            ):  # it ended, perhaps within a message
                status = _status(child, wait=True) if status is None else status
                break
            if not is_done:
                yield content
    finally:
        receiver.close()
        if status is None:
            if not is_done:
                os.kill(child, signal.SIGKILL)
            status = _status(child, wait=True)
    return "" if is_done else _described(status or 0)


def _work_and_exit(work: Callable[[Callable[[Any], None]], None], sender: Connection) -> NoReturn:
    code = 1
    try:
        work(lambda content: sender.send((False, content)))
        sender.send((True, None))
        code = 0
    except BaseException:  # noqa: BLE001  # whatever came: this process must not go on as its parent
        traceback.print_exc()
    finally:
        os._exit(code)


def _status(child: int, *, wait: bool = False) -> int | None:
    """Return the exit code of a child, negative for a signal, or None if it still runs."""
    ended, status = os.waitpid(child, 0 if wait else os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _described(code: int) -> str:
    if code < 0:
        known = {known.value: known.name for known in signal.Signals}
        return f"the process was ended by {known.get(-code, f'signal {-code}')}"
    return f"the process ended with exit code {code} before it was done"
