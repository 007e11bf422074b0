"""A notebook in Markdown: its cells, and what they printed."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from mkdocs_claims.rendering.plain.evidence import fence
from mkdocs_claims.rendering.plain.pages import plain_text
from mkdocs_claims.rendering.plain.places import Places

__all__ = ["plain_notebook"]

_ALTERNATIVE = re.compile(r'\b(?:alt|aria-label)="(?P<text>[^"]+)"')


def plain_notebook(text: str, places: Places) -> str:
    """Return the cells of a notebook that was run, from its JSON."""
    cells = json.loads(text)["cells"]
    return "\n\n".join(part for cell in cells for part in _cell(cell, places) if part)


def _cell(cell: dict[str, Any], places: Places) -> Iterator[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield plain_text(source, places).strip()
    elif cell["cell_type"] == "code" and source.strip():
        yield fence(source, "python")
        for output in cell["outputs"]:
            yield from _output(output)


def _output(output: dict[str, Any]) -> Iterator[str]:
    shown = output.get("data", {})
    kinds = [kind for kind in shown if kind.startswith("image/") or kind == "text/html"]
    for kind in kinds:
        if alternative := _ALTERNATIVE.search("".join(shown[kind])):
            yield f"Picture: {unescape(alternative['text'])}"
            return
    text = "".join(output.get("text", shown.get("text/plain", "")))
    if text.strip() and not any(kind.startswith("image/") for kind in kinds):
        yield "Output:"
        yield fence(text)
