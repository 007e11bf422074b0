"""What this site has of its own within Material: cards, edit links, faces, a page for the lost."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from playwright.sync_api import Browser

from tests.conftest import ROOT, Project

_ADDRESS = "https://checked.example/docs/"
_CONFIGURATION = """\
site_name: Small
site_url: !ENV [SITE_URL, ""]
repo_url: !ENV [REPO_URL, ""]
edit_uri: edit/main/docs/
theme:
  name: material
  custom_dir: docs/.theme
  font: false
  icon: {logo: checked/logo}
  features: [content.action.edit]
hooks: [docs/.theme/cards.py, docs/.theme/edit_links.py]
"""


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """Return a project of two pages with this site's theme."""
    project = Project(tmp_path / "small")
    for folder in ("docs/.theme", "docs/assets"):
        shutil.copytree(ROOT / folder, project.root / folder)
    project.write("mkdocs.yml", _CONFIGURATION)
    project.write("docs/index.md", "---\ndescription: How it is.\n---\n\n# Home\n")
    project.write("docs/deep/errors.md", '---\nmessage: "E: no"\nanswer: Ask.\n---\n\n# `no`\n')
    return project


def built(project: Project, **environment: str) -> Project:
    project = Project(project.root, environment)
    ended = project.build()
    assert (ended.code, ended.output) == (0, "")
    return project


def card_of(page: BeautifulSoup) -> str | None:
    card = page.select_one('meta[property="og:image"]')
    return str(card["content"]) if card else None


def test_each_page_names_a_card_of_its_own(small: Project) -> None:
    site = built(small, SITE_URL=_ADDRESS)
    cards = {path: card_of(site.html(path)) for path in ("index.html", "deep/errors/index.html")}

    assert {
        "index.html": f"{_ADDRESS}assets/cards/index.png",
        "deep/errors/index.html": f"{_ADDRESS}assets/cards/deep-errors.png",
    } == cards
    shown = [small.root / "site" / str(card).removeprefix(_ADDRESS) for card in cards.values()]
    assert [(1200, 630)] * 2 == [Image.open(file).size for file in shown]
    assert len({file.read_bytes() for file in shown}) == 2


@pytest.mark.parametrize("address", [_ADDRESS, ""])
def test_faces_are_linked_where_a_site_is_published(small: Project, address: str) -> None:
    site = built(small, SITE_URL=address)
    page = site.root / "site" / "deep" / "errors" / "index.html"
    links = BeautifulSoup(page.read_text("utf-8"), "html.parser").select("link[rel=preload]")

    assert (4 if address else 0) == len(links)
    assert [] == [link for link in links if not (page.parent / str(link["href"])).is_file()]


def test_a_server_is_asked_for_the_faces_at_once_and_a_folder_is_not(
    browser: Browser, address: str, real_site: Path
) -> None:
    """From a folder a browser refuses to load them beforehand, and says so."""
    page = browser.new_page()
    linked = []
    for place in (address, (real_site / "index.html").as_uri()):
        page.goto(place)
        linked.append(
            page.locator("link[rel=preload][as=font]").evaluate_all(
                "all => all.map(each => each.href)"
            )
        )
    page.context.close()

    assert [3, 0] == [len(links) for links in linked]
    assert [] == [url for url in linked[0] if not (real_site / url.removeprefix(address)).is_file()]


def test_a_card_is_drawn_anew_only_when_it_says_something_else(small: Project) -> None:
    def kept() -> dict[str, int]:
        folder = small.root / ".cache/cards"
        return {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}

    built(small, SITE_URL=_ADDRESS)
    first = kept()
    built(small, SITE_URL=_ADDRESS)
    second = kept()
    small.replace("docs/index.md", "How it is.", "How it was.")
    built(small, SITE_URL=_ADDRESS)

    assert first == second
    assert 1 == len(first.items() & kept().items())
    assert 2 == len(kept())


def test_without_an_address_there_is_no_card(small: Project) -> None:
    site = built(small)

    assert card_of(site.html("index.html")) is None
    assert [] == [path for path in site.site() if "cards" in path]
    assert not (small.root / ".cache").exists()


@pytest.mark.parametrize(
    ("repository", "links"),
    [
        ("", []),
        ("https://code.example/it", ["https://code.example/it/edit/main/docs/deep/errors.md"]),
    ],
)
def test_a_page_can_be_edited_where_a_repository_is_named(
    small: Project, repository: str, links: list[str]
) -> None:
    page = built(small, REPO_URL=repository).html("deep/errors/index.html")

    assert links == [link["href"] for link in page.select('a[rel~="edit"]')]
    assert [] == page.select('[data-md-component="source"]')  # which asks a server for its stars


def test_who_is_lost_finds_the_search_and_every_section(real_project: Project) -> None:
    page = real_project.html("404.html")
    home = real_project.html("index.html")

    assert ["q"] == [field["name"] for field in page.select("form.lost input")]
    assert [tab.text.strip() for tab in home.select(".md-tabs__link")] == [
        place.text for place in page.select(".places a")
    ]
    assert all(urlsplit(str(place["href"])).path for place in page.select(".places a"))


def test_all_faces_together_take_seventy_kilobytes(real_site: Path) -> None:
    faces = list(real_site.glob("assets/fonts/*.woff2"))

    assert 4 == len(faces)
    assert sum(face.stat().st_size for face in faces) <= 70_000
    assert (real_site / "assets/fonts/OFL.txt").is_file()


def test_a_page_is_printed_as_by_day(browser: Browser, address: str) -> None:
    page = browser.new_context(color_scheme="dark").new_page()
    page.goto(f"{address}verdicts/")
    ground = "getComputedStyle(document.body).backgroundColor"

    by_night = page.evaluate(ground)
    page.emulate_media(media="print")
    printed = page.evaluate(ground)
    page.context.close()

    assert ("rgb(21, 27, 28)", "rgb(252, 252, 248)") == (by_night, printed)
