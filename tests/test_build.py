"""A project in which all holds is built, and its pages show the evidence.

It is as long as a list of cases is: each stands by itself.
"""

import json
import platform
from importlib import resources
from typing import Any

import jsonschema
import pytest
from bs4 import BeautifulSoup, Tag

from tests.conftest import Project

ENVIRONMENT = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"


@pytest.fixture(scope="module")
def index(built_decimal: Project) -> BeautifulSoup:
    return built_decimal.html("index.html")


@pytest.fixture(scope="module")
def contexts(built_decimal: Project) -> BeautifulSoup:
    return built_decimal.html("contexts/index.html")


@pytest.fixture(scope="module")
def report(built_decimal: Project) -> dict[str, Any]:
    return built_decimal.report()


def block(page: BeautifulSoup, number: int) -> Tag:
    """Return what was made of the page's Python block with that number."""
    return page.select(".claims-example")[number]


def results(found: Tag) -> list[tuple[str, str]]:
    """Return the label and text of each output in a part of a page."""
    return [
        (label.text, pre.text)
        for label, pre in zip(
            found.select(".claims-output > .claims-label"),
            found.select(".claims-output > pre"),
            strict=True,
        )
    ]


def test_a_link_to_a_claim_becomes_a_mark_that_leads_to_its_card(
    index: BeautifulSoup, contexts: BeautifulSoup
) -> None:
    marks = [
        (mark.text, mark["href"], mark["class"])
        for page in (index, contexts)
        for mark in page.select("a.claims-mark")
    ]

    holds = ["claims-mark", "claims-holds"]
    assert marks == [
        ("is exact", "#claim-sum-of-tenths-is-exact", holds),
        ("by zero", "claims/arithmetic/#claim-division-by-zero-raises", holds),
        ("the context's precision", "#claim-precision-bounds-results-not-operands", holds),
        (
            "a context of its own",
            "../claims/contexts/#claim-local-context-ends-with-its-block",
            holds,
        ),
    ]


def test_the_foot_of_a_page_says_what_of_it_was_checked(
    built_decimal: Project, index: BeautifulSoup
) -> None:
    (foot,) = index.select(".claims-foot")

    assert [found.text for found in foot.select(":scope > p")] == [
        "On this page: 2 claims, 4 examples, 1 snippet. ✓ 7 hold",
        f"Run on {built_decimal.report()['day']} with {ENVIRONMENT}.",
    ]
    said = [(row["data-claim"], row.text, row.select("a")[0]["href"]) for row in foot.select("li")]
    assert said == [
        (
            "sum-of-tenths-is-exact",
            '✓ holds Decimal("0.1") + Decimal("0.2") is exactly Decimal("0.3").',
            "#claim-sum-of-tenths-is-exact",
        ),
        (
            "division-by-zero-raises",
            "✓ holds A number divided by zero raises DivisionByZero.",
            "claims/arithmetic/#claim-division-by-zero-raises",
        ),
    ]
    assert [mark["data-claim"] for mark in index.select("a.claims-mark")] == [
        claim for claim, _, _ in said
    ]


def test_a_card_shows_all_the_evidence(built_decimal: Project, index: BeautifulSoup) -> None:
    (card,) = index.select(".claims-card")

    assert card["id"] == "claim-sum-of-tenths-is-exact"
    assert card["class"] == ["claims-card", "claims-holds"]
    statement = 'Decimal("0.1") + Decimal("0.2") is exactly Decimal("0.3").'
    assert [found.text for found in card.select(".claims-statement")] == [f"✓ holds {statement}¶"]
    assert [found.text for found in card.select(".highlight code")] == [
        (
            "def sum_of_tenths_is_exact() -> None:\n"
            '    total = Decimal("0.1") + Decimal("0.2")\n'
            "\n"
            '    assert total == Decimal("0.3")\n'
            '    print("total:", total)\n'
        )
    ]
    assert results(card) == [("It printed", "total: 0.3")]
    said = [found.text for found in card.select("details > p") if not found.select("pre")]
    day = built_decimal.report()["day"]
    assert said == [
        f"Checked by verify/arithmetic.py:11 with {ENVIRONMENT}, on {day}:",
        "Run it alone: pytest verify/arithmetic.py::sum_of_tenths_is_exact",
    ]


def test_the_list_has_every_claim_by_its_module_and_leads_to_its_evidence(
    built_decimal: Project,
) -> None:
    page = built_decimal.html("claims/index.html")

    listed = {
        str(module["data-subject"]): [
            (row["id"], row.text, row.select("a")[0]["href"]) for row in module.select("li")
        ]
        for module in page.select(".claims-module")
    }
    assert listed == {
        "Arithmetic": [
            (
                "claim-sum-of-tenths-is-exact",
                '✓ holds Decimal("0.1") + Decimal("0.2") is exactly Decimal("0.3").',
                "arithmetic/#claim-sum-of-tenths-is-exact",
            ),
            (
                "claim-division-by-zero-raises",
                "✓ holds A number divided by zero raises DivisionByZero.",
                "arithmetic/#claim-division-by-zero-raises",
            ),
        ],
        "Contexts": [
            (
                "claim-precision-bounds-results-not-operands",
                (
                    "✓ holds The precision bounds the digits of a result, "
                    "not those of a number that is made."
                ),
                "contexts/#claim-precision-bounds-results-not-operands",
            ),
            (
                "claim-local-context-ends-with-its-block",
                "✓ holds After a localcontext block the precision from before is in force again.",
                "contexts/#claim-local-context-ends-with-its-block",
            ),
        ],
    }
    fields = {
        str(field["name"]): [option.text for option in field.select("option")]
        for field in page.select(".claims-filter [name]")
    }
    assert fields == {
        "words": [],
        "subject": ["anything", "Arithmetic", "Contexts"],
        "verdict": ["anything", "✓ holds"],
        "proof": ["anything"],
        "source": ["anything"],
    }


def test_a_page_of_evidence_shows_each_claim_of_its_module_and_where_it_is_said(
    built_decimal: Project,
) -> None:
    page = built_decimal.html("claims/contexts/index.html")

    assert page.select("h1")[0].text == "Contexts"
    about, counted = page.select("h1 ~ p")[:2]
    assert about.text == "Claims about decimal.Context."
    assert counted.text == "2 claims, checked by verify/contexts.py; see also all claims."
    assert [link["href"] for link in counted.select("a")] == ["../"]
    said = [
        (card["id"], [(link.text, link["href"]) for link in card.select("details a")])
        for card in page.select(".claims-card")
    ]
    on_contexts = ("contexts", "../../contexts/")
    assert said == [
        ("claim-precision-bounds-results-not-operands", [on_contexts]),
        ("claim-local-context-ends-with-its-block", [on_contexts]),
    ]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(0, [("Output", "total: 0.3")], id="what it printed"),
        pytest.param(
            1,
            [
                (
                    "Raises",
                    "TypeError: unsupported operand type(s) for +: 'decimal.Decimal' and 'float'",
                )
            ],
            id="the whole message that it raised",
        ),
        pytest.param(2, [], id="nothing where the author wrote the output"),
        pytest.param(3, [], id="nothing below a session, which holds its outputs"),
        pytest.param(4, [("Not run", "it would wait for an answer")], id="why it was skipped"),
        pytest.param(5, [], id="nothing below an embedded snippet"),
    ],
)
def test_below_an_example_stands(
    index: BeautifulSoup, number: int, expected: list[tuple[str, str]]
) -> None:
    assert results(block(index, number)) == expected


def test_an_output_that_the_author_wrote_is_shown_once(
    index: BeautifulSoup, contexts: BeautifulSoup
) -> None:
    assert [text for _, text in results(index)].count("unchanged: 0.3") == 1
    assert [text for _, text in results(contexts)].count("0.333333333333") == 1


def test_a_section_of_a_snippet_is_shown_as_code_without_its_marks(
    built_decimal: Project, index: BeautifulSoup
) -> None:
    lines = built_decimal.read("snippets/invoice.py").splitlines(keepends=True)

    shown = block(index, 5).select_one("code")
    assert shown is not None
    assert shown.text == "".join(lines[6:9])


def test_fences_in_admonitions_and_tabs_are_run_and_shown_there(contexts: BeautifulSoup) -> None:
    (note,) = contexts.select(".admonition.note")
    tabs = contexts.select(".tabbed-block")

    assert results(note) == [("Output", "0.333333333333")]
    assert [results(tab) for tab in tabs] == [[("Output", "0.333")], [("Output", "0.33")]]
    assert len(contexts.select(".claims-example")) == 3


def test_highlighting_title_and_marked_lines_are_kept(
    index: BeautifulSoup, contexts: BeautifulSoup
) -> None:
    titles = [found.text for page in (index, contexts) for found in page.select(".filename")]
    assert titles == ["Adding tenths", "A float is refused", "snippets/invoice.py", "One third"]
    assert len(contexts.select(".hll")) == 1
    assert all(found.select("pre span") for found in index.select(".claims-example"))


def test_the_published_report_follows_its_schema(report: dict[str, Any]) -> None:
    file = resources.files("mkdocs_claims").joinpath("report.schema.json")
    schema = json.loads(file.read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(report, schema)


def test_the_report_counts_what_was_run(report: dict[str, Any]) -> None:
    assert report["counts"] == {
        "claims": 4,
        "examples": 7,
        "snippets": 1,
        "notebooks": 0,
        "pages": 3,
        "skips": 1,
        "kept": 0,
        "refuted": 0,
        "assertions": 0,
        "assertions_refuted": 0,
        "holds": 12,
        "fails": 0,
        "error": 0,
        "unknown": 0,
    }


def test_the_report_names_every_subject_with_what_was_seen(report: dict[str, Any]) -> None:
    seen = {item["subject"]["id"]: item["output"] for item in report["evidence"]}

    assert {item["verdict"] for item in report["evidence"]} == {"holds"}
    assert seen == {
        "sum-of-tenths-is-exact": "total: 0.3\n",
        "division-by-zero-raises": "",
        "precision-bounds-results-not-operands": "result: 1.23456789012\n",
        "local-context-ends-with-its-block": "",
        "snippets/invoice.py": "to pay: 10.74\n",
        "docs/contexts.md:14": "0.333333333333\n",
        "docs/contexts.md:26": "0.333\n",
        "docs/contexts.md:33": "0.33\n",
        "docs/index.md:6": "total: 0.3\n",
        "docs/index.md:18": "",
        "docs/index.md:22": "unchanged: 0.3\n",
        "docs/index.md:30": "",
    }


def test_two_builds_of_the_same_project_publish_the_same_pages(project: Project) -> None:
    first = project.site()
    pages = [path for path in first if path.endswith(".html")]
    before = {path: project.html(path).select_one("[role=main]") for path in pages}

    assert project.build().code == 0

    assert sorted(first) == sorted(project.site())
    assert before == {path: project.html(path).select_one("[role=main]") for path in pages}


def test_nothing_is_left_beside_the_site(built_decimal: Project) -> None:
    made = sorted(path.name for path in built_decimal.root.iterdir())

    assert made == sorted(
        [".claims", "docs", "mkdocs.yml", "pyproject.toml", "site", "snippets", "verify"]
    )
    assert sorted(path.name for path in (built_decimal.root / ".claims").iterdir()) == [
        ".gitignore",
        "highlighted.json",
        "kept.json",
        "report.json",
    ]


def test_a_build_without_quiet_says_what_was_checked(project: Project) -> None:
    fresh = Project(project.root, {"CLAIMS_FRESH": "1"}).build("--strict")
    again = project.build("--strict")

    counts = "INFO    -  4 claims, 7 examples, 1 snippet, 0 notebooks, 1 skipped: 12 holds"
    assert (fresh.code, again.code) == (0, 0)
    assert f"{counts}; {ENVIRONMENT}\n" in fresh.output
    assert f"{counts} (0 run now, 12 kept from before); {ENVIRONMENT}\n" in again.output


def test_inline_code_that_is_highlighted_is_no_block(project: Project) -> None:
    project.replace(
        "mkdocs.yml", "  - pymdownx.snippets", "  - pymdownx.inlinehilite\n  - pymdownx.snippets"
    )
    project.append("docs/index.md", "As in `#!python total + 1`.\n")

    ended = project.build()

    assert (ended.code, ended.output) == (0, "")
