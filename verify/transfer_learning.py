"""Claims about a model whose backbone was trained before: what is kept, moved, noticed."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Prepare = Callable[[nn.Module], object]


@claim(
    refuted_by=[
        counterfactuals.running_statistics_never_move,
        counterfactuals.batch_norm_always_uses_the_batch,
    ],
    rival=lambda backbone: backbone.eval(),
)
def features_of_a_frozen_backbone_drift_in_train_mode(
    prepare: Prepare = lambda backbone: backbone.train(),
) -> None:
    """Training a head on a frozen backbone with batch norm in train mode changes its features."""
    backbone = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1)).requires_grad_(False)
    inputs = torch.tensor([[0.0], [2.0]])

    before = backbone.eval()(inputs)
    prepare(backbone)
    backbone(inputs)
    after = backbone.eval()(inputs)

    assert not torch.equal(before, after)


@claim(
    refuted_by=[
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def groups_of_parameters_have_learning_rates_of_their_own() -> None:
    """Two groups in one optimizer move by their own `lr`; one that names none has the default."""
    backbone, head = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD(
        [{"params": [backbone], "lr": 0.125}, {"params": [head]}],
        lr=0.5,
    )

    (backbone + head).backward()
    optimizer.step()

    assert backbone.item() == 0.875
    assert head.item() == 0.5


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_moves_the_parameters,
    ],
    rival=lambda weight: weight.requires_grad_(False),
)
def learning_rate_of_zero_still_computes_gradients_and_state(
    prepare: Callable[[nn.Parameter], object] = lambda weight: weight,
) -> None:
    """With `lr=0` a weight stays, yet it gets its gradient, and Adam keeps averages for it."""
    weight, head = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    prepare(weight)
    optimizer = torch.optim.Adam([{"params": [weight], "lr": 0.0}, {"params": [head], "lr": 0.1}])

    (weight * 3 + head).backward()
    optimizer.step()

    assert weight.item() == 1.0
    assert head.item() < 1.0
    assert weight in optimizer.state
    assert weight.grad is not None


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing],
    rival=lambda backbone, inputs: backbone(inputs),
)
def unfreezing_a_backbone_that_runs_under_no_grad_trains_nothing(
    run: Callable[[nn.Module, torch.Tensor], torch.Tensor] = lambda backbone, inputs: (
        torch.no_grad()(backbone.forward)(inputs)
    ),
) -> None:
    """A backbone that runs under `no_grad` gets no gradient, though its weights require grad."""
    backbone, head = nn.Linear(1, 1), nn.Linear(1, 1)
    backbone.requires_grad_(True)

    head(run(backbone, torch.ones(1, 1))).backward()

    assert backbone.weight.grad is None


@claim(
    refuted_by=[counterfactuals.clone_returns_the_tensor_itself, counterfactuals.steps_do_nothing],
    rival=lambda model: {name: one.detach().clone() for name, one in model.named_parameters()},
)
def snapshot_that_is_no_copy_shows_no_change(
    snapshot: Callable[[nn.Module], dict[str, torch.Tensor]] = lambda model: dict(
        model.named_parameters()
    ),
) -> None:
    """Compared with a snapshot that is no copy, no weight has changed; clones show the change."""
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

    before = snapshot(model)
    copied = {name: one.detach().clone() for name, one in model.named_parameters()}
    model(torch.ones(1, 1)).backward()
    optimizer.step()

    assert all(torch.equal(before[name], one) for name, one in model.named_parameters())
    assert not any(torch.equal(copied[name], one) for name, one in model.named_parameters())


@claim(rival=lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5))
def scheduler_made_before_a_new_group_may_refuse_to_step(
    make: Callable[
        [torch.optim.Optimizer], torch.optim.lr_scheduler.LRScheduler
    ] = lambda optimizer: torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch),
) -> None:
    """After `add_param_group`, a `LambdaLR` made before raises in `step()`; a `StepLR` does not."""
    weight, late = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scheduler = make(optimizer)
    optimizer.add_param_group({"params": [late]})

    optimizer.step()
    with pytest.raises(ValueError, match=r"is shorter than argument 1$") as caught:
        scheduler.step()

    print(caught.value)


@claim(rival=lambda: 0.125)
def plateau_scheduler_with_a_list_of_minima_refuses_a_new_group(
    minima: Callable[[], float | list[float]] = lambda: [0.125],
) -> None:
    """After `add_param_group`, `ReduceLROnPlateau` raises if `min_lr` was a list, else lowers."""
    lowered, refused = {}, {}

    for name, minimum in (("a list", minima()), ("a number", 0.125)):
        weight, late = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([weight], lr=1.0)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, factor=0.5, patience=0, min_lr=minimum
        )
        optimizer.add_param_group({"params": [late], "lr": 0.5})
        scheduler.step(1.0)
        try:
            scheduler.step(1.0)
        except RuntimeError as error:
            refused[name] = str(error)
        lowered[name] = [group["lr"] for group in optimizer.param_groups]

    assert list(refused) == ["a list"]
    assert lowered == {"a list": [1.0, 0.5], "a number": [0.5, 0.25]}
    print(refused["a list"])


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.no_grad_does_nothing,
        counterfactuals.frozen_modules_stop_the_gradient,
    ]
)
def frozen_backbone_hands_its_input_a_gradient_that_no_grad_cuts() -> None:
    """An input that requires grad gets one through a frozen backbone, and none under `no_grad`."""
    backbone, head = nn.Linear(1, 1).requires_grad_(False), nn.Linear(1, 1)
    gradients = {}

    for under_no_grad in (False, True):
        inputs = torch.ones(1, 1, requires_grad=True)
        with torch.no_grad() if under_no_grad else nullcontext():
            features = backbone(inputs)
        head(features).backward()
        gradients[under_no_grad] = inputs.grad

    assert backbone.weight.grad is None
    assert gradients[True] is None
    assert torch.equal(gradients[False], backbone.weight * head.weight)
