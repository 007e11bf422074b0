"""An audit shows what a source says beside what was found, and is held to the claims."""

from collections.abc import Callable

import pytest

from tests.conftest import Ended, Project

PRIMER = """title = "A primer on decimals"
origin = "A page of the web"
read = 2026-11-24

[[assertions]]
section = "Sums"
says = "`0.1 + 0.2` is exactly `0.3`."
ruling = "right"
claims = ["sum-of-tenths-is-exact"]

[[assertions]]
section = "Division"
says = "A division by zero gives infinity."
ruling = "wrong"
found = "It raises."
claims = ["division-by-zero-raises"]

[[assertions]]
section = "Use"
says = "Most banks use decimals."
ruling = "not about decimal"
found = "A count of users."
"""
FILE = "verify/sources/primer.toml"
PAGE = "docs/primer.md"


@pytest.fixture
def audited(project: Project) -> Project:
    """Return the sample project with a source and its page."""
    project.write(FILE, PRIMER)
    project.write(PAGE, "# A primer\n\n/// audit | primer\n///\n")
    project.replace("mkdocs.yml", "  - claims.md\n", "  - claims.md\n  - primer.md\n")
    return project


def test_the_worst_comes_first_beside_what_was_found(audited: Project) -> None:
    ended = audited.build()

    assert (0, "") == (ended.code, ended.output)
    page = audited.html("primer/index.html")
    assert ["1 wrong", "1 right", "1 not about decimal"] == [
        item.text for item in page.select(".claims-counts li")
    ]
    for permalink in page.select(".claims-assertion .headerlink"):
        permalink.decompose()
    assert [
        (
            "It says, under “Division” A division by zero gives infinity. ✗ wrong It raises. "
            "A number divided by zero raises DivisionByZero."
        ),
        (
            "It says, under “Sums” 0.1 + 0.2 is exactly 0.3. ✓ right "
            'Decimal("0.1") + Decimal("0.2") is exactly Decimal("0.3").'
        ),
        "It says, under “Use” Most banks use decimals. · not about decimal A count of users.",
    ] == [" ".join(row.text.split()) for row in page.select(".claims-assertion")]
    assert ["Wrong", "Right", "Not about decimal"] == [head.text for head in page.select("h2")]
    links = page.select(".claims-settled a")
    assert [
        "../claims/arithmetic/#claim-division-by-zero-raises",
        "../claims/arithmetic/#claim-sum-of-tenths-is-exact",
    ] == [link["href"] for link in links]
    assert ["claims-mark claims-holds"] * 2 == [" ".join(link["class"]) for link in links]


def anchors(project: Project) -> dict[str, str]:
    """Build; return the anchor of each assertion by how it begins, as its permalink has it."""
    ended = project.build()
    assert (0, "") == (ended.code, ended.output)
    page = project.html("primer/index.html")
    rows = {row.select("p")[1].text.partition(" ")[0]: row for row in page.select("[id^=said-]")}
    links = {says: row.select(".headerlink") for says, row in rows.items()}
    assert {says: f"#{row['id']}" for says, row in rows.items()} == {
        says: link["href"] for says, (link,) in links.items()
    }
    return {says: str(row["id"]) for says, row in rows.items()}


def test_an_assertion_has_an_anchor_that_only_its_own_words_change(audited: Project) -> None:
    """A link to it stays right while others come and go, and breaks when it says otherwise."""
    before = anchors(audited)

    head, *assertions = PRIMER.split("[[assertions]]")
    audited.write(FILE, "[[assertions]]".join([head, assertions[2], *assertions[:2]]))
    audited.replace(FILE, "Most banks", "Some banks")
    audited.replace(FILE, "It raises.", "It raises an exception.")
    after = anchors(audited)

    assert ["0.1", "A", "Most"] == sorted(before)
    assert ["0.1", "A", "Some"] == sorted(after)
    assert (before["0.1"], before["A"]) == (after["0.1"], after["A"])
    assert len({*before.values(), *after.values()}) == 4


def test_an_audit_cites_nothing(audited: Project) -> None:
    """A claim that no page speaks of is not for readers, whatever settles it."""
    text = audited.read("docs/index.md")
    audited.write("docs/index.md", text.replace("[by zero](claim:division-by-zero-raises)", "by 0"))

    (entry,) = audited.build().entries

    assert "claim 'division-by-zero-raises' is on no page" in entry


@pytest.mark.parametrize(
    ("old", "new", "entry"),
    [
        (
            "sum-of-tenths-is-exact",
            "sum-of-tenth-is-exact",
            (
                f"{FILE}:5: there is no claim 'sum-of-tenth-is-exact', did you mean "
                "'sum-of-tenths-is-exact'?"
            ),
        ),
        (
            'ruling = "wrong"',
            "",
            f"{FILE}:11: an assertion needs 'ruling', in words",
        ),
        (
            "not about decimal",
            "not about torch",
            (
                f"{FILE}:21: 'not about torch' is no ruling (wrong, outdated, qualified, right, "
                "not about decimal), did you mean 'not about decimal'?"
            ),
        ),
        (
            'title = "A primer on decimals"',
            "",
            f"{FILE}: 'title' must be there, and be some words",
        ),
    ],
)
def test_an_audit_that_says_too_little_stops_the_build(
    audited: Project, refused: Callable[..., Ended], old: str, new: str, entry: str
) -> None:
    audited.replace(FILE, old, new)

    assert entry in refused().entries


def test_a_source_on_no_page_stops_the_build(
    audited: Project, refused: Callable[..., Ended]
) -> None:
    audited.replace(PAGE, "/// audit | primer\n///\n", "")

    assert [f"{FILE}: source 'primer' is on no page; show it with '/// audit | primer'"] == (
        refused().entries
    )


def test_a_page_of_no_source_stops_the_build(
    audited: Project, refused: Callable[..., Ended]
) -> None:
    """The source that it may mean is on no page then, which is not told as well."""
    audited.replace(PAGE, "/// audit | primer", "/// audit | prime")

    assert [f"{PAGE}:3: there is no source 'prime', did you mean 'primer'?"] == refused().entries


def test_a_source_that_cannot_be_read_is_told_once(
    audited: Project, refused: Callable[..., Ended]
) -> None:
    """It is there, whatever is wrong with it."""
    audited.replace(FILE, "title =", "titel =")

    assert [f"{FILE}:1: has no use for 'titel', did you mean 'title'?"] == refused().entries


def test_an_audit_names_its_source(audited: Project, refused: Callable[..., Ended]) -> None:
    audited.replace(PAGE, "/// audit | primer", "/// audit")

    assert f"{PAGE}:3: '/// audit' names no source; write '/// audit | the-name'" in (
        refused().entries
    )
