"""The list of all claims: a row each, by what they are about."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from markdown.util import AtomicString

from mkdocs_claims.evidence import Evidence
from mkdocs_claims.proofs import Outcome
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.anchors import claim_anchor
from mkdocs_claims.rendering.marks import badge, title_of, verdict_of

__all__ = ["by_place", "rows"]

_SEPARATOR = "|"
"""Between the values of an attribute, for the script that filters."""


def by_place(claims: Mapping[str, Evidence]) -> dict[str, list[Evidence]]:
    """Return claims by the module that checks them, in the order in which they stand there."""
    found: dict[str, list[Evidence]] = {}
    for evidence in sorted(claims.values(), key=lambda item: item.subject.line):
        found.setdefault(evidence.subject.path, []).append(evidence)
    return dict(sorted(found.items()))


def rows(parent: ET.Element, claims: Mapping[str, Evidence], addresses: Addresses) -> None:
    """Append a list for each check module, and the form by which a script filters them."""
    modules = by_place(claims)
    form = ET.SubElement(parent, "form", {"class": "claims-filter", "role": "search"})
    for module, items in modules.items():
        about = {"class": "claims-module", "data-subject": title_of(module)}
        section = ET.SubElement(parent, "section", about)
        # What is listed is said on other pages, and there is a filter: the search leaves it out.
        ET.SubElement(section, "h2", {"data-search-exclude": ""}).text = title_of(module)
        entries = ET.SubElement(section, "ul", {"class": "claims-rows"})
        for evidence in items:
            _row(entries, evidence, addresses)
    _fill(form, parent, [title_of(module) for module in modules])


def _fill(form: ET.Element, parent: ET.Element, subjects: list[str]) -> None:
    """Give the form a field for each thing by which rows can be told apart."""
    form.set("aria-label", "Filter the claims")
    found = list(parent.iter("li"))
    label = ET.SubElement(form, "label", {"class": "claims-words"})
    ET.SubElement(label, "span").text = AtomicString("Words")
    ET.SubElement(label, "input", {"type": "search", "name": "words", "autocomplete": "off"})
    told = {row.get("class", ""): "".join(row[0].itertext()) for row in found}
    _choice(form, "subject", "About", {subject: subject for subject in subjects})
    _choice(form, "verdict", "Verdict", told)
    _choice(
        form, "proof", "Proven by", {each: f"a {each}" for each in _values(found, "data-proof")}
    )
    sources = {each: each.replace("`", "") for each in _values(found, "data-source")}
    _choice(form, "source", "Source", sources)
    ET.SubElement(form, "output").text = AtomicString(f"{len(found)} claims")
    ET.SubElement(form, "button", {"type": "reset"}).text = AtomicString("Show all")


def _values(found: list[ET.Element], name: str) -> list[str]:
    """Return all values that an attribute has in some row."""
    return sorted(
        {value for row in found for value in row.get(name, "").split(_SEPARATOR) if value}
    )


def _choice(form: ET.Element, name: str, title: str, values: Mapping[str, str]) -> None:
    """Append a field with some values and what is shown for them, and one for all of them."""
    label = ET.SubElement(form, "label")
    ET.SubElement(label, "span").text = AtomicString(title)
    select = ET.SubElement(label, "select", {"name": name})
    for value, words in {"": "anything", **values}.items():
        ET.SubElement(select, "option", {"value": value}).text = AtomicString(words)


def _row(parent: ET.Element, evidence: Evidence, addresses: Addresses) -> None:
    claim, report = evidence.subject.id, addresses.report
    proofs = report.proofs_of(claim)
    kind, told = verdict_of(evidence, proofs)
    row = ET.SubElement(parent, "li", {"id": claim_anchor(claim), "class": kind})
    badge(row, told)
    link = ET.SubElement(row, "a", {"href": addresses.claim(claim)})
    link.text = evidence.subject.statement
    refuted = [proof for proof in proofs if proof.outcome is Outcome.REFUTED]
    ways = {"counterfactual" if proof.by else "rival" for proof in refuted}
    row.set("data-proof", _SEPARATOR.join(sorted(ways)))
    titles = dict.fromkeys(source.title for source, _ in report.settled_by(claim))
    row.set("data-source", _SEPARATOR.join(titles))
