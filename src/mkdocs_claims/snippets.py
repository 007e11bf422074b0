"""A snippet: a file that runs by itself, and the sections of it that pages embed."""

import ast
import re
import textwrap
from collections.abc import Iterator

from mkdocs_claims.assertions import is_assertion
from mkdocs_claims.problems import Problem

__all__ = ["section", "wrong_with"]

_MARK = re.compile(
    r"^[ \t]*#[ \t]*-+8<-+[ \t]+\[(?P<edge>start|end)(?::(?P<name>[\w-]+))?\][ \t]*$"
)


def section(text: str, name: str) -> str | None:
    """Return a named section of a snippet, dedented, without the marks of other sections.

    An empty name stands for the whole file; None is returned where there is no such section.
    """
    lines = text.removesuffix("\n").split("\n")
    if not name:
        return _without_marks(lines)
    edges = [(number, _MARK.match(line)) for number, line in enumerate(lines)]
    named = {match["edge"]: number for number, match in edges if match and match["name"] == name}
    if "start" not in named or named.get("end", -1) < named["start"]:
        return None
    return textwrap.dedent(_without_marks(lines[named["start"] + 1 : named["end"]]))


def wrong_with(text: str, path: str) -> Iterator[Problem]:
    """Find what keeps a file from being a snippet, or from being able to fail."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield Problem(path, error.lineno or 0, f"cannot be read as Python: {error.msg}")
    except ValueError as error:  # a null byte
        yield Problem(path, 0, f"cannot be read as Python: {error}")
    else:
        is_package = path.endswith("__init__.py")
        if not is_package and not any(is_assertion(node) for node in ast.walk(tree)):
            message = "asserts nothing, so it could not fail; assert what its page says of it"
            yield Problem(path, 0, message)
        named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for node in tree.body:
            is_main = isinstance(node, ast.FunctionDef) and node.name == "main"
            if is_main and "main" not in named:
                message = (
                    "defines main() and never calls it; a snippet is run as a program, so end it "
                    'with `if __name__ == "__main__":` and a call of main()'
                )
                yield Problem(path, node.lineno, message)


def _without_marks(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines if not _MARK.match(line))
