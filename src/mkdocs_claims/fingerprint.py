"""A fingerprint: what a kept verdict depends on."""

import hashlib
import json
from dataclasses import asdict

from mkdocs_claims.environment import Environment

__all__ = ["fingerprint"]


def fingerprint(code: str, environment: Environment) -> str:
    """Return the same text for the same code in the same environment, and another otherwise."""
    depends_on = json.dumps([code, asdict(environment)], sort_keys=True)
    return hashlib.sha256(depends_on.encode()).hexdigest()
