"""Claims about what each switch does at its simplest, and how the switches differ.

However long: each claim is read by itself, and nothing here builds on another.
"""

import re
from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals


@claim(
    refuted_by=[
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.detach_copies,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def detached_tensor_shares_memory_and_requires_no_grad() -> None:
    """`y.detach()` has `y`'s memory, no `grad_fn` and `requires_grad=False`; `y` stays as it is."""
    x = torch.ones(2, requires_grad=True)
    y = x * 3

    detached = y.detach()
    y.sum().backward()

    assert detached.data_ptr() == y.data_ptr()
    assert detached.grad_fn is None
    assert detached.requires_grad is False
    assert y.grad_fn is not None
    assert x.grad.tolist() == [3.0, 3.0]


@claim(refuted_by=[counterfactuals.detach_returns_the_tensor_itself])
def detached_factor_counts_as_a_constant() -> None:
    """`x * x.detach()` has the derivative `x`, where `x * x` has `2 * x`."""
    x = torch.tensor(3.0, requires_grad=True)

    (with_detach,) = torch.autograd.grad(x * x.detach(), x)
    (without,) = torch.autograd.grad(x * x, x)

    assert with_detach.item() == 3.0
    assert without.item() == 6.0


@claim(refuted_by=[counterfactuals.detach_copies, counterfactuals.in_place_changes_go_unnoticed])
def writing_to_a_detached_tensor_changes_the_original() -> None:
    """Changing `y.detach()` in place changes `y`, and breaks `backward()` if the graph saved it."""
    x = torch.zeros(2, requires_grad=True)
    y = x.exp()

    y.detach().add_(1)

    assert y.tolist() == [2.0, 2.0]
    message = (
        "one of the variables needed for gradient computation has been modified by an inplace "
        "operation"
    )
    with pytest.raises(RuntimeError, match=f"^{message}") as caught:
        y.sum().backward()
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.requires_grad_is_ever_allowed,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.operations_are_never_recorded,
    ]
)
def requires_grad_false_on_a_result_raises() -> None:
    """`requires_grad_(False)` raises on a tensor that was computed from a trainable one."""
    weight = torch.ones(2, requires_grad=True)
    result = weight * 2

    weight.requires_grad_(False)
    message = (
        "you can only change requires_grad flags of leaf variables. If you want to use a computed "
        "variable in a subgraph that doesn't require differentiation use var_no_grad = "
        "var.detach()."
    )
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$") as caught:
        result.requires_grad_(False)

    assert weight.requires_grad is False
    assert result.requires_grad is True
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.frozen_modules_stop_the_gradient,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def frozen_layer_gets_no_gradient_and_lets_it_through() -> None:
    """A frozen layer gets no `.grad`, and the layer before it gets the one it would get anyway."""
    first, frozen = nn.Linear(1, 1), nn.Linear(1, 1)
    nn.init.constant_(frozen.weight, 5.0)

    frozen.requires_grad_(False)
    frozen(first(torch.ones(1, 1))).backward()

    assert frozen.weight.grad is None
    assert frozen.bias.grad is None
    assert first.weight.grad.tolist() == [[5.0]]
    assert first.bias.grad.tolist() == [5.0]


@claim(
    refuted_by=[
        counterfactuals.steps_decay_parameters_without_gradient,
        counterfactuals.steps_do_nothing,
    ]
)
def optimizer_leaves_frozen_weights_without_gradient_alone() -> None:
    """SGD, Adam and AdamW leave frozen weights without a `.grad` alone, even with weight decay."""
    for optimizer_type in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW):
        backbone, head = nn.Linear(1, 1), nn.Linear(1, 1)
        model = nn.Sequential(backbone, head)
        for layer in model:
            nn.init.ones_(layer.weight)
        optimizer = optimizer_type(model.parameters(), lr=0.1, weight_decay=0.5)

        backbone.requires_grad_(False)
        model(torch.ones(1, 1)).backward()
        optimizer.step()

        assert backbone.weight.item() == 1.0
        assert head.weight.item() != 1.0


@claim(
    refuted_by=[
        counterfactuals.steps_pass_frozen_parameters_over,
        counterfactuals.freezing_clears_the_gradient,
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.steps_do_nothing,
        counterfactuals.requires_grad_does_nothing,
    ]
)
def frozen_parameter_with_an_old_gradient_still_moves() -> None:
    """SGD, Adam and AdamW move a frozen parameter that has a `.grad` from before, until cleared."""
    for optimizer_type in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW):
        weight = nn.Parameter(torch.ones(1))
        optimizer = optimizer_type([weight], lr=0.1)
        (weight * 3).backward()

        weight.requires_grad_(False)
        optimizer.step()
        after_step = weight.item()
        optimizer.zero_grad()
        optimizer.step()

        assert weight.requires_grad is False
        assert after_step < 1.0
        assert weight.item() == after_step


@claim(refuted_by=[counterfactuals.requires_grad_does_nothing], rival=lambda layer: layer.train())
def unfrozen_parameter_trains_again(
    unfreeze: Callable[[nn.Module], nn.Module] = lambda layer: layer.requires_grad_(True),
) -> None:
    """After `requires_grad_(True)` a frozen parameter gets gradients again."""
    layer = nn.Linear(1, 1)
    x = torch.ones(1, 1, requires_grad=True)

    layer.requires_grad_(False)
    layer(x).backward()
    while_frozen = layer.weight.grad
    unfreeze(layer)
    layer(x).backward()

    assert while_frozen is None
    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[1.0]]


@claim(
    refuted_by=[
        counterfactuals.a_modules_attribute_freezes_it,
        counterfactuals.requires_grad_does_nothing,
    ]
)
def attribute_requires_grad_of_a_module_freezes_nothing() -> None:
    """`module.requires_grad = False` freezes nothing; `module.requires_grad_(False)` freezes it."""
    assigned = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    called = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))

    assigned.requires_grad = False
    called.requires_grad_(False)

    assert [p.requires_grad for p in assigned.parameters()] == [True, True, True, True]
    assert [p.requires_grad for p in called.parameters()] == [False, False, False, False]


@claim(
    refuted_by=[
        counterfactuals.running_statistics_never_move,
        counterfactuals.eval_does_nothing,
        counterfactuals.requires_grad_does_nothing,
    ]
)
def batch_norm_of_a_frozen_layer_moves_in_train_mode() -> None:
    """A frozen batch norm moves its running mean in train mode; in eval mode it keeps it."""
    norm = nn.BatchNorm1d(1, momentum=0.5).requires_grad_(False)
    inputs = torch.tensor([[1.0], [3.0]])

    norm.eval()
    norm(inputs)
    in_eval_mode = norm.running_mean.tolist()
    norm.train()
    norm(inputs)

    assert norm.weight.requires_grad is False
    assert in_eval_mode == [0.0]
    assert norm.running_mean.tolist() == [1.0]
    print("in eval mode: ", in_eval_mode)
    print("in train mode:", norm.running_mean.tolist())


@claim(
    refuted_by=[
        counterfactuals.dropout_is_always_on,
        counterfactuals.batch_norm_always_uses_the_batch,
        counterfactuals.dropout_never_drops,
    ]
)
def eval_mode_changes_dropout_and_batch_norm() -> None:
    """In eval mode dropout drops nothing, and batch norm uses its running mean, not the batch's."""
    dropout = nn.Dropout(0.5)
    norm = nn.BatchNorm1d(1, affine=False)
    norm.running_mean.fill_(1.0)
    ones, batch = torch.ones(100), torch.tensor([[1.0], [3.0]])

    dropout.eval()
    norm.eval()
    kept, by_running_mean = dropout(ones), norm(batch)
    dropout.train()
    norm.train()
    dropped, by_batch_mean = dropout(ones), norm(batch)

    assert torch.equal(kept, ones)
    assert dropped.unique().tolist() == [0.0, 2.0]
    assert by_running_mean[0].item() == 0.0
    assert by_batch_mean[0].item() < 0.0
    assert by_batch_mean.sum().item() == 0.0


@claim(
    refuted_by=[
        counterfactuals.train_and_eval_reach_only_the_module_itself,
        counterfactuals.eval_does_nothing,
    ]
)
def eval_reaches_every_submodule() -> None:
    """`model.eval()` puts the model and every module inside it in eval mode, at any depth."""
    model = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Dropout()))
    other = nn.Dropout()

    model.eval()

    assert [module.training for module in model.modules()] == [False, False, False, False]
    assert other.training is True


@claim(
    refuted_by=[
        counterfactuals.modes_clear_gradients,
        counterfactuals.freezing_clears_the_gradient,
        counterfactuals.zero_grad_fills_with_zeros,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def gradient_survives_every_switch_but_zero_grad() -> None:
    """The modes, `detach()`, `requires_grad_(False)` and `eval()` leave a `.grad` as it was."""
    model = nn.Linear(1, 1)
    model(torch.ones(1, 1)).backward()
    gradient = model.weight.grad

    with torch.no_grad():
        model(torch.ones(1, 1))
    with torch.inference_mode():
        model(torch.ones(1, 1))
    model(torch.ones(1, 1)).detach()
    model.weight.detach()
    model.requires_grad_(False)
    model.eval()

    assert model.weight.grad is gradient
    assert gradient.tolist() == [[1.0]]

    model.zero_grad()

    assert model.weight.grad is None


@claim(
    refuted_by=[
        counterfactuals.zero_grad_fills_with_zeros,
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def zero_grad_sets_gradients_to_none() -> None:
    """By default `zero_grad()` of an optimizer or a module sets `.grad` to None, not to zeros."""
    for owner_is_optimizer in (True, False):
        layer = nn.Linear(1, 1)
        owner = torch.optim.SGD(layer.parameters()) if owner_is_optimizer else layer
        layer(torch.ones(1, 1)).backward()
        before = layer.weight.grad.tolist()

        owner.zero_grad(set_to_none=False)
        zeroed = layer.weight.grad.tolist()
        owner.zero_grad()

        assert before == [[1.0]]
        assert zeroed == [[0.0]]
        assert layer.weight.grad is None
        assert layer.bias.grad is None


@claim(
    refuted_by=[
        counterfactuals.zero_grad_clears_the_graph,
        counterfactuals.zero_grad_freezes,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def zero_grad_leaves_graph_flags_and_modes_alone() -> None:
    """`zero_grad()` leaves a recorded graph, `requires_grad` and `training` as they were."""
    layer = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(layer.parameters())
    loss = layer(torch.ones(1, 1)).sum()

    optimizer.zero_grad()
    loss.backward()

    assert layer.weight.requires_grad is True
    assert layer.training is True
    assert torch.is_grad_enabled() is True
    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[1.0]]


@claim(
    refuted_by=[
        counterfactuals.optimizers_own_every_parameter,
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def optimizer_zero_grad_clears_only_its_own_parameters() -> None:
    """`optimizer.zero_grad()` clears only the parameters that the optimizer was given."""
    backbone, head = nn.Linear(1, 1), nn.Linear(1, 1)
    nn.init.ones_(head.weight)
    optimizer = torch.optim.SGD(head.parameters())
    head(backbone(torch.ones(1, 1))).backward()

    optimizer.zero_grad()

    assert head.weight.grad is None
    assert backbone.weight.grad is not None
    assert backbone.weight.grad.tolist() == [[1.0]]


@claim(refuted_by=[counterfactuals.backward_overwrites])
def backward_adds_to_the_gradient_that_is_there() -> None:
    """`backward()` adds to a `.grad` that is there, in the same tensor, and replaces nothing."""
    weight = torch.ones(1, requires_grad=True)

    (weight * 3).backward()
    first = weight.grad
    (weight * 4).backward()

    assert weight.grad is first
    assert weight.grad.tolist() == [7.0]


@claim(
    refuted_by=[
        counterfactuals.steps_pass_zero_gradients_over,
        counterfactuals.steps_decay_parameters_without_gradient,
    ]
)
def momentum_moves_a_parameter_whose_gradient_is_zeros() -> None:
    """SGD with momentum moves a parameter whose `.grad` is zeros, and not one whose is None."""
    values = {}
    for set_to_none in (False, True):
        weight = nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.SGD([weight], lr=1.0, momentum=0.5)
        weight.sum().backward()
        optimizer.step()

        optimizer.zero_grad(set_to_none=set_to_none)
        optimizer.step()

        values[set_to_none] = weight.item()

    assert values[False] == -1.5
    assert values[True] == -1.0
