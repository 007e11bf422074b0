"""The proof that each peer does the work: it passes, and refuses what is false."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pages import falsified
from benchmarks.peers import CLAIMS, PEERS
from benchmarks.processes import Contender, FailedError, run
from benchmarks.rows import PLAIN_PYTEST, tabling
from benchmarks.workshop import Workshop

__all__ = ["prove"]

_PAGES = 4


def prove(workshop: Workshop) -> None:
    """See every peer pass a small corpus, and refuse it with one false assertion.

    What makes a table must see as many checks fail in its first counterfactual as the others do.

    Raises:
        FailedError: a peer did one of them wrong, so that its times would say nothing.
    """
    for contender, file in _contenders(workshop):
        ended = run(contender)
        if ended.code != 0:
            message = f"{contender.name} refuses the corpus:\n{ended.tail}"
            raise FailedError(message)
        text = file.read_text(encoding="utf-8")
        file.write_text(falsified(text), encoding="utf-8")
        ended = run(contender)
        file.write_text(text, encoding="utf-8")
        if ended.code == 0 or "assert" not in ended.output.lower():
            message = (
                f"{contender.name} does not say that an assertion is false in {file.name}: "
                f"exit code {ended.code}\n{ended.tail}"
            )
            raise FailedError(message)
        print(f"  {contender.name} passes, and sees what is false", file=sys.stderr)
    counts: set[str] = set()
    for contender in tabling(workshop, 1):
        ended = run(contender)
        count = re.search(r"(\d+)(?: failed|(?: of \d+)? checks fail)", ended.output)
        counts.add(count[1] if count else "none")
        if ended.code != 0 or not counts.isdisjoint({"0", "none"}) or len(counts) > 1:
            message = f"{contender.name} sees other checks fail than it must:\n{ended.tail}"
            raise FailedError(message)
        print(f"  {contender.name} sees {count and count[1]} checks fail", file=sys.stderr)


def _contenders(workshop: Workshop) -> Iterator[tuple[Contender, Path]]:
    """Yield each contender with the file of which the last assertion is made false."""
    for peer in PEERS:
        contender = workshop.contender(peer, _PAGES)
        yield contender, max(contender.folder.glob("docs/page-*.md"))
    folder = workshop.claims()
    last = max(folder.glob("verify/part_*.py"))
    yield Contender("claims, with 250 of them", CLAIMS.command, folder), last
    yield Contender("plain pytest", PLAIN_PYTEST, folder), last
