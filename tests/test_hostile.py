"""Each hostile block costs its own page a clear verdict, and no other page anything.

It is as long as a list of cases is: each stands by itself.
"""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ended, Project, clean_environment

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")

LIMIT = 3
"""Seconds that a subject may take in these tests."""


@dataclass(frozen=True)
class Hostile:
    """A block that harms its process, and what is to be said of it."""

    code: str
    line: int
    """Of the block's lines (the first is 1), that which is named; 0 is the fence's."""
    expected: str
    seen: str
    is_last: bool = True
    """Whether nothing after it on its page can be run."""


_STOP_WARDEN = (
    "os.kill(int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1]), "
    "signal.SIGSTOP)"
)
_TO_ITS_END = "it to run to its end"
_IN_TIME = f"it to end within {LIMIT} s; where it needs more, say so with timeout=…"
_STILL = f"it was still running after {LIMIT} s, and was ended"

# Since Python 3.12 what is written in C has a limit of its own, below that of the stack.
_OF_DEEP_RECURSION: dict[str, Any] = (
    {"expected": _TO_ITS_END, "seen": "the process was ended by SIGSEGV"}
    if sys.version_info < (3, 12)
    else {
        "expected": "`repr(x)` to run",
        "seen": "RecursionError: maximum recursion depth exceeded while getting the repr of an "
        "object",
        "is_last": False,
    }
)

REPORTED = {
    "a segmentation fault": Hostile(
        "import ctypes\n\nctypes.string_at(0)",
        3,
        _TO_ITS_END,
        "the process was ended by SIGSEGV",
    ),
    "an abort": Hostile(
        "import os\n\nos.abort()", 3, _TO_ITS_END, "the process was ended by SIGABRT"
    ),
    "an exit that looks well": Hostile(
        "import os\n\nos._exit(0)",
        0,
        _TO_ITS_END,
        "the process ended with exit code 0 before it was done",
    ),
    "an exit": Hostile(
        "import os\n\nos._exit(3)",
        0,
        _TO_ITS_END,
        "the process ended with exit code 3 before it was done",
    ),
    "sys.exit": Hostile(
        "import sys\n\nsys.exit(0)", 3, "`sys.exit(0)` to run", "SystemExit: 0", is_last=False
    ),
    "killing itself": Hostile(
        "import os\n\nos.kill(os.getpid(), 9)",
        0,
        _TO_ITS_END,
        "the process was ended by SIGKILL",
    ),
    "an endless loop": Hostile("while True: x = 1", 1, _IN_TIME, _STILL),
    "an endless loop that catches everything": Hostile(
        textwrap.dedent("""\
            import signal
            for number in (signal.SIGABRT, signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            while True:
                x = 1"""),
        0,
        _IN_TIME,
        _STILL,
    ),
    "a call in C that never returns": Hostile(
        "import ctypes\n\nctypes.CDLL(None).pause()", 3, _IN_TIME, _STILL
    ),
    "more memory than there is": Hostile(
        "x = bytearray(50_000_000_000)",
        1,
        "`x = bytearray(50_000_000_000)` to run",
        "MemoryError",
        is_last=False,
    ),
    "memory that grows": Hostile(
        "x = []\nwhile True:\n    x.append(bytearray(10_000_000))",
        3,
        "`x.append(bytearray(10_000_000))` to run",
        "MemoryError",
        is_last=False,
    ),
    "deep recursion": Hostile(
        "def deeper():\n    return deeper()\n\n\ndeeper()",
        2,
        "`return deeper()` to run",
        "RecursionError: maximum recursion depth exceeded",
        is_last=False,
    ),
    "deep recursion in C": Hostile(
        "import sys\n\nsys.setrecursionlimit(10**9)\nx = []\nfor _ in range(10**6):\n    x = [x]\n"
        "repr(x)",
        7,
        **_OF_DEEP_RECURSION,
    ),
    "an interrupt to itself": Hostile(
        "import os, signal\n\nos.kill(os.getpid(), signal.SIGINT)",
        3,
        "`os.kill(os.getpid(), signal.SIGINT)` to run",
        "KeyboardInterrupt",
        is_last=False,
    ),
    "a termination of itself": Hostile(
        "import os, signal\n\nos.kill(os.getpid(), signal.SIGTERM)",
        0,
        _TO_ITS_END,
        "the process was ended by SIGTERM",
    ),
    "writing without end where its messages go": Hostile(
        "import os\nwhile True: os.write(200, b'{}\\n5\\nx' * 99)", 2, _IN_TIME, _STILL
    ),
    "closing all files": Hostile(
        "import os\n\nos.closerange(0, 4096)",
        0,
        _TO_ITS_END,
        "the process ended with exit code 1 before it was done",
    ),
}

UNNOTICED = {
    "closing stdout": "import sys\n\nsys.stdout.close()",
    "closing the descriptor of stdout": "import os\n\nos.close(1)",
    "a thread left running": (
        "import threading, time\n\nthreading.Thread(target=time.sleep, args=(600,)).start()"
    ),
    "a program left running": "import subprocess\n\nsubprocess.Popen(['sleep', '600'])",
    "a program left running in a session of its own": (
        "import subprocess\n\nsubprocess.Popen(['sleep', '600'], start_new_session=True)"
    ),
    "a fork left running in a session of its own": (
        "import os, time\n\nif not os.fork():\n    os.setsid()\n    os.fork()\n    time.sleep(600)"
    ),
    "deleting all temporary files": (
        "import shutil, tempfile\n\nshutil.rmtree(tempfile.gettempdir())"
    ),
    "leaving temporary files behind": (
        "import tempfile\n\ntempfile.mkdtemp()\ntempfile.mkstemp()\nopen('left', 'w').close()"
    ),
    "writing to all files": (
        "import os\n\nfor file in range(3, 300):\n    try:\n"
        "        os.write(file, b'{}\\n5\\nx\\n' * 99)\n    except OSError:\n        continue"
    ),
    "changing the directory": "import os\n\nos.chdir('/')",
    "changing the environment": "import os\n\nos.environ.clear()",
}

NEIGHBOUR = "```python\nimport os\n\nassert os.environ['PATH']\nx = 1\nassert x == 1\n```\n"


@pytest.fixture
def hostile(project: Project, tmp_path: Path) -> Project:
    """Return a project whose processes have little time and memory, and their own folder."""
    project.append("pyproject.toml", f"timeout = {LIMIT}\nmemory = 600\n")
    project.write("docs/a.md", NEIGHBOUR)
    project.write("docs/z.md", NEIGHBOUR)
    (tmp_path / "temporary").mkdir()
    mark = {"TMPDIR": str(tmp_path / "temporary"), "HOSTILE_TEST": str(tmp_path)}
    return Project(project.root, mark)


def _page(code: str) -> str:
    return (
        f"# Hostile\n\n```python\nx = 1\n```\n\n```python\n{code}\n```\n\n"
        "```python\nassert x\n```\n"
    )


def _left_running(project: Project) -> list[str]:
    """Return the commands of processes that descend from a command of this project."""
    mark = f"HOSTILE_TEST={project.environment['HOSTILE_TEST']}".encode()
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                left.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return left


def _assert_nothing_is_left(project: Project) -> None:
    assert [] == _left_running(project)
    assert [] == list(Path(project.environment["TMPDIR"]).iterdir())


@pytest.mark.parametrize("block", REPORTED.values(), ids=REPORTED)
def test_its_page_alone_has_an_error_with_its_line_after(hostile: Project, block: Hostile) -> None:
    hostile.write("docs/h.md", _page(block.code))
    before = hostile.site()

    ended = hostile.build()

    line = 7 + block.line
    harm = (
        f"docs/h.md:{line}: example: error\n"
        f"  expected  {block.expected}\n"
        f"  seen      {block.seen}\n"
        "  alone     pytest docs/h.md::line-7"
    )
    entries = [harm]
    if block.is_last:
        after = 7 + block.code.count("\n") + 4
        entries.append(
            f"docs/h.md:{after}: example: error\n"
            f"  expected  {_TO_ITS_END}\n"
            f"  seen      not run: {block.seen} at line {line}\n"
            "  after     an example above it, on line 7, failed\n"
            f"  alone     pytest docs/h.md::line-{after}"
        )
    assert (1, entries) == (ended.code, ended.entries)
    assert before == hostile.site()
    counts = hostile.report(".claims/report.json")["counts"]
    assert {"holds": 17 - len(entries), "error": len(entries)} == {
        verdict: counts[verdict] for verdict in ("holds", "error")
    }
    _assert_nothing_is_left(hostile)


@pytest.mark.parametrize("code", UNNOTICED.values(), ids=UNNOTICED)
def test_everything_holds_and_nothing_is_left_after(hostile: Project, code: str) -> None:
    hostile.write("docs/h.md", _page(code))

    ended = hostile.build()

    assert (0, "") == (ended.code, ended.output)
    assert hostile.report()["counts"]["holds"] == 17
    _assert_nothing_is_left(hostile)


@pytest.mark.parametrize(
    ("write", "is_shown"),
    [
        pytest.param("sys.stdout.write('x' * 1_000_000)", True, id="through Python"),
        pytest.param("os.write(1, b'x' * 1_000_000)", False, id="through the descriptor"),
    ],
)
def test_a_gigabyte_of_output_is_kept_short_and_said_to_be(
    hostile: Project, write: str, *, is_shown: bool
) -> None:
    code = f"import os, sys\n\nfor _ in range(1000):\n    _ = {write}"
    hostile.write("docs/h.md", _page(code))

    ended = hostile.build()

    assert (0, "") == (ended.code, ended.output)
    outputs = [
        item["output"]
        for item in hostile.report()["evidence"]
        if item["subject"]["id"] == "docs/h.md:7"
    ]
    note = "\n… (1,000,000,000 characters were printed; the rest is left out)\n"
    assert [f"{'x' * 65_536}{note}" if is_shown else ""] == outputs


@pytest.mark.parametrize(
    ("code", "line", "seen"),
    [
        pytest.param("os._exit(0)", 9, "the process ended with exit code 0", id="an exit"),
        pytest.param("ctypes.string_at(0)", 12, "the process was ended by SIGSEGV", id="a crash"),
        pytest.param("signal.pause()", 12, _STILL, id="a hang"),
        pytest.param("sys.exit(0)", 12, "SystemExit: 0", id="sys.exit"),
        pytest.param(
            "os.kill(os.getpid(), signal.SIGINT)", 12, "KeyboardInterrupt", id="an interrupt"
        ),
    ],
)
def test_a_check_that_ends_its_process_has_an_error_with_its_line(
    hostile: Project, code: str, line: int, seen: str
) -> None:
    hostile.write(
        "verify/hostile.py",
        "import ctypes\nimport os\nimport signal\nimport sys\n\n"
        "from mkdocs_claims import claim\n\n\n"
        f'@claim\ndef gone() -> None:\n    """It ends."""\n    {code}\n    assert [] == []\n',
    )
    hostile.append("docs/index.md", "[eleven](claim:gone)\n")

    ended = hostile.build()

    assert ended.code == 1
    (entry,) = ended.entries
    assert f"  check     verify/hostile.py:{max(line, 10)}\n" in entry
    assert f"  seen      {seen}" in entry
    _assert_nothing_is_left(hostile)


@pytest.mark.parametrize(
    ("mark", "seconds"),
    [pytest.param('timeout="1"', "1", id="shorter"), pytest.param("", str(LIMIT), id="by default")],
)
def test_an_example_may_take_its_own_time(hostile: Project, mark: str, seconds: str) -> None:
    hostile.write("docs/h.md", f"```python {mark}\nwhile True:\n    pass\n```\n")

    (entry,) = hostile.build().entries

    assert f"seen      it was still running after {seconds} s, and was ended" in entry


def test_a_claim_may_take_its_own_time(hostile: Project) -> None:
    slow = (
        "import time\n\nfrom mkdocs_claims import claim\n\n\n"
        '@claim(timeout={})\ndef {}() -> None:\n    """It is slow."""\n'
        "    time.sleep({})\n    assert [] == []\n"
    )
    hostile.write("verify/slow.py", slow.format(1, "slow", 60))
    hostile.write("verify/patient.py", slow.format(60, "patient", LIMIT + 1))
    hostile.append("docs/index.md", "[slow](claim:slow) [waits](claim:patient)\n")

    (entry,) = hostile.build().entries

    assert "claim slow: error" in entry
    assert "seen      it was still running after 1 s, and was ended" in entry


@pytest.mark.parametrize("before", ["", _STOP_WARDEN], ids=["", "with the warden stopped"])
@pytest.mark.parametrize(
    ("number", "seen"),
    [
        pytest.param(
            signal.SIGKILL, "the process that starts the others ended with status -9", id="killed"
        ),
        pytest.param(signal.SIGSTOP, _STILL, id="stopped"),
    ],
)
def test_a_server_that_is_ended_or_stopped_costs_the_page_that_did_it_alone(
    hostile: Project, number: signal.Signals, seen: str, before: str
) -> None:
    code = f"import os, signal, time\n{before}\nos.kill(os.getppid(), {number})\ntime.sleep(60)"
    hostile.write("docs/h.md", _page(code))

    ended = hostile.build()

    assert ended.code == 1
    assert ["docs/h.md:7: example: error", "docs/h.md:14: example: error"] == ended.first_lines
    assert f"  seen      {seen}\n" in ended.entries[0]
    _assert_nothing_is_left(hostile)


@pytest.mark.parametrize(
    "left",
    [
        pytest.param("subprocess.Popen(['sleep', '600'], start_new_session=True)", id="a program"),
        pytest.param(
            "if not os.fork():\n    while True:\n        os.makedirs(folder, exist_ok=True)",
            id="a fork that makes its folder again and again",
        ),
    ],
)
@pytest.mark.parametrize(
    "end", ["os.kill(os.getppid(), 9)", "os.killpg(os.getpgid(os.getppid()), 9)"]
)
def test_nothing_is_left_of_a_page_that_ends_the_server(
    hostile: Project, left: str, end: str
) -> None:
    """Even what writes to the folder while that is removed is ended before it."""
    before = f"import os, subprocess, time\n\nfolder = os.getcwd()\n{left}"
    hostile.write("docs/h.md", _page(f"{before}\n{end}\ntime.sleep(60)"))

    ended = hostile.build()

    assert ended.code == 1
    assert "docs/h.md:7: example: error" == ended.first_lines[0]
    _assert_nothing_is_left(hostile)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_ends_every_process_and_keeps_the_last_report(
    hostile: Project, number: signal.Signals
) -> None:
    """The report and the site are those from before."""
    report = hostile.read(".claims/report.json")
    began = hostile.root / "began"
    hostile.write(
        "docs/h.md",
        _page(f'from pathlib import Path\nPath("{began}").touch()\nwhile True:\n    pass'),
    )
    hostile.replace("pyproject.toml", f"timeout = {LIMIT}", "timeout = 600")
    process = subprocess.Popen(
        [Path(sys.executable).with_name("claims"), "check"],
        cwd=hostile.root,
        env={**clean_environment(), **hostile.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    end = time.monotonic() + 60
    while not began.exists() and time.monotonic() < end:
        time.sleep(0.05)

    process.send_signal(number)
    output, _ = process.communicate(timeout=30)

    ended = Ended(process.returncode, output)
    assert ended.code != 0
    assert "Traceback" not in ended.output
    assert report == hostile.read(".claims/report.json")
    end = time.monotonic() + 10
    while _left_running(hostile) and time.monotonic() < end:  # the server ends a moment later
        time.sleep(0.05)
    _assert_nothing_is_left(hostile)
