"""What one file does to the interpreter, no other file sees."""

import pytest

from tests.conftest import Project

LEAKS = {
    "the context is changed": "import decimal\n\ndecimal.getcontext().prec = 5",
    "another context is set": "import decimal\n\ndecimal.setcontext(decimal.Context(prec=5))",
    "the package is patched": (
        "import decimal\n\n"
        "divide = decimal.Context.divide\n"
        'decimal.Decimal = lambda number: __import__("fractions").Fraction(number)'
    ),
    "a module of its own is left behind": (
        "import sys\nimport types\n\n"
        'sys.modules["left_behind"] = types.ModuleType("left_behind")\n'
        "import decimal\n\ndecimal.getcontext().prec = 5"
    ),
}
CLEAN = (
    "```python\n"
    "import decimal\n"
    "import sys\n"
    "\n"
    "print(decimal.Decimal(1) / decimal.Decimal(3))\n"
    'print("left_behind" in sys.modules)\n'
    "```\n"
    "\n"
    "```output\n"
    "0.333333333333\n"
    "False\n"
    "```\n"
)
LEAKED = (
    "```python\nimport decimal\n\ndigits = decimal.getcontext().prec\nassert digits == 5\n```\n"
)


def fenced(code: str) -> str:
    return f"```python\n{code}\n```\n"


@pytest.mark.parametrize("code", LEAKS.values(), ids=LEAKS)
def test_a_page_that_expects_a_clean_state_holds_after_one_where(
    project: Project, code: str
) -> None:
    project.write("docs/a.md", fenced(code))
    project.write("docs/b.md", CLEAN)
    project.write("docs/nested/c.md", CLEAN)

    ended = project.build()

    assert (ended.code, ended.output) == (0, "")
    assert project.report()["counts"]["examples"] == 10


def test_a_page_that_needs_what_another_left_behind_is_refused(project: Project) -> None:
    project.write("docs/a.md", fenced(LEAKS["the context is changed"]))
    project.write("docs/b.md", LEAKED)

    ended = project.build()

    assert ended.code == 1
    assert ended.entries == [
        (
            "docs/b.md:5: example: fails\n"
            "  expected  assert digits == 5\n"
            "  seen      assert 12 == 5\n"
            "  alone     pytest docs/b.md::line-1"
        )
    ]


def test_a_pages_later_examples_see_what_its_earlier_ones_did(project: Project) -> None:
    project.write("docs/a.md", fenced(LEAKS["the context is changed"]) + "\nThen:\n\n" + LEAKED)

    ended = project.build()

    assert (ended.code, ended.output) == (0, "")


def test_names_are_shared_within_a_page_and_not_with_others(project: Project) -> None:
    project.write("docs/a.md", fenced("shared = 1") + "\nThen:\n\n" + fenced("assert shared == 1"))
    project.write("docs/b.md", fenced("assert shared == 1"))

    ended = project.build()

    assert ended.code == 1
    assert ended.entries == [
        (
            "docs/b.md:2: example: error\n"
            "  expected  `assert shared == 1` to run\n"
            "  seen      NameError: name 'shared' is not defined\n"
            "  alone     pytest docs/b.md::line-1"
        )
    ]


def test_check_modules_and_snippets_leak_neither(project: Project) -> None:
    project.write(
        "verify/a.py",
        '"""First by name."""\n'
        "import decimal\n\n"
        "from mkdocs_claims import claim\n\n"
        "decimal.getcontext().prec = 5\n\n\n"
        "@claim\n"
        "def five_digits() -> None:\n"
        '    """A context can have five digits."""\n'
        "    decimal.Decimal = float\n"
        "    assert decimal.getcontext().prec == 5\n",
    )
    project.write(
        "snippets/a.py",
        "import decimal\n\ndecimal.Decimal = float\nassert decimal.Decimal is float\n",
    )
    project.append("docs/index.md", "Five digits [are possible](claim:five-digits).\n")

    ended = project.build()

    assert (ended.code, ended.output) == (0, "")


def test_variables_folders_and_arguments_are_restored_between_files(project: Project) -> None:
    changes = (
        "import os\nimport sys\n\n"
        'os.environ["LEFT"] = "behind"\n'
        'os.chdir("/")\n'
        'sys.path.insert(0, "/nowhere")\n'
        "sys.argv.clear()\n"
        "sys.setrecursionlimit(99)"
    )
    project.write("docs/a.md", fenced(changes))
    project.write(
        "docs/b.md",
        fenced(
            "import os\nimport sys\nfrom pathlib import Path\n\n"
            'assert "LEFT" not in os.environ\n'
            "assert list(Path.cwd().iterdir()) == []\n"
            'assert sys.path[0] != "/nowhere"\n'
            "assert sys.argv\n"
            "assert sys.getrecursionlimit() > 99"
        ),
    )

    ended = project.build()

    assert (ended.code, ended.output) == (0, "")
