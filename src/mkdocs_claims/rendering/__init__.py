"""Rendering: what pages show of a report.  Nothing that runs or judges imports it."""

from mkdocs_claims.rendering.extension import ClaimsExtension
from mkdocs_claims.rendering.rendered import RenderingError

__all__ = ["ClaimsExtension", "RenderingError"]
