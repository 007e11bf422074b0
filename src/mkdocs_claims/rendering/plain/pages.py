"""A page in Markdown, as it reads where nothing renders it: with all that it shows, and no marks.

What else stands there, such as a table, an admonition or a tab, is left as its author wrote it.
"""

import re
from collections.abc import Iterator, Mapping

from mkdocs_claims.evidence import Skip
from mkdocs_claims.info_strings import read_info
from mkdocs_claims.pages import Embed, Example, Page
from mkdocs_claims.rendering.plain.directives import shown_by
from mkdocs_claims.rendering.plain.evidence import below, checked, fence, quoted
from mkdocs_claims.rendering.plain.places import Places

__all__ = ["plain_page", "plain_text"]

_FRONT = re.compile(r"---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_PART = re.compile(
    r"^(?P<prefix>[> \t]*)(?P<fence>(?P<mark>`{3,}|~{3,})(?P<info>(?:(?!(?P=mark))[^\n])*)\n"
    r"(?P<body>.*?)^[> \t]*(?P=mark)[ \t]*$)"
    r"|(?P<unseen>^<!--.*?-->[ \t]*\n+|<!--.*?-->"
    r"|^[ \t]*(?:</?div\b[^>\n]*>|<(?P<tag>button|script)\b[^\n]*</(?P=tag)>)[ \t]*\n)"
    r"|^(?P<margin>[> \t]*)///+[ \t]*(?P<directive>[\w-]+)(?:[ \t]*\|[ \t]*(?P<argument>[^\n]*?))?"
    r"[ \t]*\n[> \t\n]*///+[ \t]*$"
    r"|(?P<code>(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<before>\]\([ \t]*<?|^[ ]{0,3}\[[^\]\n]+\]:[ \t]*<?)(?P<target>[^\s)>]+)"
    r"|(?<=\))(?P<attributes>\{:?[ ]*[.#][^}\n]*\})",
    re.MULTILINE | re.DOTALL,
)
_Blocks = Mapping[int, Example | Embed | Skip]


def plain_page(page: Page, places: Places) -> str:
    """Return the text of a page, with what its examples gave and what was checked on it."""
    blocks = {block.line: block for block in page.blocks()}
    text = plain_text(page.text, places, blocks)
    told = checked(page, places.addresses.report)
    return f"{text.strip()}\n\n{told}".strip()


def plain_text(text: str, places: Places, blocks: _Blocks | None = None) -> str:
    """Return Markdown without its front matter, and with all that it shows in its place.

    `blocks` holds its Python by the lines on which that begins.
    """
    front = _FRONT.match(text)
    return "".join(_parts(text, front.end() if front else 0, places, blocks or {}))


def _parts(text: str, start: int, places: Places, blocks: _Blocks) -> Iterator[str]:
    line, counted = 1, 0
    for part in _PART.finditer(text, start):
        yield text[start : part.start()]
        start = part.end()
        if part["fence"]:
            line, counted = line + text.count("\n", counted, part.start()), part.start()
            yield _fence(part, blocks.get(line), places)
        elif part["directive"]:
            shown = shown_by(part["directive"], part["argument"] or "", places)
            yield part[0] if shown is None else quoted(shown, part["margin"])
        elif part["target"]:
            yield f"{part['before']}{places.target(part['target'])}"
        elif part["code"]:
            yield part[0]
    yield text[start:]


def _fence(part: re.Match[str], block: Example | Embed | Skip | None, places: Places) -> str:
    prefix = part["prefix"]
    language, attributes, _ = read_info(part["info"])
    if block is None:
        shown = ["Output:", _body(part, "text")] if language == "output" else [part["fence"]]
        return "\n\n".join(f"{prefix}{each}" for each in shown)
    title = f' title="{attributes["title"]}"' if attributes.get("title") else ""
    code = _body(part, f"{language}{title}")
    if isinstance(block, Embed):
        code = quoted(fence(block.code, f"{language}{title}"), prefix).removeprefix(prefix)
    found = [quoted(each, prefix) for each in below(block, places.addresses.report)]
    empty = f"\n{prefix.rstrip()}\n"
    return empty.join([f"{prefix}{code}", *found])


def _body(part: re.Match[str], info: str) -> str:
    """Return a fence as it is, with another info string."""
    return part["fence"].replace(f"{part['mark']}{part['info']}", f"{part['mark']}{info}", 1)
