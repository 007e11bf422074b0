"""Sealing: a report in which all holds is as true as before while all that it says is unchanged."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from mkdocs_claims.collecting import sources
from mkdocs_claims.environment import Environment
from mkdocs_claims.fingerprint import digest, fingerprint
from mkdocs_claims.requirements import installed
from mkdocs_claims.settings import Settings
from mkdocs_claims.writing import write

__all__ = ["Seal"]


class Seal:
    """What the last report was made from, so that nothing need be read again to know the same.

    It is made when a run begins, and put on the report at the end: a file that is saved while
    another is run breaks it.
    """

    def __init__(self, settings: Settings, environment: Environment) -> None:
        self._settings = settings
        self._file = settings.state / "seal.json"
        self._sources = fingerprint(
            [asdict(settings) | {"root": ""}, self._digests_of_sources()], environment
        )

    def summary(self) -> str:
        """Return the summary of the last report, or nothing where it must be made anew."""
        try:
            stored = json.loads(self._file.read_text(encoding="utf-8"))
            is_whole = stored["sources"] == self._sources and all(
                digest(self._settings.root / path) == known
                for path, known in stored["files"].items()
            )
            is_same = installed(stored["requirements"]) == stored["requirements"]
            return str(stored["summary"]) if is_whole and is_same else ""
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return ""

    def put(
        self, report: str, summary: str, files: Mapping[str, str], requirements: Mapping[str, str]
    ) -> None:
        """Put it on a report.

        Args:
            report: the text of the report.
            summary: what is told of it.
            files: the digests of what decided on it beside the sources, by their paths.
            requirements: the versions of what snippets need, by distribution.
        """
        root, settings = self._settings.root, self._settings
        own = {
            settings.report.relative_to(root).as_posix(): _digest_of(report),
            settings.kept.relative_to(root).as_posix(): digest(settings.kept),
            settings.proofs.relative_to(root).as_posix(): digest(settings.proofs),
        }
        stored = {
            "sources": self._sources,
            "files": {**files, **own},
            "requirements": requirements,
            "summary": summary,
        }
        write(self._file, json.dumps(stored))

    def _digests_of_sources(self) -> list[list[str]]:
        settings = self._settings
        inside = [
            *sources(settings, settings.verify, ".py"),
            *sources(settings, f"{settings.verify}/sources", ".toml"),
            *sources(settings, settings.snippets, ".py"),
            *sources(settings, settings.docs, ".md"),
            *sources(settings, settings.docs, ".ipynb"),
        ]
        # From these, and from those in it, the checks take fixtures.
        above = [(parent / "conftest.py").as_posix() for parent in Path(settings.verify).parents]
        return [[path, digest(settings.root / path)] for path in [*inside, *above]]


def _digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
