"""A page's fences: where each stands, its language and its attributes; the one parser for all.

It reads a page as the renderer (pymdownx.superfences) does: a fence in a comment or inside a longer
fence is none, and one that the renderer would show as text is a problem, never passed over.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from markdown.extensions.attr_list import get_attrs_and_remainder

from mkdocs_claims.problems import Problem, suggestion

__all__ = ["ATTRIBUTES", "Fence", "Scan", "is_python", "is_session", "scan"]

_OPENING = re.compile(r"(?P<prefix>[> \t]*)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
_BULLET = re.compile(r"[> \t]*(?:[-*+]|\d+[.)])[ \t]+(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$")
_LANGUAGE = re.compile(r"[ \t]*\.?(?P<language>[\w#.+-]+)(?=[ \t]|$)")
_OPTION = re.compile(
    r"[ \t]*(?P<key>[A-Za-z]\w*)(?:=(?P<quote>[\"'])(?P<value>.*?)(?P=quote))?(?=[ \t]|$)"
)
_INLINE_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_PROMPT = re.compile(r"^[> \t]*>>> ?\S", re.MULTILINE)

_PYTHON = ("python", "py", "python3", "py3", "ipython", "ipython3")
_SESSION = ("pycon", "python-console")
_TRACEBACK = ("pytb", "py3tb", "python-traceback")
_DIALECTS = ("sage", "bazel", "starlark", "numpy", "doctest")
"""Names under which a highlighter shows Python, and which nothing here runs."""

ATTRIBUTES = ("title", "title_mode", "hl_lines", "linenums", "raises", "skip")
"""What may stand on the opening line of a Python fence."""


@dataclass(frozen=True)
class Fence:
    """One fenced block of a page."""

    line: int
    """The line that opens it; its body begins on the next one."""
    end_line: int
    start: int
    """The offset of the opening line in the page's text; `end` is where the closing line ends."""
    end: int
    language: str
    """The language as written, in lower case; empty where there is none."""
    body: str
    """The text between the two lines, without the indentation or quote marks of the fence."""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scan:
    """What one pass over a page's lines found."""

    fences: list[Fence]
    prose: str
    """The text with fences, comments and inline code blanked; every offset stays as it is."""
    problems: list[Problem]


def is_python(language: str) -> bool:
    """Whether fences of this language are examples, written as plain code."""
    return language.lower() in _PYTHON


def is_session(language: str) -> bool:
    """Whether fences of this language are examples, written as an interactive session."""
    return language.lower() in _SESSION


@dataclass
class _Open:
    """A fence whose closing line has not come yet."""

    line: int
    start: int
    prefix: str
    mark: str
    info: str
    body: list[str]


def scan(text: str, path: str) -> Scan:
    """Find the fences of a Markdown text."""
    fences: list[Fence] = []
    problems: list[Problem] = []
    prose: list[str] = []
    opened: _Open | None = None
    in_comment = False
    offset = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        content = line.rstrip("\n")
        if opened:
            inside = _inside(content, opened.prefix)
            if inside is not None and re.fullmatch(rf"{re.escape(opened.mark)}[ \t]*", inside):
                fence = _closed(opened, number, offset + len(content), path, problems)
                fences.append(fence)
                opened = None
            elif inside is None:
                problems.append(_unclosed(path, opened, f"line {number} is indented less"))
                opened = None
            else:
                opened.body.append(inside)
            prose.append(" " * len(content) + "\n")
        else:
            seen, in_comment = _without_comments(content, in_comment=in_comment)
            match = _OPENING.match(seen)
            if match and not (match["fence"][0] == "`" and "`" in match["info"]):
                opened = _Open(number, offset, match["prefix"], match["fence"], match["info"], [])
                prose.append(" " * len(content) + "\n")
            else:
                if match := _BULLET.match(seen):
                    prefix = " " * match.start("fence")
                    opened = _Open(number, offset, prefix, match["fence"], match["info"], [])
                    message = (
                        "a fence on the line of its bullet is shown as text; put it on a line of "
                        "its own, indented by four spaces"
                    )
                    problems.append(Problem(path, number, message))
                elif _PROMPT.match(seen):
                    message = "a session outside a fence is not run; put it in a ```pycon fence"
                    problems.append(Problem(path, number, message))
                prose.append(_INLINE_CODE.sub(_blank, seen) + "\n")
        offset += len(line)
    if opened:
        problems.append(_unclosed(path, opened, "the page ends first"))
    if in_comment:
        problems.append(Problem(path, text.count("\n") + 1, "a comment `<!--` is never closed"))
    return Scan(fences, "".join(prose), problems)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _inside(content: str, prefix: str) -> str | None:
    """Return a line of a fence without the fence's prefix, or None if it is indented less."""
    if not content.strip("> \t"):
        return content[len(prefix) :] if len(content) > len(prefix) else ""
    spaced = content.expandtabs(4)
    prefix = prefix.expandtabs(4)
    if spaced.startswith(prefix):
        return spaced[len(prefix) :] if prefix else content
    return None


def _without_comments(content: str, *, in_comment: bool) -> tuple[str, bool]:
    """Blank what stands in comments on one line; say whether a comment is open at its end."""
    hidden = _INLINE_CODE.sub(_blank, content)
    seen = list(content)
    place = 0
    while place < len(content):
        if in_comment:
            end = content.find("-->", place)
            stop = len(content) if end < 0 else end + 3
            seen[place:stop] = " " * (stop - place)
            in_comment = end < 0
        else:
            stop = hidden.find("<!--", place)
            if stop < 0:
                break
            in_comment = True
        place = stop
    return "".join(seen), in_comment


def _unclosed(path: str, opened: _Open, why: str) -> Problem:
    wanted = f"expected a line '{opened.mark}' below it, as far indented"
    message = f"this fence is never closed ({why}); {wanted}"
    return Problem(path, opened.line, message)


def _closed(opened: _Open, end_line: int, end: int, path: str, problems: list[Problem]) -> Fence:
    language, attributes, wrong = _read_info(opened.info)
    fence = Fence(
        line=opened.line,
        end_line=end_line,
        start=opened.start,
        end=end,
        language=language,
        body="".join(f"{line}\n" for line in opened.body),
        attributes=attributes,
    )
    complaints = [wrong] if wrong else list(_complaints(fence))
    problems.extend(Problem(path, opened.line, complaint) for complaint in complaints)
    return fence


def _read_info(info: str) -> tuple[str, dict[str, str], str]:
    """Return language, attributes, and what is wrong with what follows the fence's mark."""
    language = ""
    rest = info.strip()
    if match := _LANGUAGE.match(rest):
        language, rest = match["language"].lower(), rest[match.end() :].strip()
    if rest.startswith("{") and rest.endswith("}"):
        pairs, remainder = get_attrs_and_remainder(rest[1:-1])
        if remainder:
            return language, {}, f"cannot be read: {remainder!r} on the line of the fence"
        classes = [value for key, value in pairs if key == "." and value]
        if not language and classes:
            language = classes[0].lower()
        attributes = {key: value or "" for key, value in pairs if key not in (".", "id")}
        if not language and attributes and not any(attributes.values()):
            word = next(iter(attributes))
            return "", {}, f"'{{{word}}}' names no language; write '{{.{word}}}' or plain '{word}'"
        return language, attributes, ""
    attributes = {}
    while rest:
        option = _OPTION.match(rest)
        if not option:
            message = f'cannot be read: {rest!r} on the line of the fence; expected key="value"'
            return language, attributes, message
        attributes[option["key"]] = option["value"] if option["quote"] else option["key"]
        rest = rest[option.end() :].strip()
    return language, attributes, ""


def _complaints(fence: Fence) -> Iterator[str]:
    if is_python(fence.language) or is_session(fence.language):
        for key in fence.attributes:
            if key not in ATTRIBUTES and not key.startswith("data-"):
                near = suggestion(key, list(ATTRIBUTES))
                yield f"a Python fence has no attribute '{key}'{near}"
        if fence.attributes.get("skip") in ("", "skip"):
            yield 'skip needs a reason: skip="why this cannot run here"'
        if "skip" in fence.attributes and "raises" in fence.attributes:
            yield "an example that is skipped raises nothing; remove skip or raises"
        return
    language = fence.language
    if (
        language in _DIALECTS
        or ((language.startswith("py") or "python" in language) and language not in _TRACEBACK)
        or suggestion(language, ["python", "pycon"])
    ):
        yield f"'{language}' would be shown as Python and never run; write python or pycon"
    elif _PROMPT.search(fence.body):
        yield f"a session in a '{language or 'plain'}' fence is not run; name its language pycon"
