"""An info string: what stands behind the mark that opens a fence, its language and attributes."""

import math
import re
from collections.abc import Iterator, Mapping

from mkdocs_claims.problems import suggestion

__all__ = [
    "ATTRIBUTES",
    "OURS",
    "TOLD",
    "complaints",
    "is_python",
    "is_session",
    "read_info",
    "read_seconds",
]

_LANGUAGE = re.compile(r"[ \t]*\.?(?P<language>[\w#.+-]+)(?=[ \t]|$)")
_OPTION = re.compile(
    r"[ \t]*(?P<key>[A-Za-z]\w*)(?:=(?P<quote>[\"'])(?P<value>.*?)(?P=quote))?(?=[ \t]|$)"
)
_PROMPT = re.compile(r"^[> \t]*>>> ?\S", re.MULTILINE)

_PYTHON = ("python", "py", "python3", "py3", "ipython", "ipython3")
_SESSION = ("pycon", "python-console")
_TRACEBACK = ("pytb", "py3tb", "python-traceback")
_DIALECTS = ("sage", "bazel", "starlark", "numpy", "doctest")
"""Names under which a highlighter shows Python, and which nothing here runs."""

_FORMS = {"hl_lines": ("RE_HL_LINES", "1 3-5"), "linenums": ("RE_LINENUMS", "1")}
"""Attributes that superfences reads, and shows a fence as text where it cannot: by what name."""

TOLD = {"raises": "exception", "warns": "warning"}
"""Attributes that say of what type something is that an example tells, and how its text begins."""
OURS = (*TOLD, "skip", "timeout")
"""Attributes that only examples have."""
ATTRIBUTES = ("title", "title_mode", "hl_lines", "linenums", *OURS)
"""What may stand on the opening line of a Python fence."""


def is_python(language: str) -> bool:
    """Whether fences of this language are examples, written as plain code."""
    return language.lower() in _PYTHON


def is_session(language: str) -> bool:
    """Whether fences of this language are examples, written as an interactive session."""
    return language.lower() in _SESSION


def read_seconds(text: str) -> float:
    """Return a number of seconds, or 0 if the text is none."""
    try:
        seconds = float(text)
    except ValueError:
        return 0
    return seconds if 0 < seconds < math.inf else 0


def read_info(info: str) -> tuple[str, dict[str, str], str]:
    """Return language (in lower case), attributes, and what is wrong with an info string."""
    language = ""
    rest = info.strip()
    if match := _LANGUAGE.match(rest):
        language, rest = match["language"].lower(), rest[match.end() :].strip()
    if rest.startswith("{") and rest.endswith("}"):
        return _read_braces(language, rest[1:-1])
    attributes: dict[str, str] = {}
    while rest:
        option = _OPTION.match(rest)
        if not option:
            wanted = 'expected key="value"'
            return (
                language,
                attributes,
                f"cannot be read: {rest!r} on the line of the fence; {wanted}",
            )
        attributes[option["key"]] = option["value"] if option["quote"] else option["key"]
        rest = rest[option.end() :].strip()
    return language, attributes, ""


def _read_braces(language: str, braces: str) -> tuple[str, dict[str, str], str]:
    # The processes that run examples know their attributes, and need not wait for a renderer.
    from markdown.extensions.attr_list import get_attrs_and_remainder  # noqa: PLC0415

    pairs, remainder = get_attrs_and_remainder(braces)
    if remainder:
        return language, {}, f"cannot be read: {remainder!r} on the line of the fence"
    classes = [value for key, value in pairs if key == "." and value]
    attributes = {key: value or "" for key, value in pairs if key not in (".", "id")}
    if not language and classes:
        language = classes[0].lower()
        for later in classes[1:]:
            if is_python(later) or is_session(later):
                wanted = f"write '{{.{later} .{classes[0]}}}'"
                wrong = (
                    f"'.{later}' is not the first class, so this would be shown as text; {wanted}"
                )
                return language, attributes, wrong
    if not language and attributes and not any(attributes.values()):
        word = next(iter(attributes))
        return "", {}, f"'{{{word}}}' names no language; write '{{.{word}}}' or plain '{word}'"
    return language, attributes, ""


def complaints(language: str, attributes: Mapping[str, str], body: str) -> Iterator[str]:
    """Say what would let a fence pass by untested."""
    if is_python(language) or is_session(language):
        yield from _about_attributes(attributes)
    elif language not in _TRACEBACK and (
        language in _DIALECTS
        or language.startswith("py")
        or "python" in language
        or suggestion(language, ["python", "pycon"])
    ):
        yield f"'{language}' would be shown as Python and never run; write python or pycon"
    elif _PROMPT.search(body):
        yield f"a session in a '{language or 'plain'}' fence is not run; name its language pycon"


def _about_attributes(attributes: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with the attributes of a Python fence."""
    for key in attributes:
        if key not in ATTRIBUTES and not key.startswith("data-"):
            near = suggestion(key, list(ATTRIBUTES))
            yield f"a Python fence has no attribute '{key}'{near}"
    if attributes.get("skip") in ("", "skip"):
        yield 'skip needs a reason: skip="why this cannot run here"'
    for key in _FORMS.keys() & attributes.keys():
        from pymdownx import superfences  # noqa: PLC0415  # as above

        form, example = _FORMS[key]
        if not getattr(superfences, form).match(attributes[key]):
            yield f'cannot read {key}; expected a value such as {key}="{example}"'
    if read_seconds(attributes.get("timeout", "1")) == 0:
        yield 'timeout needs seconds, a number above 0: timeout="120"'
    if "skip" in attributes and "raises" in attributes:
        yield "an example that is skipped raises nothing; remove skip or raises"
    if "skip" in attributes and "warns" in attributes:
        yield "an example that is skipped does not warn; remove skip or warns"
    if TOLD.keys() <= attributes.keys():
        yield "an example either raises or warns; make two of it"
