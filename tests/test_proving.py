"""A check that cannot fail where its claim is false is named, and stops the build.

It is as long as a list of cases is: each stands by itself.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from markdown import Markdown

from mkdocs_claims.rendering import ClaimsExtension
from mkdocs_claims.settings import load
from tests.conftest import PROJECTS, Ended, Project

CHECKS = "verify/arithmetic.py"
CHANGES = "verify/counterfactuals.py"
THIRDS = "thirds-add-up"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the project, built once; nobody may change it."""
    project = Project(tmp_path_factory.mktemp("proof") / "project")
    shutil.copytree(PROJECTS / "proof", project.root)
    ended = project.build()
    assert (0, "") == (ended.code, ended.output)
    return project


@pytest.fixture
def proof(tmp_path: Path, built: Project) -> Project:
    """Return a copy of the project, as it stands after a good build."""
    shutil.copytree(built.root, tmp_path / "project")
    return Project(tmp_path / "project")


def check(project: Project, *options: str) -> Ended:
    return project.claims("check", *options)


def proofs(project: Project) -> dict[str, dict[str, Any]]:
    """Return what was seen where claims are false, by what was to refute which."""
    report = project.report(".claims/report.json")
    return {f"{item['claim']} {item['by']}".strip(): item for item in report["proofs"]}


def test_each_check_is_seen_to_fail_where_its_claim_is_false(built: Project) -> None:
    seen = proofs(built)

    told = ("outcome", "statement", "expected", "seen", "line")
    assert {
        "thirds-add-up sums_are_rounded": (
            "refuted",
            "A sum of fractions is rounded to a whole number.",
            "assert third + third == Fraction(2, 3)",
            (
                "assert (Fraction(1, 3) + Fraction(1, 3)) == Fraction(2, 3)\n"
                " +  where Fraction(2, 3) = Fraction(2, 3)"
            ),
            17,
        ),
        "fractions-are-in-lowest-terms nothing_is_reduced": (
            "refuted",
            "A fraction keeps the numbers that it is made of.",
            "assert (half.numerator, half.denominator) == (1, 2)",
            "assert (2, 4) == (1, 2)\n  At index 0 diff: 2 != 1",
            25,
        ),
        "half-is-rounded-to-even": (
            "refuted",
            "lambda number: int(number + Fraction(1, 2))",
            "assert [rounded(Fraction(number, 2)) for number in (1, 3)] == [0, 2]",
            "assert [1, 2] == [0, 2]\n  At index 0 diff: 1 != 0",
            31,
        ),
        "division-by-zero-raises division_by_zero_is_infinite": (
            "refuted",
            "A fraction divided by zero is infinite.",
            "with pytest.raises(ZeroDivisionError):",
            "DID NOT RAISE ZeroDivisionError",
            37,
        ),
    } == {name: tuple(item[key] for key in told) for name, item in seen.items()}
    assert 4 == built.report()["counts"]["refuted"]


@pytest.mark.parametrize("name", ["CI", "BUILD_NUMBER"])
def test_what_was_seen_is_the_same_on_a_server_of_ci(proof: Project, name: str) -> None:
    """Pytest says more of a failure where one of these is set; a page must not."""
    before = {key: item["seen"] for key, item in proofs(proof).items()}

    check(Project(proof.root, {name: "true"}), "--fresh")

    assert before == {key: item["seen"] for key, item in proofs(proof).items()}


def test_every_check_is_tried_everywhere_when_all_is_asked_for(proof: Project) -> None:
    proof.claims("falsify", "--all")

    assert {
        "thirds-add-up": {"sums_are_rounded": "refuted", "nothing_is_reduced": "held"},
        "fractions-are-in-lowest-terms": {"nothing_is_reduced": "refuted"},
        "half-is-rounded-to-even": {"nothing_is_reduced": "held"},
        "division-by-zero-raises": {
            "nothing_is_reduced": "held",
            "division_by_zero_is_infinite": "refuted",
        },
    } == proof.report(".claims/report.json")["table"]


def test_a_build_tries_each_check_where_its_claim_says(built: Project) -> None:
    """Whatever its pages show: a site with many claims would wait minutes for the rest."""
    assert {} == built.report()["table"]
    assert 4 == len(proofs(built))


def test_a_card_says_what_would_have_refuted_its_claim(built: Project) -> None:
    card = built.html("index.html").select_one(f"#claim-{THIRDS}")
    rival = built.html("index.html").select_one("#claim-half-is-rounded-to-even")

    assert card is not None
    assert rival is not None
    fails = "The check fails, as it must, when "
    (where,) = card.select(".claims-refuted")
    assert f"{fails}a sum of fractions is rounded to a whole number:" == where.text
    assert "expected (line 17): assert third + third == Fraction(2, 3)" in card.text
    (where,) = rival.select(".claims-refuted")
    assert f"{fails}given, instead: lambda number: int(number + Fraction(1, 2))" == where.text


def test_what_fails_where_is_a_picture_and_the_same_in_words(built: Project) -> None:
    page = built.html("verdicts/index.html")

    picture = page.select_one(".claims-map > svg")
    assert picture is not None
    rival = "The check is given its rival: a piece of code for which its claim is false"
    label = "how many checks fail: modules in rows (1), what is changed in columns (4)"
    assert label in str(picture["aria-label"])
    assert [
        "Arithmetic: 1 check fails in 1. A sum of fractions is rounded to a whole number",
        "Arithmetic: 1 check fails in 2. A fraction keeps the numbers that it is made of",
        "Arithmetic: 1 check fails in 3. A fraction divided by zero is infinite",
        f"Arithmetic: 1 check fails in 4. {rival}",
    ] == [title.text for title in picture.select("rect.claims-refuted-1 > title")]
    listed = page.select(".claims-counterfactuals > li")
    assert ["1 check fails"] * 4 == [item.small.text for item in listed if item.small]
    links = [link["href"] for link in page.select(".claims-counterfactuals a")]
    assert f"../evidence/arithmetic/#claim-{THIRDS}" in links


def test_nothing_is_tried_again_while_nothing_has_changed(proof: Project) -> None:
    before = (proof.root / ".claims" / "proofs.json").stat().st_mtime_ns
    proof.append(CHECKS, "# A word that changes the module, and no check.\n")
    proof.replace("docs/index.md", "as on paper", "as in school")

    ended = check(proof)

    assert 0 == ended.code, ended.output
    assert before != (proof.root / ".claims" / "proofs.json").stat().st_mtime_ns
    check(proof)
    kept = [item["kept"] for item in proofs(proof).values()]
    assert [True] * 4 == kept


def test_an_error_where_nobody_asked_is_tried_once(proof: Project) -> None:
    """Else no run would ever find that nothing has changed."""
    errs = "    if Fraction(2, 4).numerator == 2:\n        undefined()\n"
    half = "    assert [rounded("
    proof.replace(CHECKS, half, errs + half)
    proof.claims("falsify", "--all")
    table = proof.report(".claims/report.json")["table"]
    assert {"nothing_is_reduced": "error"} == table["half-is-rounded-to-even"]
    before = (proof.root / ".claims" / "proofs.json").stat().st_mtime_ns

    ended = [proof.claims("falsify", "--all").code, check(proof).code]

    assert [0, 0] == ended
    assert before == (proof.root / ".claims" / "proofs.json").stat().st_mtime_ns
    assert (proof.root / ".claims" / "seal.json").is_file()


@pytest.mark.parametrize(
    ("path", "told", "instead"),
    [
        (CHANGES, "round(original(one, other))", "round(one.nothing)"),
        (CHANGES, 'change.method(Fraction, "__add__"', 'change.method(Fraction, "__sub__"'),
        (CHECKS, "third + third == Fraction(2, 3)", "third + third or third"),
    ],
    ids=["error", "unused", "held"],
)
def test_what_does_not_refute_a_claim_that_asks_for_it_is_tried_again(
    proof: Project, path: str, told: str, instead: str
) -> None:
    """It may have been chance, and keeps the site from being published."""
    proof.replace(path, told, instead)
    check(proof)
    before = (proof.root / ".claims" / "proofs.json").stat().st_mtime_ns

    assert 1 == check(proof).code
    assert before < (proof.root / ".claims" / "proofs.json").stat().st_mtime_ns


def test_a_check_that_changed_is_tried_again_and_no_other(proof: Project) -> None:
    proof.replace(CHECKS, "    third = Fraction(1, 3)\n", "    third = Fraction(2, 6)\n")

    check(proof)

    assert {THIRDS} == {item["claim"] for item in proofs(proof).values() if not item["kept"]}


def test_a_counterfactual_that_changed_is_tried_again_and_no_other(proof: Project) -> None:
    proof.replace(CHANGES, "else math.inf", "else -math.inf")

    check(proof)

    assert ["division_by_zero_is_infinite"] == [
        item["by"] for item in proofs(proof).values() if not item["kept"]
    ]


def test_a_fresh_run_tries_everything(proof: Project) -> None:
    check(proof, "--fresh")

    assert [False] * 4 == [item["kept"] for item in proofs(proof).values()]


@pytest.mark.parametrize("stored", ["", "[]", '{"format": 1}', '{"format": 9, "claims": {}}'])
def test_what_was_damaged_is_tried_again(proof: Project, stored: str) -> None:
    proof.write(".claims/proofs.json", stored)

    ended = check(proof)

    assert 0 == ended.code, ended.output
    assert [False] * 4 == [item["kept"] for item in proofs(proof).values()]


def rendered(project: Project, path: str) -> BeautifulSoup:
    """Render a page from the report of the last run, as an engine without the plugin does."""
    claims = ClaimsExtension(settings=load(project.root), page=path)
    return BeautifulSoup(Markdown(extensions=[claims]).convert(project.read(path)), "html.parser")


def told(proof: Project) -> list[str]:
    """Return what a build lists that is refused, and leaves the site as it was."""
    before = proof.site()
    ended = proof.build()
    assert 1 == ended.code, ended.output
    assert before == proof.site()
    assert "Traceback" not in ended.output
    return ended.entries


def test_a_check_that_holds_all_the_same_is_named(proof: Project) -> None:
    proof.replace(CHECKS, "third + third == Fraction(2, 3)", "third + third or third")

    assert [
        (
            f"{CHECKS}:13: claim {THIRDS}: not refuted\n"
            "  states    Two thirds of one are two thirds, exactly.\n"
            "  tried     A sum of fractions is rounded to a whole number. (sums_are_rounded)\n"
            "  expected  the check to fail there; if the claim is true there, do not name it\n"
            "  seen      it held\n"
            f"  alone     claims falsify {THIRDS}"
        )
    ] == told(proof)


def test_a_page_does_not_show_as_holding_what_was_not_refuted(proof: Project) -> None:
    """`mkdocs serve` and other engines show pages that may not be published."""
    proof.replace(CHECKS, "third + third == Fraction(2, 3)", "third + third or third")
    check(proof)

    page = rendered(proof, "docs/index.md")

    marks = {str(link["href"]): [*link["class"]][1:] for link in page.select(".claims-mark")}
    assert {
        f"#claim-{THIRDS}": ["claims-unproven"],
        "#claim-fractions-are-in-lowest-terms": ["claims-holds"],
        "#claim-half-is-rounded-to-even": ["claims-holds"],
        "#claim-division-by-zero-raises": ["claims-holds"],
    } == marks
    badge = page.select_one(f"#claim-{THIRDS}.claims-unproven .claims-verdict")
    assert badge is not None
    assert "⚠ not refuted" == badge.text


def test_a_counterfactual_that_cannot_be_read_is_told_once(proof: Project) -> None:
    """The claims that name it do not name one that is not there."""
    proof.replace(CHANGES, '    """A sum of fractions is rounded to a whole number."""\n', "")

    assert [
        (
            f"{CHANGES}:10: counterfactual 'sums_are_rounded' does not say what it changes; write "
            "it as the function's docstring, in one sentence"
        )
    ] == told(proof)


def test_counterfactuals_that_are_no_python_are_told_once(proof: Project) -> None:
    """Claims name them by importing their module, which is at fault then, too."""
    line = proof.append(CHANGES, "x = = 2\n")

    assert [f"{CHANGES}:{line}: cannot be read as Python: invalid syntax"] == told(proof)


def test_a_counterfactual_that_is_not_used_proves_nothing(proof: Project) -> None:
    """Also where the check fails in it, for whatever other reason."""
    proof.replace(CHANGES, 'change.method(Fraction, "__add__"', 'change.method(Fraction, "__sub__"')

    (entry,) = told(proof)

    assert "  seen      nothing that is changed there was used by the check\n" in entry


def test_a_counterfactual_that_crashes_proves_nothing(proof: Project) -> None:
    proof.replace(CHANGES, "round(original(one, other))", "round(one.nothing)")

    (entry,) = told(proof)

    assert (
        "  seen      an error: the counterfactual itself raised AttributeError: 'Fraction' object "
        "has no attribute 'nothing'\n"
    ) in entry


def test_a_counterfactual_that_cannot_be_put_in_force_proves_nothing(proof: Project) -> None:
    proof.replace(CHANGES, 'change.method(Fraction, "__add__"', 'change.method(Fraction, "plus"')

    (entry,) = told(proof)

    assert (
        "  seen      an error: the counterfactual sums_are_rounded could not be put in force "
        "(counterfactuals.py:12): AttributeError: "
    ) in entry
    assert "'plus'" in entry


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("__import__('os')._exit(0)", "its process ended with status 0 before it was done"),
        ("__import__('os').kill(__import__('os').getpid(), 9)", "status -9 before it was done"),
        (
            "__import__('time').sleep(60)",
            "it was still running after 5 s, and was ended",
        ),
    ],
    ids=["ends", "is killed", "hangs"],
)
def test_a_trial_that_does_not_come_to_its_end_proves_nothing(
    proof: Project, code: str, seen: str
) -> None:
    """And costs no other trial anything."""
    proof.replace("pyproject.toml", "falsify = true\n", "falsify = true\ntimeout = 5\n")
    proof.replace(CHANGES, "round(original(one, other))", code)

    (entry,) = told(proof)

    assert entry.startswith(f"{CHECKS}:13: claim {THIRDS}: not refuted\n")
    assert f"  seen      an error: {seen}\n" in entry or f"{seen}\n" in entry


def test_each_trial_has_a_process_and_a_folder_of_its_own(proof: Project) -> None:
    """What one leaves behind in either, the next does not find."""
    leaves = (
        "    import os\n    import sys\n\n"
        "    assert not os.listdir()\n    assert not hasattr(sys, 'left')\n"
        "    open('left', 'w').close()\n    sys.left = True\n"
    )
    third = "    third = Fraction(1, 3)\n"
    proof.replace(CHECKS, third, leaves + third)

    ended = proof.claims("falsify", "--all")

    assert 0 == ended.code, ended.output
    assert ("refuted", "held") == tuple(
        proof.report(".claims/report.json")["table"][THIRDS].values()
    )


def test_a_check_that_errs_in_a_counterfactual_is_not_refuted_by_it(proof: Project) -> None:
    third = "    third = Fraction(1, 3)\n"
    errs = "    if third + third != Fraction(2, 3):\n        undefined()\n"
    proof.replace(CHECKS, third, third + errs)

    (entry,) = told(proof)

    assert "  seen      an error: NameError: name 'undefined' is not defined\n" in entry


def test_a_rival_for_which_the_check_holds_is_named(proof: Project) -> None:
    proof.replace(CHECKS, "int(number + Fraction(1, 2))", "round(number)")

    (entry,) = told(proof)

    assert f"{CHECKS}:29: claim half-is-rounded-to-even: not refuted\n" in entry
    assert "  tried     with the rival lambda number: round(number)\n" in entry
    assert "  seen      it held\n" in entry


def test_a_check_that_fails_before_it_comes_to_its_rival_says_why(proof: Project) -> None:
    """Or nobody could tell a check that now and then breaks down from one that is no good."""
    proof.replace(
        CHECKS,
        "    assert [rounded(",
        "    Fraction(1, int(rounded is round))\n    assert [rounded(",
    )

    (entry,) = told(proof)

    assert (
        "  seen      nothing that is changed there was used by the check, "
        "which failed before that: ZeroDivisionError: Fraction(1, 0)\n"
    ) in entry


def test_a_rival_that_is_not_called_proves_nothing(proof: Project) -> None:
    proof.replace(CHECKS, "[rounded(Fraction", "[round(Fraction")

    (entry,) = told(proof)

    assert "  seen      nothing that is changed there was used by the check\n" in entry


def test_a_claim_that_nothing_is_said_to_refute_stops_the_build(proof: Project) -> None:
    proof.replace(CHECKS, "@claim(rival=lambda number: int(number + Fraction(1, 2)))", "@claim")

    assert [
        (
            f"{CHECKS}:29: nothing is said to refute claim 'half-is-rounded-to-even'; add "
            "refuted_by=[...] or rival=... to its @claim ('claims falsify half-is-rounded-to-even' "
            "shows in which it fails)"
        )
    ] == told(proof)


def test_a_counterfactual_that_is_misspelt_is_told_before_what_comes_of_it(proof: Project) -> None:
    proof.replace(
        CHECKS, "counterfactuals.nothing_is_reduced", "counterfactuals.nothing_is_redduced"
    )

    first, second = told(proof)

    assert (
        f"{CHECKS}:21: there is no counterfactual 'nothing_is_redduced', did you mean "
        "'nothing_is_reduced'?"
    ) == first
    assert f"{CHECKS}:20: 4 claims: error" == second.splitlines()[0]


def test_a_counterfactual_that_no_claim_names_is_named(proof: Project) -> None:
    line = proof.append(
        CHANGES,
        '@counterfactual\ndef nothing_is_other(change: Change) -> None:\n    """Nothing."""\n',
    )

    assert [
        (
            f"{CHANGES}:{line + 1}: no claim names counterfactual 'nothing_is_other'; let one do "
            "so, or remove it"
        )
    ] == told(proof)


def test_a_project_that_asks_for_no_proof_needs_none(proof: Project) -> None:
    proof.replace("pyproject.toml", "falsify = true\n", "")
    proof.replace(CHECKS, "@claim(rival=lambda number: int(number + Fraction(1, 2)))", "@claim")

    assert 0 == proof.build().code


def test_falsify_shows_what_was_seen_of_each_claim(proof: Project) -> None:
    ended = proof.claims("falsify", THIRDS)

    assert 0 == ended.code
    assert ended.output.startswith(
        f"{THIRDS}\n"
        "  refuted in sums_are_rounded: A sum of fractions is rounded to a whole number.\n"
        "    expected  assert third + third == Fraction(2, 3)\n"
        "    seen      assert (Fraction(1, 3) + Fraction(1, 3)) == Fraction(2, 3)\n"
    )


SUM = "    assert third + third == Fraction(2, 3)\n"
ASSERTED = [
    SUM.strip(),
    "assert third.denominator == 3",
    "assert Fraction(2, 4).denominator == 2",
    "with pytest.raises(ValueError):",
    "assert third + third + third == 1",
]


@pytest.fixture
def asserting(proof: Project) -> Project:
    """Return the project with a check of several assertions, which was tried everywhere."""
    proof.replace(
        CHECKS,
        SUM,
        "".join(f"    {each}\n" for each in ASSERTED).replace(
            "(ValueError):\n", "(ValueError):\n        Fraction('third')\n"
        ),
    )
    ended = proof.claims("falsify", "--all")
    assert 0 == ended.code, ended.output
    return proof


def test_each_assertion_is_tried_also_below_one_that_fails(asserting: Project) -> None:
    report = asserting.report(".claims/report.json")

    told = [
        (item["code"], item["is_refuted"], item["fails_in"]) for item in report["asserted"][THIRDS]
    ]
    assert [
        (ASSERTED[0], True, ["sums_are_rounded"]),
        (ASSERTED[1], False, []),
        (ASSERTED[2], False, ["nothing_is_reduced"]),
        (ASSERTED[3], False, []),
        (ASSERTED[4], True, ["sums_are_rounded"]),
    ] == told
    proof = proofs(asserting)[f"{THIRDS} sums_are_rounded"]
    assert (17, [17, 22]) == (proof["line"], proof["failed"])
    assert (8, 5) == (report["counts"]["assertions"], report["counts"]["assertions_refuted"])


def test_what_is_known_of_assertions_moves_with_their_check(asserting: Project) -> None:
    before = asserting.report(".claims/report.json")["asserted"]
    third = "    third = Fraction(1, 3)\n"
    asserting.replace(CHECKS, third, third * 3)

    asserting.claims("falsify", "--all")

    after = asserting.report(".claims/report.json")["asserted"]
    kept = [name for name, item in proofs(asserting).items() if item["kept"]]
    assert [
        "fractions-are-in-lowest-terms nothing_is_reduced",
        "half-is-rounded-to-even",
        "division-by-zero-raises division_by_zero_is_infinite",
    ] == kept
    assert {
        claim: [{**item, "line": item["line"] + 2} for item in items]
        for claim, items in before.items()
    } == after


def test_falsify_tells_of_assertions_that_were_not_seen_to_fail(asserting: Project) -> None:
    ended = asserting.claims("falsify", THIRDS)

    told = (
        "  line 18 was seen to fail in none of that: assert third.denominator == 3\n"
        "    nor in any other; can it be false, and does the check come to it?\n"
        "  line 19 was seen to fail in none of that: assert Fraction(2, 4).denominator == 2\n"
        "    name what it fails in: nothing_is_reduced\n"
        "  line 20 was seen to fail in none of that: with pytest.raises(ValueError):\n"
        "    nor in any other; can it be false, and does the check come to it?\n"
        "  the check also fails in nothing_is_reduced\n"
    )
    assert told in ended.output


def test_a_card_tells_of_assertions_that_were_not_seen_to_fail(asserting: Project) -> None:
    page = rendered(asserting, "docs/index.md")

    (card,) = page.select(f"#claim-{THIRDS}")
    told = card.select("p")[-1]
    assert (
        "Seen to fail in none of these: assert third.denominator == 3, "
        "assert Fraction(2, 4).denominator == 2, with pytest.raises(ValueError):"
    ) == told.text
    (other,) = page.select("#claim-half-is-rounded-to-even")
    assert "Seen to fail in none" not in other.text


def test_falsify_finds_what_refutes_a_claim_that_does_not_say_it(proof: Project) -> None:
    proof.replace(CHECKS, "@claim(refuted_by=[counterfactuals.sums_are_rounded])", "@claim")

    ended = proof.claims("falsify", THIRDS)

    assert 1 == ended.code
    assert ended.output.startswith(
        f"{THIRDS}\n  nothing is said to refute it\n  the check fails in sums_are_rounded\n"
    )


def test_falsify_says_of_a_claim_that_does_not_hold_that_it_was_not_tried(proof: Project) -> None:
    proof.replace(CHECKS, "third + third == Fraction(2, 3)", "third + third == Fraction(3, 3)")

    ended = proof.claims("falsify", THIRDS)

    assert 1 == ended.code
    assert ended.output.startswith(
        f"{THIRDS}\n  its check does not hold as things are, so it was tried nowhere else\n"
    )


def test_a_claim_is_shown_to_be_able_to_fail_if_all_that_it_names_refutes_it(
    proof: Project,
) -> None:
    named = "refuted_by=[counterfactuals.sums_are_rounded"
    proof.replace(CHECKS, named, f"{named}, counterfactuals.nothing_is_reduced")

    ended = check(proof)

    assert 1 == ended.code
    told = "\n4 claims (3 shown to be able to fail, and 4 of 4 assertions)"
    assert told in ended.output


def test_falsify_shows_all_claims_or_some(proof: Project) -> None:
    ended = proof.claims("falsify", "--all", THIRDS)

    assert (2, "claims: --all shows every claim; leave it out, or the claims\n") == (
        ended.code,
        ended.output,
    )


def test_falsify_all_shows_a_table_and_what_stands_out(proof: Project) -> None:
    ended = proof.claims("falsify", "--all")

    assert 0 == ended.code
    width = len("fractions-are-in-lowest-terms")
    assert (
        f"{'':{width}}  123\n"
        f"{'thirds-add-up':{width}}  xo.\n"
        "fractions-are-in-lowest-terms  .x.\n"
        f"{'half-is-rounded-to-even':{width}}  .o.\n"
        f"{'division-by-zero-raises':{width}}  .ox\n"
    ) in ended.output
    assert "  1  sums_are_rounded: 1 of 4 checks fail\n" in ended.output
    assert "refuted by a rival alone: half-is-rounded-to-even\n" in ended.output


def test_falsify_ends_quietly_where_nobody_reads_on(proof: Project) -> None:
    command = (str(Path(sys.executable).with_name("claims")), "falsify", "--all")
    reads, writes = os.pipe()
    os.close(reads)

    ended = subprocess.run(
        command, cwd=proof.root, check=False, stdout=writes, stderr=subprocess.PIPE, text=True
    )

    os.close(writes)
    assert (1, "") == (ended.returncode, ended.stderr)


@pytest.mark.parametrize("name", [THIRDS, THIRDS.replace("-", "_")])
def test_falsify_runs_the_claims_that_it_is_given_and_no_other(proof: Project, name: str) -> None:
    """It is the quick way to try one, whatever else is wrong, and leaves no report of all."""
    before = proof.report(".claims/report.json")
    proof.replace(CHECKS, "== (1, 2)", "== (2, 1)")
    proof.append("docs/index.md", "```python\n1 / 0\n```\n\nThat [is so](claim:nothing).\n")

    ended = proof.claims("falsify", name, "--fresh")

    assert 0 == ended.code, ended.output
    assert ended.output.startswith(f"{THIRDS}\n  refuted in sums_are_rounded")
    told = "\n1 claim (1 shown to be able to fail, and 1 of 1 assertions), 0 examples, 0 snippets"
    assert told in ended.output
    assert "1 holds; " in ended.output
    assert before == proof.report(".claims/report.json")
    assert [True] * 2 == [
        item["kept"]
        for name, item in proofs(_checked(proof)).items()
        if "half" in name or THIRDS in name
    ]


def _checked(project: Project) -> Project:
    project.replace(CHECKS, "== (2, 1)", "== (1, 2)")
    check(project)
    return project


def test_falsify_says_what_keeps_a_claim_from_being_read(proof: Project) -> None:
    line = proof.append(CHECKS, "x = = 2\n")

    ended = proof.claims("falsify", THIRDS)

    assert (2, f"claims: {CHECKS}:{line}: cannot be read as Python: invalid syntax\n") == (
        ended.code,
        ended.output,
    )


def test_falsify_refuses_a_claim_that_is_not_there(proof: Project) -> None:
    ended = proof.claims("falsify", "thirds-add-upp")

    assert 2 == ended.code
    assert f"claims: there is no claim 'thirds-add-upp', did you mean '{THIRDS}'?\n" == ended.output
