"""Claims about arithmetic with `fractions.Fraction`."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from mkdocs_claims import claim
from verify import counterfactuals


@claim(refuted_by=[counterfactuals.sums_are_rounded])
def thirds_add_up() -> None:
    """Two thirds of one are two thirds, exactly."""
    third = Fraction(1, 3)

    assert third + third == Fraction(2, 3)


@claim(refuted_by=[counterfactuals.nothing_is_reduced])
def fractions_are_in_lowest_terms() -> None:
    """A fraction is kept in lowest terms."""
    half = Fraction(2, 4)

    assert (half.numerator, half.denominator) == (1, 2)


@claim(rival=lambda number: int(number + Fraction(1, 2)))
def half_is_rounded_to_even(rounded: Callable[[Fraction], int] = round) -> None:
    """Rounding a half goes to the even number."""
    assert [rounded(Fraction(number, 2)) for number in (1, 3)] == [0, 2]


@claim(refuted_by=[counterfactuals.division_by_zero_is_infinite])
def division_by_zero_raises() -> None:
    """A fraction divided by zero raises a `ZeroDivisionError`."""
    with pytest.raises(ZeroDivisionError):
        Fraction(1, 2) / 0
