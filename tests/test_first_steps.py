"""What somebody meets who tries this for the first time, and has not read everything."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown import Markdown

from mkdocs_claims.claims import read_claims
from mkdocs_claims.problems import Problem
from mkdocs_claims.rendering import ClaimsExtension
from mkdocs_claims.rendering.rendered import Rendered
from mkdocs_claims.settings import load
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


def test_a_check_that_cannot_be_read_is_told_once_and_not_wherever_it_is_cited(
    project: Project, refused: Callable[..., Ended]
) -> None:
    """The claim may be there; what nobody knows is told as ever."""
    typo = project.append("docs/index.md", "It [is so](claim:sum-of-tenth-is-exact).\n")
    text = project.read("verify/arithmetic.py")
    function = re.search(
        r"^def sum_of_tenths_is_exact.*?(?=^@claim)", text, re.MULTILINE | re.DOTALL
    )
    assert function is not None
    weaker = re.sub(r"assert [^\n]*", "pass", function[0])
    line = project.replace("verify/arithmetic.py", function[0], weaker)

    cause, other = refused().first_lines

    assert cause.startswith(f"verify/arithmetic.py:{line}: claim 'sum_of_tenths_is_exact' asserts")
    assert other.startswith(f"docs/index.md:{typo}: there is no claim 'sum-of-tenth-is-exact'")


def test_a_check_module_that_is_no_python_is_told_once(
    project: Project, refused: Callable[..., Ended]
) -> None:
    source = 'title = "A primer"\norigin = "A page"\nread = 2026-11-24\n\n[[assertions]]\n'
    said = 'section = "Sums"\nsays = "All are exact."\nruling = "right"\n'
    settled = 'claims = ["sum-of-tenths-is-exact"]\n'
    project.write("verify/sources/primer.toml", source + said + settled)
    project.append("docs/claims.md", "/// audit | primer\n///\n")
    line = project.append("verify/arithmetic.py", "x = = 2\n")

    assert [f"verify/arithmetic.py:{line}: cannot be read as Python: invalid syntax"] == (
        refused().first_lines
    )


def test_serve_does_not_tell_of_it_either(project: Project) -> None:
    """The pages are rendered there all the same, each with what it cites."""
    project.append("verify/arithmetic.py", "x = = 2\n")
    page = "docs/new.md"
    text = "It [is so](claim:sum-of-tenths-is-exact), and [this](claim:nobody-knows-this), too.\n"
    project.write(page, text)
    project.claims("check")
    rendered = Rendered()
    claims = ClaimsExtension(settings=load(project.root), page=page, rendered=rendered)

    Markdown(extensions=[claims]).convert(text)

    assert ["docs/new.md:1: there is no claim 'nobody-knows-this'"] == [
        str(each) for each in rendered.problems
    ]


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


@pytest.fixture
def planned(tmp_path: Path) -> Callable[..., str]:
    """Return what says which commands make would run, from nothing."""
    for name in ("Makefile", "pyproject.toml"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "requirements").mkdir()
    for file in (ROOT / "requirements").iterdir():
        (tmp_path / "requirements" / file.name).touch()

    def plan(*asked: str) -> str:
        command = ["make", "--dry-run", "--always-make", *asked]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return ended.stdout

    return plan


def test_only_make_lock_needs_uv(planned: Callable[..., str]) -> None:
    """An edit of `pyproject.toml`, which is where settings are, must not ask for another tool."""
    assert "uv pip compile" in planned("lock")
    assert "uv pip" not in planned("site") + planned("test") + planned("check")


@pytest.mark.parametrize(
    ("asked", "is_installed"), [("RECIPES=1", True), ("RECIPES=0", False), ("RECIPES=", False)]
)
def test_what_recipes_need_is_installed_when_asked(
    planned: Callable[..., str], asked: str, *, is_installed: bool
) -> None:
    assert is_installed == ("-r requirements/recipes.txt" in planned("site", asked))


def test_what_recipes_need_brings_no_numpy_of_its_own() -> None:
    """The one that verdicts name is in the lock of the site."""
    locked = (ROOT / "requirements" / "recipes.txt").read_text(encoding="utf-8")

    assert re.search(r"^transformers==", locked, re.MULTILINE)
    assert not re.search(r"^numpy==", locked, re.MULTILINE)
