"""What rounding does."""

from decimal import Decimal

import pytest

from mkdocs_claims import claim


@claim
def half_goes_to_the_even_digit() -> None:
    """Rounding a half goes to the even digit."""
    rounded = round(Decimal("2.5"))

    assert rounded == 2


@pytest.mark.filterwarnings("error")
@claim
def nan_cannot_be_rounded(
    digits: tuple[int, ...] = (1, 2),
) -> None:
    """A NaN cannot be rounded to an integer,
    whatever the context says.
    """  # noqa: D205  # on two lines, as some authors write
    for _ in digits:
        with pytest.raises(ValueError, match="NaN"):
            round(Decimal("NaN"))


@claim
@pytest.mark.parametrize("x", [1])
def a(x: int) -> None:
    """One."""
    helper()
    assert x == 1


def helper() -> None:
    """Make no claim."""
    assert Decimal(1) == 1
