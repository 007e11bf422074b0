"""The citations of a page: where its text links a claim, or shows it."""

import re
from collections.abc import Iterator

from mkdocs_claims.problems import Problem, suggestion
from mkdocs_claims.reports import Citation

__all__ = ["ALL_CLAIMS", "CARD", "read_directives", "read_links"]

CARD = "claim"
"""The directive that shows one claim with its evidence: `/// claim | id`."""
ALL_CLAIMS = "all-claims"
"""The directive that lists every claim with its evidence."""

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


def read_directives(prose: str, path: str) -> tuple[list[Citation], bool, list[Problem]]:
    """Find the cards, and whether all claims are listed."""
    citations: list[Citation] = []
    problems: list[Problem] = []
    lists_all = False
    if "///" not in prose:
        return citations, lists_all, problems
    lines = prose.splitlines()
    for number, line in enumerate(lines, start=1):
        directive = _DIRECTIVE.match(line)
        if not directive:
            continue
        name, argument = directive["name"], (directive["argument"] or "").strip()
        if name not in (CARD, ALL_CLAIMS):
            if near := suggestion(name, [CARD, ALL_CLAIMS]):
                problems.append(Problem(path, number, f"unknown directive '/// {name}'{near}"))
            continue
        problems.extend(
            Problem(path, number, f"'/// {name}' {wrong}")
            for wrong in _directive_complaints(name, argument, lines[number:])
        )
        lists_all = lists_all or name == ALL_CLAIMS
        if name == CARD and argument:
            citations.append(Citation(argument, path, number, is_card=True))
    return citations, lists_all, problems


def _directive_complaints(name: str, argument: str, following: list[str]) -> Iterator[str]:
    if name == CARD and not argument:
        yield "names no claim; write '/// claim | the-id'"
    if name == ALL_CLAIMS and argument:
        yield f"takes nothing after it; remove '{argument}'"
    after = next((line for line in following if line.strip("> \t")), "")
    if not _CLOSING.match(after):
        yield "must be closed by a line '///' right after it, with nothing between"


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
