"""What the pages of one build leave when they are rendered, for the end of the build."""

from dataclasses import dataclass, field

from mkdocs_claims.pages import Page
from mkdocs_claims.problems import Problem
from mkdocs_claims.rendering.highlighting import Highlighting

__all__ = ["Rendered", "RenderingError"]


class RenderingError(ValueError):
    """A page shows something that was never checked, or cites what nobody knows."""


@dataclass
class Rendered:
    """What rendering found, and what it put aside; each page adds to it."""

    paths: set[str] = field(default_factory=set)
    """The pages that readers get: a citation on another one is none."""
    pages: dict[str, Page] = field(default_factory=dict)
    """What was read of them, by their paths; of one that was made, and is no file, nothing."""
    problems: list[Problem] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    """The evidence of cards, until all that reads a page's HTML has read it."""
    highlighting: Highlighting | None = None
    """The highlighted code of this build and of the one before; None where nothing is kept."""
