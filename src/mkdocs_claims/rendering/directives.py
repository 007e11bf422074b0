"""The directives of a page: each shows something of the report."""

import posixpath
from collections.abc import Mapping
from typing import Any, Protocol
from xml.etree import ElementTree as ET

from markdown.util import AtomicString
from pymdownx.blocks.block import Block

from mkdocs_claims.citations import ALL_CLAIMS, AUDIT, CARD, MESSAGES, REFUTATIONS
from mkdocs_claims.evidence import Evidence
from mkdocs_claims.messages import Message
from mkdocs_claims.rendering.audits import audit
from mkdocs_claims.rendering.cards import title_of
from mkdocs_claims.rendering.heat_map import heat_map
from mkdocs_claims.reports import Report

__all__ = ["AllClaims", "Audit", "Card", "Messages", "Refutations"]


class Cards(Protocol):
    """What the directives need of the extension that registers them."""

    @property
    def claims(self) -> Mapping[str, Evidence]:
        """The evidence of claims, by their ids."""

    @property
    def report(self) -> Report:
        """The report that everything shown comes from."""

    def path(self) -> str:
        """Return the path of the page that is being rendered."""

    def link_to(self, claim: str) -> str:
        """Return where a claim's evidence stands."""

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
                heading.text = title_of(module)
            root.append(cards.card(name, with_citations=True))
        return root


class Audit(Block):  # type: ignore[misc]  # pymdownx is untyped
    """`/// audit | source`: what became of each assertion of a source."""

    NAME = AUDIT
    ARGUMENT = True

    def on_create(self, parent: ET.Element) -> ET.Element:
        """Build the counts and the list, the worst first."""
        cards: Cards = self.config["claims"]
        root = ET.SubElement(parent, "div", {"class": "claims-audit"})
        for source in cards.report.sources:
            if source.name == self.argument:
                audit(root, source, cards.claims, cards.report, cards.link_to)
        return root


class Messages(Block):  # type: ignore[misc]  # pymdownx is untyped
    """`/// messages`: the messages that pages are about, and what to do about each."""

    NAME = MESSAGES
    ARGUMENT = False

    def on_create(self, parent: ET.Element) -> ET.Element:
        """Build a table, in the order of the messages' texts."""
        cards: Cards = self.config["claims"]
        root = ET.SubElement(parent, "div", {"class": "claims-messages"})
        table = ET.SubElement(root, "table")  # without a class, for which Material has a style
        head = ET.SubElement(ET.SubElement(table, "thead"), "tr")
        for title in ("The message begins", "What to do"):
            ET.SubElement(head, "th").text = title
        body = ET.SubElement(table, "tbody")
        here = posixpath.dirname(cards.path())
        for message in sorted(cards.report.messages, key=_by_text):
            row = ET.SubElement(body, "tr")
            link = ET.SubElement(ET.SubElement(row, "td"), "a")
            link.set("href", posixpath.relpath(message.path, here))
            kind, _, text = message.begins.partition(": ")
            ET.SubElement(link, "code").text = AtomicString(text)
            ET.SubElement(row[0], "small").text = AtomicString(kind)
            ET.SubElement(row, "td").text = message.answer
        return root


class Refutations(Block):  # type: ignore[misc]  # pymdownx is untyped
    """`/// refutations`: which check fails in which counterfactual."""

    NAME = REFUTATIONS
    ARGUMENT = False

    def on_create(self, parent: ET.Element) -> ET.Element:
        """Build the picture, and the same in words."""
        cards: Cards = self.config["claims"]
        root = ET.SubElement(parent, "div", {"class": "claims-refutations"})
        heat_map(
            root,
            [evidence.subject for _, evidence in sorted(cards.claims.items(), key=_by_place)],
            cards.report.proofs,
            cards.report.counterfactuals,
            cards.link_to,
        )
        return root


def _by_text(message: Message) -> str:
    return message.begins.partition(": ")[2].casefold()


def _by_place(item: tuple[str, Evidence]) -> Any:  # noqa: ANN401  # a key to sort by
    return item[1].subject.path, item[1].subject.line
