"""The requirements of a snippet: what it needs beside the package under test, as PEP 723 has it."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import metadata

from mkdocs_claims.problems import Problem

__all__ = ["absence", "canonical", "installed", "lacking", "name_of", "read_requirements"]

# The expression of https://packaging.python.org/specifications/inline-script-metadata/.
_OPENING = re.compile(r"^# /// script[ \t]*$", re.MULTILINE)
_BLOCK = re.compile(
    r"^# /// (?P<kind>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$", re.MULTILINE
)


def read_requirements(text: str, path: str) -> tuple[str, ...] | Problem:
    """Return what stands under `dependencies` in the block `# /// script` of a snippet."""
    blocks = [match for match in _BLOCK.finditer(text) if match["kind"] == "script"]
    opened = [match.start() for match in _OPENING.finditer(text)]
    line = text.count("\n", 0, opened[-1]) + 1 if opened else 0
    if len(opened) > 1:
        return Problem(path, line, "a snippet has one block '# /// script'; make one of the two")
    if len(blocks) < len(opened):
        message = "this block of metadata is never closed; end it with a line '# ///'"
        return Problem(path, line, message)
    try:
        return tuple(_dependencies(blocks[0]["content"])) if blocks else ()
    except ValueError as error:
        return Problem(path, line, str(error))


def _dependencies(content: str) -> list[str]:
    """Read the dependencies in the comments of a block.

    Raises:
        ValueError: they cannot be read, with what is wrong.
    """
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415  # few need

    try:
        named = tomllib.loads("\n".join(line[2:] for line in content.splitlines()))
    except tomllib.TOMLDecodeError as error:
        message = f"the metadata of this snippet cannot be read as TOML: {error}"
        raise ValueError(message) from error
    dependencies = named.get("dependencies", [])
    if not isinstance(dependencies, list) or not all(isinstance(it, str) for it in dependencies):
        message = 'dependencies must be a list of strings, such as ["fastapi"]'
        raise ValueError(message)
    for each in dependencies:
        try:
            Requirement(each)
        except InvalidRequirement as error:
            told = str(error).partition("\n")[0]
            message = f"cannot read the dependency '{each}': {told}"
            raise ValueError(message) from error
    return dependencies


def canonical(name: str) -> str:
    """Return the one form of a distribution's name that all its spellings have in common."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement: str) -> str:
    """Return the name of the distribution that a requirement is about, in its one form."""
    from packaging.requirements import Requirement  # noqa: PLC0415  # few snippets need any

    return canonical(Requirement(requirement).name)


def installed(requirements: Iterable[str]) -> dict[str, str]:
    """Return the versions that are installed here, by distribution; empty where there is none."""
    found = {}
    for requirement in requirements:
        name = name_of(requirement)
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def lacking(requirements: Iterable[str], versions: Mapping[str, str]) -> list[str]:
    """Return the requirements that what is installed does not meet."""
    from packaging.requirements import Requirement  # noqa: PLC0415  # as above

    unmet = []
    for requirement in requirements:
        version = versions[name_of(requirement)]
        wanted = Requirement(requirement)
        is_for_here = wanted.marker is None or wanted.marker.evaluate()
        if is_for_here and not (version and wanted.specifier.contains(version, prereleases=True)):
            unmet.append(requirement)
    return unmet


def absence(unmet: Iterable[str], versions: Mapping[str, str]) -> str:
    """Say why a snippet was not run."""
    told = [
        f"{each} (installed is {versions[name_of(each)]})"
        if versions[name_of(each)]
        else f"{each} (not installed)"
        for each in unmet
    ]
    return f"it needs {' and '.join(told)}"
