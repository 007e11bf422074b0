"""The settings of a project: `[tool.claims]` in its `pyproject.toml`."""

import sys
import tomllib
from dataclasses import dataclass, fields
from importlib import metadata, util
from pathlib import Path
from typing import Any

from mkdocs_claims.problems import suggestion

__all__ = ["NoSettingsError", "Settings", "SettingsError", "find_root", "load"]


class SettingsError(ValueError):
    """`[tool.claims]` says something that cannot be meant."""


class NoSettingsError(SettingsError):
    """There is no `[tool.claims]`: this is no project with claims."""


@dataclass(frozen=True)
class Settings:
    """What `[tool.claims]` says; every path in it is relative to `root`."""

    root: Path
    """The folder of `pyproject.toml`; paths in reports and messages start here."""
    package: str = ""
    """The package under test: an exception that it raises makes a check fail."""
    preload: tuple[str, ...] = ()
    """Modules imported once, before the first file is run; by default the package under test."""
    versions: tuple[str, ...] = ()
    """Distributions whose versions stand in the environment; by default those of the package."""
    prepare: str = ""
    """`module:function` that each process calls first: seeds, threads."""
    docs: str = "docs"
    verify: str = "verify"
    snippets: str = "snippets"
    falsify: bool = False
    """Whether each claim must say what refutes it."""
    may_lack: tuple[str, ...] = ()
    """Distributions without which the site may be published, as far as snippets need them."""
    timeout: int = 60
    """Seconds that one subject may take, unless it says otherwise."""
    memory: int = 4096
    """What the process of a file may take, in MiB, beside what was imported for all."""

    @property
    def state(self) -> Path:
        """The folder for everything that a run leaves behind; never committed."""
        return self.root / ".claims"

    @property
    def report(self) -> Path:
        """Where the evidence of the last run stands."""
        return self.state / "report.json"

    @property
    def kept(self) -> Path:
        """Where the verdicts of earlier runs stand."""
        return self.state / "kept.json"

    @property
    def proofs(self) -> Path:
        """Where it stands what checks were seen to do where their claims are false."""
        return self.state / "proofs.json"

    @property
    def highlighted(self) -> Path:
        """Where the code that pages show stands as HTML."""
        return self.state / "highlighted.json"

    @property
    def notebooks(self) -> Path:
        """Where the executed copies of notebooks stand, at the paths that they have in `docs`."""
        return self.state / "notebooks"

    def copy_of(self, notebook: str) -> Path:
        """Return where the executed copy of a notebook stands."""
        return self.notebooks / Path(notebook).relative_to(self.docs)

    def missing(self) -> list[str]:
        """Name the modules to preload and the distributions that are not installed here."""
        absent = [module for module in self.preload if not _is_importable(module)]
        for name in self.versions:
            try:
                metadata.version(name)
            except metadata.PackageNotFoundError:
                if name not in absent:
                    absent.append(name)
        return absent


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` whose `pyproject.toml` has `[tool.claims]`.

    Raises:
        NoSettingsError: there is none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        file = folder / "pyproject.toml"
        if file.is_file() and _table(file) is not None:
            return folder
    message = f"no pyproject.toml with a [tool.claims] table in {start} or above it"
    raise NoSettingsError(message)


def load(root: Path) -> Settings:
    """Read the settings of the project in `root`.

    Raises:
        NoSettingsError: the file or its table is missing.
        SettingsError: a key is unknown, or its value is of another type.
    """
    file = root / "pyproject.toml"
    if not file.is_file():
        message = f"{file.name}: not found in {root}; claims are set up in its [tool.claims] table"
        raise NoSettingsError(message)
    table = _table(file)
    if table is None:
        message = f"{file.name}: has no [tool.claims] table; add one (it may be empty)"
        raise NoSettingsError(message)
    keys = {field.name: field.type for field in fields(Settings) if field.name != "root"}
    given: dict[str, Any] = {}
    for key, value in table.items():
        if key not in keys:
            near = suggestion(key, list(keys))
            message = f"{file.name}: [tool.claims] has no setting '{key}'{near}"
            raise SettingsError(message)
        given[key] = _checked(file.name, key, value, keys[key])
    if package := given.get("package"):
        given.setdefault("preload", (package,))
        if "versions" not in given:
            given["versions"] = _distributions_of(package)
    return Settings(root=root.resolve(), **given)


def _distributions_of(package: str) -> tuple[str, ...]:
    """Return the distributions that a package comes from: none for the standard library's."""
    if package in sys.stdlib_module_names:
        return ()
    return tuple(metadata.packages_distributions().get(package, (package,)))


def _table(file: Path) -> dict[str, Any] | None:
    """Return `[tool.claims]`, or None where the file has no such table."""
    try:
        tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{file.name}: cannot be read as TOML: {error}"
        raise SettingsError(message) from error
    table = tool.get("claims") if isinstance(tool, dict) else tool
    if table is None or isinstance(table, dict):
        return table
    message = f"{file.name}: [tool.claims] must be a table, not {table!r}"
    raise SettingsError(message)


def _checked(file: str, key: str, value: object, kind: object) -> object:
    if kind is str and isinstance(value, str):
        return value
    if kind is int and type(value) is int and value > 0:
        return value
    if kind is bool and isinstance(value, bool):
        return value
    is_several = kind not in (str, int, bool)
    if is_several and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    words = {str: "a string", int: "a whole number above 0", bool: "true or false"}
    wanted = words.get(kind, "a list of strings")  # type: ignore[call-overload]
    message = f"{file}: [tool.claims] {key} must be {wanted}, not {value!r}"
    raise SettingsError(message)


def _is_importable(module: str) -> bool:
    top = module.partition(".")[0]
    try:
        return util.find_spec(top) is not None
    except ValueError:
        return False
