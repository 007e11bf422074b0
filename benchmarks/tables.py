"""The tables of a run, as Markdown: each bar, met or missed, and all that ran."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.rounds import Round, Spread
from benchmarks.rows import Bar, Row

__all__ = ["Measured", "tables"]

_BARS = ("row", "work", "bar", "seen", "rounds", "")
_RUNS = ("row", "contender", "wall, s", "CPU, s", "times the first", "ms each over it", "peak, MiB")


@dataclass(frozen=True)
class Measured:
    """A row with what was seen of it."""

    row: Row
    rounds: list[Round]


def tables(measured: Sequence[Measured], title: str) -> str:
    """Return both tables under the paragraph that says where and when they were made."""
    bars = [_bar(item, bar) for item in measured for bar in item.row.bars]
    runs = [line for item in measured for line in _runs(item)]
    return "\n".join([title, "", *_headed(_BARS, bars), "", *_headed(_RUNS, runs)])


def _bar(item: Measured, bar: Bar) -> str:
    spread = Spread.of([bar.of(seen) for seen in item.rounds])
    return _line(
        (
            item.row.name,
            item.row.work,
            f"≤ {bar.limit:g} {bar.unit}",
            _told(spread, bar.digits),
            str(len(item.rounds)),
            "met" if spread.median <= bar.limit else "**missed**",
        )
    )


def _runs(item: Measured) -> Iterator[str]:
    """Yield a line for each contender; a cell that would say nothing stays empty."""
    base = next(iter(item.rounds[0]))
    for name in item.rounds[0]:
        pairs = [(seen[name], seen[base]) for seen in item.rounds]
        wall = cpu = times = over = peak = ""
        if item.row.is_watched:
            peak = _told(Spread.of([mine.peak for mine, _ in pairs]), 0)
        else:
            wall = _told(Spread.of([mine.wall for mine, _ in pairs]))
            cpu = _told(Spread.of([mine.cpu for mine, _ in pairs])) if pairs[0][0].cpu else ""
        if wall and name != base:
            times = _told(Spread.of([mine.wall / first.wall for mine, first in pairs]))
        if times and item.row.subjects:
            excess = [1000 * (mine.wall - first.wall) for mine, first in pairs]
            over = _told(Spread.of([each / item.row.subjects for each in excess]))
        yield _line((item.row.name, name, wall, cpu, times, over, peak))


def _told(spread: Spread, digits: int = 2) -> str:
    return f"{spread.median:.{digits}f} ({spread.lowest:.{digits}f} to {spread.highest:.{digits}f})"


def _headed(head: Sequence[str], lines: Sequence[str]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *lines]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
