"""What each process calls before it runs a file: results have twelve digits."""

import decimal


def prepare() -> None:
    """Put a context of twelve digits in force."""
    decimal.setcontext(decimal.Context(prec=12))
