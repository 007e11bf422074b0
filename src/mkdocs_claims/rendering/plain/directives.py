"""The directives of a page in Markdown: each lists something of the report."""

from collections import Counter
from collections.abc import Callable

from mkdocs_claims.citations import ALL_CLAIMS, AUDIT, CARD, CLAIMS, MESSAGES, REFUTATIONS
from mkdocs_claims.evidence import Evidence, Kind
from mkdocs_claims.proofs import Outcome
from mkdocs_claims.rendering.audits import by_ruling
from mkdocs_claims.rendering.marks import title_of, verdict_of
from mkdocs_claims.rendering.plain.evidence import card
from mkdocs_claims.rendering.plain.places import Places
from mkdocs_claims.rendering.rows import by_place
from mkdocs_claims.sources import Assertion, Source

__all__ = ["shown_by"]


def shown_by(name: str, argument: str, places: Places) -> str | None:
    """Return what a directive shows, or None where it is none of ours."""
    shows = _SHOWS.get(name)
    return shows(argument, places) if shows else None


def _claim(claim: str, places: Places) -> str:
    evidence = places.addresses.report.of(Kind.CLAIM).get(claim)
    return card(evidence, places.addresses.report) if evidence else ""


def _claims(module: str, places: Places) -> str:
    report = places.addresses.report
    own = by_place(report.of(Kind.CLAIM)).get(module, [])
    cards = [card(evidence, report) for evidence in own]
    day = f" on {report.day}" if report.day else ""
    return "\n\n".join([*cards, f"All checks were run{day} with {report.environment}."])


def _all_claims(_: str, places: Places) -> str:
    listed = []
    for module, items in by_place(places.addresses.report.of(Kind.CLAIM)).items():
        listed.append(f"## {title_of(module)}")
        if places.addresses.evidence_pages:
            listed.append("\n".join(f"- {_row(evidence, places)}" for evidence in items))
        else:
            listed += [card(evidence, places.addresses.report) for evidence in items]
    return "\n\n".join(listed)


def _row(evidence: Evidence, places: Places) -> str:
    claim = evidence.subject.id
    _, told = verdict_of(evidence, places.addresses.report.proofs_of(claim))
    return f"{evidence.subject.statement} [{told}]({places.claim(claim)})"


def _audit(name: str, places: Places) -> str:
    sources = [item for item in places.addresses.report.sources if item.name == name]
    return "\n\n".join(_source(source, places) for source in sources)


def _source(source: Source, places: Places) -> str:
    ruled = by_ruling(source)
    counts = ", ".join(f"{len(items)} {ruling}" for ruling, items in ruled.items())
    origin = source.origin.removesuffix(".")
    many = len(source.assertions)
    shown = [f"{origin}, read on {source.read}, says {many} things: {counts}."]
    for ruling, items in ruled.items():
        shown.append(f"## {ruling[:1].upper()}{ruling[1:]}")
        shown.append("\n".join(_assertion(item, places) for item in items))
    return "\n\n".join(shown)


def _assertion(item: Assertion, places: Places) -> str:
    claims = places.addresses.report.of(Kind.CLAIM)
    found = [f"  - Found: {item.found}"] if item.found else []
    known = [claims[claim] for claim in item.claims if claim in claims]
    settled = [f"  - Settled by: {_row(evidence, places)}" for evidence in known]
    return "\n".join([f"- It says, under “{item.section}”: {item.says}", *found, *settled])


def _messages(_: str, places: Places) -> str:
    listed = []
    for message in places.addresses.report.messages:
        kind, _, text = message.begins.partition(": ")
        listed.append(
            (text.casefold(), f"{kind}: [`{text}`]({places.page(message.path)})", message)
        )
    return "\n".join(f"- {link}: {message.answer}" for _, link, message in sorted(listed))


def _refutations(_: str, places: Places) -> str:
    report = places.addresses.report
    failing = Counter(each.by for each in report.proofs if each.outcome is Outcome.REFUTED)
    return "\n".join(
        f"1. {statement} Checks that fail: {failing[name]}."
        for name, statement in report.counterfactuals.items()
    )


_SHOWS: dict[str, Callable[[str, Places], str]] = {
    CARD: _claim,
    CLAIMS: _claims,
    ALL_CLAIMS: _all_claims,
    AUDIT: _audit,
    MESSAGES: _messages,
    REFUTATIONS: _refutations,
}
