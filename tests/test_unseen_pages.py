"""Pages that reach the site by another way than a `.md` file under `docs/` are checked too."""

from collections.abc import Callable

import pytest

from tests.conftest import Ended, Project

Refused = Callable[..., Ended]

WRONG = "# A page\n\n```python\n1 / 0\n```\n"
RIGHT = "# A page\n\nThat [is exact](claim:sum-of-tenths-is-exact).\n"
HOOK = '''"""A hook that adds a page."""

from mkdocs.structure.files import File


def on_files(files, config):
    """Add a page that is not under `docs/`."""
    files.append(File.generated(config, "made.md", content={0!r}))
    return files
'''


def paths(ended: Ended) -> set[str]:
    return {line.partition(":")[0] for line in ended.first_lines}


def write_elsewhere(project: Project, text: str) -> None:
    """Write a page into a folder that stands under `docs/` by a link only."""
    project.write("elsewhere/page.md", text)
    (project.root / "docs" / "linked").symlink_to("../elsewhere", target_is_directory=True)


def add_by_a_hook(project: Project, text: str) -> None:
    project.write("hook.py", HOOK.format(text))
    project.append("mkdocs.yml", "hooks:\n  - hook.py\n")


@pytest.mark.parametrize("suffix", ["markdown", "mdown", "mkdn", "mkd"])
def test_a_page_with_another_suffix_that_mkdocs_knows_is_checked(
    project: Project, refused: Refused, suffix: str
) -> None:
    project.write(f"docs/page.{suffix}", WRONG)

    assert paths(refused()) == {f"docs/page.{suffix}"}


def test_a_page_in_a_linked_folder_is_checked(project: Project, refused: Refused) -> None:
    write_elsewhere(project, WRONG)

    assert paths(refused()) == {"docs/linked/page.md"}


def test_a_page_that_a_hook_makes_is_refused_when_it_shows_python(
    project: Project, refused: Refused
) -> None:
    add_by_a_hook(project, WRONG)

    assert paths(refused()) == {"docs/made.md"}


def test_a_page_that_a_hook_makes_may_cite_claims(project: Project) -> None:
    add_by_a_hook(project, RIGHT)

    ended = project.build()

    assert (ended.code, ended.output) == (0, "")
    assert len(project.html("made/index.html").select("a.claims-mark.claims-holds")) == 1


def test_python_in_a_file_that_a_page_includes_is_refused(
    project: Project, refused: Refused
) -> None:
    project.write("included.md", WRONG)
    project.append("docs/index.md", '--8<-- "included.md"\n')

    assert paths(refused()) == {"docs/index.md"}


def test_a_line_of_a_session_that_doctest_would_skip_is_refused(
    project: Project, refused: Refused
) -> None:
    project.write("docs/page.md", "```pycon\n>>> 1 + 1  # doctest: +SKIP\n3\n```\n")

    assert paths(refused()) == {"docs/page.md"}


def test_a_page_outside_the_navigation_is_checked(project: Project, refused: Refused) -> None:
    project.write("docs/deep/er/page.md", WRONG)
    project.append("mkdocs.yml", "not_in_nav: deep/\n")

    assert paths(refused()) == {"docs/deep/er/page.md"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("One\n\n    [sum](claim:sum-of-tenths-is-exact)\n", id="link in shown code"),
        pytest.param("<div>[sum](claim:sum-of-tenths-is-exact)</div>\n", id="link in raw HTML"),
        pytest.param("[sum]: claim:sum-of-tenths-is-exact\n", id="target that no link uses"),
        pytest.param(
            "One\n\n    /// claim | sum-of-tenths-is-exact\n    ///\n", id="card in shown code"
        ),
    ],
)
def test_a_claim_is_on_no_page_whose_one_citation_readers_never_see_as_a(
    project: Project, refused: Refused, text: str
) -> None:
    project.replace("docs/index.md", "[is exact](claim:sum-of-tenths-is-exact)", "is exact")
    project.replace("docs/index.md", "/// claim | sum-of-tenths-is-exact\n///\n", "")
    project.write("docs/page.md", text)

    assert len(refused().entries) == 1
