"""The pytest plugin: what it collects, a process for each file, and the evidence that comes back.

It does nothing in a project without `[tool.claims]`.
"""

import functools
import importlib
import json
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from mkdocs_claims.collection import Collection, collect
from mkdocs_claims.evidence import Evidence, Kind, Verdict
from mkdocs_claims.isolation import can_isolate, messages_of
from mkdocs_claims.items import SubjectFile, SubjectItem, send_outputs
from mkdocs_claims.outcomes import evidence_of
from mkdocs_claims.protocol import Send, run_apart, run_here
from mkdocs_claims.settings import NoSettingsError, Settings, SettingsError, load

__all__: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option by which the build asks for evidence."""
    parser.getgroup("claims").addoption(
        "--claims-evidence",
        metavar="FILE",
        type=Path,
        help="write what was seen of each claim, example, snippet and notebook to FILE, as JSON",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take part where the project has settings."""
    try:
        settings = load(config.rootpath)
    except NoSettingsError:
        return
    except SettingsError as error:
        raise pytest.UsageError(str(error)) from error
    pytest.register_assert_rewrite(settings.verify.replace("/", "."))
    if str(settings.root) not in sys.path:
        sys.path.append(str(settings.root))
    config.pluginmanager.register(_Claims(config, settings), "claims-run")


class _Claims:
    """What the plugin does in a project that has claims."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.config = config
        self.settings = settings
        self.evidence: dict[tuple[Kind, str], Evidence] = {}
        self.evidence_file: Path | None = config.getoption("claims_evidence")
        self.has_preloaded = False
        self.send: Send | None = None
        """In the process of a file: how its reports get home."""

    @functools.cached_property
    def collection(self) -> Collection:
        return collect(self.settings)

    @property
    def in_place(self) -> str:
        """Why files run in this very process, or an empty string if each has one of its own."""
        if not can_isolate():
            return "this platform cannot fork"
        if self.config.getoption("usepdb"):
            return "--pdb"
        return "-s" if self.config.getoption("capture") == "no" else ""

    def pytest_report_header(self) -> str | None:
        why = self.in_place
        return (
            f"claims: all files run in one process, and may affect each other ({why})"
            if why
            else None
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Collect our files alone: a module named to pytest would be imported by it, too."""
        found = yield
        ours = self._file(file_path, parent)
        return [ours] if ours else found

    def _file(self, file_path: Path, parent: pytest.Collector) -> SubjectFile | None:
        if not file_path.is_relative_to(self.settings.root):
            return None
        path = file_path.relative_to(self.settings.root).as_posix()
        folders = (self.settings.docs, self.settings.verify, self.settings.snippets)
        if not path.startswith(tuple(f"{folder}/" for folder in folders)):
            return None
        problems = self.collection.problems_of(path)
        if path not in self.collection.subjects and not problems:
            return None
        return SubjectFile.from_parent(
            parent,
            path=file_path,
            settings=self.settings,
            subjects=self.collection.subjects.get(path, []),
            # A build lists all problems by itself, and still runs what can be run.
            problems=[] if self.evidence_file else problems,
            page=self.collection.pages.get(path),
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> bool | None:
        if not isinstance(item, SubjectItem) or item.parent.is_running:
            return None
        file = item.parent
        if not file.has_run:
            file.has_run = True
            selected = [
                other
                for other in item.session.items
                if isinstance(other, SubjectItem) and other.parent is file
            ]
            self._preload()
            if self.in_place:
                run_here(file, selected, nextitem)
            else:
                run_apart(file, selected, self._send_home)
                if self.evidence_file and file.page:
                    self._compare_outputs(file)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if hasattr(item, "subject"):
            evidence = evidence_of(item, call, report, self.settings.package)
            if evidence:
                report.evidence = evidence.to_json()  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        if self.send:
            self.send(("begin", (nodeid, location)))

    def pytest_runtest_logfinish(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        if self.send:
            self.send(("end", (nodeid, location)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.send:
            hook = self.config.hook
            data = hook.pytest_report_to_serializable(config=self.config, report=report)
            self.send(("report", data))
        elif stored := getattr(report, "evidence", None):
            evidence = Evidence.from_json(stored)
            key = (evidence.subject.kind, evidence.subject.id)
            if key not in self.evidence or self.evidence[key].verdict is Verdict.HOLDS:
                self.evidence[key] = evidence

    def pytest_sessionfinish(self) -> None:
        if self.evidence_file:
            stored = [evidence.to_json() for evidence in self.evidence.values()]
            self.evidence_file.write_text(json.dumps(stored), encoding="utf-8")

    def _send_home(self, send: Send) -> None:
        """From now on, in the process of a file, hand every report to `send`."""
        self.send = send
        self.config.pluginmanager.unregister(name="terminalreporter")

    def _preload(self) -> None:
        """Import once, before the first fork, what every file would import again."""
        if self.has_preloaded:
            return
        self.has_preloaded = True
        for module in self.settings.preload:
            self._import("preload", module)
        module, _, function = self.settings.prepare.partition(":")
        if module and not callable(getattr(self._import("prepare", module), function, None)):
            message = f"pyproject.toml: [tool.claims] prepare: '{module}' has no '{function}'"
            raise pytest.UsageError(message)

    def _import(self, setting: str, module: str) -> ModuleType:
        try:
            return importlib.import_module(module)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            message = f"pyproject.toml: [tool.claims] {setting}: cannot import {module}: {why}"
            raise pytest.UsageError(message) from error

    def _compare_outputs(self, file: SubjectFile) -> None:
        """Run a page's examples once more: an output that is shown must be the same every time."""
        for id_, output in messages_of(functools.partial(send_outputs, file)):
            evidence = self.evidence.get((Kind.EXAMPLE, id_))
            if evidence and evidence.verdict is Verdict.HOLDS and evidence.output != output:
                self.evidence[Kind.EXAMPLE, id_] = replace(
                    evidence,
                    verdict=Verdict.FAILS,
                    expected=f"the same output whenever it is run; first it printed\n"
                    f"{evidence.output.rstrip()}",
                    seen=f"the second time it printed\n{output.rstrip()}",
                    line=evidence.subject.line,
                )
