"""Claims that use fixtures."""

from decimal import Context, Decimal
from pathlib import Path

import pytest

from mkdocs_claims import claim


@claim
def own_fixture(third: Decimal) -> None:
    """A check can use a fixture of the project."""
    assert len(third.as_tuple().digits) == 28


@claim
def every_share(share: Decimal) -> None:
    """A check that uses a fixture with parameters holds for all of them."""
    assert share * 4 in (1, 2)
    print("share:", share)


@claim
def short_context(short: Context, third: Decimal) -> None:
    """Fixtures are set up in the order of the arguments."""
    assert short.prec == 3
    assert len(third.as_tuple().digits) == 3


@claim
def stock_fixtures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A check can use the fixtures of pytest."""
    monkeypatch.chdir(tmp_path)
    print("caught")

    assert Path.cwd() == tmp_path
    assert capsys.readouterr().out == "caught\n"
