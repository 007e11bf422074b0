"""The heat map stays readable: whole numbers and names, however many columns and rows there are."""

import itertools
from xml.etree import ElementTree as ET

import pytest

from mkdocs_claims.evidence import Kind, Subject
from mkdocs_claims.heat_map import heat_map


def _picture(columns: int, modules: list[int]) -> ET.Element:
    """Draw a map of so many counterfactuals, and of modules with so many claims each."""
    subjects = [
        Subject(Kind.CLAIM, f"c-{module}-{line}", f"verify/m{module}.py", line, "c", "C.", "x")
        for module, count in enumerate(modules)
        for line in range(1, count + 1)
    ]
    names = {f"other_{number}": f"`f` gives {number}." for number in range(1, columns + 1)}
    table = {subject.id: {"other_1": "refuted"} for subject in subjects}
    root = ET.Element("div")
    heat_map(root, subjects, table, names, lambda claim: f"#{claim}")
    picture = root.find("figure/svg")
    assert picture is not None
    return picture


@pytest.mark.parametrize(
    ("columns", "numbers"),
    [
        (1, ["1"]),
        (25, [str(number) for number in range(1, 26)]),
        (40, ["1", "5", "10", "15", "20", "25", "30", "35", "40"]),
    ],
)
def test_columns_are_numbered_as_far_as_there_is_room(columns: int, numbers: list[str]) -> None:
    picture = _picture(columns, [2])

    texts = [text.text or "" for text in picture.iter("text")]
    assert [*numbers, "M0"] == texts
    titles = [title.text for title in picture.iter("title")][:columns]
    assert [f"{number}. f gives {number}" for number in range(1, columns + 1)] == titles


@pytest.mark.parametrize("columns", [1, 25, 75, 200])
@pytest.mark.parametrize("modules", [[1], [1, 1, 1], [30, 1]])
def test_nothing_stands_outside_the_picture(columns: int, modules: list[int]) -> None:
    picture = _picture(columns, modules)

    _, _, width, height = map(int, picture.attrib["viewBox"].split())
    names = [text for text in picture.iter("text") if text.get("text-anchor") == "end"]
    tops = [int(text.attrib["y"]) for text in names]
    assert len(modules) == len(names)
    assert all(later - earlier >= 17 for earlier, later in itertools.pairwise(tops))
    assert max(tops) < height
    for box in picture.iter("rect"):
        assert int(box.attrib["x"]) + int(box.attrib["width"]) <= width
        assert int(box.attrib["y"]) + int(box.attrib["height"]) <= height
