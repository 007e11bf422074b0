"""The child: the process of one file, from its first line to the word that it is done."""

import functools
import json
import os
import time
from dataclasses import replace
from typing import Any

from mkdocs_claims.containment import Watch, contain, move_up
from mkdocs_claims.evidence import Evidence, Kind, Verdict
from mkdocs_claims.jobs import Job, Send, packed
from mkdocs_claims.outcomes import judged
from mkdocs_claims.running import FileRun, prepare
from mkdocs_claims.verdicts import MismatchError

__all__ = ["work"]


def work(job: Job, watch: Watch, descriptor: int, folder: str) -> None:
    """Run the file of a job; what happens is written to a descriptor, a line of JSON each."""
    high = move_up(descriptor)
    contain(folder, job.settings.memory)
    watch.begin()
    send = functools.partial(_send, high)
    send({"started": True})
    fault = None
    try:
        prepare(job.settings)
    except BaseException as error:  # noqa: BLE001  # an author's code may raise anything
        fault = error
    files: list[str] = []
    if job.kind is Kind.CLAIM and not fault:
        from mkdocs_claims.check_session import run_checks  # noqa: PLC0415  # imports pytest

        run_checks(job, folder, send, watch)
    else:
        files = _run_file(job, fault, send)
    read = sorted({*files, *watch.files()})
    send({"done": True, "files": read, "has_spawned": watch.has_spawned})


def _run_file(job: Job, fault: BaseException | None, send: Send) -> list[str]:
    """Run the subjects of a page, snippet or notebook; a fault keeps all of them from running.

    Returns the files that another process read for it.
    To make assertions tell their values takes longer than to run them, so that is done in a second
    run, after one has failed.
    """
    waiting: list[dict[str, Any]] = []
    """What is sent when the next subject begins: fewer words wake the other side less often."""
    run = FileRun(job.settings, job.path, job.page, shows_values=bool(job.failed))
    for subject in job.subjects:
        send(*waiting, {"begin": subject.name})
        began = time.perf_counter()
        raised = fault
        if not fault:
            try:
                run.run(subject)
            except BaseException as error:  # noqa: BLE001  # as above
                raised = error
        if _is_worth_another_run(raised, job):
            send({"again": subject.name})
            return []
        evidence = judged(
            Evidence(
                subject,
                Verdict.HOLDS,
                output=run.output,
                raised=run.raised,
                pictures=run.pictures,
                seconds=round(time.perf_counter() - began, 4),
            ),
            raised,
            run.file,
            job.settings.package,
            is_preparation=fault is not None,
        )
        if subject.name == job.failed and not raised:
            evidence = replace(
                evidence,
                verdict=Verdict.FAILS,
                expected="the same whenever it is run",
                seen="an assertion that failed, and held when it was run again",
                line=subject.line,
            )
        message: dict[str, Any] = {"name": subject.name, "seen": packed(evidence)}
        if raised and job.is_told:
            from mkdocs_claims.telling import told  # noqa: PLC0415  # as above

            message["told"] = told(raised, subject, job)
        waiting = [message]
    send(*waiting)
    return run.files


def _is_worth_another_run(raised: BaseException | None, job: Job) -> bool:
    is_assertion = isinstance(raised, AssertionError) and not isinstance(raised, MismatchError)
    return is_assertion and not job.failed and not job.is_repeated


def _send(descriptor: int, *messages: dict[str, Any]) -> None:
    waiting = memoryview("".join(f"{json.dumps(message)}\n" for message in messages).encode())
    while waiting:
        waiting = waiting[os.write(descriptor, waiting) :]
