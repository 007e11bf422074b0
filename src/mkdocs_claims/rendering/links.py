"""Links in the HTML of a notebook, whose Markdown no extension sees, and its foot."""

import posixpath
import re
from collections.abc import Callable
from html import escape
from xml.etree import ElementTree as ET

from mkdocs_claims.evidence import Kind
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.foot import foot
from mkdocs_claims.rendering.marks import mark
from mkdocs_claims.rendering.notebooks import plain

__all__ = ["resolved", "unresolved"]

_CLAIM_LINK = re.compile(r'<a\b[^>]*?\bhref="claim:(?P<claim>[^"]*)"')
_PAGE_LINK = re.compile(
    r'(?P<before><a\b[^>]*?\bhref=")(?P<path>[^":?#]+\.(?:md|ipynb))(?=[#"])', re.IGNORECASE
)


def resolved(html: str, addresses: Addresses, url_of: Callable[[str], str]) -> str:
    """Return a plain page whose links lead to pages and, with a mark, to evidence, and a foot.

    `url_of` returns the address of a page by its path, or an empty string if there is no such page.
    """
    report = addresses.report
    claims = report.of(Kind.CLAIM)

    def address_of(claim: str) -> str:
        path, anchor = addresses.place_of(claim)
        return f"{url_of(path)}#{anchor}"

    def resolve(match: re.Match[str]) -> str:
        claim = match["claim"]
        link = ET.Element("a", {"href": address_of(claim)})
        mark(link, claim, report, claims.get(claim))
        attributes = [f'{name}="{escape(value)}"' for name, value in link.items()]
        return f"<a {' '.join(attributes)}"

    def lead(match: re.Match[str]) -> str:
        path = posixpath.join(posixpath.dirname(addresses.here), match["path"])
        return match["before"] + (url_of(posixpath.normpath(path)) or match["path"])

    html = _PAGE_LINK.sub(lead, plain(html))
    cited = dict.fromkeys(match["claim"] for match in _CLAIM_LINK.finditer(html))
    known = [(claims[claim], address_of(claim)) for claim in cited if claim in claims]
    notebook = report.of(Kind.NOTEBOOK).get(addresses.here)
    element = foot(known, [notebook] if notebook else [], report)
    below = "" if element is None else ET.tostring(element, encoding="unicode", method="html")
    return _CLAIM_LINK.sub(resolve, html) + below


def unresolved(html: str) -> list[str]:
    """Return the paths of pages that links still name: there are no such pages."""
    return [match["path"] for match in _PAGE_LINK.finditer(html)]
