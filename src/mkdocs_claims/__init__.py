"""Documentation whose claims are checked before it can be published."""

from mkdocs_claims.claims import claim
from mkdocs_claims.counterfactuals import Change, counterfactual
from mkdocs_claims.pictures import picture

__all__ = ["Change", "claim", "counterfactual", "picture"]
