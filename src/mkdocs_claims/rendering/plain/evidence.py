"""Evidence in Markdown: what stands below an example, a claim's card, the foot of a page."""

import re

from mkdocs_claims.evidence import Evidence, Kind, Skip, Verdict
from mkdocs_claims.pages import Embed, Example, Page
from mkdocs_claims.problems import place
from mkdocs_claims.proofs import Outcome, Proof
from mkdocs_claims.rendering.anchors import claim_anchor
from mkdocs_claims.rendering.foot import foot, run_on
from mkdocs_claims.rendering.marks import sign_of, verdict_of
from mkdocs_claims.rendering.outputs import failure
from mkdocs_claims.reports import Report

__all__ = ["below", "card", "checked", "fence", "quoted"]

_MARKS = re.compile(r"`{3,}")


def fence(text: str, language: str = "text") -> str:
    """Return a text as a fenced block."""
    longest = max((len(mark) for mark in _MARKS.findall(text)), default=2)
    mark = "`" * (longest + 1)
    return f"{mark}{language}\n{text.rstrip()}\n{mark}"


def quoted(text: str, prefix: str = "> ") -> str:
    """Return a text with a prefix before each of its lines."""
    return "\n".join(f"{prefix}{line}".rstrip() for line in text.split("\n"))


def below(block: Example | Embed | Skip, report: Report) -> list[str]:
    """Return what stands below a block of Python."""
    if isinstance(block, Skip):
        return [f"Not run: {block.reason}."]
    if isinstance(block, Embed):
        snippet = report.of(Kind.SNIPPET).get(block.snippet)
        is_unknown = snippet is not None and snippet.verdict is Verdict.UNKNOWN
        return [f"Not run: {snippet.seen}."] if snippet and is_unknown else []
    evidence = report.of(Kind.EXAMPLE).get(block.subject.id)
    if evidence is None:
        return ["Not run: there is no evidence of this example."]
    shown = [f"Picture: {picture['alt']}" for picture in evidence.pictures]
    if evidence.output.strip() and block.output is None and not block.is_session:
        shown += ["Output:", fence(evidence.output)]
    if evidence.verdict is not Verdict.HOLDS:
        shown += [f"{sign_of(evidence.verdict)}:", fence(failure(evidence))]
    elif evidence.raised:
        shown += ["Warns:" if block.warns else "Raises:", fence(evidence.raised)]
    return shown


def card(evidence: Evidence, report: Report) -> str:
    """Return a claim with its check as a quote."""
    subject = evidence.subject
    proofs = report.proofs_of(subject.id)
    _, told = verdict_of(evidence, proofs)
    where = place(subject.path, subject.line)
    shown = [
        f'<a id="{claim_anchor(subject.id)}"></a>{told}: {subject.statement}',
        f"Checked by `{where}`, which `{subject.command}` runs alone:",
        fence(subject.code, "python"),
    ]
    if evidence.verdict is not Verdict.HOLDS:
        shown[1:1] = [fence(failure(evidence))]
    if evidence.output:
        shown += ["It printed:", fence(evidence.output)]
    shown.append("\n".join(f"- {_tried(proof)}" for proof in proofs))
    return quoted("\n\n".join(filter(None, shown)))


def _tried(proof: Proof) -> str:
    """Say where a claim is false, and whether its check was seen to fail there."""
    statement = proof.statement.removesuffix(".")
    where = (
        f"{statement[:1].lower()}{statement[1:]}" if proof.by else f"given `{statement}` instead"
    )
    if proof.outcome is Outcome.REFUTED:
        return f"It fails, as it must, when {where}."
    return f"⚠ It must fail, and does not, when {where}: {proof.seen}"


def checked(page: Page, report: Report) -> str:
    """Return what of a page was checked, what came of that, when and in what; or nothing."""
    claims = report.of(Kind.CLAIM)
    cited = dict.fromkeys(item.claim for item in page.citations)
    known = [(claims[each], "") for each in cited if each in claims]
    element = foot(known, run_on(page, report), report)
    paragraphs = element.iterfind("p") if element is not None else ()
    texts = ("".join(paragraph.itertext()).strip() for paragraph in paragraphs)
    return " ".join(f"{text.removesuffix('.')}." for text in texts)
