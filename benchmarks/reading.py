"""Reading: pages of this repository's own site, beside the same text in a theme as it comes."""

import shutil
import sys
from pathlib import Path

from benchmarks.peers import MKDOCS
from benchmarks.processes import Contender, FailedError, run
from benchmarks.workshop import Workshop

__all__ = ["OWN", "STOCK", "readers"]

OWN, STOCK = "this site", "Material as it comes"

_ROOT = Path(__file__).parents[1]
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PUBLISHED = "SITE_URL=https://example.org/"
_PAINT = (sys.executable, "-P", str(Path(__file__).with_name("paint.py").resolve()))


def readers(workshop: Workshop, page: str) -> list[Contender]:
    """Return what opens a page of both sites, which are built here.

    Raises:
        FailedError: there is no browser, or a site cannot be built.
    """
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        message = f"no browser for the rows paint-…: looked for {', '.join(_BROWSERS)}"
        raise FailedError(message)
    root = workshop.folder / "reading"
    if not root.exists():
        _build(root)
    return [
        Contender(name, (*_PAINT, browser, site, page), root, tells_its_time=True)
        for name, site in ((STOCK, "plain"), (OWN, "site"))
    ]


def _build(root: Path) -> None:
    _copy(root)
    (root / "plain.yml").write_text(MKDOCS.format(site="plain", plugins="search"), encoding="utf-8")
    for configuration in ("mkdocs.yml", "plain.yml"):
        command = ("env", _PUBLISHED, sys.executable, "-m", "mkdocs", "build", "-q")
        ended = run(Contender(configuration, (*command, "-f", configuration), root))
        if ended.code != 0:
            message = f"the site of {configuration} cannot be built:\n{ended.tail}"
            raise FailedError(message)


def _copy(root: Path) -> None:
    """Copy what this repository tracks, and what it knows to hold from an earlier run."""
    listed = run(Contender("git", ("git", "ls-files", "-z"), _ROOT)).output
    for path in filter(None, listed.split("\0")):
        if (_ROOT / path).is_file():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(_ROOT / path, root / path)
    if (kept := _ROOT / ".claims").is_dir():
        shutil.copytree(kept, root / ".claims")
