"""The executed copy of a notebook: it is what readers see, and no output in it is the author's."""

import json
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from mkdocs_claims import kernels
from mkdocs_claims.environment import Environment
from mkdocs_claims.fingerprint import fingerprint
from mkdocs_claims.notebooks import line_of_cell
from mkdocs_claims.writing import write

__all__ = ["CellFailure", "execute", "is_executed", "refresh"]

_SHORT = 80
"""How long a folder's path may be for sockets in it: some systems allow them 104 characters."""


class CellFailure(Exception):  # noqa: N818  # it is a verdict on a cell, not a fault of ours
    """A cell of a notebook raised."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}" if text else name)
        self.name = name
        """The name of what it raised."""
        self.line = 0
        """The line of the notebook's file."""
        self.cell = 0
        """The number of the cell among those with code."""
        self.code = ""
        self.statement = ""
        """The line of its code that failed, where that is known."""


def execute(
    source: Path, copy: Path, environment: Environment, timeout: float, root: Path
) -> list[str]:
    """Run a notebook from top to bottom in a kernel of its own, and write the executed copy.

    All cells together may take `timeout` seconds.  Returns the files below `root` that they read;
    none where the kernel belongs to another Python, which has no `mkdocs_claims`.

    Raises:
        CellFailure: a cell raised, took too long or ended the kernel; no copy is left.  Where the
            run is cut off in another way, the copy of the run before is.
    """
    import nbformat  # noqa: PLC0415  # slow to import, and only notebooks need it
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import (  # noqa: PLC0415
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    text = source.read_text(encoding="utf-8-sig")
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    end = time.monotonic() + timeout
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "files.json"
        client = NotebookClient(
            notebook,
            timeout_func=lambda _: max(end - time.monotonic(), 1),
            resources={"metadata": {"path": str(source.parent)}},
        )
        kernel = client.create_kernel_manager()
        if os.name == "posix" and len(folder) < _SHORT:
            # Two kernels that begin at the same time may be given the same port.
            kernel.transport, kernel.ip = "ipc", str(Path(folder) / "socket")
        if kernel.ipykernel:  # another would not know what this means
            client.extra_arguments = [f"--IPKernelApp.exec_lines={kernels.line(root, told)}"]
        failure = None
        try:
            client.execute()
        except CellExecutionError as error:
            failure = CellFailure(error.ename, error.evalue)
            _locate(failure, notebook, text, error.traceback)
        except CellTimeoutError:
            ending = f"it was still running when the notebook had taken {timeout:g} s"
            failure = CellFailure("CellTimeoutError", ending)
            _locate(failure, notebook, text)
        except DeadKernelError as error:
            failure = CellFailure("DeadKernelError", str(error))
            _locate(failure, notebook, text)
        if failure:
            copy.unlink(missing_ok=True)
            raise failure
        read: list[str] = json.loads(told.read_text("utf-8")) if told.is_file() else []
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["claims"] = {"fingerprint": _fingerprint(text, environment)}
    write(copy, nbformat.writes(notebook))  # type: ignore[no-untyped-call]
    return read


def is_executed(source: Path, copy: Path, environment: Environment) -> bool:
    """Whether the outputs in a copy are what executing a notebook here would give."""
    known = _fingerprint(source.read_text(encoding="utf-8-sig"), environment)
    try:
        stored = json.loads(copy.read_text(encoding="utf-8"))
        return bool(stored["metadata"]["claims"]["fingerprint"] == known)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def refresh(source: Path, copy: Path) -> None:
    """Let a copy show all that is not run as the notebook has it now; its code must be the same.

    Raises:
        ValueError: it has another number of cells with code.
    """
    executed = json.loads(copy.read_text(encoding="utf-8"))
    fresh = json.loads(source.read_text(encoding="utf-8-sig"))
    for cell, done in zip(_code_cells(fresh), _code_cells(executed), strict=True):
        cell |= {key: done[key] for key in ("outputs", "execution_count")}
    told = ("claims", "language_info")  # by the run that executed it
    fresh["metadata"] |= {key: value for key, value in executed["metadata"].items() if key in told}
    if fresh != executed:
        write(copy, json.dumps(fresh, ensure_ascii=False, indent=1))


def _fingerprint(text: str, environment: Environment) -> str:
    code = ["".join(cell["source"]) for cell in _code_cells(json.loads(text))]
    return fingerprint(code, environment)


def _code_cells(notebook: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # plain JSON
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _locate(failure: CellFailure, notebook: Any, text: str, traceback: str = "") -> None:  # noqa: ANN401  # nbformat is untyped
    """Say of a failure that it is one of the last code cell that was begun, and where in it."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    begun = [(number, cell) for number, cell in enumerate(cells, 1) if "execution" in cell.metadata]
    failure.cell, cell = begun[-1] if begun else (1, cells[0])
    failure.code = cell.source
    inside = re.findall(
        rf"^Cell In\[{cell.execution_count}\], line (\d+)", _COLOUR.sub("", traceback), re.MULTILINE
    )
    line = int(inside[-1]) if inside else 0
    failure.statement = cell.source.split("\n")[line - 1].strip() if line else ""
    failure.line = line_of_cell(text, cell, line)


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
