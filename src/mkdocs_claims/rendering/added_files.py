"""The files that a site gets beside those of its authors: style, script, pages of evidence."""

from collections.abc import Iterator
from importlib import resources

from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.evidence_pages import text_of

__all__ = ["SCRIPT", "STYLE", "added_files"]

STYLE = "assets/claims.css"
SCRIPT = "assets/claims.js"


def added_files(addresses: Addresses, docs: str) -> Iterator[tuple[str, str]]:
    """Return the path of each file, seen from the folder of pages, and its text."""
    for name in (STYLE, SCRIPT):
        yield name, resources.files("mkdocs_claims").joinpath(name).read_text(encoding="utf-8")
    for module, path in addresses.evidence_pages.items():
        yield path.removeprefix(f"{docs}/"), text_of(module, addresses)
