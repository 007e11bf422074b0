"""The report: all the evidence of one run, from which everything shown is derived."""

import functools
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from mkdocs_claims.assertions import Asserted
from mkdocs_claims.citations import Citation
from mkdocs_claims.environment import Environment
from mkdocs_claims.evidence import Evidence, Kind, Skip, Verdict
from mkdocs_claims.messages import Message
from mkdocs_claims.problems import Problem
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.sources import Assertion, Source

__all__ = ["Report", "ReportError"]

FORMAT = 5
"""The number of the report's format; it changes when a reader of reports would have to."""


class ReportError(ValueError):
    """A report is missing, damaged or of another format."""


@dataclass(frozen=True)
class Report:
    """All the evidence of one run, and what else was found on the way."""

    environment: Environment
    day: str = ""
    """The day on which it was made, in UTC, as in 2026-11-24."""
    pages: list[str] = field(default_factory=list)
    """The pages and notebooks that were read."""
    evidence: list[Evidence] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    """The messages that pages are about."""
    index: str = ""
    """The page that lists all claims, where there is one."""
    audits: Mapping[str, str] = field(default_factory=dict)
    """By source, the page that shows its audit."""
    problems: list[Problem] = field(default_factory=list)
    requirements: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By snippet, the versions that are here of what it needs; empty where there is none."""
    excused: list[str] = field(default_factory=list)
    """The snippets without which the site may be published: what they need may be lacking."""
    sources: list[Source] = field(default_factory=list)
    """The sources that were audited."""
    proofs: list[Proof] = field(default_factory=list)
    """What was seen of checks where their claims are false, as their authors asked for it."""
    counterfactuals: Mapping[str, str] = field(default_factory=dict)
    """What each counterfactual changes, as a sentence, by its name."""
    table: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By claim and counterfactual, what became of the check there; empty if not all was tried."""
    asserted: Mapping[str, Sequence[Asserted]] = field(default_factory=dict)
    """By claim, what its check asserts, and what of that was refuted, if it was tried."""

    @property
    def counts(self) -> dict[str, int]:
        """How many subjects there are of each kind and verdict, kept ones, and those taken out.

        `refuted` counts the claims whose checks were seen to fail wherever their authors say that
        they are false; `assertions_refuted` of `assertions` in these checks were.
        """
        of_kind = Counter(item.subject.kind for item in self.evidence)
        kinds = {f"{kind}s": of_kind[kind] for kind in Kind}
        of_verdict = Counter(item.verdict for item in self.evidence)
        verdicts = {verdict.value: of_verdict[verdict] for verdict in Verdict}
        kept = sum(item.kept for item in self.evidence)
        tried = {item.claim for item in self.proofs}
        refuted = tried - {item.claim for item in self.proofs if item.outcome != Outcome.REFUTED}
        asserted = [item for items in self.asserted.values() for item in items]
        others = {
            "pages": len(self.pages),
            "skips": len(self.skips),
            "kept": kept,
            "refuted": len(refuted),
            "assertions": len(asserted),
            "assertions_refuted": sum(item.is_refuted for item in asserted),
        }
        return {**kinds, **others, **verdicts}

    def of(self, kind: Kind) -> dict[str, Evidence]:
        """Return the evidence of one kind of subject by the subject's id."""
        return self._by_kind.get(kind, {})

    @functools.cached_property
    def _by_kind(self) -> dict[Kind, dict[str, Evidence]]:
        found: dict[Kind, dict[str, Evidence]] = {}
        for item in self.evidence:
            found.setdefault(item.subject.kind, {})[item.subject.id] = item
        return found

    def proofs_of(self, claim: str) -> list[Proof]:
        """Return what was seen of a claim's check where the claim is false."""
        return self._by_claim.get(claim, [])

    @functools.cached_property
    def _by_claim(self) -> dict[str, list[Proof]]:
        found: dict[str, list[Proof]] = {}
        for proof in self.proofs:
            found.setdefault(proof.claim, []).append(proof)
        return found

    def citations_of(self, claim: str) -> list[Citation]:
        """Return the places that link a claim or show it, in the order of the pages."""
        return self._cited.get(claim, [])

    @functools.cached_property
    def _cited(self) -> dict[str, list[Citation]]:
        found: dict[str, list[Citation]] = {}
        for citation in self.citations:
            found.setdefault(citation.claim, []).append(citation)
        return found

    def settled_by(self, claim: str) -> list[tuple[Source, Assertion]]:
        """Return what sources say that rests on a claim, wherever they say it."""
        return self._settled.get(claim, [])

    @functools.cached_property
    def _settled(self) -> dict[str, list[tuple[Source, Assertion]]]:
        found: dict[str, list[tuple[Source, Assertion]]] = {}
        for source in self.sources:
            for item in source.assertions:
                for claim in item.claims:
                    found.setdefault(claim, []).append((source, item))
        return found

    def whole(self, message: Message) -> str:
        """Return a message as an example on its page was seen to give it; empty if none did."""
        given = (item.raised for item in self.evidence if item.subject.path == message.path)
        return next((text for text in given if text.startswith(message.begins)), "")

    @functools.cached_property
    def unread(self) -> set[str]:
        """The ids of claims that may be there, and could not be read."""
        return {name.replace("_", "-") for problem in self.problems for name in problem.hides}

    def with_problems(self, problems: list[Problem]) -> Self:
        """Return the same report with these problems beside its own."""
        return replace(self, problems=[*self.problems, *problems])

    def to_json(self) -> str:
        """Write the report as JSON; its schema is `report.schema.json` in this package."""
        stored = {
            "format": FORMAT,
            "environment": asdict(self.environment),
            "day": self.day,
            "counts": self.counts,
            "pages": self.pages,
            "messages": [asdict(item) for item in self.messages],
            "index": self.index,
            "audits": self.audits,
            "evidence": [item.to_json() for item in self.evidence],
            "skips": [asdict(item) for item in self.skips],
            "citations": [asdict(item) for item in self.citations],
            "problems": [asdict(item) for item in self.problems],
            "requirements": self.requirements,
            "excused": self.excused,
            "sources": [item.to_json() for item in self.sources],
            "proofs": [item.to_json() for item in self.proofs],
            "counterfactuals": self.counterfactuals,
            "table": self.table,
            "asserted": {
                claim: [asdict(item) for item in items] for claim, items in self.asserted.items()
            },
        }
        return _lines(stored)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Build a report from what `to_json` wrote.

        Raises:
            ReportError: the text is no report, or one of another format.
        """
        try:
            stored = json.loads(text)
            if stored["format"] != FORMAT:
                message = f"the report has format {stored['format']}, expected {FORMAT}"
                raise ReportError(message)
            return cls(
                environment=Environment(**stored["environment"]),
                day=stored["day"],
                pages=stored["pages"],
                evidence=[Evidence.from_json(item) for item in stored["evidence"]],
                skips=[Skip(**item) for item in stored["skips"]],
                citations=[Citation(**item) for item in stored["citations"]],
                messages=[Message(**item) for item in stored["messages"]],
                index=stored["index"],
                audits=stored["audits"],
                problems=[
                    Problem(**{**item, "hides": tuple(item["hides"])})
                    for item in stored["problems"]
                ],
                requirements=stored["requirements"],
                excused=stored["excused"],
                sources=[Source.from_json(item) for item in stored["sources"]],
                proofs=[Proof.from_json(item) for item in stored["proofs"]],
                counterfactuals=stored["counterfactuals"],
                table=stored["table"],
                asserted={
                    claim: [
                        Asserted(**{**item, "fails_in": tuple(item["fails_in"])}) for item in items
                    ]
                    for claim, items in stored["asserted"].items()
                },
            )
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, ReportError):
                raise
            message = f"the report is damaged: {error!r}; run `claims check` again"
            raise ReportError(message) from error

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a report from a file.

        Raises:
            ReportError: the file is missing, or is no report.
        """
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            message = "there is no report of a run yet; run `claims check` first"
            raise ReportError(message) from error
        except UnicodeDecodeError as error:
            message = f"the report is damaged: {error}; run `claims check` again"
            raise ReportError(message) from error
        return cls.from_json(text)


def _lines(stored: Mapping[str, Any]) -> str:
    """Write JSON with a line for each item, which is read, and compared, more easily than one."""
    parts = []
    for key, value in stored.items():
        text = _dumped(value)
        if isinstance(value, list) and value:
            text = "[\n  " + ",\n  ".join(map(_dumped, value)) + "\n ]"
        parts.append(f" {_dumped(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


_dumped = json.JSONEncoder(ensure_ascii=False).encode
