"""The peers: tools that run the blocks of Markdown pages, each with the files that it needs.

A peer gets the same pages as the others, and of its own only what its manual tells to write.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.pages import OPENING, Page

__all__ = ["CLAIMS", "FLOOR", "MKDOCS", "PEERS", "PLAIN_MKDOCS", "SYBIL", "Peer"]

_BIN = Path(sys.executable).parent
_PYTEST = (sys.executable, "-m", "pytest", "-q")

MKDOCS = """\
site_name: Gradients
site_dir: {site}
theme:
  name: material
  font: false
plugins: [{plugins}]
markdown_extensions:
  - admonition
  - tables
  - pymdownx.highlight
  - pymdownx.superfences
"""
"""A site in Material as it comes, by its folder and its plugins."""
_INDEX = "# Gradients\n\nA product under `no_grad` [has no graph](claim:product-has-no-graph).\n"
_ALL_CLAIMS = "# All claims\n\n/// all-claims\n///\n"
_CLAIM = '''\
"""A claim about gradients."""

import torch

from mkdocs_claims import claim


@claim
def product_has_no_graph() -> None:
    """Under `torch.no_grad()` a product with a trainable weight has no `grad_fn`."""
    weight = torch.ones(2, requires_grad=True)

    with torch.no_grad():
        product = weight * 2

    assert product.grad_fn is None
'''
_PREPARE = '''\
"""What each process calls before it runs a file."""

import torch


def prepare() -> None:
    """Set the seed, and one thread."""
    torch.manual_seed(0)
    torch.set_num_threads(1)


torch.manual_seed(0)  # the first call looks for accelerators: once, where this is imported
'''
_SETTINGS = """\
[tool.claims]
package = "torch"
preload = ["torch", "torch._dynamo"]
versions = ["torch", "numpy"]
prepare = "verify.prepare:prepare"
"""
_SYBIL = '''\
"""Sybil as its manual sets it up, with its own parser."""

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], patterns=["*.md"]).pytest()
'''
_MKTESTDOCS = '''\
"""mktestdocs, which remembers what the blocks before have done."""

from pathlib import Path

import pytest
from mktestdocs import check_md_file


@pytest.mark.parametrize("page", sorted(Path("docs").rglob("*.md")), ids=str)
def test_page(page):
    check_md_file(page, memory=True)
'''
_PYTEST_EXAMPLES = '''\
"""pytest-examples, with the names of a page handed from block to block."""

import pytest
from pytest_examples import find_examples

namespaces = {}


@pytest.mark.parametrize("example", find_examples("docs"), ids=str)
def test_block(example, eval_example):
    names = namespaces.get(example.group)
    namespaces[example.group] = eval_example.run(example, module_globals=names)
'''


@dataclass(frozen=True)
class Peer:
    """A tool that runs the blocks of pages."""

    name: str
    command: tuple[str, ...]
    """What to run in the folder of its project, whose pages stand in `docs`."""
    files: Mapping[str, str] = field(default_factory=dict)
    opening: str = OPENING
    """The line with which it wants a block to begin; `{page}` is the page's name."""
    distribution: str = ""
    """What it is installed as."""

    def written(self, page: Page) -> str:
        """Return a page as this peer wants it written."""
        opening = self.opening.format(page=page.name)
        return page.text.replace(f"{OPENING}\n", f"{opening}\n")


FLOOR = Peer(
    "floor", (sys.executable, "-P", str(Path(__file__).with_name("floor.py").resolve()), "docs")
)
SYBIL = Peer(
    "Sybil under pytest", (*_PYTEST, "docs"), {"docs/conftest.py": _SYBIL}, distribution="sybil"
)
CLAIMS = Peer(
    "claims",
    (str(_BIN / "claims"), "check", "--fresh"),
    {
        "pyproject.toml": _SETTINGS,
        "mkdocs.yml": MKDOCS.format(site="site", plugins="search, claims") + "  - claims\n",
        "plain.yml": MKDOCS.format(site="plain", plugins="search"),
        "docs/index.md": _INDEX,
        "docs/claims.md": _ALL_CLAIMS,
        "verify/product.py": _CLAIM,
        "verify/prepare.py": _PREPARE,
    },
    distribution="mkdocs-claims",
)
PLAIN_MKDOCS = (str(_BIN / "mkdocs"), "build", "-q", "-f", "plain.yml")
"""What builds the site of the same project without the plugin."""
PEERS = (
    FLOOR,
    SYBIL,
    Peer(
        "pytest-examples",
        (*_PYTEST, "-p", "pytest_examples", "test_blocks.py"),
        {"test_blocks.py": _PYTEST_EXAMPLES},
        distribution="pytest-examples",
    ),
    Peer(
        "mktestdocs",
        (*_PYTEST, "test_pages.py"),
        {"test_pages.py": _MKTESTDOCS},
        distribution="mktestdocs",
    ),
    Peer(
        "markdown-exec in mkdocs build",
        # With -q, --strict passes over the warnings that say which blocks failed.
        (str(_BIN / "mkdocs"), "build", "--strict"),
        {
            "mkdocs.yml": MKDOCS.format(site="site", plugins="search, markdown-exec"),
            "docs/index.md": "# Gradients\n",
        },
        opening='```python exec="on" source="above" session="{page}"',
        distribution="markdown-exec",
    ),
    CLAIMS,
)
