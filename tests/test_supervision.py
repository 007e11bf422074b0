"""Jobs are run side by side, in any order, by any launcher, and come to the same verdicts."""

import dataclasses
import itertools
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mkdocs_claims.collecting import collect
from mkdocs_claims.evidence import Verdict
from mkdocs_claims.forking import Forks
from mkdocs_claims.jobs import Begun, Ended, Job, Message, Seen
from mkdocs_claims.launching import Launcher
from mkdocs_claims.settings import Settings, load
from mkdocs_claims.spawning import Spawns
from mkdocs_claims.supervision import RunError, results_of
from tests.conftest import Project


def _forks(settings: Settings) -> Launcher:
    return Forks(settings, 1)


def _many_forks(settings: Settings) -> Launcher:
    """Return a launcher that has made ready for many files, with its memory in huge pages."""
    launcher = Forks(settings, 1000)
    launcher.expect(1000, 1000)
    return launcher


LAUNCHERS = [
    pytest.param(_forks, id="forks"),
    pytest.param(_many_forks, id="many forks"),
    pytest.param(Spawns, id="interpreters"),
]

WRONG = """\
```python
x = 1
print("x:", x)
```

```python
assert x == 2
```

```python
import os

os._exit(3)
```

```python
assert x == 1
```
"""


@pytest.fixture
def wrong(project: Project) -> Project:
    """Return a project in which one page goes wrong in several ways."""
    project.write("docs/wrong.md", WRONG)
    project.write("docs/slow.md", "```python timeout='1'\nwhile True: pass\n```\n")
    return project


def jobs_of(settings: Settings) -> list[Job]:
    """Return the job of every file of a project."""
    found = collect(settings)
    return [
        Job(settings, path, subjects, found.pages.get(path))
        for path, subjects in found.subjects.items()
    ]


def verdicts_of(messages: list[tuple[Job, Message]]) -> dict[str, tuple[str, str, int]]:
    """Return verdict, what was seen and the line of each subject."""
    return {
        message.evidence.subject.id: (
            message.evidence.verdict.value,
            message.evidence.seen,
            message.evidence.line,
        )
        for _, message in messages
        if isinstance(message, Seen) and message.evidence
    }


@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize("at_once", [1, 3])
def test_verdicts_are_the_same_in_any_order_with_any_number_of_jobs(
    wrong: Project, launcher: Callable[[Settings], Launcher], at_once: int
) -> None:
    settings = load(wrong.root)
    jobs = jobs_of(settings)

    forward = list(results_of(settings, deque(jobs), at_once, launcher(settings)))
    backward = list(results_of(settings, deque(jobs[::-1]), at_once, launcher(settings)))

    exit_ = "the process ended with exit code 3 before it was done"
    expected = {
        **{subject.id: ("holds", "", 0) for job in jobs for subject in job.subjects},
        "docs/slow.md:1": ("error", "it was still running after 1 s, and was ended", 2),
        "docs/wrong.md:6": ("fails", "assert 1 == 2", 7),
        "docs/wrong.md:10": ("error", exit_, 0),
        "docs/wrong.md:16": ("error", f"not run: {exit_} at line 10", 0),
    }
    assert expected == verdicts_of(forward)
    assert expected == verdicts_of(backward)
    assert sorted(job.path for job in jobs) == sorted(
        job.path for job, message in forward if isinstance(message, Ended)
    )


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_what_cannot_be_imported_is_told_at_once(
    project: Project, launcher: Callable[[Settings], Launcher]
) -> None:
    project.append("pyproject.toml", 'preload = ["verify.gone"]\n')
    settings = load(project.root)

    with pytest.raises(RunError) as raised:
        list(results_of(settings, deque(jobs_of(settings)), 2, launcher(settings)))

    assert str(raised.value) == (
        "pyproject.toml: [tool.claims] preload: cannot import verify.gone: "
        "ModuleNotFoundError: No module named 'verify.gone'"
    )


def test_no_more_jobs_are_at_work_than_may_be_at_once(project: Project) -> None:
    settings = load(project.root)
    begun: list[str] = []

    for job, message in results_of(settings, deque(jobs_of(settings)), 1):
        if isinstance(message, Begun):
            begun.append(job.path)

    assert list(dict.fromkeys(begun)) == [path for path, _ in itertools.groupby(begun)]


def test_a_job_that_is_added_is_run(project: Project) -> None:
    settings = load(project.root)
    first, second, *_ = jobs_of(settings)
    jobs = deque([first])
    ended = []

    for job, message in results_of(settings, jobs, 1):
        if isinstance(message, Ended):
            ended.append(job.path)
            if len(ended) == 1:
                jobs.append(second)

    assert [first.path, second.path] == ended


def test_an_assertion_that_fails_once_is_not_believed_when_it_holds_again(
    project: Project, tmp_path: Path
) -> None:
    """To tell the values in it, the page is run again from its top."""
    mark = tmp_path / "was-here"
    code = (
        f"from pathlib import Path\nmark = Path({str(mark)!r})\n"
        "was_here = mark.exists()\nmark.touch()"
    )
    project.write("docs/flaky.md", f"```python\n{code}\nassert was_here\n```\n")
    settings = load(project.root)
    jobs = deque(job for job in jobs_of(settings) if job.path == "docs/flaky.md")

    (seen,) = [m for _, m in results_of(settings, jobs, 1) if isinstance(m, Seen)]

    assert seen.evidence is not None
    assert (Verdict.FAILS, "an assertion that failed, and held when it was run again") == (
        seen.evidence.verdict,
        seen.evidence.seen,
    )


def test_only_selected_subjects_are_reported(wrong: Project) -> None:
    settings = load(wrong.root)
    (job,) = [job for job in jobs_of(settings) if job.path == "docs/wrong.md"]
    second = dataclasses.replace(job, subjects=job.subjects[1:2])

    messages = list(results_of(settings, deque([second]), 1))

    assert {"docs/wrong.md:6": ("fails", "assert 1 == 2", 7)} == verdicts_of(messages)


def test_the_end_of_the_server_is_heard_last_and_leaves_no_folder(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it seems that no process has ever started, and that nothing can be run."""
    project.write(
        "docs/ends.md",
        "```python\nimport os, time\nos.kill(os.getppid(), 9)\ntime.sleep(60)\n```\n",
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    settings = load(project.root)
    job_of = {job.path: job for job in jobs_of(settings)}
    launcher = Forks(settings, 2)
    launcher.launch(1, job_of["docs/index.md"])
    # What was heard of last is the first to be heard of again, when both have something to say.
    while (happening := launcher.next(60)) and happening.what != "ended":
        continue

    launcher.launch(2, job_of["docs/ends.md"])
    end = time.monotonic() + 60
    while any(temporary.iterdir()) and time.monotonic() < end:
        time.sleep(0.05)
    heard = itertools.takewhile(lambda what: what != "gone", _heard(launcher))

    assert ["line", "line"] == list(heard)
    assert [] == list(temporary.iterdir())
    launcher.close()


def _heard(launcher: Launcher) -> Iterator[str]:
    while happening := launcher.next(60):
        yield happening.what
