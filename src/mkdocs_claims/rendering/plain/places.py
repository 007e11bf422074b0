"""Where things stand, as the Markdown of a page links them."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mkdocs_claims.rendering.addresses import Addresses

__all__ = ["Places", "seen_from"]

_ROOT = "\x02"
"""Stands in a text for the root of the site: the text is read at two places."""
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[/#?]", re.IGNORECASE)


@dataclass(frozen=True)
class Places:
    """The addresses of pages and of evidence, seen from the root of the site."""

    addresses: Addresses
    markdown: Mapping[str, str]
    """By the path of a page, the address of its Markdown."""

    def page(self, path: str) -> str:
        """Return the address of a page."""
        return f"{_ROOT}{self.markdown.get(path, '')}"

    def claim(self, claim: str) -> str:
        """Return the address of a claim's evidence."""
        path, anchor = self.addresses.place_of(claim)
        is_here = not path or path == self.addresses.here
        return f"#{anchor}" if is_here else f"{self.page(path)}#{anchor}"

    def target(self, target: str) -> str:
        """Return where a link leads that stands on the page at hand."""
        if target.startswith("claim:"):
            return self.claim(target.removeprefix("claim:"))
        if _ELSEWHERE.match(target):
            return target
        path, mark, anchor = target.partition("#")
        here = self.addresses.here
        there = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
        inside = there.partition("/")[2]  # without the folder of pages
        return f"{_ROOT}{self.markdown.get(there, inside)}{mark}{anchor}"


def seen_from(address: str, text: str, site: str) -> str:
    """Return a text whose links hold at an address of a site.

    Args:
        address: where the text is read, seen from the root of the site.
        text: what it is, with links from the root.
        site: the address of that root, if links are to hold everywhere; empty where they are to be
            relative.
    """
    if site:
        return text.replace(_ROOT, f"{site.rstrip('/')}/")
    folder = address[: address.rfind("/") + 1]
    return text.replace(f"{_ROOT}{folder}", "").replace(_ROOT, "../" * folder.count("/"))
