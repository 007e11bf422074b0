"""The `claims` command."""

import argparse
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from mkdocs_claims.progress import Progress
from mkdocs_claims.run import is_fresh_wanted, run
from mkdocs_claims.settings import SettingsError, find_root, load

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 if all holds, 1 if not, 2 on bad usage, 130 on Ctrl-C."""
    parser = argparse.ArgumentParser(prog="claims", description=__doc__, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=metadata.version("mkdocs-claims"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser(
        "check",
        help="run every claim, example, snippet and notebook, and say what is wrong",
        description="Run every claim, example, snippet and notebook of the project, and list all "
        "that is wrong. Builds no site. This runs the code in the project's documentation.",
    )
    check.add_argument("--project", type=Path, default=Path(), help="a folder of the project")
    check.add_argument(
        "--fresh", action="store_true", help="also run what is known to hold from an earlier run"
    )
    check.add_argument(
        "--jobs",
        type=_count,
        default=0,
        metavar="N",
        help="run N files at the same time (default: as many as there are cores)",
    )
    check.set_defaults(command=_check)
    given = parser.parse_args(arguments)
    try:
        status: int = given.command(given)
    except SettingsError as error:
        print(f"claims: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("claims: interrupted; the report is that of the run before", file=sys.stderr)
        return 130
    return status


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        message = f"expected a whole number above 0, not '{text}'"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _check(given: argparse.Namespace) -> int:
    checked = run(
        load(find_root(given.project)),
        is_fresh=given.fresh or is_fresh_wanted(),
        at_once=given.jobs,
        progress=Progress(),
        say=lambda line: print(f"claims: {line}", file=sys.stderr),
    )
    if checked.refusal:
        print(checked.refusal, file=sys.stderr)
        return 1
    print(checked.summary)
    return 0
