"""How evidence looks: a claim's card, the mark at a sentence, what stands below an example."""

from html import escape
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.util import AtomicString

from mkdocs_claims.assertions import Asserted
from mkdocs_claims.evidence import Evidence, Verdict
from mkdocs_claims.problems import place
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.rendering import folding
from mkdocs_claims.reports import Report

__all__ = ["anchor", "card", "mark", "output", "result", "skipped", "title_of", "unknown_card"]

_SIGNS = {Verdict.HOLDS: "✓", Verdict.FAILS: "✗", Verdict.ERROR: "⚠", Verdict.UNKNOWN: "?"}
_WORDS = {
    Verdict.HOLDS: "holds",
    Verdict.FAILS: "fails",
    Verdict.ERROR: "error",
    Verdict.UNKNOWN: "not checked",
}


def anchor(claim: str) -> str:
    """Return the id of a claim's card in a page."""
    return f"claim-{claim}"


def title_of(module: str) -> str:
    """Return what the claims of a check module are about, from its path."""
    return PurePosixPath(module).stem.replace("_", " ").capitalize()


def mark(link: ET.Element, evidence: Evidence | None, report: Report) -> None:
    """Make a link to a claim tell its verdict, by a sign, a class and a tooltip."""
    if evidence is None:
        link.set("class", f"claims-mark claims-{Verdict.UNKNOWN}")
        link.set("title", "no check knows this claim")
        return
    kind, told = _verdict(evidence, report.proofs_of(evidence.subject.id))
    link.set("class", f"claims-mark {kind}")
    statement = evidence.subject.statement.replace("`", "")
    link.set("title", f"{told} with {report.environment}: {statement}")


def _verdict(evidence: Evidence, proofs: list[Proof]) -> tuple[str, str]:
    """Return the class of a claim's verdict, and its sign with its word.

    A claim that holds, and whose check was not seen to fail where it is false, only holds so far.
    """
    verdict = evidence.verdict
    if verdict is Verdict.HOLDS and any(proof.outcome is not Outcome.REFUTED for proof in proofs):
        return "claims-unproven", "⚠ not refuted"
    return f"claims-{verdict}", f"{_SIGNS[verdict]} {_WORDS[verdict]}"


def card(
    evidence: Evidence,
    report: Report,
    md: Markdown,
    cited: list[tuple[str, str]],
    *,
    has_anchor: bool,
) -> ET.Element:
    """Build the card of a claim.

    `cited` holds the pages that cite the claim, each as a link and its text.
    """
    subject = evidence.subject
    proofs = report.proofs_of(subject.id)
    kind, told = _verdict(evidence, proofs)
    root = ET.Element("div", {"class": f"claims-card {kind}"})
    if has_anchor:
        root.set("id", anchor(subject.id))
    statement = ET.SubElement(root, "p", {"class": "claims-statement"})
    badge = ET.SubElement(statement, "span", {"class": "claims-verdict"})
    badge.set("data-search-exclude", "")
    badge.text = AtomicString(told)
    badge.tail = f" {subject.statement}"
    if evidence.verdict is not Verdict.HOLDS:
        root.append(_pre(md, _failure(evidence), "Seen", evidence.verdict))
    # Not for the search of other engines either: it marks every word that it finds.
    hints = {folding.KEY: "", "class": "claims-evidence", "data-search-exclude": ""}
    details = ET.SubElement(root, "details", hints)
    ET.SubElement(details, "summary").text = AtomicString("Evidence")
    where = ET.SubElement(details, "p")
    where.text = "Checked by "
    _code(where, place(subject.path, subject.line)).tail = f" with {report.environment}:"
    code = ET.SubElement(details, "p")
    code.text = AtomicString(md.htmlStash.store(_highlighted(md, subject.code)))
    if evidence.output:
        details.append(_pre(md, evidence.output, "It printed"))
    alone = ET.SubElement(details, "p")
    alone.text = "Run it alone: "
    _code(alone, subject.command)
    for proof in proofs:
        details.extend(_refutation(proof, md))
    if unseen := [each for each in report.asserted.get(subject.id, ()) if not each.is_refuted]:
        _unseen(ET.SubElement(details, "p"), unseen)
    if cited:
        _cited(ET.SubElement(details, "p"), cited)
    return root


def _refutation(proof: Proof, md: Markdown) -> list[ET.Element]:
    """Show where a claim is false, and that its check was seen to fail there."""
    where = ET.Element("p", {"class": "claims-refuted"})
    is_refuted = proof.outcome is Outcome.REFUTED
    where.text = "Refuted when " if is_refuted else "⚠ Not refuted when "
    if proof.by:
        statement = proof.statement.removesuffix(".")
        where.text += f"{statement[:1].lower()}{statement[1:]}:"
    else:
        where.text += "given, instead: "
        _code(where, proof.statement)
    line = f" (line {proof.line})" if proof.line else ""
    failure = f"expected{line}: {proof.expected}\nseen: {proof.seen}"
    verdict = Verdict.HOLDS if is_refuted else Verdict.ERROR
    return [where, _pre(md, failure if is_refuted else proof.seen, "Seen there", verdict)]


def _unseen(parent: ET.Element, unseen: list[Asserted]) -> None:
    """Say which assertions of a check were seen to fail in nothing that its claim names."""
    parent.text = "Seen to fail in none of these: "
    for number, each in enumerate(unseen):
        element = _code(parent, each.code)
        element.tail = ", " if number < len(unseen) - 1 else ""


def unknown_card(claim: str) -> ET.Element:
    """Build what stands in the place of a card whose claim nothing knows."""
    root = ET.Element("div", {"class": "claims-card claims-unknown"})
    statement = ET.SubElement(root, "p", {"class": "claims-statement"})
    statement.text = "? no check knows the claim "
    _code(statement, claim)
    return root


def result(evidence: Evidence | None, *, shows_output: bool, told: str = "Raises") -> str:
    """Return the HTML that stands below an example: what it printed and raised, or its failure.

    `told` is the label of the exception or warning that it was expected to give.
    """
    if evidence is None:
        return _block("Not run", "There is no evidence of this example.", Verdict.UNKNOWN)
    parts = [
        f'<figure class="claims-picture" data-search-exclude>{picture["svg"]}</figure>'
        for picture in evidence.pictures
    ]
    if evidence.output.strip() and shows_output:
        parts.append(_block("Output", evidence.output, Verdict.HOLDS))
    if evidence.verdict is not Verdict.HOLDS:
        sign = f"{_SIGNS[evidence.verdict]} {_WORDS[evidence.verdict]}"
        parts.append(_block(sign, _failure(evidence), evidence.verdict))
    elif evidence.raised:
        parts.append(_block(told, evidence.raised, Verdict.HOLDS, "claims-raised"))
    return "".join(parts)


def skipped(reason: str) -> str:
    """Return the HTML that stands below an example that is not run."""
    return _block("Not run", reason, Verdict.UNKNOWN)


def output(text: str) -> str:
    """Return the HTML of an output that the author wrote."""
    return _block("Output", text, Verdict.HOLDS)


def _failure(evidence: Evidence) -> str:
    line = f" (line {evidence.line})" if evidence.line else ""
    return f"expected{line}: {evidence.expected}\nseen: {evidence.seen}"


def _block(label: str, text: str, verdict: Verdict, extra: str = "") -> str:
    classes = f"claims-output claims-{verdict} {extra}".rstrip()
    return (
        f'<div class="{classes}"><span class="claims-label" data-search-exclude>{escape(label)}'
        f"</span><pre><code>{escape(text.rstrip())}</code></pre></div>"
    )


def _pre(md: Markdown, text: str, label: str, verdict: Verdict = Verdict.HOLDS) -> ET.Element:
    holder = ET.Element("p")
    block = _block(label, text, verdict)
    holder.text = AtomicString(md.htmlStash.store(block))
    return holder


def _code(parent: ET.Element, text: str) -> ET.Element:
    code = ET.SubElement(parent, "code")
    code.text = AtomicString(text)
    return code


def _cited(parent: ET.Element, cited: list[tuple[str, str]]) -> None:
    parent.text = "Said on "
    for number, (link, text) in enumerate(cited):
        element = ET.SubElement(parent, "a", {"href": link})
        element.text = AtomicString(text)
        element.tail = ", " if number < len(cited) - 1 else "."


def _highlighted(md: Markdown, code: str) -> str:
    fences: Any = md.preprocessors["fenced_code_block"]
    html: str = fences.highlight(
        src=code, language="python", options={}, md=md, classes=[], id_value="", attrs={}
    )
    return html
