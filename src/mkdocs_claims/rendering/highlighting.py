"""Highlighted Python is kept from one build to the next, since making it is most of rendering."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from markdown.util import STX

from mkdocs_claims.info_strings import is_python, is_session
from mkdocs_claims.writing import write

__all__ = ["Highlighting"]


class Highlighting:
    """The HTML of the blocks of Python that a build shows, in a file beside its report.

    A block is known by all that its HTML is made from, so nothing ever has to be forgotten but
    what is no longer shown.
    """

    def __init__(self, file: Path, *, is_fresh: bool = False) -> None:
        self._file = file
        self._known = {} if is_fresh else _read(file)
        self._shown: dict[str, str] = {}
        self._made_by = [version("pygments"), version("pymdown-extensions")]

    def kept_by(self, highlighter: type[Any]) -> type[Any]:
        """Return pymdownx's highlighter, or another in its place, as one that makes only new HTML.

        Only Python's: a lexer that something else brings may change without a word.
        """
        highlighting = self

        class Kept(highlighter):  # type: ignore[misc]  # pymdownx is untyped
            def highlight(self, src: str, language: str, *args: Any, **rest: Any) -> Any:  # noqa: ANN401  # its own
                if not (is_python(language) or is_session(language)):
                    return super().highlight(src, language, *args, **rest)
                settings = {name: value for name, value in vars(self).items() if name != "md"}
                made_from = (highlighting._made_by, settings, src, language, args, rest)
                key = hashlib.sha256(repr(made_from).encode()).hexdigest()
                html = highlighting._known.get(key)
                if html is None:
                    html = super().highlight(src, language, *args, **rest)
                if STX not in html:  # else a part of it is in the stash of this page alone
                    highlighting._shown[key] = html
                return html

        return Kept

    def write(self) -> None:
        """Write what was shown, for the next build."""
        if self._shown.keys() != self._known.keys():
            write(self._file, json.dumps(self._shown))


def _read(file: Path) -> dict[str, str]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(known, dict) and all(isinstance(html, str) for html in known.values())
    return known if is_ours else {}
