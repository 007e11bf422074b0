"""What a page says of itself in its head, for those who find it by a search."""

import re
from html import escape, unescape

from mkdocs_claims.messages import Message
from mkdocs_claims.reports import Report

__all__ = ["described"]

_FIRST = re.compile(r"<p>(?P<text>.*?)</p>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_LONG = 300
"""So many characters are more than anyone shows."""


def described(own: str, path: str, html: str, report: Report) -> str:
    """Return the description of a page, as the value of an attribute.

    Args:
        own: what its author says.
        path: the path of the page; one about a message is described by that and by its answer.
        html: the page, of which otherwise the first sentences are taken.
        report: what messages are taken from, whole, as they were seen.
    """
    about = next((message for message in report.messages if message.path == path), None)
    told = _told(about, report) if about else ""
    text = " ".join(unescape(own or told or _first_sentences(html)).split())
    return escape(text, quote=False).replace('"', "&quot;")


def _told(message: Message, report: Report) -> str:
    whole = report.whole(message)
    text = whole if len(whole) < _LONG else message.begins
    end = "" if text.rstrip(")\"'").endswith((".", "!", "?")) else "."
    return f"{text}{end} {message.answer.replace('`', '')}"


def _first_sentences(html: str) -> str:
    found = _FIRST.search(html)
    text = " ".join(_TAG.sub("", found["text"]).split()) if found else ""
    kept = ""
    for sentence in _SENTENCE.split(text):
        if kept and len(kept) + len(sentence) >= _LONG:
            break
        kept = f"{kept} {sentence}".strip()
    return kept
