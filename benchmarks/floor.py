"""The floor: the usual script that runs the blocks of all pages in one process.

It imports nothing of this project, is as naive as most such scripts are, and is not to be made any
faster: it is what the others are measured against.
"""

import re
import sys
from pathlib import Path


def main(folder: str) -> None:
    """Run every block of every page, each page in a namespace of its own."""
    for page in sorted(Path(folder).rglob("*.md")):
        namespace: dict[str, object] = {"__name__": "__main__"}
        text = page.read_text(encoding="utf-8")
        for code in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            exec(compile(code, str(page), "exec"), namespace)  # noqa: S102  # this is its work


if __name__ == "__main__":
    main(sys.argv[1])
