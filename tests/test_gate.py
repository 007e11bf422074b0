"""The gate lists all that is wrong, each with its place, and nothing where all holds.

It is as long as a list of cases is: each stands by itself.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from mkdocs_claims.citations import Citation
from mkdocs_claims.environment import Environment
from mkdocs_claims.evidence import Evidence, Kind, Skip, Subject, Verdict
from mkdocs_claims.gate import complaints, refusal, summary
from mkdocs_claims.problems import Problem
from mkdocs_claims.reports import Report

SAMPLE = Path(__file__).parent / "samples" / "refusal.txt"
ENVIRONMENT = Environment("3.11.7", "Linux x86_64", {"torch": "2.13.0"}, "0.1.0")


def _claim(name: str, line: int, statement: str = "One.") -> Subject:
    id_ = name.replace("_", "-")
    return Subject(Kind.CLAIM, id_, "verify/modes.py", line, name, statement, "assert x")


def _example(line: int, title: str = "") -> Subject:
    return Subject(
        Kind.EXAMPLE, f"docs/a.md:{line}", "docs/a.md", line, f"line-{line}", title, "x = 1\n"
    )


def _good_report() -> Report:
    return Report(
        ENVIRONMENT,
        pages=["docs/a.md"],
        evidence=[
            Evidence(_claim("one", 3), Verdict.HOLDS),
            Evidence(_example(5), Verdict.HOLDS, output="1\n"),
        ],
        citations=[Citation("one", "docs/a.md", 9, is_card=True)],
    )


def _report_with_one_of_everything() -> Report:
    snippet = Subject(
        Kind.SNIPPET, "snippets/ema.py", "snippets/ema.py", 1, "ema.py", "", "assert weight == 4"
    )
    notebook = Subject(Kind.NOTEBOOK, "docs/n.ipynb", "docs/n.ipynb", 1, "n.ipynb", "", "x")
    return Report(
        ENVIRONMENT,
        pages=["docs/a.md", "docs/b.md"],
        evidence=[
            Evidence(
                _claim("no_grad_is_recursive", 10, "`no_grad` is recursive."),
                Verdict.FAILS,
                output="printed, and not told",
                expected="assert inner == outer",
                seen="assert 1 == 2\n +  where 1 = len([1])",
                line=14,
            ),
            Evidence(
                _claim("needs_a_gpu", 22, "It needs a GPU."),
                Verdict.UNKNOWN,
                seen="skipped: no GPU",
            ),
            Evidence(_claim("never_cited", 30), Verdict.HOLDS),
            Evidence(_claim("good", 40), Verdict.HOLDS),
            Evidence(_example(15), Verdict.HOLDS),
            Evidence(
                _example(20, "A wrong name"),
                Verdict.ERROR,
                expected="`undefined` to run",
                seen="NameError: name 'undefined' is not defined",
                line=23,
            ),
            Evidence(
                snippet,
                Verdict.FAILS,
                expected="assert weight == 4",
                seen="assert 3 == 4",
                line=3,
            ),
            Evidence(
                notebook,
                Verdict.ERROR,
                expected="code cell 3 to run",
                seen="KeyError: 'a'",
                line=40,
            ),
        ],
        skips=[Skip("docs/a.md", 50, "slow", "x\n")],
        citations=[
            Citation("no-grad-is-recursive", "docs/a.md", 9),
            Citation("no-grad-is-recursive", "docs/a.md", 9),
            Citation("no-grad-is-recursive", "docs/b.md", 2),
            Citation("no-grad-is-recursiv", "docs/a.md", 4),
            Citation("needs-a-gpu", "docs/b.md", 7),
            Citation("good", "docs/b.md", 8, is_card=True),
        ],
        problems=[
            Problem("docs/a.md", 12, "this example is empty"),
            Problem("docs", 0, "there is no page in this folder"),
            Problem("docs/a.md", 12, "this example is empty"),
        ],
    )


def test_everything_that_is_wrong_is_told_in_one_text() -> None:
    text = SAMPLE.read_text(encoding="utf-8").removesuffix("\n")

    assert text == refusal(_report_with_one_of_everything())


def test_a_report_in_which_all_holds_is_not_refused() -> None:
    assert "" == refusal(_good_report())
    assert [] == complaints(_good_report())


def test_one_thing_is_counted_as_one() -> None:
    report = replace(_good_report(), problems=[Problem("docs/a.md", 2, "is wrong")])

    assert (
        "1 thing is wrong:\n"
        "\n"
        "docs/a.md:2: is wrong\n"
        "\n"
        "1 claim, 1 example, 0 snippets, 0 notebooks: 2 holds; "
        "torch 2.13.0, Python 3.11.7, Linux x86_64"
    ) == refusal(report)


def test_a_summary_without_subjects_says_that_none_was_run() -> None:
    assert (
        "0 claims, 0 examples, 0 snippets, 0 notebooks: none run; "
        "torch 2.13.0, Python 3.11.7, Linux x86_64"
    ) == summary(Report(ENVIRONMENT))


@pytest.mark.parametrize("verdict", [each for each in Verdict if each is not Verdict.HOLDS])
@pytest.mark.parametrize("number", [0, 1], ids=["claim", "example"])
def test_nothing_but_holds_lets_a_site_pass(number: int, verdict: Verdict) -> None:
    report = _good_report()
    evidence = list(report.evidence)
    evidence[number] = replace(evidence[number], verdict=verdict, seen="it was so")

    (complaint,) = complaints(replace(report, evidence=evidence))

    place = ["docs/a.md:9: claim one", "docs/a.md:5: example"][number]
    word = "not checked" if verdict is Verdict.UNKNOWN else verdict
    assert f"{place}: {word}" == complaint.splitlines()[0]


def test_what_may_be_the_cause_of_other_problems_comes_first() -> None:
    """A check that cannot be read makes its claim unknown, wherever it is cited."""
    cause = Problem("verify/a.py", 3, "claim 'one_half' asserts nothing")
    audit = Problem("verify/sources/a.toml", 9, "there is no claim 'one-half'")
    link = Problem("docs/a.md", 2, "there is no claim 'one-half'")

    told = complaints(replace(_good_report(), problems=[link, audit, cause]))

    assert [str(cause), str(audit), str(link)] == told


def test_an_example_that_fails_names_what_went_wrong_first_above_it() -> None:
    """A fence that is not run is the cause of what fails for want of it, a wrong link is none."""
    problems = [
        Problem("docs/a.md", 2, "there is no page for this link"),
        Problem("docs/a.md", 12, "a Python fence is misspelt", keeps_from_running=True),
    ]
    evidence = [
        Evidence(_example(5), Verdict.HOLDS),
        Evidence(_example(20), Verdict.ERROR, seen="NameError"),
        Evidence(_example(25), Verdict.ERROR, seen="NameError"),
    ]
    earlier = [Evidence(_example(8), Verdict.FAILS, seen="no"), *evidence[1:]]

    told = complaints(Report(ENVIRONMENT, evidence=evidence, problems=problems))
    after_another = complaints(Report(ENVIRONMENT, evidence=earlier, problems=problems))

    fence = "an example above it, on line 12, is not run"
    failed = "an example above it, on line 8, failed"
    assert ["", "", fence, fence] == _causes(told)
    assert ["", "", "", failed, failed] == _causes(after_another)


def _causes(told: list[str]) -> list[str]:
    """Return after what each thing went wrong, as far as it is told."""
    return [entry.partition("  after     ")[2].partition("\n")[0] for entry in told]


def test_what_keeps_several_checks_of_a_module_from_running_is_told_once() -> None:
    """An import that fails is one thing to mend, however many claims rest on it."""
    report = _good_report()
    claims = [_claim(name, line) for name, line in (("one", 9), ("two", 20), ("three", 30))]
    seen = "ModuleNotFoundError: No module named 'trch'"
    evidence = [
        Evidence(each, Verdict.ERROR, expected="`import trch` to run", seen=seen, line=2)
        for each in claims[:2]
    ]
    own = Evidence(claims[2], Verdict.ERROR, expected="`one / 0` to run", seen="no", line=31)
    citations = [Citation(each.id, "docs/a.md", 9, is_card=True) for each in claims]

    told = complaints(replace(report, evidence=[*evidence, own], citations=citations))

    assert [
        (
            "verify/modes.py:2: 2 claims: error\n"
            "  expected  `import trch` to run\n"
            f"  seen      {seen}\n"
            "  alone     pytest verify/modes.py"
        ),
        "docs/a.md:9: claim three: error",
    ] == [told[0], told[1].splitlines()[0]]
    assert 2 == len(told)


def test_a_wrong_claim_that_no_page_cites_is_placed_at_its_check() -> None:
    report = replace(
        _good_report(),
        evidence=[Evidence(_claim("one", 3), Verdict.FAILS, seen="no", line=6)],
        citations=[],
    )

    assert [
        "verify/modes.py:3: claim 'one' is on no page; cite it as [some words](claim:one)",
        (
            "verify/modes.py:6: claim one: fails\n"
            "  states    One.\n"
            "  check     verify/modes.py:6\n"
            "  seen      no\n"
            "  alone     pytest verify/modes.py::one"
        ),
    ] == complaints(report)


def _lacking(name: str, *needed: str, seen: str) -> Evidence:
    code = f"# /// script\n# dependencies = {[*needed]}\n# ///\n"
    path = f"snippets/{name}"
    return Evidence(
        Subject(Kind.SNIPPET, path, path, 1, name, "", code), Verdict.UNKNOWN, seen=seen
    )


def test_the_summary_says_for_want_of_what_snippets_were_not_run() -> None:
    """Of what is lacking in another version, too; not of what was not run for another reason."""
    first = _lacking("a.py", "Fast_API", "pytest", seen="it needs Fast_API (not installed)")
    both = "it needs fast-api (not installed) and b>=2 (installed is 1)"
    second = _lacking("b.py", "fast-api", "b>=2", seen=both)
    versions = {
        "snippets/a.py": {"fast-api": "", "pytest": "9.0"},
        "snippets/b.py": {"fast-api": "", "b": "1"},
    }
    report = replace(_good_report(), evidence=[first], requirements=versions)
    of_two = replace(report, evidence=[first, second])
    of_three = replace(report, evidence=[first, second, *_unknown_examples(1)])
    of_none = replace(report, evidence=[replace(first, seen="nothing could be run")])

    told = [summary(each).partition(": ")[2] for each in (report, of_two, of_three, of_none)]

    where = "; torch 2.13.0, Python 3.11.7, Linux x86_64"
    assert [
        f"1 unknown (for want of fast-api){where}",
        f"2 unknown (for want of b, fast-api){where}",
        f"3 unknown (2 for want of b, fast-api){where}",
        f"1 unknown{where}",
    ] == told


def _unknown_examples(count: int) -> list[Evidence]:
    return [
        Evidence(_example(line), Verdict.UNKNOWN, expected="it to be run", seen="no torch")
        for line in range(1, count + 1)
    ]


def test_a_few_subjects_that_were_not_run_are_named_each() -> None:
    report = replace(_good_report(), evidence=_unknown_examples(5), citations=[])

    assert [
        f"docs/a.md:{line}: example: not checked\n"
        "  expected  it to be run\n"
        "  seen      no torch\n"
        f"  alone     pytest docs/a.md::line-{line}"
        for line in range(1, 6)
    ] == complaints(report)


def test_many_subjects_that_were_not_run_for_one_reason_are_told_once() -> None:
    other = Evidence(_example(50), Verdict.UNKNOWN, expected="it to be run", seen="no GPU")
    report = replace(_good_report(), evidence=[*_unknown_examples(6), other], citations=[])

    assert [
        "6 subjects were not run: no torch",
        (
            "docs/a.md:50: example: not checked\n"
            "  expected  it to be run\n"
            "  seen      no GPU\n"
            "  alone     pytest docs/a.md::line-50"
        ),
    ] == complaints(report)


def test_claims_that_are_only_linked_need_a_page_that_shows_them() -> None:
    linked = replace(_good_report(), citations=[Citation("one", "docs/a.md", 9)])

    assert [
        (
            "docs/a.md:9: no page shows the evidence of claim 'one'; add a page with the directive "
            "'/// all-claims', or a card for each"
        )
    ] == complaints(linked)
    assert [] == complaints(replace(linked, index="docs/claims.md"))


def test_the_list_of_all_claims_cites_none() -> None:
    report = replace(_good_report(), citations=[], index="docs/claims.md")

    assert [
        "verify/modes.py:3: claim 'one' is on no page; cite it as [some words](claim:one)"
    ] == complaints(report)


def test_a_citation_of_nothing_like_a_claim_suggests_none() -> None:
    report = _good_report()
    citations = [
        *report.citations,
        Citation("", "docs/a.md", 3),
        Citation("zzz", "docs/n.ipynb", 8),
    ]

    assert [
        "docs/a.md:3: there is no claim ''",
        "docs/n.ipynb:8: there is no claim 'zzz'",
    ] == complaints(replace(report, citations=citations))
