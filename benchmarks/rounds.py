"""Rounds: all contenders of a row run one after the other, in another order each time."""

import random
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.processes import Contender, Ended, FailedError, run

__all__ = ["Round", "Spread", "measure"]

Round = dict[str, Ended]
"""What each contender took in one round, by its name; the first is the base of comparison."""


@dataclass(frozen=True)
class Spread:
    """The median of what was seen in the rounds, the lowest and the highest."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, seen: Sequence[float]) -> "Spread":
        """Return the spread of at least one value."""
        return cls(statistics.median(seen), min(seen), max(seen))


def measure(
    contenders: Sequence[Contender], rounds: int, *, is_watched: bool = False
) -> list[Round]:
    """Run all contenders in each of the rounds, after one round that does not count.

    That one fills the caches for bytecode and for files, alike for all; memory needs none.

    Raises:
        FailedError: one of them did not pass.
    """
    shuffled = random.Random(0)  # noqa: S311  # an order, not a secret
    measured = []
    for number in range(1 if is_watched else 0, rounds + 1):
        order = shuffled.sample(contenders, len(contenders))
        seen = {contender.name: _passed(contender, is_watched=is_watched) for contender in order}
        if number:
            measured.append({contender.name: seen[contender.name] for contender in contenders})
        told = ", ".join(f"{item.name} {seen[item.name].wall:.2f}" for item in contenders)
        print(f"  {f'round {number}' if number else 'warm-up'}: {told}", file=sys.stderr)
    return measured


def _passed(contender: Contender, *, is_watched: bool) -> Ended:
    ended = run(contender, is_watched=is_watched)
    if ended.code != 0:
        message = f"{contender.name} ended with exit code {ended.code} and said:\n{ended.tail}"
        raise FailedError(message)
    return ended
