"""Folding: the evidence of cards is put aside while the census and the search read a page.

It is most of a page's HTML, and neither has use for it: its code is no example, and the search
would mark every word in it.
"""

import re
import secrets

__all__ = ["KEY", "fold", "unfold"]

KEY = f"data-claims-{secrets.token_hex(8)}"
"""The attribute of what is put aside; no page can know it, and hide something of its own by it."""
_EVIDENCE = re.compile(rf'<details(?P<before>[^>]*) {KEY}=""(?P<after>.*?</details>)', re.DOTALL)
_PLACE = re.compile(rf"<!--{KEY}:(?P<number>\d+)-->")


def fold(html: str, aside: list[str]) -> str:
    """Return HTML with an empty place for each card's evidence, which is appended to `aside`."""

    def put_aside(found: re.Match[str]) -> str:
        aside.append(f"<details{found['before']}{found['after']}")
        return f"<!--{KEY}:{len(aside) - 1}-->"

    return _EVIDENCE.sub(put_aside, html)


def unfold(html: str, aside: list[str]) -> str:
    """Return HTML with everything in its place again."""
    return _PLACE.sub(lambda place: aside[int(place["number"])], html)
