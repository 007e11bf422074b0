"""The foot of a page: what of it was checked, what came of that, when and in what."""

from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from markdown.util import AtomicString

from mkdocs_claims.evidence import Evidence, Kind
from mkdocs_claims.pages import Page
from mkdocs_claims.rendering.marks import badge, verdict_of
from mkdocs_claims.reports import Report

__all__ = ["foot", "run_on"]

_OF_MANY = {"holds": "hold", "fails": "fail"}


def foot(
    claims: Sequence[tuple[Evidence, str]], others: Sequence[Evidence], report: Report
) -> ET.Element | None:
    """Build the foot of a page, or nothing where nothing on it was checked.

    Scripts and readers without one find the statements of its claims there, each once.

    Args:
        claims: the claims that the page cites, each with the address of its evidence.
        others: the examples, snippets and notebooks that it shows.
        report: what all verdicts are drawn from.
    """
    items = [*(evidence for evidence, _ in claims), *others]
    if not items:
        return None
    root = ET.Element("aside", {"class": "claims-foot", "data-search-exclude": ""})
    root.set("aria-label", "What was checked on this page")
    root.set("data-environment", str(report.environment))
    counted = ET.SubElement(root, "p")
    kinds = Counter(item.subject.kind.value for item in items)
    named = [f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in kinds.items()]
    counted.text = AtomicString(f"On this page: {', '.join(named)}. ")
    told = Counter(verdict_of(item, report.proofs_of(item.subject.id)) for item in items)
    for (kind, words), count in told.items():
        sign, _, word = words.partition(" ")
        word = _OF_MANY.get(word, word) if count > 1 else word
        verdict = ET.SubElement(ET.SubElement(counted, "span", {"class": kind}), "span")
        verdict.set("class", "claims-verdict")
        verdict.text = AtomicString(f"{sign} {count} {word}")
    when = ET.SubElement(root, "p", {"class": "claims-when"})
    day = f" on {report.day}" if report.day else ""
    when.text = AtomicString(f"Run{day} with {report.environment}.")
    if claims:
        _statements(root, claims, report)
    return root


def run_on(page: Page, report: Report) -> list[Evidence]:
    """Return the evidence of a page's examples, and of the snippets that it shows."""
    examples, snippets = report.of(Kind.EXAMPLE), report.of(Kind.SNIPPET)
    shown = dict.fromkeys(embed.snippet for embed in page.embeds)
    found = [examples.get(example.subject.id) for example in page.examples]
    return [item for item in (*found, *map(snippets.get, shown)) if item]


def _statements(parent: ET.Element, claims: Sequence[tuple[Evidence, str]], report: Report) -> None:
    details = ET.SubElement(parent, "details", {"class": "claims-evidence"})
    ET.SubElement(details, "summary").text = AtomicString("What these claims say")
    listed = ET.SubElement(details, "ul", {"class": "claims-rows"})
    for evidence, address in claims:
        claim = evidence.subject.id
        kind, words = verdict_of(evidence, report.proofs_of(claim))
        row = ET.SubElement(listed, "li", {"class": kind, "data-claim": claim})
        badge(row, words)
        _inline(ET.SubElement(row, "a", {"href": address}), evidence.subject.statement)


def _inline(parent: ET.Element, text: str) -> None:
    """Fill an element with a text in which what stands between backticks is code."""
    plain, *others = text.split("`")
    parent.text = AtomicString(plain)
    for code, after in zip(others[::2], others[1::2], strict=False):
        element = ET.SubElement(parent, "code")
        element.text = AtomicString(code)
        element.tail = AtomicString(after)
