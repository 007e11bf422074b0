"""How a verdict looks, and the mark at a sentence that rests on a claim."""

from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from markdown.util import AtomicString

from mkdocs_claims.evidence import Evidence, Verdict
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.reports import Report

__all__ = ["badge", "mark", "sign_of", "title_of", "verdict_of"]

_SIGNS = {Verdict.HOLDS: "✓", Verdict.FAILS: "✗", Verdict.ERROR: "⚠", Verdict.UNKNOWN: "?"}
_WORDS = {
    Verdict.HOLDS: "holds",
    Verdict.FAILS: "fails",
    Verdict.ERROR: "error",
    Verdict.UNKNOWN: "not checked",
}


def sign_of(verdict: Verdict) -> str:
    """Return a verdict as its sign and its word."""
    return f"{_SIGNS[verdict]} {_WORDS[verdict]}"


def verdict_of(evidence: Evidence | None, proofs: list[Proof]) -> tuple[str, str]:
    """Return the class of a claim's verdict, and its sign with its word.

    A claim that holds, and whose check was not seen to fail where it is false, only holds so far.
    """
    verdict = evidence.verdict if evidence else Verdict.UNKNOWN
    if verdict is Verdict.HOLDS and any(proof.outcome is not Outcome.REFUTED for proof in proofs):
        return "claims-unproven", "⚠ not refuted"
    return f"claims-{verdict}", sign_of(verdict)


def badge(parent: ET.Element, told: str) -> ET.Element:
    """Append a verdict of which a row need only show the sign; readers are told its word, too."""
    element = ET.SubElement(parent, "span", {"class": "claims-verdict", "data-search-exclude": ""})
    sign, _, word = told.partition(" ")
    element.text = AtomicString(f"{sign} ")
    ET.SubElement(element, "span").text = AtomicString(word)
    element.tail = AtomicString(" ")
    return element


def mark(link: ET.Element, claim: str, report: Report, evidence: Evidence | None) -> None:
    """Make a link to a claim tell its verdict, and which claim it is.

    The claim's statement stands at the foot of the page, from where a script shows it.
    """
    kind, _ = verdict_of(evidence, report.proofs_of(claim))
    link.set("class", f"claims-mark {kind}")
    link.set("data-claim", claim)
    if evidence is None:
        link.set("title", "no check knows this claim")


def title_of(module: str) -> str:
    """Return what the claims of a check module are about, from its path."""
    return PurePosixPath(module).stem.replace("_", " ").capitalize()
