"""A message that a page is about: an exception or a warning, and what to do when it comes."""

import re
from dataclasses import dataclass

import yaml

from mkdocs_claims.problems import Problem

__all__ = ["Message", "read_message"]

_FRONT = re.compile(r"---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#[ \t]+(?P<text>.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_KEY = re.compile(r"^message[ \t]*:", re.MULTILINE)


@dataclass(frozen=True)
class Message:
    """What a page says in its front matter about the message that it explains."""

    path: str
    line: int
    begins: str
    """How the message begins, with its type: `Type: text`."""
    answer: str
    """What to do about it, in one line."""
    heading: str
    """The page's heading, which is a part of the message."""


def read_message(text: str, path: str) -> Message | Problem | None:
    """Read the message of a page, if its front matter names one."""
    front = _FRONT.match(text)
    key = _KEY.search(front["yaml"]) if front else None
    if not front or not key:
        return None
    line = text.count("\n", 0, front.start("yaml") + key.start()) + 1
    try:
        meta = yaml.safe_load(front["yaml"])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = mark.line + 2 if mark else line
        return Problem(path, place, "the front matter is no YAML; put the message in quotes")
    begins, answer = meta["message"], meta.get("answer")
    if not (isinstance(begins, str) and re.match(r"[A-Za-z_][\w.]*: \S", begins)):
        wanted = 'message: "Type: how its text begins"'
        return Problem(path, line, f"cannot read the message of this page; expected {wanted}")
    if not (isinstance(answer, str) and answer.strip()):
        wanted = 'answer: "what to do about it, in one line"'
        return Problem(path, line, f"this page is about a message and has no answer; add {wanted}")
    heading = _HEADING.search(text, front.end())
    title = heading["text"].strip("` ") if heading else ""
    return Message(path, line, begins, answer.strip(), title)
