"""What an exception means: the package's fault is `fails`, the check's own is `error`.

It is as long as a list of cases is: each stands by itself.
"""

import sys
from pathlib import Path

import pytest

from mkdocs_claims.evidence import Verdict
from mkdocs_claims.execution import execute
from mkdocs_claims.verdicts import Finding, MismatchError, find

FAILS, ERROR = Verdict.FAILS, Verdict.ERROR


def _judge(code: str, file: Path, package: str) -> Finding:
    """Run code as the text of a file, and judge what comes out of it."""
    file.write_text(code, encoding="utf-8")
    try:
        execute(code, file, 1, {"__name__": file.stem})
    except BaseException as error:  # noqa: BLE001  # what a check raises may be anything
        return find(error, str(file), package)
    pytest.fail("nothing was raised")


DECIMAL = "import decimal\nfrom decimal import Decimal\nimport pytest\nthird = Decimal(1) / 3\n"


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        pytest.param(
            "assert third == 1",
            Finding(
                FAILS,
                "assert third == 1",
                "assert Decimal('0.3333333333333333333333333333') == 1",
                5,
            ),
            id="assertion",
        ),
        pytest.param(
            "assert third == 1, f'one is {third:.2}'",
            Finding(
                FAILS,
                "assert third == 1, f'one is {third:.2}'",
                "one is 0.33\nassert Decimal('0.3333333333333333333333333333') == 1",
                5,
            ),
            id="assertion with a message",
        ),
        pytest.param(
            "raise AssertionError",
            Finding(FAILS, "raise AssertionError", "AssertionError", 5),
            id="assertion without a text",
        ),
        pytest.param(
            "def helper():\n    assert not third\n\nhelper()",
            Finding(
                FAILS,
                "assert not third",
                "assert not Decimal('0.3333333333333333333333333333')",
                6,
            ),
            id="assertion in a helper",
        ),
        pytest.param(
            "pytest.fail('it is not so')",
            Finding(FAILS, "pytest.fail('it is not so')", "it is not so", 5),
            id="pytest.fail",
        ),
        pytest.param(
            "with pytest.raises(ZeroDivisionError):\n    third / 1",
            Finding(
                FAILS,
                "with pytest.raises(ZeroDivisionError):",
                "DID NOT RAISE ZeroDivisionError",
                5,
            ),
            id="nothing raised",
        ),
        pytest.param(
            "with pytest.raises(ValueError):\n    third / 0",
            Finding(
                FAILS,
                "`third / 0` to run",
                "decimal.DivisionByZero: [<class 'decimal.DivisionByZero'>]",
                6,
            ),
            id="another raised",
        ),
        pytest.param(
            "Decimal('x')",
            Finding(
                FAILS,
                "`Decimal('x')` to run",
                "decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]",
                5,
            ),
            id="raised in C by a class",
        ),
        pytest.param(
            "decimal.Decimal('x')",
            Finding(
                FAILS,
                "`decimal.Decimal('x')` to run",
                "decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]",
                5,
            ),
            id="raised in C by a module's class",
        ),
        pytest.param(
            "third.sqrt().quantize(Decimal('1e-99'))",
            Finding(
                FAILS,
                "`third.sqrt().quantize(Decimal('1e-99'))` to run",
                "decimal.InvalidOperation: [<class 'decimal.InvalidOperation'>]",
                5,
            ),
            id="raised in C by a method",
        ),
        pytest.param(
            "int(Decimal('NaN'))",
            Finding(
                FAILS,
                "`int(Decimal('NaN'))` to run",
                "ValueError: cannot convert NaN to integer",
                5,
            ),
            id="raised in C for Python's own function",
        ),
        pytest.param(
            "undefined",
            Finding(ERROR, "`undefined` to run", "NameError: name 'undefined' is not defined", 5),
            id="wrong name",
        ),
        pytest.param(
            "import no_such_module",
            Finding(
                ERROR,
                "`import no_such_module` to run",
                "ModuleNotFoundError: No module named 'no_such_module'",
                5,
            ),
            id="missing import",
        ),
        pytest.param(
            "decimal.nope",
            Finding(
                ERROR,
                "`decimal.nope` to run",
                "AttributeError: module 'decimal' has no attribute 'nope'",
                5,
            ),
            id="name that the package does not have",
        ),
        pytest.param(
            "third.nope()",
            Finding(
                ERROR,
                "`third.nope()` to run",
                "AttributeError: 'decimal.Decimal' object has no attribute 'nope'",
                5,
            ),
            id="method that it does not have",
        ),
        pytest.param(
            "{}['key']",
            Finding(ERROR, "`{}['key']` to run", "KeyError: 'key'", 5),
            id="own exception",
        ),
        pytest.param(
            "raise decimal.DivisionByZero('mine')",
            Finding(
                ERROR,
                "`raise decimal.DivisionByZero('mine')` to run",
                "decimal.DivisionByZero: mine",
                5,
            ),
            id="the package's exception, raised by the check",
        ),
        pytest.param(
            "raise SystemExit(3)",
            Finding(ERROR, "`raise SystemExit(3)` to run", "SystemExit: 3", 5),
            id="exit",
        ),
        pytest.param(
            "def deeper():\n    deeper()\ndeeper()",
            Finding(
                ERROR,
                "`deeper()` to run",
                "RecursionError: maximum recursion depth exceeded",
                6,
            ),
            id="endless recursion",
        ),
    ],
)
def test_what_a_check_raises_is_judged_with_its_place(
    code: str, finding: Finding, tmp_path: Path
) -> None:
    assert finding == _judge(f"{DECIMAL}{code}\n", tmp_path / "check.py", "decimal")


def test_a_syntax_error_is_the_check_s_own_with_its_line(tmp_path: Path) -> None:
    finding = _judge("x = 1\n\nx = = 2\n", tmp_path / "check.py", "decimal")

    assert Finding(ERROR, "it to run", "SyntaxError: invalid syntax", 3) == finding


def test_a_syntax_error_elsewhere_has_the_line_that_reached_it(tmp_path: Path) -> None:
    other = tmp_path / "broken_elsewhere.py"
    other.write_text("x = = 2\n", encoding="utf-8")
    code = f"import runpy\n\nrunpy.run_path({str(other)!r})\n"

    finding = _judge(code, tmp_path / "check.py", "decimal")

    seen = "SyntaxError: invalid syntax"
    assert Finding(ERROR, f"`runpy.run_path({str(other)!r})` to run", seen, 3) == finding


@pytest.mark.parametrize(
    ("package", "verdict"),
    [("fractions", FAILS), ("decimal", ERROR), ("", ERROR), ("fraction", ERROR)],
    ids=["under test", "another", "none", "a part of its name"],
)
def test_only_the_package_under_test_fails_a_check(
    package: str, verdict: Verdict, tmp_path: Path
) -> None:
    """Fractions are written in Python: the innermost frame is theirs."""
    code = "from fractions import Fraction\n\nFraction('x')\n"

    expected = Finding(
        verdict,
        "`Fraction('x')` to run",
        "ValueError: Invalid literal for Fraction: 'x'",
        3,
    )
    assert expected == _judge(code, tmp_path / "check.py", package)


def test_a_module_inside_the_package_is_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "under_test"
    inner.mkdir()
    (inner / "__init__.py").write_text("", encoding="utf-8")
    (inner / "deep.py").write_text("def call():\n    raise KeyError('deep')\n", encoding="utf-8")
    (tmp_path / "under_test_too.py").write_text(
        "def call():\n    raise KeyError('other')\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)

    found = [
        _judge(f"from {name} import call\ncall()\n", tmp_path / "check.py", "under_test")
        for name in ("under_test.deep", "under_test_too")
    ]
    for name in ("under_test.deep", "under_test", "under_test_too"):
        sys.modules.pop(name)

    assert [
        Finding(FAILS, "`call()` to run", "KeyError: 'deep'", 2),
        Finding(ERROR, "`call()` to run", "KeyError: 'other'", 2),
    ] == found


def test_a_mismatch_says_both_sides_itself(tmp_path: Path) -> None:
    code = (
        "from mkdocs_claims.verdicts import MismatchError\n"
        "raise MismatchError('ValueError: no', 'nothing was raised')\n"
    )

    finding = _judge(code, tmp_path / "check.py", "decimal")

    assert Finding(FAILS, "ValueError: no", "nothing was raised", 2) == finding
    assert "expected a, seen: b" == str(MismatchError("a", "b"))


def test_an_address_in_memory_is_left_out_as_it_differs_from_run_to_run(tmp_path: Path) -> None:
    code = "class Count:\n    def of(self): return 2\nassert Count().of() == 3"

    finding = _judge(code, tmp_path / "check.py", "decimal")

    assert finding.seen == (
        "assert 2 == 3\n"
        " +  where 2 = of()\n"
        " +    where of = <check.Count object at 0x…>.of\n"
        " +      where <check.Count object at 0x…> = <class 'check.Count'>()"
    )


def test_a_long_text_is_cut_and_its_length_said(tmp_path: Path) -> None:
    finding = _judge("raise ValueError('x' * 5000)\n", tmp_path / "check.py", "decimal")

    assert f"ValueError: {'x' * 1988}… (5012 characters)" == finding.seen


def test_the_text_that_was_run_counts_where_it_differs_from_the_file(tmp_path: Path) -> None:
    """An example's lines are those of its page, and the page is Markdown."""
    page = tmp_path / "page.md"
    page.write_text("> ```python\n> from decimal import Decimal\n> Decimal('x')\n> ```\n")
    body = "from decimal import Decimal\nDecimal('x')\n"

    with pytest.raises(ArithmeticError) as raised:
        execute(body, page, 2, {})
    finding = find(raised.value, str(page), "decimal", ["\n", *body.splitlines(keepends=True)])

    seen = "decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]"
    assert Finding(FAILS, "`Decimal('x')` to run", seen, 3) == finding


def test_an_exception_that_never_reached_the_file_has_no_line() -> None:
    finding = find(ValueError("lost"), "check.py", "decimal")

    assert Finding(ERROR, "it to run", "ValueError: lost", 0) == finding


def test_a_statement_of_several_lines_is_told_whole(tmp_path: Path) -> None:
    code = "def check():\n    assert [\n        1,\n    ] == []\n\ncheck()\n"

    finding = _judge(code, tmp_path / "check.py", "")

    assert "assert [\n    1,\n] == []" == finding.expected
    assert finding.line == 2


def test_of_a_statement_that_holds_others_only_the_line_is_told(tmp_path: Path) -> None:
    code = "import pytest\nwith pytest.raises(\n    KeyError\n):\n    pass\n"

    finding = _judge(code, tmp_path / "check.py", "")

    assert "with pytest.raises(" == finding.expected
