"""A sum."""

from decimal import Decimal

# --8<-- [start:sum]
total = sum([Decimal("0.1")] * 10)
# --8<-- [end:sum]
assert total == 1
