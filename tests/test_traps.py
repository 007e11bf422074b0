"""Nothing goes untested by accident: each way past the gate that stock tools leave open."""

import shutil

import pytest

from tests.conftest import Ended, Project

TRAPS = {
    "session": (
        "```pycon\n>>> 1 + 1\n3\n```\n",
        "1: example: fails",
        ["expected  `1 + 1` (line 2) to print", "3", "seen      2"],
    ),
    "session in a Python fence": (
        "```python\n>>> 1 + 1\n3\n```\n",
        "1: example: fails",
        ["expected  `1 + 1` (line 2) to print", "3", "seen      2"],
    ),
    "values": (
        "```python\ntotal = [1, 2]\nassert sum(total) == 4\n```\n",
        "3: example: fails",
        [
            "expected  assert sum(total) == 4",
            "seen      assert 3 == 4",
            "+  where 3 = sum([1, 2])",
        ],
    ),
    "nothing raised": (
        '```python raises="ValueError: no"\nint("1")\n```\n',
        "1: example: fails",
        ["expected  ValueError: no", "seen      nothing was raised"],
    ),
    "other type raised": (
        '```python raises="ValueError"\n{}["x"]\n```\n',
        "1: example: fails",
        ["expected  ValueError", "seen      KeyError: 'x'"],
    ),
    "subclass raised": (
        '```python raises="LookupError"\n{}["x"]\n```\n',
        "1: example: fails",
        ["expected  LookupError", "seen      KeyError: 'x'"],
    ),
    "other text raised": (
        '```python raises="ValueError: no number"\nint("x")\n```\n',
        "1: example: fails",
        [
            "expected  ValueError: no number",
            "seen      ValueError: invalid literal for int() with base 10: 'x'",
        ],
    ),
    "no warning": (
        '```python warns="UserWarning: no"\nx = 1\n```\n',
        "1: example: fails",
        ["expected  UserWarning: no", "seen      no warning was given"],
    ),
    "other warning given": (
        '```python warns="UserWarning: no"\nimport warnings as w\nw.warn("yes")\n```\n',
        "1: example: fails",
        ["expected  UserWarning: no", "seen      UserWarning: yes"],
    ),
    "other output": (
        "```python\nprint(2)\n```\n\n```output\n3\n```\n",
        "1: example: fails",
        ["expected  the output", "3", "seen      2"],
    ),
    "no output": (
        "```python\nx = 2\n```\n\n```output\n2\n```\n",
        "1: example: fails",
        ["expected  the output", "2", "seen      no output"],
    ),
    "skip without a reason": (
        "```python skip\n1 / 0\n```\n",
        '1: skip needs a reason: skip="why this cannot run here"',
        [],
    ),
    "skip with an empty reason": (
        '```python skip=""\n1 / 0\n```\n',
        '1: skip needs a reason: skip="why this cannot run here"',
        [],
    ),
    "unclosed fence": (
        "```python\nx = 1\n```\n\n```python\nx = 2\n\nThe rest.\n",
        (
            "5: this fence is never closed (the page ends first); "
            "expected a line '```' below it, as far indented"
        ),
        [],
    ),
    "fence on its bullet's line": (
        "- ```python\n  x = 1\n  ```\n",
        (
            "1: a fence on the line of its bullet is shown as text; put it on a line of its own, "
            "indented by four spaces"
        ),
        [],
    ),
    "dialect": (
        "```sage\n1 / 0\n```\n",
        "1: 'sage' would be shown as Python and never run; write python or pycon",
        [],
    ),
    "session outside a fence": (
        ">>> 1 + 1\n3\n",
        "1: a session outside a fence is not run; put it in a ```pycon fence",
        [],
    ),
    "embed mixed with code": (
        '```python\nx = 1\n--8<-- "snippets/invoice.py:total"\n```\n',
        (
            "1: a fence either embeds a snippet or holds code of its own; expected one line "
            '--8<-- "snippets/file.py:section" and nothing else'
        ),
        [],
    ),
    "embed that nothing runs": (
        '```python\n--8<-- "verify/prepare.py"\n```\n',
        "2: 'verify/prepare.py' is not among the snippets, so nothing would run it",
        [],
    ),
    "unknown claim in a link": (
        "One\n[sum](claim:sum-of-tenths-is-exakt).\n",
        "2: there is no claim 'sum-of-tenths-is-exakt', did you mean 'sum-of-tenths-is-exact'?",
        [],
    ),
    "unknown claim in a card": (
        "One\n\n/// claim | nowhere\n///\n",
        "3: there is no claim 'nowhere'",
        [],
    ),
}

MODULES = {
    "uncited": (
        '"""An uncited claim."""\n    assert [] == []',
        "7: claim 'uncited' is on no page; cite it as [some words](claim:uncited)",
    ),
    "without_assertion": (
        '"""A check without an assertion."""\n    print(1 + 1 == 3)',
        (
            "7: claim 'without_assertion' asserts nothing, so it could not fail; expected an "
            "`assert` on something that can be false, `pytest.raises`, `pytest.warns`, "
            "`pytest.fail` or a call of an `assert_...`"
        ),
    ),
    "sum_of_tenths_is_exact": (
        '"""A second one."""\n    assert [] == []',
        (
            "7: claim id 'sum-of-tenths-is-exact' is already taken at verify/arithmetic.py:11; "
            "rename one of the two functions"
        ),
    ),
    "unstated": (
        "assert [] == []",
        (
            "7: claim 'unstated' has no statement; write it as the function's docstring, in one "
            "sentence"
        ),
    ),
}


def page_of(name: str) -> str:
    return f"docs/traps/{name.replace(' ', '-')}.md"


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, built_decimal: Project) -> Ended:
    """Return how the one build with every trap in it, one to a file, ended."""
    root = tmp_path_factory.mktemp("traps") / "decimal"
    shutil.copytree(built_decimal.root, root)
    project = Project(root)
    for name, (text, _, _) in TRAPS.items():
        project.write(page_of(name), text)
    for name, (body, _) in MODULES.items():
        head = "from mkdocs_claims import claim\n\nX = 1\n\n\n@claim\n"
        project.write(f"verify/trap_{name}.py", f"{head}def {name}() -> None:\n    {body}\n")
    ended = project.build()
    assert ended.code == 1
    assert project.site() == built_decimal.site()
    return ended


def entry(ended: Ended, place: str) -> str:
    (found,) = [found for found in ended.entries if found.startswith(f"{place}:")]
    return found


def test_every_trap_is_listed_once_and_nothing_else(ended: Ended) -> None:
    expected = [page_of(name) for name in TRAPS]
    expected += [f"verify/trap_{name}.py" for name in MODULES]

    assert sorted(expected) == sorted(line.partition(":")[0] for line in ended.first_lines)


@pytest.mark.parametrize("name", TRAPS)
def test_a_page_is_refused_for(ended: Ended, name: str) -> None:
    page = page_of(name)
    _, first, following = TRAPS[name]
    lines = [line.strip() for line in entry(ended, page).splitlines()]

    is_run = first.endswith("fails")
    last = [f"alone     pytest {page}::line-1"] if is_run else []
    assert lines == [f"{page}:{first}", *following, *last]


@pytest.mark.parametrize("name", MODULES)
def test_a_check_module_is_refused_for_a_claim(ended: Ended, name: str) -> None:
    path = f"verify/trap_{name}.py"

    assert entry(ended, path) == f"{path}:{MODULES[name][1]}"


def test_fences_in_comments_and_in_longer_fences_are_not_run(built_decimal: Project) -> None:
    page = built_decimal.read("docs/contexts.md")
    codes = [item["subject"]["code"] for item in built_decimal.report()["evidence"]]

    assert page.count("SystemExit") == 2
    assert [code for code in codes if "SystemExit" in code] == []


def test_a_run_without_claims_is_refused(project: Project) -> None:
    for name in ("arithmetic", "contexts"):
        (project.root / f"verify/{name}.py").unlink()

    ended = project.build()

    assert ended.code == 1
    assert "verify: there is no claim in this folder; a run that finds none must not pass" in (
        ended.first_lines
    )
