"""The `claims` command."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

from mkdocs_claims.collecting import collect
from mkdocs_claims.collection import Collection
from mkdocs_claims.evidence import Kind
from mkdocs_claims.problems import suggestion
from mkdocs_claims.progress import Progress
from mkdocs_claims.run import Checked, is_fresh_wanted, run
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
    check.set_defaults(command=_check)
    falsify = commands.add_parser(
        "falsify",
        help="run checks where their claims are false, and show which fail there",
        description="Run checks in counterfactuals, and with their rivals: where their claims are "
        "false, so that they should fail.  Without names, in what each claim says; with names, in "
        "every counterfactual.",
    )
    falsify.add_argument("claims", nargs="*", metavar="CLAIM", help="the id of a claim")
    falsify.add_argument(
        "--all", action="store_true", help="run every check everywhere, and show a table"
    )
    falsify.set_defaults(command=_falsify)
    for command in (check, falsify):
        _add_options(command)
    given = parser.parse_args(arguments)
    try:
        status: int = given.command(given)
        sys.stdout.flush()
    except SettingsError as error:
        print(f"claims: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # who reads this, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("claims: interrupted; the report is that of the run before", file=sys.stderr)
        return 130
    return status


def _add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--project", type=Path, default=Path(), help="a folder of the project")
    command.add_argument(
        "--fresh", action="store_true", help="also run what is known from an earlier run"
    )
    command.add_argument(
        "--jobs",
        type=_count,
        default=0,
        metavar="N",
        help="run N files at the same time (default: as many as there are cores)",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        message = f"expected a whole number above 0, not '{text}'"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _check(given: argparse.Namespace) -> int:
    return _judged(_run(given))


def _falsify(given: argparse.Namespace) -> int:
    from mkdocs_claims.falsifying import as_list, as_table  # noqa: PLC0415  # for this alone

    if given.all and given.claims:
        print("claims: --all shows every claim; leave it out, or the claims", file=sys.stderr)
        return 2
    asked = list(dict.fromkeys(name.replace("_", "-") for name in given.claims))
    if asked and (wrong := _unknown(asked, collect(load(find_root(given.project))))):
        print(f"claims: {wrong}", file=sys.stderr)
        return 2
    is_tried = asked.__contains__ if asked else None
    checked = _run(given, (lambda _: True) if given.all else is_tried, asked)
    asked = asked or list(checked.report.of(Kind.CLAIM))
    print(as_table(checked.report) if given.all else as_list(checked.report, asked))
    return _judged(checked)


def _unknown(asked: Sequence[str], found: Collection) -> str:
    """Say that a claim is not there, or what keeps it from being read; empty if all are."""
    for claim in asked:
        if claim not in found.claims:
            own = claim.replace("-", "_")
            for problem in found.problems:
                if own in problem.hides:
                    return str(problem)
            return f"there is no claim '{claim}'{suggestion(claim, list(found.claims))}"
    return ""


def _run(
    given: argparse.Namespace,
    is_tried: Callable[[str], bool] | None = None,
    only: Sequence[str] = (),
) -> Checked:
    return run(
        load(find_root(given.project)),
        is_fresh=given.fresh or is_fresh_wanted(),
        is_tried=is_tried,
        only=only,
        at_once=given.jobs,
        progress=Progress(),
        say=lambda line: print(f"claims: {line}", file=sys.stderr),
    )


def _judged(checked: Checked) -> int:
    if checked.refusal:
        print(checked.refusal, file=sys.stderr)
        return 1
    print(checked.summary)
    return 0
