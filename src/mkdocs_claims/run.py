"""A run: every file is run in a process of its own, unless all of it is known to hold."""

import datetime as dt
import functools
import io
import os
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from mkdocs_claims.collecting import collect, sources
from mkdocs_claims.environment import environment_of
from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
from mkdocs_claims.gate import refusal, summary
from mkdocs_claims.gathering import Gathering
from mkdocs_claims.keeping import Keeping
from mkdocs_claims.kept_proofs import KeptProofs
from mkdocs_claims.pages import Page
from mkdocs_claims.problems import Problem
from mkdocs_claims.progress import Progress
from mkdocs_claims.proofs import Proof
from mkdocs_claims.proving import Proving
from mkdocs_claims.reports import Report
from mkdocs_claims.requirements import canonical, installed, lacking, name_of
from mkdocs_claims.sealing import Seal
from mkdocs_claims.settings import Settings
from mkdocs_claims.supervision import RunError, launcher_for
from mkdocs_claims.writing import write

__all__ = ["Checked", "is_fresh_wanted", "run"]


_MANY = 50
"""About so many processes are needed, at the least, to run checks where they should fail."""


@dataclass(frozen=True)
class Checked:
    """What a run leaves: its report, and the pages that it read."""

    refusal: str
    """All that is wrong, in words; empty if the site may be published."""
    summary: str
    """What was counted, and where, in one line."""
    pages: Mapping[str, Page]
    _read: Callable[[], Report]

    @functools.cached_property
    def report(self) -> Report:
        """The report."""
        return self._read()


def is_fresh_wanted() -> bool:
    """Whether the environment asks for a fresh run: `CLAIMS_FRESH=1`."""
    return os.environ.get("CLAIMS_FRESH", "") not in ("", "0")


def run(  # noqa: PLR0913  # what a user can choose
    settings: Settings,
    *,
    is_fresh: bool = False,
    is_tried: Callable[[str], bool] | None = None,
    only: Collection[str] = (),
    at_once: int = 0,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
) -> Checked:
    """Check every subject of a project, write the report, and return it.

    The calling process imports nothing of what is checked: neither the package under test nor the
    check modules.

    Args:
        settings: those of the project.
        is_fresh: whether to run what is known to hold, too.
        is_tried: says of a claim's id whether its check is run in every counterfactual, and not
            only in those that the claim names.
        only: the ids of claims, if nothing else is run; then no report is written.
        at_once: how many files run at the same time; 0 stands for the number of cores.
        progress: is told what comes of each file as it comes.
        say: takes a line for the user, on what is done in another way than they may expect.
    """
    began = time.time_ns()
    absent = settings.missing()
    environment = environment_of(settings)
    is_whole = is_fresh or bool(is_tried or only or absent) or not settings.kept.is_file()
    seal = None if is_whole else Seal(settings, environment)
    if seal and (told := seal.summary()):
        return Checked("", told, {}, lambda: Report.read(settings.report))
    # While this process reads the files, another one imports what they need.
    launcher = None
    if is_whole and not absent:
        files = len(sources(settings, settings.docs, ".md"))
        launcher = launcher_for(settings, _MANY if settings.falsify else files)
    try:
        found = collect(settings)
        keeping = Keeping(settings, environment, found, began)
        kept_proofs = KeptProofs(settings, environment, found, began, is_fresh=is_fresh)
        found = found.only(only) if only else found
        proving = Proving(found, kept_proofs, is_tried=is_tried or _never)
        problems = list(found.problems)
        evidence: dict[tuple[Kind, str], Evidence] = {}
        reason = "nothing could be run"
        if absent:
            reason = f"{' and '.join(absent)} not installed"
            problems.append(_absence(absent))
        else:
            _make_state(settings)
            gathering = Gathering(
                settings, found, keeping, proving, progress or Progress(io.StringIO())
            )
            try:
                evidence = gathering.all_evidence(
                    launcher, is_fresh=is_fresh, at_once=at_once, say=say or _say_nothing
                )
            except RunError as error:
                told = str(error).removeprefix("pyproject.toml: ")
                problems.append(Problem("pyproject.toml", 0, told))
    finally:
        if launcher:
            launcher.close()
    requirements = {path: installed(needed) for path, needed in found.requirements.items()}
    report = Report(
        environment=environment,
        day=_today(),
        pages=[*found.pages, *found.notebooks],
        evidence=[
            evidence.get((subject.kind, subject.id)) or _unknown(subject, reason)
            for subject in found.all_subjects()
        ],
        skips=found.skips(),
        citations=found.citations(),
        messages=found.messages(),
        index=found.index(),
        audits=found.audits(),
        problems=problems,
        requirements=requirements,
        excused=[
            path for path, needed in found.requirements.items() if _may_lack(settings, needed)
        ],
        sources=list(found.sources.values()),
        proofs=proving.declared(),
        counterfactuals={name: item.statement for name, item in found.counterfactuals.items()},
        table=proving.table(),
        asserted=proving.asserted(),
    )
    checked = Checked(refusal(report), summary(report), found.pages, lambda: report)
    if only:
        return checked
    text = report.to_json()
    write(settings.report, text)
    known: list[Evidence | Proof] = [*report.evidence, *proving.proofs.values()]
    if seal and not checked.refusal and all(map(_is_known, known)):
        versions = {name: each for item in requirements.values() for name, each in item.items()}
        seal.put(text, checked.summary, {**keeping.files(), **kept_proofs.files}, versions)
    return checked


def _today() -> str:
    """Return the day in UTC, or the one that whoever builds the same again asks for.

    Source of the variable: https://reproducible-builds.org/specs/source-date-epoch/
    """
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = float(seconds) if seconds.isdecimal() else time.time()
    return dt.datetime.fromtimestamp(now, dt.UTC).date().isoformat()


def _is_known(item: Evidence | Proof) -> bool:
    """Whether it need not be found out again; what may not run here stays unknown."""
    return item.kept or (isinstance(item, Evidence) and item.verdict is Verdict.UNKNOWN)


def _may_lack(settings: Settings, needed: tuple[str, ...]) -> bool:
    """Whether the site may be published without all that is lacking of what a snippet needs."""
    unmet = lacking(needed, installed(needed))
    return bool(unmet) and {name_of(each) for each in unmet} <= set(
        map(canonical, settings.may_lack)
    )


def _unknown(subject: Subject, reason: str) -> Evidence:
    return Evidence(subject, Verdict.UNKNOWN, expected="it to be run", seen=reason)


def _absence(absent: list[str]) -> Problem:
    message = (
        f"[tool.claims] needs {' and '.join(absent)}, not installed for this Python "
        f"({sys.executable}), so nothing was checked; install it beside mkdocs-claims"
    )
    return Problem("pyproject.toml", 0, message)


def _make_state(settings: Settings) -> None:
    settings.state.mkdir(exist_ok=True)
    (settings.state / ".gitignore").write_text("*\n", encoding="utf-8")


def _never(_: str) -> bool:
    return False


def _say_nothing(line: str) -> None:
    """Let a line go that nobody asked for."""
