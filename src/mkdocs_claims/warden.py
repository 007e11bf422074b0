"""The warden: the process above the server, which clears away what that leaves when it ends.

A page can end the server while other processes run.  They come to the warden then, which alone can
wait until the last of them is dead: before that, one may still write to their folder.
"""

import contextlib
import os
import shutil
import signal
from pathlib import Path
from typing import NoReturn

from mkdocs_claims.containment import keep_orphans
from mkdocs_claims.strays import end_strays

__all__ = ["watch_over"]


def watch_over(server: int, folder: Path) -> NoReturn:
    """Wait for the server, end what it leaves behind, remove the folder, and end as it ended.

    The server itself is ended by SIGTERM to this process, which outlives it.
    """
    keep_orphans()
    signal.signal(signal.SIGTERM, lambda *_: os.kill(server, signal.SIGKILL))
    _, status = os.waitpid(server, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_strays(set())
    shutil.rmtree(folder, ignore_errors=True)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        with contextlib.suppress(OSError):  # SIGKILL is always as it was
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
