"""The MkDocs plugin: it calls the run and the gate, and keeps the last good site."""

import logging
import os
import posixpath
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mkdocs.config.base import Config
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from mkdocs_claims.evidence import Kind
from mkdocs_claims.gate import refusal
from mkdocs_claims.mkdocs_files import add, take_over_notebooks
from mkdocs_claims.progress import Progress
from mkdocs_claims.rendering.added_files import SCRIPT, STYLE, added_files
from mkdocs_claims.rendering.addresses import Addresses, lines_in
from mkdocs_claims.rendering.contents import finished, with_alternate
from mkdocs_claims.rendering.descriptions import described
from mkdocs_claims.rendering.evidence_pages import evidence_pages
from mkdocs_claims.rendering.folding import unfold
from mkdocs_claims.rendering.highlighting import Highlighting
from mkdocs_claims.rendering.plain.exports import LIST, Site, exports
from mkdocs_claims.rendering.plain.navigation import markdown_of, site_pages
from mkdocs_claims.rendering.rendered import Rendered
from mkdocs_claims.reports import Report
from mkdocs_claims.run import is_fresh_wanted, run
from mkdocs_claims.settings import Settings, SettingsError, load
from mkdocs_claims.staging import Staging

if TYPE_CHECKING:  # one of them imports a web server, which a build does not need
    from jinja2 import Environment
    from mkdocs.livereload import LiveReloadServer

__all__ = ["ClaimsPlugin"]

_log = logging.getLogger("mkdocs.plugins.claims")
_UNTOUCHED = "Nothing was published; the site from before is as it was."


class _NoOptions(Config):  # type: ignore[no-untyped-call]  # MkDocs is partly untyped
    """The plugin takes none: other site engines would not see them, `[tool.claims]` they do."""


class ClaimsPlugin(BasePlugin[_NoOptions]):  # type: ignore[no-untyped-call]  # as above
    """Checks everything before a build, and refuses to publish what does not hold."""

    settings: Settings
    report: Report
    addresses: Addresses
    navigation: Navigation
    config_of_build: MkDocsConfig

    def __init__(self) -> None:
        super().__init__()
        self.command: str = ""
        self.staging: Staging | None = None
        self.is_built = False
        self.rendered = Rendered()
        self.said = ""
        """What was last said to be wrong, which the same build need not repeat."""

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], **_: object) -> None:
        """Remember what is being done."""
        self.command = command

    @event_priority(100)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the settings, and let the build go to a folder beside the published site."""
        root = Path(config.config_file_path).parent if config.config_file_path else Path()
        try:
            self.settings = load(root)
        except SettingsError as error:
            raise PluginError(str(error)) from error
        expected = self.settings.root / self.settings.docs
        if Path(config.docs_dir).resolve() != expected.resolve():
            message = (
                f"mkdocs.yml says docs_dir: {config.docs_dir}, and pyproject.toml [tool.claims] "
                f"docs: {self.settings.docs}; make both name the same folder"
            )
            raise PluginError(message)
        if "claims" not in config.markdown_extensions:
            config.markdown_extensions.append("claims")
        config.extra_css.insert(0, STYLE)
        script = ExtraScriptValue(SCRIPT)
        script.defer = True
        config.extra_javascript.insert(0, script)
        if self.command in ("build", "gh-deploy"):
            self.staging = Staging(Path(config.site_dir))
            self.staging.begin()
            config.site_dir = str(self.staging.folder)
            self.config_of_build = config
        return config

    @event_priority(100)
    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Check everything; a build with anything wrong in it ends here."""
        is_fresh = is_fresh_wanted()
        highlighting = Highlighting(self.settings.highlighted, is_fresh=is_fresh)
        self.rendered = Rendered(highlighting=highlighting)
        self.said = ""
        checked = run(
            self.settings,
            is_fresh=is_fresh,
            progress=Progress() if _log.isEnabledFor(logging.INFO) else None,
            say=_log.info,
        )
        self.report = checked.report
        self.addresses = Addresses(
            self.report,
            evidence_pages=evidence_pages(self.report, self.settings.verify),
            code=lines_in(config.repo_url or "", os.environ.get("GITHUB_SHA", "")),
        )
        config.mdx_configs["claims"] = {
            "settings": self.settings,
            "addresses": self.addresses,
            "pages": checked.pages,
            "rendered": self.rendered,
        }
        if notebooks := self.report.of(Kind.NOTEBOOK):
            self._take_over_notebooks(config, next(iter(notebooks)))
        self._judge(checked.refusal)
        _log.info(checked.summary)

    @event_priority(100)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Put the executed copies of notebooks in the place of their sources; add ours."""
        take_over_notebooks(files, self.settings.notebooks, config)
        texts = dict(added_files(self.addresses, self.settings))
        self.rendered.problems.extend(add(files, texts, self.settings.docs, config))
        return files

    def on_nav(self, nav: Navigation, **_: object) -> Navigation:
        """Remember the order of the pages."""
        self.navigation = nav
        return nav

    def on_page_content(self, html: str, *, page: Page, files: Files, **_: object) -> str:
        """Describe a page, and give it what no Markdown extension could."""
        docs = f"{self.settings.docs}/"
        path = f"{docs}{page.file.src_uri}"
        own = page.meta.get("description", "")
        page.meta["description"] = described(own, path, html, self.report)

        def url_of(path: str) -> str:
            target = files.get_file_from_path(path.removeprefix(docs))
            return get_relative_url(target.url, page.url) if target else ""

        addresses = replace(self.addresses, here=path)
        plain = (_plain(page), get_relative_url(LIST, page.url))
        return finished(html, addresses, self.rendered, url_of, plain)

    def on_env(
        self, env: "Environment", *, config: MkDocsConfig, files: Files, **_: object
    ) -> "Environment":
        """Write each page as Markdown, and what lists them for those who read no HTML."""
        site = Site(config.site_name, config.site_description or "", config.site_url or "")
        pages = site_pages(self.navigation, files.documentation_pages(), self.settings)
        for address, text in exports(site, pages, self.rendered.pages, self.addresses):
            file = Path(config.site_dir) / address
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return env

    @event_priority(-100)
    def on_post_page(self, output: str, *, page: Page, **_: object) -> str:
        """Put the evidence of cards into its place, and tell of the page's Markdown."""
        return with_alternate(unfold(output, self.rendered.aside), _plain(page))

    @event_priority(-100)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Publish the report beside the pages, unless rendering found something wrong."""
        shown = [item for item in self.report.citations if item.path in self.rendered.paths]
        report = replace(self.report, citations=shown)
        self._judge(refusal(report.with_problems(self.rendered.problems)))
        if self.rendered.highlighting:
            self.rendered.highlighting.write()
        shutil.copyfile(self.settings.report, Path(config.site_dir) / "claims.json")
        self.is_built = True

    def on_build_error(self, *, error: Exception) -> None:
        """Let go of a site that did not come to its end."""
        if self.staging and not isinstance(error, PluginError):
            _log.error(_UNTOUCHED)
        self.is_built = False
        if self.staging:
            self.staging.discard()

    def on_serve(self, server: "LiveReloadServer", **_: object) -> "LiveReloadServer":
        """Build again when a check or a snippet changes, too."""
        for folder in (self.settings.verify, self.settings.snippets):
            if (self.settings.root / folder).is_dir():
                server.watch(str(self.settings.root / folder))
        return server

    def on_shutdown(self) -> None:
        """Put the new site in the place of the old one, as the last act of a build."""
        if self.staging and self.is_built:
            self.staging.publish()
            # What comes after a build, such as gh-deploy, finds the site at its own place.
            self.config_of_build.site_dir = str(self.staging.site)
            _log.info("Published the site: %s", self.staging.site)

    def _judge(self, wrong: str) -> None:
        if wrong:
            if self.command != "serve":
                raise PluginError("\n\n".join([wrong, _UNTOUCHED] if self.staging else [wrong]))
            if wrong != self.said:
                _log.error(wrong)
            self.said = wrong

    def _take_over_notebooks(self, config: MkDocsConfig, example: str) -> None:
        """Let mkdocs-jupyter render what the run has executed, and execute nothing."""
        plugin = config.plugins.get("mkdocs-jupyter")
        if plugin is None:
            message = f"{example}: notebooks need the plugin mkdocs-jupyter; add it to mkdocs.yml"
            raise PluginError(message)
        plugin.config["execute"] = False


def _plain(page: Page) -> str:
    """Return the address of a page's Markdown, which lies beside its HTML."""
    return posixpath.basename(markdown_of(page.file.dest_uri))
