"""The rows of the table: what is measured beside what, and the bars that the tool has to meet."""

import itertools
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks.checks import COUNTERFACTUALS, FUNCTIONS
from benchmarks.pages import BLOCKS
from benchmarks.peers import CLAIMS, FLOOR, PEERS, PLAIN_MKDOCS, SYBIL
from benchmarks.processes import Contender
from benchmarks.reading import OWN, readers
from benchmarks.rounds import Round
from benchmarks.workshop import Workshop
from mkdocs_claims.counterfactuals import read_counterfactuals

__all__ = ["PLAIN_PYTEST", "ROWS", "Bar", "Row", "tabling"]

_MANY = 1000
"""A project of so many pages is measured in fewer rounds."""
_PLAIN, _WITH = "mkdocs build", "mkdocs build with claims"
_CHECK, _IMPORT = "claims check", "import mkdocs_claims.cli"
_TORCH = "import torch"
_PYTEST = "plain pytest"
_MUTANTS, _FALSIFY = "plain pytest, once a counterfactual", "claims falsify --all"

PLAIN_PYTEST = (
    *(sys.executable, "-m", "pytest", "-q", "verify"),
    *("-p", "no:claims", "-o", "python_files=*.py", "-o", f"python_functions={FUNCTIONS}"),
)
"""What runs the project of claims in one process, as tests."""
_ONCE_EACH = (
    sys.executable,
    "-P",
    str(Path(__file__).with_name("mutants.py").resolve()),
    FUNCTIONS,
)
_TABLE = (CLAIMS.command[0], "falsify", "--all")


@dataclass(frozen=True)
class Bar:
    """What one quantity of a row may be at most."""

    limit: float
    unit: str
    """What the limit is counted in, such as `times the floor`."""
    of: Callable[[Round], float]
    """The quantity in one round."""
    digits: int = 2
    """How many of them stand behind the point when it is told."""


@dataclass(frozen=True)
class Row:
    """Some work, the contenders that do it, and the bars."""

    name: str
    work: str
    contenders: Callable[[Workshop], list[Contender]]
    """The first one is what the others are compared with."""
    bars: tuple[Bar, ...] = ()
    subjects: int = 0
    """How many blocks or claims are run; 0 where a cost for each would say nothing."""
    is_long: bool = False
    """Whether it is measured in fewer rounds."""
    is_watched: bool = False
    """Whether it is measured for its memory, so that its times say nothing."""


def _times(limit: float, told: str, base: str, contender: str = CLAIMS.name) -> Bar:
    return Bar(limit, f"times {told}", lambda seen: seen[contender].wall / seen[base].wall)


def _cold(count: int, floor: float, sybil: float) -> Row:
    return Row(
        f"cold-{count}",
        f"cold, {count:,} pages of {BLOCKS} blocks",
        lambda workshop: [workshop.contender(peer, count) for peer in PEERS],
        (
            _times(floor, "the floor", FLOOR.name),
            _times(sybil, "Sybil under pytest", SYBIL.name),
        ),
        subjects=count * BLOCKS,
        is_long=count >= _MANY,
    )


def _printing(count: int) -> Row:
    return Row(
        "printing",
        f"cold, {count:,} pages of {BLOCKS} blocks, of which 2 print",
        lambda workshop: [
            workshop.contender(peer, count, printing=True) for peer in (FLOOR, SYBIL, CLAIMS)
        ],
        subjects=count * BLOCKS,
    )


def _claims() -> Row:
    def contenders(workshop: Workshop) -> list[Contender]:
        folder = workshop.claims()
        return [
            Contender(_PYTEST, PLAIN_PYTEST, folder),
            Contender(CLAIMS.name, CLAIMS.command, folder),
        ]

    return Row(
        "claims",
        "cold, 250 claims in 10 modules",
        contenders,
        (_times(1.2, "the same checks under plain pytest in one process", _PYTEST),),
        subjects=250,
    )


def _unchanged(count: int) -> Row:
    def contenders(workshop: Workshop) -> list[Contender]:
        folder = workshop.project(CLAIMS, count)
        return [
            Contender(_PLAIN, PLAIN_MKDOCS, folder),
            Contender(_WITH, PLAIN_MKDOCS[:3], folder),
            Contender(_CHECK, CLAIMS.command[:2], folder),
            Contender(_IMPORT, (sys.executable, "-c", _IMPORT), folder),
        ]

    return Row(
        f"unchanged-{count}",
        f"nothing changed, {count:,} pages",
        contenders,
        (
            _times(1.05, "`mkdocs build` without the plugin", _PLAIN, _WITH),
            Bar(
                0.1,
                "s for verification's part",
                lambda seen: seen[_CHECK].wall - seen[_IMPORT].wall,
            ),
        ),
        is_long=count >= _MANY,
    )


def _changed(count: int) -> Row:
    def contenders(workshop: Workshop) -> list[Contender]:
        folder = workshop.project(CLAIMS, count)
        edits = _edits(folder / "docs" / f"page-{count // 2:04}.md")
        return [
            Contender(_PLAIN, PLAIN_MKDOCS, folder),
            Contender(_TORCH, (sys.executable, "-c", _TORCH), folder),
            Contender(_WITH, PLAIN_MKDOCS[:3], folder, lambda: next(edits)),
        ]

    return Row(
        "changed",
        f"one block of one page changed, {count:,} pages",
        contenders,
        (
            Bar(
                1.1,
                "times (`mkdocs build` without the plugin + `import torch`)",
                lambda seen: seen[_WITH].wall / (seen[_PLAIN].wall + seen[_TORCH].wall),
            ),
        ),
    )


def _edits(file: Path) -> Iterator[None]:
    """Change the first block of a page or check of a module, in another way at each step."""
    before, mark, after = file.read_text(encoding="utf-8").partition("assert weight.is_leaf")
    for number in itertools.count(1):
        file.write_text(f"{before}{mark} and {number}{after}", encoding="utf-8")
        yield


def tabling(workshop: Workshop, count: int) -> list[Contender]:
    """Return what runs every check in each of so many counterfactuals."""
    fresh, kept = (workshop.falsified(f"{name}-{count}", count) for name in ("fresh", "kept"))
    module = (fresh / COUNTERFACTUALS).read_text(encoding="utf-8")
    names = [item.name for item in read_counterfactuals(module, COUNTERFACTUALS)[0]]
    edits = _edits(kept / "verify" / "part_5.py")
    forget = partial(shutil.rmtree, fresh / ".claims", ignore_errors=True)
    return [
        Contender(_MUTANTS, (*_ONCE_EACH, *names), fresh),
        Contender(_FALSIFY, _TABLE, fresh, forget),
        Contender(f"{_FALSIFY}, one check changed", _TABLE, kept, lambda: next(edits)),
    ]


def _table(count: int) -> Row:

    return Row(
        "table",
        f"250 claims against {count} counterfactuals",
        lambda workshop: tabling(workshop, count),
        (
            Bar(180, "s", lambda seen: seen[_FALSIFY].wall, digits=0),
            _times(1.0, "plain pytest, once a counterfactual", _MUTANTS, _FALSIFY),
        ),
        subjects=250 * count,
        is_long=True,
    )


def _memory(*counts: int) -> Row:
    def contenders(workshop: Workshop) -> list[Contender]:
        seen = [(peer, max(counts)) for peer in (FLOOR, SYBIL)]
        seen += [(CLAIMS, count) for count in counts]
        return [
            replace(
                workshop.contender(peer, count),
                name=f"{peer.name}, {count:,} pages",
                command=(*peer.command, *(("--jobs", "2") if peer is CLAIMS else ())),
            )
            for peer, count in seen
        ]

    return Row(
        "memory",
        "peak memory (proportional set sizes of all processes), two children",
        contenders,
        (
            Bar(
                300,
                "MiB",
                lambda seen: max(seen[f"{CLAIMS.name}, {count:,} pages"].peak for count in counts),
                digits=0,
            ),
        ),
        is_long=True,
        is_watched=True,
    )


def _paint(kind: str, page: str) -> Row:
    return Row(
        f"paint-{kind}",
        f"`/{page}`: its largest part is painted, at a quarter of the processor's speed",
        lambda workshop: readers(workshop, page),
        (Bar(1.0, "s", lambda seen: seen[OWN].wall),),
    )


ROWS = (
    _cold(20, 0.6, 0.5),
    _cold(100, 0.95, 0.65),
    _cold(1000, 2.0, 0.8),
    _printing(100),
    _claims(),
    _table(25),
    _unchanged(100),
    _unchanged(1000),
    _changed(100),
    _memory(20, 100, 1000),
    _paint("home", ""),
    _paint("message", "errors/cannot-register-a-hook-on-a-tensor/"),
    _paint("mode", "modes/no_grad/"),
)
