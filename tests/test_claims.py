"""Claims are read as syntax, whole; what cannot be one is refused at its line, with the reason.

It is as long as a list of cases is: each stands by itself.
"""

from pathlib import Path

import pytest

from mkdocs_claims import claim
from mkdocs_claims.assertions import Asserted
from mkdocs_claims.claims import RIVAL, Claim, read_claims
from mkdocs_claims.problems import Problem

MODULE = Path(__file__).parent / "samples" / "claims" / "rounding.py"
PATH = "verify/rounding.py"


def test_every_claim_of_a_module_is_read_whole() -> None:
    claims, problems = read_claims(MODULE.read_text(encoding="utf-8"), PATH)

    assert [] == problems
    assert [
        Claim(
            id="half-goes-to-the-even-digit",
            name="half_goes_to_the_even_digit",
            statement="Rounding a half goes to the even digit.",
            path=PATH,
            line=11,
            code=(
                "def half_goes_to_the_even_digit() -> None:\n"
                '    rounded = round(Decimal("2.5"))\n'
                "\n"
                "    assert rounded == 2"
            ),
            lines=(10, 15),
            asserted=(Asserted(15, "assert rounded == 2"),),
        ),
        Claim(
            id="nan-cannot-be-rounded",
            name="nan_cannot_be_rounded",
            statement="A NaN cannot be rounded to an integer, whatever the context says.",
            path=PATH,
            line=20,
            code=(
                "def nan_cannot_be_rounded(\n"
                "    digits: tuple[int, ...] = (1, 2),\n"
                ") -> None:\n"
                "    for _ in digits:\n"
                '        with pytest.raises(ValueError, match="NaN"):\n'
                '            round(Decimal("NaN"))'
            ),
            lines=(18, 28),
            asserted=(Asserted(27, "with pytest.raises(ValueError, match='NaN'):"),),
        ),
        Claim(
            id="a",
            name="a",
            statement="One.",
            path=PATH,
            line=33,
            code="def a(x: int) -> None:\n    helper()\n    assert x == 1",
            lines=(31, 36),
            asserted=(Asserted(36, "assert x == 1"),),
        ),
    ] == claims


@pytest.mark.parametrize(
    "head",
    [
        "from mkdocs_claims import claim\n@claim",
        "from mkdocs_claims import claim as says\n@says",
        "from mkdocs_claims.claims import claim\n@claim",
        "import mkdocs_claims\n@mkdocs_claims.claim",
        "import mkdocs_claims as m\n@m.claim",
        "import mkdocs_claims.claims\n@mkdocs_claims.claims.claim",
        "import mkdocs_claims.claims as c\n@c.claim",
        "from mkdocs_claims import claims\n@claims.claim",
    ],
    ids=lambda head: head.replace("\n", "; "),
)
def test_no_spelling_of_the_decorator_hides_a_claim(head: str) -> None:
    claims, problems = read_claims(f'{head}\ndef one():\n    """One."""\n    assert one\n', PATH)

    assert ["one"] == [found.id for found in claims]
    assert [] == problems


def test_another_decorator_of_that_name_makes_no_claim() -> None:
    text = 'from elsewhere import claim\n@claim\ndef one():\n    """One."""\n    assert one\n'

    assert ([], []) == read_claims(text, PATH)


HEAD = "import mkdocs_claims, pytest, torch\nfrom mkdocs_claims import claim\n\n"
NOTHING = (
    "asserts nothing, so it could not fail; expected an `assert` on something that can be false, "
    "`pytest.raises`, `pytest.warns`, `pytest.fail` or a call of an `assert_...`"
)
NO_STATEMENT = "has no statement; write it as the function's docstring, in one sentence"


@pytest.mark.parametrize(
    ("text", "line", "wrong"),
    [
        ('@claim\ndef one():\n    """One."""\n', 5, NOTHING),
        ('@claim\ndef one():\n    """One."""\n    print(1)\n', 5, NOTHING),
        ('@claim\ndef one():\n    """One."""\n    assert True\n', 5, NOTHING),
        ('@claim\ndef one():\n    """One."""\n    assert (1 == 2, "no")\n', 5, NOTHING),
        ('@claim\ndef one():\n    """One."""\n    assert "text"\n', 5, NOTHING),
        ("@claim\ndef one():\n    assert one\n", 5, NO_STATEMENT),
        ('@claim\ndef one():\n    """   """\n    assert one\n', 5, NO_STATEMENT),
        ("@claim\ndef one():\n    # One.\n    assert one\n", 5, NO_STATEMENT),
        (
            '@claim\nasync def one():\n    """One."""\n    assert one\n',
            5,
            "is a coroutine, which would be created and never run; make it a plain function",
        ),
        (
            '@claim\nclass One:\n    """One."""\n    assert One\n',
            5,
            "is a class; a claim is a function",
        ),
        (
            '@claim(1)\ndef one():\n    """One."""\n    assert one\n',
            5,
            "takes `refuted_by=[...]`, `rival=...` and `timeout=120`, and nothing else",
        ),
        (
            '@claim\ndef one():\n    """One."""\n    assert one\n    yield\n',
            5,
            "yields, so its body would never run; make it a plain function",
        ),
        (
            (
                'class Group:\n    @claim\n    def one(self):\n        """One."""\n'
                "        assert self\n"
            ),
            6,
            "is nested in another function or class; move it to the module's top level",
        ),
        (
            'if torch:\n    @claim\n    def one():\n        """One."""\n        assert one\n',
            6,
            "is nested in another function or class; move it to the module's top level",
        ),
    ],
    ids=[
        "empty",
        "prints",
        "asserts a constant",
        "asserts a tuple",
        "asserts a text",
        "no docstring",
        "blank docstring",
        "comment for a docstring",
        "coroutine",
        "class",
        "other arguments",
        "generator",
        "method",
        "under a condition",
    ],
)
def test_what_cannot_be_a_claim_is_refused_with_the_reason(
    text: str, line: int, wrong: str
) -> None:
    name = "One" if "class One" in text else "one"

    assert ([], [Problem(PATH, line, f"claim '{name}' {wrong}")]) == read_claims(HEAD + text, PATH)


@pytest.mark.parametrize(
    "body",
    [
        "assert one",
        "if one:\n        assert one",
        "with pytest.raises(ValueError):\n        one()",
        "with pytest.warns(UserWarning):\n        one()",
        "pytest.raises(ValueError, one)",
        "try:\n        one()\n    except ValueError:\n        pytest.fail('no')",
        "torch.testing.assert_close(1, 1)",
        "assert_allclose(1, 1)",
        "def inner():\n        assert one\n    inner()",
        "[x for x in one]\n    assert (yielded := [1])",
        "each = (1 for _ in ())\n    assert each",
        "run = lambda: (yield)\n    assert run",
    ],
    ids=[
        "assert",
        "nested",
        "raises",
        "warns",
        "raises with a call",
        "fail",
        "torch.testing",
        "numpy",
        "inner function that is called",
        "comprehension",
        "generator expression",
        "a generator inside",
    ],
)
def test_what_can_fail_is_a_claim(body: str) -> None:
    text = f'{HEAD}@claim\ndef one():\n    """One."""\n    {body}\n'

    claims, problems = read_claims(text, PATH)

    assert [("one", "One.", 5)] == [(found.id, found.statement, found.line) for found in claims]
    assert [] == problems


def test_one_wrong_claim_hides_no_other() -> None:
    text = (
        f'{HEAD}@claim\ndef one():\n    """One."""\n\n\n'
        '@claim\ndef two():\n    """Two."""\n    assert two\n\n\n'
        "@claim\ndef three():\n    assert three\n"
    )

    claims, problems = read_claims(text, PATH)

    assert ["two"] == [found.id for found in claims]
    assert [
        Problem(PATH, 5, f"claim 'one' {NOTHING}"),
        Problem(PATH, 16, f"claim 'three' {NO_STATEMENT}"),
    ] == problems


@pytest.mark.parametrize(
    "vain", ["assert True", 'assert "text"', 'assert (one == 1, "why")', "assert 1, one"]
)
def test_an_assertion_that_is_always_true_is_refused_beside_others(vain: str) -> None:
    text = (
        f'{HEAD}@claim\ndef one():\n    """One."""\n    assert one\n    if one:\n        {vain}\n'
    )

    claims, problems = read_claims(text, PATH)

    wrong = (
        "asserts on line 9 what is always true, so it could not fail there; let it assert what can "
        "be false, or remove the line"
    )
    assert ([], [Problem(PATH, 5, f"claim 'one' {wrong}")]) == (claims, problems)


@pytest.mark.parametrize("false", ["assert False", "assert 0, one", "assert ()"])
def test_an_assertion_that_never_holds_may_stand_where_nobody_should_come(false: str) -> None:
    text = f'{HEAD}@claim\ndef one():\n    """One."""\n    if one:\n        {false}\n'

    (claim,), problems = read_claims(text, PATH)

    assert [] == problems
    assert [8] == [each.line for each in claim.asserted]


def test_a_decorator_that_is_not_imported_is_told_once_for_its_module() -> None:
    one = '@claim\ndef {}():\n    """One."""\n    assert x\n\n\n'

    claims, problems = read_claims("\n" + one.format("a") + one.format("b"), PATH)

    message = "@claim is not imported; add 'from mkdocs_claims import claim'"
    assert ([], [Problem(PATH, 3, message)]) == (claims, problems)
    assert ("a", "b") == problems[0].hides


def test_a_module_that_is_no_python_is_named_with_its_line() -> None:
    expected = [Problem(PATH, 2, "cannot be read as Python: invalid syntax")]

    assert ([], expected) == read_claims("x = 1\nx = = 2\n", PATH)


@pytest.mark.parametrize("text", ["", "x = 1\n", 'def one():\n    """One."""\n    assert one\n'])
def test_a_module_without_claims_has_none(text: str) -> None:
    assert ([], []) == read_claims(text, PATH)


def test_a_form_feed_between_checks_shifts_no_line() -> None:
    """Some authors part a module's sections by it, and Python counts no line for it."""
    text = f'{HEAD}\x0c\n@claim\ndef one():\n    """One."""\n    assert one\n'

    claims, _ = read_claims(text, PATH)

    assert [(6, "def one():\n    assert one")] == [(found.line, found.code) for found in claims]


def test_the_decorator_leaves_the_function_as_it_is() -> None:
    def check() -> int:
        return 3

    assert claim(check) is check


def test_what_refutes_a_claim_is_read_from_its_decorator() -> None:
    text = (
        f"{HEAD}from verify import counterfactuals as c\nfrom verify.counterfactuals import e\n\n"
        "@claim(refuted_by=[c.d, e], rival=lambda x: -x, timeout=2.5)\n"
        'def one(f=abs):\n    """One."""\n    assert f(1)\n'
    )

    (found,), problems = read_claims(text, PATH)

    assert [] == problems
    assert (("d", "e"), "lambda x: -x", 2.5) == (found.refuted_by, found.rival, found.timeout)
    assert (7, 10) == found.lines


@pytest.mark.parametrize(
    ("mark", "head", "wrong"),
    [
        (
            "refuted_by=c.d",
            "",
            (
                "has a `refuted_by` that cannot be read; write a list of the functions themselves, "
                "as in `refuted_by=[counterfactuals.eval_does_nothing]`"
            ),
        ),
        (
            "refuted_by=['d']",
            "",
            (
                "has a `refuted_by` that cannot be read; write a list of the functions themselves, "
                "as in `refuted_by=[counterfactuals.eval_does_nothing]`"
            ),
        ),
        ("refuted_by=[c.d, e, c.d]", "", "names 'd' twice in its `refuted_by`; leave one out"),
        (
            "rival=[abs]",
            "f=abs",
            "has a rival that is no function; write `rival=lambda ...: ...` or its name",
        ),
        (
            "timeout=-1",
            "",
            "has a timeout that cannot be read; write seconds, as in `timeout=120`",
        ),
        (
            "refuted=[c.d]",
            "",
            "takes `refuted_by=[...]`, `rival=...` and `timeout=120`, and nothing else",
        ),
        (
            "rival=abs",
            "",
            (
                "has a rival, and must take what the rival stands in for as its one parameter with "
                "a default, as in `def one(piece=lambda x: ...)`"
            ),
        ),
        (
            "rival=abs",
            "f=abs, *, g=abs",
            (
                "has a rival, and must take what the rival stands in for as its one parameter with "
                "a default, as in `def one(piece=lambda x: ...)`"
            ),
        ),
    ],
)
def test_a_decorator_that_cannot_be_read_is_refused(mark: str, head: str, wrong: str) -> None:
    text = f'{HEAD}@claim({mark})\ndef one({head}):\n    """One."""\n    assert one\n'

    assert ([], [Problem(PATH, 5, f"claim 'one' {wrong}")]) == read_claims(text, PATH)


def test_the_decorator_hands_its_function_on_with_the_rival() -> None:
    def check() -> None: ...

    assert claim(rival=abs)(check) is check
    assert abs is getattr(check, RIVAL)
    assert claim(refuted_by=[abs], timeout=1)(check) is check
