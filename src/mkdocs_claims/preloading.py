"""Preloading: importing once, before any file is run, what every file would import again."""

import importlib
import random
import sys
from types import ModuleType

from mkdocs_claims.settings import Settings

__all__ = ["PreloadError", "preload"]


class PreloadError(ImportError):
    """What `[tool.claims]` names cannot be imported."""


def preload(settings: Settings) -> None:
    """Import what the settings name, and set the seeds.

    Raises:
        PreloadError: a module cannot be imported, or `prepare` names no function in it.
    """
    if str(settings.root) not in sys.path:
        sys.path.append(str(settings.root))
    for module in settings.preload:
        _import("preload", module)
    module, _, function = settings.prepare.partition(":")
    if module and not callable(getattr(_import("prepare", module), function, None)):
        message = f"pyproject.toml: [tool.claims] prepare: '{module}' has no '{function}'"
        raise PreloadError(message)
    _seed()


def _seed() -> None:
    """Set the seeds with which every file starts; a fork begins with those of its server."""
    random.seed(0)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(0)


def _import(setting: str, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except BaseException as error:
        why = f"{type(error).__name__}: {error}"
        message = f"pyproject.toml: [tool.claims] {setting}: cannot import {module}: {why}"
        raise PreloadError(message) from error
