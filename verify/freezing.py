"""Claims about freezing in mid-training: optimizers, groups of parameters, parts of one tensor.

It is longer than other modules: each check is read by itself, next to the claim that it is for.

It is as long as its list of claims is: each is read by itself.
"""

import re
from collections.abc import Callable, Iterable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Make = Callable[[list[nn.Parameter]], torch.optim.Optimizer]
Freeze = Callable[[nn.Parameter], object]

MAKERS: dict[str, Make] = {
    "SGD": lambda parameters: torch.optim.SGD(parameters, lr=0.5),
    "SGD, momentum": lambda parameters: torch.optim.SGD(parameters, lr=0.5, momentum=0.5),
    "SGD, decay": lambda parameters: torch.optim.SGD(parameters, lr=0.5, weight_decay=0.5),
    "Adam": lambda parameters: torch.optim.Adam(parameters, lr=0.5),
    "AdamW": lambda parameters: torch.optim.AdamW(parameters, lr=0.5, weight_decay=0.5),
}
"""Optimizers, by what sets them apart."""


@claim(
    refuted_by=[
        counterfactuals.zero_grad_always_sets_to_none,
        counterfactuals.steps_pass_frozen_parameters_over,
        counterfactuals.steps_pass_zero_gradients_over,
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.steps_decay_parameters_without_gradient,
    ]
)
def zeros_let_all_but_plain_sgd_move_a_frozen_parameter() -> None:
    """With `.grad` zeros, of a frozen weight only plain SGD keeps the value; with None all do."""
    moved = {}
    for set_to_none in (False, True):
        moved[set_to_none] = []
        for name, make in MAKERS.items():
            weight = nn.Parameter(torch.ones(1))
            optimizer = make([weight])
            (weight * 3).backward()
            optimizer.step()

            weight.requires_grad_(False)
            optimizer.zero_grad(set_to_none=set_to_none)
            before = weight.item()
            optimizer.step()
            if weight.item() != before:
                moved[set_to_none].append(name)

    assert moved[False] == ["SGD, momentum", "SGD, decay", "Adam", "AdamW"]
    assert moved[True] == []


@claim(
    refuted_by=[
        counterfactuals.optimizers_own_every_parameter,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def unfreezing_a_layer_that_the_optimizer_was_not_given_trains_nothing() -> None:
    """Left out, a layer unfrozen later gets gradients, and moves once `add_param_group` adds it."""
    weights = [nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))]
    weights[0].requires_grad_(False)
    optimizer = torch.optim.SGD(filter(lambda p: p.requires_grad, weights), lr=0.25)

    weights[0].requires_grad_(True)
    (weights[0] + weights[1]).backward()
    optimizer.step()
    before_it_is_added = [weight.item() for weight in weights]
    optimizer.add_param_group({"params": [weights[0]]})
    optimizer.step()

    assert weights[0].grad.tolist() == [1.0]
    assert before_it_is_added == [1.0, 0.75]
    assert [weight.item() for weight in weights] == [0.75, 0.5]


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.steps_do_nothing,
        counterfactuals.zero_grad_freezes,
    ]
)
def layer_that_the_optimizer_was_given_frozen_trains_once_unfrozen() -> None:
    """Given to the optimizer while it is frozen, a weight moves as soon as it is unfrozen."""
    weight, other = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    weight.requires_grad_(False)
    optimizer = torch.optim.SGD([weight, other], lr=0.25)
    seen = []

    for _ in range(2):
        optimizer.zero_grad()
        (weight + other).backward()
        optimizer.step()
        seen.append(weight.item())
        weight.requires_grad_(True)

    assert seen == [1.0, 0.75]


@claim(rival=lambda layer: [nn.Parameter(parameter.detach()) for parameter in layer.parameters()])
def optimizer_refuses_a_parameter_that_it_has_already(
    of_the_layer: Callable[[nn.Module], Iterable[nn.Parameter]] = lambda layer: layer.parameters(),
) -> None:
    """`add_param_group` raises for a parameter that the optimizer has, be it frozen or not."""
    layer = nn.Linear(1, 1).requires_grad_(False)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)

    message = "some parameters appear in more than one parameter group"
    with pytest.raises(ValueError, match=f"^{message}$") as caught:
        optimizer.add_param_group({"params": of_the_layer(layer)})

    assert len(optimizer.param_groups) == 1
    print(caught.value)


@claim(
    refuted_by=[counterfactuals.requires_grad_does_nothing],
    rival=lambda model: model.parameters(),
)
def filter_over_a_frozen_model_leaves_the_optimizer_an_empty_list(
    trainable: Callable[[nn.Module], Iterable[nn.Parameter]] = lambda model: filter(
        lambda p: p.requires_grad, model.parameters()
    ),
) -> None:
    """An optimizer takes a wholly frozen model, and raises if its parameters are filtered out."""
    model = nn.Linear(1, 1).requires_grad_(False)

    torch.optim.SGD(model.parameters(), lr=0.1)
    message = "optimizer got an empty parameter list"
    with pytest.raises(ValueError, match=f"^{message}$") as caught:
        torch.optim.SGD(trainable(model), lr=0.1)
    print(caught.value)


@claim(rival=lambda model: list(model.parameters()))
def generator_of_parameters_serves_one_optimizer(
    given: Callable[[nn.Module], Iterable[nn.Parameter]] = lambda model: model.parameters(),
) -> None:
    """`model.parameters()` is used up by the first optimizer; the second gets an empty list."""
    parameters = given(nn.Linear(1, 1))

    torch.optim.SGD(parameters, lr=0.1)
    message = "optimizer got an empty parameter list"
    with pytest.raises(ValueError, match=f"^{message}$") as caught:
        torch.optim.SGD(parameters, lr=0.1)

    assert list(parameters) == []
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.steps_decay_parameters_without_gradient,
        counterfactuals.steps_pass_zero_gradients_over,
        counterfactuals.steps_do_nothing,
        counterfactuals.zero_grad_does_nothing,
    ]
)
def adam_goes_on_with_its_old_state_after_unfreezing() -> None:
    """Frozen and cleared, a weight keeps its Adam state; after unfreezing that moves it on."""
    weight = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.Adam([weight], lr=0.1)
    (weight * 3).backward()
    optimizer.step()
    before = weight.item()

    weight.requires_grad_(False)
    optimizer.zero_grad()
    optimizer.step()
    frozen, steps = weight.item(), optimizer.state[weight]["step"].item()
    weight.requires_grad_(True)
    (weight * 0).backward()
    optimizer.step()

    assert frozen == before
    assert steps == 1
    assert weight.grad.tolist() == [0.0]
    assert weight.item() < frozen


@claim(
    refuted_by=[
        counterfactuals.optimizers_own_every_parameter,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda parameter: parameter.requires_grad_(False),
)
def parameter_left_out_of_the_optimizer_still_gets_its_gradient(
    leave_out: Freeze = lambda parameter: parameter,
) -> None:
    """A weight that the optimizer was not given gets a gradient all the same, and it adds up."""
    backbone, head = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    leave_out(backbone)
    optimizer = torch.optim.SGD([head], lr=0.25)

    for _ in range(2):
        optimizer.zero_grad()
        (backbone + head).backward()
        optimizer.step()

    assert backbone.item() == 1.0
    assert head.grad.tolist() == [1.0]
    assert backbone.grad is not None
    assert backbone.grad.tolist() == [2.0]


@claim(
    refuted_by=[
        counterfactuals.requires_grad_is_ever_allowed,
        counterfactuals.errors_say_something_else,
    ],
    rival=lambda weight: nn.Parameter(weight[0]),
)
def one_row_of_a_parameter_cannot_be_frozen(
    row: Callable[[torch.Tensor], torch.Tensor] = lambda weight: weight[0],
) -> None:
    """`weight[0].requires_grad_(False)` raises: the flag belongs to a whole leaf tensor."""
    weight = nn.Embedding(3, 2).weight

    message = "you can only change requires_grad flags of leaf variables."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        row(weight).requires_grad_(False)
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda gradient: gradient,
)
def hook_that_zeroes_rows_freezes_them_under_plain_sgd(
    mask: Callable[[torch.Tensor], torch.Tensor] = lambda gradient: (
        gradient * torch.tensor([[0.0], [1.0]])
    ),
) -> None:
    """A hook that multiplies the gradient of a row by 0 keeps that row under plain SGD."""
    weight = nn.Parameter(torch.ones(2, 1))
    weight.register_hook(mask)
    optimizer = torch.optim.SGD([weight], lr=0.25)

    weight.sum().backward()
    optimizer.step()

    assert weight.grad.tolist() == [[0.0], [1.0]]
    assert weight.tolist() == [[1.0], [0.75]]


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.backward_does_nothing],
    rival=lambda parameters: torch.optim.SGD(parameters, lr=0.5),
)
def masked_rows_still_decay(
    make: Make = lambda parameters: torch.optim.SGD(parameters, lr=0.5, weight_decay=0.5),
) -> None:
    """Weight decay of SGD and AdamW shrinks a row whose gradient a hook makes 0."""
    for make_it in (make, MAKERS["AdamW"]):
        weight = nn.Parameter(torch.ones(2, 1))
        weight.register_hook(lambda gradient: gradient * torch.tensor([[0.0], [1.0]]))
        optimizer = make_it([weight])

        weight.sum().backward()
        optimizer.step()

        assert weight.grad[0].tolist() == [0.0]
        assert weight[0].item() == 0.75


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.zero_grad_does_nothing],
    rival=lambda parameters: torch.optim.SGD(parameters, lr=0.5),
)
def masked_rows_drift_on_the_momentum_from_before(make: Make = MAKERS["Adam"]) -> None:
    """With Adam, or SGD's momentum, a row that is masked in mid-training goes on moving."""
    for make_it in (make, MAKERS["SGD, momentum"]):
        weight = nn.Parameter(torch.ones(2, 1))
        optimizer = make_it([weight])
        weight.sum().backward()
        optimizer.step()
        before = weight[0].item()

        weight.register_hook(lambda gradient: gradient * torch.tensor([[0.0], [1.0]]))
        optimizer.zero_grad()
        weight.sum().backward()
        optimizer.step()

        assert weight.grad[0].tolist() == [0.0]
        assert weight[0].item() < before


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.clone_returns_the_tensor_itself],
    rival=lambda weight, kept: weight[1:].copy_(kept),
)
def rows_written_back_after_the_step_stay(
    write_back: Callable[[torch.Tensor, torch.Tensor], object] = lambda weight, kept: weight[
        :1
    ].copy_(kept),
) -> None:
    """Rows that are written back under `no_grad` after each step stay, with decay and Adam too."""
    for make in MAKERS.values():
        weight = nn.Parameter(torch.ones(2, 1))
        optimizer = make([weight])
        kept = weight[:1].detach().clone()

        for _ in range(2):
            optimizer.zero_grad()
            weight.sum().backward()
            optimizer.step()
            with torch.no_grad():
                write_back(weight, kept)

        assert weight[0].tolist() == [1.0]
        assert weight[1].item() < 1.0


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.operations_are_never_recorded],
    rival=lambda rows: rows.requires_grad_(),
)
def rows_in_a_tensor_of_their_own_stay_frozen(
    freeze: Callable[[torch.Tensor], torch.Tensor] = lambda rows: rows,
) -> None:
    """Of `torch.cat([fixed, trainable])` only the parameter `trainable` moves, with decay too."""
    for make in MAKERS.values():
        fixed, trainable = freeze(torch.ones(1, 1)), nn.Parameter(torch.ones(1, 1))
        optimizer = make([one for one in (fixed, trainable) if one.requires_grad])

        torch.cat([fixed, trainable]).sum().backward()
        optimizer.step()

        assert fixed.tolist() == [[1.0]]
        assert trainable.item() < 1.0
