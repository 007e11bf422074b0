"""Pages about messages: the text comes from the run, and stands in the index and description."""

import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from mkdocs_claims.messages import Message, read_message
from mkdocs_claims.problems import Problem
from tests.conftest import PROJECTS, Ended, Project

PATH = "docs/errors/page.md"
DIVISION, CONVERSION = "docs/errors/division.md", "docs/errors/conversion.md"
WHOLE_DIVISION = "decimal.DivisionByZero: [<class 'decimal.DivisionByZero'>]"
WHOLE_CONVERSION = "UserWarning: a float's digits are shown\nto the last"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the sample site, built once; nobody may change it."""
    project = Project(tmp_path_factory.mktemp("messages") / "project")
    shutil.copytree(PROJECTS / "messages", project.root)
    ended = project.build()
    assert (ended.code, ended.output) == (0, "")
    return project


@pytest.fixture
def copy(built: Project, tmp_path: Path) -> Project:
    """Return a copy of the sample site."""
    shutil.copytree(built.root, tmp_path / "copy")
    return Project(tmp_path / "copy")


def told(page: BeautifulSoup) -> list[str]:
    """Return what stands below the examples of a page, by its label."""
    return [found.get_text("|", strip=True) for found in page.select(".claims-output")]


def test_an_example_shows_the_whole_warning_that_it_gives(built: Project) -> None:
    assert ["Output|after", f"Warns|{WHOLE_CONVERSION}"] == told(
        built.html("errors/conversion/index.html")
    )


def test_an_example_shows_the_whole_exception_that_it_raises(built: Project) -> None:
    assert [f"Raises|{WHOLE_DIVISION}"] == told(built.html("errors/division/index.html"))


def test_the_index_lists_the_messages_by_their_texts_with_what_to_do(built: Project) -> None:
    rows = built.html("errors/index.html").select(".claims-messages tbody tr")

    shown = [
        (row.select("a")[0]["href"], row.select("td:first-child code")[0].text, row.small.text)
        for row in rows
        if row.small
    ]
    assert shown == [
        ("division/", "[<class", "decimal.DivisionByZero"),
        ("conversion/", "a float's digits", "UserWarning"),
    ]
    assert [
        "Look at the divisor before you use <code>/</code>.",
        "Hand over a text.",
    ] == [row.select("td")[1].decode_contents() for row in rows]


def test_a_page_is_described_by_the_whole_message_unless_it_has_words_of_its_own(
    built: Project,
) -> None:
    described = [
        built.html(f"errors/{name}/index.html").select("meta[name=description]")
        for name in ("division", "conversion")
    ]

    assert [
        f"{WHOLE_DIVISION}. Look at the divisor before you use /.",
        "Its own words.",
    ] == [found[0]["content"] for found in described]


def test_the_report_holds_the_messages(built: Project) -> None:
    assert built.report()["messages"] == [
        {
            "path": CONVERSION,
            "line": 3,
            "begins": "UserWarning: a float's digits",
            "answer": "Hand over a text.",
            "heading": "a float's digits are shown",
        },
        {
            "path": DIVISION,
            "line": 2,
            "begins": "decimal.DivisionByZero: [<class",
            "answer": "Look at the divisor before you use `/`.",
            "heading": "<class 'decimal.DivisionByZero'>",
        },
    ]


def _refused(copy: Project, path: str, old: str, new: str) -> Ended:
    copy.replace(path, old, new)
    ended = copy.build()
    assert ended.code == 1
    return ended


def test_a_message_that_no_example_gives_stops_the_build(copy: Project) -> None:
    ended = _refused(copy, DIVISION, "DivisionByZero: [", "DivisionByOne: [")

    wrong = "no example on this page raises or warns of 'decimal.DivisionByOne: [<class'"
    assert [f"{DIVISION}:2: {wrong}"] == ended.entries


def test_a_heading_that_is_no_part_of_the_message_stops_the_build(copy: Project) -> None:
    ended = _refused(copy, CONVERSION, "# a float's digits are", "# a float's digits were")

    wrong = "the heading 'a float's digits were shown' is no part of the message"
    assert [f"{CONVERSION}:3: {wrong} '{WHOLE_CONVERSION}'"] == ended.entries


def test_an_example_that_fails_is_told_alone(copy: Project) -> None:
    """The message that it was to give would be missing, too; that is no second mistake."""
    ended = _refused(copy, DIVISION, "Decimal(1) / 0", "Decimal(1) / 1")

    assert [f"{DIVISION}:8: example: fails"] == ended.first_lines


NO_ANSWER = (
    'this page is about a message and has no answer; add answer: "what to do about it, in one line"'
)
UNREAD = 'cannot read the message of this page; expected message: "Type: how its text begins"'


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("# Page\n", None, id="no front matter"),
        pytest.param("---\ntitle: x\n---\n# Page\n", None, id="no message"),
        pytest.param("# Page\n\n---\nmessage: x\n---\n", None, id="a rule further down"),
        pytest.param(
            "---\ntitle: x\nmessage: 'E: t'\nanswer: do\n---\n\n# `t` #\n",
            Message(PATH, 3, "E: t", "do", "t"),
            id="a message",
        ),
        pytest.param(
            "---\nmessage: 'E: t'\nanswer: do\n---\n\ntext\n",
            Message(PATH, 2, "E: t", "do", ""),
            id="no heading",
        ),
        pytest.param(
            "---\nmessage: 'E: t'\n---\n# t\n", Problem(PATH, 2, NO_ANSWER), id="no answer"
        ),
        pytest.param(
            "---\nmessage: 'E: t'\nanswer:\n---\n# t\n", Problem(PATH, 2, NO_ANSWER), id="empty one"
        ),
        pytest.param(
            "---\nanswer: do\nmessage: some text\n---\n# t\n",
            Problem(PATH, 3, UNREAD),
            id="no type",
        ),
        pytest.param(
            "---\nmessage:\n  E: t\nanswer: do\n---\n# t\n",
            Problem(PATH, 2, UNREAD),
            id="a mapping",
        ),
        pytest.param(
            "---\nanswer: do\nmessage: E: t\n---\n# t\n",
            Problem(PATH, 3, "the front matter is no YAML; put the message in quotes"),
            id="no quotes",
        ),
    ],
)
def test_what_front_matter_says_of_a_message_is_read(
    text: str, read: Message | Problem | None
) -> None:
    assert read == read_message(text, PATH)
