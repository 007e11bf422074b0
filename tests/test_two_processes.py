"""The two processes of the examples join before either works, and inherit no thread."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from tests.conftest import ROOT, clean_environment

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")


def _printed(program: str) -> str:
    """Return what a program prints; end it, and what it has forked, if it hangs."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            return process.communicate(timeout=60)[0]
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("slow", [0, 1])
def test_neither_process_works_before_both_have_joined(slow: int) -> None:
    """One that was done sooner would leave, and close what the other still joins."""
    printed = _printed(f"""
        import time
        from torch import distributed
        from snippets.two_processes import in_two_processes

        join = distributed.init_process_group

        def join_slowly(*args, rank, **options):
            global joined
            join(*args, rank=rank, **options)
            time.sleep(rank == {slow})
            joined = time.monotonic()

        distributed.init_process_group = join_slowly
        times = in_two_processes(lambda rank: {{"joined": joined, "began": time.monotonic()}})
        print(times[1 - {slow}]["began"] > times[{slow}]["joined"])
        """)

    assert printed == "True\n"


def test_the_second_process_waits_for_no_thread_that_only_the_first_has() -> None:
    printed = _printed("""
        import torch
        from snippets.two_processes import in_two_processes

        torch.set_num_threads(2)
        total = lambda rank: torch.ones(1_000_000).sum().item()
        print(total(0), in_two_processes(total))
        """)

    assert printed == "1000000.0 [1000000.0, 1000000.0]\n"
