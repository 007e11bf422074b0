"""What came out of running a subject, as evidence."""

from dataclasses import replace
from pathlib import Path

from mkdocs_claims.copies import CellFailure
from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
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
    if _is_pytests(error, "Skipped"):
        found = Finding(Verdict.UNKNOWN, "", f"skipped: {error}", 0)
    elif is_preparation:
        own = find(error, str(file), package="")
        found = Finding(Verdict.ERROR, own.expected, own.seen, own.line)
    elif _is_pytests(error, "FixtureLookupError"):
        name = getattr(error, "argname", None)
        found = Finding(Verdict.ERROR, "its fixtures", f"fixture '{name}' not found", 0)
    elif isinstance(error, CellFailure):
        verdict = Verdict.FAILS if error.name == "AssertionError" else Verdict.ERROR
        what = f"code cell {error.cell} to run"
        expected = f"`{error.statement}` in {what}" if error.statement else what
        found = Finding(verdict, expected, str(error), error.line)
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


def _is_pytests(error: BaseException, name: str) -> bool:
    """Whether an exception is one of pytest's, which need not be imported to know it."""
    kind = type(error)
    return kind.__qualname__ == name and kind.__module__.partition(".")[0] in (
        "_pytest",
        "builtins",
    )
