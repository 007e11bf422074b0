"""Claims about division."""

from decimal import Decimal, DivisionByZero

import pytest

from mkdocs_claims import claim


@claim
def division_by_zero_raises() -> None:
    """A division by zero raises."""
    with pytest.raises(DivisionByZero):
        Decimal(1) / 0
