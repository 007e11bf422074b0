"""Pictures that examples draw: they stand below their example, with their text alternative."""

import shutil

import pytest

from mkdocs_claims.pictures import PictureError, drawing, picture
from tests.conftest import PROJECTS, Project

BAR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
NAMED = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" role="img" aria-label="a &lt; b">'
    '<path d="M0 0h9" /></svg>'
)


def test_a_picture_names_itself_by_its_text_alternative() -> None:
    with drawing() as drawn:
        picture(BAR, alt="a < b")

    assert [{"svg": NAMED, "alt": "a < b"}] == drawn


def test_each_example_has_its_own_pictures() -> None:
    with drawing() as outer:
        with drawing() as inner:
            picture(BAR, alt="inner")
        picture(BAR, alt="outer")

    assert ["inner"] == [each["alt"] for each in inner]
    assert ["outer"] == [each["alt"] for each in outer]


def test_a_picture_outside_an_example_is_looked_at_and_goes_nowhere() -> None:
    picture(BAR, alt="nowhere")

    with pytest.raises(PictureError):
        picture("no picture", alt="nowhere")


@pytest.mark.parametrize(
    ("svg", "alt", "message"),
    [
        pytest.param(BAR, " ", "a picture needs a text alternative", id="no alternative"),
        pytest.param("<svg", "x", "a picture must be SVG, and this cannot be read", id="no XML"),
        pytest.param("<p/>", "x", "with a viewBox, not <p>", id="another element"),
        pytest.param("<svg/>", "x", "with a viewBox, not <svg>", id="no viewBox"),
        pytest.param(
            BAR + " " * 262_144,
            "x",
            r"a picture may have 262,144 characters, this one has 262,2\d\d",
            id="too large",
        ),
    ],
)
def test_what_is_no_picture_is_refused(svg: str, alt: str, message: str) -> None:
    with pytest.raises(PictureError, match=message):
        picture(svg, alt)


def test_a_page_shows_the_picture_between_the_example_and_what_it_printed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    project = Project(tmp_path_factory.mktemp("pictures") / "project")
    shutil.copytree(PROJECTS / "messages", project.root)

    ended = project.build()
    kept = project.build()

    assert [(0, ""), (0, "")] == [(ended.code, ended.output), (kept.code, kept.output)]
    below = project.html("index.html").select(".claims-example > *")[1:]
    assert ["figure", "div"] == [found.name for found in below[:2]]
    (svg,) = below[0].select("svg")
    assert ("img", "A bar, 30 wide & black") == (svg["role"], svg["aria-label"])
    assert "Output30" == below[1].get_text("", strip=True)
