"""The citations of a page: where its text links a claim, or shows it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mkdocs_claims.problems import Problem, suggestion

__all__ = [
    "ALL_CLAIMS",
    "AUDIT",
    "CARD",
    "CLAIMS",
    "MESSAGES",
    "REFUTATIONS",
    "Citation",
    "Directive",
    "read_directives",
    "read_links",
]

CARD = "claim"
"""The directive that shows one claim with its evidence: `/// claim | id`."""
ALL_CLAIMS = "all-claims"
"""The directive that lists every claim."""
CLAIMS = "claims"
"""The directive that shows the claims of one check module with their evidence."""
REFUTATIONS = "refutations"
"""The directive that shows which check fails in which counterfactual."""
MESSAGES = "messages"
"""The directive that lists the messages that pages are about."""
AUDIT = "audit"
"""The directive that shows what became of the assertions of a source: `/// audit | name`."""

_DIRECTIVES = {
    CARD: "claim",
    CLAIMS: "check module",
    ALL_CLAIMS: "",
    REFUTATIONS: "",
    MESSAGES: "",
    AUDIT: "source",
}
"""What each directive has to name, if anything."""
_NAMES = {"claim": "id", "check module": "path", "source": "name"}

_DIRECTIVE = re.compile(
    r"^[> \t]*///+[ \t]*(?P<name>[\w-]+)(?:[ \t]*\|[ \t]*(?P<argument>.*?))?[ \t]*$"
)
_CLOSING = re.compile(r"^[> \t]*///+[ \t]*$")
_LINK = re.compile(
    r"\]\(\s*<?claim:(?P<inline>[^\s)>]*)|^[ ]{0,3}\[[^\]]+\]:\s*<?claim:(?P<reference>[^\s>]*)",
    re.MULTILINE,
)
_CLAIM_WORD = re.compile(r"(?<![\w/])claim:(?P<id>[\w-]+)")
_SCHEME = re.compile(
    r"(?:\]\(\s*|^[ ]{0,3}\[[^\]]+\]:\s*)<?(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?!\d)", re.MULTILINE
)


@dataclass(frozen=True)
class Citation:
    """A place on a page that links a claim or shows it."""

    claim: str
    path: str
    line: int
    is_card: bool = False


def read_links(prose: str, path: str) -> tuple[list[Citation], list[Problem]]:
    """Find the links to claims, and what looks like one and is none."""
    citations: list[Citation] = []
    problems: list[Problem] = []
    if "](" not in prose and "]:" not in prose and f"{CARD}:" not in prose:
        return citations, problems
    linked = set()
    for match in _LINK.finditer(prose):
        claim = match["inline"] if match["inline"] is not None else match["reference"]
        start = match.end() - len(claim) - len("claim:")
        linked.add(start)
        if not claim:
            message = "this link names no claim; write claim:the-id, without a space"
            problems.append(Problem(path, _line_of(prose, start), message))
            continue
        citations.append(Citation(claim, path, _line_of(prose, start)))
    for match in _CLAIM_WORD.finditer(prose):
        if match.start() not in linked:
            message = f"'{match[0]}' is no link; write [some words]({match[0]})"
            problems.append(Problem(path, _line_of(prose, match.start()), message))
    for match in _SCHEME.finditer(prose):
        if match["scheme"] != CARD and suggestion(match["scheme"], [CARD]):
            message = f"'{match['scheme']}:' is no kind of link, did you mean 'claim:'?"
            problems.append(Problem(path, _line_of(prose, match.start("scheme")), message))
    return citations, problems


@dataclass(frozen=True)
class Directive:
    """A place on a page that shows something of the report: `/// name | argument`."""

    name: str
    argument: str
    line: int


def read_directives(prose: str, path: str) -> tuple[list[Directive], list[Problem]]:
    """Find the directives of a page, and what looks like one and is none."""
    found: list[Directive] = []
    problems: list[Problem] = []
    if "///" not in prose:
        return found, problems
    lines = prose.splitlines()
    for number, line in enumerate(lines, start=1):
        match = _DIRECTIVE.match(line)
        if not match:
            continue
        directive = Directive(match["name"], (match["argument"] or "").strip(), number)
        if directive.name not in _DIRECTIVES:
            if near := suggestion(directive.name, list(_DIRECTIVES)):
                message = f"unknown directive '/// {directive.name}'{near}"
                problems.append(Problem(path, number, message))
            continue
        wrong = list(_complaints(directive, lines[number:]))
        problems.extend(Problem(path, number, f"'/// {directive.name}' {each}") for each in wrong)
        if bool(directive.argument) == bool(_DIRECTIVES[directive.name]):
            found.append(directive)
    return found, problems


def _complaints(directive: Directive, following: list[str]) -> Iterator[str]:
    wanted = _DIRECTIVES[directive.name]
    if wanted and not directive.argument:
        yield f"names no {wanted}; write '/// {directive.name} | the-{_NAMES[wanted]}'"
    if directive.argument and not wanted:
        yield f"takes nothing after it; remove '{directive.argument}'"
    after = next((line for line in following if line.strip("> \t")), "")
    if not _CLOSING.match(after):
        yield "must be closed by a line '///' right after it, with nothing between"


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
