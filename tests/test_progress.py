"""Progress is told on one line of a terminal, and now and then elsewhere."""

import io

import pytest

from mkdocs_claims import progress
from mkdocs_claims.evidence import Evidence, Kind, Subject, Verdict
from mkdocs_claims.jobs import Begun, Ended, Job, Message, Seen
from mkdocs_claims.progress import Progress
from mkdocs_claims.settings import Settings
from tests.conftest import ROOT

SUBJECT = Subject(Kind.EXAMPLE, "docs/a.md:3", "docs/a.md", 3, "line-3", "", "x = 1")
JOB = Job(Settings(ROOT), "docs/a.md", [SUBJECT])
MESSAGES: list[Message] = [
    Begun(SUBJECT),
    Seen(Evidence(SUBJECT, Verdict.FAILS, seen="nothing")),
    Ended(0.1),
]


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def tell(stream: io.StringIO) -> str:
    """Tell of one job that goes wrong, and return what was written."""
    told = Progress(stream)
    told.begin(2)
    for message in MESSAGES:
        told.take(JOB, message)
    told.end()
    return stream.getvalue()


def test_a_terminal_has_one_line_that_changes_and_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "_BETWEEN_CHANGES", 0)
    clear = "\r\x1b[K"

    assert [
        "",
        "0 of 2 files done",
        "0 of 2 files done; running docs/a.md:3",
        "0 of 2 files done, 1 wrong; running docs/a.md:3",
        "1 of 2 files done, 1 wrong",
        "",
    ] == tell(Terminal()).split(clear)


def test_a_line_is_no_longer_than_the_terminal_is_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_BETWEEN_CHANGES", 0)
    monkeypatch.setenv("COLUMNS", "20")

    assert "0 of 2 files done; r\x1b" not in tell(Terminal())
    assert "\x1b[K0 of 2 files done; \r" in tell(Terminal())


def test_elsewhere_there_are_plain_lines_and_few(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tell(io.StringIO()) == ""

    monkeypatch.setattr(progress, "_BETWEEN_LINES", 0)

    assert tell(io.StringIO()).splitlines() == [
        "0 of 2 files done",
        "0 of 2 files done; running docs/a.md:3",
        "0 of 2 files done, 1 wrong; running docs/a.md:3",
        "1 of 2 files done, 1 wrong",
    ]
