"""Proving: trying each check where its claim is false, unless what came of it is known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from mkdocs_claims.assertions import Asserted
from mkdocs_claims.claims import Claim
from mkdocs_claims.collection import Collection
from mkdocs_claims.evidence import Evidence, Subject, Verdict
from mkdocs_claims.forking import can_fork
from mkdocs_claims.jobs import Ended, Job, Message, Seen
from mkdocs_claims.kept_proofs import KeptProofs
from mkdocs_claims.proofs import Outcome, Proof, Trial, judged_proof

__all__ = ["Proving"]

_SOME = 40
"""About so many trials are run by one process, each in a fork of it."""
_Tried = dict[Subject, list[Trial]]
"""In what checks are tried."""


class Proving:
    """What checks were seen to do in counterfactuals, and with their rivals, now and before."""

    def __init__(
        self, found: Collection, kept: KeptProofs, *, is_tried: Callable[[str], bool]
    ) -> None:
        self.found = found
        self.kept = kept
        self.is_tried = is_tried
        """Whether a claim's check is tried in every counterfactual."""
        self.proofs: dict[tuple[str, str], Proof] = {}
        """What was seen, by the claim and what should refute it."""
        self._seen: dict[tuple[str, str | None], Seen] = {}

    def jobs(self, subjects: Sequence[Subject]) -> Iterator[Job]:
        """Yield the jobs of trying claims of one module that hold, unless what came is known."""
        asked: _Tried = {}
        probed: _Tried = {}
        for subject in subjects:
            claim = self.found.claims[subject.id]
            named = self._trials_asked(claim)
            everywhere = map(self._trial, self.found.counterfactuals)
            others = [trial for trial in everywhere if trial not in named]
            asked[subject] = self._unknown(subject, named)
            probed[subject] = self._unknown(subject, others if self.is_tried(claim.id) else [])
        yield from self._in_parts(asked)
        if job := self._job(probed, is_probe=True):
            yield job

    def take(self, job: Job, message: Message) -> list[Job]:
        """Take what comes of a job that is a trial, and return the jobs that follow from it."""
        if isinstance(message, Seen) and message.evidence:
            key = (message.evidence.subject.id, message.by)
            before = self._seen.get(key, message)
            # A check with parameters is seen several times: the first that does not hold counts.
            is_settled = before.evidence is not None and not _holds(before.evidence)
            uses = {by: max(count, before.uses.get(by, 0)) for by, count in message.uses.items()}
            failed = sorted({*message.failed, *before.failed})
            known = before if is_settled else message
            self._seen[key] = replace(known, uses=uses, failed=failed)
        elif isinstance(message, Ended) and job.is_probe:
            return list(self._after_probe(job, message))
        elif isinstance(message, Ended):
            self._end(job)
        return []

    def _after_probe(self, job: Job, ended: Ended) -> Iterator[Job]:
        """Yield the jobs of trials in which a check uses what is changed.

        One that uses nothing of it as things are does not use it there either: until it does, it
        runs in the same way.
        """
        tried: _Tried = {}
        for subject in job.subjects:
            seen = self._seen.pop((subject.id, None), Seen(None))
            is_sure = seen.evidence is not None and _holds(seen.evidence)
            for trial in job.trials[subject.name]:
                if is_sure and not seen.uses.get(trial.by):
                    self._prove(subject, trial, replace(seen, files=ended.files))
                else:
                    tried.setdefault(subject, []).append(trial)
        yield from self._in_parts(tried)

    def _end(self, job: Job) -> None:
        """Judge what was seen in a job's trials; of each something is known then."""
        for subject in job.subjects:
            lost = self._seen.pop((subject.id, None), None) or Seen(_unheard(subject))
            for trial in job.trials[subject.name]:
                self._prove(subject, trial, self._seen.pop((subject.id, trial.by), lost))

    def _prove(self, subject: Subject, trial: Trial, seen: Seen) -> None:
        evidence = seen.evidence or _unheard(subject)
        uses = seen.uses.get(trial.by, 0)
        proof = judged_proof(trial, self._statement(subject, trial), evidence, uses, seen.crash)
        if proof.outcome is Outcome.REFUTED:
            # The package itself may have raised in an assertion, and ended the check with it.
            lines = {each.line for each in self.found.claims[subject.id].asserted}
            failed = sorted(lines & {*seen.failed, evidence.line})
            proof = replace(proof, failed=tuple(failed))
        self.proofs[subject.id, trial.by] = proof
        self.kept.keep(subject, proof, seen.files)

    def _unknown(self, subject: Subject, trials: Sequence[Trial]) -> list[Trial]:
        asked = self._trials_asked(self.found.claims[subject.id])
        unknown = []
        for trial in trials:
            proof = self.kept.of(subject, trial.by, self._statement(subject, trial))
            # It may have come by chance, which matters where the check should have failed.
            if proof and (proof.outcome is Outcome.REFUTED or trial not in asked):
                self.proofs[subject.id, trial.by] = proof
            else:
                unknown.append(trial)
        return unknown

    def _in_parts(self, tried: _Tried) -> Iterator[Job]:
        """Yield jobs of some trials each, so that several can be run at the same time."""
        if not can_fork():  # where each must have a process of its own from the start
            parts: list[_Tried] = [
                {one: [each]} for one, trials in tried.items() for each in trials
            ]
        else:
            parts = [{}]
            for subject, trials in tried.items():
                parts[-1][subject] = trials
                if sum(map(len, parts[-1].values())) >= _SOME:
                    parts.append({})
        yield from filter(None, map(self._job, parts))

    def _job(self, tried: _Tried, *, is_probe: bool = False) -> Job | None:
        subjects = [subject for subject, trials in tried.items() if trials]
        if not subjects:
            return None
        trials = {subject.name: tuple(tried[subject]) for subject in subjects}
        path = subjects[0].path
        return Job(self.kept.settings, path, subjects, trials=trials, is_probe=is_probe)

    def declared(self) -> list[Proof]:
        """Return the proofs that authors asked for, in the order of the claims."""
        asked = [
            (claim.id, trial.by)
            for claim in self.found.claims.values()
            for trial in self._trials_asked(claim)
        ]
        return [self.proofs[key] for key in asked if key in self.proofs]

    def asserted(self) -> dict[str, list[Asserted]]:
        """Return what the checks of claims that were tried assert, and what of it was refuted."""
        declared: dict[str, set[int]] = {}
        for proof in self.declared():
            declared.setdefault(proof.claim, set()).update(proof.failed)
        by_line: dict[tuple[str, int], list[str]] = {}
        for proof in self.proofs.values():
            for line in proof.failed if proof.by else ():
                by_line.setdefault((proof.claim, line), []).append(proof.by)
        return {
            claim: [
                replace(
                    each,
                    is_refuted=each.line in lines,
                    fails_in=tuple(sorted(by_line.get((claim, each.line), ()))),
                )
                for each in self.found.claims[claim].asserted
            ]
            for claim, lines in declared.items()
        }

    def table(self) -> dict[str, dict[str, str]]:
        """Return, of claims that were tried in each counterfactual, what became of them there.

        Where nothing of what was changed was used, nothing is told.
        """
        rows: dict[str, dict[str, str]] = {}
        for claim in filter(self.is_tried, self.found.claims):
            seen = {by: self.proofs.get((claim, by)) for by in self.found.counterfactuals}
            rows[claim] = {
                by: proof.outcome.value
                for by, proof in seen.items()
                if proof and proof.outcome is not Outcome.UNUSED
            }
        return rows

    def _trials_asked(self, claim: Claim) -> list[Trial]:
        known = [name for name in claim.refuted_by if name in self.found.counterfactuals]
        return [*map(self._trial, known), *([Trial()] if claim.rival else [])]

    def _trial(self, name: str) -> Trial:
        module = PurePosixPath(self.found.counterfactuals[name].path).with_suffix("")
        return Trial(name, ".".join(module.parts))

    def _statement(self, subject: Subject, trial: Trial) -> str:
        if trial.by:
            return self.found.counterfactuals[trial.by].statement
        return self.found.claims[subject.id].rival


def _unheard(subject: Subject) -> Evidence:
    return Evidence(
        subject, Verdict.ERROR, expected="it to be tried", seen="nothing was heard of it"
    )


def _holds(evidence: Evidence) -> bool:
    return evidence.verdict is Verdict.HOLDS
