"""A picture that an example or a notebook draws: SVG, and its text alternative."""

import contextlib
import sys
from collections.abc import Iterator
from typing import TypedDict
from xml.etree import ElementTree as ET

__all__ = ["Picture", "PictureError", "drawing", "picture"]

_SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", _SVG)

_MOST_DRAWN = 262_144
"""Characters of a picture, at the most; a reader loads all of them with the page."""


class PictureError(ValueError):
    """A picture is no SVG, is too large, or has no text alternative."""


class Picture(TypedDict):
    """A picture, as it stands in the report."""

    svg: str
    """One `svg` element that names itself by its text alternative."""
    alt: str


_open: list[list[Picture]] = []
"""What the examples that are running have drawn, the innermost last."""


def picture(svg: str, alt: str) -> None:
    """Show a picture below the example or the notebook's cell that calls this.

    Elsewhere, look at it, and do nothing else.

    Args:
        svg: one `svg` element, with a `viewBox`; `currentColor` in it follows the page's colours.
        alt: what the picture shows, for those who do not see it.

    Raises:
        PictureError: `svg` is no such element or has more than 262,144 characters, or `alt` is
            empty.
    """
    if not alt.strip():
        message = "a picture needs a text alternative: picture(svg, alt='what it shows')"
        raise PictureError(message)
    if len(svg) > _MOST_DRAWN:
        message = f"a picture may have {_MOST_DRAWN:,} characters, this one has {len(svg):,}"
        raise PictureError(message)
    try:
        root = ET.fromstring(svg)  # noqa: S314  # the author's own
    except ET.ParseError as error:
        message = f"a picture must be SVG, and this cannot be read: {error}"
        raise PictureError(message) from error
    if root.tag not in ("svg", f"{{{_SVG}}}svg") or not root.get("viewBox"):
        message = f"a picture must be one <svg> element with a viewBox, not <{root.tag}>"
        raise PictureError(message)
    root.set("role", "img")
    root.set("aria-label", alt)
    drawn = Picture(svg=ET.tostring(root, encoding="unicode"), alt=alt)
    if _open:
        _open[-1].append(drawn)
    else:
        _display(drawn)


@contextlib.contextmanager
def drawing() -> Iterator[list[Picture]]:
    """Keep what is drawn."""
    drawn: list[Picture] = []
    _open.append(drawn)
    try:
        yield drawn
    finally:
        _open.remove(drawn)


def _display(drawn: Picture) -> None:
    """Show a picture in a notebook, if this is the kernel of one."""
    if "IPython" in sys.modules:  # else there is no kernel, and importing it takes its time
        from IPython import display, get_ipython  # noqa: PLC0415

        if get_ipython():
            # As `image/svg+xml` it would become an image, which cannot follow the page's colours.
            html = {"text/html": drawn["svg"], "text/plain": drawn["alt"]}
            display.display(html, raw=True)  # type: ignore[no-untyped-call]  # IPython is untyped
