"""A project in a folder of its own, and what becomes of it when it is built or tested."""

import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, sync_playwright

PROJECTS = Path(__file__).parent / "projects"
ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_LISTED = re.compile(
    r"^(?:ERROR +-  )?(?:1 thing is|(?P<count>\d+) things are) wrong:\n\n(?P<entries>.*)\n\n"
    r"\d+ claims?(?: \([^)]*\))?, \d+ examples?, ",
    re.MULTILINE | re.DOTALL,
)
_NOBODY_ELSE = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""What a browser is told, so that all that a page asks others for fails."""
_TIMEOUT = 900
"""Seconds after which a command is taken for hung."""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    output: str

    @property
    def entries(self) -> list[str]:
        """Each thing that a refused build lists, from its place to its last line."""
        listed = _LISTED.search(self.output)
        return re.split(r"\n\n(?=\S)", listed["entries"]) if listed else []

    @property
    def first_lines(self) -> list[str]:
        """The first line of each thing that a refused build lists."""
        return [entry.partition("\n")[0] for entry in self.entries]


@dataclass(frozen=True)
class Project:
    """A copy of a project, to be changed and built."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    """Variables that its commands see beside those of this process."""

    def run(self, *arguments: str) -> Ended:
        """Run a module of this Python in the project's folder."""
        return self._ended(sys.executable, "-m", *arguments)

    def claims(self, *arguments: str) -> Ended:
        """Run the command of this package."""
        return self._ended(str(Path(sys.executable).with_name("claims")), *arguments)

    def _ended(self, *command: str) -> Ended:
        ended = subprocess.run(
            command,
            cwd=self.root,
            env={**clean_environment(), **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout)

    def build(self, *options: str) -> Ended:
        """Build the site, by default as strictly and quietly as MkDocs can."""
        return self.run("mkdocs", "build", *(options or ("--strict", "-q")))

    def pytest(self, *arguments: str) -> Ended:
        """Run pytest as a person would."""
        return self.run("pytest", "-p", "no:cacheprovider", *arguments)

    def write(self, path: str, text: str) -> None:
        """Write a file, and the folders that it needs."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        """Return the text of a file."""
        return (self.root / path).read_text(encoding="utf-8")

    def append(self, path: str, text: str) -> int:
        """Add to the end of a file; return the line on which the addition begins."""
        before = self.read(path).rstrip("\n") + "\n\n"
        self.write(path, before + text)
        return before.count("\n") + 1

    def replace(self, path: str, old: str, new: str) -> int:
        """Change the one place where a text stands; return its line."""
        text = self.read(path)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        self.write(path, text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def line_of(self, path: str, text: str) -> int:
        """Return the first line on which a text stands."""
        content = self.read(path)
        return content[: content.index(text)].count("\n") + 1

    def site(self) -> dict[str, str]:
        """Return the digest of each file of the published site."""
        site = self.root / "site"
        return {
            file.relative_to(site).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(site.rglob("*"))
            if file.is_file()
        }

    def html(self, page: str) -> BeautifulSoup:
        """Return a page of the published site."""
        return BeautifulSoup(self.read(f"site/{page}"), "html.parser")

    def report(self, path: str = "site/claims.json") -> dict[str, Any]:
        """Return the report that was published."""
        report: dict[str, Any] = json.loads(self.read(path))
        return report


def clean_environment() -> dict[str, str]:
    """Return this process's variables without those by which pytest would be led astray."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return {**kept, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="session")
def built_decimal(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the sample project, built once; nobody may change it."""
    project = Project(tmp_path_factory.mktemp("built") / "decimal")
    shutil.copytree(PROJECTS / "decimal", project.root)
    ended = project.build()
    assert (ended.code, ended.output) == (0, ""), ended.output
    return project


@pytest.fixture
def project(tmp_path: Path, built_decimal: Project) -> Project:
    """Return a copy of the sample project, as it stands after a good build."""
    root = tmp_path / "decimal"
    shutil.copytree(built_decimal.root, root)
    return Project(root)


@pytest.fixture(scope="session")
def real_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a copy of what this repository tracks, built once; nobody may change it.

    What this repository knows to hold from an earlier run is not run again.
    """
    project = Project(tmp_path_factory.mktemp("real") / "repository")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    for path in listed.stdout.split("\0"):
        if path and not path.startswith("tests/") and (ROOT / path).is_file():
            (project.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, project.root / path)
    if (kept := ROOT / ".claims").is_dir():
        shutil.copytree(kept, project.root / ".claims")
    ended = project.build()
    assert (ended.code, ended.output) == (0, ""), ended.output
    return project


@pytest.fixture
def real_copy(tmp_path: Path, real_project: Project) -> Project:
    """Return a copy of this repository as it stands after a good build."""
    shutil.copytree(real_project.root, tmp_path / "repository")
    return Project(tmp_path / "repository")


@pytest.fixture(scope="session")
def real_site(real_project: Project) -> Path:
    """Return the folder of this repository's site; nobody may change it."""
    return real_project.root / "site"


@pytest.fixture
def refused(project: Project) -> Callable[..., Ended]:
    """Return a build that must be refused and must leave the published site as it was."""

    def build(*options: str) -> Ended:
        before = project.site()
        ended = project.build(*options)
        assert ended.code != 0, ended.output
        assert before == project.site()
        assert "Traceback (most recent call last)" not in ended.output
        assert "INTERNALERROR" not in ended.output
        return ended

    return build


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # one connection for many files, as servers of sites do

    def log_message(self, *_: object) -> None:
        """Keep the test's output free of requests."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a browser; without one the tests that need it are skipped, or fail with CI=true."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        missing = "no browser: looked for " + ", ".join(BROWSERS)
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-gpu", f"--host-resolver-rules={_NOBODY_ELSE}"],
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def address(real_site: Path) -> Iterator[str]:
    """Return where this repository's site is served."""
    handler = functools.partial(_Quiet, directory=str(real_site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
