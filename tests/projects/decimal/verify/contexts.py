"""Claims about `decimal.Context`."""

from decimal import Decimal, getcontext, localcontext

from mkdocs_claims import claim


@claim
def precision_bounds_results_not_operands(long_number: Decimal) -> None:
    """The precision bounds the digits of a result, not those of a number that is made."""
    result = +long_number

    assert len(long_number.as_tuple().digits) == 20
    assert len(result.as_tuple().digits) == 12
    print("result:", result)


@claim
def local_context_ends_with_its_block() -> None:
    """After a `localcontext` block the precision from before is in force again."""
    before = getcontext().prec

    with localcontext(prec=3):
        inside = getcontext().prec

    assert inside == 3
    assert getcontext().prec == before
