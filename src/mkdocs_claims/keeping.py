"""Kept verdicts: what held in an earlier run, and need not be run again."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mkdocs_claims.collection import Collection
from mkdocs_claims.copies import is_executed, refresh
from mkdocs_claims.environment import Environment
from mkdocs_claims.evidence import Evidence, Kind, Verdict
from mkdocs_claims.fingerprint import digest, fingerprint
from mkdocs_claims.jobs import packed, unpacked
from mkdocs_claims.requirements import installed
from mkdocs_claims.settings import Settings
from mkdocs_claims.writing import write

__all__ = ["Keeping"]

_FORMAT = 1


class Keeping:
    """The verdicts of earlier runs, by the files that they are on."""

    def __init__(
        self, settings: Settings, environment: Environment, found: Collection, began: int
    ) -> None:
        self.began = began
        """When the run began, in nanoseconds: what is written later may not be what ran."""
        self.settings = settings
        self.environment = environment
        self.found = found
        self.complaint = ""
        """Why nothing could be read of earlier runs, in words; empty if it could."""
        self._file = settings.kept
        self._stored = self._read()
        self._digests: dict[str, str] = {}

    def of(self, path: str) -> list[Evidence] | None:
        """Return the evidence of all subjects of a file, if each of them is known to hold."""
        subjects = self.found.subjects[path]
        try:
            stored = self._stored[path]
            is_same = stored["fingerprint"] == self._fingerprint(path) and all(
                self._digest(file) == known for file, known in stored["files"].items()
            )
            if not is_same or not self._is_shown(path):
                return None
            evidence = [
                replace(unpacked(seen, subject), kept=True)
                for seen, subject in zip(stored["evidence"], subjects, strict=True)
            ]
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        return evidence if all(item.verdict is Verdict.HOLDS for item in evidence) else None

    def seconds(self, path: str) -> float:
        """Return how long a file took when it was last run; 0 if that is not known."""
        try:
            return float(self._stored[path]["seconds"])
        except (KeyError, TypeError, ValueError):
            return 0.0

    def forget(self, path: str) -> None:
        """Forget what was seen of a file."""
        self._stored.pop(path, None)

    def keep(
        self, path: str, evidence: list[Evidence], files: Iterable[str], seconds: float
    ) -> None:
        """Remember what was seen of the subjects of a file.

        `files` are those that it read or imported.
        """
        is_text = self.found.subjects[path][0].kind in (Kind.EXAMPLE, Kind.NOTEBOOK)
        read = {file: self._digest(file) for file in files if not (is_text and file == path)}
        is_as_run = not any(self._is_later(file) for file in {path, *read})
        holds = is_as_run and all(item.verdict is Verdict.HOLDS for item in evidence)
        self._stored[path] = {
            "fingerprint": self._fingerprint(path) if holds else "",
            "files": read,
            "seconds": round(seconds, 4),
            "evidence": [packed(item) for item in evidence] if holds else [],
        }

    def files(self) -> dict[str, str]:
        """Return the digests of the files that verdicts depend on, and of copies that are shown."""
        known: dict[str, str] = {}
        for path in self.found.subjects:
            if path in self._stored:  # not where a snippet could never be run for want of something
                known |= self._stored[path]["files"]
        for path in self.found.notebooks:
            copy = self.settings.copy_of(path).relative_to(self.settings.root).as_posix()
            known[copy] = self._digest(copy)
        return known

    def write(self) -> None:
        """Write what is remembered of files that are still there."""
        stored = {path: self._stored[path] for path in self.found.subjects if path in self._stored}
        write(self._file, json.dumps({"format": _FORMAT, "files": stored}))

    def _read(self) -> dict[str, Any]:
        try:
            stored = json.loads(self._file.read_text(encoding="utf-8"))
            if stored["format"] == _FORMAT and isinstance(stored["files"], dict):
                return stored["files"]
            self.complaint = f"{self._file.name} has another format"
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.complaint = f"{self._file.name} is damaged ({error!r})"
        return {}

    def _is_later(self, path: str) -> bool:
        """Whether a file was written, or removed, since the run began."""
        try:
            return (self.settings.root / path).stat().st_mtime_ns >= self.began
        except OSError:
            return True

    def _is_shown(self, path: str) -> bool:
        """Whether what is kept can be shown: a notebook's outputs are in its executed copy."""
        if path not in self.found.notebooks:
            return True
        source, copy = self.settings.root / path, self.settings.copy_of(path)
        if not is_executed(source, copy, self.environment):
            return False
        refresh(source, copy)
        return True

    def _fingerprint(self, path: str) -> str:
        if page := self.found.pages.get(path):
            code: object = [
                [each.fence.language, dict(each.fence.attributes), each.fence.body, each.output]
                for each in page.examples
            ]
        elif path in self.found.notebooks:
            code = self.found.subjects[path][0].code
        elif self.found.subjects[path][0].kind is Kind.CLAIM:
            code = [self._digest(path), self._fixtures(path)]
        else:
            code = [self._digest(path), installed(self.found.requirements.get(path, ()))]
        settings = self.settings
        decides = [settings.package, settings.preload, settings.prepare]
        return fingerprint([path, code, decides], self.environment)

    def _fixtures(self, path: str) -> list[str]:
        """Name the files above a check module from which pytest takes fixtures."""
        names = [parent / "conftest.py" for parent in Path(path).parents]
        return [name.as_posix() for name in names if (self.settings.root / name).is_file()]

    def _digest(self, path: str) -> str:
        if path not in self._digests:
            self._digests[path] = digest(self.settings.root / path)
        return self._digests[path]
