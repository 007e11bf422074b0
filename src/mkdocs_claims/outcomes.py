"""What a phase of pytest's protocol says of a subject, as evidence."""

from dataclasses import replace

import pytest

from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
from mkdocs_claims.items import SubjectItem
from mkdocs_claims.notebooks import CellFailure
from mkdocs_claims.verdicts import find

__all__ = ["evidence_of"]


def evidence_of(
    item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport, package: str
) -> Evidence | None:
    """Return the evidence that a phase of an item's run gave, if it settles anything.

    `package` is the package under test.
    """
    subject: Subject = item.subject  # type: ignore[attr-defined]
    printed = item.output if isinstance(item, SubjectItem) else report.capstdout
    evidence = Evidence(
        subject=subject,
        verdict=Verdict.HOLDS,
        output=printed,
        raised=getattr(item, "raised", ""),
        seconds=round(call.duration, 4),
        kept=getattr(item, "was_kept", False),
    )
    if call.excinfo is None:
        return evidence if call.when == "call" else None
    error = call.excinfo.value
    if isinstance(error, pytest.skip.Exception):
        return replace(evidence, verdict=Verdict.UNKNOWN, seen=f"skipped: {error.msg}")
    if isinstance(item, SubjectItem) and item.fault:
        own = find(error, str(item.path), package="")
        return replace(
            evidence, verdict=Verdict.ERROR, expected=own.expected, seen=own.seen, line=own.line
        )
    if isinstance(error, pytest.FixtureLookupError):
        seen = f"fixture '{error.argname}' not found"
        return replace(evidence, verdict=Verdict.ERROR, expected="its fixtures", seen=seen)
    if isinstance(error, CellFailure):
        verdict = Verdict.FAILS if error.name == "AssertionError" else Verdict.ERROR
        expected = f"cell {error.cell} to run"
        return replace(
            evidence, verdict=verdict, expected=expected, seen=str(error), line=error.line
        )
    lines = None
    if subject.kind is Kind.EXAMPLE:
        lines = [""] * subject.line + subject.code.split("\n")
    finding = find(error, str(item.path), package, lines)
    return replace(
        evidence,
        verdict=finding.verdict,
        expected=finding.expected,
        seen=finding.seen,
        line=finding.line,
    )
