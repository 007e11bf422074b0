"""A notebook: what its cells hold, read without running any of them."""

import json
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mkdocs_claims.citations import Citation
from mkdocs_claims.evidence import Kind, Subject
from mkdocs_claims.fences import scan
from mkdocs_claims.info_strings import is_python, is_session
from mkdocs_claims.problems import Problem

__all__ = ["Notebook", "line_of_cell", "read_notebook"]

_LINK = re.compile(r"\]\(\s*<?claim:(?P<claim>[^\s)>]*)")
_DIRECTIVE = re.compile(r"^///+[ \t]*(?P<name>[\w-]+)", re.MULTILINE)
_REFUSED_TAGS = {
    "raises-exception": (
        "which passes whatever is raised, or nothing; write `try`, `except` and an assertion on "
        "the exception"
    ),
    "skip-execution": "so it would be shown and never run; remove the tag",
}


@dataclass(frozen=True)
class Notebook:
    """What one `.ipynb` file under the pages holds."""

    subject: Subject
    citations: list[Citation]
    problems: list[Problem]


def read_notebook(text: str, path: str) -> Notebook:
    """Read a notebook's cells, and the claims that its Markdown cites."""
    name = Path(path).name
    subject = Subject(Kind.NOTEBOOK, path, path, 1, name, "", "")
    try:
        cells = json.loads(text)["cells"]
        sources = [(cell, "".join(cell["source"])) for cell in cells]
        code = [source for cell, source in sources if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        problem = Problem(path, getattr(error, "lineno", 0), f"is no notebook: {error!r}")
        return Notebook(subject, [], [problem])
    citations: list[Citation] = []
    problems: list[Problem] = []
    for number, (cell, source) in enumerate(sources, start=1):
        line = line_of_cell(text, cell)
        if cell["cell_type"] != "markdown":
            tags = cell.get("metadata", {}).get("tags", [])
            problems.extend(
                Problem(path, line, f"cell {number} has the tag {tag}, {why}")
                for tag, why in _REFUSED_TAGS.items()
                if tag in tags
            )
            continue
        found = scan(source, path)
        citations.extend(
            Citation(match["claim"], path, line) for match in _LINK.finditer(found.prose)
        )
        wrong = [
            f"'/// {match['name']}' does nothing in a notebook; link the claim"
            for match in _DIRECTIVE.finditer(found.prose)
        ]
        wrong += [
            "a fence with Python is never run in a notebook; make it a code cell"
            for fence in found.fences
            if is_python(fence.language) or is_session(fence.language)
        ]
        problems.extend(Problem(path, line, f"cell {number}: {each}") for each in wrong)
    if not any(block.strip() for block in code):
        problems.append(Problem(path, 0, "this notebook has no code, so nothing of it is run"))
    seconds = _timeout(json.loads(text).get("metadata"))
    if seconds is None:
        message = "metadata.claims.timeout must be a number of seconds above 0"
        problems.append(Problem(path, 0, message))
    subject = replace(subject, code="\n\n".join(code), timeout=seconds or 0)
    return Notebook(subject, citations, problems)


def _timeout(metadata: object) -> float | None:
    """Return the seconds that metadata names, 0 if it names none, None if it cannot be read."""
    own = metadata.get("claims") if isinstance(metadata, dict) else None
    if not isinstance(own, dict) or "timeout" not in own:
        return 0
    seconds = own["timeout"]
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return seconds if is_number and 0 < seconds < math.inf else None


def line_of_cell(text: str, cell: Any, line: int = 0) -> int:  # noqa: ANN401  # a cell is plain JSON or nbformat's
    """Return the line of the file on which a cell's id stands, or a line of its source.

    It is 1 where the cell has no id, and that of the id where a source is not written a line each.
    """
    mark = json.dumps(cell.get("id", ""))
    if not cell.get("id") or mark not in text:
        return 1
    own = text.count("\n", 0, text.find(mark)) + 1
    source = text.find('"source": [\n', text.find(mark))
    if not line or source < 0:
        return own
    at = text.count("\n", 0, source) + 1 + line
    wanted = json.dumps("".join(cell["source"]).split("\n")[line - 1], ensure_ascii=False)
    return at if wanted[:-1] in text.split("\n")[at - 1] else own
