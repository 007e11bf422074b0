"""The executed copy of a notebook is what was run here, with the prose of now."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from mkdocs_claims.copies import CellFailure, execute, is_executed, refresh
from mkdocs_claims.environment import Environment
from mkdocs_claims.fingerprint import fingerprint

SAMPLES = Path(__file__).parent / "samples" / "notebooks"
GOOD = SAMPLES / "good.ipynb"
ENVIRONMENT = Environment("3.11.7", "Linux x86_64", {"decimal": "1.70"}, "0.1.0")

Edit = Callable[[dict[str, Any]], object]


def _run(source: Path, copy: Path) -> list[str]:
    return execute(source, copy, ENVIRONMENT, 60, source.parent)


def _cells(file: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return cells


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The executed copy of the good notebook; the tests that change it take a copy."""
    copy = tmp_path_factory.mktemp("notebooks") / "state" / "deep" / "good.ipynb"
    assert _run(GOOD, copy) == []
    return copy


@pytest.fixture
def copy(executed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy2(executed, tmp_path / "copy.ipynb"))


def _edited(folder: Path, edit: Edit) -> Path:
    """Write the good notebook, changed, and return where."""
    notebook = json.loads(GOOD.read_text(encoding="utf-8"))
    edit(notebook)
    changed = folder / "good.ipynb"
    changed.write_text(json.dumps(notebook), encoding="utf-8")
    return changed


def test_an_executed_copy_holds_what_was_printed_and_no_times(executed: Path) -> None:
    cells = _cells(executed)

    outputs = [cell.get("outputs") for cell in cells]
    printed = {"name": "stdout", "output_type": "stream", "text": ["0.333\n"]}
    assert [None, [], None, [printed], []] == outputs
    assert [1, 2, None] == [cell["execution_count"] for cell in cells if "outputs" in cell]
    assert [{}] * 5 == [cell["metadata"] for cell in cells]
    assert ["good.ipynb"] == [file.name for file in executed.parent.iterdir()]


def test_a_copy_is_known_to_be_executed(copy: Path) -> None:
    assert is_executed(GOOD, copy, ENVIRONMENT)


def _change_code(notebook: dict[str, Any]) -> None:
    notebook["cells"][3]["source"] = 'print("0.143")'


def _join_cells(notebook: dict[str, Any]) -> None:
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code[1]["source"] = [*code[0]["source"], "\n\n", *code[1]["source"]]
    notebook["cells"].remove(code[0])


@pytest.mark.parametrize("edit", [_change_code, _join_cells], ids=["other code", "fewer cells"])
def test_a_copy_of_other_code_is_not_executed(copy: Path, tmp_path: Path, edit: Edit) -> None:
    assert not is_executed(_edited(tmp_path, edit), copy, ENVIRONMENT)


def test_a_copy_from_another_environment_is_not_executed(copy: Path) -> None:
    assert not is_executed(GOOD, copy, replace(ENVIRONMENT, versions={"decimal": "1.71"}))


@pytest.mark.parametrize("text", ["", '{"metadata": {"claims": ', "[]", '{"metadata": {}}'])
def test_a_damaged_copy_is_not_executed(tmp_path: Path, text: str) -> None:
    damaged = tmp_path / "copy.ipynb"
    damaged.write_text(text, encoding="utf-8")

    assert not is_executed(GOOD, damaged, ENVIRONMENT)
    assert not is_executed(GOOD, tmp_path / "missing.ipynb", ENVIRONMENT)

    _run(GOOD, damaged)
    nbformat.validate(nbformat.read(damaged, as_version=4))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    "environment",
    [
        replace(ENVIRONMENT, versions={"decimal": "1.71"}),
        replace(ENVIRONMENT, versions={**ENVIRONMENT.versions, "numpy": "2"}),
        replace(ENVIRONMENT, versions={}),
        replace(ENVIRONMENT, python="3.11.8"),
        replace(ENVIRONMENT, platform="Linux aarch64"),
        replace(ENVIRONMENT, mkdocs_claims="0.1.1"),
    ],
    ids=["version", "one more", "one less", "Python", "platform", "machinery"],
)
def test_every_part_of_the_environment_is_in_the_fingerprint(environment: Environment) -> None:
    assert fingerprint("x = 1", ENVIRONMENT) != fingerprint("x = 1", environment)
    assert fingerprint("x = 1", environment) != fingerprint("x = 2", environment)
    assert fingerprint("x = 1", environment) == fingerprint("x = 1", replace(environment))


def _change_prose(notebook: dict[str, Any]) -> None:
    notebook["cells"][0]["source"] = "# Another title"


def _add_prose(notebook: dict[str, Any]) -> None:
    prose = {"cell_type": "markdown", "id": "more", "metadata": {}, "source": "More."}
    notebook["cells"].insert(2, prose)


def _tag_a_cell(notebook: dict[str, Any]) -> None:
    notebook["cells"][3]["metadata"]["tags"] = ["hide-input"]


@pytest.mark.parametrize("edit", [_change_prose, _add_prose, _tag_a_cell])
def test_a_copy_takes_over_what_is_not_run_and_keeps_its_outputs(
    copy: Path, tmp_path: Path, edit: Edit
) -> None:
    changed = _edited(tmp_path, edit)
    outputs = [cell["outputs"] for cell in _cells(copy) if "outputs" in cell]
    assert is_executed(changed, copy, ENVIRONMENT)

    refresh(changed, copy)

    assert outputs == [cell["outputs"] for cell in _cells(copy) if "outputs" in cell]
    unrun = ("outputs", "execution_count")
    texts = [
        [{key: value for key, value in cell.items() if key not in unrun} for cell in _cells(file)]
        for file in (changed, copy)
    ]
    assert texts[0] == texts[1]
    assert is_executed(changed, copy, ENVIRONMENT)
    nbformat.validate(nbformat.read(copy, as_version=4))  # type: ignore[no-untyped-call]


def test_a_copy_that_is_up_to_date_is_not_written_again(copy: Path) -> None:
    refresh(GOOD, copy)
    before = (copy.read_bytes(), copy.stat().st_mtime_ns)

    refresh(GOOD, copy)

    assert before == (copy.read_bytes(), copy.stat().st_mtime_ns)


def test_a_failing_cell_is_named_and_leaves_no_copy(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(CellFailure) as raised:
        _run(SAMPLES / "failing.ipynb", copy)

    failure = raised.value
    assert (29, 2, 'values["missing"]', 'values = {}\nvalues["missing"]') == (
        failure.line,
        failure.cell,
        failure.statement,
        failure.code,
    )
    assert ("KeyError", "KeyError: 'missing'") == (failure.name, str(failure))
    assert [] == list(tmp_path.iterdir())


def test_a_cell_that_ends_the_kernel_is_named(tmp_path: Path) -> None:
    with pytest.raises(CellFailure) as raised:
        _run(SAMPLES / "dying.ipynb", tmp_path / "copy.ipynb")

    assert (6, 1, "", "DeadKernelError") == (
        raised.value.line,
        raised.value.cell,
        raised.value.statement,
        raised.value.name,
    )
    assert [] == list(tmp_path.iterdir())


def test_a_copy_outlives_a_run_that_is_cut_off(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(_: NotebookClient) -> None:
        raise KeyboardInterrupt

    _run(GOOD, copy)
    before = copy.read_bytes()
    monkeypatch.setattr(NotebookClient, "execute", cut_off)

    with pytest.raises(KeyboardInterrupt):
        _run(GOOD, copy)

    assert before == copy.read_bytes()


def test_the_statement_that_failed_is_the_innermost_of_its_cell(tmp_path: Path) -> None:
    """Where a notebook is not written a line each, its place is that of the cell, or the first."""

    def fail_deep(notebook: dict[str, Any]) -> None:
        notebook["cells"][1]["source"] = "def halve(x):\n    return x / 0"
        notebook["cells"][3]["source"] = "def twice(x):\n    return halve(2 * x)\n\ntwice(1)"

    with pytest.raises(CellFailure) as raised:
        _run(_edited(tmp_path, fail_deep), tmp_path / "copy.ipynb")

    assert (1, 2, "return halve(2 * x)", "ZeroDivisionError") == (
        raised.value.line,
        raised.value.cell,
        raised.value.statement,
        raised.value.name,
    )


def test_a_notebook_runs_where_it_lies_and_what_it_reads_there_is_told(tmp_path: Path) -> None:
    """Its cells open files beside it, and the copy lies elsewhere."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "beside.txt").write_text("beside", encoding="utf-8")
    (folder / "helper.py").write_text("NAME = 'beside.txt'\n", encoding="utf-8")
    source = "import helper\n\nopen(helper.NAME).read(), sorted(globals())"

    def use_files(notebook: dict[str, Any]) -> None:
        notebook["cells"][3]["source"] = source

    book = _edited(folder, use_files)
    before = sorted(file.name for file in folder.iterdir())

    read = execute(book, tmp_path / "copy.ipynb", ENVIRONMENT, 60, tmp_path)

    assert ["docs/beside.txt", "docs/helper.py"] == read
    shown = (tmp_path / "copy.ipynb").read_text(encoding="utf-8")
    assert "('beside'," in shown
    assert "mkdocs_claims" not in shown, "watching leaves no name behind"
    names = {file.name for file in folder.iterdir()} - {"__pycache__"}
    assert before == sorted(names)
