"""Fractions that are other than the real ones."""

import math
from fractions import Fraction

from mkdocs_claims import Change, counterfactual


@counterfactual
def sums_are_rounded(change: Change) -> None:
    """A sum of fractions is rounded to a whole number."""
    change.method(Fraction, "__add__", lambda original, one, other: round(original(one, other)))


@counterfactual
def nothing_is_reduced(change: Change) -> None:
    """A fraction keeps the numbers that it is made of."""
    change.method(Fraction, "__new__", _unreduced)


def _unreduced(original, kind, numerator=0, denominator=None, **options):
    made = original(kind, numerator, denominator, **options)
    if denominator:
        made._numerator, made._denominator = numerator, denominator
    return made


@counterfactual
def division_by_zero_is_infinite(change: Change) -> None:
    """A fraction divided by zero is infinite."""

    def divide(original, one, other):
        return original(one, other) if other else math.inf

    change.method(Fraction, "__truediv__", divide)
