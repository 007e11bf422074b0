"""The Markdown extension: verdicts, evidence and outputs in the page.  It never runs anything."""

import functools
import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksExtension, BlocksProcessor
from pymdownx.superfences import SuperFencesCodeExtension

from mkdocs_claims.evidence import Evidence, Kind, Verdict
from mkdocs_claims.pages import Embed, Example, Page, read_page
from mkdocs_claims.problems import Problem, read_text
from mkdocs_claims.rendering import cards, census
from mkdocs_claims.rendering.directives import AllClaims, Audit, Card, Messages, Refutations
from mkdocs_claims.rendering.folding import fold, unfold
from mkdocs_claims.rendering.formatting import END, Formatting
from mkdocs_claims.rendering.rendered import Rendered
from mkdocs_claims.reports import Report, Skip
from mkdocs_claims.settings import Settings, find_root, load

__all__ = ["ClaimsExtension", "RenderingError"]


class RenderingError(ValueError):
    """A page shows something that was never checked, or cites what nobody knows."""


class ClaimsExtension(BlocksExtension):  # type: ignore[misc]  # pymdownx is untyped
    """Shows claims and examples with their evidence.

    Without a `report` the last run's is read, and a page with problems raises.  The MkDocs plugin
    hands over the report of its own run, and `rendered`, where what pages leave for it gathers.
    """

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        report: Report | None = None,
        pages: Mapping[str, Page] | None = None,
        rendered: Rendered | None = None,
        page: str = "",
        **configuration: Any,  # noqa: ANN401  # Markdown's own
    ) -> None:
        super().__init__(**configuration)
        self._settings = settings
        self._report = report
        self.pages = pages or {}
        """The pages as they were read for the report, by their paths."""
        self.rendered = rendered
        self.page = page
        self.shown: list[str] = []
        """The code of the blocks that were formatted, by their numbers."""
        self.anchors: set[str] = set()
        self.cited: set[str] = set()
        """The claims that the page links or shows."""
        self.has_tree = False
        """Whether the whole page is a tree by now: what follows is its text, not a heading's."""

    @property
    def has_run(self) -> bool:
        """Whether the report comes from this very build, and not from an earlier run."""
        return self._report is not None

    # Read when the first page is rendered: engines make an extension only to see that it is there.
    @functools.cached_property
    def settings(self) -> Settings:
        """The settings of the project whose pages these are."""
        return self._settings or load(find_root(Path()))

    @functools.cached_property
    def report(self) -> Report:
        """The report that everything shown comes from."""
        return self._report or Report.read(self.settings.report)

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
        md.treeprocessors.register(_Links(self), "claims-links", 3)
        md.treeprocessors.register(_Last(self), "claims-last", -1000)
        md.postprocessors.register(_Results(self), "claims-results", -10)

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:  # noqa: N802, ARG002
        """Register the directives."""
        for directive in (Card, AllClaims, Audit, Messages, Refutations):
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

    def link_to(self, claim: str) -> str:
        """Return where a claim's evidence stands, seen from the page that is being rendered."""
        here = self.path()
        shown = [each.path for each in self.report.citations_of(claim) if each.is_card]
        if here in shown:
            return f"#{cards.anchor(claim)}"
        there = self.report.index or next(iter(shown), "")
        relative = posixpath.relpath(there, posixpath.dirname(here)) if there else ""
        return f"{relative}#{cards.anchor(claim)}" if there != here else f"#{cards.anchor(claim)}"

    def card(self, claim: str, *, with_citations: bool = False) -> ET.Element:
        """Build the card of a claim."""
        if not with_citations:
            self.cited.add(claim)
        evidence = self.claims.get(claim)
        if evidence is None:
            return cards.unknown_card(claim)
        cited: dict[str, str] = {}
        here = posixpath.dirname(self.path())
        for citation in self.report.citations_of(claim) if with_citations else []:
            if citation.path.endswith(".md"):
                link = posixpath.relpath(citation.path, here)
                cited[link] = posixpath.splitext(citation.path)[0].removeprefix(
                    f"{self.settings.docs}/"
                )
        has_anchor = claim not in self.anchors
        self.anchors.add(claim)
        return cards.card(
            evidence, self.report, self.md, list(cited.items()), has_anchor=has_anchor
        )

    def found(self, problems: list[Problem]) -> None:
        """Hand on the problems of a page.

        Raises:
            RenderingError: there are some, and nobody gathers them.
        """
        if self.rendered is not None:
            self.rendered.problems.extend(problems)
        elif problems:
            raise RenderingError("\n".join(str(problem) for problem in problems))


class _Links(Treeprocessor):
    """Turns links to claims into links to their evidence, with a mark."""

    def __init__(self, claims: ClaimsExtension) -> None:
        super().__init__(claims.md)
        self.claims = claims

    def run(self, root: ET.Element) -> None:
        for link in root.iter("a"):
            target = link.get("href", "")
            if target.startswith("claim:"):
                claim = target.removeprefix("claim:")
                self.claims.cited.add(claim)
                evidence: Evidence | None = self.claims.claims.get(claim)
                link.set("href", self.claims.link_to(claim))
                cards.mark(link, evidence, self.claims.report)


class _Last(Treeprocessor):
    """Tells that the tree is done: the table of contents runs postprocessors on each heading."""

    def __init__(self, claims: ClaimsExtension) -> None:
        super().__init__(claims.md)
        self.claims = claims

    def run(self, root: ET.Element) -> None:  # noqa: ARG002  # Markdown's signature
        self.claims.has_tree = True


class _Results(Postprocessor):
    """Takes the census of the finished page, and puts below each example what it printed."""

    def __init__(self, claims: ClaimsExtension) -> None:
        super().__init__(claims.md)
        self.claims = claims

    def run(self, text: str) -> str:
        claims = self.claims
        if not claims.has_tree:
            return text
        if "relpath" in claims.md.treeprocessors and not claims.has_run:
            message = (
                "the extension claims would show an old run; add the plugin claims to mkdocs.yml"
            )
            raise RenderingError(message)
        path = claims.path()
        page = claims.pages.get(path) or _read(claims.settings, path)
        text = fold(text, aside := claims.rendered.aside if claims.rendered else [])
        seen = census.read(text)
        known = [*claims.claims, *claims.report.unread]
        claims.found(census.compare(seen, claims.shown, page))
        claims.found(census.compare_citations(claims.cited, known, page))
        below = dict(zip((n for n in seen.blocks if n is not None), page.blocks(), strict=False))
        text = END.sub(lambda end: self._below(below.get(int(end["number"]))), text)
        return text if claims.rendered else unfold(text, aside)

    def _below(self, block: object) -> str:
        if isinstance(block, Example):
            evidence = self.claims.examples.get(block.subject.id)
            is_current = evidence is not None and evidence.subject.code == block.subject.code
            shows_output = block.output is None and not block.is_session
            return cards.result(
                evidence if is_current else None,
                shows_output=shows_output,
                told="Warns" if block.warns else "Raises",
            )
        if isinstance(block, Embed):
            snippet = self.claims.report.of(Kind.SNIPPET).get(block.snippet)
            if snippet and snippet.verdict is Verdict.UNKNOWN:
                return cards.skipped(snippet.seen)
        return cards.skipped(block.reason) if isinstance(block, Skip) else ""


def _read(settings: Settings, path: str) -> Page:
    # A page that a hook made is no file: whatever Python it shows was never run.
    text = read_text(settings.root / path, path) if (settings.root / path).is_file() else ""
    return read_page(text if isinstance(text, str) else "", path, settings.root)
