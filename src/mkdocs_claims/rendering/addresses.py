"""Where things stand, seen from the page that is being rendered."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mkdocs_claims.evidence import Kind
from mkdocs_claims.rendering.anchors import assertion_anchor, claim_anchor
from mkdocs_claims.reports import Report
from mkdocs_claims.sources import Assertion, Source

__all__ = ["Addresses", "lines_in"]

_LINES = {
    "github": "{repository}/blob/{revision}/{{path}}#L{{line}}",
    "gitlab": "{repository}/-/blob/{revision}/{{path}}#L{{line}}",
}
"""How a line of a file is addressed, by what the host's name has in it."""


def lines_in(repository: str, revision: str = "") -> str:
    """Return the address of a line in a repository, with `{path}` and `{line}` for what changes.

    It is empty where there is no repository, or it is not known how its host addresses lines.
    """
    host = urlsplit(repository).hostname or ""
    form = next((form for name, form in _LINES.items() if name in host), "")
    return form.format(repository=repository.rstrip("/"), revision=revision or "HEAD")


@dataclass(frozen=True)
class Addresses:
    """The addresses of pages, of evidence and of code."""

    report: Report
    here: str = ""
    """The path of the page from which they are seen."""
    evidence_pages: Mapping[str, str] = field(default_factory=dict)
    """By check module, the page that shows its claims with their evidence."""
    code: str = ""
    """The address of a line of code, with `{path}` and `{line}` in their places."""

    def page(self, path: str) -> str:
        """Return the address of a page."""
        return posixpath.relpath(path, posixpath.dirname(self.here)) if path else ""

    def place_of(self, claim: str) -> tuple[str, str]:
        """Return the page on which a claim's evidence stands, and the anchor there."""
        shown = [each.path for each in self.report.citations_of(claim) if each.is_card]
        evidence = self.report.of(Kind.CLAIM).get(claim)
        module = evidence.subject.path if evidence else ""
        path = self.evidence_pages.get(module) or self.report.index or next(iter(shown), "")
        return self.here if self.here in shown else path, claim_anchor(claim)

    def claim(self, claim: str) -> str:
        """Return the address of a claim's evidence."""
        path, anchor = self.place_of(claim)
        return f"#{anchor}" if path == self.here else f"{self.page(path)}#{anchor}"

    def assertion(self, source: Source, item: Assertion) -> str:
        """Return the address of what was found of an assertion, or nothing where no page has it."""
        path = self.report.audits.get(source.name, "")
        return f"{self.page(path)}#{assertion_anchor(item)}" if path else ""

    def line(self, path: str, line: int) -> str:
        """Return the address of a line of code, or nothing where no repository is known."""
        return self.code.replace("{path}", path).replace("{line}", str(line))
