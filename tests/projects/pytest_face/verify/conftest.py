"""Fixtures: an ordinary one, one with parameters, and one that is torn down."""

from collections.abc import Iterator
from decimal import Context, Decimal, localcontext
from pathlib import Path

import pytest


@pytest.fixture
def third() -> Decimal:
    """Return one third."""
    return Decimal(1) / Decimal(3)


@pytest.fixture(params=["0.5", "0.25"])
def share(request: pytest.FixtureRequest) -> Decimal:
    """Return one number after the other."""
    return Decimal(request.param)


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Put a context of three digits in force, and note that it ends."""
    with localcontext(prec=3) as context:
        yield context
    Path(tmp_path_factory.getbasetemp(), "torn-down").touch()
