"""A mean that moves."""

# --8<-- [start:setup]
from decimal import Decimal

weight = Decimal(3)
# --8<-- [end:setup]


def update(weight: Decimal) -> Decimal:
    """Move it."""
    # --8<-- [start:update]
    for value in (1, 2):
        # --8<-- [start:inner]
        weight += value
        # --8<-- [end:inner]
        weight -= 1
    # --8<-- [end:update]
    return weight


# --8<-- [start:empty]
# --8<-- [end:empty]
assert update(weight) == 4
