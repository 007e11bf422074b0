"""A proof that a check can fail: it was run where its claim is false, and what was seen there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from mkdocs_claims.evidence import Evidence, Verdict

__all__ = ["Outcome", "Proof", "Trial", "judged_proof"]


class Outcome(StrEnum):
    """What became of a check where its claim is false."""

    REFUTED = "refuted"
    """It failed, as it should."""
    HELD = "held"
    """It held, though what was changed was used: it does not tell true from false there."""
    UNUSED = "unused"
    """Nothing that was changed was used, so whatever came of it shows nothing."""
    ERROR = "error"
    """It crashed, or what was changed did."""


@dataclass(frozen=True)
class Trial:
    """Where a check is tried: in a counterfactual, or with its rival."""

    by: str = ""
    """The counterfactual's name; empty for the rival."""
    module: str = ""
    """The name under which the counterfactual's module is imported."""


@dataclass(frozen=True)
class Proof:
    """A claim, what should refute it, and what was seen there."""

    claim: str
    by: str
    """The name of the counterfactual; empty where it is the claim's rival."""
    statement: str
    """What the counterfactual changes, as a sentence; the rival as code."""
    outcome: Outcome
    expected: str = ""
    """What the check expected where it failed."""
    seen: str = ""
    """What was seen instead; or why this proves nothing."""
    line: int = 0
    """The line of the check that failed; 0 if none was reached."""
    failed: tuple[int, ...] = ()
    """The lines of the check's assertions that failed, in their order."""
    seconds: float = 0.0
    kept: bool = False
    """Whether it was kept from an earlier run under the same fingerprint."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Build it from what `to_json` returned."""
        outcome, failed = Outcome(stored["outcome"]), tuple(stored["failed"])
        return cls(**{**stored, "outcome": outcome, "failed": failed})


def judged_proof(trial: Trial, statement: str, evidence: Evidence, uses: int, crash: str) -> Proof:
    """Return what a check's run in a trial proves.

    Args:
        trial: where it was run.
        statement: what is other than it is there.
        evidence: what was seen of the check.
        uses: how often what was changed was used during the check.
        crash: the fault of the changing code itself, in words; empty if it had none.
    """
    outcome, seen = Outcome.REFUTED, evidence.seen
    if crash:
        own = "counterfactual" if trial.by else "rival"
        outcome, seen = Outcome.ERROR, f"the {own} itself raised {crash}"
    elif evidence.verdict in (Verdict.ERROR, Verdict.UNKNOWN):
        outcome = Outcome.ERROR
    elif not uses:
        outcome = Outcome.UNUSED
        seen = "nothing that is changed there was used by the check"
        if evidence.verdict is Verdict.FAILS:
            seen += f", which failed before that: {evidence.seen}"
    elif evidence.verdict is Verdict.HOLDS:
        outcome, seen = Outcome.HELD, "it held"
    return Proof(
        claim=evidence.subject.id,
        by=trial.by,
        statement=statement,
        outcome=outcome,
        expected=evidence.expected,
        seen=seen,
        line=evidence.line,
        seconds=evidence.seconds,
    )
