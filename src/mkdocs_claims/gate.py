"""The gate: everything in a report that keeps a site from being published, in words."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mkdocs_claims.citations import Citation
from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
from mkdocs_claims.problems import Problem, entry, place, suggestion
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.reports import Report
from mkdocs_claims.requirements import absence, lacking, name_of, read_requirements

__all__ = ["complaints", "refusal", "summary"]

_FEW = 5
"""Up to so many subjects that were not run for one reason are named one by one."""


def refusal(report: Report) -> str:
    """Return all that is wrong, as one text for a terminal; empty if the site may be published."""
    wrong = complaints(report)
    if not wrong:
        return ""
    count = "1 thing is" if len(wrong) == 1 else f"{len(wrong)} things are"
    return "\n\n".join([f"{count} wrong:", *wrong, summary(report)])


def summary(report: Report) -> str:
    """Return the counts and the environment in one line."""
    counts = report.counts
    kinds = [
        f"{counts[f'{kind}s']} {kind}{'' if counts[f'{kind}s'] == 1 else 's'}" for kind in Kind
    ]
    verdicts = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
    skipped = f", {counts['skips']} skipped" if counts["skips"] else ""
    if counts["refuted"]:
        share = f"{counts['assertions_refuted']} of {counts['assertions']} assertions"
        kinds[0] += f" ({counts['refuted']} shown to be able to fail, and {share})"
    told = ", ".join(verdicts) or "none run"
    wanting = [names for item in report.evidence if (names := _wanting(item, report))]
    if wanting:  # the unknown are counted last
        some = "" if len(wanting) == counts[Verdict.UNKNOWN] else f"{len(wanting)} "
        told += f" ({some}for want of {', '.join(sorted(set().union(*wanting)))})"
    if counts["kept"]:
        now = len(report.evidence) - counts["kept"] - len(wanting)
        told += f" ({now} run now, {counts['kept']} kept from before)"
    return f"{', '.join(kinds)}{skipped}: {told}; {report.environment}"


def _wanting(item: Evidence, report: Report) -> set[str]:
    """Return the names of that for want of which a snippet was not run."""
    versions = report.requirements.get(item.subject.path)
    if item.verdict is not Verdict.UNKNOWN or versions is None:
        return set()
    needed = read_requirements(item.subject.code, item.subject.path)
    if isinstance(needed, Problem):  # then it has no subject
        return set()
    unmet = lacking(needed, versions)
    return {name_of(each) for each in unmet} if item.seen == absence(unmet, versions) else set()


def complaints(report: Report) -> list[str]:
    """Return each thing that is wrong, with its place first."""
    problems = sorted(set(report.problems), key=_cause_first)
    found = [
        str(problem)
        for problem in [*problems, *sorted({*_about_claims(report), *_about_messages(report)})]
    ]
    unknown = defaultdict(list)
    unrun = _first_lines(problem for problem in problems if problem.keeps_from_running)
    failed: dict[str, int] = {}
    faults = _faults_of_modules(report)
    is_unread = any(problem.hides for problem in problems)
    found.extend(
        _told_of_module(items)
        for (_, _, seen), items in faults.items()
        if not (is_unread and seen.startswith("SyntaxError"))  # which is told already
    )
    for item in report.evidence:
        if item.verdict is Verdict.UNKNOWN and item.subject.path in report.excused:
            continue
        if item.verdict is Verdict.UNKNOWN:
            unknown[item.seen].append(item)
        elif _fault(item) in faults:
            continue
        elif item.verdict is not Verdict.HOLDS:
            cause = _cause(item.subject, unrun, failed)
            found.append(_told(item, report.citations_of(item.subject.id), cause))
            if item.subject.kind is Kind.EXAMPLE:
                failed.setdefault(item.subject.path, item.subject.line)
    for reason, items in unknown.items():
        if len(items) > _FEW:
            found.append(f"{len(items)} subjects were not run: {reason}")
        else:
            found.extend(_told(item, report.citations_of(item.subject.id)) for item in items)
    claims = report.of(Kind.CLAIM)
    unproven = [proof for proof in report.proofs if proof.outcome is not Outcome.REFUTED]
    return found + [_unproven(proof, claims[proof.claim].subject) for proof in unproven]


def _first_lines(problems: Iterable[Problem]) -> dict[str, int]:
    """Return the first line of each file on which one of some problems is."""
    return {problem.path: problem.line for problem in sorted(problems, reverse=True)}


def _cause(subject: Subject, unrun: Mapping[str, int], failed: Mapping[str, int]) -> str:
    """Say what went wrong first on the page of an example, above it, which may be why it fails."""
    if subject.kind is not Kind.EXAMPLE:
        return ""
    causes = [(unrun.get(subject.path), "is not run"), (failed.get(subject.path), "failed")]
    above = [(line, what) for line, what in causes if line and line < subject.line]
    if not above:
        return ""
    line, what = min(above)
    return f"an example above it, on line {line}, {what}"


def _cause_first(problem: Problem) -> tuple[bool, bool, Problem]:
    """Order problems: a check or a source that cannot be read makes what cites it unknown."""
    is_python, is_source = problem.path.endswith(".py"), problem.path.endswith(".toml")
    return not is_python, not is_source, problem


def _about_claims(report: Report) -> Iterator[Problem]:
    """Compare the claims that pages cite with those that there are."""
    claims = report.of(Kind.CLAIM)
    known = claims.keys() | report.unread
    for citation in report.citations if claims else []:
        if citation.claim not in known:
            near = suggestion(citation.claim, list(claims))
            message = f"there is no claim '{citation.claim}'{near}"
            yield Problem(citation.path, citation.line, message)
    cited = {citation.claim for citation in report.citations}
    shown = {citation.claim for citation in report.citations if citation.is_card}
    unseen = claims.keys() - shown
    hidden = [item for item in report.citations if item.claim in unseen]
    if hidden and not report.index:
        others = len({item.claim for item in hidden}) - 1
        message = (
            f"no page shows the evidence of claim '{hidden[0].claim}'"
            + (f", nor of {others} more that are cited" if others else "")
            + "; add a page with the directive '/// all-claims', or a card for each"
        )
        yield Problem(hidden[0].path, hidden[0].line, message)
    # Where some claims are run by themselves, no page was read that could cite them.
    for name, item in claims.items() if report.pages else ():
        if name not in cited:
            message = f"claim '{name}' is on no page; cite it as [some words](claim:{name})"
            yield Problem(item.subject.path, item.subject.line, message)


def _about_messages(report: Report) -> Iterator[Problem]:
    """Compare the messages that pages are about with those that their examples gave."""
    astray = {item.subject.path for item in report.evidence if item.verdict is not Verdict.HOLDS}
    for message in report.messages:
        whole = report.whole(message)
        if message.path in astray:
            continue  # what fails there may be what would give it
        if not whole:
            wrong = f"no example on this page raises or warns of '{message.begins}'"
            yield Problem(message.path, message.line, wrong)
        elif not message.heading or message.heading not in whole:
            wrong = f"the heading '{message.heading}' is no part of the message '{whole}'"
            yield Problem(message.path, message.line, wrong)


def _fault(item: Evidence) -> tuple[str, int, str] | None:
    """Return the place and the words of an error in a check, or in what it shares with others."""
    subject = item.subject
    is_of_check = subject.kind is Kind.CLAIM and item.verdict is Verdict.ERROR and item.line
    return (subject.path, item.line, item.seen) if is_of_check else None


def _faults_of_modules(report: Report) -> dict[tuple[str, int, str], list[Evidence]]:
    """Return what keeps several checks of one module from running, as an import does."""
    faults: dict[tuple[str, int, str], list[Evidence]] = {}
    for item in report.evidence:
        if fault := _fault(item):
            faults.setdefault(fault, []).append(item)
    return {fault: items for fault, items in faults.items() if len(items) > 1}


def _told_of_module(items: list[Evidence]) -> str:
    first = items[0]
    path = first.subject.path
    told = {"expected": first.expected, "seen": first.seen, "alone": f"pytest {path}"}
    return entry(f"{place(path, first.line)}: {len(items)} claims: error", told)


def _told(item: Evidence, citations: list[Citation], cause: str = "") -> str:
    """Tell what was expected of a subject, what was seen, after what, and how to run it alone."""
    subject = item.subject
    own = place(subject.path, item.line or subject.line)
    places = list(dict.fromkeys(place(citation.path, citation.line) for citation in citations))
    name = subject.kind if subject.kind is not Kind.CLAIM else f"claim {subject.id}"
    verdict = "not checked" if item.verdict is Verdict.UNKNOWN else str(item.verdict)
    told = {
        "states": subject.statement if subject.kind is Kind.CLAIM else "",
        "title": subject.statement if subject.kind is not Kind.CLAIM else "",
        "check": own if subject.kind is Kind.CLAIM else "",
        "also at": ", ".join(places[1:]),
        "expected": item.expected,
        "seen": item.seen,
        "after": cause,
        "alone": subject.command,
    }
    return entry(f"{places[0] if places else own}: {name}: {verdict}", told)


def _unproven(proof: Proof, subject: Subject) -> str:
    """Tell of a check that was not seen to fail where its claim is false."""
    where = f"{proof.statement} ({proof.by})" if proof.by else f"with the rival {proof.statement}"
    told = {
        "states": subject.statement,
        "tried": where,
        "expected": "the check to fail there; if the claim is true there, do not name it",
        "seen": f"an error: {proof.seen}" if proof.outcome is Outcome.ERROR else proof.seen,
        "alone": f"claims falsify {subject.id}",
    }
    own = place(subject.path, proof.line or subject.line)
    return entry(f"{own}: claim {subject.id}: not refuted", told)
