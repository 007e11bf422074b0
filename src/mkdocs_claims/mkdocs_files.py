"""The files of a MkDocs site: executed notebooks, and those that are added."""

from collections.abc import Mapping
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

from mkdocs_claims.problems import Problem

__all__ = ["add", "take_over_notebooks"]


def take_over_notebooks(files: Files, executed: Path, config: MkDocsConfig) -> None:
    """Put the executed copies of notebooks, found in a folder, in the place of their sources."""
    for file in list(files):
        if file.src_uri.endswith(".ipynb") and (executed / file.src_uri).is_file():
            copy = File(
                file.src_uri,
                str(executed),
                config.site_dir,
                config.use_directory_urls,
                inclusion=file.inclusion,
            )
            files.remove(file)
            files.append(copy)


def add(files: Files, texts: Mapping[str, str], docs: str, config: MkDocsConfig) -> list[Problem]:
    """Add files, and return where one of the author's stands in the place of one of them.

    `texts` holds the text of each by its path, seen from the folder of pages, which is `docs`.
    """
    taken = {file.dest_uri: file.src_uri for file in files}
    problems = []
    for name, text in texts.items():
        file = File.generated(config, name, content=text, inclusion=InclusionLevel.NOT_IN_NAV)
        if found := taken.get(file.dest_uri):
            message = f"stands where claims puts its own {name}; give it another name"
            problems.append(Problem(f"{docs}/{found}", 0, message))
        files.append(file)
    return problems
