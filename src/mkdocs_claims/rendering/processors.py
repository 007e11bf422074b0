"""What is done to a page once its Markdown is a tree: marks, the foot, outputs, the census."""

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from mkdocs_claims.evidence import Kind, Skip, Verdict
from mkdocs_claims.pages import Embed, Example
from mkdocs_claims.rendering import census, outputs
from mkdocs_claims.rendering.folding import fold, unfold
from mkdocs_claims.rendering.foot import foot, run_on
from mkdocs_claims.rendering.formatting import END
from mkdocs_claims.rendering.marks import mark
from mkdocs_claims.rendering.rendered import RenderingError

if TYPE_CHECKING:  # it registers these
    from mkdocs_claims.rendering.extension import ClaimsExtension

__all__ = ["Last", "Links", "Results"]


class Links(Treeprocessor):
    """Turns links to claims into links to their evidence, with a mark; adds the foot."""

    def __init__(self, claims: "ClaimsExtension") -> None:
        super().__init__(claims.md)
        self.claims = claims

    def run(self, root: ET.Element) -> None:
        """Change the links of a page, and append what was checked on it."""
        claims, addresses = self.claims, self.claims.addresses()
        for link in root.iter("a"):
            target = link.get("href", "")
            if target.startswith("claim:"):
                claim = target.removeprefix("claim:")
                claims.cited[claim] = None
                link.set("href", addresses.claim(claim))
                mark(link, claim, addresses.report, claims.claims.get(claim))
        cited = [(claims.claims[each], addresses.claim(each)) for each in claims.known_cited()]
        element = foot(cited, run_on(claims.current_page(), addresses.report), addresses.report)
        if element is not None:
            root.append(element)


class Last(Treeprocessor):
    """Tells that the tree is done: the table of contents runs postprocessors on each heading."""

    def __init__(self, claims: "ClaimsExtension") -> None:
        super().__init__(claims.md)
        self.claims = claims

    def run(self, root: ET.Element) -> None:  # noqa: ARG002  # Markdown's signature
        """Tell it."""
        self.claims.has_tree = True


class Results(Postprocessor):
    """Takes the census of the finished page, and puts below each example what it printed."""

    def __init__(self, claims: "ClaimsExtension") -> None:
        super().__init__(claims.md)
        self.claims = claims

    def run(self, text: str) -> str:
        """Return the page with what its examples printed.

        Raises:
            RenderingError: the report would be an old one.
        """
        claims = self.claims
        if not claims.has_tree:
            return text
        if "relpath" in claims.md.treeprocessors and not claims.has_run:
            message = (
                "the extension claims would show an old run; add the plugin claims to mkdocs.yml"
            )
            raise RenderingError(message)
        page = claims.current_page()
        text = fold(text, aside := claims.rendered.aside if claims.rendered else [])
        seen = census.read(text)
        known = [*claims.claims, *claims.report.unread]
        claims.found(census.compare(seen, claims.shown, page))
        claims.found(census.compare_citations(set(claims.cited), known, page))
        below = dict(zip((n for n in seen.blocks if n is not None), page.blocks(), strict=False))
        text = END.sub(lambda end: self._below(below.get(int(end["number"]))), text)
        return text if claims.rendered else unfold(text, aside)

    def _below(self, block: object) -> str:
        if isinstance(block, Example):
            evidence = self.claims.examples.get(block.subject.id)
            is_current = evidence is not None and evidence.subject.code == block.subject.code
            shows_output = block.output is None and not block.is_session
            return outputs.result(
                evidence if is_current else None,
                shows_output=shows_output,
                told="Warns" if block.warns else "Raises",
            )
        if isinstance(block, Embed):
            snippet = self.claims.report.of(Kind.SNIPPET).get(block.snippet)
            if snippet and snippet.verdict is Verdict.UNKNOWN:
                return outputs.skipped(snippet.seen)
        return outputs.skipped(block.reason) if isinstance(block, Skip) else ""
