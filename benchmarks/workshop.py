"""The workshop: a temporary folder in which each peer's project is written once."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks.checks import COUNTERFACTUALS, checks, counterfactuals
from benchmarks.pages import Page, pages
from benchmarks.peers import CLAIMS, Peer
from benchmarks.processes import Contender

__all__ = ["Workshop"]

_MODULES, _EACH = 10, 25
"""How many modules of how many checks the project of claims has."""


class Workshop:
    """Writes projects into a folder, and remembers which are there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def contender(self, peer: Peer, count: int, *, printing: bool = False) -> Contender:
        """Return a peer with a project of so many pages."""
        return Contender(peer.name, peer.command, self.project(peer, count, printing=printing))

    def project(self, peer: Peer, count: int, *, printing: bool = False) -> Path:
        """Return the folder of a peer's project of so many pages."""
        kind = "printing" if printing else "pages"
        folder = self.folder / f"{count}-{kind}" / peer.name.replace(" ", "-")
        if not folder.exists():
            write(folder, peer, pages(count, printing=printing))
        return folder

    def claims(self, name: str = "claims") -> Path:
        """Return the folder of a project of claims, which has a page without blocks."""
        folder = self.folder / name
        if not folder.exists():
            write(folder, CLAIMS, [])
            (folder / "verify" / "product.py").unlink()
            write_files(folder, checks(_MODULES, _EACH))
        return folder

    def falsified(self, name: str, count: int) -> Path:
        """Return the folder of a project of claims that has so many counterfactuals, too."""
        folder = self.claims(name)
        write_files(folder, {COUNTERFACTUALS: counterfactuals(count)})
        return folder


def write(folder: Path, peer: Peer, corpus: Iterable[Page]) -> None:
    """Write a peer's project."""
    written = {f"docs/{page.name}.md": peer.written(page) for page in corpus}
    write_files(folder, {**peer.files, **written})


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files, and the folders that they need."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
