"""How a file is run by pytest's protocol: in this process, or in one of its own."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from mkdocs_claims.evidence import Evidence, Verdict
from mkdocs_claims.isolation import messages_of
from mkdocs_claims.items import SubjectFile, SubjectItem, runnable

__all__ = ["Send", "run_apart", "run_here"]

Send = Callable[[Any], None]
"""Takes what happens in the process of a file: `("begin" | "report" | "end", content)`."""


def run_here(file: SubjectFile, selected: list[SubjectItem], nextitem: pytest.Item | None) -> None:
    """Run the selected subjects of a file in this process."""
    file.is_running = True
    try:
        items = runnable(file, selected)
        for item, following in zip(items, [*items[1:], nextitem], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if item.session.shouldfail or item.session.shouldstop:
                break
    finally:
        file.is_running = False


def run_apart(
    file: SubjectFile, selected: list[SubjectItem], send_home: Callable[[Send], None]
) -> None:
    """Run the selected subjects of a file in a fork, and report what it sends as if they ran here.

    `send_home` is called in the fork, and sees to it that every report is sent.
    """
    hook = file.config.hook
    waiting = {item.nodeid: item for item in selected}

    def selected_for(nodeid: str) -> str:
        return nodeid if nodeid in waiting else _without_parameters(nodeid)

    begun = ""
    messages = messages_of(functools.partial(_run_and_send, file, selected, send_home))
    try:
        while True:
            kind, content = next(messages)
            if kind == "begin":
                begun = selected_for(content[0])
                hook.pytest_runtest_logstart(nodeid=content[0], location=content[1])
            elif kind == "end":
                waiting.pop(selected_for(content[0]), None)
                begun = ""
                hook.pytest_runtest_logfinish(nodeid=content[0], location=content[1])
            else:
                report = hook.pytest_report_from_serializable(config=file.config, data=content)
                hook.pytest_runtest_logreport(report=report)
            if file.session.shouldfail or file.session.shouldstop:
                messages.close()
                return
    except StopIteration as end:
        ending = end.value or "the process said that it was done, and had not run this"
    culprit = waiting.get(begun)
    for item in waiting.values():
        is_victim = culprit is not None and item is not culprit
        after = f"not run: {ending} at line {culprit.subject.line}" if culprit else ending
        hook.pytest_runtest_logreport(report=_lost(item, after if is_victim else ending))


def _run_and_send(
    file: SubjectFile,
    selected: list[SubjectItem],
    send_home: Callable[[Send], None],
    send: Send,
) -> None:
    send_home(send)
    # What the parent has set up is the parent's to tear down.
    file.session._setupstate = type(file.session._setupstate)()  # noqa: SLF001  # nothing public
    run_here(file, selected, None)


def _lost(item: SubjectItem, why: str) -> pytest.TestReport:
    """Report a subject whose process did not come back from it."""
    evidence = Evidence(item.subject, Verdict.ERROR, expected="it to run to its end", seen=why)
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome="failed",
        longrepr=f"{item.subject.path}:{item.subject.line}: {why}",
        when="call",
        evidence=evidence.to_json(),
    )


def _without_parameters(nodeid: str) -> str:
    """Return the node id of a subject, without the parameters of one of its runs."""
    path, separator, name = nodeid.rpartition("::")
    return f"{path}{separator}{name.partition('[')[0]}"
