"""A source is read whole; what a ruling lacks is named with the line of its assertion."""

import pytest

from mkdocs_claims.problems import Problem
from mkdocs_claims.sources import Assertion, Source, read_source, rulings

PATH = "verify/sources/primer.toml"
HEAD = 'title = "A primer"\norigin = "A page of the web"\nread = 2026-11-24\n'
RIGHT = (
    '[[assertions]]\nsection = "Sums"\nsays = "Thirds add up."\nruling = "right"\n'
    'claims = ["thirds-add-up"]\n'
)


def test_a_source_is_read_whole() -> None:
    other = (
        '\n[[assertions]]\nsection = "Use"\nsays = "All use it."\nruling = "not about fractions"\n'
        'found = "A survey."\n'
    )

    source, problems = read_source(f"{HEAD}\n{RIGHT}{other}", PATH, "fractions")

    assert [] == problems
    assert (
        Source(
            "primer",
            PATH,
            "A primer",
            "A page of the web",
            "2026-11-24",
            (
                Assertion("Sums", "Thirds add up.", "right", "", ("thirds-add-up",), 5),
                Assertion("Use", "All use it.", "not about fractions", "A survey.", (), 11),
            ),
        )
        == source
    )


def test_a_source_comes_back_from_a_report_as_it_was() -> None:
    source, _ = read_source(f"{HEAD}\n{RIGHT}", PATH, "fractions")

    assert source is not None
    assert source == Source.from_json(source.to_json())


@pytest.mark.parametrize(
    ("head", "line", "wrong"),
    [
        ("title = 1\n" + HEAD.partition("\n")[2], 1, "'title' must be there, and be some words"),
        (HEAD.partition("\n")[2], 0, "'title' must be there, and be some words"),
        (
            HEAD.replace("2026-11-24", '"today"'),
            3,
            "'read' must be there, and be a date, as in 2026-11-24",
        ),
        (f'{HEAD}about = "A"\n', 4, "has no use for 'about'"),
        (HEAD.replace("title", "tilte"), 1, "has no use for 'tilte', did you mean 'title'?"),
    ],
)
def test_what_a_source_says_of_itself_is_looked_at(head: str, line: int, wrong: str) -> None:
    source = read_source(f"{head}\n{RIGHT}", PATH, "fractions")

    assert (None, [Problem(PATH, line, wrong)]) == source


def test_a_source_without_assertions_is_none() -> None:
    wrong = "lists no assertion; write each as a table [[assertions]]"

    assert (None, [Problem(PATH, 0, wrong)]) == read_source(HEAD, PATH, "fractions")


def test_a_file_that_is_no_toml_is_none() -> None:
    source, (problem,) = read_source("# A primer\ntitle =\nread = 1", PATH, "fractions")

    assert source is None
    assert f"{PATH}:2: cannot be read as TOML: Invalid value" in str(problem)


@pytest.mark.parametrize(
    ("assertion", "line", "wrong"),
    [
        (
            'says = "A."\nruling = "right"\nclaims = ["a"]',
            10,
            "an assertion needs 'section', in words",
        ),
        ('section = "A"\nsays = "A."', 10, "an assertion needs 'ruling', in words"),
        (
            'section = "A"\nsays = " "\nruling = "right"\nclaims = ["a"]',
            12,
            "an assertion needs 'says', in words",
        ),
        (
            'section = "A"\nsays = "A."\nruling = "rihgt"',
            13,
            (
                "'rihgt' is no ruling (wrong, outdated, qualified, right, not about fractions), "
                "did you mean 'right'?"
            ),
        ),
        (
            'section = "A"\nsays = "A."\nruling = "right"',
            10,
            "an assertion that is right needs 'claims' that settle it",
        ),
        (
            'section = "A"\nsays = "A."\nruling = "wrong"\nclaims = ["a"]',
            10,
            "an assertion that is wrong needs 'found': what is so instead, or why",
        ),
        (
            'section = "A"\nsays = "A."\nruling = "right"\nclaims = "a"',
            14,
            "'claims' must be a list of ids",
        ),
        (
            (
                'section = "A"\nsays = "A."\nruling = "not about fractions"\nfound = "Advice."\n'
                'claims = ["a"]'
            ),
            15,
            "an assertion that is not about fractions is settled by no claim; remove 'claims'",
        ),
        (
            'section = "A"\nsays = "A."\nruling = "right"\nclaims = ["a"]\nsay = "B."',
            15,
            "an assertion has no use for 'say', did you mean 'says'?",
        ),
        (
            'section = "A"\nsays = "A."\nruling = "wrong"\nclaims = ["a"]\nfuond = "B."',
            15,
            "an assertion has no use for 'fuond', did you mean 'found'?",
        ),
    ],
)
def test_what_a_ruling_lacks_is_named_at_its_line(assertion: str, line: int, wrong: str) -> None:
    """The line is that of what is wrong, or of the table where something is missing from it."""
    _, problems = read_source(f"{HEAD}\n{RIGHT}[[assertions]]\n{assertion}\n", PATH, "fractions")

    assert [Problem(PATH, line, wrong)] == problems


def test_all_that_is_wrong_with_a_source_is_named_at_once() -> None:
    first = '[[assertions]]\nsektion = "A"\nsays = ""\nruling = "wrong"\nclaims = "a"\n'
    second = '[[assertions]]\nsays = 1\nruling = "rihgt"\nclaims = [2]\nfound = " "\n'

    _, problems = read_source(f'title = 1\nabout = "A"\n{first}\n{second}', PATH, "it")

    assert {
        1: ["'title' must be there, and be some words"],
        0: [
            "'origin' must be there, and be some words",
            "'read' must be there, and be a date, as in 2026-11-24",
        ],
        2: ["has no use for 'about'"],
        3: ["an assertion that is wrong needs 'found': what is so instead, or why"],
        4: ["an assertion has no use for 'sektion', did you mean 'section'?"],
        5: ["an assertion needs 'says', in words"],
        7: ["'claims' must be a list of ids"],
        9: ["an assertion needs 'section', in words"],
        10: ["an assertion needs 'says', in words"],
        11: [f"'rihgt' is no ruling ({', '.join(rulings('it'))}), did you mean 'right'?"],
        12: ["'claims' must be a list of ids"],
        13: ["an assertion needs 'found', in words"],
    } == {
        line: [problem.message for problem in problems if problem.line == line]
        for line in {problem.line for problem in problems}
    }


def test_an_assertion_that_stands_there_twice_is_named() -> None:
    """Two rulings on one sentence could differ, and both would be counted."""
    _, problems = read_source(f"{HEAD}{RIGHT}\n{RIGHT}", PATH, "fractions")

    wrong = "this stands on line 4 already; keep the one with the right ruling"
    assert [Problem(PATH, 12, wrong)] == problems
