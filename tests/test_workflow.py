"""What runs on GitHub has as few rights as it can."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
WORKFLOW: dict[Any, Any] = yaml.safe_load(
    (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
)
JOBS: dict[str, Any] = WORKFLOW["jobs"]


def test_every_action_is_pinned_by_a_commit() -> None:
    actions = [step["uses"] for job in JOBS.values() for step in job["steps"] if "uses" in step]

    assert len(actions) == 4
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in actions)


def test_only_the_job_that_publishes_may_write_and_it_checks_nothing_out() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [name for name, job in JOBS.items() if "permissions" in job] == ["publish"]
    assert JOBS["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert [step["uses"].partition("@")[0] for step in JOBS["publish"]["steps"]] == [
        "actions/deploy-pages"
    ]


def test_only_main_is_published_and_only_after_the_gates() -> None:
    from_main = "github.event_name == 'push' && github.ref == 'refs/heads/main'"

    assert JOBS["publish"]["if"] == from_main
    assert JOBS["publish"]["needs"] == "check"
    assert [step.get("run") for step in JOBS["check"]["steps"] if "run" in step] == [
        "make test",
        "make site FRESH=1 RECIPES=1",
    ]


def test_a_fork_runs_without_secrets() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")

    # YAML reads the key `on` as true.
    assert set(WORKFLOW[True]) == {"pull_request", "push"}
    assert "secrets." not in text
    assert JOBS["check"]["steps"][0]["with"] == {"persist-credentials": False}
