"""Each page as Markdown, and what lists them all: nothing is missing, and no mark is left."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from mkdocs_claims.environment import Environment
from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.plain.directives import shown_by
from mkdocs_claims.rendering.plain.exports import Site, exports
from mkdocs_claims.rendering.plain.pages import plain_text
from mkdocs_claims.rendering.plain.places import Places, seen_from
from mkdocs_claims.reports import Report
from mkdocs_claims.sources import Assertion, Source
from tests.conftest import Project

SAMPLES = Path(__file__).parent / "samples" / "plain"
WHOLE = {
    "index.md": "index.md",
    "contexts/index.md": "contexts.md",
    "claims/index.md": "claims.md",
    "claims/arithmetic/index.md": "arithmetic.md",
    "llms.txt": "llms.txt",
    "llms-full.txt": "llms-full.txt",
}
_FENCE = re.compile(
    r"^(?P<margin>[> \t]*)(?P<mark>`{3,}|~{3,}).*?^[> \t]*(?P=mark)$", re.MULTILINE | re.DOTALL
)
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")


@pytest.mark.parametrize("path", WHOLE)
def test_a_page_reads_as_its_sample(built_decimal: Project, path: str) -> None:
    report = Report.read(built_decimal.root / "site" / "claims.json")
    text = built_decimal.read(f"site/{path}")

    text = text.replace(str(report.environment), "Python").replace(report.day, "2026-11-24")
    assert (SAMPLES / WHOLE[path]).read_text(encoding="utf-8") == text


def test_an_audit_that_cites_what_is_not_there_is_shown_without_it() -> None:
    """A preview goes on while something is wrong."""
    said = Assertion("Sums", "They add up.", "right", "", ("gone",), 5)
    source = Source("primer", "primer.toml", "A primer", "A page.", "2026-11-24", (said,))
    report = Report(Environment("3.11", "Linux", {}, "0.1"), sources=[source])

    assert shown_by("audit", "primer", Places(Addresses(report), {})) == (
        "A page, read on 2026-11-24, says 1 things: 1 right.\n\n"
        "## Right\n\n- It says, under “Sums”: They add up."
    )


def test_lists_link_to_where_the_site_is_and_pages_to_their_neighbours(project: Project) -> None:
    project.replace("mkdocs.yml", "nav:", "site_url: https://example.org/decimals/\n\nnav:")
    assert project.build().code == 0

    listed = _targets(project.read("site/llms.txt"))
    assert listed == [
        f"https://example.org/decimals/{path}"
        for path in (
            *("index.md", "contexts/index.md", "claims/index.md"),
            *("claims/arithmetic/index.md", "claims/contexts/index.md"),
        )
    ]
    assert set(_targets(project.read("site/contexts/index.md"))) == {
        "#claim-precision-bounds-results-not-operands"
    }


def test_without_directories_a_page_lies_beside_its_html(project: Project) -> None:
    project.append("mkdocs.yml", "use_directory_urls: false\n")
    assert project.build().code == 0

    assert (project.root / "site" / "contexts.md").is_file()
    assert (
        "claims/arithmetic.md#claim-sum-of-tenths-is-exact"
        in _targets(project.read("site/claims.md"))[0]
    )
    (link,) = project.html("contexts.html").select("link[rel~=alternate]")
    assert (link["type"], link["href"]) == ("text/markdown", "contexts.md")


def test_a_page_tells_where_it_is_as_markdown(built_decimal: Project) -> None:
    page = built_decimal.html("contexts/index.html")

    assert [
        (link["href"], link.get("type"))
        for link in page.select("link[rel~=alternate], .claims-plain a")
    ] == [("index.md", "text/markdown"), ("index.md", "text/markdown"), ("../llms.txt", None)]


def test_what_was_not_run_is_no_failure() -> None:
    subject = Subject(Kind.SNIPPET, "serve", "snippets/serve.py", 1, "serve", "", "")
    seen = [Evidence(subject, verdict) for verdict in (Verdict.HOLDS, Verdict.UNKNOWN)]
    report = Report(Environment("3.11", "Linux", {}, "0.1"), evidence=seen)

    texts = dict(exports(Site("A", "", ""), [], {}, Addresses(report)))

    assert (
        texts["llms.txt"]
        .splitlines()[2]
        .endswith("of all that was run, 1 of 1 hold. Not run, for want of what they need: 1.")
    )


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("---\ntitle: A\n---\n\n# A\n", "\n# A\n"),
        ("before\n<!-- note\n```python\nhidden()\n```\n-->\nafter\n", "before\nafter\n"),
        (
            "`](claim:a)` and ``a ` [b](claim:c)`` stay",
            "`](claim:a)` and ``a ` [b](claim:c)`` stay",
        ),
        ("see [it](other.md#part 'title')", "see [it](a/other/index.md#part 'title')"),
        ("[it](<other.md>) [there](../b.md)", "[it](<a/other/index.md>) [there](b.md)"),
        ("![a picture](plot.svg)", "![a picture](a/plot.svg)"),
        ("[out](https://example.org/x.md) [up](#up) [root](/x.md)",) * 2,
        ("[it]: other.md\n", "[it]: a/other/index.md\n"),
        ("[it](other.md){ .md-button #go } {kept}", "[it](a/other/index.md) {kept}"),
        ("## A heading {#with-an-id}\n",) * 2,
        ("````markdown\n```python\n/// claim | a\n```\n[x](claim:a)\n````\n",) * 2,
        ("```text title='`a`'\n[x](claim:a)\n```\n",) * 2,
        ("``` `a` ``` begins a line\n",) * 2,
        ("/// details | More\nhidden\n///\n",) * 2,
        (
            '<div class="grid" markdown>\n\n<button type="button">Go</button>\ntext\n</div>\n',
            "\ntext\n",
        ),
        ('text\n<script src="go.js"></script>\n', "text\n"),
    ],
)
def test_what_is_no_example_is_left_but_for_its_links(written: str, plain: str) -> None:
    environment = Environment("3.11", "Linux x86_64", {}, "0.1")
    addresses = Addresses(Report(environment), here="docs/a/page.md")
    places = Places(addresses, {"docs/a/other.md": "a/other/index.md"})

    assert plain == seen_from("llms.txt", plain_text(written, places), "")


def test_every_page_of_the_site_has_its_markdown_and_no_mark_is_left(real_site: Path) -> None:
    pages = {
        file.relative_to(real_site).with_suffix(".md").as_posix(): _prose(file.with_suffix(".md"))
        for file in real_site.rglob("*.html")
        if file.name != "404.html"
    }
    texts = {**pages, "llms-full.txt": _prose(real_site / "llms-full.txt")}

    assert len(pages) > 150
    assert {} == {
        path: left
        for path, text in texts.items()
        if (left := re.findall(r"\x02|\]\(claim:|^\s*///|8<--|^/// .*", text, re.MULTILINE))
    }
    assert [] == [path for path, text in pages.items() if not re.search(r"(?m)^# ", text)]


def test_every_link_of_the_site_s_markdown_leads_somewhere(real_site: Path) -> None:
    """To a file; and to a claim, if it is to one."""
    texts = {file.resolve(): file.read_text("utf-8") for file in real_site.rglob("*.md")}
    texts |= {
        real_site / name: (real_site / name).read_text("utf-8")
        for name in ("llms.txt", "llms-full.txt")
    }

    broken = []
    for file, text in texts.items():
        for target in _targets(text):
            parts = urlsplit(target)
            there = (file.parent / parts.path).resolve() if parts.path else file
            if parts.scheme:
                continue
            is_claim = parts.fragment.startswith("claim-")
            if not there.is_file() or (is_claim and f'id="{parts.fragment}"' not in texts[there]):
                broken.append((file.name, target))
    assert [] == broken


def test_the_lists_of_the_site_hold_every_page_under_its_heading(real_site: Path) -> None:
    navigation = yaml.safe_load(
        re.sub(r"!\w+", "", (real_site.parent / "mkdocs.yml").read_text("utf-8"))
    )["nav"]
    headings = [
        next(iter(item)) for item in navigation if not isinstance(next(iter(item.values())), str)
    ]
    listed = (real_site / "llms.txt").read_text("utf-8")
    whole = (real_site / "llms-full.txt").read_text("utf-8")

    assert {*headings, "Pages", "Optional"} == set(re.findall(r"^## (.+)$", listed, re.MULTILINE))
    assert {path.relative_to(real_site).as_posix() for path in real_site.rglob("*.md")} == set(
        _targets(listed)
    )
    assert all(re.search(r": .{20}", line) for line in listed.splitlines() if line.startswith("- "))
    optional = _targets(listed.partition("## Optional")[2])
    sources = re.findall(r'^source: "(.+)"$', whole, re.MULTILINE)
    assert [path for path in _targets(listed) if path not in optional] == sources


def _prose(file: Path) -> str:
    """Return the text of a file without its code."""
    return _CODE.sub("", _FENCE.sub("", file.read_text("utf-8")))


def _targets(text: str) -> list[str]:
    """Return where the links of a text lead."""
    return [match["target"] for match in _LINK.finditer(_CODE.sub("", _FENCE.sub("", text)))]
