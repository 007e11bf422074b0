"""The finished content of a page: what no Markdown extension could give it."""

from collections.abc import Callable

from mkdocs_claims.problems import Problem
from mkdocs_claims.rendering.addresses import Addresses
from mkdocs_claims.rendering.links import resolved, unresolved
from mkdocs_claims.rendering.rendered import Rendered

__all__ = ["finished", "with_alternate"]

_AS_MARKDOWN = (
    '\n<p class="claims-plain" data-search-exclude>'
    '<a href="{}" type="text/markdown">This page as Markdown</a>, '
    '<a href="{}">all pages</a></p>'
)
# With the space, which HTML allows, Material does not take it for a translation with a sitemap.
_ALTERNATE = '<link rel="alternate " type="text/markdown" href="{}">\n</head>'


def finished(
    html: str,
    addresses: Addresses,
    rendered: Rendered,
    url_of: Callable[[str], str],
    plain: tuple[str, str],
) -> str:
    """Return the content of a page, and take note of it.

    Args:
        html: what was made of its Markdown, or of its notebook, whose links no extension sees.
        addresses: where things stand, seen from the page.
        rendered: what takes note.
        url_of: returns the address of a page by its path, or nothing if there is no such page.
        plain: the addresses of the page as Markdown, and of the list of all that are.
    """
    path = addresses.here
    rendered.paths.add(path)
    if not path.endswith((".md", ".ipynb")):
        message = "is shown as a page, and nothing of it is run; let no plugin include it"
        rendered.problems.append(Problem(path, 0, message))
    if path.endswith(".ipynb"):
        html = resolved(html, addresses, url_of)
        rendered.problems += [
            Problem(path, 0, f"links to '{target}', and there is no such page")
            for target in unresolved(html)
        ]
    return html + _AS_MARKDOWN.format(*plain)


def with_alternate(html: str, plain: str) -> str:
    """Return a whole page whose head tells where it is to be had as Markdown."""
    return html.replace("</head>", _ALTERNATE.format(plain), 1)
