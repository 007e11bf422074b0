"""Work in a process of its own: what it sends arrives, and only what is done is believed.

It is as long as a list of cases is: each stands by itself.
"""

import functools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mkdocs_claims.isolation import can_isolate, messages_of

Send = Callable[[Any], None]

pytestmark = pytest.mark.skipif(not can_isolate(), reason="this platform cannot fork")


@pytest.fixture(autouse=True)
def _no_child_is_left() -> Iterator[None]:
    """Every test ends with no child of this process, running or dead."""
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def _all_of(work: Callable[[Send], None]) -> tuple[list[Any], str]:
    """Return what the work sent, and how its process ended."""
    received = []
    messages = messages_of(work)
    while True:
        try:
            received.append(next(messages))
        except StopIteration as end:
            return received, end.value


def _nothing(send: Send) -> None:
    """Come to the end without a word."""


def _two(send: Send) -> None:
    send("one")
    send({"two": (2, None)})


def test_work_that_comes_to_its_end_is_done() -> None:
    assert ([], "") == _all_of(_nothing)


def test_messages_arrive_in_their_order() -> None:
    assert (["one", {"two": (2, None)}], "") == _all_of(_two)


def test_many_messages_arrive() -> None:
    def many(send: Send) -> None:
        for number in range(20_000):
            send(number)

    assert (list(range(20_000)), "") == _all_of(many)


def test_a_big_message_arrives() -> None:
    def big(send: Send) -> None:
        send("x" * 20_000_000)
        send(b"y" * 20_000_000)

    received, ending = _all_of(big)

    assert "" == ending
    assert ["x" * 20_000_000, b"y" * 20_000_000] == received


def test_a_message_that_looks_like_the_end_is_a_message() -> None:
    def tricky(send: Send) -> None:
        send((True, None))
        send(None)

    assert ([(True, None), None], "") == _all_of(tricky)


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_a_process_that_exits_before_it_was_done_is_not_believed(code: int) -> None:
    def leave(send: Send) -> None:
        send("begun")
        os._exit(code)

    expected = f"the process ended with exit code {code} before it was done"
    assert (["begun"], expected) == _all_of(leave)


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT], ids=lambda number: number.name
)
def test_a_process_that_a_signal_ended_says_which(number: signal.Signals) -> None:
    def die(send: Send) -> None:
        send("begun")
        signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
        os.kill(os.getpid(), number)

    assert (["begun"], f"the process was ended by {number.name}") == _all_of(die)


def test_a_process_that_a_realtime_signal_ended_says_its_number() -> None:
    """Not every signal has a name in Python."""
    number = signal.SIGRTMIN + 3

    def die(send: Send) -> None:
        send("begun")
        os.kill(os.getpid(), number)

    received, ending = _all_of(die)

    assert ["begun"] == received
    assert ending.startswith("the process was ended by ")
    assert str(number) in ending


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit])
def test_work_that_raises_is_not_done(
    error: type[BaseException], capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(send: Send) -> None:
        send("begun")
        message = "what went wrong"
        raise error(message)

    expected = "the process ended with exit code 1 before it was done"
    assert (["begun"], expected) == _all_of(fail)
    assert capfd.readouterr().err.rstrip().endswith(f"{error.__name__}: what went wrong")


def test_a_message_that_cannot_be_sent_is_a_fault_of_the_work(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def send_a_lock(send: Send) -> None:
        send("begun")
        send(threading.Lock())

    expected = "the process ended with exit code 1 before it was done"
    assert (["begun"], expected) == _all_of(send_a_lock)
    assert "TypeError: cannot pickle '_thread.lock' object" in capfd.readouterr().err


def test_work_runs_in_another_process() -> None:
    state = ["untouched"]

    def touch(send: Send) -> None:
        state.append("touched")
        os.environ["MKDOCS_CLAIMS_TOUCHED"] = "yes"
        send((os.getpid() != parent, state))

    parent = os.getpid()

    assert ([(True, ["untouched", "touched"])], "") == _all_of(touch)
    assert ["untouched"] == state
    assert "MKDOCS_CLAIMS_TOUCHED" not in os.environ


def test_no_exit_handler_of_the_parent_runs_in_the_child(tmp_path: Path) -> None:
    """The child must not write what the parent had not flushed yet a second time."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import atexit, sys\n"
        "from mkdocs_claims.isolation import messages_of\n"
        "atexit.register(print, 'left')\n"
        "sys.stdout.write('begun ')\n"
        "print(list(messages_of(lambda send: send(1))))\n",
        encoding="utf-8",
    )
    output = tmp_path / "output.txt"

    status = os.spawnv(  # noqa: S606  # with its output in a file, which is buffered whole
        os.P_WAIT,
        "/bin/sh",
        ["sh", "-c", f"exec '{sys.executable}' '{script}' > '{output}' 2>&1"],
    )

    assert (0, "begun [1]\nleft\n") == (status, output.read_text(encoding="utf-8"))


def test_closing_the_messages_ends_the_process() -> None:
    def wait(send: Send) -> NoReturn:
        send(os.getpid())
        while True:
            signal.pause()

    messages = messages_of(wait)
    child = next(messages)

    messages.close()

    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_closing_the_messages_of_a_process_that_is_dead_already_is_harmless() -> None:
    def leave(send: Send) -> None:
        send(1)
        send(2)
        os._exit(3)

    messages = messages_of(leave)
    assert next(messages) == 1

    messages.close()

    assert [] == list(messages)


def test_a_silent_process_is_waited_for(tmp_path: Path) -> None:
    """Silence for longer than a look at the process takes is not the end."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)

    def wait(send: Send) -> None:
        send("begun")
        send(gate.read_text(encoding="utf-8"))

    messages = messages_of(wait)
    assert next(messages) == "begun"
    opener = threading.Timer(0.6, gate.write_text, ["opened"])
    opener.start()

    assert next(messages) == "opened"
    opener.join()
    assert [] == list(messages)


def test_a_process_that_dies_while_its_own_child_lives_on_is_reported() -> None:
    """The grandchild holds the pipe open, so its end alone does not tell."""

    def leave_a_child(send: Send) -> None:
        grandchild = os.fork()
        if not grandchild:
            signal.pause()
            os._exit(0)
        send(grandchild)
        os._exit(7)

    received, ending = _all_of(leave_a_child)

    os.kill(received[0], signal.SIGKILL)
    assert "the process ended with exit code 7 before it was done" == ending


def test_a_process_that_dies_in_the_middle_of_a_message_is_reported() -> None:
    def die_while_sending(send: Send) -> None:
        send(os.getpid())
        threading.Thread(target=send, args=("x" * 1_000_000,), daemon=True).start()
        time.sleep(0.3)  # the other thread fills the pipe, and waits for a reader
        os.kill(os.getpid(), signal.SIGKILL)

    messages = messages_of(die_while_sending)
    os.waitid(os.P_PID, next(messages), os.WEXITED | os.WNOWAIT)

    with pytest.raises(StopIteration) as end:
        next(messages)

    assert end.value.value == "the process was ended by SIGKILL"


def test_several_processes_at_once_keep_their_messages_apart() -> None:
    def thrice(name: str, send: Send) -> None:
        for step in range(3):
            send(f"{name}{step}")

    streams = [messages_of(functools.partial(thrice, name)) for name in "abc"]

    received = list(zip(*streams, strict=True))

    assert [("a0", "b0", "c0"), ("a1", "b1", "c1"), ("a2", "b2", "c2")] == received
