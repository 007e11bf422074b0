"""The collection: every subject of a project, as it was read from its files."""

from collections.abc import Container
from dataclasses import dataclass, field, replace
from typing import Self

from mkdocs_claims.citations import ALL_CLAIMS, AUDIT, Citation
from mkdocs_claims.claims import Claim
from mkdocs_claims.counterfactuals import Counterfactual
from mkdocs_claims.evidence import Kind, Skip, Subject
from mkdocs_claims.messages import Message
from mkdocs_claims.notebooks import Notebook
from mkdocs_claims.pages import Page
from mkdocs_claims.problems import Problem
from mkdocs_claims.sources import Source

__all__ = ["Collection"]


@dataclass(frozen=True)
class Collection:
    """What there is to run, and what is wrong with it before anything has run."""

    subjects: dict[str, list[Subject]] = field(default_factory=dict)
    """The subjects of each file that has any, in their order, by the file's path."""
    claims: dict[str, Claim] = field(default_factory=dict)
    """The claims, by their ids."""
    counterfactuals: dict[str, Counterfactual] = field(default_factory=dict)
    """The counterfactuals, by their names."""
    sources: dict[str, Source] = field(default_factory=dict)
    """The sources that were audited, by their names."""
    requirements: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What snippets need beside the package under test, by their paths."""
    pages: dict[str, Page] = field(default_factory=dict)
    notebooks: dict[str, Notebook] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def all_subjects(self) -> list[Subject]:
        """Return the subjects of all files."""
        return [subject for subjects in self.subjects.values() for subject in subjects]

    def citations(self) -> list[Citation]:
        """Return every place that links or shows a claim."""
        cited = [citation for page in self.pages.values() for citation in page.citations]
        return cited + [item for book in self.notebooks.values() for item in book.citations]

    def messages(self) -> list[Message]:
        """Return the messages that pages are about."""
        return [page.message for page in self.pages.values() if page.message]

    def skips(self) -> list[Skip]:
        """Return the examples that their authors took out."""
        return [skip for page in self.pages.values() for skip in page.skips]

    def index(self) -> str:
        """Return the path of the page that lists all claims, or an empty string."""
        return next((path for path, page in self.pages.items() if page.has(ALL_CLAIMS)), "")

    def audits(self) -> dict[str, str]:
        """Return the path of the page that shows the audit of a source, by the source's name."""
        return {
            directive.argument: path
            for path, page in self.pages.items()
            for directive in page.directives
            if directive.name == AUDIT
        }

    def only(self, claims: Container[str]) -> Self:
        """Return some of the claims, and whatever refutes them, without pages and sources."""
        subjects = {
            path: [item for item in subjects if item.kind is Kind.CLAIM and item.id in claims]
            for path, subjects in self.subjects.items()
        }
        places = {(claim.path, claim.line) for claim in self.claims.values() if claim.id in claims}
        return replace(
            self,
            subjects={path: items for path, items in subjects.items() if items},
            pages={},
            notebooks={},
            sources={},
            problems=[
                problem
                for problem in self.problems
                if problem.hides or (problem.path, problem.line) in places
            ],
        )

    def problems_of(self, path: str) -> list[Problem]:
        """Return the problems of one file."""
        return [problem for problem in self.problems if problem.path == path]

    def unread(self) -> set[str]:
        """Return the names of functions that may be claims or counterfactuals, and are not read."""
        return {name for problem in self.problems for name in problem.hides}
