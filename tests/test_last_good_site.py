"""A build that is refused says all that is wrong, and leaves the published site as it was."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ended, Project

Refused = Callable[..., Ended]


def negate_a_claim(project: Project) -> None:
    project.replace("verify/arithmetic.py", 'total == Decimal("0.3")', 'total != Decimal("0.3")')


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["--site-dir", "site"], id="no option"),
        pytest.param(["--strict"], id="strict"),
        pytest.param(["-q"], id="quiet"),
        pytest.param(["--strict", "-q"], id="strict and quiet"),
        pytest.param(["--no-strict", "--dirty"], id="dirty"),
        pytest.param(["--clean", "--verbose"], id="clean and verbose"),
    ],
)
def test_a_false_claim_ends_a_build_with(
    project: Project, refused: Refused, options: list[str]
) -> None:
    negate_a_claim(project)

    ended = refused(*options)

    assert ended.code == 1
    assert ended.first_lines == ["docs/index.md:3: claim sum-of-tenths-is-exact: fails"]
    assert "Nothing was published; the site from before is as it was." in ended.output


def test_everything_wrong_is_listed_in_one_run(project: Project, refused: Refused) -> None:
    negate_a_claim(project)
    project.replace("docs/index.md", "unsupported operand", "unsupported operator")
    project.replace("docs/index.md", "unchanged: 0.3", "unchanged: 0.30")
    project.replace("docs/contexts.md", "    import decimal\n", "    import decimals\n")
    project.replace("snippets/invoice.py", 'Decimal("10.74")', 'Decimal("10.75")')

    ended = refused()

    assert sorted(ended.entries) == [
        (
            "docs/contexts.md:15: example: error\n"
            "  title     One third\n"
            "  expected  `import decimals` to run\n"
            "  seen      ModuleNotFoundError: No module named 'decimals'\n"
            "  alone     pytest docs/contexts.md::line-14"
        ),
        (
            "docs/contexts.md:27: example: error\n"
            "  expected  `with decimal.localcontext(prec=3):` to run\n"
            "  seen      NameError: name 'decimal' is not defined\n"
            "  after     an example above it, on line 14, failed\n"
            "  alone     pytest docs/contexts.md::line-26"
        ),
        (
            "docs/contexts.md:34: example: error\n"
            "  expected  `context = decimal.Context(prec=2)` to run\n"
            "  seen      NameError: name 'decimal' is not defined\n"
            "  after     an example above it, on line 14, failed\n"
            "  alone     pytest docs/contexts.md::line-33"
        ),
        (
            "docs/index.md:18: example: fails\n"
            "  title     A float is refused\n"
            "  expected  TypeError: unsupported operator type(s) for +\n"
            "  seen      TypeError: unsupported operand type(s) for +: "
            "'decimal.Decimal' and 'float'\n"
            "  alone     pytest docs/index.md::line-18"
        ),
        (
            "docs/index.md:22: example: fails\n"
            "  expected  the output\n"
            "            unchanged: 0.30\n"
            "  seen      unchanged: 0.3\n"
            "  after     an example above it, on line 18, failed\n"
            "  alone     pytest docs/index.md::line-22"
        ),
        (
            "docs/index.md:3: claim sum-of-tenths-is-exact: fails\n"
            '  states    `Decimal("0.1") + Decimal("0.2")` is exactly `Decimal("0.3")`.\n'
            "  check     verify/arithmetic.py:15\n"
            "  also at   docs/index.md:13\n"
            '  expected  assert total != Decimal("0.3")\n'
            "  seen      assert Decimal('0.3') != Decimal('0.3')\n"
            "             +  where Decimal('0.3') = Decimal('0.3')\n"
            "  alone     pytest verify/arithmetic.py::sum_of_tenths_is_exact"
        ),
        (
            "snippets/invoice.py:18: snippet: fails\n"
            '  expected  assert amount == Decimal("10.75")\n'
            "  seen      assert Decimal('10.74') == Decimal('10.75')\n"
            "             +  where Decimal('10.75') = Decimal('10.75')\n"
            "  alone     pytest snippets/invoice.py::invoice.py"
        ),
    ]


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param("print(object())", id="an address"),
        pytest.param("import time; print(time.perf_counter_ns())", id="a time"),
        pytest.param("import random; random.seed(); print(random.random())", id="a random number"),
    ],
)
def test_an_output_that_differs_from_run_to_run_is_refused(
    project: Project, refused: Refused, printed: str
) -> None:
    line = project.append("docs/index.md", f"```python\n{printed}\n```\n")

    ended = refused()

    assert ended.first_lines == [f"docs/index.md:{line}: example: fails"]


HOOK = '''"""A hook that adds to a page what its author did not write."""


def on_page_markdown(markdown: str, **_: object) -> str:
    """Add a fence."""
    return markdown + "\\n\\n```python\\n1 / 0\\n```\\n"
'''


def test_python_that_a_hook_adds_is_refused_on_every_page(
    project: Project, refused: Refused
) -> None:
    project.write("hook.py", HOOK)
    project.append("mkdocs.yml", "hooks:\n  - hook.py\n")

    ended = refused()

    said = "the page shows a Python block that was never run; make it a ```python fence on a line"
    assert [line.replace("('1 / 0') ", "") for line in ended.first_lines] == [
        f"docs/{page}.md: {said} of its own"
        for page in ("claims", "claims/arithmetic", "claims/contexts", "contexts", "index")
    ]


def test_python_that_is_shown_and_never_run_is_refused(project: Project, refused: Refused) -> None:
    shown = {
        "code.md": '<pre><code class="language-python">1 / 0</code></pre>\n',
        "dialect.md": 'One\n\n<pre class="lang-py">1 / 0</pre>\n',
        "within.md": "<div>\n<pre><code class='x language-pycon'>>>> 1</code></pre></div>\n",
    }
    for page, text in shown.items():
        project.write(f"docs/{page}", text)

    ended = refused()

    assert [line.partition(":")[0] for line in ended.first_lines] == [f"docs/{p}" for p in shown]


def test_a_broken_link_under_strict_costs_no_site(project: Project, refused: Refused) -> None:
    project.append("docs/index.md", "[Away](nowhere.md).\n")

    ended = refused("--strict")

    assert ended.entries == []
    assert "'index.md' contains a link 'nowhere.md'" in ended.output


def test_a_page_that_cannot_be_rendered_costs_no_site(project: Project) -> None:
    project.write(
        "hook.py", '"""A hook."""\n\ndef on_page_content(html, **_):\n    raise OSError\n'
    )
    project.append("mkdocs.yml", "hooks:\n  - hook.py\n")

    before = project.site()
    ended = project.build()

    assert ended.code != 0
    assert project.site() == before
    assert not (project.root / ".site.staged").exists()


def test_a_refused_build_leaves_nothing_beside_the_site(project: Project, refused: Refused) -> None:
    before = sorted(path.name for path in project.root.iterdir())
    negate_a_claim(project)

    refused()

    assert before == sorted(path.name for path in project.root.iterdir())


def test_a_first_build_that_is_refused_publishes_no_site(project: Project) -> None:
    negate_a_claim(project)
    site = project.root / "site"
    site.rename(project.root / "elsewhere")

    assert project.build().code == 1

    assert not site.exists()


def test_a_mended_project_is_published_again(project: Project, refused: Refused) -> None:
    negate_a_claim(project)
    refused()

    project.replace("verify/arithmetic.py", "total != ", "total == ")
    project.append("docs/index.md", "A new sentence.\n")
    ended = project.build()

    assert (ended.code, ended.output) == (0, "")
    assert "A new sentence." in project.html("index.html").text


def test_files_of_the_former_site_do_not_outlive_it(project: Project) -> None:
    project.write("site/stale/index.html", "stale")

    assert project.build().code == 0

    assert "stale/index.html" not in project.site()


def test_gh_deploy_pushes_the_site_that_was_built(project: Project, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    for command in (
        ["git", "init", "--quiet", "--bare", str(remote)],
        ["git", "init", "--quiet"],
        ["git", "remote", "add", "origin", str(remote)],
        ["git", "config", "user.name", "nobody"],
        ["git", "config", "user.email", "nobody@example.org"],
        ["git", "commit", "--quiet", "--allow-empty", "--message", "Begin"],
    ):
        subprocess.run(command, cwd=project.root, check=True)

    ended = project.run("mkdocs", "gh-deploy", "--strict")

    listed = ["git", "--git-dir", str(remote), "ls-tree", "--name-only", "gh-pages"]
    pushed = subprocess.run(listed, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    assert ended.code == 0, ended.output
    assert {"index.html", "claims.json"} < set(pushed)
    assert set(pushed) - {".nojekyll"} == {path.name for path in (project.root / "site").iterdir()}
