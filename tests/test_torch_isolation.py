"""With torch in the parent, forks are safe, and no page sees what another did to torch."""

import shutil
from collections import Counter, deque
from pathlib import Path

import pytest

from mkdocs_claims.collecting import collect
from mkdocs_claims.jobs import Job, Seen
from mkdocs_claims.settings import load
from mkdocs_claims.supervision import results_of
from tests.conftest import PROJECTS, Project

CLEAN = """\
```python
import os
import threading

import torch

assert torch.is_grad_enabled()
assert not torch.is_inference_mode_enabled()
assert torch.get_default_dtype() is torch.float32
assert torch.get_num_threads() == 1
assert not torch.are_deterministic_algorithms_enabled()
assert torch.no_grad.__module__ == "torch.autograd.grad_mode"
assert threading.active_count() == 1
assert "LEAKED" not in os.environ
print("seed", torch.initial_seed(), torch.rand(2).tolist())
```
"""
LEAKS = {
    "grad mode": "torch.set_grad_enabled(False)",
    "inference mode": "torch.inference_mode().__enter__()",
    "default dtype": "torch.set_default_dtype(torch.float64)",
    "seed": "torch.manual_seed(7); torch.rand(3)",
    "thread count": "torch.set_num_threads(2)",
    "deterministic algorithms": "torch.use_deterministic_algorithms(True)",
    "patched torch": "torch.no_grad = torch.enable_grad",
    "thread": "import threading; threading.Thread(target=threading.Event().wait).start()",
    "environment": "import os; os.environ['LEAKED'] = 'yes'",
}
PARALLEL = """\
```python
import torch

torch.set_num_threads(2)
x = torch.full((400_000,), 0.5, requires_grad=True)
x.sin().sum().backward()
assert torch.equal(x.grad, torch.full_like(x, 0.5).cos())
assert (torch.ones(600, 600) @ torch.ones(600, 600))[0, 0] == 600
```
"""


@pytest.fixture
def torch_project(tmp_path: Path) -> Project:
    """Return a project about torch with one claim and no pages but its index."""
    shutil.copytree(PROJECTS / "torch", tmp_path / "torch")
    return Project(tmp_path / "torch")


def test_no_page_sees_what_another_did_to_torch(torch_project: Project) -> None:
    """Each page that leaks is run between two that would see it; all print the same numbers."""
    for number, code in enumerate(LEAKS.values()):
        torch_project.write(f"docs/{number}-leak.md", f"```python\nimport torch\n\n{code}\n```\n")
        torch_project.write(f"docs/{number}-page.md", CLEAN)

    ended = torch_project.build()

    assert (0, "") == (ended.code, ended.output)
    outputs = Counter(
        item["output"]
        for item in torch_project.report()["evidence"]
        if item["subject"]["path"].endswith("-page.md")
    )
    ((output, count),) = outputs.items()
    assert output.startswith("seed 0 [")
    assert count == len(LEAKS)


def test_a_thousand_forks_that_work_in_parallel_all_come_to_their_end(
    torch_project: Project,
) -> None:
    """A parent that has worked in parallel would let each of them hang."""
    torch_project.write("docs/parallel.md", PARALLEL)
    settings = load(torch_project.root)
    found = collect(settings)
    path = "docs/parallel.md"
    job = Job(settings, path, found.subjects[path], found.pages[path])

    verdicts = Counter(
        message.evidence.verdict.value
        for _, message in results_of(settings, deque([job] * 1000), 2)
        if isinstance(message, Seen) and message.evidence
    )

    assert {"holds": 1000} == verdicts
