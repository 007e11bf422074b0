"""The heat map stays readable: whole numbers and names, however many columns and rows there are."""

import itertools
from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pytest

from mkdocs_claims.evidence import Kind, Subject
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.rendering.heat_map import heat_map


def _subjects(modules: Sequence[int]) -> list[Subject]:
    """Return so many claims of each of some modules."""
    return [
        Subject(Kind.CLAIM, f"c-{module}-{line}", f"verify/m{module}.py", line, "c", "C.", "x")
        for module, count in enumerate(modules)
        for line in range(1, count + 1)
    ]


def _map(columns: int, modules: Sequence[int], proofs: Sequence[Proof] | None = None) -> ET.Element:
    """Draw a map of so many counterfactuals, of which the first refutes all if none are given."""
    subjects = _subjects(modules)
    names = {f"other_{number}": f"`f` gives {number}." for number in range(1, columns + 1)}
    seen = [Proof(subject.id, "other_1", "", Outcome.REFUTED) for subject in subjects]
    root = ET.Element("div")
    heat_map(root, subjects, seen if proofs is None else proofs, names, lambda claim: f"#{claim}")
    return root


def _picture(root: ET.Element) -> ET.Element:
    picture = root.find("figure/svg")
    assert picture is not None
    return picture


def _cells(root: ET.Element) -> dict[str, str]:
    """Return the class of each cell, by what it tells."""
    return {
        box.findtext("title", ""): box.attrib["class"]
        for box in _picture(root).iter("rect")
        if box.get("class") != "claims-stripe"
    }


@pytest.mark.parametrize(
    ("columns", "numbers"),
    [
        (1, ["1"]),
        (25, [str(number) for number in range(1, 26)]),
        (40, ["1", "5", "10", "15", "20", "25", "30", "35", "40"]),
    ],
)
def test_columns_are_numbered_as_far_as_there_is_room(columns: int, numbers: list[str]) -> None:
    picture = _picture(_map(columns, [2]))

    texts = [text.text or "" for text in picture.iter("text")]
    assert [*numbers, "M0"] == texts
    stripes = [box for box in picture.iter("rect") if box.get("class") == "claims-stripe"]
    assert [f"{number}. f gives {number}" for number in range(1, columns + 1)] == [
        box.findtext("title") for box in stripes
    ]


@pytest.mark.parametrize("columns", [1, 25, 75, 200])
@pytest.mark.parametrize("modules", [[1], [1, 1, 1], [30, 1]])
def test_nothing_stands_outside_the_picture(columns: int, modules: list[int]) -> None:
    picture = _picture(_map(columns, modules))

    _, _, width, height = map(int, picture.attrib["viewBox"].split())
    names = [text for text in picture.iter("text") if text.get("text-anchor") == "end"]
    tops = [int(text.attrib["y"]) for text in names]
    assert len(modules) == len(names)
    assert all(later - earlier >= 17 for earlier, later in itertools.pairwise(tops))
    assert max(tops) < height
    for box in picture.iter("rect"):
        assert int(box.attrib["x"]) + int(box.attrib["width"]) <= width
        assert int(box.attrib["y"]) + int(box.attrib["height"]) <= height


def test_a_cell_is_the_darker_the_more_checks_of_a_module_fail_there() -> None:
    counts = (1, 3, 4, 8, 30)

    assert {
        "M0: 1 check fails in 1. f gives 1": "claims-refuted-1",
        "M1: 3 checks fail in 1. f gives 1": "claims-refuted-2",
        "M2: 4 checks fail in 1. f gives 1": "claims-refuted-4",
        "M3: 8 checks fail in 1. f gives 1": "claims-refuted-8",
        "M4: 30 checks fail in 1. f gives 1": "claims-refuted-8",
    } == _cells(_map(2, counts))


def test_a_check_that_holds_where_it_should_fail_is_not_counted() -> None:
    proofs = [
        Proof("c-0-1", "other_2", "", Outcome.REFUTED),
        Proof("c-0-2", "other_2", "", Outcome.HELD),
        Proof("c-0-2", "other_1", "", Outcome.ERROR),
    ]

    assert ["M0: 1 check fails in 2. f gives 2"] == list(_cells(_map(2, [2], proofs)))


def test_rivals_have_a_column_after_the_counterfactuals() -> None:
    root = _map(2, [2], [Proof("c-0-1", "", "lambda: 1", Outcome.REFUTED)])

    told = "The check is given its rival: a piece of code for which its claim is false"
    assert [f"M0: 1 check fails in 3. {told}"] == list(_cells(root))


def test_its_words_name_every_check_that_fails() -> None:
    root = _map(2, [2, 1])

    items = root.findall("ol/li")
    links = [[link.attrib["href"] for link in item.iter("a")] for item in items]
    assert [["#c-0-1", "#c-0-2", "#c-1-1"], []] == links
    assert Counter({"3 checks fail": 1, "0 checks fail": 1}) == Counter(
        item.findtext("details/summary/small") for item in items
    )
