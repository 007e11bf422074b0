"""The ids of what other places link to, within the page on which it stands."""

import hashlib

from mkdocs_claims.sources import Assertion

__all__ = ["assertion_anchor", "claim_anchor"]


def claim_anchor(claim: str) -> str:
    """Return the id of a claim's card, and of its row among all claims."""
    return f"claim-{claim}"


def assertion_anchor(item: Assertion) -> str:
    """Return the id of an assertion in its page.

    It follows what is said and where, not how many stand before it: what links an assertion that
    says something else by now is a broken link, which a strict build refuses.
    """
    said = f"{item.section}\n{item.says}"
    return f"said-{hashlib.sha256(said.encode()).hexdigest()[:8]}"
