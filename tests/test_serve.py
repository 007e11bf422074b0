"""`mkdocs serve` shows what does not hold, on the page and in the terminal, and goes on."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.conftest import Project, clean_environment

_PATIENCE = 40
"""Seconds after which a page is taken for lost."""


@dataclass(frozen=True)
class Served:
    """A project that is being served."""

    project: Project
    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def page(self, path: str, awaited: Callable[[BeautifulSoup], bool]) -> BeautifulSoup:
        """Return a page once what is awaited is on it."""
        for _ in range(_PATIENCE * 5):
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            try:
                with urllib.request.urlopen(f"{self.address}/{path}", timeout=_PATIENCE) as answer:  # noqa: S310
                    page = BeautifulSoup(answer.read(), "html.parser")
                if awaited(page):
                    return page
            except (urllib.error.URLError, ConnectionError):
                pass
            time.sleep(0.2)
        pytest.fail(f"{path} did not become what was awaited:\n{self.said}")

    @property
    def said(self) -> str:
        """What it wrote to its terminal so far."""
        return self.log.read_text(encoding="utf-8")


@pytest.fixture
def served(project: Project) -> Iterator[Served]:
    """Serve a project of which one claim, one example and one citation are wrong."""
    project.replace("verify/arithmetic.py", 'total == Decimal("0.3")', 'total == Decimal("0.4")')
    project.replace("docs/index.md", "unchanged: 0.3", "unchanged: 0.4")
    project.append("docs/contexts.md", "[Nobody](claim:nobody-knows-this) knows.\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    log = project.root.parent / "serve.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "--livereload", "-a", place],
            cwd=project.root,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    yield Served(project, process, f"http://{place}", log)
    process.terminate()
    process.wait(timeout=_PATIENCE)


def failures(page: BeautifulSoup) -> list[str]:
    """Return the classes of whatever on a page is not as it should be."""
    return [
        " ".join(found["class"])
        for found in page.select("[class*=claims-]")
        if {"claims-fails", "claims-error", "claims-unknown"} & set(found["class"])
    ]


def test_serve_shows_what_is_wrong_until_it_is_mended(served: Served) -> None:
    project = served.project
    before = project.site()
    index = served.page("index.html", lambda page: bool(page.select(".claims-card")))

    # The mark, the card with what was seen, the example whose output differs, the one skipped; at
    # the foot how many fail, and the claim.
    assert failures(index) == [
        "claims-mark claims-fails",
        "claims-card claims-fails",
        "claims-output claims-fails",
        "claims-output claims-fails",
        "claims-output claims-unknown",
        "claims-fails",
        "claims-fails",
    ]
    (card,) = index.select(".claims-card")
    assert [found.text for found in card.select(".claims-verdict")] == ["✗ fails"]
    assert [found.text for found in card.select(":scope > .claims-output pre")] == [
        (
            'expected (line 15): assert total == Decimal("0.4")\n'
            "seen: assert Decimal('0.3') == Decimal('0.4')\n"
            " +  where Decimal('0.4') = Decimal('0.4')"
        )
    ]
    _, example = index.select(".claims-output.claims-fails pre")
    assert example.text.splitlines()[-2:] == ["unchanged: 0.4", "seen: unchanged: 0.3"]
    contexts = served.page("contexts/index.html", lambda page: bool(page.select(".claims-card")))
    assert failures(contexts) == ["claims-mark claims-unknown"]
    assert "3 things are wrong:" in served.said
    assert "docs/index.md:3: claim sum-of-tenths-is-exact: fails" in served.said

    project.replace("verify/arithmetic.py", 'total == Decimal("0.4")', 'total == Decimal("0.3")')
    mended = served.page("index.html", lambda page: not page.select(".claims-card.claims-fails"))
    assert failures(mended) == [
        "claims-output claims-fails",
        "claims-output claims-unknown",
        "claims-fails",
    ]

    project.replace("docs/index.md", "unchanged: 0.4", "unchanged: 0.3")
    served.page("index.html", lambda page: failures(page) == ["claims-output claims-unknown"])

    project.replace("snippets/invoice.py", '"""Add an invoice up."""', '"""Add it up."""')
    project.replace("snippets/invoice.py", "the sum of prices", "the whole")
    served.page("index.html", lambda page: "Return the whole with tax" in page.text)
    assert before == project.site()


def test_serve_shows_a_page_that_cannot_be_read_as_wrong_and_goes_on(served: Served) -> None:
    served.page("index.html", lambda page: bool(page.select(".claims-card")))

    served.project.append("docs/index.md", "```python\nunclosed = 1\n")
    served.page("index.html", lambda page: "unclosed = 1" in page.text)
    served.project.replace("docs/index.md", "```python\nunclosed = 1\n", "All is closed.\n")
    served.page("index.html", lambda page: "All is closed." in page.text)

    assert "this fence is never closed" in served.said
    assert "Traceback" not in served.said
