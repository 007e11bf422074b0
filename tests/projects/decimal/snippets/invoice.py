"""The total of an invoice, to the cent."""

from decimal import ROUND_HALF_UP, Decimal


# --8<-- [start:total]
def total(prices: list[Decimal], tax: Decimal) -> Decimal:
    """Return the sum of prices with tax, to the cent."""
    return (sum(prices, Decimal(0)) * (1 + tax)).quantize(Decimal("0.01"), ROUND_HALF_UP)


# --8<-- [end:total]


def main() -> None:
    """Add an invoice up."""
    amount = total([Decimal("9.99"), Decimal("0.05")], Decimal("0.07"))
    assert amount == Decimal("10.74")
    print("to pay:", amount)


if __name__ == "__main__":
    main()
