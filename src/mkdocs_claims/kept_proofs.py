"""Kept proofs: what checks were seen to do in earlier runs, where their claims are false."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mkdocs_claims.claims import Claim
from mkdocs_claims.collection import Collection
from mkdocs_claims.counterfactuals import Counterfactual
from mkdocs_claims.environment import Environment
from mkdocs_claims.evidence import Subject
from mkdocs_claims.fingerprint import digest, fingerprint
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.settings import Settings
from mkdocs_claims.writing import write

__all__ = ["KeptProofs"]

_FORMAT = 2
_KEPT = ("expected", "seen", "line", "failed")
"""What is kept of a proof; the rest is known from the claim and the counterfactual."""


class KeptProofs:
    """What is known of trials from earlier runs.

    A proof depends on its own claim and counterfactual, and not on the others of their modules.
    """

    def __init__(
        self,
        settings: Settings,
        environment: Environment,
        found: Collection,
        began: int,
        *,
        is_fresh: bool,
    ) -> None:
        self.settings = settings
        self.files: dict[str, str] = {}
        """The digests of the files that proofs depend on beside the code of claims."""
        self._found = found
        self._began = began
        self._environment = fingerprint(
            [settings.package, settings.preload, settings.prepare], environment
        )
        self._is_fresh = is_fresh
        self._stored = self._read()
        self._codes: dict[tuple[str, str], str] = {}

    def of(self, subject: Subject, by: str, statement: str) -> Proof | None:
        """Return what was seen in an earlier run, if all that decides is as it was.

        Args:
            subject: the claim.
            by: the name of the counterfactual; empty for the rival.
            statement: what is other than it is there.
        """
        if self._is_fresh:
            return None
        try:
            stored = self._stored[subject.id][by]
            told = {key: stored[key] for key in _KEPT if key in stored}
            outcome = Outcome(stored["outcome"])
            known = stored["fingerprint"]
            if known != self._fingerprint(subject, by, outcome, stored["files"]):
                return None
            proof = Proof(subject.id, by, statement, outcome, kept=True, **told)
            # Lines are kept as counted from that of the check, which may have moved.
            failed = tuple(line + subject.line for line in stored.get("failed", ()))
            line = proof.line + subject.line if proof.line else 0
            return replace(proof, line=line, failed=failed)
        except (KeyError, TypeError, ValueError):
            return None

    def keep(self, subject: Subject, proof: Proof, files: Sequence[str]) -> None:
        """Remember what was seen; `files` are those that were read or imported."""
        own = {subject.path, *self._modules()}
        others = sorted(set(files) - own)
        stored = self._stored.setdefault(subject.id, {})
        stored.pop(proof.by, None)
        # What is written later may not be what ran.
        if not any(map(self._is_later, own | set(others))):
            line = proof.line - subject.line if proof.line else 0
            failed = tuple(each - subject.line for each in proof.failed)
            said = replace(proof, line=line, failed=failed)
            stored[proof.by] = {
                "fingerprint": self._fingerprint(subject, proof.by, proof.outcome, others),
                "files": others,
                "outcome": proof.outcome,
                **{key: getattr(said, key) for key in _KEPT if getattr(said, key)},
            }

    def write(self) -> None:
        """Write what is remembered of claims that are still there."""
        claims = [claim for claim in self._found.claims if claim in self._stored]
        if claims:
            stored = {"format": _FORMAT, "claims": {claim: self._stored[claim] for claim in claims}}
            write(self.settings.proofs, json.dumps(stored))

    def _read(self) -> dict[str, Any]:
        try:
            stored = json.loads(self.settings.proofs.read_text(encoding="utf-8"))
            is_known = stored["format"] == _FORMAT and isinstance(stored["claims"], dict)
            return stored["claims"] if is_known else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}  # what is not known is seen again

    def _is_later(self, path: str) -> bool:
        """Whether a file was written, or removed, since the run began."""
        try:
            return (self.settings.root / path).stat().st_mtime_ns >= self._began
        except OSError:
            return True

    def _fingerprint(
        self, subject: Subject, by: str, outcome: Outcome, files: Sequence[str]
    ) -> str:
        code = [self._code(subject.path, subject.name)]
        if outcome is Outcome.UNUSED:  # which was seen of all counterfactuals together
            files = [*files, *self._modules()]
        elif by:
            code.append(self._code(self._found.counterfactuals[by].path, by))
        for file in files:
            if file not in self.files:
                self.files[file] = digest(self.settings.root / file)
        digests = [self.files[file] for file in files]
        text = json.dumps([self._environment, code, files, digests])
        return hashlib.sha256(text.encode()).hexdigest()

    def _modules(self) -> list[str]:
        """Return the paths of the modules that hold counterfactuals."""
        return sorted({item.path for item in self._found.counterfactuals.values()})

    def _code(self, path: str, name: str) -> str:
        """Return a digest of a module without its other claims and counterfactuals."""
        if (path, name) not in self._codes:
            text = (self.settings.root / path).read_text(encoding="utf-8", errors="replace")
            others = self._parts(path)
            others.pop(name, None)
            left_out = {
                number for first, last in others.values() for number in range(first, last + 1)
            }
            lines = enumerate(text.split("\n"), start=1)
            own = "\n".join(line for number, line in lines if number not in left_out)
            # One that uses another depends on it, so on the whole module.
            words = set(re.findall(r"\w+", own))
            code = text if words & others.keys() else own
            self._codes[path, name] = hashlib.sha256(code.encode()).hexdigest()
        return self._codes[path, name]

    def _parts(self, path: str) -> dict[str, tuple[int, int]]:
        """Return the first and last line of each claim and counterfactual of a module."""
        marked: list[Claim | Counterfactual] = [
            *self._found.claims.values(),
            *self._found.counterfactuals.values(),
        ]
        return {item.name: item.lines for item in marked if item.path == path}
