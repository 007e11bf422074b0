"""Draw what becomes of one tensor in each mode, from what a run of torch gives at each station.

As long as the drawing takes.
"""

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from html import escape
from typing import Literal
from xml.etree import ElementTree as ET

import torch
from torch.autograd.graph import saved_tensors_hooks

STAGES = {
    "made": "t = w * 2",
    "computed with": "t * w",
    "changed in place": "t.add_(1)",
    "after the block": "t.add_(0)",
    "used in training": "loss = w * t",
    "backward": "loss.backward()",
}
LEFT, LANE, LINE = 122, 154, 16
"""Where the lanes begin, how wide each is, and how high a line of text."""

LIVE = "var(--plot-1, currentColor)"
WRONG = "var(--claims-wrong, currentColor)"
PAGE = "var(--md-default-bg-color, Canvas)"
MONO = 'font-family="var(--md-code-font-family, monospace)"'
SOLID = f'stroke="{LIVE}" stroke-width="3.5"'
DASHED = 'stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 4"'


@dataclass(frozen=True)
class Station:
    """What was seen at one stage of a tensor's life."""

    sign: Literal["recorded", "not recorded", "refused", "gradient"]
    says: list[str]
    """The most important first."""


@dataclass
class Life:
    """The life of one tensor: a station for each stage that it came to."""

    name: str
    how: str
    has_block: bool = False
    stations: dict[str, Station] = field(default_factory=dict)
    leads_back: bool = False
    """Whether a gradient goes through the tensor to what it was made from."""


# --8<-- [start:live]
def live(
    name: str,
    how: str,
    mode: Callable[[], AbstractContextManager[object]] = nullcontext,
    take: Callable[[torch.Tensor], torch.Tensor] = lambda made: made,
) -> Life:
    """Lead a tensor through all stages in a mode, and note what is seen at each."""
    life = Life(name, how, has_block=mode is not nullcontext)
    seen = life.stations
    w = torch.tensor(3.0, requires_grad=True)

    with mode():
        made = w * 2
        t = take(made)
        seen["made"] = look(lambda: take(w * 2), t=t, w=w)
        seen["computed with"] = look(lambda: t * w, t=t, w=w)
        earlier = t * w
        seen["changed in place"] = look(lambda: t.add_(1), t=t, w=w)

    if t.is_inference():
        seen["made"].says.append("inference tensor")
    if t is not made and torch.equal(t, made):
        seen["changed in place"].says.append("w * 2 changes, too")
    if earlier.requires_grad and look(earlier.backward).sign == "refused":
        seen["changed in place"].says.append("backward of t * w raises")
    if life.has_block:
        seen["after the block"] = look(lambda: t.add_(0), t=t, w=w)
    seen["used in training"] = look(lambda: w * t, t=t, w=w)

    if seen["used in training"].sign == "recorded":
        w.grad = None
        (w * t).backward()
        life.leads_back = not torch.equal(w.grad, t)
        way = "also through t" if life.leads_back else "t is a constant"
        seen["backward"] = Station("gradient", [f"w.grad is {w.grad:g}", way])
    return life


def look(do: Callable[[], torch.Tensor | None], **names: torch.Tensor) -> Station:
    """Do one thing; tell of its result, and which of the named tensors it saved for backward."""
    saved: list[int] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        saved.append(tensor.data_ptr())
        return tensor.detach()

    try:
        with saved_tensors_hooks(pack, lambda tensor: tensor):
            result = do()
    except RuntimeError as error:
        return Station("refused", [type(error).__name__, str(error).partition(".")[0]])
    if result is None:
        return Station("gradient", [])
    sign = "not recorded" if result.grad_fn is None else "recorded"
    says = [sign, "requires grad" if result.requires_grad else "requires no grad"]
    if kept := [name for name, tensor in names.items() if tensor.data_ptr() in saved]:
        says.append(f"saves {' and '.join(kept)}")
    return Station(sign, says)


# --8<-- [end:live]


def in_words(lives: Sequence[Life]) -> str:
    """Return what `draw` shows, for those who do not see it."""
    return " ".join(
        f"{life.name}, {stage}, {STAGES[stage]}: {', '.join(station.says)}."
        for life in lives
        for stage, station in life.stations.items()
    )


def lines_of(station: Station) -> list[str]:
    """Return what a station says, in lines that fit into a lane."""
    return [line for each in station.says for line in textwrap.wrap(each, 19)]


def draw(lives: Sequence[Life], columns: int) -> str:
    """Return an SVG with a lane for each life, so many beside one another."""
    parts: list[str] = []
    width, bottom = LEFT + columns * LANE, 0.0
    for first in range(0, len(lives), columns):
        drawn, bottom = tier(lives[first : first + columns], bottom)
        parts += drawn
    drawn, bottom = key(bottom + 8, width)
    parts += drawn
    size = f'viewBox="0 0 {width} {bottom:.0f}" width="{1.15 * width:.0f}"'
    style = f'class="lanes-{columns}" font-size="12.5" fill="currentColor"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(parts)}</svg>'


def tier(lives: Sequence[Life], top: float) -> tuple[list[str], float]:
    """Return lanes that stand beside one another, and where they end."""
    parts, tops, bottom = [], {}, top + 54
    for stage, code in STAGES.items():
        tops[stage] = bottom
        rule = f'<path d="M0 {bottom:g}H{LEFT + LANE * len(lives)}" stroke="currentColor"'
        parts.append(f'{rule} stroke-opacity=".2"/>')
        parts.append(text(0, bottom + 20, stage, 'font-weight="700" font-size="12"'))
        parts.append(text(0, bottom + 37, code, f'{MONO} font-size="11"'))
        stations = [life.stations[stage] for life in lives if stage in life.stations]
        bottom += 20 + LINE * max([2, *(len(lines_of(each)) for each in stations)])
    for number, life in enumerate(lives):
        parts += lane(life, LEFT + LANE * number, tops)
    return parts, bottom + 12


def lane(life: Life, x: float, tops: Mapping[str, float]) -> Iterator[str]:
    """Yield one life: its name, its block, its line, and its stations."""
    first, block_end, training = tops["made"], tops["after the block"], tops["used in training"]
    yield text(x, first - 31, life.name, f'{MONO} font-weight="700" font-size="13.5"')
    yield text(x, first - 13, life.how, f'{MONO} font-size="10.5"')
    if life.has_block:
        place = f'x="{x - 4:g}" y="{first + 4:g}" width="{LANE - 8}"'
        size = f'height="{block_end - first - 8:g}" rx="8"'
        yield f'<rect {place} {size} fill-opacity=".08"/>'
    middle = x + 8
    look = SOLID if life.leads_back else DASHED
    yield f'<path d="M{middle} {first + 16:g}V{training + 16:g}" {look}/>'
    if "backward" in life.stations:
        yield f'<path d="M{middle} {training + 16:g}V{tops["backward"] + 16:g}" {SOLID}/>'
    for stage, top in tops.items():
        if stage not in life.stations:
            missing = "no block" if stage == "after the block" else "never reached"
            yield text(x + 23, top + 20, missing, 'font-style="italic" fill-opacity=".8"')
            continue
        station = life.stations[stage]
        yield mark(station.sign, middle, top + 16)
        colour = f' fill="{WRONG}"' if station.sign == "refused" else ""
        for line, said in enumerate(lines_of(station)):
            weight = "" if line else ' font-weight="700"'
            yield text(x + 23, top + 20 + LINE * line, said, weight + colour)


def mark(sign: str, x: float, y: float) -> str:
    """Return a dot, a ring, a cross, or the head of an arrow."""
    if sign == "refused":
        ground = f'<circle cx="{x:g}" cy="{y:g}" r="8" fill="{PAGE}"/>'
        way = f"M{x - 5:g} {y - 5:g}l10 10m0 -10l-10 10"
        return f'{ground}<path d="{way}" stroke="{WRONG}" stroke-width="3"/>'
    if sign == "gradient":
        return f'<path d="M{x:g} {y - 9:g}l8 15h-16z" fill="{LIVE}"/>'
    if sign == "recorded":
        return f'<circle cx="{x:g}" cy="{y:g}" r="6.5" fill="{LIVE}"/>'
    ring = 'stroke="currentColor" stroke-width="1.8"'
    return f'<circle cx="{x:g}" cy="{y:g}" r="5.5" fill="{PAGE}" {ring}/>'


def key(y: float, width: float) -> tuple[list[str], float]:
    """Return what the signs mean, and where that ends."""
    signs = {
        "recorded": mark("recorded", 8, 0),
        "not recorded": mark("not recorded", 8, 0),
        "refused": mark("refused", 8, 0),
        "the gradient's way": f'<path d="M8 8V-8" {SOLID}/>',
        "no way for it": f'<path d="M8 8V-8" {DASHED}/>',
        "in the block": '<rect y="-7" width="16" height="14" rx="4" fill-opacity=".16"/>',
    }
    parts, x, y = [], 0.0, y + 8
    for meaning, drawn in signs.items():
        if x + 24 + 7 * len(meaning) > width:
            x, y = 0.0, y + 20
        parts += [
            f'<g transform="translate({x:g} {y:g})">{drawn}</g>',
            text(x + 22, y + 4, meaning),
        ]
        x += 36 + 7 * len(meaning)
    return parts, y + 14


def text(x: float, y: float, said: str, look: str = "") -> str:
    """Return a text at a place."""
    return f'<text x="{x:g}" y="{y:g}" {look.strip()}>{escape(said)}</text>'


def main() -> None:
    """Check what is seen in two lives, and that they are drawn as they are told."""
    lives = [
        live("no_grad", "torch.no_grad()", torch.no_grad),
        live("detach()", "(w * 2).detach()", take=torch.Tensor.detach),
    ]
    free, cut = lives
    assert list(free.stations) == list(STAGES)
    assert free.stations["made"] == Station("not recorded", ["not recorded", "requires no grad"])
    assert cut.stations["changed in place"].says[2:] == [
        "w * 2 changes, too",
        "backward of t * w raises",
    ]
    assert cut.stations["backward"].says == ["w.grad is 7", "t is a constant"]
    assert live("grad mode", "the default").stations["backward"].says[0] == "w.grad is 13"

    drawn = ET.fromstring(draw(lives, columns=1))  # noqa: S314  # it is our own
    texts = " ".join(one.text for one in drawn.iter() if one.text)
    for line in (
        line for life in lives for one in life.stations.values() for line in lines_of(one)
    ):
        assert line in texts
    assert draw(lives, columns=1) == draw(lives, columns=1)
    assert in_words(lives).startswith("no_grad, made, t = w * 2: not recorded, requires no grad.")


if __name__ == "__main__":
    main()
