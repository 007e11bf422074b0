"""The two directives of a page: one claim with its evidence, and all of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from xml.etree import ElementTree as ET

from pymdownx.blocks.block import Block

from mkdocs_claims.citations import ALL_CLAIMS, CARD
from mkdocs_claims.evidence import Evidence

__all__ = ["AllClaims", "Card"]


class Cards(Protocol):
    """What the directives need of the extension that registers them."""

    @property
    def claims(self) -> Mapping[str, Evidence]:
        """The evidence of claims, by their ids."""

    def card(self, claim: str, *, with_citations: bool = False) -> ET.Element:
        """Build the card of a claim."""


class Card(Block):  # type: ignore[misc]  # pymdownx is untyped
    """`/// claim | id`: one claim with its evidence."""

    NAME = CARD
    ARGUMENT = True

    def on_create(self, parent: ET.Element) -> ET.Element:
        """Build the card."""
        cards: Cards = self.config["claims"]
        card = cards.card(self.argument)
        parent.append(card)
        return card


class AllClaims(Block):  # type: ignore[misc]  # pymdownx is untyped
    """`/// all-claims`: every claim with its evidence, by the module that checks it."""

    NAME = ALL_CLAIMS
    ARGUMENT = False

    def on_create(self, parent: ET.Element) -> ET.Element:
        """Build the list, with a heading for each check module."""
        cards: Cards = self.config["claims"]
        root = ET.SubElement(parent, "div", {"class": "claims-all"})
        module = ""
        for name, evidence in sorted(cards.claims.items(), key=_by_place):
            if evidence.subject.path != module:
                module = evidence.subject.path
                heading = ET.SubElement(root, "h2")
                heading.text = Path(module).stem.replace("_", " ").capitalize()
            root.append(cards.card(name, with_citations=True))
        return root


def _by_place(item: tuple[str, Evidence]) -> Any:  # noqa: ANN401  # a key to sort by
    return item[1].subject.path, item[1].subject.line
