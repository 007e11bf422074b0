"""What sums of decimals are."""

from decimal import Decimal

from mkdocs_claims import claim


@claim
def tenths_add_up() -> None:
    """Ten tenths are one."""
    assert sum([Decimal("0.1")] * 10) == 1


@claim
def thirds_do_not() -> None:
    """Three thirds are not one."""
    assert sum([Decimal(1) / 3] * 3) != 1
