"""A project of claims: modules of small torch checks, each claim cited by a link on a page.

Plain pytest runs the very same modules, too.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

from benchmarks.pages import sections

__all__ = ["COUNTERFACTUALS", "FUNCTIONS", "checks", "counterfactuals"]

FUNCTIONS = "*_case_*"
"""What the names of the checks have in common, for pytest."""
COUNTERFACTUALS = "verify/counterfactuals.py"
"""Where the project's counterfactuals stand, as those of this repository do."""

_HEAD = '''\
"""Checks of gradients, part {module}."""

import torch
from torch import nn

from mkdocs_claims import claim
'''
_CHECK = '''

@claim
def {name}() -> None:
    """{statement}"""
{body}'''


def checks(modules: int, each: int) -> dict[str, str]:
    """Return the files of a project that has so many modules of so many claims each."""
    files = {}
    links = []
    for module in range(modules):
        text = _HEAD.format(module=module)
        for name, statement, body in _checks_of(range(module * each, (module + 1) * each)):
            text += _CHECK.format(name=name, statement=statement, body=body)
            links.append(f"- {statement} ([shown](claim:{name.replace('_', '-')}))")
        files[f"verify/part_{module}.py"] = text
    files["docs/index.md"] = "# Gradients\n\n" + "\n".join(links) + "\n"
    return files


def counterfactuals(count: int) -> str:
    """Return this repository's module of counterfactuals, of which so many are left.

    They are taken from all its parts; the others lose their decorator.
    """
    text = (Path(__file__).parents[1] / COUNTERFACTUALS).read_text(encoding="utf-8")
    first, *others = re.split(r"^@counterfactual\n", text, flags=re.MULTILINE)
    every = len(others) // count
    chosen = range(0, every * count, every)
    decorated = ["@counterfactual\n" * (i in chosen) + other for i, other in enumerate(others)]
    return first + "".join(decorated)


def _checks_of(numbers: range) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the statement and the body of each check."""
    (opening,) = sections("Opening")
    kinds = [*sections("Ordinary"), *sections("Raising")]
    for number in numbers:
        kind = kinds[number % len(kinds)].filled(number)
        # What a page imports once stands at the top of a module.
        start = opening.filled(number).code.partition("\n\n")[2]
        name = f"{re.sub(r'[^a-z]+', '_', kind.title.lower())}_case_{number:03}"
        statement = f"{kind.title}, in case {number}."
        yield name, statement, indent(f"{start}\n{kind.code}", "    ")
