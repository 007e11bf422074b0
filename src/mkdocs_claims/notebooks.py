"""A notebook: reading it, executing it in a kernel of its own, keeping the executed copy."""

import json
import math
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mkdocs_claims.environment import Environment
from mkdocs_claims.evidence import Citation, Kind, Subject
from mkdocs_claims.fences import scan
from mkdocs_claims.fingerprint import fingerprint
from mkdocs_claims.info_strings import is_python, is_session
from mkdocs_claims.problems import Problem

__all__ = ["CellFailure", "Notebook", "execute", "is_executed", "read_notebook"]

_LINK = re.compile(r"\]\(\s*<?claim:(?P<claim>[^\s)>]*)")
_DIRECTIVE = re.compile(r"^///+[ \t]*(?P<name>[\w-]+)", re.MULTILINE)
_REFUSED_TAGS = {
    "raises-exception": (
        "which passes whatever is raised, or nothing; write `try`, `except` and an assertion on "
        "the exception"
    ),
    "skip-execution": "so it would be shown and never run; remove the tag",
}


class CellFailure(Exception):  # noqa: N818  # it is a verdict on a cell, not a fault of ours
    """A cell of a notebook raised."""

    def __init__(self, line: int, cell: int, name: str, text: str, code: str) -> None:
        super().__init__(f"cell {cell}: {name}: {text}")
        self.line = line
        self.cell = cell
        self.name = name
        self.text = text
        self.code = code


@dataclass(frozen=True)
class Notebook:
    """What one `.ipynb` file under the pages holds."""

    subject: Subject
    citations: list[Citation]
    problems: list[Problem]


def read_notebook(text: str, path: str) -> Notebook:
    """Read a notebook's cells, and the claims that its Markdown cites."""
    name = Path(path).name
    subject = Subject(Kind.NOTEBOOK, path, path, 1, name, "", "")
    try:
        cells = json.loads(text)["cells"]
        sources = [(cell, "".join(cell["source"])) for cell in cells]
        code = [source for cell, source in sources if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        problem = Problem(path, getattr(error, "lineno", 0), f"is no notebook: {error!r}")
        return Notebook(subject, [], [problem])
    citations: list[Citation] = []
    problems: list[Problem] = []
    for number, (cell, source) in enumerate(sources, start=1):
        line = _line_of_cell(text, cell)
        if cell["cell_type"] != "markdown":
            tags = cell.get("metadata", {}).get("tags", [])
            problems.extend(
                Problem(path, line, f"cell {number} has the tag {tag}, {why}")
                for tag, why in _REFUSED_TAGS.items()
                if tag in tags
            )
            continue
        found = scan(source, path)
        citations.extend(
            Citation(match["claim"], path, line) for match in _LINK.finditer(found.prose)
        )
        wrong = [
            f"'/// {match['name']}' does nothing in a notebook; link the claim"
            for match in _DIRECTIVE.finditer(found.prose)
        ]
        wrong += [
            "a fence with Python is never run in a notebook; make it a code cell"
            for fence in found.fences
            if is_python(fence.language) or is_session(fence.language)
        ]
        problems.extend(Problem(path, line, f"cell {number}: {each}") for each in wrong)
    if not any(block.strip() for block in code):
        problems.append(Problem(path, 0, "this notebook has no code, so nothing of it is run"))
    seconds = _timeout(json.loads(text).get("metadata"))
    if seconds is None:
        message = "metadata.claims.timeout must be a number of seconds above 0"
        problems.append(Problem(path, 0, message))
    subject = replace(subject, code="\n\n".join(code), timeout=seconds or 0)
    return Notebook(subject, citations, problems)


def _timeout(metadata: object) -> float | None:
    """Return the seconds that metadata names, 0 if it names none, None if it cannot be read."""
    own = metadata.get("claims") if isinstance(metadata, dict) else None
    if not isinstance(own, dict) or "timeout" not in own:
        return 0
    seconds = own["timeout"]
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return seconds if is_number and 0 < seconds < math.inf else None


def execute(source: Path, copy: Path, environment: Environment, timeout: float) -> bool:
    """Run a notebook from top to bottom and write the executed copy.

    A copy that was executed under the same fingerprint is kept as it is, and nothing is run.
    Returns whether it was kept.  All cells together may take `timeout` seconds.

    Raises:
        CellFailure: a cell raised, took too long or ended the kernel; no copy is left.
    """
    import nbformat  # noqa: PLC0415  # slow to import, and only notebooks need it
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import (  # noqa: PLC0415
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    if is_executed(source, copy, environment):
        return True
    text = source.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    copy.unlink(missing_ok=True)
    end = time.monotonic() + timeout
    client = NotebookClient(
        notebook,
        timeout_func=lambda _: max(end - time.monotonic(), 1),
        resources={"metadata": {"path": str(source.parent)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise _failure(notebook, text, error.ename, error.evalue) from None
    except CellTimeoutError:
        ending = f"it was still running when the notebook had taken {timeout:g} s"
        raise _failure(notebook, text, "CellTimeoutError", ending) from None
    except DeadKernelError as error:
        raise _failure(notebook, text, "DeadKernelError", str(error)) from None
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["claims"] = {"fingerprint": _fingerprint(text, environment)}
    copy.parent.mkdir(parents=True, exist_ok=True)
    partial = copy.with_suffix(".partial")
    partial.write_text(nbformat.writes(notebook), encoding="utf-8")  # type: ignore[no-untyped-call]
    partial.replace(copy)
    return False


def is_executed(source: Path, copy: Path, environment: Environment) -> bool:
    """Whether a copy is what executing a notebook here would give."""
    return _fingerprint_of(copy) == _fingerprint(source.read_text("utf-8-sig"), environment)


def _fingerprint(text: str, environment: Environment) -> str:
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in json.loads(text)["cells"]]
    return fingerprint(cells, environment)


def _fingerprint_of(copy: Path) -> str:
    try:
        stored = json.loads(copy.read_text(encoding="utf-8"))
        return str(stored["metadata"]["claims"]["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _failure(notebook: Any, text: str, name: str, message: str) -> CellFailure:  # noqa: ANN401  # nbformat is untyped
    """Describe the failure of the last code cell that was begun."""
    begun = [
        (number, cell)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code" and "execution" in cell.metadata
    ]
    number, cell = begun[-1] if begun else (1, notebook.cells[0])
    return CellFailure(_line_of_cell(text, cell), number, name, message, cell.source)


def _line_of_cell(text: str, cell: Any) -> int:  # noqa: ANN401  # a cell is plain JSON or nbformat's
    """Return the line of the file on which a cell's id stands."""
    mark = json.dumps(cell.get("id", ""))
    return text.count("\n", 0, text.find(mark)) + 1 if cell.get("id") and mark in text else 1
