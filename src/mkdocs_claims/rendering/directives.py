"""The directives of a page: each shows something of the report."""

from collections.abc import Mapping
from typing import Protocol
from xml.etree import ElementTree as ET

from markdown.util import AtomicString
from pymdownx.blocks.block import Block

from mkdocs_claims.citations import ALL_CLAIMS, AUDIT, CARD, CLAIMS, MESSAGES, REFUTATIONS
from mkdocs_claims.evidence import Evidence
from mkdocs_claims.messages import Message
from mkdocs_claims.problems import Problem, suggestion
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.audits import audit
from mkdocs_claims.rendering.heat_map import heat_map
from mkdocs_claims.rendering.marks import title_of
from mkdocs_claims.rendering.rows import by_place, rows

__all__ = ["AllClaims", "Audit", "Card", "Claims", "Messages", "Refutations"]


class Cards(Protocol):
    """What the directives need of the extension that registers them."""

    @property
    def claims(self) -> Mapping[str, Evidence]:
        """The evidence of claims, by their ids."""

    def addresses(self) -> Addresses:
        """Return where things stand, seen from the page that is being rendered."""

    def found(self, problems: list[Problem]) -> None:
        """Hand on the problems of a page."""

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


class Claims(Block):  # type: ignore[misc]  # pymdownx is untyped
    """`/// claims | path`: the claims of a check module with their evidence."""

    NAME = CLAIMS
    ARGUMENT = True

    def on_create(self, parent: ET.Element) -> ET.Element:
        """Build a card for each claim, in the order in which they stand in the module."""
        cards: Cards = self.config["claims"]
        root = ET.SubElement(parent, "div", {"class": "claims-all"})
        modules = by_place(cards.claims)
        if self.argument not in modules:
            near = suggestion(self.argument, list(modules))
            message = f"there is no check module '{self.argument}' that has claims{near}"
            cards.found([Problem(cards.addresses().here, 0, message)])
        for evidence in modules.get(self.argument, []):
            root.append(cards.card(evidence.subject.id, with_citations=True))
        return root


class AllClaims(Block):  # type: ignore[misc]  # pymdownx is untyped
    """`/// all-claims`: every claim, by the module that checks it."""

    NAME = ALL_CLAIMS
    ARGUMENT = False

    def on_create(self, parent: ET.Element) -> ET.Element:
        """Build the list; with the evidence, where no other pages show it."""
        cards: Cards = self.config["claims"]
        root = ET.SubElement(parent, "div", {"class": "claims-all"})
        if cards.addresses().evidence_pages:
            rows(root, cards.claims, cards.addresses())
            return root
        for module, items in by_place(cards.claims).items():
            heading = ET.SubElement(root, "h2")
            heading.text = title_of(module)
            for evidence in items:
                root.append(cards.card(evidence.subject.id, with_citations=True))
        return root


class Audit(Block):  # type: ignore[misc]  # pymdownx is untyped
    """`/// audit | source`: what became of each assertion of a source."""

    NAME = AUDIT
    ARGUMENT = True

    def on_create(self, parent: ET.Element) -> ET.Element:
        """Build the counts and the list, the worst first."""
        cards: Cards = self.config["claims"]
        root = ET.SubElement(parent, "div", {"class": "claims-audit"})
        addresses = cards.addresses()
        for source in addresses.report.sources:
            if source.name == self.argument:
                audit(root, source, cards.claims, addresses)
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
        addresses = cards.addresses()
        for message in sorted(addresses.report.messages, key=_by_text):
            row = ET.SubElement(body, "tr")
            link = ET.SubElement(ET.SubElement(row, "td"), "a")
            link.set("href", addresses.page(message.path))
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
        addresses = cards.addresses()
        heat_map(
            root,
            [item.subject for items in by_place(cards.claims).values() for item in items],
            addresses.report.proofs,
            addresses.report.counterfactuals,
            addresses.claim,
        )
        return root


def _by_text(message: Message) -> str:
    return message.begins.partition(": ")[2].casefold()
