"""The MkDocs plugin: it calls the run and the gate, and keeps the last good site."""

import logging
import os
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
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from mkdocs_claims.evidence import Kind
from mkdocs_claims.gate import refusal
from mkdocs_claims.mkdocs_files import add, take_over_notebooks
from mkdocs_claims.problems import Problem
from mkdocs_claims.progress import Progress
from mkdocs_claims.rendering.added_files import SCRIPT, STYLE, added_files
from mkdocs_claims.rendering.addresses import Addresses, lines_in
from mkdocs_claims.rendering.evidence_pages import evidence_pages
from mkdocs_claims.rendering.folding import unfold
from mkdocs_claims.rendering.highlighting import Highlighting
from mkdocs_claims.rendering.links import resolved
from mkdocs_claims.rendering.rendered import Rendered
from mkdocs_claims.reports import Report
from mkdocs_claims.run import is_fresh_wanted, run
from mkdocs_claims.settings import Settings, SettingsError, load
from mkdocs_claims.staging import Staging

if TYPE_CHECKING:  # it imports a web server, which a build does not need
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
    config_of_build: MkDocsConfig

    def __init__(self) -> None:
        super().__init__()
        self.command: str = ""
        self.staging: Staging | None = None
        self.is_built = False
        self.rendered = Rendered()
        self.said = ""
        """What was last said to be wrong, which the same build need not repeat."""

    def on_startup(
        self,
        *,
        command: Literal["build", "gh-deploy", "serve"],
        dirty: bool,  # noqa: ARG002  # MkDocs' signature
    ) -> None:
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
        texts = dict(added_files(self.addresses, self.settings.docs))
        self.rendered.problems.extend(add(files, texts, self.settings.docs, config))
        return files

    def on_page_markdown(
        self,
        markdown: str,
        *,
        page: Page,
        config: MkDocsConfig,  # noqa: ARG002  # MkDocs' signature
        files: Files,  # noqa: ARG002  # as above
    ) -> str:
        """Describe a page that is about a message by that message, whole, as it was seen."""
        path = f"{self.settings.docs}/{page.file.src_uri}"
        for message in self.report.messages:
            if message.path == path:
                described = f"{self.report.whole(message)} {message.answer}".strip()
                page.meta.setdefault("description", described)
        return markdown

    def on_page_content(
        self,
        html: str,
        *,
        page: Page,
        config: MkDocsConfig,  # noqa: ARG002  # MkDocs' signature
        files: Files,
    ) -> str:
        """Show a notebook as any page, with the links to claims that no extension sees."""
        path = f"{self.settings.docs}/{page.file.src_uri}"
        self.rendered.paths.add(path)
        if not path.endswith((".md", ".ipynb")):
            message = "is shown as a page, and nothing of it is run; let no plugin include it"
            self.rendered.problems.append(Problem(path, 0, message))
        if not page.file.src_uri.endswith(".ipynb"):
            return html
        docs = f"{self.settings.docs}/"

        def url_of(path: str) -> str:
            target = files.get_file_from_path(path.removeprefix(docs))
            return get_relative_url(target.url, page.url) if target else ""

        return resolved(html, replace(self.addresses, here=path), url_of)

    @event_priority(-100)
    def on_post_page(
        self,
        output: str,
        *,
        page: Page,  # noqa: ARG002  # MkDocs' signature
        config: MkDocsConfig,  # noqa: ARG002  # as above
    ) -> str:
        """Put the evidence of cards into its place."""
        return unfold(output, self.rendered.aside)

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

    def on_serve(
        self,
        server: "LiveReloadServer",
        *,
        config: MkDocsConfig,  # noqa: ARG002  # MkDocs' signature
        builder: object,  # noqa: ARG002  # MkDocs' signature
    ) -> "LiveReloadServer":
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
