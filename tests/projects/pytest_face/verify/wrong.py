"""Claims that do not hold, each for another reason."""

from decimal import Decimal

import pytest

from mkdocs_claims import claim


@claim
def wrong_sum() -> None:
    """One tenth and two tenths are four tenths."""
    total = Decimal("0.1") + Decimal("0.2")

    assert total == Decimal("0.4")


@claim
def nothing_raised() -> None:
    """A sum raises."""
    with pytest.raises(ArithmeticError):
        Decimal(1) + Decimal(1)


@claim
def wrong_number() -> None:
    """A word is a number."""
    assert int("one") == 1


@claim
def not_here() -> None:
    """Something else than the package is needed."""
    pytest.skip("no such device")
    assert Decimal(1) == 1


@claim
def second_share(share: Decimal) -> None:
    """Each share is a half."""
    assert share == Decimal("0.5")
