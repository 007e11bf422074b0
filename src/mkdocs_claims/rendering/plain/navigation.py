"""The pages of a site in the order of its navigation, from what MkDocs knows of them."""

import posixpath
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from typing import Any, Protocol

from mkdocs_claims.rendering.plain.exports import SitePage
from mkdocs_claims.settings import Settings

__all__ = ["markdown_of", "site_pages"]

_TOP = "Pages"
"""The section of those that stand under no heading."""


class _File(Protocol):
    @property
    def src_uri(self) -> str: ...
    @property
    def dest_uri(self) -> str: ...
    @property
    def page(self) -> Any: ...  # noqa: ANN401  # MkDocs' own


class _Navigation(Protocol):
    @property
    def pages(self) -> Iterable[Any]: ...


def markdown_of(destination: str) -> str:
    """Return the address of a page's Markdown, from that of its HTML."""
    return f"{posixpath.splitext(destination)[0]}.md"


def site_pages(
    navigation: _Navigation, files: Iterable[_File], settings: Settings
) -> list[SitePage]:
    """Return the pages that were made of files, those that are not in the navigation last."""
    sections = {
        page.file.src_uri: [_TOP, *(each.title for each in page.ancestors)][-1]
        for page in navigation.pages
    }
    made = {file.src_uri: file for file in files if file.page and file.page.markdown is not None}
    return [
        SitePage(
            path=f"{settings.docs}/{source}",
            address=markdown_of(made[source].dest_uri),
            title=unescape(str(made[source].page.title)),
            description=unescape(made[source].page.meta.get("description", "")),
            section=sections.get(source, ""),
            text=_text(made[source], settings.notebooks),
        )
        for source in dict.fromkeys([*sections, *made])
    ]


def _text(file: _File, notebooks: Path) -> str:
    run = notebooks / file.src_uri
    if file.src_uri.endswith(".ipynb") and run.is_file():
        return run.read_text(encoding="utf-8")
    return str(file.page.markdown)
