"""Claims about several `backward()` calls: accumulation, several losses, two optimizers."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Scale = Callable[[torch.Tensor, int], torch.Tensor]


@claim(
    refuted_by=[counterfactuals.backward_overwrites, counterfactuals.backward_adds_gradients_twice],
    rival=lambda loss, _parts: loss,
)
def means_of_equal_parts_must_be_divided_by_their_number(
    scale: Scale = lambda loss, parts: loss / parts,
) -> None:
    """Means of equal parts, divided by their number, add up to the gradient of the batch's mean."""
    batch = torch.tensor([1.0, 2.0, 3.0, 6.0])
    weight = nn.Parameter(torch.ones(1))

    (weight * batch).mean().backward()
    of_the_batch = weight.grad.item()
    weight.grad = None
    for part in batch.chunk(2):
        scale((weight * part).mean(), 2).backward()

    assert of_the_batch == 3.0
    assert weight.grad.item() == 3.0


@claim(
    refuted_by=[counterfactuals.backward_overwrites, counterfactuals.backward_adds_gradients_twice],
    rival=lambda loss, part, batch: loss * len(part) / len(batch),
)
def mean_of_means_is_wrong_for_parts_of_unequal_size(
    scale: Callable[
        [torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor
    ] = lambda loss, _part, _batch: loss / 2,
) -> None:
    """Divided by the number of parts, the mean of a smaller last part counts too much."""
    batch = torch.tensor([1.0, 2.0, 3.0, 6.0])
    weight = nn.Parameter(torch.ones(1))

    for part in batch.split(3):
        scale((weight * part).mean(), part, batch).backward()
    divided_by_two = weight.grad.item()
    weight.grad = None
    for part in batch.split(3):
        ((weight * part).sum() / len(batch)).backward()

    assert divided_by_two == 4.0
    assert weight.grad.item() == 3.0


@claim(
    refuted_by=[counterfactuals.running_statistics_never_move],
    rival=lambda norm, batch: norm(batch),
)
def batch_norm_sees_each_part_and_not_the_whole_batch(
    run: Callable[[nn.Module, torch.Tensor], object] = lambda norm, batch: [
        norm(part) for part in batch.chunk(2)
    ],
) -> None:
    """With accumulation a batch norm normalises each part by itself, and moves once for each."""
    norm = nn.BatchNorm1d(1, momentum=0.5)

    run(norm, torch.tensor([[0.0], [2.0], [8.0], [10.0]]))

    assert norm.num_batches_tracked.item() == 2
    assert norm.running_mean.item() == 4.75


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda weights: nn.utils.clip_grad_norm_(weights, 0.5),
)
def clipping_before_backward_clips_nothing(
    clip: Callable[[list[nn.Parameter]], torch.Tensor] = lambda weights: nn.utils.clip_grad_norm_(
        weights, 1.0
    ),
) -> None:
    """`clip_grad_norm_` clips nothing before `backward()`; after it, it limits the norm."""
    weight = nn.Parameter(torch.ones(2))

    clip([weight])
    (weight * torch.tensor([3.0, 4.0])).sum().backward()
    not_clipped = weight.grad.tolist()
    norm = clip([weight])

    assert not_clipped == [3.0, 4.0]
    assert norm.item() == 5.0
    assert torch.allclose(weight.grad, torch.tensor([0.6, 0.8]))


@claim(
    refuted_by=[
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.zero_grad_fills_with_zeros,
    ]
)
def backward_fills_gradients_of_parameters_of_the_other_optimizer() -> None:
    """One `backward()` fills the gradients for both of two optimizers; each clears its own only."""
    weights = [nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))]
    first, second = (torch.optim.SGD([weight], lr=0.25) for weight in weights)

    (weights[0] * 2 + weights[1] * 3).backward()
    filled = [weight.grad.item() for weight in weights]
    first.zero_grad()
    after_the_first = weights[0].grad, weights[1].grad.item()
    second.zero_grad()

    assert filled == [2.0, 3.0]
    assert after_the_first == (None, 3.0)
    assert weights[1].grad is None


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.in_place_changes_go_unnoticed],
    rival=lambda _optimizer: None,
)
def step_between_two_backward_calls_raises_where_its_weight_was_saved(
    step: Callable[[torch.optim.Optimizer], object] = lambda optimizer: optimizer.step(),
) -> None:
    """A `step()` before the second loss's `backward()` raises there if that saved the weight."""
    weights = [nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))]
    first = torch.optim.SGD(weights[:1], lr=0.25)

    product = weights[0] * weights[1]
    product.backward(retain_graph=True)
    step(first)
    message = "one of the variables needed for gradient computation has been modified by an inplace"
    with pytest.raises(RuntimeError, match=f"^{message}") as caught:
        (product * 2).backward()

    print(str(caught.value).split(":")[0])


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.backward_adds_gradients_twice],
    rival=lambda weights: nn.utils.clip_grad_norm_(weights, 1.0),
)
def clipping_after_step_leaves_the_step_unclipped(
    clip_before_step: Callable[[list[nn.Parameter]], object] = lambda _: None,
) -> None:
    """`clip_grad_norm_` after `step()` is too late: the step has gone by the unclipped gradient."""
    weight = nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([weight], lr=1.0)

    (weight * torch.tensor([3.0, 4.0])).sum().backward()
    clip_before_step([weight])
    optimizer.step()
    nn.utils.clip_grad_norm_([weight], 1.0)

    assert weight.tolist() == [-3.0, -4.0]


@claim(
    refuted_by=[counterfactuals.backward_overwrites],
    rival=lambda _: None,
)
def clipping_after_each_part_gives_another_sum(
    clip_each: Callable[[list[nn.Parameter]], object] = lambda weights: nn.utils.clip_grad_norm_(
        weights, 1.0
    ),
) -> None:
    """Clipped after each `backward()`, the last of several parts weighs more than the first."""
    weight = nn.Parameter(torch.ones(2))

    for part in ([2.0, 0.0], [0.0, 2.0]):
        (weight * torch.tensor(part)).sum().backward()
        clip_each([weight])
    nn.utils.clip_grad_norm_([weight], 1.0)

    first, last = weight.grad.tolist()
    assert first == pytest.approx(0.447, abs=1e-3)
    assert last == pytest.approx(0.894, abs=1e-3)
