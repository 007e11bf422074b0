"""The heat map: which checks fail in which counterfactual, as a picture and in words."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from xml.etree import ElementTree as ET

from markdown.util import AtomicString

from mkdocs_claims.evidence import Subject
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.rendering.marks import title_of

__all__ = ["Counterfactuals", "heat_map"]

Counterfactuals = Mapping[str, str]
"""What each counterfactual changes, as a sentence, by its name."""

_RIVAL = "The check is given its rival: a piece of code for which its claim is false."
"""What is other in the column of the claims that have one, which are proofs by no name."""
_ACROSS = 900
"""The width of all cells of a row, in units of the picture, which are pixels where it fits."""
_NARROW, _WIDE = 12, 48
"""The width of a cell, at least and at most."""
_HEIGHT = 22
_LEFT, _TOP = 250, 24
"""The room for the names of modules and the numbers of counterfactuals."""
_NUMBER = 28
"""The room that a number needs; where columns are narrower, every fifth is numbered."""
_SHADES = {1: "1 check fails", 2: "2 or 3", 4: "4 to 7", 8: "8 or more"}
"""Each shade of a cell, by the number of checks that it begins with."""


def heat_map(
    parent: ET.Element,
    subjects: Sequence[Subject],
    proofs: Sequence[Proof],
    counterfactuals: Counterfactuals,
    link_to: Callable[[str], str],
) -> None:
    """Append the key, the picture and its words.

    Args:
        parent: what they are appended to.
        subjects: the claims, in the order in which their modules are shown.
        proofs: what was seen of their checks where the claims are false.
        counterfactuals: the columns; one more is for rivals, if there are any.
        link_to: returns the address of a claim's card.
    """
    modules = {subject.id: subject.path for subject in subjects}
    seen = [each for each in proofs if each.outcome is Outcome.REFUTED and each.claim in modules]
    columns = dict(counterfactuals)
    if any(not each.by for each in seen):
        columns[""] = _RIVAL
    # Where the picture is wider than the screen, the keyboard must reach it to scroll.
    figure = ET.SubElement(parent, "figure", {"class": "claims-map", "tabindex": "0"})
    _key(figure)
    cells = Counter((modules[each.claim], each.by) for each in seen)
    _picture(figure, list(dict.fromkeys(modules.values())), columns, cells)
    _in_words(parent, seen, columns, link_to)


def _key(figure: ET.Element) -> None:
    caption = ET.SubElement(figure, "figcaption")
    for least, words in _SHADES.items():
        key = ET.SubElement(caption, "span", {"class": f"claims-key claims-refuted-{least}"})
        key.text = AtomicString(words)


def _picture(
    figure: ET.Element,
    modules: Sequence[str],
    columns: Counterfactuals,
    cells: Mapping[tuple[str, str], int],
) -> None:
    """Draw a row for each module, a column for each counterfactual, and what fails where."""
    step = min(max(_ACROSS // max(len(columns), 1), _NARROW), _WIDE)
    every = 1 if step >= _NUMBER else 5
    width = _LEFT + step * len(columns) + _NUMBER // 2
    height = _TOP + _HEIGHT * len(modules)
    picture = ET.SubElement(
        figure,
        "svg",
        {
            "viewBox": f"0 0 {width} {height}",
            "style": f"--claims-width: {width}px",
            "role": "img",
            "aria-label": f"how many checks fail: modules in rows ({len(modules)}), what is "
            f"changed in columns ({len(columns)}); the list below names the checks",
        },
    )
    for number, (name, statement) in enumerate(columns.items(), start=1):
        left = _LEFT + step * (number - 1)
        if number == 1 or number % every == 0:
            _text(picture, left + step // 2, _TOP - 6, str(number), "middle")
        stripe = {"x": left, "y": _TOP, "width": step - 1, "height": height - _TOP}
        _rectangle(picture, stripe, "claims-stripe", f"{number}. {_plain(statement)}")
        for row, module in enumerate(modules):
            if count := cells.get((module, name)):
                box = {"x": left, "y": _TOP + _HEIGHT * row, "width": step, "height": _HEIGHT}
                told = f"{title_of(module)}: {_failing(count)} in {number}. {_plain(statement)}"
                _rectangle(picture, box, f"claims-refuted-{_shade(count)}", told)
    for row, module in enumerate(modules):
        _text(picture, _LEFT - 8, _TOP + _HEIGHT * row + 16, title_of(module), "end")


def _in_words(
    parent: ET.Element,
    seen: Sequence[Proof],
    columns: Counterfactuals,
    link_to: Callable[[str], str],
) -> None:
    """Append what each counterfactual changes, and the claims whose checks fail there."""
    listed = ET.SubElement(parent, "ol", {"class": "claims-counterfactuals"})
    for name, statement in columns.items():
        refuted = [each.claim for each in seen if each.by == name]
        details = ET.SubElement(ET.SubElement(listed, "li"), "details")
        summary = ET.SubElement(details, "summary")
        ET.SubElement(summary, "span").text = statement
        ET.SubElement(summary, "small").text = AtomicString(_failing(len(refuted)))
        claims = ET.SubElement(details, "ul")
        for claim in refuted:
            entry = ET.SubElement(claims, "li")
            link = ET.SubElement(entry, "a", {"href": link_to(claim)})
            link.text = AtomicString(claim)


def _failing(count: int) -> str:
    return "1 check fails" if count == 1 else f"{count} checks fail"


def _shade(count: int) -> int:
    return max(least for least in _SHADES if least <= count)


def _rectangle(parent: ET.Element, box: Mapping[str, int], kind: str, told: str) -> None:
    size = {key: str(value) for key, value in box.items()}
    rectangle = ET.SubElement(parent, "rect", {**size, "class": kind})
    ET.SubElement(rectangle, "title").text = AtomicString(told)


def _text(parent: ET.Element, left: int, top: int, words: str, anchor: str) -> None:
    place = {"x": str(left), "y": str(top), "text-anchor": anchor}
    ET.SubElement(parent, "text", place).text = AtomicString(words)


def _plain(statement: str) -> str:
    return statement.replace("`", "").removesuffix(".")
