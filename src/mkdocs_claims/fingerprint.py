"""A fingerprint: what a kept verdict depends on."""

import functools
import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from mkdocs_claims.environment import Environment

__all__ = ["digest", "fingerprint"]


def fingerprint(code: object, environment: Environment) -> str:
    """Return the same text for the same code in the same environment, and another otherwise.

    `code` is plain data: the text that is run, and what else decides.
    """
    depends_on = json.dumps([code, asdict(environment), _machinery(), _devices()], sort_keys=True)
    return hashlib.sha256(depends_on.encode()).hexdigest()


def digest(file: Path) -> str:
    """Return a digest of a file's content, or an empty string if it cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


@functools.cache
def _machinery() -> str:
    """Return a digest of what runs and judges: while it is worked on, its version stays the same.

    What renders is left out, since no verdict can depend on it.
    """
    own = Path(__file__).parent
    files = sorted(set(own.glob("*.py")) - set(own.glob("mkdocs_*.py")))
    return hashlib.sha256("".join(digest(file) for file in files).encode()).hexdigest()


def _devices() -> list[str]:
    """Name the accelerators of this machine, without importing what would use them."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return [visible, *sorted(device.name for device in Path("/dev").glob("nvidia[0-9]*"))]
