"""Where evidence and code stand: pages of evidence, lines in a repository, and who stands there."""

import re

import pytest

from mkdocs_claims.rendering.addresses import lines_in
from tests.conftest import Project


@pytest.mark.parametrize(
    ("repository", "revision", "address"),
    [
        ("https://github.com/a/b", "", "https://github.com/a/b/blob/HEAD/{path}#L{line}"),
        ("https://github.com/a/b/", "1f", "https://github.com/a/b/blob/1f/{path}#L{line}"),
        ("https://github.a.org/b", "", "https://github.a.org/b/blob/HEAD/{path}#L{line}"),
        ("https://gitlab.com/a/b", "", "https://gitlab.com/a/b/-/blob/HEAD/{path}#L{line}"),
        ("https://example.org/github", "", ""),
        ("", "", ""),
    ],
)
def test_a_line_is_addressed_as_its_host_does(repository: str, revision: str, address: str) -> None:
    assert address == lines_in(repository, revision)


def test_evidence_links_the_line_of_its_check_where_a_repository_is_named(
    project: Project,
) -> None:
    project.append("mkdocs.yml", "repo_url: https://github.com/a/b\n")

    built = Project(project.root, {"GITHUB_SHA": "1f2e"}).build()

    assert (0, "") == (built.code, built.output)
    (link,) = project.html("index.html").select(".claims-card a:has(> code)")
    assert (
        "verify/arithmetic.py:11",
        "https://github.com/a/b/blob/1f2e/verify/arithmetic.py#L11",
    ) == (
        link.text,
        link["href"],
    )


@pytest.mark.parametrize("name", ["claims/contexts.md", "claims/contexts/index.md"])
def test_a_page_in_the_place_of_evidence_is_named(project: Project, name: str) -> None:
    project.write(f"docs/{name}", "# Mine\n")
    project.replace("mkdocs.yml", "nav:\n", f"nav:\n  - {name}\n")

    ended = project.build()

    assert (
        f"docs/{name}: stands where claims puts its own claims/contexts.md; give it another name"
        in ended.first_lines
    )


def test_a_list_on_an_index_has_its_evidence_in_a_folder_of_its_own(project: Project) -> None:
    """Beside an index there are pages by any name."""
    project.append("docs/index.md", "/// all-claims\n///\n")
    (project.root / "docs" / "claims.md").unlink()
    project.replace("mkdocs.yml", "  - claims.md\n", "")

    built = project.build()

    assert (0, "") == (built.code, built.output)
    assert ["evidence/arithmetic/index.html", "evidence/contexts/index.html"] == [
        path for path in project.site() if re.fullmatch(r"evidence/.*\.html", path)
    ]


def test_a_check_module_that_has_no_claims_is_named(project: Project) -> None:
    project.append("docs/index.md", "/// claims | verify/context.py\n///\n")

    ended = project.build()

    wrong = "there is no check module 'verify/context.py' that has claims"
    assert [f"docs/index.md: {wrong}, did you mean 'verify/contexts.py'?"] == ended.first_lines
