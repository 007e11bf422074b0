"""Which module may know of what, as the design has it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "mkdocs_claims"
MODULES = sorted(SOURCE.rglob("*.py"))


def imports_of(module: Path) -> set[str]:
    """Return the top-level names that a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_only_the_plugin_imports_mkdocs() -> None:
    assert {"mkdocs_files.py", "mkdocs_plugin.py"} == {
        module.name for module in MODULES if "mkdocs" in imports_of(module)
    }


def test_nothing_that_runs_or_judges_knows_what_renders() -> None:
    """So a kept verdict need not depend on it."""
    knowing = {
        module.name
        for module in SOURCE.glob("*.py")
        if re.search(r"mkdocs_claims(\.| import )rendering", module.read_text(encoding="utf-8"))
    }

    assert {"mkdocs_plugin.py"} == knowing


def test_nothing_imports_torch() -> None:
    assert set() == {module.name for module in MODULES if "torch" in imports_of(module)}


def test_the_process_that_renders_loads_neither_pytest_nor_sybil_nor_torch() -> None:
    code = (
        "import sys, mkdocs_claims.mkdocs_plugin, mkdocs_claims.rendering, mkdocs_claims.cli;"
        "print(sorted({'pytest', '_pytest', 'sybil', 'torch', 'nbclient'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.stem))
def test_a_module_is_short_and_says_first_what_lives_in_it(module: Path) -> None:
    text = module.read_text(encoding="utf-8")

    assert (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0].endswith(".")
    assert len(text.splitlines()) <= 250


def test_a_longer_file_says_why_in_its_first_lines() -> None:
    """Lists, of cases or of claims, may be longer than a module of the machinery."""
    files = [*ROOT.glob("tests/*.py"), *ROOT.glob("verify/*.py"), *ROOT.glob("snippets/*.py")]
    long = [file for file in files if len(file.read_text("utf-8").splitlines()) > 250]

    unsaid = [
        file.name
        for file in long
        if not re.search(r"\blong\b", ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "")
    ]
    assert [] == unsaid


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.stem))
def test_public_names_are_sorted_and_exist(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    named = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    defined = {
        name.id if isinstance(name, ast.Name) else getattr(name, "name", "")
        for node in tree.body
        for name in (*getattr(node, "targets", ()), node)
    } | {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    for names in named:
        # Ruff's order: constants, classes, then the rest.
        assert sorted(names, key=_rank) == names
        assert set() == set(names) - defined


def _rank(name: str) -> tuple[int, str]:
    if name.isupper():
        return 0, name
    return (1 if name[0].isupper() else 2), name
