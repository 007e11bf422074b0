"""`claims check` says what the build would say, and builds nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Ended, Project, clean_environment


def check(folder: Path, *arguments: str) -> Ended:
    """Run the installed command in a folder."""
    ended = subprocess.run(
        [Path(sys.executable).with_name("claims"), "check", *arguments],
        cwd=folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout)


def test_all_that_holds_is_counted_in_one_line(project: Project) -> None:
    counts = "4 claims, 7 examples, 1 snippet, 0 notebooks, 1 skipped: 12 holds"

    fresh = check(project.root, "--fresh")
    again = check(project.root)

    assert (fresh.code, again.code) == (0, 0)
    assert fresh.output.startswith(f"{counts}; Python ")
    assert again.output.startswith(f"{counts} (0 run now, 12 kept from before); Python ")
    assert (fresh.output.count("\n"), again.output.count("\n")) == (1, 1)


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_a_number_of_jobs_that_is_none_is_refused(project: Project, jobs: str) -> None:
    ended = check(project.root, "--jobs", jobs)

    assert ended.code == 2
    assert f"argument --jobs: expected a whole number above 0, not '{jobs}'" in ended.output


def test_what_does_not_hold_is_listed_as_by_the_build_and_the_site_stays(project: Project) -> None:
    project.replace("verify/arithmetic.py", 'total == Decimal("0.3")', 'total == Decimal("0.4")')
    project.replace("docs/index.md", "unchanged: 0.3", "unchanged: 0.4")
    project.append("docs/contexts.md", "[Nobody](claim:nobody-knows-this) knows.\n")
    before = project.site()

    ended = check(project.root / "docs")

    assert ended.code == 1
    assert len(ended.entries) == 3
    assert ended.entries == project.build().entries
    assert project.site() == before


def test_a_project_can_be_named(project: Project, tmp_path: Path) -> None:
    assert check(tmp_path, "--project", str(project.root)).code == 0


def test_without_a_project_the_command_is_refused(tmp_path: Path) -> None:
    ended = check(tmp_path)

    said = "claims: no pyproject.toml with a [tool.claims] table in . or above it\n"
    assert (ended.code, ended.output) == (2, said)
