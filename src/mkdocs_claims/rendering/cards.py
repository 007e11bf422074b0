"""A card: a claim with its evidence."""

import itertools
from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.util import AtomicString

from mkdocs_claims.assertions import Asserted
from mkdocs_claims.evidence import Evidence, Verdict
from mkdocs_claims.problems import place
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.rendering import folding
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.anchors import claim_anchor
from mkdocs_claims.rendering.marks import verdict_of
from mkdocs_claims.rendering.outputs import block, failure
from mkdocs_claims.sources import Assertion, Source

__all__ = ["card", "unknown_card"]


def card(
    evidence: Evidence,
    addresses: Addresses,
    md: Markdown,
    cited: list[tuple[str, str]],
    *,
    has_anchor: bool,
) -> ET.Element:
    """Build the card of a claim.

    `cited` holds the pages that cite the claim, each as a link and its text.
    """
    subject, report = evidence.subject, addresses.report
    proofs = report.proofs_of(subject.id)
    kind, told = verdict_of(evidence, proofs)
    root = ET.Element("div", {"class": f"claims-card {kind}"})
    statement = ET.SubElement(root, "p", {"class": "claims-statement"})
    badge = ET.SubElement(statement, "span", {"class": "claims-verdict"})
    badge.set("data-search-exclude", "")
    badge.text = AtomicString(told)
    badge.tail = f" {subject.statement}"
    blocks = _Blocks(md, claim_anchor(subject.id) if has_anchor else "")
    if has_anchor:
        root.set("id", claim_anchor(subject.id))
        _permalink(statement, subject.id)
    if evidence.verdict is not Verdict.HOLDS:
        root.append(blocks.output(failure(evidence), "Seen", evidence.verdict))
    # Not for the search of other engines either: it marks every word that it finds.
    hints = {folding.KEY: "", "class": "claims-evidence", "data-search-exclude": ""}
    details = ET.SubElement(root, "details", hints)
    ET.SubElement(details, "summary").text = AtomicString("Evidence")
    _where(ET.SubElement(details, "p"), evidence, addresses)
    details.append(blocks.code(subject.code))
    if evidence.output:
        details.append(blocks.output(evidence.output, "It printed"))
    alone = ET.SubElement(details, "p")
    alone.text = "Run it alone: "
    _code(alone, subject.command)
    for proof in proofs:
        details.extend(_refutation(proof, blocks))
    if unseen := [each for each in report.asserted.get(subject.id, ()) if not each.is_refuted]:
        _unseen(ET.SubElement(details, "p"), unseen)
    if settled := report.settled_by(subject.id):
        _settled(ET.SubElement(details, "p"), settled, addresses)
    if cited:
        _links(ET.SubElement(details, "p"), "Said on ", cited)
    return root


def _permalink(parent: ET.Element, claim: str) -> None:
    hints = {"class": "headerlink", "href": f"#{claim_anchor(claim)}", "title": "Permanent link"}
    link = ET.SubElement(parent, "a", {**hints, "data-search-exclude": ""})
    link.text = AtomicString("¶")


def _where(parent: ET.Element, evidence: Evidence, addresses: Addresses) -> None:
    """Say where the check stands, in what it ran, and when."""
    subject, report = evidence.subject, addresses.report
    parent.text = "Checked by "
    holder = parent
    if address := addresses.line(subject.path, subject.line):
        holder = ET.SubElement(parent, "a", {"href": address})
    code = _code(holder, place(subject.path, subject.line))
    last = code if holder is parent else holder
    last.tail = f" with {report.environment}"
    last.tail += f", on {report.day}:" if report.day else ":"


def _refutation(proof: Proof, blocks: "_Blocks") -> list[ET.Element]:
    """Show where a claim is false, and that its check was seen to fail there."""
    where = ET.Element("p", {"class": "claims-refuted"})
    is_refuted = proof.outcome is Outcome.REFUTED
    fails = "The check fails, as it must, when "
    where.text = fails if is_refuted else "⚠ The check must fail, and does not, when "
    if proof.by:
        statement = proof.statement.removesuffix(".")
        where.text += f"{statement[:1].lower()}{statement[1:]}:"
    else:
        where.text += "given, instead: "
        _code(where, proof.statement)
    line = f" (line {proof.line})" if proof.line else ""
    expected = f"expected{line}: {proof.expected}\nseen: {proof.seen}"
    verdict = Verdict.HOLDS if is_refuted else Verdict.ERROR
    return [where, blocks.output(expected if is_refuted else proof.seen, "Seen there", verdict)]


def _unseen(parent: ET.Element, unseen: list[Asserted]) -> None:
    """Say which assertions of a check were seen to fail in nothing that its claim names."""
    parent.text = "Seen to fail in none of these: "
    for number, each in enumerate(unseen):
        element = _code(parent, each.code)
        element.tail = ", " if number < len(unseen) - 1 else ""


def _settled(
    parent: ET.Element, settled: list[tuple[Source, Assertion]], addresses: Addresses
) -> None:
    """Say which sources the claim judges, where, and how."""
    by_source: dict[str, list[tuple[str, str]]] = {}
    for source, item in settled:
        link = (addresses.assertion(source, item), f"{item.section} ({item.ruling})")
        by_source.setdefault(source.title, []).append(link)
    for number, (title, links) in enumerate(by_source.items()):
        begin = " And what" if number else "Judges what"
        _links(parent, f"{begin} “{title}” says under ", links)


def _links(parent: ET.Element, text: str, links: list[tuple[str, str]]) -> None:
    """Add to a paragraph a text and links, each an address, if there is one, and its words."""
    if len(parent):
        parent[-1].tail = f"{parent[-1].tail}{text}"
    else:
        parent.text = text
    for number, (address, words) in enumerate(links):
        hints = {"href": address} if address else {}
        element = ET.SubElement(parent, "a" if address else "span", hints)
        element.text = AtomicString(words)
        element.tail = ", " if number < len(links) - 1 else "."


def unknown_card(claim: str) -> ET.Element:
    """Build what stands in the place of a card whose claim nothing knows."""
    root = ET.Element("div", {"class": "claims-card claims-unknown"})
    statement = ET.SubElement(root, "p", {"class": "claims-statement"})
    statement.text = "? no check knows the claim "
    _code(statement, claim)
    return root


def _code(parent: ET.Element, text: str) -> ET.Element:
    code = ET.SubElement(parent, "code")
    code.text = AtomicString(text)
    return code


class _Blocks:
    """The blocks of code of a card, each with an id of its own.

    Material would name all of them by the card's id, and a copy button takes the first of a name.
    """

    def __init__(self, md: Markdown, anchor: str) -> None:
        self._md = md
        self._anchor = anchor
        self._numbers = itertools.count(1)

    def code(self, text: str) -> ET.Element:
        """Return Python, highlighted."""
        fences: Any = self._md.preprocessors["fenced_code_block"]
        html: str = fences.highlight(
            src=text, language="python", options={}, md=self._md, classes=[], id_value="", attrs={}
        )
        return self._stored(html)

    def output(self, text: str, label: str, verdict: Verdict = Verdict.HOLDS) -> ET.Element:
        """Return what was seen, as it is."""
        return self._stored(block(label, text, verdict))

    def _stored(self, html: str) -> ET.Element:
        if self._anchor:
            html = html.replace("<pre>", f'<pre id="{self._anchor}-{next(self._numbers)}">', 1)
        holder = ET.Element("p")
        holder.text = AtomicString(self._md.htmlStash.store(html))
        return holder
