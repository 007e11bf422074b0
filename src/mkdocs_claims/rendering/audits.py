"""How an audit looks: what a source says beside what was found, the worst first."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from markdown.util import AtomicString

from mkdocs_claims.evidence import Evidence
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.anchors import assertion_anchor
from mkdocs_claims.rendering.marks import mark
from mkdocs_claims.sources import NEED_CLAIMS, Assertion, Source

__all__ = ["audit", "by_ruling"]

_SIGNS = {"wrong": "✗", "outdated": "✗", "qualified": "≈", "right": "✓"}


def audit(
    parent: ET.Element,
    source: Source,
    claims: Mapping[str, Evidence],
    addresses: Addresses,
) -> None:
    """Append what was found of a source.

    Args:
        parent: what it is appended to.
        source: what was audited.
        claims: the evidence of claims, by their ids.
        addresses: where the evidence of claims stands.
    """
    ruled = by_ruling(source)
    about = ET.SubElement(parent, "p")
    about.text = f"{source.origin.removesuffix('.')}, read on {source.read}, says "
    about.text += f"{len(source.assertions)} things:"
    counts = ET.SubElement(parent, "ul", {"class": "claims-counts"})
    for ruling, items in ruled.items():
        entry = ET.SubElement(counts, "li", {"class": _kind(ruling)})
        ET.SubElement(entry, "strong").text = AtomicString(str(len(items)))
        entry[0].tail = f" {ruling}"
    for ruling, items in ruled.items():
        heading = ET.SubElement(parent, "h2")
        heading.text = AtomicString(ruling[:1].upper() + ruling[1:])
        for item in items:
            row = ET.SubElement(parent, "div", {"class": f"claims-assertion {_kind(ruling)}"})
            row.set("id", assertion_anchor(item))
            _says(row, item)
            _found(row, item, claims, addresses)


def by_ruling(source: Source) -> dict[str, list[Assertion]]:
    """Return the assertions of a source by what became of them, the worst first."""
    rulings = dict.fromkeys((*NEED_CLAIMS, *(item.ruling for item in source.assertions)))
    ruled = {each: [item for item in source.assertions if item.ruling == each] for each in rulings}
    return {ruling: items for ruling, items in ruled.items() if items}


def _says(row: ET.Element, item: Assertion) -> None:
    left = ET.SubElement(row, "div", {"class": "claims-says"})
    label = ET.SubElement(left, "p", {"class": "claims-section"})
    label.text = AtomicString(f"It says, under “{item.section}”")
    link = ET.SubElement(label, "a", {"class": "headerlink", "href": f"#{assertion_anchor(item)}"})
    link.set("title", "Permanent link")
    link.set("data-search-exclude", "")
    link.text = AtomicString("¶")
    ET.SubElement(left, "p").text = item.says


def _found(
    row: ET.Element,
    item: Assertion,
    claims: Mapping[str, Evidence],
    addresses: Addresses,
) -> None:
    right = ET.SubElement(row, "div", {"class": "claims-found"})
    label = ET.SubElement(right, "p", {"class": "claims-section"})
    label.text = AtomicString(f"{_SIGNS.get(item.ruling, '·')} {item.ruling}")
    if item.found:
        ET.SubElement(right, "p").text = item.found
    if not item.claims:
        return
    settled = ET.SubElement(right, "ul", {"class": "claims-settled", "data-search-exclude": ""})
    for claim in item.claims:
        evidence = claims.get(claim)
        link = ET.SubElement(ET.SubElement(settled, "li"), "a", {"href": addresses.claim(claim)})
        link.text = evidence.subject.statement if evidence else claim
        mark(link, claim, addresses.report, evidence)


def _kind(ruling: str) -> str:
    return f"claims-ruled-{ruling.split(maxsplit=1)[0]}"
