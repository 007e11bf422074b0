"""What `claims falsify` prints: which counterfactual refutes which claim."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from mkdocs_claims.assertions import Asserted
from mkdocs_claims.evidence import Kind, Verdict
from mkdocs_claims.problems import entry
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.reports import Report

__all__ = ["as_list", "as_table"]

_LETTERS = {Outcome.REFUTED: "x", Outcome.HELD: "o", Outcome.ERROR: "!"}
_LEGEND = (
    "x  the check fails there    o  it holds there    !  it ends otherwise\n"
    ".  it uses nothing of what is changed there"
)


def as_list(report: Report, claims: Sequence[str]) -> str:
    """Tell of each claim what should refute it, and what was seen there."""
    lines: list[str] = []
    for claim in claims:
        lines.append(claim)
        proofs = report.proofs_of(claim)
        lines += [f"  {line}" for proof in proofs for line in _told(proof)]
        if report.of(Kind.CLAIM)[claim].verdict is not Verdict.HOLDS:
            lines.append("  its check does not hold as things are, so it was tried nowhere else")
            continue
        if not proofs:
            lines.append("  nothing is said to refute it")
        for each in report.asserted.get(claim, ()):
            if not each.is_refuted:
                lines += _unseen(each, is_tried=claim in report.table)
        others = [
            name
            for name, outcome in report.table.get(claim, {}).items()
            if outcome == Outcome.REFUTED and name not in {proof.by for proof in proofs}
        ]
        if others:
            told = f"  the check {'also ' if proofs else ''}fails in {', '.join(others)}"
            lines += _wrapped(told)
        elif claim in report.table and not proofs:
            lines.append("  and none of the counterfactuals does; a rival may")
    return "\n".join(lines)


def _unseen(asserted: Asserted, *, is_tried: bool) -> Iterator[str]:
    """Tell of an assertion that was seen to fail in nothing that its claim names."""
    yield f"  line {asserted.line} was seen to fail in none of that: {asserted.code}"
    if asserted.fails_in:
        yield from _wrapped(f"    name what it fails in: {', '.join(asserted.fails_in)}")
    elif is_tried:
        yield "    nor in any other; can it be false, and does the check come to it?"


def _wrapped(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return wrap(line, 100, subsequent_indent=indent, break_on_hyphens=False)


def _told(proof: Proof) -> Iterator[str]:
    where = f"{proof.by}: {proof.statement}" if proof.by else f"rival: {proof.statement}"
    if proof.outcome is not Outcome.REFUTED:
        yield f"not refuted in {where}"
        yield f"  {proof.seen}"
        return
    told = {"expected": proof.expected, "seen": proof.seen}
    yield from entry(f"refuted in {where}", told).split("\n")


def as_table(report: Report) -> str:
    """Show a row for each claim and a column for each counterfactual, and what stands out."""
    names = list(report.counterfactuals)
    refuted = {name: _refuted_in(name, report.table) for name in names}
    width = max(map(len, report.table), default=0)
    tens = "".join(str(number // 10 or " ") for number in range(1, len(names) + 1))
    ones = "".join(str(number % 10) for number in range(1, len(names) + 1))
    heads = [line for line in (tens, ones) if line.strip()]
    lines = [f"{'':{width}}  {head}" for head in heads]
    for claim, row in report.table.items():
        cells = "".join(_LETTERS[Outcome(row[name])] if name in row else "." for name in names)
        lines.append(f"{claim:{width}}  {cells}")
    lines += ["", _LEGEND, ""]
    for number, name in enumerate(names, start=1):
        count = len(refuted[name])
        lines.append(f"{number:>3}  {name}: {count} of {len(report.table)} checks fail")
    for outstanding in _outstanding(report, refuted):
        lines += ["", *_wrapped(outstanding)]
    return "\n".join(lines).rstrip()


def _refuted_in(name: str, table: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [claim for claim, row in table.items() if row.get(name) == Outcome.REFUTED]


def _outstanding(report: Report, refuted: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Tell of counterfactuals that refute nothing, and of claims with one refutation, or none."""
    idle = [name for name, claims in refuted.items() if not claims]
    if idle:
        yield f"refute nothing: {', '.join(idle)}"
    rivals = {proof.claim for proof in report.proofs if not proof.by}
    by_claim = {
        claim: [name for name in row if row[name] == Outcome.REFUTED]
        for claim, row in report.table.items()
    }
    single = [f"{claim} ({names[0]})" for claim, names in by_claim.items() if len(names) == 1]
    if single:
        yield f"refuted in one counterfactual alone: {', '.join(single)}"
    none = [claim for claim, names in by_claim.items() if not names]
    if alone := [claim for claim in none if claim in rivals]:
        yield f"refuted by a rival alone: {', '.join(alone)}"
    if never := [claim for claim in none if claim not in rivals]:
        yield f"refuted by nothing: {', '.join(never)}"
    unknown = len(report.of(Kind.CLAIM)) - len(report.table)
    if unknown:
        yield f"not tried, since they do not hold: {unknown}"
