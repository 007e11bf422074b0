"""Notebooks are run before they are shown, again when it matters, and a failing cell stops all.

It is as long as a list of cases is: each stands by itself.
"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECTS, Ended, Project

PAGE = "docs/interest.ipynb"
FAILING = 42
"""The line of its assertion."""


def install_ledger(project: Project, version: str) -> None:
    """Make the distribution that decides about kept results be there in one version."""
    folder = Path(project.environment["PYTHONPATH"])
    shutil.rmtree(folder, ignore_errors=True)
    metadata = folder / f"ledger-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"Metadata-Version: 2.1\nName: ledger\nVersion: {version}\n")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the project with a notebook, built once."""
    folder = tmp_path_factory.mktemp("notebook")
    shutil.copytree(PROJECTS / "notebook", folder / "notebook")
    project = Project(folder / "notebook", {"PYTHONPATH": str(folder / "installed")})
    install_ledger(project, "1.0")
    ended = project.build()
    assert ended.code == 0, ended.output
    return project


@pytest.fixture
def project(tmp_path: Path, built: Project) -> Project:
    """Return a copy of the built project."""
    shutil.copytree(built.root, tmp_path / "notebook")
    project = Project(tmp_path / "notebook", {"PYTHONPATH": str(tmp_path / "installed")})
    install_ledger(project, "1.0")
    return project


def with_cell(project: Project, path: str, **cell: Any) -> None:  # noqa: ANN401  # plain JSON
    """Write a notebook that is the good one and a last cell."""
    notebook = json.loads(project.read(PAGE))
    notebook["cells"].append({"id": "last", "metadata": {}, **cell})
    project.write(path, json.dumps(notebook, indent=1))


def moments(project: Project) -> list[str]:
    """Return the times of execution that the page shows."""
    return re.findall(r"interest: 10.00 at (\d+)", project.html("interest/index.html").text)


def test_the_page_shows_what_the_run_printed_and_nothing_stale(built: Project) -> None:
    page = built.html("interest/index.html")

    assert len(moments(built)) == 1
    assert "a stale output" not in page.text
    assert "a stale output" in built.read(PAGE)


def test_a_link_to_a_claim_is_resolved_to_its_evidence(built: Project) -> None:
    page = built.html("interest/index.html")
    (mark,) = page.select("a.claims-mark")

    assert mark.text == "are exact"
    assert mark["href"] == "../evidence/interest/#claim-interest-is-exact"
    assert mark["class"] == ["claims-mark", "claims-holds"]
    (card,) = built.html("evidence/interest/index.html").select("#claim-interest-is-exact")
    assert card["class"] == ["claims-card", "claims-holds"]
    (foot,) = page.select(".claims-foot")
    counted, when = (found.text for found in foot.select(":scope > p"))
    assert counted == "On this page: 1 claim, 1 notebook. ✓ 2 hold"
    assert when.startswith(f"Run on {built.report()['day']} with ledger 1.0, Python ")
    (row,) = foot.select("li")
    assert row.text == "✓ holds Five percent of two hundred are ten."
    assert (row["data-claim"], row.select("a")[0]["href"]) == (mark["data-claim"], mark["href"])


def test_a_notebook_is_counted(built: Project) -> None:
    report = built.report()

    assert report["counts"]["notebooks"] == 1
    assert [
        (item["verdict"], item["kept"])
        for item in report["evidence"]
        if item["subject"]["kind"] == "notebook"
    ] == [("holds", False)]


def kept(project: Project) -> list[bool]:
    evidence = project.report()["evidence"]
    return [item["kept"] for item in evidence if item["subject"]["kind"] == "notebook"]


def test_a_notebook_is_executed_again_only_when_it_or_a_version_changes(project: Project) -> None:
    first = moments(project)

    assert project.build().code == 0
    assert (moments(project), kept(project)) == (first, [True])

    install_ledger(project, "1.1")
    assert project.build().code == 0
    second = moments(project)
    assert second > first
    assert kept(project) == [False]

    project.replace(PAGE, "assert interest == 10", "assert 10 == interest")
    assert project.build().code == 0
    assert moments(project) > second
    assert kept(project) == [False]


def test_the_prose_of_a_notebook_is_shown_anew_without_executing_it(project: Project) -> None:
    first = moments(project)
    project.replace(PAGE, "are exact", "stay exact")

    assert project.build().code == 0

    (mark,) = project.html("interest/index.html").select("a.claims-mark")
    assert mark.text == "stay exact"
    assert (moments(project), kept(project)) == (first, [True])


def test_a_notebook_is_executed_again_when_a_file_that_it_read_changed(project: Project) -> None:
    project.write("docs/rate.txt", "5")
    project.replace(PAGE, "assert interest == 10", "assert int(open('rate.txt').read()) == 5")
    assert project.build().code == 0
    first = moments(project)

    assert project.build().code == 0
    assert (moments(project), kept(project)) == (first, [True])

    project.write("docs/rate.txt", "6")
    assert project.build().first_lines == [f"{PAGE}:{FAILING}: notebook: fails"]


def test_a_notebook_that_failed_is_executed_again(project: Project) -> None:
    project.replace(PAGE, "interest == 10", "interest == 11")

    first, second = project.build(), project.build()

    assert first.first_lines == [f"{PAGE}:{FAILING}: notebook: fails"]
    assert second.first_lines == first.first_lines


def test_a_notebook_draws_and_imports_what_pages_can(project: Project) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'
    project.write("drawn.py", f"SVG = {svg!r}")
    text = "from drawn import SVG\nfrom mkdocs_claims import picture\npicture(SVG, alt='a < b')"
    with_cell(project, "docs/drawing.ipynb", **code(text))

    ended = project.build()

    assert (0, "") == (ended.code, ended.output)
    last = project.html("drawing/index.html").select(".claims-example")[-1]
    assert ["div", "figure"] == [child.name for child in last.find_all(recursive=False)]
    (picture,) = last.select("figure.claims-picture > svg")
    assert ("img", "a < b") == (picture["role"], picture["aria-label"])


def test_a_notebook_brings_no_style_script_or_prompt_of_its_own(built: Project) -> None:
    (main,) = built.html("interest/index.html").select("[role=main]")

    assert [] == main.select("style, script, clipboard-copy, [class*=jp-], [tabindex]")
    assert [] == re.findall(r"In \[|Out\[", main.text)
    assert 1 == main.text.count('interest = Decimal("0.05") * 200')


def code(text: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # plain JSON
    unrun: dict[str, Any] = {"execution_count": None, "outputs": []}
    return {"cell_type": "code", "source": text, **unrun, **more}


def prose(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text}


def tagged(tag: str) -> dict[str, Any]:
    return {"metadata": {"tags": [tag]}}


REFUSED = {
    "fails": (
        code("assert interest == 11"),
        (
            "notebook: fails\n"
            "  expected  `assert interest == 11` in code cell 3 to run\n"
            "  seen      AssertionError\n"
            "  alone     pytest {path}::{name}"
        ),
    ),
    "raises": (
        code("1 / 0"),
        (
            "notebook: error\n"
            "  expected  `1 / 0` in code cell 3 to run\n"
            "  seen      ZeroDivisionError: division by zero\n"
            "  alone     pytest {path}::{name}"
        ),
    ),
    "ends_its_kernel": (
        code("import os\nos._exit(0)"),
        (
            "notebook: error\n"
            "  expected  code cell 3 to run\n"
            "  seen      DeadKernelError: Kernel died\n"
            "  alone     pytest {path}::{name}"
        ),
    ),
    "may_raise": (
        code("1 / 0", **tagged("raises-exception")),
        (
            "cell 4 has the tag raises-exception, which passes whatever is raised, or nothing; "
            "write `try`, `except` and an assertion on the exception"
        ),
    ),
    "is_not_executed": (
        code("1 / 0", **tagged("skip-execution")),
        "cell 4 has the tag skip-execution",
    ),
    "has_a_directive": (
        prose("/// claim | interest-is-exact\n///"),
        "cell 4: '/// claim' does nothing in a notebook; link the claim",
    ),
    "links_nothing": (
        prose("[Not so](claim:interest-is-exakt)."),
        "there is no claim 'interest-is-exakt', did you mean 'interest-is-exact'?",
    ),
    "shows_python": (prose("```python\n1 / 0\n```"), "cell 4"),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory, built: Project) -> Callable[[str], str]:
    """Return what the one build says of each of the bad notebooks, which it must refuse."""
    folder = tmp_path_factory.mktemp("refused")
    shutil.copytree(built.root, folder / "notebook")
    project = Project(folder / "notebook", built.environment)
    for name, (cell, _) in REFUSED.items():
        with_cell(project, f"docs/{name}.ipynb", **cell)
    ended: Ended = project.build()
    assert ended.code == 1
    assert project.site() == built.site()
    assert "Traceback" not in ended.output

    def said_of(name: str) -> str:
        path = f"docs/{name}.ipynb"
        line = project.line_of(path, '"id": "last"')
        place = f"{path}:{line}: "
        found = [entry for entry in ended.entries if entry.startswith(path)]
        assert [entry[: len(place)] for entry in found] == [place]
        return found[0].removeprefix(place)

    return said_of


@pytest.mark.parametrize("name", REFUSED)
def test_a_site_is_refused_whose_notebook(refused: Callable[[str], str], name: str) -> None:
    expected = REFUSED[name][1].replace("{path}", f"docs/{name}.ipynb")

    said = refused(name)

    assert said.startswith(expected.replace("{name}", f"{name}.ipynb"))


def test_a_notebook_that_is_none_is_refused_with_its_line(project: Project) -> None:
    project.replace(PAGE, ' "cells": [', ' "cells" [')

    ended = project.build()

    assert ended.code == 1
    assert [line.partition(": is no notebook: ")[0] for line in ended.first_lines[:1]] == [
        f"{PAGE}:2"
    ]


def test_a_notebook_needs_the_plugin_that_shows_it(project: Project) -> None:
    before = project.site()
    project.replace("mkdocs.yml", "  - mkdocs-jupyter\n", "")

    ended = project.build()

    assert ended.code == 1
    assert f"{PAGE}: notebooks need the plugin mkdocs-jupyter; add it to mkdocs.yml" in ended.output
    assert project.site() == before


def test_a_script_that_is_shown_as_a_notebook_is_refused(project: Project) -> None:
    before = project.site()
    project.write("docs/script.py", "1 / 0\n")

    ended = project.build()

    assert ended.code == 1
    assert {line.partition(":")[0] for line in ended.first_lines} == {"docs/script.py"}
    assert project.site() == before
