"""Telling a failure at length, as pytest shows it, without the machinery's own frames."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ExceptionChainRepr  # nothing public

from mkdocs_claims.copies import CellFailure
from mkdocs_claims.evidence import Kind, Subject
from mkdocs_claims.jobs import Job
from mkdocs_claims.problems import place
from mkdocs_claims.verdicts import MismatchError

__all__ = ["at_root", "told"]


def told(error: BaseException, subject: Subject, job: Job) -> str:
    """Return what a terminal shows of an exception that came out of a subject."""
    if isinstance(error, CellFailure):
        return f"code cell {error.cell}: {error}\n\n{error.code}"
    if isinstance(error, MismatchError):
        where = place(subject.path, subject.line)
        return f"{where}\nexpected  {error.expected}\nseen      {error.seen}"
    caught = pytest.ExceptionInfo.from_exception(error)
    own = caught.traceback.cut(path=job.settings.root / job.path)
    if own:
        caught.traceback = own
    with at_root(job.settings.root):
        shown = caught.getrepr(style=_style(job), showlocals="--showlocals" in job.options)
    if subject.kind is Kind.EXAMPLE and isinstance(shown, ExceptionChainRepr):
        _leave_out_above(subject, shown, job)
    return str(shown)


def _leave_out_above(subject: Subject, shown: ExceptionChainRepr, job: Job) -> None:
    """Leave out what stands above an example: to Python, a page is one module."""
    first = job.page.text.partition("\n")[0].strip() if job.page else ""
    for traceback, *_ in shown.chain:
        for entry in traceback.reprentries:
            if len(entry.lines) > subject.line and entry.lines[0].strip() == first:
                entry.lines = entry.lines[subject.line :]


def _style(job: Job) -> Any:  # noqa: ANN401  # pytest's own names for them
    """Return pytest's style of tracebacks that was asked for."""
    asked = [option.removeprefix("--tb=") for option in job.options if option.startswith("--tb=")]
    return {"auto": "long", "line": "short"}.get(asked[-1], asked[-1]) if asked else "long"


@contextlib.contextmanager
def at_root(root: Path) -> Iterator[None]:
    """Work in the project's folder, from which paths are told, and return to where one was."""
    before = os.open(".", os.O_RDONLY)
    os.chdir(root)
    try:
        yield
    finally:
        os.fchdir(before)
        os.close(before)
