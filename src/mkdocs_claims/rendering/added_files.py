"""The files that a site gets beside those of its authors: style, script, pages of evidence."""

import ast
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.evidence_pages import text_of
from mkdocs_claims.settings import Settings

__all__ = ["SCRIPT", "STYLE", "added_files"]

STYLE = "assets/claims.css"
SCRIPT = "assets/claims.js"


def added_files(addresses: Addresses, settings: Settings) -> Iterator[tuple[str, str]]:
    """Return the path of each file, seen from the folder of pages, and its text."""
    for name in (STYLE, SCRIPT):
        yield name, resources.files("mkdocs_claims").joinpath(name).read_text(encoding="utf-8")
    for module, path in addresses.evidence_pages.items():
        about = _about(settings.root / module)
        yield path.removeprefix(f"{settings.docs}/"), text_of(module, addresses, about)


def _about(module: Path) -> str:
    """Return the first paragraph of what a module says of itself, in one line."""
    try:
        told = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    except (OSError, ValueError, SyntaxError):  # which is told where the module is read
        return ""
    return " ".join((told or "").partition("\n\n")[0].split())
