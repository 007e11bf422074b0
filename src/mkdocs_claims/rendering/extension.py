"""The Markdown extension: verdicts, evidence and outputs in the page.  It never runs anything."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from pymdownx.blocks import BlocksExtension, BlocksProcessor
from pymdownx.superfences import SuperFencesCodeExtension

from mkdocs_claims.evidence import Evidence, Kind
from mkdocs_claims.pages import Page, read_page
from mkdocs_claims.problems import Problem, read_text
from mkdocs_claims.rendering import cards
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.directives import (
    AllClaims,
    Audit,
    Card,
    Claims,
    Messages,
    Refutations,
)
from mkdocs_claims.rendering.formatting import Formatting
from mkdocs_claims.rendering.processors import Last, Links, Results
from mkdocs_claims.rendering.rendered import Rendered, RenderingError
from mkdocs_claims.reports import Report
from mkdocs_claims.settings import Settings, find_root, load

__all__ = ["ClaimsExtension"]


class ClaimsExtension(BlocksExtension):  # type: ignore[misc]  # pymdownx is untyped
    """Shows claims and examples with their evidence.

    Without `addresses` the last run's report is read, and a page with problems raises.  The MkDocs
    plugin hands over those of its own run, and `rendered`, where what pages leave for it gathers.
    """

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        addresses: Addresses | None = None,
        pages: Mapping[str, Page] | None = None,
        rendered: Rendered | None = None,
        page: str = "",
        **configuration: Any,  # noqa: ANN401  # Markdown's own
    ) -> None:
        super().__init__(**configuration)
        self._settings = settings
        self._addresses = addresses
        self.pages = pages or {}
        """The pages as they were read for the report, or the one at hand, by their paths."""
        self.rendered = rendered
        self.page = page
        self.shown: list[str] = []
        """The code of the blocks that were formatted, by their numbers."""
        self.anchors: set[str] = set()
        self.cited: dict[str, None] = {}
        """The claims that the page links or shows, in the order in which they were met."""
        self.has_tree = False
        """Whether the whole page is a tree by now: what follows is its text, not a heading's."""

    @property
    def has_run(self) -> bool:
        """Whether the report comes from this very build, and not from an earlier run."""
        return self._addresses is not None

    # Read when the first page is rendered: engines make an extension only to see that it is there.
    @functools.cached_property
    def settings(self) -> Settings:
        """The settings of the project whose pages these are."""
        return self._settings or load(find_root(Path()))

    @functools.cached_property
    def report(self) -> Report:
        """The report that everything shown comes from."""
        if self._addresses:
            return self._addresses.report
        return Report.read(self.settings.report)

    @functools.cached_property
    def claims(self) -> dict[str, Evidence]:
        """The evidence of claims, by their ids."""
        return self.report.of(Kind.CLAIM)

    @functools.cached_property
    def examples(self) -> dict[str, Evidence]:
        """The evidence of examples, by their ids."""
        return self.report.of(Kind.EXAMPLE)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # Markdown's name
        """Register what renders claims and examples."""
        super().extendMarkdown(md)
        if not any(isinstance(each, SuperFencesCodeExtension) for each in md.registeredExtensions):
            md.registerExtensions(["pymdownx.superfences"], {})
        self.md = md
        md.registerExtension(self)
        # Before anything reads a fence, when all extensions have been registered.
        md.preprocessors.register(Formatting(md, self.shown, self.rendered), "claims-fences", 1000)
        # After the table of contents (5), so that no sign enters it; before MkDocs' links (0).
        md.treeprocessors.register(Links(self), "claims-links", 3)
        md.treeprocessors.register(Last(self), "claims-last", -1000)
        md.postprocessors.register(Results(self), "claims-results", -10)

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:  # noqa: N802, ARG002
        """Register the directives."""
        for directive in (Card, Claims, AllClaims, Audit, Messages, Refutations):
            block_mgr.register(directive, {"claims": self})

    def reset(self) -> None:
        """Forget the page that was rendered last."""
        self.shown.clear()
        self.anchors.clear()
        self.cited.clear()
        self.has_tree = False

    def path(self) -> str:
        """Return the path of the page that is being rendered, or an empty string."""
        if self.page:
            return self.page
        inner = ""
        if "relpath" in self.md.treeprocessors:  # MkDocs and ProperDocs
            links: Any = self.md.treeprocessors["relpath"]
            inner = links.file.src_uri
        else:
            for processor in self.md.preprocessors:  # Zensical
                inner = getattr(getattr(processor, "page", None), "path", "") or inner
        return f"{self.settings.docs}/{inner}" if inner else ""

    def addresses(self) -> Addresses:
        """Return where things stand, seen from the page that is being rendered."""
        return replace(self._addresses or Addresses(self.report), here=self.path())

    def current_page(self) -> Page:
        """Return the page that is being rendered, as it was read."""
        path = self.path()
        if path not in self.pages:
            self.pages = {path: _read(self.settings, path)}
        if self.rendered is not None:
            self.rendered.pages[path] = self.pages[path]
        return self.pages[path]

    def known_cited(self) -> list[str]:
        """Return the claims that the page links or shows and that there are, in their order."""
        order = [each.claim for each in self.current_page().citations]
        return [each for each in dict.fromkeys([*order, *self.cited]) if each in self.claims]

    def card(self, claim: str, *, with_citations: bool = False) -> ET.Element:
        """Build the card of a claim."""
        if not with_citations:
            self.cited[claim] = None
        evidence = self.claims.get(claim)
        if evidence is None:
            return cards.unknown_card(claim)
        addresses = self.addresses()
        cited: dict[str, str] = {}
        for citation in self.report.citations_of(claim) if with_citations else []:
            if citation.path.endswith(".md"):
                name = citation.path.removesuffix(".md").removeprefix(f"{self.settings.docs}/")
                cited[addresses.page(citation.path)] = name
        has_anchor = claim not in self.anchors
        self.anchors.add(claim)
        return cards.card(evidence, addresses, self.md, list(cited.items()), has_anchor=has_anchor)

    def found(self, problems: list[Problem]) -> None:
        """Hand on the problems of a page.

        Raises:
            RenderingError: there are some, and nobody gathers them.
        """
        if self.rendered is not None:
            self.rendered.problems.extend(problems)
        elif problems:
            raise RenderingError("\n".join(str(problem) for problem in problems))


def _read(settings: Settings, path: str) -> Page:
    # A page that a hook made is no file: whatever Python it shows was never run.
    text = read_text(settings.root / path, path) if (settings.root / path).is_file() else ""
    return read_page(text if isinstance(text, str) else "", path, settings.root)
