"""A report comes back as it was written, and its JSON is what its schema says.

It is as long as a list of cases is: each stands by itself.
"""

import json
import platform
from collections.abc import Callable
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mkdocs_claims.assertions import Asserted
from mkdocs_claims.citations import Citation
from mkdocs_claims.environment import Environment, environment_of
from mkdocs_claims.evidence import Evidence, Kind, Skip, Subject, Verdict
from mkdocs_claims.messages import Message
from mkdocs_claims.pictures import Picture
from mkdocs_claims.problems import Problem
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.reports import Report, ReportError
from mkdocs_claims.settings import Settings
from mkdocs_claims.sources import Assertion, Source

SCHEMA = json.loads(
    (resources.files("mkdocs_claims") / "report.schema.json").read_text(encoding="utf-8")
)
ENVIRONMENT = Environment("3.11.7", "Linux x86_64", {"torch": "2.13.0+cpu", "b": "1"}, "0.1.0")


def _subject(kind: Kind, number: int) -> Subject:
    path = {
        Kind.CLAIM: f"verify/{number}.py",
        Kind.EXAMPLE: f"docs/{number}.md",
        Kind.SNIPPET: f"snippets/{number}.py",
        Kind.NOTEBOOK: f"docs/{number}.ipynb",
    }[kind]
    return Subject(kind, f"{kind}-{number}", path, number, f"name-{number}", "It is “so”.", "x = 1")


def _whole_report() -> Report:
    """Return a report with every kind of subject under every verdict, and one of all else."""
    evidence = []
    for kind in Kind:
        for number, verdict in enumerate(Verdict, start=1):
            is_good = verdict is Verdict.HOLDS
            evidence.append(
                Evidence(
                    subject=_subject(kind, number),
                    verdict=verdict,
                    output="1\n" if is_good else "",
                    raised="ValueError: no" if is_good and kind is Kind.EXAMPLE else "",
                    pictures=[Picture(svg="<svg/>", alt="A dot")] if kind is Kind.EXAMPLE else [],
                    expected="" if is_good or verdict is Verdict.UNKNOWN else "assert x == 2",
                    seen="" if is_good else "assert 1 == 2\nand more",
                    line=0 if is_good else number,
                    seconds=0.25,
                    kept=is_good and kind is Kind.NOTEBOOK,
                )
            )
    return Report(
        environment=ENVIRONMENT,
        day="2026-11-24",
        pages=["docs/1.md", "docs/claims.md", "docs/index.md", "docs/1.ipynb"],
        evidence=evidence,
        skips=[Skip("docs/1.md", 7, "needs a GPU", "x = 1\n")],
        citations=[
            Citation("claim-1", "docs/1.md", 3),
            Citation("claim-2", "docs/index.md", 4, is_card=True),
            Citation("claim-2", "docs/1.ipynb", 1),
        ],
        messages=[Message("docs/1.md", 2, "ValueError: n", "Do it.", "no")],
        index="docs/claims.md",
        audits={"primer": "docs/1.md"},
        problems=[Problem("docs/1.md", 5, "is wrong"), Problem("docs", 0, "is empty")],
        requirements={"snippets/1.py": {"fastapi": "1.0", "uvicorn": ""}},
        excused=["snippets/1.py"],
        sources=[
            Source(
                "primer",
                "verify/sources/primer.toml",
                "A primer",
                "A page of the web",
                "2026-11-24",
                (
                    Assertion("Sums", "They add up.", "right", "", ("claim-1",), 5),
                    Assertion("Use", "All use it.", "not about torch", "A survey.", (), 9),
                ),
            )
        ],
        proofs=[
            Proof(
                "claim-1",
                "sums_are_off",
                "A sum is off.",
                Outcome.REFUTED,
                "assert x",
                "no",
                3,
                (3,),
            ),
            Proof("claim-2", "", "lambda x: x", Outcome.HELD, seen="it held", kept=True),
        ],
        counterfactuals={"sums_are_off": "A sum is off."},
        table={"claim-1": {"sums_are_off": "refuted"}, "claim-2": {}},
        asserted={
            "claim-1": [
                Asserted(3, "assert x", is_refuted=True, fails_in=("sums_are_off",)),
                Asserted(4, "assert y"),
            ],
            "claim-2": [Asserted(9, "assert x")],
        },
    )


def test_a_report_comes_back_as_it_was_written(tmp_path: Path) -> None:
    report = _whole_report()
    (tmp_path / "report.json").write_text(report.to_json(), encoding="utf-8")

    assert report == Report.read(tmp_path / "report.json")
    assert report.to_json() == Report.from_json(report.to_json()).to_json()


def test_the_counts_are_those_of_kinds_verdicts_pages_and_skips() -> None:
    expected = {
        "claims": 4,
        "examples": 4,
        "snippets": 4,
        "notebooks": 4,
        "pages": 4,
        "skips": 1,
        "kept": 1,
        "refuted": 1,
        "assertions": 3,
        "assertions_refuted": 1,
        "holds": 4,
        "fails": 4,
        "error": 4,
        "unknown": 4,
    }

    assert expected == _whole_report().counts
    assert dict.fromkeys(expected, 0) == Report(ENVIRONMENT).counts


def test_evidence_is_found_by_its_kind_and_id() -> None:
    found = _whole_report().of(Kind.SNIPPET)

    assert ["snippet-1", "snippet-2", "snippet-3", "snippet-4"] == list(found)
    assert list(Verdict) == [evidence.verdict for evidence in found.values()]


def test_more_problems_stand_beside_a_report_s_own() -> None:
    report = _whole_report()
    more = Problem("docs/2.md", 1, "is wrong, too")

    assert [*report.problems, more] == report.with_problems([more]).problems
    assert report == _whole_report()


def test_the_command_runs_a_subject_alone() -> None:
    assert "pytest verify/3.py::name-3" == _subject(Kind.CLAIM, 3).command


def test_the_environment_names_the_versions_that_decide(tmp_path: Path) -> None:
    settings = Settings(tmp_path, versions=("pytest", "no-such-distribution"))

    assert environment_of(settings) == Environment(
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        versions={"pytest": metadata.version("pytest"), "no-such-distribution": "not installed"},
        mkdocs_claims=metadata.version("mkdocs-claims"),
    )
    assert "torch 2.13.0+cpu, b 1, Python 3.11.7, Linux x86_64" == str(ENVIRONMENT)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the report is damaged: JSONDecodeError('Expecting value: line 1 column 1 (char 0)')"),
        ("{}", "the report is damaged: KeyError('format')"),
        (
            "[]",
            "the report is damaged: TypeError('list indices must be integers or slices, not str')",
        ),
        ('{"format": 5}', "the report is damaged: KeyError('environment')"),
    ],
    ids=["empty", "nothing in it", "a list", "cut short"],
)
def test_a_damaged_report_is_refused(text: str, message: str) -> None:
    with pytest.raises(ReportError) as raised:
        Report.from_json(text)

    assert f"{message}; run `claims check` again" == str(raised.value)


@pytest.mark.parametrize("number", [0, 1, None, "2"])
def test_a_report_of_another_format_is_refused(number: object) -> None:
    stored = {**json.loads(_whole_report().to_json()), "format": number}

    with pytest.raises(ReportError) as raised:
        Report.from_json(json.dumps(stored))

    assert f"the report has format {number}, expected 5" == str(raised.value)


def test_a_report_with_an_unknown_verdict_or_field_is_refused() -> None:
    text = _whole_report().to_json()

    for damaged in (
        text.replace('"verdict": "holds"', '"verdict": "maybe"', 1),
        text.replace('"seconds"', '"minutes"', 1),
        text.replace('"kind": "claim"', '"kind": "rumour"', 1),
    ):
        with pytest.raises(ReportError, match=r"^the report is damaged: "):
            Report.from_json(damaged)


def test_a_report_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ReportError) as raised:
        Report.read(tmp_path / "report.json")

    assert "there is no report of a run yet; run `claims check` first" == str(raised.value)


def test_a_report_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(b'{"format": "\xff"}')

    with pytest.raises(ReportError):
        Report.read(tmp_path / "report.json")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def _objects(schema: object) -> list[dict[str, Any]]:
    """Return all parts of a schema that describe an object."""
    if isinstance(schema, list):
        return [found for item in schema for found in _objects(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [found for value in schema.values() for found in _objects(value)]


def test_the_schema_leaves_nothing_open_and_describes_every_field() -> None:
    described = _objects(SCHEMA)

    assert 22 == len(described)
    for part in described:
        assert part["description"]
        if "properties" in part:
            assert part["additionalProperties"] is False
            assert list(part["properties"]) == part["required"]
            assert all(
                "description" in field or "$ref" in field for field in part["properties"].values()
            )


@pytest.mark.parametrize("report", [_whole_report(), Report(ENVIRONMENT)], ids=["whole", "empty"])
def test_a_report_is_what_the_schema_says(report: Report) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(report.to_json()))


def _change(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(stored: dict[str, Any]) -> None:
        *way, last = path.split(".")
        part: Any = stored
        for step in way:
            part = part[int(step) if step.isdigit() else step]
        if value is ...:
            del part[last]
        else:
            part[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format", 1),
        ("format", ...),
        ("extra", 1),
        ("environment.python", 3.11),
        ("environment.versions.torch", None),
        ("environment.extra", "x"),
        ("counts.claims", -1),
        ("counts.notebooks", ...),
        ("counts.extra", 1),
        ("day", "today"),
        ("index", None),
        ("audits.primer", "/etc/passwd"),
        ("evidence", {}),
        ("evidence.0.verdict", "maybe"),
        ("evidence.0.seen", "assert 1 == 2"),
        ("evidence.0.expected", "assert 1 == 2"),
        ("evidence.0.line", 3),
        ("evidence.0.extra", 1),
        ("evidence.0.seconds", "1"),
        ("evidence.0.kept", 0),
        ("evidence.1.seen", ""),
        ("evidence.1.kept", True),
        ("evidence.3.seen", ""),
        ("evidence.0.subject.kind", "rumour"),
        ("evidence.0.subject.statement", ""),
        ("evidence.0.subject.line", 0),
        ("evidence.0.subject.path", "/etc/passwd"),
        ("evidence.0.subject.path", "docs\\page.md"),
        ("evidence.0.subject.extra", 1),
        ("skips.0.reason", ""),
        ("skips.0.code", ...),
        ("citations.0.is_card", "yes"),
        ("citations.0.line", 0),
        ("problems.0.line", -1),
        ("problems.0.message", ""),
        ("problems.0.path", ""),
    ],
)
def test_what_is_no_report_is_refused_by_the_schema(path: str, value: object) -> None:
    stored = json.loads(_whole_report().to_json())

    _change(path, value)(stored)

    errors = list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(stored))
    places = [".".join(str(step) for step in error.absolute_path) for error in errors]
    is_a_field_too_many_or_few = value is ... or path.endswith("extra")
    assert [path.rpartition(".")[0] if is_a_field_too_many_or_few else path] == places
