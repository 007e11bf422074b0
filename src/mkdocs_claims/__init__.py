"""Documentation whose claims are checked before it can be published."""

from mkdocs_claims.claims import claim

__all__ = ["claim"]
