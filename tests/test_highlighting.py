"""Highlighted code is kept between builds, and looks as if it had been made anew."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown
from pymdownx.highlight import Highlight

from mkdocs_claims.rendering.highlighting import Highlighting
from tests.conftest import Project


class Counted(Highlight):  # type: ignore[misc]  # pymdownx is untyped
    """Pymdownx's highlighter, which notes what it makes."""

    made: list[str]

    def highlight(self, src: str, *args: Any, **rest: Any) -> Any:  # noqa: ANN401  # its own
        self.made.append(src)
        return super().highlight(src, *args, **rest)


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    monkeypatch.setattr(Counted, "made", made, raising=False)
    return made


def highlighted(file: Path, *blocks: tuple[str, str], **settings: Any) -> list[str]:  # noqa: ANN401  # pymdownx's
    """Highlight blocks, each a language and its code, in a build that ends well."""
    highlighting = Highlighting(file)
    kept = highlighting.kept_by(Counted)
    html = [kept(Markdown(), **settings).highlight(code, language) for language, code in blocks]
    highlighting.write()
    return html


def test_a_second_build_makes_nothing_again(tmp_path: Path, made: list[str]) -> None:
    blocks = [("python", "x = 1"), ("pycon", ">>> 1\n1")]

    first = highlighted(tmp_path / "h.json", *blocks)
    assert ["x = 1", ">>> 1\n1"] == made
    assert [Highlight(Markdown()).highlight(code, name) for name, code in blocks] == first

    assert highlighted(tmp_path / "h.json", *blocks) == first
    assert ["x = 1", ">>> 1\n1"] == made


@pytest.mark.parametrize(
    ("block", "settings"),
    [
        pytest.param(("python", "x = 2"), {}, id="code"),
        pytest.param(("pycon", "x = 1"), {}, id="language"),
        pytest.param(("python", "x = 1"), {"linenums": True}, id="settings"),
    ],
)
def test_another_block_is_made(
    tmp_path: Path, made: list[str], block: tuple[str, str], settings: dict[str, Any]
) -> None:
    highlighted(tmp_path / "h.json", ("python", "x = 1"))

    html = highlighted(tmp_path / "h.json", block, **settings)

    assert ["x = 1", block[1]] == made
    assert [Highlight(Markdown(), **settings).highlight(block[1], block[0])] == html


def test_other_versions_make_all_again(
    tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    highlighted(tmp_path / "h.json", ("python", "x = 1"))
    monkeypatch.setattr(
        "mkdocs_claims.rendering.highlighting.version", lambda name: f"{name} of tomorrow"
    )

    highlighted(tmp_path / "h.json", ("python", "x = 1"))

    assert ["x = 1", "x = 1"] == made


def test_another_language_is_not_kept(tmp_path: Path, made: list[str]) -> None:
    for _ in range(2):
        highlighted(tmp_path / "h.json", ("yaml", "a: 1"))

    assert ["a: 1", "a: 1"] == made
    assert not (tmp_path / "h.json").exists()


def test_what_refers_to_its_page_is_not_kept(tmp_path: Path, made: list[str]) -> None:
    titles = {"Python": {"title": "<b>Python</b>", "mode": "html"}}
    for _ in range(2):
        block = ("python", "x = 1")
        highlighted(tmp_path / "h.json", block, auto_title=True, auto_title_map=titles)

    assert ["x = 1", "x = 1"] == made


def test_what_is_no_longer_shown_is_forgotten(tmp_path: Path) -> None:
    highlighted(tmp_path / "h.json", ("python", "x = 1"), ("python", "x = 2"))

    (kept,) = highlighted(tmp_path / "h.json", ("python", "x = 2"))

    assert [kept] == list(json.loads((tmp_path / "h.json").read_text(encoding="utf-8")).values())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', "\udcff"])
def test_a_damaged_file_counts_as_none(tmp_path: Path, made: list[str], text: str) -> None:
    file = tmp_path / "h.json"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")

    highlighted(file, ("python", "x = 1"))

    assert ["x = 1"] == made
    assert 1 == len(json.loads(file.read_text(encoding="utf-8")))


def pages(project: Project) -> dict[str, str]:
    """Return the HTML of each page, without the time of its build."""
    paths = [path for path in project.site() if path.endswith(".html")]
    return {path: re.sub(r"Build Date.*", "", project.read(f"site/{path}")) for path in paths}


def test_a_build_of_kept_code_gives_the_same_pages(project: Project) -> None:
    before = pages(project)
    assert json.loads(project.read(".claims/highlighted.json"))

    project.build()

    assert pages(project) == before


def test_a_fresh_build_takes_nothing_from_the_file(project: Project) -> None:
    stored, before = json.loads(project.read(".claims/highlighted.json")), pages(project)
    spoilt = json.dumps(dict.fromkeys(stored, "<p>spoilt</p>"))
    project.write(".claims/highlighted.json", spoilt)

    Project(project.root, {"CLAIMS_FRESH": "1"}).build()

    assert pages(project) == before
    assert json.loads(project.read(".claims/highlighted.json")) == stored
