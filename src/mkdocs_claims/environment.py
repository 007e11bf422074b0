"""The environment: in what evidence was seen."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

from mkdocs_claims.settings import Settings

__all__ = ["Environment", "environment_of"]


@dataclass(frozen=True)
class Environment:
    """In what the evidence was seen."""

    python: str
    platform: str
    versions: Mapping[str, str]
    mkdocs_claims: str

    def __str__(self) -> str:
        packages = [f"{name} {version}" for name, version in self.versions.items()]
        return ", ".join([*packages, f"Python {self.python}", self.platform])


def environment_of(settings: Settings) -> Environment:
    """Describe where verdicts are being found: this interpreter, and the versions that decide."""
    return Environment(
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        versions={name: _version(name) for name in settings.versions},
        mkdocs_claims=metadata.version("mkdocs-claims"),
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
