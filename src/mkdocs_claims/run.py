"""A run: everything collected is run by pytest in a process of its own, and reported."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mkdocs_claims.collection import Collection, collect
from mkdocs_claims.environment import environment_of
from mkdocs_claims.evidence import Evidence, Report, Subject, Verdict
from mkdocs_claims.problems import Problem
from mkdocs_claims.settings import Settings

__all__ = ["run"]

_LAST_LINES = 30
"""How much of pytest's own output is shown when it could not do its work."""


def run(settings: Settings) -> Report:
    """Check every subject of a project, write the report, and return it.

    The calling process imports nothing of what is checked: neither the package under test nor the
    check modules.
    """
    found = collect(settings)
    problems = list(found.problems)
    if absent := settings.missing():
        reason = f"{' and '.join(absent)} not installed"
        message = (
            f"[tool.claims] needs {' and '.join(absent)}, not installed for this Python "
            f"({sys.executable}), so nothing was checked; install it beside mkdocs-claims"
        )
        problems.append(Problem("pyproject.toml", 0, message))
        evidence = [_unknown(subject, reason) for subject in found.all_subjects()]
    else:
        ended = _run_pytest(settings, found)
        if ended.fault:
            problems.append(Problem("pyproject.toml", 0, ended.fault))
        seen = {(item.subject.kind, item.subject.id): item for item in ended.evidence}
        reason = "pytest could not run" if ended.fault else "pytest did not collect it"
        evidence = [
            seen.get((subject.kind, subject.id)) or _unknown(subject, reason)
            for subject in found.all_subjects()
        ]
    report = Report(
        environment=environment_of(settings),
        pages=[*found.pages, *found.notebooks],
        evidence=evidence,
        skips=found.skips(),
        citations=found.citations(),
        index=found.index(),
        problems=problems,
    )
    _write(settings.report, report.to_json())
    return report


@dataclass(frozen=True)
class _Ended:
    """What is left of a run of pytest."""

    evidence: list[Evidence]
    fault: str


def _run_pytest(settings: Settings, found: Collection) -> _Ended:
    if not found.subjects:
        return _Ended([], "")
    settings.state.mkdir(exist_ok=True)
    (settings.state / ".gitignore").write_text("*\n", encoding="utf-8")
    folders = [
        folder
        for folder in (settings.verify, settings.docs, settings.snippets)
        if any(path.startswith(f"{folder}/") for path in found.subjects)
    ]
    with tempfile.TemporaryDirectory(dir=settings.state) as folder:
        file = Path(folder) / "evidence.json"
        command = [
            *(sys.executable, "-m", "pytest", *folders),
            *("--claims-evidence", str(file), "--rootdir", str(settings.root)),
            *("--continue-on-collection-errors", "-q", "-p", "no:cacheprovider"),
            # What a project's author likes for pytest (-x, -k, -n) must not decide what is built.
            *("-o", "addopts=", "-o", "norecursedirs=.*", "--import-mode=importlib"),
            # A failed assertion is shown whole, and the same wherever it is run.
            *("-o", "verbosity_assertions=2"),
        ]
        environment = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
        ended = subprocess.run(  # noqa: S603  # our own interpreter and arguments
            command,
            cwd=settings.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if ended.returncode in (0, 1, 5) and file.is_file():
            stored = json.loads(file.read_text(encoding="utf-8"))
            return _Ended([Evidence.from_json(item) for item in stored], "")
    tail = "\n".join(ended.stdout.rstrip().splitlines()[-_LAST_LINES:])
    return _Ended([], f"pytest ended with exit code {ended.returncode} and said:\n{tail}")


def _unknown(subject: Subject, reason: str) -> Evidence:
    return Evidence(subject, Verdict.UNKNOWN, expected="it to be run", seen=reason)


def _write(file: Path, text: str) -> None:
    """Write a file so that a reader finds the old text or the new one, never a part."""
    file.parent.mkdir(exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)
