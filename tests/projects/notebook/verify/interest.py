"""Claims about interest."""

from decimal import Decimal

from mkdocs_claims import claim


@claim
def interest_is_exact() -> None:
    """Five percent of two hundred are ten."""
    assert Decimal("0.05") * 200 == 10
