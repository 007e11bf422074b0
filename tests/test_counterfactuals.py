"""A counterfactual changes what it says for everyone, counts its uses, and its own faults show."""

import types
from pathlib import Path

import pytest

from mkdocs_claims.counterfactuals import Change, Counterfactual, read_counterfactuals
from mkdocs_claims.problems import Problem

PATH = "verify/counterfactuals.py"


class Till:
    """Something that can be changed."""

    def __init__(self) -> None:
        self.sum = 0

    def add(self, amount: int, times: int = 1) -> int:
        """Add an amount."""
        self.sum += amount * times
        return self.sum


def doubled(amount: int, *, plus: int = 0) -> int:
    """Something that can be changed, under several names."""
    return 2 * amount + plus


@pytest.fixture
def till() -> type[Till]:
    """A class of this test's own."""
    return types.new_class("OwnTill", (Till,))


def test_a_method_is_changed_for_objects_that_are_there_and_each_use_counts(
    till: type[Till],
) -> None:
    before = till()
    change = Change()

    change.method(till, "add", lambda original, own, amount, **more: -original(own, amount, **more))

    assert (0, -6) == (change.uses, before.add(2, times=3))
    assert (-8, 2) == (till.add(before, 2), change.uses)
    assert 3 == Till().add(3), "its base is as it was"


def test_a_method_that_is_not_there_is_no_method(till: type[Till]) -> None:
    with pytest.raises(AttributeError, match="take"):
        Change().method(till, "take", lambda original: original)


def test_a_function_is_changed_under_every_name() -> None:
    own = types.FunctionType(doubled.__code__, globals(), "own", doubled.__defaults__)
    own.__kwdefaults__ = doubled.__kwdefaults__
    alias = {"elsewhere": own}
    change = Change()

    change.function(own, lambda original, *args, **more: original(*args, **more) + 1)

    assert (5, 8, 2) == (own(2), alias["elsewhere"](2, plus=3), change.uses)
    assert 4 == doubled(2)


def test_what_has_no_code_to_exchange_says_so() -> None:
    held = 1

    def closure() -> int:
        return held

    with pytest.raises(ValueError, match=r"closure' is a closure; change what it calls"):
        Change().function(closure, lambda original: original())
    with pytest.raises(ValueError, match=r"^'len' is no function of Python; change it where it is"):
        Change().function(len, lambda original, of: original(of))


def test_a_fault_of_the_changing_code_is_told_even_if_it_is_caught(till: type[Till]) -> None:
    change = Change()
    change.method(till, "add", lambda original, own, amount: original(own, amount.nothing))

    with pytest.raises(AttributeError):
        till().add(1)

    assert "AttributeError: 'int' object has no attribute 'nothing'" == change.crash


def test_what_the_original_raises_is_no_fault_of_the_changing_code(till: type[Till]) -> None:
    change = Change()
    change.method(till, "add", lambda original, own, amount: original(own, [amount]))

    with pytest.raises(TypeError):
        till().add(1)

    assert "" == change.crash


def test_calling_the_original_wrongly_is_a_fault_of_the_changing_code(till: type[Till]) -> None:
    change = Change()
    change.method(till, "add", lambda original, own, amount: original(own, amount, amount, amount))

    with pytest.raises(TypeError):
        till().add(1)

    assert change.crash.startswith("TypeError: Till.add() takes from 2 to 3 positional arguments")


def test_what_is_raised_deeper_is_no_fault_of_the_changing_code(till: type[Till]) -> None:
    change = Change()
    change.method(till, "add", lambda _, _own, amount: Path(amount).read_text("utf-8"))

    with pytest.raises(FileNotFoundError):
        till().add("nowhere")  # type: ignore[arg-type]

    assert "" == change.crash


HEAD = "from mkdocs_claims import Change, counterfactual\n\n\n"


def test_counterfactuals_are_read_whole() -> None:
    text = f'''{HEAD}@counterfactual
def sums_are_rounded(change: Change) -> None:
    """A sum is
    rounded."""
    change.method(int, "a", None)


def helper():
    pass
'''
    assert (
        [Counterfactual("sums_are_rounded", "A sum is rounded.", PATH, 5, (4, 8))],
        [],
    ) == read_counterfactuals(text, PATH)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('class a:\n    """A."""\n', "must be a plain function"),
        ('async def a(change):\n    """A."""\n', "must be a plain function"),
        (
            'def a():\n    """A."""\n',
            "takes the change and nothing else; write `def a(change: Change) -> None`",
        ),
        (
            'def a(change, more):\n    """A."""\n',
            "takes the change and nothing else; write `def a(change: Change) -> None`",
        ),
        (
            "def a(change):\n    pass\n",
            ("does not say what it changes; write it as the function's docstring, in one sentence"),
        ),
    ],
)
def test_what_cannot_be_a_counterfactual_is_refused(text: str, wrong: str) -> None:
    found, problems = read_counterfactuals(f"{HEAD}@counterfactual\n{text}", PATH)

    assert ([], [Problem(PATH, 5, f"counterfactual 'a' {wrong}")]) == (found, problems)


def test_a_mark_with_arguments_and_a_nested_one_are_refused() -> None:
    called = f'{HEAD}@counterfactual()\ndef a(change):\n    """A."""\n'
    nested = f'{HEAD}def f():\n    @counterfactual\n    def a(change):\n        """A."""\n'

    assert [
        Problem(PATH, 5, "counterfactual 'a' takes no arguments; write `@counterfactual`")
    ] == read_counterfactuals(called, PATH)[1]
    assert [
        Problem(
            PATH,
            6,
            "counterfactual 'a' is nested in another function or class; move it to the module's "
            "top level",
        )
    ] == read_counterfactuals(nested, PATH)[1]


def test_a_module_that_is_no_python_has_none() -> None:
    assert ([], []) == read_counterfactuals("@counterfactual\ndef (", PATH)
