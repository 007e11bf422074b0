"""A notebook's HTML as that of any other page: mkdocs-jupyter brings all of JupyterLab with it."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it comes with mkdocs-jupyter, and only notebooks need it
    from bs4 import BeautifulSoup, Tag

__all__ = ["plain"]

_BEGIN, _END = '<div class="jupyter-wrapper">', "<!-- jupyter-wrapper -->"
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
_ASKED_FOR = re.compile(r'<script (?:src="[^"]|type="application/)')
_FORMULAS = '<script type="text/x-mathjax-config"'
_NEEDLESS = (
    ".jp-Collapser, .jp-InputPrompt, .jp-OutputPrompt, .celltoolbar, "
    ".zeroclipboard-container, .clipboard-copy-txt"
)
_WRAPPERS = "[class^=jp-], .CodeMirror, .jupyter-wrapper"
_LABELS = {"application/vnd.jupyter.stderr": "Standard error"}


def plain(html: str) -> str:
    """Return a notebook as its cells would look on a page of Markdown.

    They lose their prompts, their frames and the second copy of their code, and get the blocks of
    all other pages, so that the theme's style and its copy button serve them.
    """
    from bs4 import BeautifulSoup  # noqa: PLC0415  # as above

    before, begin, rest = html.partition(_BEGIN)
    cells, end, after = rest.partition(_END)
    if not end:
        return html
    soup = BeautifulSoup(begin + cells, "html.parser")
    for needless in soup.select(_NEEDLESS):
        needless.decompose()
    for block in soup.select(".highlight-ipynb, .jp-MarkdownCell .highlight"):
        _show_code(block, soup)
    for cell in soup.select(".jp-CodeCell .jp-CodeCell"):
        cell.attrs = {"class": "claims-example"}
        for output in cell.select(".jp-OutputArea-output"):
            _show_output(output, soup)
    for link in soup.select("a.anchor-link"):
        link.attrs |= {"class": "headerlink", "title": "Permanent link"}
    for wrapper in soup.select(_WRAPPERS):
        wrapper.unwrap()
    return "".join([_asked_for(before), str(soup).strip(), _asked_for(after)])


def _show_code(block: "Tag", soup: "BeautifulSoup") -> None:
    """Make of a highlighted block what pymdownx makes of a fence."""
    languages = [name[3:] for name in block.get_attribute_list("class") if name.startswith("hl-")]
    block.attrs = {"class": " ".join([*(f"language-{name}" for name in languages), "highlight"])}
    _wrap_code(block, soup)


def _show_output(output: "Tag", soup: "BeautifulSoup") -> None:
    """Make of an output what stands below an example: a text, a picture, or anything else."""
    is_text = "jp-RenderedText" in output.get_attribute_list("class")
    kind = str(output.get("data-mime-type", ""))
    shown = [getattr(child, "name", "") for child in output.contents if str(child).strip()]
    output.attrs = {"class": "claims-output claims-holds"}
    if is_text:
        label = soup.new_tag("span", attrs={"class": "claims-label", "data-search-exclude": ""})
        label.string = _LABELS.get(kind, "Output")
        output.insert(0, label)
        _wrap_code(output, soup)
    elif shown in (["svg"], ["img"]):
        output.name = "figure"
        output.attrs = {"class": "claims-picture", "data-search-exclude": ""}
    for table in output.select("table.dataframe"):  # the theme has a style for plain tables
        table.attrs = {}
        for style in output.select("style"):
            style.decompose()


def _wrap_code(block: "Tag", soup: "BeautifulSoup") -> None:
    """Put a `code` into the `pre` of a block, as the theme expects it."""
    pre = block.find("pre")
    if pre and not pre.find("code"):
        code = pre.wrap(soup.new_tag("code"))  # and then change places
        code.name, pre.name = "pre", "code"


def _asked_for(frame: str) -> str:
    """Return the scripts around the cells that load what the author has asked for.

    Those are for formulas and widgets; the rest serves the frames that are gone.
    """
    loads_formulas = '<script src="">' not in frame
    return "".join(
        script
        for script in _SCRIPT.findall(frame)
        if _ASKED_FOR.match(script) or (loads_formulas and script.startswith(_FORMULAS))
    )
