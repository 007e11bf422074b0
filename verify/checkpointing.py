"""Claims about `torch.utils.checkpoint`: what is kept, what runs twice, what goes unnoticed.

It is longer than other modules: each check is read by itself, next to the claim that it is for.

It is as long as its list of claims is: each is read by itself.
"""

import re
import warnings
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.checkpoint import CheckpointError, checkpoint

from mkdocs_claims import claim
from verify import counterfactuals

Block = Callable[[torch.Tensor], torch.Tensor]
Run = Callable[[Block, torch.Tensor], torch.Tensor]

NO_INPUT = "None of the inputs have requires_grad=True. Gradients will be None"


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda block, values: checkpoint(block, values, use_reentrant=False),
)
def reentrant_checkpoint_with_plain_inputs_leaves_its_block_untrained(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=True),
) -> None:
    """With inputs that need no gradient, a reentrant checkpoint warns and trains its block not."""
    block, head = nn.Linear(1, 1), nn.Linear(1, 1)

    with pytest.warns(UserWarning, match=f"^{re.escape(NO_INPUT)}$") as caught:
        hidden = run(block, torch.ones(1, 1))
    head(hidden).backward()

    assert hidden.requires_grad is False
    assert block.weight.grad is None
    assert torch.equal(head.weight.grad, hidden)
    print(caught[0].message)


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda values: values.clone(),
)
def reentrant_checkpoint_trains_its_block_once_an_input_requires_grad(
    prepare: Block = lambda values: values.requires_grad_(),
) -> None:
    """With an input that requires grad, a reentrant checkpoint gives its block the gradient."""
    block = nn.Linear(1, 1)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=NO_INPUT)
        out = checkpoint(block, prepare(torch.ones(1, 1)), use_reentrant=True)

    assert out.requires_grad is True

    out.backward()

    assert block.weight.grad.tolist() == [[1.0]]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda block, values: checkpoint(block, values.clone(), use_reentrant=True),
)
def checkpoint_that_is_not_reentrant_takes_plain_inputs(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=False),
) -> None:
    """`checkpoint(..., use_reentrant=False)` trains its block with plain inputs, too."""
    block = nn.Linear(1, 1)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=NO_INPUT)
        out = run(block, torch.ones(1, 1))

    assert out.requires_grad is True

    out.backward()

    assert block.weight.grad.tolist() == [[1.0]]


@claim(rival=lambda block, values: checkpoint(block, values, use_reentrant=False))
def checkpoint_without_use_reentrant_warns_and_is_reentrant(
    run: Run = checkpoint,
) -> None:
    """`checkpoint()` without `use_reentrant` warns, and runs its block first with grad mode off."""
    modes = []

    def block(values: torch.Tensor) -> torch.Tensor:
        modes.append(torch.is_grad_enabled())
        return values * 2

    message = "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly."
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}") as caught:
        run(block, torch.ones(1, requires_grad=True))

    assert modes == [False]
    print(caught[0].message)


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda block, values: checkpoint(block, values, use_reentrant=False),
)
def reentrant_checkpoint_runs_its_block_under_no_grad_then_with_grad(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=True),
) -> None:
    """A reentrant checkpoint runs its block with grad off, and in `backward()` again with it on."""
    modes = []

    def block(values: torch.Tensor) -> torch.Tensor:
        modes.append(torch.is_grad_enabled())
        return values * values

    out = run(block, torch.ones(1, requires_grad=True))
    in_forward = list(modes)
    out.backward()

    assert in_forward == [False]
    assert modes == [False, True]


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda block, values: checkpoint(block, values, use_reentrant=True),
)
def checkpoint_that_is_not_reentrant_runs_its_block_with_grad_both_times(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=False),
) -> None:
    """With `use_reentrant=False` a block sees grad mode on in the forward pass and in backward."""
    modes = []

    def block(values: torch.Tensor) -> torch.Tensor:
        modes.append(torch.is_grad_enabled())
        return values * values

    out = run(block, torch.ones(1, requires_grad=True))
    in_forward = list(modes)
    out.backward()

    assert in_forward == [True]
    assert modes == [True, True]


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda block, values: checkpoint(block, values, use_reentrant=True),
)
def second_run_that_is_not_reentrant_stops_at_the_last_saved_tensor(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=False),
) -> None:
    """With `use_reentrant=False` the second run ends once it has saved what backward needs."""
    reached = []

    def block(values: torch.Tensor) -> torch.Tensor:
        reached.append("start")
        result = values * values
        reached.append("end")
        return result + 1

    run(block, torch.ones(1, requires_grad=True)).backward()

    assert reached == ["start", "end", "start"]


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing],
    rival=lambda block, values, _reentrant: block(block(values)),
)
def checkpoint_under_no_grad_runs_its_block_once(
    run: Callable[[Block, torch.Tensor, bool], torch.Tensor] = lambda block, values, reentrant: (
        checkpoint(block, values, use_reentrant=reentrant)
    ),
) -> None:
    """Under `no_grad` a checkpoint of either kind runs its block once and records nothing."""
    for reentrant in (True, False):
        runs = []

        def block(values: torch.Tensor, runs: list[bool] = runs) -> torch.Tensor:
            runs.append(torch.is_grad_enabled())
            return values * values

        with torch.no_grad():
            out = run(block, torch.ones(1, requires_grad=True), reentrant)

        assert runs == [False]
        assert out.requires_grad is False


@claim(
    refuted_by=[counterfactuals.backward_moves_the_parameters],
    rival=lambda block, values: block(values),
)
def checkpoint_keeps_its_inputs_and_nothing_in_between(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=False),
) -> None:
    """A checkpoint keeps 1 tensor where its block alone keeps 5, for equal gradients."""
    block = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2), nn.Tanh())
    inputs = torch.ones(3, 2)
    gradients = []
    kept: list[int] = []

    for go in (lambda block, values: block(values), run):
        saved: list[int] = []
        with saved_tensors_hooks(lambda one, saved=saved: saved.append(1) or one, lambda one: one):
            out = go(block, inputs)
        kept.append(len(saved))
        block.zero_grad()
        out.sum().backward()
        gradients.append(block[0].weight.grad)

    assert torch.equal(*gradients)
    assert kept == [5, 1]


@claim(
    refuted_by=[counterfactuals.running_statistics_never_move],
    rival=lambda block, values: block(values),
)
def batch_norm_in_a_checkpoint_counts_each_batch_twice(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=False),
) -> None:
    """In a checkpoint a batch norm moves its running mean in the forward pass and in backward."""
    norm = nn.BatchNorm1d(1, momentum=0.5)
    values = torch.tensor([[0.0], [8.0]], requires_grad=True)

    out = run(norm, values)
    after_forward = norm.running_mean.item()
    out.sum().backward()

    assert after_forward == 2.0
    assert norm.running_mean.item() == 3.0
    assert norm.num_batches_tracked.item() == 2


@claim(
    refuted_by=[counterfactuals.running_statistics_never_move],
    rival=lambda momentum: momentum,
)
def smaller_momentum_makes_up_for_the_second_run_of_a_batch_norm(
    adapt: Callable[[float], float] = lambda momentum: 1 - (1 - momentum) ** 0.5,
) -> None:
    """With a momentum of `1 - sqrt(1 - m)` two runs move a running mean as far as one with `m`."""
    values = torch.tensor([[0.0], [8.0]], requires_grad=True)
    once, twice = nn.BatchNorm1d(1, momentum=0.75), nn.BatchNorm1d(1, momentum=adapt(0.75))

    once(values).sum().backward()
    checkpoint(twice, values, use_reentrant=False).sum().backward()

    assert once.running_mean.item() == 3.0
    assert twice.running_mean.item() == 3.0
    assert torch.allclose(once.running_var, twice.running_var)


@claim(
    refuted_by=[counterfactuals.dropout_never_drops],
    rival=lambda block, values: checkpoint(
        block, values, use_reentrant=False, preserve_rng_state=False
    ),
)
def checkpoint_drops_the_same_values_twice(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=False),
) -> None:
    """In a checkpoint, dropout drops the same values in the second run as in the first."""
    values = torch.ones(100, requires_grad=True)

    out = run(nn.Dropout(0.5), values)
    out.sum().backward()

    assert torch.equal(values.grad, out)
    assert (out == 0).any()


@claim(
    refuted_by=[counterfactuals.dropout_never_drops],
    rival=lambda block, values: checkpoint(block, values, use_reentrant=False),
)
def checkpoint_without_the_rng_state_drops_other_values_in_backward(
    run: Run = lambda block, values: checkpoint(
        block, values, use_reentrant=False, preserve_rng_state=False
    ),
) -> None:
    """With `preserve_rng_state=False` the gradient is that of values which dropout had dropped."""
    values = torch.ones(100, requires_grad=True)

    out = run(nn.Dropout(0.5), values)
    out.sum().backward()

    assert values.grad[out == 0].any()


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda block, values: checkpoint(block, values, use_reentrant=False),
)
def reentrant_checkpoint_refuses_autograd_grad(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=True),
) -> None:
    """`torch.autograd.grad` through a reentrant checkpoint raises; `backward()` works."""
    values = torch.ones(1, requires_grad=True)

    message = "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad()"
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        torch.autograd.grad(run(torch.exp, values), values)
    run(torch.exp, values).backward()

    assert torch.equal(values.grad, values.exp())
    print(caught.value)


@claim(
    rival=lambda block, values: checkpoint(
        lambda given: block(given["values"]), {"values": values}, use_reentrant=False
    )
)
def reentrant_checkpoint_overlooks_tensors_in_a_dictionary(
    run: Run = lambda block, values: checkpoint(
        lambda given: block(given["values"]), {"values": values}, use_reentrant=True
    ),
) -> None:
    """A tensor handed to a reentrant checkpoint within a dictionary gets no gradient."""
    values = torch.ones(1, requires_grad=True)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=NO_INPUT)
        out = run(torch.exp, values)

    assert out.requires_grad is False


@claim(rival=lambda block, values: checkpoint(block, values, scale=2, use_reentrant=False))
def reentrant_checkpoint_refuses_keyword_arguments(
    run: Run = lambda block, values: checkpoint(block, values, scale=2, use_reentrant=True),
) -> None:
    """A reentrant checkpoint raises for a keyword argument of its block."""

    def block(values: torch.Tensor, scale: int) -> torch.Tensor:
        return values * scale

    with pytest.raises(ValueError, match=r"^Unexpected keyword arguments: scale$") as caught:
        run(block, torch.ones(1, requires_grad=True))

    print(caught.value)


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.backward_adds_gradients_twice],
    rival=lambda block, values: block(values),
)
def weight_changed_before_backward_goes_unnoticed_in_a_checkpoint(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=False),
) -> None:
    """After a step between forward and backward, a checkpoint uses the new weight, silently."""
    weight = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    values = torch.ones(1, requires_grad=True)

    out = run(lambda values: (weight * values) ** 2, values)
    weight.grad = torch.tensor([-2.0])
    optimizer.step()
    out.backward()

    assert weight.item() == 3.0
    assert values.grad.tolist() == [18.0]


@claim(rival=lambda block, values: checkpoint(block, values, use_reentrant=True))
def checkpoint_that_is_not_reentrant_notices_another_second_run(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=False),
) -> None:
    """If the second run saves fewer tensors, `use_reentrant=False` raises a `CheckpointError`."""
    runs = []

    def block(values: torch.Tensor) -> torch.Tensor:
        runs.append(values)
        return values.exp().exp() if len(runs) == 1 else values.exp()

    out = run(block, torch.ones(1, requires_grad=True))
    message = (
        "torch.utils.checkpoint: A different number of tensors was saved during the original "
        "forward and recomputation."
    )
    with pytest.raises(CheckpointError, match=f"^{re.escape(message)}") as caught:
        out.backward()

    print(str(caught.value).splitlines()[0])


@claim(rival=lambda block, values: checkpoint(block, values, use_reentrant=False))
def reentrant_checkpoint_takes_the_gradient_of_its_second_run(
    run: Run = lambda block, values: checkpoint(block, values, use_reentrant=True),
) -> None:
    """If the second run of a reentrant checkpoint differs, that one's gradient comes, silently."""
    values = torch.ones(1, requires_grad=True)
    factors = [2.0, 5.0]

    out = run(lambda values: values * factors.pop(0), values)
    out.backward()

    assert values.grad.tolist() == [5.0]
