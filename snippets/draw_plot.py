"""Draw a plot as a small SVG in the page's own colours and type, and say its numbers in words."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from xml.etree import ElementTree as ET

Interval = tuple[float, float, float]
"""The least, the middle and the most."""

WIDTH = 420
"""Units of a drawing, which is shown with up to 1.2 pixels a unit."""
KNOWN = ("default", "no_grad", "inference_mode")
"""Series that look the same in every plot."""
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Scale:
    """Where values from 0 up stand on an axis."""

    start: float
    end: float
    most: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        return self.start + value / self.most * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return the round values that are written at the axis, six at the most."""
        rough = self.most / 5
        magnitude = 10 ** math.floor(math.log10(rough))
        step = magnitude * next(each for each in STEPS if each * magnitude >= rough)
        return [number * step for number in range(math.floor(self.most / step) + 1)]


@dataclass(frozen=True)
class Series:
    """How one series is drawn: its colour, and a mark, so that it is not known by colour alone."""

    name: str
    number: int

    @property
    def colour(self) -> str:
        """The page's colour for it, which is another in the dark."""
        return f"var(--plot-{self.number % 3 + 1}, currentColor)"

    def mark(self, x: float, y: float) -> str:
        """Return a dot, a ring or a cross; they can be told apart where they meet."""
        line = f'stroke="{self.colour}" stroke-width="2"'
        if self.number % 3 == 1:
            fill = "var(--md-default-bg-color, none)"
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{fill}" {line}/>'
        if self.number % 3 == 2:
            return f'<path d="M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6" {line}/>'
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{self.colour}"/>'


def lines(
    values: Sequence[float], drawn: Mapping[str, Sequence[float]], *, x: str, y: str
) -> tuple[str, str]:
    """Draw each series against the values, and say it; `x` and `y` name the axes with their units.

    Returns the drawing and its text alternative, as `picture` takes them.
    """
    left, bottom = 52.0, 220.0
    across = Scale(left, WIDTH - 14, max(values))
    up = Scale(bottom, 56, max(map(max, drawn.values())))
    series = series_of(drawn)
    parts = [*legend(series), text(0, 40, y, "start")]
    for tick in up.ticks():
        parts.append(grid(f"M{left} {up(tick):.1f}H{WIDTH}", is_axis=not tick))
        parts.append(text(left - 8, up(tick) + 4, written(tick), "end"))
    parts += [text(across(tick), bottom + 20, written(tick)) for tick in across.ticks()]
    parts.append(text((across.start + across.end) / 2, bottom + 42, x))
    told = []
    for each in series:
        points = list(zip(values, drawn[each.name], strict=True))
        way = "L".join(f"{across(a):.1f} {up(b):.1f}" for a, b in points)
        parts.append(f'<path d="M{way}" fill="none" stroke="{each.colour}" stroke-width="2"/>')
        parts += [each.mark(across(a), up(b)) for a, b in points]
        told.append(f"{each.name} {', '.join(f'{written(b)} at {written(a)}' for a, b in points)}")
    return svg(parts, bottom + 50), f"{y} against {x}: {'; '.join(told)}."


def intervals(
    rows: Mapping[str, Mapping[str, Interval]],
    *,
    x: str,
    beside: float = 0,
    most: float = math.inf,
) -> tuple[str, str]:
    """Draw the intervals of each row, and say them; `x` names the axis with its unit.

    A mark stands at the middle of an interval, and a bar leads from the least to the most; a
    dashed line stands at `beside`, to compare with.  Beyond `most` nothing is drawn but the tip of
    an arrow.

    Returns the drawing and its text alternative, as `picture` takes them.
    """
    series = series_of(next(iter(rows.values())))
    top, height = 36.0, 17.0 * len(series) + 11
    bottom = top + height * len(rows)
    left = 16 + 7.2 * max(map(len, rows))
    ends = [end for row in rows.values() for _, _, end in row.values()]
    across = Scale(left, WIDTH - 14, min(max(*ends, beside), most))
    parts = list(legend(series))
    for tick in across.ticks():
        parts.append(grid(f"M{across(tick):.1f} {top}V{bottom}", is_axis=not tick))
        parts.append(text(across(tick), bottom + 19, written(tick)))
    if beside:
        parts.append(grid(f"M{across(beside):.1f} {top}V{bottom}", is_axis=True, dashes="5 4"))
    parts.append(text((across.start + across.end) / 2, bottom + 41, x))
    told = []
    for number, (name, row) in enumerate(rows.items()):
        y = top + height * number
        parts.append(text(left - 10, y + height / 2 + 4, name, "end"))
        for place, each in enumerate(series):
            start, middle, end = (across(min(value, most)) for value in row[each.name])
            at = y + 14 + 17 * place
            tip = "m-5 -4l5 4l-5 4" if row[each.name][2] > most else ""
            bar = f'<path d="M{start:.1f} {at:.1f}H{end:.1f}{tip}" fill="none"'
            parts.append(f'{bar} stroke="{each.colour}" stroke-width="2"/>')
            parts.append(each.mark(middle, at))
        told.append(f"{name}: {', '.join(f'{one} {spread(row[one])}' for one in row)}")
    return svg(parts, bottom + 50), f"{x}: {'; '.join(told)}."


def series_of(names: Iterable[str]) -> list[Series]:
    """Return how each series looks, by its name or else by its place."""
    return [
        Series(name, KNOWN.index(name) if name in KNOWN else number)
        for number, name in enumerate(names)
    ]


def spread(interval: Interval) -> str:
    """Return an interval in words."""
    least, middle, most = interval
    return f"{middle:,.2f} ({least:,.2f} to {most:,.2f})" if most > least else written(middle)


def written(value: float) -> str:
    """Return a value as an axis shows it."""
    return f"{value:,.10g}"


def legend(series: Iterable[Series]) -> Iterator[str]:
    """Yield the names of the series in one line, each behind its mark."""
    x = 8.0
    for each in series:
        yield each.mark(x, 11)
        yield text(x + 12, 16, each.name, "start")
        x += 38 + 7.4 * len(each.name)


def text(x: float, y: float, said: str, anchor: str = "middle") -> str:
    """Return a text at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'


def grid(way: str, *, is_axis: bool, dashes: str = "none") -> str:
    """Return a line of the grid, of which an axis is the strongest."""
    look = f'stroke-opacity="{0.6 if is_axis else 0.15}" stroke-dasharray="{dashes}"'
    return f'<path d="{way}" stroke="currentColor" {look}/>'


def svg(parts: Iterable[str], height: float) -> str:
    """Return the whole drawing."""
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{1.2 * WIDTH:.0f}"'
    style = 'font-size="13" fill="currentColor"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(parts)}</svg>'


def main() -> None:
    """Check what is written at an axis, and what is drawn and said of two plots."""
    assert Scale(0, 100, 2112).ticks() == [0, 500, 1000, 1500, 2000]
    assert Scale(0, 100, 1.07).ticks() == [0, 0.25, 0.5, 0.75, 1.0]
    assert Scale(200, 100, 4)(1) == 175
    assert [each.number for each in series_of(["no_grad", "another"])] == [1, 1]

    drawn, words = lines([1, 2], {"default": [64, 1500]}, x="rows", y="kept (KiB)")
    assert words == "kept (KiB) against rows: default 64 at 1, 1,500 at 2."
    texts = [one.text for one in ET.fromstring(drawn).iter() if one.text]  # noqa: S314  # our own
    assert texts[:6] == ["default", "kept (KiB)", "0", "500", "1,000", "1,500"]
    assert texts[6:] == ["0", "0.5", "1", "1.5", "2", "rows"]

    drawn, words = intervals({"a < b": {"one": (0.5, 0.75, 1.5)}}, x="time", beside=1)
    assert words == "time: a < b: one 0.75 (0.50 to 1.50)."
    texts = [one.text for one in ET.fromstring(drawn).iter() if one.text]  # noqa: S314  # as above
    assert texts == ["one", "0", "0.5", "1", "1.5", "time", "a < b"]

    cut, words = intervals({"a": {"one": (0.5, 0.75, 9)}}, x="time", most=1)
    assert ("m-5 -4l5 4l-5 4" in cut, "m-5 -4l5 4l-5 4" in drawn) == (True, False)
    assert words == "time: a: one 0.75 (0.50 to 9.00)."


if __name__ == "__main__":
    main()
