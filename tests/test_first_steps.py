"""What somebody meets who tries this for the first time, and has not read everything."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mkdocs_claims.claims import read_claims
from mkdocs_claims.problems import Problem
from tests.conftest import Ended, Project

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "head",
    ["", "import mkdocs_claims\n\n", "from mkdocs_claims import claims\n\n"],
    ids=["no import", "the package alone", "the module for the decorator"],
)
def test_a_claim_whose_decorator_is_not_imported_is_named(head: str) -> None:
    line = head.count("\n") + 2
    message = "@claim is not imported; add 'from mkdocs_claims import claim'"

    found = read_claims(f'{head}@claim\ndef one():\n    """One."""\n    assert x\n', "verify/x.py")

    assert ([], [Problem("verify/x.py", line, message)]) == found


@pytest.mark.parametrize("change", ["raises", "output", "session"])
def test_pytest_tells_an_example_s_failure_in_a_few_lines(project: Project, change: str) -> None:
    fences = {
        "raises": '```python raises="KeyError: no"\n{}["yes"]\n```\n',
        "output": "```python\nprint(1)\n```\n\n```output\n2\n```\n",
        "session": "```pycon\n>>> 1 + 1\n3\n```\n",
    }
    line = project.append("docs/index.md", fences[change])

    ended = project.pytest(f"docs/index.md::line-{line}")

    failure = ended.output.partition("FAILURES")[2].partition("short test summary")[0]
    told = failure.splitlines()
    assert f"docs/index.md:{line}" in told
    assert len(told) < 15


def test_a_link_with_a_space_before_the_id_is_named(
    project: Project, refused: Callable[..., Ended]
) -> None:
    line = project.append("docs/index.md", "That [is so](claim: sum-of-tenths-is-exact).\n")

    assert refused().first_lines == [
        f"docs/index.md:{line}: this link names no claim; write claim:the-id, without a space"
    ]


def test_what_may_be_the_cause_is_listed_first(
    project: Project, refused: Callable[..., Ended]
) -> None:
    """A check that asserts nothing is no claim, so the pages that cite it cite an unknown one."""
    text = project.read("verify/arithmetic.py")
    function = re.search(
        r"^def sum_of_tenths_is_exact.*?(?=^@claim)", text, re.MULTILINE | re.DOTALL
    )
    assert function is not None
    weaker = re.sub(r"assert [^\n]*", "pass", function[0])
    line = project.replace("verify/arithmetic.py", function[0], weaker)

    first, *others = refused().first_lines

    assert first.startswith(f"verify/arithmetic.py:{line}: claim 'sum_of_tenths_is_exact' asserts")
    assert others
    assert all("there is no claim 'sum-of-tenths-is-exact'" in other for other in others)


def test_a_missing_folder_of_claims_does_not_bury_itself(
    project: Project, refused: Callable[..., Ended]
) -> None:
    project.replace("pyproject.toml", "[tool.claims]\n", '[tool.claims]\nverify = "verfy"\n')
    project.replace("pyproject.toml", 'prepare = "verify.prepare:prepare"\n', "")

    assert refused().first_lines[0] == "verfy: there is no such folder"
    assert "there is no claim" not in refused().output


def test_the_extension_alone_does_not_show_an_old_run(project: Project) -> None:
    """Whoever takes the plugin out of `mkdocs.yml` would publish the last run's verdicts."""
    project.replace("mkdocs.yml", "plugins:\n  - search\n  - claims\n", "plugins:\n  - search\n")

    ended = project.build()

    assert ended.code != 0
    assert "the extension claims would show an old run; add the plugin claims" in ended.output
    assert [path for path in project.site() if path.endswith(".html")] == []


def test_only_make_lock_needs_uv(tmp_path: Path) -> None:
    """An edit of `pyproject.toml`, which is where settings are, must not ask for another tool."""
    for name in ("Makefile", "pyproject.toml"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")

    def planned(target: str) -> str:
        command = ["make", "--dry-run", "--always-make", target]
        (tmp_path / "requirements").mkdir(exist_ok=True)
        for file in (ROOT / "requirements").iterdir():
            (tmp_path / "requirements" / file.name).touch()
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return ended.stdout

    assert "uv pip compile" in planned("lock")
    assert "uv pip" not in planned("site") + planned("test") + planned("check")
