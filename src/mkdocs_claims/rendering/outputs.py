"""What stands below an example: what it printed and raised, or how it failed."""

from html import escape

from mkdocs_claims.evidence import Evidence, Verdict
from mkdocs_claims.rendering.marks import sign_of

__all__ = ["block", "failure", "output", "result", "skipped"]


def result(evidence: Evidence | None, *, shows_output: bool, told: str = "Raises") -> str:
    """Return the HTML that stands below an example: what it printed and raised, or its failure.

    `told` is the label of the exception or warning that it was expected to give.
    """
    if evidence is None:
        return block("Not run", "There is no evidence of this example.", Verdict.UNKNOWN)
    parts = [
        f'<figure class="claims-picture" data-search-exclude>{picture["svg"]}</figure>'
        for picture in evidence.pictures
    ]
    if evidence.output.strip() and shows_output:
        parts.append(block("Output", evidence.output, Verdict.HOLDS))
    if evidence.verdict is not Verdict.HOLDS:
        parts.append(block(sign_of(evidence.verdict), failure(evidence), evidence.verdict))
    elif evidence.raised:
        parts.append(block(told, evidence.raised, Verdict.HOLDS, "claims-raised"))
    return "".join(parts)


def skipped(reason: str) -> str:
    """Return the HTML that stands below an example that is not run."""
    return block("Not run", reason, Verdict.UNKNOWN)


def output(text: str) -> str:
    """Return the HTML of an output that the author wrote."""
    return block("Output", text, Verdict.HOLDS)


def failure(evidence: Evidence) -> str:
    """Return what was expected of a subject that does not hold, and what was seen."""
    line = f" (line {evidence.line})" if evidence.line else ""
    return f"expected{line}: {evidence.expected}\nseen: {evidence.seen}"


def block(label: str, text: str, verdict: Verdict, extra: str = "") -> str:
    """Return the HTML of a text that was seen, with a label above it."""
    classes = f"claims-output claims-{verdict} {extra}".rstrip()
    return (
        f'<div class="{classes}"><span class="claims-label" data-search-exclude>{escape(label)}'
        f"</span><pre><code>{escape(text.rstrip())}</code></pre></div>"
    )
