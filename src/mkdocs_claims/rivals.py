"""A rival: other code, for which a check must fail, in the place of its decisive piece."""

from collections.abc import Callable
from typing import Any

from mkdocs_claims.claims import RIVAL
from mkdocs_claims.counterfactuals import Change

__all__ = ["put_rival"]


def put_rival(check: Any, change: Change) -> None:  # noqa: ANN401  # any function
    """Make the rival of a check the default of its one parameter that has one."""
    rival: Callable[..., object] = getattr(check, RIVAL)
    defaults = [*(check.__defaults__ or ()), *(check.__kwdefaults__ or {}).values()]
    counted = change.replacing(defaults[0], lambda _, *args, **kwargs: rival(*args, **kwargs))
    if check.__defaults__:
        check.__defaults__ = (counted,)
    else:
        check.__kwdefaults__ = dict.fromkeys(check.__kwdefaults__, counted)
