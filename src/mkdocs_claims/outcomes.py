"""What came out of running a subject, as evidence."""

from dataclasses import replace
from pathlib import Path

import pytest

from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
from mkdocs_claims.notebooks import CellFailure
from mkdocs_claims.verdicts import Finding, find

__all__ = ["judged"]


def judged(
    evidence: Evidence,
    error: BaseException | None,
    file: Path,
    package: str,
    *,
    is_preparation: bool = False,
) -> Evidence:
    """Return evidence with the verdict that the end of a run means.

    Args:
        evidence: what was printed and measured.
        error: what came out of the subject, if anything.
        file: the file of the subject.
        package: the package under test.
        is_preparation: whether it was raised before the subject itself began.
    """
    if error is None:
        return evidence
    if isinstance(error, pytest.skip.Exception):
        found = Finding(Verdict.UNKNOWN, "", f"skipped: {error.msg}", 0)
    elif is_preparation:
        own = find(error, str(file), package="")
        found = Finding(Verdict.ERROR, own.expected, own.seen, own.line)
    elif isinstance(error, pytest.FixtureLookupError):
        found = Finding(Verdict.ERROR, "its fixtures", f"fixture '{error.argname}' not found", 0)
    elif isinstance(error, CellFailure):
        verdict = Verdict.FAILS if error.name == "AssertionError" else Verdict.ERROR
        found = Finding(verdict, f"cell {error.cell} to run", str(error), error.line)
    else:
        found = find(error, str(file), package, _lines(evidence.subject))
    return replace(
        evidence,
        verdict=found.verdict,
        expected=found.expected,
        seen=found.seen,
        line=found.line,
    )


def _lines(subject: Subject) -> list[str] | None:
    """Return the text of an example's page as it was executed: nothing but the example."""
    if subject.kind is not Kind.EXAMPLE:
        return None
    return [""] * subject.line + subject.code.split("\n")
