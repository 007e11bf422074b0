"""Claims about a parameter that DDP meets twice in one step, and its warning that it met them all.

As in `verify/several_processes.py`, process 0 has 1 as its input and process 1 has 3: a gradient
of 2 is the average of both.
"""

import os
import re
import warnings
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryFile
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.checkpoint import checkpoint

from mkdocs_claims import claim
from snippets.two_processes import in_two_processes
from verify import counterfactuals

Run = Callable[[nn.Module, torch.Tensor], torch.Tensor]
Call = Callable[[nn.Module, torch.Tensor], torch.Tensor]

TWICE = (
    r"(?s)^Expected to mark a variable ready only once\..*with name second\.weight has been marked"
)

_reentrant = partial(checkpoint, use_reentrant=True)
_not_reentrant = partial(checkpoint, use_reentrant=False)


class Two(nn.Module):
    """Two weights of 1; the second runs as `run` has it, as often as `times` says."""

    def __init__(self, run: Run, times: int = 1) -> None:
        super().__init__()
        self.first = nn.Linear(1, 1, bias=False)
        self.second = nn.Linear(1, 1, bias=False)
        for layer in (self.first, self.second):
            nn.init.ones_(layer.weight)
        self.run, self.times = run, times

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # noqa: D102
        x = self.first(x)
        for _ in range(self.times):
            x = self.run(self.second, x)
        return x


def _call(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return model(x).sum()


def _gradients(
    rank: int, run: Run, times: int = 1, call: Call = _call, **how: bool
) -> list[float | None]:
    """Return the gradients of the first weight and the second, after two steps."""
    model = DistributedDataParallel(Two(run, times), **how)
    for _ in range(2):
        model.zero_grad()
        call(model, torch.tensor([[1.0 + 2 * rank]])).backward()
    return [None if p.grad is None else p.grad.item() for p in model.parameters()]


@claim(
    refuted_by=[
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.errors_say_something_else,
    ],
    rival=_not_reentrant,
)
def ddp_that_finds_unused_parameters_refuses_a_reentrant_checkpoint(run: Run = _reentrant) -> None:
    """With `find_unused_parameters=True` a reentrant checkpoint raises; without it all is well."""
    assert in_two_processes(partial(_gradients, run=run)) == [[2.0, 2.0]] * 2
    found = partial(_gradients, run=_not_reentrant, find_unused_parameters=True)
    assert in_two_processes(found) == [[2.0, 2.0]] * 2

    with pytest.raises(RuntimeError, match=TWICE) as caught:
        in_two_processes(partial(_gradients, run=run, find_unused_parameters=True))
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.errors_say_something_else,
    ],
    rival=_not_reentrant,
)
def ddp_refuses_a_layer_in_two_reentrant_checkpoints(run: Run = _reentrant) -> None:
    """One layer in two reentrant checkpoints raises; with `use_reentrant=False` it is averaged."""
    not_reentrant = partial(_gradients, run=_not_reentrant, times=2)
    assert in_two_processes(not_reentrant) == [[2.0, 4.0]] * 2

    with pytest.raises(RuntimeError, match=TWICE):
        in_two_processes(partial(_gradients, run=run, times=2))


@claim(
    refuted_by=[
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.errors_say_something_else,
    ],
    rival=_not_reentrant,
)
def ddp_refuses_two_passes_with_a_reentrant_checkpoint_and_one_backward(
    run: Run = _reentrant,
) -> None:
    """Two passes with a reentrant checkpoint and one `backward()` raise; not reentrant, they do."""

    def two_passes(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
        return (model(x) + model(x)).sum()

    not_reentrant = partial(_gradients, run=_not_reentrant, call=two_passes)
    assert in_two_processes(not_reentrant) == [[4.0, 4.0]] * 2

    with pytest.raises(RuntimeError, match=TWICE):
        in_two_processes(partial(_gradients, run=run, call=two_passes))


@claim(refuted_by=[counterfactuals.zero_grad_does_nothing], rival=DistributedDataParallel)
def ddp_with_a_static_graph_takes_reentrant_checkpoints(
    wrap: Callable[[nn.Module], nn.Module] = lambda module: DistributedDataParallel(
        module, static_graph=True
    ),
) -> None:
    """`static_graph=True` averages a layer in two reentrant checkpoints, in both steps."""

    def work(rank: int) -> list[float]:
        model = wrap(Two(_reentrant, times=2))
        for _ in range(2):
            model.zero_grad()
            model(torch.tensor([[1.0 + 2 * rank]])).sum().backward()
        return [p.grad.item() for p in model.parameters()]

    assert in_two_processes(work) == [[2.0, 4.0]] * 2


@claim(
    refuted_by=[
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.errors_say_something_else,
    ],
    rival=lambda second, x: second(x),
)
def ddp_that_finds_unused_parameters_refuses_one_used_outside_forward(
    left_out: Run = lambda second, x: x,  # noqa: ARG005  # it is left out
) -> None:
    """A weight that `forward` leaves out and the loss adds raises, if unused ones are found."""

    def outside(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
        return model(x).sum() + model.module.second.weight.sum()

    without = partial(_gradients, run=left_out, call=outside)
    assert in_two_processes(without) == [[2.0, 1.0]] * 2

    with pytest.raises(RuntimeError, match=TWICE):
        in_two_processes(partial(without, find_unused_parameters=True))


@claim(rival=_not_reentrant)
def ddp_silently_parts_where_its_only_layer_is_in_two_reentrant_checkpoints(
    run: Run = _reentrant,
) -> None:
    """If the layer in two reentrant checkpoints is all of the model, no error: they part."""

    def work(rank: int) -> float:
        layer = nn.Linear(1, 1, bias=False)
        nn.init.ones_(layer.weight)
        model = DistributedDataParallel(Repeated(layer, run))
        model(torch.tensor([[1.0 + 2 * rank]], requires_grad=True)).sum().backward()
        return layer.weight.grad.item()

    assert in_two_processes(work) == [3.0, 5.0]


class Repeated(nn.Module):
    """A layer that runs twice."""

    def __init__(self, layer: nn.Module, run: Run) -> None:
        super().__init__()
        self.layer, self.run = layer, run

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # noqa: D102
        return self.run(self.layer, self.run(self.layer, x))


@claim(rival=lambda one, other: (one + other).backward())
def ddp_averages_only_the_first_of_two_backwards_after_two_passes(
    backward: Callable[[torch.Tensor, torch.Tensor], Any] = lambda one, other: (
        one.backward(),
        other.backward(),
    ),
) -> None:
    """Two passes, then a `backward()` for each: the second one's gradient is not averaged."""

    def work(rank: int) -> list[float]:
        model = DistributedDataParallel(Two(lambda layer, x: layer(x)))
        x = torch.tensor([[1.0 + 2 * rank]])
        backward(model(x).sum(), model(x).sum())
        return [p.grad.item() for p in model.parameters()]

    assert in_two_processes(work) == [[3.0, 3.0], [5.0, 5.0]]


@claim(rival=lambda second, x: x)  # noqa: ARG005  # as the other has it
def ddp_that_finds_no_unused_parameter_says_so_on_standard_error(
    run: Run = lambda second, x: second(x),
) -> None:
    """Using all, `find_unused_parameters=True` writes a line to `stderr`, and no Python warning."""
    before = "find_unused_parameters=True was specified in DDP constructor, but did not find any"

    def work(rank: int) -> tuple[str, int]:
        torch.set_warn_always(True)  # else it comes once in a process
        kept = os.dup(2)
        with TemporaryFile() as file, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            os.dup2(file.fileno(), 2)
            try:
                model = DistributedDataParallel(Two(run), find_unused_parameters=True)
                model(torch.tensor([[1.0 + 2 * rank]])).sum().backward()
            finally:
                os.dup2(kept, 2)
                os.close(kept)
                torch.set_warn_always(False)
            file.seek(0)
            return file.read().decode(), len(caught)

    for written, warned in in_two_processes(work):
        assert re.search(rf"reducer\.cpp:\d+\] Warning: {before} unused parameters", written)
        assert warned == 0
