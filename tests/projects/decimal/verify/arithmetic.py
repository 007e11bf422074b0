"""Claims about arithmetic with `decimal.Decimal`."""

from decimal import Decimal, DivisionByZero

import pytest

from mkdocs_claims import claim


@claim
def sum_of_tenths_is_exact() -> None:
    """`Decimal("0.1") + Decimal("0.2")` is exactly `Decimal("0.3")`."""
    total = Decimal("0.1") + Decimal("0.2")

    assert total == Decimal("0.3")
    print("total:", total)


@claim
def division_by_zero_raises() -> None:
    """A number divided by zero raises `DivisionByZero`."""
    with pytest.raises(DivisionByZero):
        Decimal(1) / Decimal(0)
