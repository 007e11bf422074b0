"""The requirements of a snippet: what it needs beside the package under test, as PEP 723 has it."""

import platform
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata

from mkdocs_claims.problems import Problem, suggestion

__all__ = [
    "absence",
    "canonical",
    "installed",
    "lacking",
    "name_of",
    "read_requirements",
    "shortage",
]

PYTHON = "python"
"""The name under which a snippet needs an interpreter, by `requires-python`."""

# The expression of https://packaging.python.org/specifications/inline-script-metadata/.
_BLOCK = re.compile(
    r"^# /// (?P<kind>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$", re.MULTILINE
)
_OPENING = "# /// script"
_LIKE_AN_OPENING = re.compile(
    r"^#[ \t]*///+[ \t]*(?P<kind>[\w-]+)[ \t]*$(?P<goes_on>\n#)?", re.MULTILINE
)
_KEYS = ["dependencies", "requires-python", "tool"]
_AT_LINE = re.compile(r" \(at line (?P<line>\d+), column \d+\)$")


class _WrongError(ValueError):
    """Something in a block is wrong; `line` counts from the line that opens the block, as 0."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def read_requirements(text: str, path: str) -> tuple[str, ...] | Problem:
    """Return what the block `# /// script` of a snippet asks for, with `python` as one of it."""
    blocks = [match for match in _BLOCK.finditer(text) if match["kind"] == "script"]
    if wrong := next(_misplaced(text, path, blocks), None):
        return wrong
    if not blocks:
        return ()
    content = [line[2:] for line in blocks[0]["content"].removesuffix("\n").split("\n")]
    try:
        return tuple(_read(content))
    except _WrongError as error:
        return Problem(path, _line_at(text, blocks[0].start()) + error.line, str(error))


def _misplaced(text: str, path: str, blocks: list[re.Match[str]]) -> Iterator[Problem]:
    """Find what looks like a block and would not be read as the one that there may be."""
    for opening in _LIKE_AN_OPENING.finditer(text):
        start, kind = opening.start(), opening["kind"]
        line = _line_at(text, start)
        near = suggestion(kind.lower(), ["script"])
        if kind != "script":
            if near and opening["goes_on"]:
                yield Problem(path, line, f"unknown block '# /// {kind}'{near}")
        elif text[start:].partition("\n")[0] != _OPENING:
            yield Problem(path, line, f"a block of metadata begins with a line '{_OPENING}'")
        elif not any(block.start() <= start < block.end() for block in blocks):
            yield _unclosed(text[start:], path, line)
        elif start != blocks[0].start():
            message = f"a snippet has one block '{_OPENING}'; make one of the two"
            yield Problem(path, line, message)


def _unclosed(text: str, path: str, line: int) -> Problem:
    """Say why a block that is opened on a line is not read to its end."""
    for number, each in enumerate(text.split("\n")):
        if each.startswith("#") and not each.startswith("# ") and each != "#":
            message = "a line of this block of metadata must begin with '# '"
            return Problem(path, line + number, message)
        if not each.startswith("#"):
            break
    message = "this block of metadata is never closed; end it with a line '# ///'"
    return Problem(path, line, message)


def _read(content: list[str]) -> Iterator[str]:
    """Read the lines of a block, without their signs of a comment.

    Raises:
        _WrongError: they cannot be read, with what is wrong, and where.
    """
    try:
        named = tomllib.loads("\n".join(content))
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        told = _AT_LINE.sub("", str(error))
        message = f"the metadata of this snippet cannot be read as TOML: {told}"
        raise _WrongError(int(at["line"]) if at else len(content), message) from error
    for key in named:
        if key not in _KEYS:
            message = f"this block of metadata has no key '{key}'{suggestion(key, _KEYS)}"
            raise _WrongError(_line_of(key, content), message)
    yield from _python(named.get("requires-python", ""), content)
    yield from _dependencies(named.get("dependencies", []), content)


def _python(wanted: object, content: list[str]) -> Iterator[str]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415  # few need

    message = f'requires-python must be a bound, such as ">=3.12", not {wanted!r}'
    try:
        bound = SpecifierSet(wanted) if isinstance(wanted, str) else None
    except InvalidSpecifier as error:
        raise _WrongError(_line_of("requires-python", content), message) from error
    if bound is None:
        raise _WrongError(_line_of("requires-python", content), message)
    if bound:
        yield f"{PYTHON}{bound}"


def _dependencies(wanted: object, content: list[str]) -> Iterator[str]:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415  # few need

    if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
        message = 'dependencies must be a list of strings, such as ["fastapi"]'
        raise _WrongError(_line_of("dependencies", content), message)
    for each in wanted:
        line = _line_of(each, content)
        try:
            requirement = Requirement(each)
        except InvalidRequirement as error:
            told = str(error).partition("\n")[0]
            message = f"cannot read the dependency '{each}': {told}"
            raise _WrongError(line, message) from error
        if requirement.url:
            message = (
                f"the dependency '{each}' names a place, with which nothing installed can be "
                "compared; name a version"
            )
            raise _WrongError(line, message)
        yield each


def _line_of(words: str, content: list[str]) -> int:
    """Return the line of a block on which a key or string stands, or that which opens it."""
    whole = re.compile(rf"(?<![^\s\"'\[,]){re.escape(words)}(?![^\s\"'\],=])")
    return next((number for number, line in enumerate(content, 1) if whole.search(line)), 0)


def _line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


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
            found[name] = _python_here() if name == PYTHON else metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def _python_here() -> str:
    return platform.python_version().removesuffix("+")  # of what was built between two releases


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


def shortage(requirements: Iterable[str]) -> str:
    """Say why what has these requirements cannot be run here; return nothing if it can."""
    needed = tuple(requirements)
    versions = installed(needed)
    unmet = lacking(needed, versions)
    return absence(unmet, versions) if unmet else ""


def absence(unmet: Iterable[str], versions: Mapping[str, str]) -> str:
    """Say why a snippet was not run."""
    told = []
    for each in unmet:
        name = name_of(each)
        here = f"installed is {versions[name]}" if versions[name] else "not installed"
        told.append(f"{each} ({f'this is {versions[name]}' if name == PYTHON else here})")
    return f"it needs {' and '.join(told)}"
