"""The heat map: which check fails in which counterfactual, as a picture and in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from markdown.util import AtomicString

from mkdocs_claims.cards import title_of
from mkdocs_claims.evidence import Subject
from mkdocs_claims.proofs import Outcome

__all__ = ["Counterfactuals", "heat_map"]

Table = Mapping[str, Mapping[str, str]]
"""By claim and counterfactual, what became of the check there."""
Counterfactuals = Mapping[str, str]
"""What each counterfactual changes, as a sentence, by its name."""

_ACROSS = 900
"""The width of all cells of a row, in units of the picture, which are pixels where it fits."""
_NARROW, _WIDE = 12, 48
"""The width of a cell, at least and at most."""
_HEIGHT = 5
_LEFT, _TOP = 150, 24
"""The room for the names of modules and the numbers of counterfactuals."""
_GAP = 14
"""The room between two modules, so that the names of two small ones stand apart."""
_NUMBER = 28
"""The room that a number needs; where columns are narrower, every fifth is numbered."""
_WORDS = {
    Outcome.REFUTED: "fails",
    Outcome.HELD: "holds all the same",
    Outcome.ERROR: "ends in an error",
}


@dataclass(frozen=True)
class _Row:
    """A claim's place in the picture."""

    subject: Subject
    top: int
    starts_module: bool


def heat_map(
    parent: ET.Element,
    subjects: Sequence[Subject],
    table: Table,
    counterfactuals: Counterfactuals,
    link_to: Callable[[str], str],
) -> None:
    """Append the key, the picture and its words.

    Args:
        parent: what they are appended to.
        subjects: the claims, in the order in which they are shown.
        table: what became of each in each counterfactual.
        counterfactuals: the columns.
        link_to: returns the address of a claim's card.
    """
    rows = _rows(subjects)
    names = list(counterfactuals)
    figure = ET.SubElement(parent, "figure", {"class": "claims-map"})
    _key(figure)
    step = min(max(_ACROSS // max(len(names), 1), _NARROW), _WIDE)
    every = 1 if step >= _NUMBER else 5
    width = _LEFT + step * len(names) + _NUMBER // 2
    height = (rows[-1].top if rows else _TOP) + _GAP  # for the name of a module of one claim
    picture = ET.SubElement(
        figure,
        "svg",
        {
            "viewBox": f"0 0 {width} {height}",
            "style": f"--claims-width: {width}px",
            "role": "img",
            "aria-label": f"{len(rows)} checks, in rows, by {len(names)} counterfactuals, in "
            "columns; the list below names those that fail",
        },
    )
    for number, name in enumerate(names, start=1):
        left = _LEFT + step * (number - 1)
        if number == 1 or number % every == 0:
            _text(picture, left + step // 2, _TOP - 6, str(number), "middle")
        stripe = {"x": left, "y": _TOP, "width": step - 1, "height": height - _TOP}
        column = _rectangle(picture, stripe, "claims-stripe")
        title = f"{number}. {_plain(counterfactuals[name])}"
        ET.SubElement(column, "title").text = AtomicString(title)
    for row in rows:
        if row.starts_module:
            _text(picture, _LEFT - 8, row.top + 12, title_of(row.subject.path), "end")
        for number, name in enumerate(names):
            if outcome := table.get(row.subject.id, {}).get(name):
                left = _LEFT + step * number
                box = {"x": left, "y": row.top, "width": step - 1, "height": _HEIGHT - 1}
                cell = _rectangle(picture, box, f"claims-{outcome}")
                ET.SubElement(cell, "title").text = AtomicString(
                    f"{row.subject.id}: {_WORDS[Outcome(outcome)]} when "
                    f"{_plain(counterfactuals[name])}"
                )
    _in_words(parent, table, counterfactuals, link_to)


def _rows(subjects: Sequence[Subject]) -> list[_Row]:
    rows: list[_Row] = []
    top = _TOP
    for subject in subjects:
        starts = not rows or rows[-1].subject.path != subject.path
        top += _GAP if starts and rows else 0
        rows.append(_Row(subject, top, starts))
        top += _HEIGHT
    return rows


def _key(figure: ET.Element) -> None:
    caption = ET.SubElement(figure, "figcaption")
    for outcome, words in _WORDS.items():
        item = ET.SubElement(caption, "span", {"class": f"claims-key claims-{outcome}"})
        item.text = AtomicString(f"the check {words}")
    ET.SubElement(caption, "span").text = AtomicString(
        "empty: the check does not use what is changed there"
    )


def _in_words(
    parent: ET.Element,
    table: Table,
    counterfactuals: Counterfactuals,
    link_to: Callable[[str], str],
) -> None:
    """Append what each counterfactual changes, and the claims whose checks fail there."""
    listed = ET.SubElement(parent, "ol", {"class": "claims-counterfactuals"})
    for name, statement in counterfactuals.items():
        refuted = [claim for claim, row in table.items() if row.get(name) == Outcome.REFUTED]
        details = ET.SubElement(ET.SubElement(listed, "li"), "details")
        summary = ET.SubElement(details, "summary")
        ET.SubElement(summary, "span").text = statement
        count = ET.SubElement(summary, "small")
        fail = "1 check fails" if len(refuted) == 1 else f"{len(refuted)} checks fail"
        count.text = AtomicString(fail)
        claims = ET.SubElement(details, "ul")
        for claim in refuted:
            entry = ET.SubElement(claims, "li")
            link = ET.SubElement(entry, "a", {"href": link_to(claim)})
            link.text = AtomicString(claim)


def _rectangle(parent: ET.Element, box: Mapping[str, int], kind: str) -> ET.Element:
    size = {key: str(value) for key, value in box.items()}
    return ET.SubElement(parent, "rect", {**size, "class": kind})


def _text(parent: ET.Element, left: int, top: int, words: str, anchor: str) -> ET.Element:
    place = {"x": str(left), "y": str(top), "text-anchor": anchor}
    label = ET.SubElement(parent, "text", place)
    label.text = AtomicString(words)
    return label


def _plain(statement: str) -> str:
    return statement.replace("`", "").removesuffix(".")
