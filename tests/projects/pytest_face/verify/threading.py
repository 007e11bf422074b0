"""Claims about threads, in a module that has the name of one of the standard library's."""

from decimal import Decimal, getcontext
from threading import Thread

from mkdocs_claims import claim


@claim
def a_thread_has_a_context_of_its_own() -> None:
    """A thread that changes its context's precision leaves that of others alone."""
    before = getcontext().prec

    thread = Thread(target=lambda: setattr(getcontext(), "prec", 2))
    thread.start()
    thread.join()

    assert getcontext().prec == before
    assert +Decimal("1.234") == Decimal("1.234")
