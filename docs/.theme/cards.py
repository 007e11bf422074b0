"""A hook of MkDocs: the card of each page that a chat or a feed shows beside a link to it.

A card is drawn without network, as the site looks by day, and kept in `.cache/cards` under what
stands on it.  Its address must be absolute, so there are none where `site_url` is not set.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from PIL import Image, ImageDraw, ImageFont

_THEME = Path(__file__).parent
_FONTS = _THEME.parent / "assets/fonts"
_LOGO = _THEME / ".icons/checked/logo.svg"
_DRAWN_BY = Path(__file__).read_bytes() + _LOGO.read_bytes()
_SIZE = (1200, 630)
_MARGIN = 84
_WIDTH = _SIZE[0] - 2 * _MARGIN
_PAPER, _INK, _TICK = (252, 252, 248), (31, 42, 48), (26, 107, 69)
# A card is drawn in one channel, which is quick: from 0, paper, to ink, and then to the tick.
_BLACK, _QUIET, _LINE = 199, 150, 60
_GREENS = [200 + covered * 55 // 255 for covered in range(256)]


@dataclass(frozen=True)
class Card:
    """What stands on a card."""

    title: str
    line: str
    site: str
    foot: str
    is_message: bool

    def key(self) -> str:
        """Return a name for what it looks like: for what it says, and for how it is drawn."""
        return hashlib.sha256(_DRAWN_BY + repr(astuple(self)).encode()).hexdigest()[:32]


def on_env(env: object, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG001  # MkDocs' names
    """Add the card of each page to the files of the site, and tell the page where it is."""
    if not config.site_url:
        return
    kept = Path(config.config_file_path).parent / ".cache/cards"
    kept.mkdir(parents=True, exist_ok=True)
    former = set(kept.glob("*.png"))
    for page in [file.page for file in files.documentation_pages() if file.page]:
        card = _card_of(page, config)
        file = kept / f"{card.key()}.png"
        if not file.exists():
            part = file.with_suffix(".part")
            drawn(card).save(part, "PNG")
            part.replace(file)
        name = page.url.removesuffix(".html").strip("/").replace("/", "-") or "index"
        page.meta["card"] = f"assets/cards/{name}.png"
        files.append(File.generated(config, page.meta["card"], abs_src_path=str(file)))
        former.discard(file)
    for file in former:
        file.unlink()


def _card_of(page: Page, config: MkDocsConfig) -> Card:
    meta = page.meta
    answer = str(meta.get("answer", "")).replace("`", "")
    return Card(
        title=str(meta.get("title") or page.title or config.site_name),
        line=answer or str(meta.get("description") or config.site_description or ""),
        site=str(config.site_name),
        foot=str(config.copyright or ""),
        is_message="message" in meta,
    )


def drawn(card: Card) -> Image.Image:
    """Draw a card."""
    image = _ground(card.site, card.foot).copy()
    draw = ImageDraw.Draw(image)
    face = "iosevka-charon-mono-700" if card.is_message else "source-serif-4-600"
    font, lines = _fitted(card.title, face)
    top = 190.0
    for line in lines:
        draw.text((_MARGIN, top), line, fill=_BLACK, font=font)
        top += font.size * 1.18
    quiet = _font("source-serif-4-400", 31)
    for line in _clipped(_wrapped(card.line, quiet), int((510 - top) // 43)):
        draw.text((_MARGIN, top + 22), line, fill=_QUIET, font=quiet)
        top += 43
    image.putpalette(_palette())
    return image


@cache
def _ground(site: str, foot: str) -> Image.Image:
    """Draw what is the same on every card: the logo, the site's name, a double rule, the foot."""
    image = Image.new("L", _SIZE, 0)
    draw = ImageDraw.Draw(image)
    _paste_logo(image, (_MARGIN - 6, 66), 76)
    draw.text((_MARGIN + 84, 80), site, fill=_BLACK, font=_font("source-serif-4-600", 36))
    for y in (540, 546):
        draw.line((_MARGIN, y, _SIZE[0] - _MARGIN, y), fill=_LINE, width=2)
    draw.text((_MARGIN, 562), foot, fill=_QUIET, font=_font("source-serif-4-400", 24))
    return image


def _paste_logo(image: Image.Image, corner: tuple[int, int], size: int) -> None:
    scale = 8
    logo = ET.parse(_LOGO)  # noqa: S314  # our own file
    for line in logo.iter("{http://www.w3.org/2000/svg}polyline"):
        large = Image.new("L", (32 * scale, 32 * scale), 0)
        draw = ImageDraw.Draw(large)
        numbers = [float(number) * scale for number in line.get("points", "").split()]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        width = float(line.get("stroke-width", "")) * scale
        draw.line(points, fill=255, width=round(width))
        for x, y in points:
            draw.circle((x, y), width / 2, fill=255)
        covered = large.resize((size, size), Image.Resampling.BOX)
        if line.get("class") == "tick":
            image.paste(covered.point(_GREENS), corner, covered.point(64 * [0] + 192 * [255]))
        else:
            image.paste(_BLACK, corner, covered)


def _palette() -> list[int]:
    ink = [_mixed(_INK, at / _BLACK) for at in range(_BLACK + 1)]
    green = [_mixed(_TICK, (at - 200) / 55) for at in range(200, 256)]
    return [part for colour in ink + green for part in colour]


def _mixed(colour: tuple[int, int, int], share: float) -> tuple[int, ...]:
    return tuple(
        round(paper + (full - paper) * share) for paper, full in zip(_PAPER, colour, strict=True)
    )


def _fitted(title: str, face: str) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """Return a size at which a title takes few lines, and those lines."""
    for size, most in ((76, 2), (60, 3), (46, 4)):
        font = _font(face, size)
        lines = list(_wrapped(title, font))
        if len(lines) <= most:
            break
    return font, _clipped(lines, most)


def _wrapped(text: str, font: ImageFont.FreeTypeFont) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > _WIDTH:
            yield line
            longer = word
        line = longer
    yield line


def _clipped(lines: Iterator[str] | list[str], count: int) -> list[str]:
    shown = list(lines)
    if len(shown) <= count:
        return shown
    return [*shown[: count - 1], f"{shown[count - 1].rpartition(' ')[0]} …"]


@cache
def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS / f"{face}.woff2", size)
