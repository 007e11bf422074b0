"""A fixture of the sample project."""

from decimal import Decimal

import pytest


@pytest.fixture
def long_number() -> Decimal:
    """Return a number of twenty digits."""
    return Decimal("1.2345678901234567890")
