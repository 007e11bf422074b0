"""Links to claims in the HTML of a notebook, whose Markdown no extension sees."""

import re
from collections.abc import Callable
from html import escape
from xml.etree.ElementTree import Element

from mkdocs_claims.evidence import Kind
from mkdocs_claims.rendering.cards import anchor, mark
from mkdocs_claims.reports import Report

__all__ = ["resolved"]

_CLAIM_LINK = re.compile(r'<a\b[^>]*?\bhref="claim:(?P<claim>[^"]*)"')


def resolved(html: str, report: Report, url_of: Callable[[str], str]) -> str:
    """Return HTML in which links to claims lead to their evidence, with a mark.

    `url_of` returns the address of a page by its path, or an empty string if there is no such page.
    """
    claims = report.of(Kind.CLAIM)

    def resolve(match: re.Match[str]) -> str:
        claim = match["claim"]
        shown = (each.path for each in report.citations_of(claim) if each.is_card)
        url = url_of(report.index or next(shown, ""))
        link = Element("a", {"href": f"{url}#{anchor(claim)}"})
        mark(link, claims.get(claim), report)
        attributes = [f'{name}="{escape(value)}"' for name, value in link.items()]
        return f"<a {' '.join(attributes)}"

    return _CLAIM_LINK.sub(resolve, html)
