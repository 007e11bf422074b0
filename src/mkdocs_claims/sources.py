"""A source: a document about the package under test, with a ruling on each thing it says."""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Self

from mkdocs_claims.problems import Problem, nearest, suggestion

__all__ = ["NEED_CLAIMS", "Assertion", "Source", "read_source", "rulings"]

_WRONG = ("wrong", "outdated")
_RIGHT = "right"
NEED_CLAIMS = (*_WRONG, "qualified", _RIGHT)
"""The rulings that rest on claims, from the worst to the best."""
_SAID = ("section", "says", "ruling")
"""What each assertion must have; the rest depends on the ruling."""
_ASSERTION = re.compile(r"^\[\[assertions\]\]", re.MULTILINE)


def rulings(package: str) -> tuple[str, ...]:
    """Return all rulings, the worst first."""
    return (*NEED_CLAIMS, f"not about {package or 'it'}")


@dataclass(frozen=True)
class Assertion:
    """One thing that a source says, and what became of it."""

    section: str
    """The heading in the source under which it stands."""
    says: str
    ruling: str
    found: str
    """What is so instead, or why the ruling is what it is; may be empty where it is right."""
    claims: tuple[str, ...]
    """The ids of the claims that settle it."""
    line: int
    """The line of the file on which it begins."""


@dataclass(frozen=True)
class Source:
    """A document that says things about the package under test."""

    name: str
    """The name of its file, without the ending."""
    path: str
    title: str
    origin: str
    """What it is and where it came from, in a line."""
    read: str
    """The day on which it was read, as in 2026-11-24."""
    assertions: tuple[Assertion, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Build it from what `to_json` returned."""
        assertions = [
            Assertion(**{**item, "claims": tuple(item["claims"])}) for item in stored["assertions"]
        ]
        return cls(**{**stored, "assertions": tuple(assertions)})


def read_source(text: str, path: str, package: str) -> tuple[Source | None, list[Problem]]:
    """Read a source from its file.

    Args:
        text: the text of the file.
        path: its path.
        package: the package under test, which a ruling may say that an assertion is not about.
    """
    try:
        stored = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        return None, [Problem(path, int(at[1]) if at else 0, f"cannot be read as TOML: {error}")]
    lines = [text.count("\n", 0, match.start()) + 1 for match in _ASSERTION.finditer(text)]
    listed = stored.pop("assertions", [])
    head = text.partition("\n[")[0]
    problems = [
        Problem(path, _line_of(key, head), wrong) for key, wrong in _wrong_with_head(stored, lines)
    ]
    is_headed = not problems
    assertions: list[Assertion] = []
    first: dict[tuple[str, str], int] = {}
    ends = [*lines[1:], len(text.split("\n")) + 1]
    for line, end, item in zip(lines, ends, listed, strict=False):
        wrong = list(_wrong_with(item, package))
        said = (str(item.get("section")), str(item.get("says")))
        if _is_words(item.get("says")) and first.setdefault(said, line) != line:
            message = (
                f"this stands on line {first[said]} already; keep the one with the right ruling"
            )
            wrong.append(("says", message))
        table = "\n".join(text.split("\n")[line : end - 1])
        problems.extend(
            Problem(path, line + _line_of(key, table), message) for key, message in wrong
        )
        if not wrong:
            told = {"found": "", **item, "claims": tuple(item.get("claims", ()))}
            assertions.append(Assertion(**told, line=line))
    if not is_headed:
        return None, problems
    told = {key: str(value) for key, value in stored.items()}
    name = PurePosixPath(path).stem
    return Source(name, path, assertions=tuple(assertions), **told), problems


def _line_of(key: str, text: str) -> int:
    """Return the line of some text on which a key is set; 0 if none is."""
    is_set = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    lines = enumerate(text.split("\n"), start=1)
    return next((number for number, line in lines if is_set.match(line)), 0)


def _wrong_with_head(stored: dict[str, Any], lines: list[int]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the head, each after the key that it is about."""
    kinds = {"title": str, "origin": str, "read": dt.date}
    misspelt = {nearest(key, [*kinds]) or key: key for key in stored.keys() - kinds.keys()}
    for key in sorted(misspelt.values()):
        yield key, f"has no use for '{key}'{suggestion(key, [*kinds, 'assertions'])}"
    for key, kind in kinds.items():
        if key not in misspelt and (not isinstance(stored.get(key), kind) or not stored[key]):
            wanted = "a date, as in 2026-11-24" if kind is dt.date else "some words"
            yield key, f"'{key}' must be there, and be {wanted}"
    if not lines:
        yield "", "lists no assertion; write each as a table [[assertions]]"


def _wrong_with(item: dict[str, Any], package: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an assertion, each after the key that it is about."""
    known = [*_SAID, "found", "claims"]
    unknown = sorted(item.keys() - set(known))
    for key in unknown:
        yield key, f"an assertion has no use for '{key}'{suggestion(key, known)}"
    # What is missing is not told where it is there, and misspelt.
    meant = {nearest(key, known) for key in unknown} - item.keys()
    for key, wrong in [*_wrong_with_words(item), *_wrong_with_ruling(item, package)]:
        if key not in meant:
            yield key, wrong


def _wrong_with_words(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in [*_SAID, *(item.keys() & {"found"})]:
        if not _is_words(item.get(key)):
            yield key, f"an assertion needs '{key}', in words"


def _wrong_with_ruling(item: dict[str, Any], package: str) -> Iterator[tuple[str, str]]:
    ruling, claims = item.get("ruling"), item.get("claims", [])
    is_known = ruling in rulings(package)
    if _is_words(ruling) and not is_known:
        near = suggestion(str(ruling), list(rulings(package)))
        yield "ruling", f"'{ruling}' is no ruling ({', '.join(rulings(package))}){near}"
    if not isinstance(claims, list) or not all(isinstance(claim, str) for claim in claims):
        yield "claims", "'claims' must be a list of ids"
    elif ruling in NEED_CLAIMS and not claims:
        yield "claims", f"an assertion that is {ruling} needs 'claims' that settle it"
    elif is_known and ruling not in NEED_CLAIMS and claims:
        yield "claims", f"an assertion that is {ruling} is settled by no claim; remove 'claims'"
    if is_known and ruling != _RIGHT and "found" not in item:
        yield "found", f"an assertion that is {ruling} needs 'found': what is so instead, or why"


def _is_words(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
