"""The files for whoever reads no HTML: each page as Markdown, llms.txt and llms-full.txt."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mkdocs_claims.evidence import Kind, Verdict
from mkdocs_claims.pages import Page
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.plain.notebooks import plain_notebook
from mkdocs_claims.rendering.plain.pages import plain_page, plain_text
from mkdocs_claims.rendering.plain.places import Places, seen_from

__all__ = ["LIST", "Site", "SitePage", "exports"]

LIST = "llms.txt"
"""Where the list of all pages lies, seen from the root of the site."""
_ALL = "llms-full.txt"


@dataclass(frozen=True)
class Site:
    """What its makers say of a site."""

    name: str
    description: str
    address: str
    """Where it is published; empty where that is not known."""


@dataclass(frozen=True)
class SitePage:
    """A page as the engine of the site knows it."""

    path: str
    """The path of its source."""
    address: str
    """Where its Markdown is written, seen from the root of the site."""
    title: str
    description: str
    section: str
    """The heading of the navigation under which it stands; empty where it stands under none."""
    text: str
    """Its Markdown; of a notebook the JSON, when it was run."""


def exports(
    site: Site, pages: Sequence[SitePage], read: Mapping[str, Page], addresses: Addresses
) -> Iterator[tuple[str, str]]:
    """Return the address of each file, seen from the root of the site, and its text.

    Args:
        site: what is said of all pages.
        pages: the pages in the order of the navigation, and after them those that are not in it.
        read: what was read of their files, by their paths.
        addresses: where evidence stands.
    """
    markdown = {page.path: page.address for page in pages}
    whole = []
    for page in pages:
        places = Places(replace(addresses, here=page.path), markdown)
        text = _text(page, read, places)
        yield page.address, seen_from(page.address, f"{_front(page)}{text}\n", "")
        if page.section:
            whole.append(f"{_front(page, places.page(page.path))}{text}\n")
    intro = _intro(site, addresses)
    listed = _listed(pages, Places(addresses, markdown))
    yield LIST, seen_from(LIST, f"{intro}\n{listed}", site.address)
    yield _ALL, seen_from(_ALL, "\n".join([intro, *whole]), site.address)


def _text(page: SitePage, read: Mapping[str, Page], places: Places) -> str:
    if page.path.endswith(".ipynb"):
        return plain_notebook(page.text, places)
    source = read.get(page.path)
    if source and source.text:
        return plain_page(source, places)
    return plain_text(page.text, places).strip()


def _front(page: SitePage, source: str = "") -> str:
    """Return the front matter of a page, in YAML; a text in JSON is one in YAML, too."""
    meta = {"title": page.title, "description": page.description}
    lines = [f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in meta.items() if text]
    lines += [f'source: "{source}"'] if source else []
    return "\n".join(["---", *lines, "---", "", ""])


def _intro(site: Site, addresses: Addresses) -> str:
    """Return the head of both files: what the site is, and how far it was checked."""
    report = addresses.report
    day = f" on {report.day}" if report.day else ""
    seen = Counter(item.verdict for item in report.evidence)
    unseen = seen.pop(Verdict.UNKNOWN, 0)
    counts = f"{len(report.of(Kind.CLAIM))} claims and {len(report.of(Kind.EXAMPLE))} examples"
    ran = f"What these pages say was run{day} with {report.environment}: {counts}; "
    ran += f"of all that was run, {seen[Verdict.HOLDS]} of {seen.total()} hold."
    ran += f" Not run, for want of what they need: {unseen}." if unseen else ""
    about = [f"# {site.name}", f"> {site.description}" if site.description else "", ran]
    return "\n\n".join(part for part in about if part) + "\n"


def _listed(pages: Sequence[SitePage], places: Places) -> str:
    sections: dict[str, list[str]] = {}
    for page in pages:
        about = f": {page.description}" if page.description else ""
        link = f"- [{page.title}]({places.page(page.path)}){about}"
        sections.setdefault(page.section or "Optional", []).append(link)
    return "\n".join(
        f"## {section}\n\n" + "".join(f"{link}\n" for link in links)
        for section, links in sections.items()
    )
