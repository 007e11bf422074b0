"""Evidence: what a run saw of a subject."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from mkdocs_claims.pictures import Picture

__all__ = ["Evidence", "Kind", "Skip", "Subject", "Verdict"]


class Verdict(StrEnum):
    """What became of a subject."""

    HOLDS = "holds"
    FAILS = "fails"
    """An assertion failed, an expected exception was missing or another, or the package raised."""
    ERROR = "error"
    """The fault is the subject's own: a wrong name, a missing import, a crash."""
    UNKNOWN = "unknown"
    """It was not run here; the evidence says why."""


class Kind(StrEnum):
    """What kind of subject was run."""

    CLAIM = "claim"
    EXAMPLE = "example"
    SNIPPET = "snippet"
    NOTEBOOK = "notebook"


@dataclass(frozen=True)
class Subject:
    """Anything that is run."""

    kind: Kind
    id: str
    """A claim's id; `path:line` of an example; the path of a snippet or notebook."""
    path: str
    line: int
    name: str
    """Its name behind `::` in pytest's node id."""
    statement: str
    """A claim's statement; an example's title; else empty."""
    code: str
    """The text that is run; of a claim without decorator and docstring."""
    timeout: float = 0
    """Seconds that it may take; 0 stands for what the project's settings say."""

    @property
    def command(self) -> str:
        """The command that runs it alone, in the project's root."""
        return f"pytest {self.path}::{self.name}"


@dataclass(frozen=True)
class Evidence:
    """A verdict, and what was seen."""

    subject: Subject
    verdict: Verdict
    output: str = ""
    """What it printed."""
    raised: str = ""
    """The exception or warning that an example was to give, and gave: `Type: text`, whole."""
    pictures: list[Picture] = field(default_factory=list)
    """What an example drew."""
    expected: str = ""
    """Where it does not hold: what was expected."""
    seen: str = ""
    """Where it does not hold: what was seen instead."""
    line: int = 0
    """Where it does not hold: the line in the subject's file; 0 if no line of it was reached."""
    seconds: float = 0.0
    kept: bool = False
    """Whether the verdict was kept from an earlier run under the same fingerprint."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        # Not `asdict`, which copies every text of a large report.
        return {**vars(self), "subject": vars(self.subject)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Build it from what `to_json` returned."""
        subject = Subject(**{**stored["subject"], "kind": Kind(stored["subject"]["kind"])})
        return cls(**{**stored, "subject": subject, "verdict": Verdict(stored["verdict"])})


@dataclass(frozen=True)
class Skip:
    """An example that its author took out; it is no subject."""

    path: str
    line: int
    reason: str
    code: str
