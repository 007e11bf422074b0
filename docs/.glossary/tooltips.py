"""A hook of MkDocs: the glossary's sentences as tooltips, but not in headings and links.

A link has a tooltip of its own, and a heading is quoted by the table of contents and the search.
Where a term stands again under one heading, its tooltip is there, and the hint of it is not.
"""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.extensions.abbr import AbbrExtension, AbbrTreeprocessor
from mkdocs.config.defaults import MkDocsConfig

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_TERM = re.compile(r"^\*\[(?P<form>.+?)\]: (?P<says>.+)$", re.MULTILINE)
_LEFT_ALONE = {"a", *_HEADINGS}


class _Terms(AbbrTreeprocessor):
    """Marks the terms in a page, except inside of what is left alone."""

    def iter_element(self, el: ET.Element, parent: ET.Element | None = None) -> None:
        """Mark the terms in an element and in the text behind it."""
        if el.tag not in _LEFT_ALONE:
            super().iter_element(el, parent)
            return
        text, children = el.text, list(el)
        el.text, el[:] = None, []
        super().iter_element(el, parent)
        el.text, el[:] = text, children

    def run(self, root: ET.Element) -> None:
        """Mark the terms in a page, and those that stand again under one heading as such."""
        super().run(root)
        seen: set[str] = set()
        for element in root.iter():
            if element.tag in _HEADINGS:
                seen.clear()
            elif element.tag == "abbr":
                if element.get("title", "") in seen:
                    element.set("class", "again")
                seen.add(element.get("title", ""))


class _Glossary(AbbrExtension):
    """Python-Markdown's abbreviations, which `terms.md` defines for every page."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # Markdown's name
        """Register what marks the terms, in the place of what marks every abbreviation."""
        super().extendMarkdown(md)
        terms = _Terms(md, self.abbrs)  # type: ignore[attr-defined]  # types-Markdown lacks it
        md.treeprocessors.register(terms, "abbr", 7)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the extension to those that `mkdocs.yml` names."""
    terms = Path(__file__).with_name("terms.md").read_text(encoding="utf-8")
    glossary = {term["form"]: term["says"] for term in _TERM.finditer(terms)}
    # As definitions at the end of each page they would be searched for by every block processor.
    config.markdown_extensions.append(_Glossary(glossary=glossary))  # type: ignore[arg-type]  # Markdown takes both
    return config
