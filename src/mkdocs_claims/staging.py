"""Staging: a site is built beside the published one, and takes its place as the last act."""

import shutil
from pathlib import Path

__all__ = ["Staging"]


class Staging:
    """A folder beside the published site; the site changes in `publish`, and only there."""

    def __init__(self, site: Path) -> None:
        # Where the site is a link, what it leads to is replaced, not the link.
        self.site = site.resolve()
        self.folder = self.site.with_name(f".{self.site.name}.staged")
        self._former = self.site.with_name(f".{self.site.name}.former")

    def begin(self) -> None:
        """Start with an empty folder; mend what an interrupted `publish` may have left."""
        if self._former.exists():
            if self.site.exists():
                shutil.rmtree(self._former)
            else:
                self._former.rename(self.site)
        self.discard()
        self.folder.mkdir(parents=True)

    def publish(self) -> None:
        """Put the staged site in the place of the published one.

        Raises:
            OSError: a folder cannot be renamed; the published site is as it was.
        """
        if self.site.exists():
            self.site.rename(self._former)
        try:
            self.folder.rename(self.site)
        except OSError:
            if self._former.exists():
                self._former.rename(self.site)
            raise
        shutil.rmtree(self._former, ignore_errors=True)

    def discard(self) -> None:
        """Remove the staged site, if there is one."""
        shutil.rmtree(self.folder, ignore_errors=True)
