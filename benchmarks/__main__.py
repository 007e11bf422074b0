"""The command: it proves, measures and tells; `python -m benchmarks --help`."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import described
from benchmarks.processes import FailedError
from benchmarks.proof import prove
from benchmarks.rounds import measure
from benchmarks.rows import ROWS
from benchmarks.tables import Measured, tables
from benchmarks.workshop import Workshop

_WORK = "Prove that each contender runs what it is given, measure them, and print the tables."
_README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- measured -->", "<!-- /measured -->"
_AT_LEAST = 2
"""Rounds of a long row."""


def main() -> int:
    """Measure the rows that were asked for; return 1 if a command failed.

    A bar that is missed is told, and fails nothing: a neighbour's load would decide.
    """
    names = [row.name for row in ROWS]
    parser = argparse.ArgumentParser(prog="benchmarks", description=_WORK, allow_abbrev=False)
    parser.add_argument(
        "--rows",
        type=lambda text: text.split(","),
        default=names,
        help=f"measure these only, and leave README.md alone: {','.join(names)}",
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often (default: 5; long rows: half as often)"
    )
    given = parser.parse_args()
    if unknown := set(given.rows).difference(names):
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if given.rounds < 1:
        parser.error(f"--rounds must be 1 or more, not {given.rounds}")
    try:
        told = _measured(given.rows, given.rounds)
    except FailedError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    print(told)
    if set(given.rows) == set(names):
        before, _, rest = _README.read_text(encoding="utf-8").partition(_BEGIN)
        after = rest.partition(_END)[2]
        _README.write_text(f"{before}{_BEGIN}\n{told}\n{_END}{after}", encoding="utf-8")
    return 0


def _measured(names: list[str], rounds: int) -> str:
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        workshop = Workshop(Path(folder))
        print("proving that each one runs what it is given", file=sys.stderr)
        prove(workshop)
        seen = []
        for row in ROWS:
            if row.name not in names:
                continue
            print(f"{row.name}: {row.work}", file=sys.stderr)
            times = max(min(_AT_LEAST, rounds), rounds // 2) if row.is_long else rounds
            taken = measure(row.contenders(workshop), times, is_watched=row.is_watched)
            seen.append(Measured(row, taken))
        return tables(seen, described())


if __name__ == "__main__":
    sys.exit(main())
