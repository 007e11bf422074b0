"""The repository's own site: it is built from what is tracked, and wrong claims keep it back."""

import re
import shutil
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from tests.conftest import Ended, Project

LOADED = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "input": "src",
    "object": "data",
    "script": "src",
    "source": "src",
    "track": "src",
    "video": "src",
}
"""What a browser loads by itself: elements, and their attributes that say from where."""
LOADED_LINKS = {
    "dns-prefetch",
    "icon",
    "manifest",
    "modulepreload",
    "preconnect",
    "prefetch",
    "preload",
    "shortcut",
    "stylesheet",
}
_IN_STYLE = re.compile(r"(?:url\(\s*[\"']?|@import\s+[\"'])\s*(?P<target>[^\"')\s]+)")


@pytest.fixture(scope="module")
def pages(real_project: Project) -> dict[str, BeautifulSoup]:
    """Return every page of the site by its path."""
    return {path: real_project.html(path) for path in real_project.site() if path.endswith(".html")}


def test_all_that_the_site_says_holds(real_project: Project) -> None:
    report = real_project.report()
    counts = report["counts"]

    assert counts["claims"] >= 50
    assert counts["examples"] >= 30
    assert counts["snippets"] >= 4
    assert counts["notebooks"] >= 3
    assert (counts["fails"], counts["error"], counts["unknown"]) == (0, 0, 0)
    assert counts["holds"] == len(report["evidence"])
    assert report["problems"] == []
    assert list(report["environment"]["versions"]) == ["torch", "numpy"]


def test_an_assertion_of_each_claim_was_seen_to_fail(real_project: Project) -> None:
    """A check that fails only because torch raises could assert anything at all."""
    asserted = real_project.report()["asserted"]

    unseen = {
        claim for claim, items in asserted.items() if not any(item["is_refuted"] for item in items)
    }
    assert set() == unseen
    assert real_project.report()["counts"]["claims"] == len(asserted)


def test_every_claim_has_a_row_in_the_list_and_a_card_among_the_evidence(
    real_project: Project, pages: dict[str, BeautifulSoup]
) -> None:
    claims = [
        f"claim-{item['subject']['id']}"
        for item in real_project.report()["evidence"]
        if item["subject"]["kind"] == "claim"
    ]

    listed = [str(row["id"]) for row in pages["claims/index.html"].select(".claims-module li")]
    shown = [
        str(card["id"])
        for path, page in pages.items()
        if path.startswith("claims/")
        for card in page.select(".claims-card")
    ]
    assert sorted(claims) == sorted(listed) == sorted(shown)


def test_every_mark_holds_and_leads_to_its_card(pages: dict[str, BeautifulSoup]) -> None:
    marks = [(path, mark) for path, page in pages.items() for mark in page.select("a.claims-mark")]
    ids = {path: {tag["id"] for tag in page.select("[id]")} for path, page in pages.items()}
    astray = []
    for path, mark in marks:
        target = urlsplit(urljoin(path, str(mark["href"])))
        page = target.path.removeprefix("/")
        page += "index.html" if not page or page.endswith("/") else ""
        if "claims-holds" not in mark["class"] or target.fragment not in ids[page]:
            astray.append((path, mark["href"]))

    assert len(marks) > 100
    assert astray == []


def test_each_cell_of_the_table_of_switches_is_a_claim(pages: dict[str, BeautifulSoup]) -> None:
    rows = pages["index.html"].select(".switches tbody tr")

    marks = [[len(cell.select("a.claims-mark")) for cell in row.select("td")[1:]] for row in rows]
    assert [7] * 9 == [len(row) for row in marks]
    assert all(all(row) for row in marks)


def requests_of(page: BeautifulSoup) -> list[str]:
    """Return what a browser loads when it shows a page."""
    found = [
        str(tag[name])
        for tag_name, name in LOADED.items()
        for tag in page.select(tag_name)
        if tag.has_attr(name)
    ]
    found += [
        part.split()[0] for tag in page.select("[srcset]") for part in str(tag["srcset"]).split(",")
    ]
    found += [str(tag["href"]) for tag in page.select("link[href]") if _is_loaded(tag)]
    styles = [tag.text for tag in page.select("style")]
    styles += [str(tag["style"]) for tag in page.select("[style]")]
    return found + [match["target"] for style in styles for match in _IN_STYLE.finditer(style)]


def _is_loaded(link: Tag) -> bool:
    return bool(LOADED_LINKS & set(link.get_attribute_list("rel")))


def is_external(target: str) -> bool:
    parts = urlsplit(target)
    return bool(parts.netloc) or parts.scheme in ("http", "https")


def test_no_page_loads_anything_from_elsewhere(pages: dict[str, BeautifulSoup]) -> None:
    loaded = {path: requests_of(page) for path, page in pages.items()}
    external = {
        path: [target for target in targets if is_external(target)]
        for path, targets in loaded.items()
    }

    assert min(len(targets) for targets in loaded.values()) >= 3
    assert external == {path: [] for path in pages}


def test_no_style_loads_anything_from_elsewhere(real_project: Project) -> None:
    styles = [path for path in real_project.site() if path.endswith(".css")]
    targets = [
        match["target"]
        for path in styles
        for match in _IN_STYLE.finditer(real_project.read(f"site/{path}"))
    ]

    assert "assets/claims.css" in styles
    assert [target for target in targets if is_external(target)] == []


def change(project: Project, path: str, pattern: str, replacement: str) -> int:
    """Change the first place in a file that has a pattern; return its line."""
    text = project.read(path)
    match = re.search(pattern, text, re.MULTILINE)
    assert match, f"{path} has nothing like {pattern}"
    project.write(path, text[: match.start()] + match.expand(replacement) + text[match.end() :])
    return text.count("\n", 0, match.start()) + 1


@dataclass(frozen=True)
class Mutation:
    """One change that makes the site say something wrong."""

    path: str
    pattern: str
    replacement: str
    named: str
    """How the first line at or after the change begins that the build must name."""
    is_before: bool = False
    """Whether it is the last one before the change, instead."""

    def line_named(self, project: Project, changed: int) -> int:
        """Return the line that the build must name."""
        lines = project.read(self.path).splitlines()
        numbers = [n for n, line in enumerate(lines, start=1) if line.startswith(self.named)]
        if self.is_before:
            return max(number for number in numbers if number < changed)
        return min(number for number in numbers if number >= changed)


MUTATIONS = {
    "a claim's assertion is negated": Mutation(
        "verify/no_grad.py", r"^    assert (.+[^,(\[])$", r"    assert not (\1)", "    assert not ("
    ),
    "a statement's torch call is another": Mutation(
        "verify/inference_mode.py",
        r"with torch\.inference_mode\(\):\n(.+\n.+\.is_inference\(\))",
        r"with torch.no_grad():\n\1",
        "    assert ",
    ),
    "an example's expected error is another": Mutation(
        "docs/modes/inference_mode.md",
        r'raises="RuntimeError: ',
        'raises="RuntimeError: Never: ',
        "```python",
    ),
    "a printed output is another": Mutation(
        "docs/modes/no_grad.md", r"^```output\n(.+)$", r"```output\n\1!", "```py", is_before=True
    ),
}


@pytest.fixture(scope="module")
def mutated(
    tmp_path_factory: pytest.TempPathFactory, real_project: Project
) -> tuple[Ended, dict[str, str]]:
    """Return how the build with all mutations ended, and the places that it must name."""
    project = Project(tmp_path_factory.mktemp("mutated") / "repository")
    shutil.copytree(real_project.root, project.root)
    places = {}
    for name, made in MUTATIONS.items():
        changed = change(project, made.path, made.pattern, made.replacement)
        places[name] = f"{made.path}:{made.line_named(project, changed)}"
    ended = project.build()
    assert ended.code == 1
    assert project.site() == real_project.site()
    return ended, places


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_build_is_refused_and_names_the_place_where(
    mutated: tuple[Ended, dict[str, str]], name: str
) -> None:
    ended, places = mutated

    named = [entry for entry in ended.entries if re.search(rf"{places[name]}\b", entry)]

    assert len(named) == 1
    assert re.match(r"docs/[\w/-]+\.md:\d+: (claim [\w-]+|example): fails\n", named[0])


def test_the_build_names_nothing_but_the_mutations(
    mutated: tuple[Ended, dict[str, str]],
) -> None:
    ended, places = mutated

    assert len(ended.entries) == len(places)
