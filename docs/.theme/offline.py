"""A hook of MkDocs: with OFFLINE in the environment, the site works as a folder, without a server.

Material has a plugin for this, whose pages load a script from a host of others.
"""

import os
from itertools import chain
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

_SHIM = "assets/iframe-worker.js"
"""Lets the search work: from file:// a browser starts no worker."""
_FOR_SERVERS = ("404.html", "search/search_index.json")
_FOR_ADDRESSES = ("sitemap.xml", "sitemap.xml.gz")
"""What says nothing where it is not known where the site is."""


def _is_wanted() -> bool:
    return os.environ.get("OFFLINE", "") not in ("", "0")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let links name files, and keep scripts from loading pages."""
    if _is_wanted():
        config.use_directory_urls = False
        config.site_url = ""  # these pages are at other addresses than those that it has
        config.extra |= {"polyfills": [_SHIM], "homepage": "index.html"}
        features = config.theme["features"]
        features[:] = [name for name in features if not name.startswith("navigation.instant")]
    return config


def on_post_build(config: MkDocsConfig) -> None:
    """Write the index of the search as the script that Material loads from file://."""
    site = Path(config.site_dir)
    if _is_wanted():
        index = (site / "search/search_index.json").read_text(encoding="utf-8")
        (site / "search/search_index.js").write_text(f"var __index = {index}", encoding="utf-8")
    needless = [_FOR_SERVERS] * _is_wanted() + [_FOR_ADDRESSES] * (not config.site_url)
    for path in chain(*needless):
        (site / path).unlink(missing_ok=True)
