"""Claims about averages of weights: copies to start with, `AveragedModel`, target networks."""

import copy
import re
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

from mkdocs_claims import claim
from verify import counterfactuals

Copies = Callable[[nn.Module], tuple[nn.Module, nn.Module]]
States = tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]
Average = Callable[[nn.Module], AveragedModel]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda model: (copy.copy(model), copy.deepcopy(model)),
)
def deepcopy_of_a_module_has_weights_of_its_own_and_no_gradients(
    copies: Copies = lambda model: (copy.deepcopy(model), copy.copy(model)),
) -> None:
    """`deepcopy(model)` copies weights and leaves `.grad` behind; `copy.copy` shares."""
    model = nn.Linear(1, 1)
    nn.init.ones_(model.weight)
    model(torch.ones(1, 1)).backward()

    average, shallow = copies(model)
    with torch.no_grad():
        model.weight.fill_(5.0)
    model(torch.ones(1, 1)).backward()

    assert model.weight.grad.tolist() == [[2.0]]
    assert average.weight.item() == 1.0
    assert average.weight.grad is None
    assert shallow is not model
    assert shallow.weight is model.weight


@claim(
    refuted_by=[
        counterfactuals.operations_are_never_recorded,
        counterfactuals.errors_say_something_else,
        counterfactuals.detach_returns_the_tensor_itself,
    ],
    rival=lambda result: result.detach(),
)
def deepcopy_of_a_module_that_keeps_a_result_raises(
    keep: Callable[[torch.Tensor], torch.Tensor] = lambda result: result,
) -> None:
    """`deepcopy` of a module that keeps a recorded result raises; kept detached, it is copied."""
    model = nn.Linear(1, 1)
    model.latest = keep(model(torch.ones(1, 1)))

    message = "Only Tensors created explicitly by the user (graph leaves) support the deepcopy"
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        copy.deepcopy(model)
    model.latest = model.latest.detach()
    copied = copy.deepcopy(model)

    assert torch.equal(copied.latest, model.latest)
    print(caught.value)


@claim(rival=lambda average, model: average.lerp_(model, 0.25))
def rebinding_the_name_of_a_weight_averages_nothing(
    move: Callable[[torch.Tensor, torch.Tensor], object] = lambda average, model: (
        0.75 * average + 0.25 * model
    ),
) -> None:
    """`slow = 0.75 * slow + 0.25 * fast` in a loop over parameters leaves the average as it was."""
    average, model = nn.Linear(1, 1), nn.Linear(1, 1)
    nn.init.zeros_(average.weight)

    with torch.no_grad():
        for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
            slow = move(slow, fast)  # noqa: PLW2901

    assert average.weight.item() == 0.0


@claim(
    refuted_by=[counterfactuals.errors_say_something_else],
    rival=lambda slow, fast: slow.copy_(fast),
)
def integer_buffers_cannot_be_averaged(
    move: Callable[[torch.Tensor, torch.Tensor], object] = lambda slow, fast: slow.lerp_(fast, 0.5),
) -> None:
    """`lerp_` raises for the count of batches that a batch norm keeps; `copy_` takes it."""
    slow, fast = nn.BatchNorm1d(1), nn.BatchNorm1d(1)

    message = "\"lerp_kernel_scalar\" not implemented for 'Long'"
    with pytest.raises(NotImplementedError, match=f"^{message}$") as caught:
        move(slow.num_batches_tracked, fast.num_batches_tracked)

    print(caught.value)


@claim(rival=lambda average, model: average.module.weight.data.lerp_(model.weight, 0.5))
def first_update_of_an_averaged_model_copies(
    update: Callable[[AveragedModel, nn.Module], object] = lambda average, model: (
        average.update_parameters(model)
    ),
) -> None:
    """The first `update_parameters()` takes the model as it is; what was wrapped is forgotten."""
    model = nn.Linear(1, 1)
    nn.init.ones_(model.weight)
    average = AveragedModel(model)
    nn.init.constant_(model.weight, 5.0)

    update(average, model)

    assert average.module.weight.item() == 5.0
    assert average.n_averaged.item() == 1


@claim(
    refuted_by=[counterfactuals.clone_returns_the_tensor_itself],
    rival=lambda model: AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.75)),
)
def averaged_model_takes_the_plain_mean_unless_told_otherwise(
    average: Average = AveragedModel,
) -> None:
    """`AveragedModel` gives each update equal weight; `get_ema_multi_avg_fn` makes it an EMA."""
    model = nn.Linear(1, 1)
    mean = average(model)
    moving = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.75))

    for value in (0.0, 4.0, 8.0):
        nn.init.constant_(model.weight, value)
        mean.update_parameters(model)
        moving.update_parameters(model)

    assert mean.module.weight.item() == 4.0
    assert moving.module.weight.item() == 2.75


@claim(
    refuted_by=[counterfactuals.running_statistics_never_move],
    rival=lambda model: AveragedModel(model, use_buffers=True),
)
def averaged_model_copies_buffers_and_averages_them_when_asked(
    average: Average = AveragedModel,
) -> None:
    """`AveragedModel` copies the latest running mean; with `use_buffers=True` it averages that."""
    norm = nn.BatchNorm1d(1, momentum=0.5)
    copying, averaging = average(norm), AveragedModel(norm, use_buffers=True)

    for _ in range(2):
        norm(torch.tensor([[0.0], [8.0]]))
        copying.update_parameters(norm)
        averaging.update_parameters(norm)

    assert norm.running_mean.item() == 3.0
    assert copying.module.running_mean.item() == 3.0
    assert averaging.module.running_mean.item() == 2.5


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.operations_are_never_recorded]
)
def forward_pass_of_an_averaged_model_is_recorded() -> None:
    """The forward pass of an `AveragedModel` is recorded unless it runs under `no_grad`."""
    model = nn.Linear(1, 1)
    average = AveragedModel(model).eval()

    average.update_parameters(model)
    recorded = average(torch.ones(1, 1))
    with torch.no_grad():
        evaluated = average(torch.ones(1, 1))

    assert recorded.requires_grad is True
    assert evaluated.requires_grad is False


@claim(
    refuted_by=[counterfactuals.running_statistics_never_move, counterfactuals.eval_does_nothing],
    rival=lambda batches, model: [model(batch) for batch in batches],
)
def update_bn_takes_the_mean_over_all_batches_and_keeps_the_mode(
    update: Callable[[list[torch.Tensor], nn.Module], object] = update_bn,
) -> None:
    """`update_bn` resets running statistics, takes their mean over all batches, and keeps eval."""
    model = nn.Sequential(nn.BatchNorm1d(1, momentum=0.5))
    nn.init.constant_(model[0].running_mean, 100.0)
    model.eval()

    update([torch.tensor([[0.0], [8.0]]), torch.tensor([[10.0], [10.0]])], model)

    assert model[0].running_mean.item() == 7.0
    assert model.training is False


@claim(
    refuted_by=[counterfactuals.detach_copies, counterfactuals.steps_do_nothing],
    rival=lambda model: (copy.deepcopy(model.state_dict()), model.state_dict()),
)
def state_dict_goes_on_changing_with_its_model(
    snapshots: Callable[[nn.Module], States] = lambda model: (
        model.state_dict(),
        copy.deepcopy(model.state_dict()),
    ),
) -> None:
    """`model.state_dict()` shares the weights' memory, so later steps change it; a copy is kept."""
    model = nn.Linear(1, 1)
    nn.init.ones_(model.weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)

    saved, copied = snapshots(model)
    model(torch.ones(1, 1)).backward()
    optimizer.step()

    assert saved["weight"].item() == 0.0
    assert torch.equal(saved["weight"], model.weight)
    assert copied["weight"].item() == 1.0


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.in_place_changes_freeze],
    rival=lambda target, model: target.lerp_(model, 0.75),
)
def soft_update_by_lerp_goes_tau_of_the_way(
    move: Callable[[torch.Tensor, torch.Tensor], object] = lambda target, model: target.lerp_(
        model, 0.25
    ),
) -> None:
    """`target.lerp_(model, tau)` under `no_grad` gives `(1 - tau) * target + tau * model`."""
    target, model = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.full((1,), 4.0))

    with torch.no_grad():
        move(target, model)

    assert target.item() == 1.0
    assert target.item() == (0.75 * torch.zeros(1) + 0.25 * model).item()
    assert target.requires_grad is True
