"""Every form of a fence that is shown as Python is run, wherever on a page it stands."""

import shutil

import pytest

from tests.conftest import Ended, Project

FALSE = "assert 1 + 1 == 3"

FORMS = {
    "plain": "```python\n{}\n```",
    "short name": "```py\n{}\n```",
    "name with version": "```python3\n{}\n```",
    "capital letter": "```Python\n{}\n```",
    "interactive name": "```ipython\n{}\n```",
    "space before the name": "``` python\n{}\n```",
    "trailing space": "```python \n{}\n```",
    "title": '```python title="x"\n{}\n```',
    "marked lines": '```py hl_lines="1" linenums="1"\n{}\n```',
    "class in braces": "```{{.python}}\n{}\n```",
    "class and title in braces": '```{{ .python .annotate title="x" }}\n{}\n```',
    "name and braces": '```python {{title="x"}}\n{}\n```',
    "tildes": "~~~python\n{}\n~~~",
    "four backticks": "````python\n{}\n````",
    "admonition": "!!! note\n\n    ```python\n    {}\n    ```",
    "collapsed admonition": '??? note "x"\n\n    ```python\n    {}\n    ```',
    "tab": '=== "x"\n\n    ```py title="x"\n    {}\n    ```',
    "tab in an admonition": '!!! note\n\n    === "x"\n\n        ```python\n        {}\n        ```',
    "list": "- item\n\n    ```python\n    {}\n    ```",
    "quotation": "> ```python\n> {}\n> ```",
    "after a comment that would skip it": "<!-- skip: next -->\n```python\n{}\n```",
    "after a fence that is skipped": '```py skip="why"\n1 / 0\n```\n\n```python\n{}\n```',
}

EXTENSIONS = "  - pymdownx.details\n  - pymdownx.snippets"


def page_of(name: str) -> str:
    return f"docs/forms/{name.replace(' ', '-')}.md"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, built_decimal: Project) -> Project:
    """Return the sample project with a page for each form, in each of which an example prints."""
    root = tmp_path_factory.mktemp("forms") / "decimal"
    shutil.copytree(built_decimal.root, root)
    project = Project(root)
    project.replace("mkdocs.yml", "  - pymdownx.snippets", EXTENSIONS)
    for name, form in FORMS.items():
        project.write(page_of(name), form.format('print("it ran")') + "\n")
    ended = project.build()
    assert (ended.code, ended.output) == (0, "")
    return project


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Ended:
    """Return how the build ended when the example in each form fails."""
    root = tmp_path_factory.mktemp("false") / "decimal"
    shutil.copytree(project.root, root)
    failing = Project(root)
    for name in FORMS:
        failing.replace(page_of(name), 'print("it ran")', FALSE)
    ended = failing.build()
    assert ended.code == 1
    assert failing.site() == project.site()
    return ended


@pytest.mark.parametrize("name", FORMS)
def test_an_example_is_run_and_highlighted_and_its_output_shown_in_the_form(
    project: Project, name: str
) -> None:
    page = project.html(page_of(name).removeprefix("docs/").removesuffix(".md") + "/index.html")

    outputs = [found.text for found in page.select(".claims-output.claims-holds pre")]
    assert outputs == ["it ran"]
    blocks = page.select(".claims-example")
    assert len(blocks) == 1 + ("skip=" in FORMS[name])
    assert [len(block.select(".language-python.highlight")) for block in blocks] == [1] * len(
        blocks
    )
    assert len(page.select(".filename")) == ('title="x"' in FORMS[name])


def test_each_false_assertion_is_listed_once_and_nothing_else(ended: Ended) -> None:
    listed = sorted(line.partition(":")[0] for line in ended.first_lines)

    assert listed == sorted(page_of(name) for name in FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_a_false_assertion_is_found_in_the_form(ended: Ended, project: Project, name: str) -> None:
    page = page_of(name)
    line = project.line_of(page, "print")

    (entry,) = [entry for entry in ended.entries if entry.startswith(f"{page}:")]
    assert entry == (
        f"{page}:{line}: example: fails\n"
        + ("  title     x\n" if 'title="x"' in FORMS[name] else "")
        + f"  expected  {FALSE}\n"
        "  seen      assert (1 + 1) == 3\n"
        f"  alone     pytest {page}::line-{line - 1}"
    )
