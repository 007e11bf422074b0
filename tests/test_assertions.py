"""What a check asserts is read from its text, and each of it is tried where its claim is false."""

import ast
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import FunctionType

import pytest

from mkdocs_claims.assertions import Asserted, asserted_by
from mkdocs_claims.going_on import go_on_past


def asserted(body: str) -> list[tuple[int, str]]:
    """Return the lines and the words of what a check with this body asserts."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    function = ast.parse(f"def check():\n{lines}").body[0]
    assert isinstance(function, ast.FunctionDef)
    return [(each.line, each.code) for each in asserted_by(function)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("assert x == 1, 'why'", [(2, "assert x == 1, 'why'")]),
        ("assert (\n    x\n    == 1\n)", [(2, "assert x == 1")]),
        (
            "with pytest.raises(ValueError):\n    f()\n    assert x",
            [(2, "with pytest.raises(ValueError):"), (4, "assert x")],
        ),
        (
            "with a(), pytest.warns(UserWarning) as w:\n    f()",
            [(2, "with a(), pytest.warns(UserWarning) as w:")],
        ),
        (
            "caught = pytest.raises(ValueError, int, 'x')",
            [(2, "caught = pytest.raises(ValueError, int, 'x')")],
        ),
        ("torch.testing.assert_close(x, y)", [(2, "torch.testing.assert_close(x, y)")]),
        (
            "for x in y:\n    if x:\n        assert x\n    else:\n        pytest.fail()",
            [(4, "assert x"), (6, "pytest.fail()")],
        ),
        (
            "try:\n    f()\nexcept E:\n    assert a\nelse:\n    assert b\nfinally:\n    assert c",
            [(7, "assert b"), (9, "assert c"), (5, "assert a")],
        ),
        ("match x:\n    case 1:\n        assert y", [(4, "assert y")]),
        ("def inner():\n    assert x\nclass A:\n    assert x\ninner()", []),
        ("assert True\nassert (x, 'always')\nwith a():\n    f()", []),
    ],
)
def test_a_check_s_own_assertions_are_found(body: str, expected: list[tuple[int, str]]) -> None:
    assert expected == asserted(body)


def test_what_was_never_tried_is_not_refuted() -> None:
    assert Asserted(2, "assert x", is_refuted=False, fails_in=()) == Asserted(2, "assert x")


HEAD = "import pytest\n\n\n"
Failed = Callable[[str], tuple[list[tuple[int, str]], str]]


@pytest.fixture
def failed(tmp_path: Path) -> Failed:
    """Return what runs a check past its failures: their lines and words, and what ended it."""

    def run(text: str) -> tuple[list[tuple[int, str]], str]:
        file = tmp_path / "check.py"
        file.write_text(HEAD + text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("check", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found: list[tuple[int, str]] = []

        def tell(line: int, error: BaseException) -> None:
            found.append((line, str(error).partition("\n")[0]))

        assert isinstance(module.check, FunctionType)
        go_on_past(module.check, tell)
        try:
            module.check()
        except Exception as error:  # noqa: BLE001  # whatever ended the check
            return found, f"{type(error).__name__}: {error}"
        return found, ""

    return run


def test_a_check_goes_on_past_what_fails(failed: Failed) -> None:
    text = (
        "def check(one=1):\n    assert one == 2\n    assert one == 1\n"
        "    with pytest.raises(ValueError):\n        assert one == 3\n"
        "    for each in (4, 5):\n        assert one == each\n    raise KeyError(one)\n"
    )

    assert (
        [
            (5, "assert 1 == 2"),
            (8, "assert 1 == 3"),
            (7, "DID NOT RAISE ValueError"),
            (10, "assert 1 == 4"),
            (10, "assert 1 == 5"),
        ],
        "KeyError: 1",
    ) == failed(text)


def test_a_call_that_asserts_is_gone_past(failed: Failed) -> None:
    text = (
        "def assert_small(x):\n    assert x < 1, f'{x} is large'\n\n\n"
        "def check():\n    assert_small(2)\n    assert_small(0)\n    pytest.fail('no')\n"
    )

    assert ([(9, "2 is large"), (11, "no")], "") == failed(text)


def test_what_an_inner_function_asserts_is_raised_to_whoever_called_it(failed: Failed) -> None:
    text = (
        "def check():\n    def inner():\n        assert 1 == 2, 'inner'\n\n"
        "    with pytest.raises(AssertionError, match='^inner'):\n        inner()\n"
        "    assert 1 == 3, 'own'\n"
    )

    assert ([(10, "own")], "") == failed(text)


def test_reading_what_a_failure_left_empty_is_no_failure_of_its_own(failed: Failed) -> None:
    text = (
        "def check():\n    with pytest.raises(ValueError) as caught:\n        int('1')\n"
        "    assert str(caught.value) == 'no'\n    assert 1 == 2, 'not reached'\n"
    )

    found, ended = failed(text)

    assert [(5, "DID NOT RAISE ValueError")] == found
    assert ended.startswith("AssertionError: .value can only be used after the context")


@pytest.mark.parametrize(
    "text",
    [
        (
            "import functools\n\n\ndef wrapped(f):\n    @functools.wraps(f)\n    def other():\n"
            "        return f()\n    return other\n\n\n"
            "@wrapped\ndef check():\n    assert 1 == 2, 'own'\n    assert 1 == 3, 'second'\n"
        ),
        "exec(\"def check():\\n    assert 1 == 2, 'own'\\n\")\n",
        "def raises():\n    raise AssertionError('own')\n\n\ncheck = lambda: raises()\n",
    ],
    ids=["wrapped", "without a text", "a lambda"],
)
def test_what_is_not_as_its_file_has_it_stays_as_it_is(failed: Failed, text: str) -> None:
    assert ([], "own") == (failed(text)[0], failed(text)[1].rpartition(": ")[2])
