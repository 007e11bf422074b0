"""A job: one file that is to be run, and what its process says while it runs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
from mkdocs_claims.pages import Page
from mkdocs_claims.proofs import Trial
from mkdocs_claims.settings import Settings

__all__ = ["Begun", "Ended", "Job", "Message", "Seen", "Send", "packed", "unpacked"]

Send = Callable[..., None]
"""Takes messages of a child: plain data, each of which becomes one line of JSON."""


@dataclass(frozen=True)
class Job:
    """One file that is run in a process of its own."""

    settings: Settings
    path: str
    subjects: list[Subject]
    """The subjects of the file that were selected, in their order."""
    page: Page | None = None
    names: tuple[str, ...] = ()
    """The selected runs of checks with parameters, as in `name[parameters]`."""
    options: tuple[str, ...] = ()
    """Options of pytest for a check module."""
    is_told: bool = False
    """Whether failures are told at length, for a terminal."""
    failed: str = ""
    """The name of its first subject, where an assertion of it failed in a run before this one."""
    is_repeated: bool = False
    """Whether it was run before, and only what it prints is wanted."""
    trials: Mapping[str, tuple[Trial, ...]] = field(default_factory=dict)
    """Where its checks are tried, by their names, if they are run to be seen failing."""
    is_probe: bool = False
    """Whether its checks are run as they are, to see of which trials they use what is changed."""

    @property
    def kind(self) -> Kind:
        """The kind of its subjects."""
        return self.subjects[0].kind


@dataclass(frozen=True)
class Begun:
    """A subject is being run."""

    subject: Subject


@dataclass(frozen=True)
class Seen:
    """What was seen of a subject, or of one of its runs."""

    evidence: Evidence | None
    """Nothing, where a run of a check has only begun or ended well."""
    report: dict[str, Any] | None = None
    """What pytest said of it, where a check was run and it is told at length."""
    told: str = ""
    """A failure as a terminal shows it."""
    uses: Mapping[str, int] = field(default_factory=dict)
    """In trials: how often what was changed was used, by what should refute the claim."""
    crash: str = ""
    """In a trial: the fault of the changing code itself, in words."""
    by: str | None = None
    """In a trial: what should refute the claim; empty for its rival."""
    files: tuple[str, ...] = ()
    """In a trial: the files of the project that were read or imported."""
    failed: Sequence[int] = ()
    """In a trial: the lines of the assertions that failed."""


@dataclass(frozen=True)
class Ended:
    """The process of a job is gone; each of its subjects was seen."""

    seconds: float
    files: tuple[str, ...] = ()
    """The files of the project that it read or imported, where it came to its end."""


Message = Begun | Seen | Ended


def packed(evidence: Evidence) -> dict[str, Any]:
    """Return evidence as plain data, without the subject, which the other side knows."""
    return {
        name.name: getattr(evidence, name.name)
        for name in fields(evidence)
        if name.name != "subject"
    }


def unpacked(seen: dict[str, Any], subject: Subject) -> Evidence:
    """Build evidence from what `packed` returned."""
    return Evidence(subject, **{**seen, "verdict": Verdict(seen["verdict"])})
