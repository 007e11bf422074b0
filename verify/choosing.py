"""Claims that set the switches side by side, for the table in which readers choose one.

As long as that table has columns.
"""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.inference_mode_does_nothing,
        counterfactuals.set_grad_enabled_ignores_its_argument,
        counterfactuals.in_place_changes_freeze,
    ]
)
def leaf_can_be_changed_in_place_where_grad_mode_is_off() -> None:
    """A trainable leaf can be changed in place in each mode that turns grad mode off."""
    weight = torch.zeros(2, requires_grad=True)

    with torch.no_grad():
        weight.add_(1)
    with torch.inference_mode():
        weight.add_(1)
    with torch.set_grad_enabled(mode=False):
        weight.add_(1)

    assert weight.tolist() == [3.0, 3.0]
    assert weight.is_leaf is True
    assert weight.requires_grad is True


@claim(
    refuted_by=[
        counterfactuals.enable_grad_does_nothing,
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.errors_say_something_else,
    ]
)
def enable_grad_refuses_a_change_of_a_leaf_in_place() -> None:
    """`enable_grad` and `set_grad_enabled(True)` let no trainable leaf be changed in place."""
    weight = torch.zeros(2, requires_grad=True)

    with torch.no_grad():
        with torch.enable_grad(), pytest.raises(RuntimeError) as under_enable_grad:
            weight.add_(1)
        with torch.set_grad_enabled(mode=True), pytest.raises(RuntimeError) as under_a_flag:
            weight.add_(1)

    refusal = "a leaf Variable that requires grad is being used in an in-place operation."
    assert str(under_enable_grad.value) == str(under_a_flag.value) == refusal
    assert weight.tolist() == [0.0, 0.0]


@claim(
    refuted_by=[
        counterfactuals.eval_turns_gradients_off,
        counterfactuals.zero_grad_freezes,
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.errors_say_something_else,
    ]
)
def leaf_refuses_a_change_in_place_after_eval_and_zero_grad() -> None:
    """After `eval()` and `zero_grad()` a trainable weight still refuses a change in place."""
    layer = nn.Linear(1, 1)
    before = layer.weight.item()

    layer.eval()
    with pytest.raises(RuntimeError) as after_eval:
        layer.weight.add_(1)
    layer.zero_grad()
    with pytest.raises(RuntimeError) as after_zero_grad:
        layer.weight.add_(1)

    refusal = "a leaf Variable that requires grad is being used in an in-place operation."
    assert str(after_eval.value) == str(after_zero_grad.value) == refusal
    assert layer.weight.item() == before


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.backward_moves_the_parameters,
    ],
    rival=lambda weight: weight.requires_grad_(True),
)
def frozen_leaf_can_be_changed_in_place(
    freeze: Callable[[torch.Tensor], torch.Tensor] = lambda weight: weight.requires_grad_(False),
) -> None:
    """A leaf frozen by `requires_grad_(False)` can be changed in place; unfrozen it trains on."""
    weight = torch.ones(2, requires_grad=True)

    freeze(weight)
    weight.mul_(3)
    frozen = weight.requires_grad
    weight.requires_grad_(True)
    (weight**2).sum().backward()

    assert frozen is False
    assert weight.tolist() == [3.0, 3.0]
    assert weight.grad is not None
    assert weight.grad.tolist() == [6.0, 6.0]


@claim(
    refuted_by=[
        counterfactuals.modes_call_eval,
        counterfactuals.dropout_never_drops,
        counterfactuals.dropout_is_always_on,
    ]
)
def no_mode_turns_dropout_off() -> None:
    """Dropout in train mode drops in each of the four modes; `eval()` turns it off."""
    torch.manual_seed(0)
    dropout = nn.Dropout(0.5)
    ones = torch.ones(100)

    with torch.no_grad():
        under_no_grad = dropout(ones)
    with torch.inference_mode():
        under_inference_mode = dropout(ones)
    with torch.enable_grad():
        under_enable_grad = dropout(ones)
    with torch.set_grad_enabled(mode=False):
        under_a_flag = dropout(ones)
    in_eval_mode = dropout.eval()(ones)

    assert 0.0 in under_no_grad
    assert 0.0 in under_inference_mode
    assert 0.0 in under_enable_grad
    assert 0.0 in under_a_flag
    assert torch.equal(in_eval_mode, ones)


@claim(
    refuted_by=[
        counterfactuals.dropout_never_drops,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.zero_grad_always_sets_to_none,
    ]
)
def freezing_detaching_and_clearing_leave_dropout_on() -> None:
    """After `requires_grad_(False)`, `zero_grad()`, `detach()` and `.data` dropout still drops."""
    torch.manual_seed(0)
    layer = nn.Linear(1, 100)
    model = nn.Sequential(layer, nn.Dropout(0.5))
    x = torch.ones(1, 1)

    model.requires_grad_(False)
    after_freezing = model(x)
    layer.weight.grad = torch.ones(100, 1)
    model.zero_grad(set_to_none=False)
    after_clearing = model(x)
    model(x).detach()
    after_detaching = model(x)
    _ = layer.weight.data
    after_data = model(x)

    assert model.training is True
    assert layer.weight.requires_grad is False
    assert layer.weight.grad is not None
    assert 0.0 in layer.weight.grad
    assert 0.0 in after_freezing
    assert 0.0 in after_clearing
    assert 0.0 in after_detaching
    assert 0.0 in after_data


@claim(refuted_by=[counterfactuals.enable_grad_does_nothing, counterfactuals.no_grad_does_nothing])
def enable_grad_saves_what_training_saves() -> None:
    """`x.exp().sin()` saves two tensors under `enable_grad` in `no_grad`, and none beside it."""
    x = torch.ones(2, requires_grad=True)
    under_enable_grad: list[torch.Tensor] = []
    beside_it: list[torch.Tensor] = []
    hooks = torch.autograd.graph.saved_tensors_hooks

    with torch.no_grad():
        with torch.enable_grad(), hooks(under_enable_grad.append, lambda tensor: tensor):
            x.exp().sin()
        with hooks(beside_it.append, lambda tensor: tensor):
            x.exp().sin()

    assert len(under_enable_grad) == 2
    assert beside_it == []


@claim(
    refuted_by=[
        counterfactuals.set_grad_enabled_ignores_its_argument,
        counterfactuals.operations_are_never_recorded,
    ]
)
def set_grad_enabled_saves_tensors_as_its_argument_says() -> None:
    """`x.exp().sin()` saves two tensors under `set_grad_enabled(True)`, none under `False`."""
    x = torch.ones(2, requires_grad=True)
    on: list[torch.Tensor] = []
    off: list[torch.Tensor] = []
    hooks = torch.autograd.graph.saved_tensors_hooks

    with torch.set_grad_enabled(mode=True), hooks(on.append, lambda tensor: tensor):
        x.exp().sin()
    with torch.set_grad_enabled(mode=False), hooks(off.append, lambda tensor: tensor):
        x.exp().sin()

    assert len(on) == 2
    assert off == []


@claim(
    refuted_by=[
        counterfactuals.set_grad_enabled_ignores_its_argument,
        counterfactuals.operations_are_never_recorded,
    ]
)
def result_under_set_grad_enabled_false_is_a_constant() -> None:
    """A factor made under `set_grad_enabled(False)` is a constant later; under `True` it is not."""
    x = torch.tensor(3.0, requires_grad=True)

    with torch.set_grad_enabled(mode=False):
        constant = x * 2
    with torch.set_grad_enabled(mode=True):
        recorded = x * 2

    assert constant.requires_grad is False
    assert torch.autograd.grad(x * constant, x)[0].item() == 6.0
    assert torch.autograd.grad(x * recorded, x)[0].item() == 12.0


@claim(
    refuted_by=[
        counterfactuals.data_copies,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda y: y,
)
def data_of_a_result_is_a_constant_in_its_memory(
    data: Callable[[torch.Tensor], torch.Tensor] = lambda y: y.data,
) -> None:
    """`y.data` has `y`'s memory, no `grad_fn`, requires no grad, and is a constant in a product."""
    x = torch.tensor(3.0, requires_grad=True)
    y = x * 2

    taken = data(y)
    (x * taken).backward()

    assert taken.data_ptr() == y.data_ptr()
    assert taken.grad_fn is None
    assert taken.requires_grad is False
    assert x.grad is not None
    assert x.grad.item() == 6.0


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.operations_are_never_recorded,
        counterfactuals.every_operation_saves_its_inputs,
    ]
)
def freezing_the_weight_of_a_linear_layer_saves_its_input_no_more() -> None:
    """A trainable `Linear` saves its plain input for backward; frozen, with its bias, nothing."""
    layer = nn.Linear(2, 2)
    x = torch.ones(1, 2)
    trainable: list[torch.Tensor] = []
    frozen: list[torch.Tensor] = []
    hooks = torch.autograd.graph.saved_tensors_hooks

    with hooks(trainable.append, lambda tensor: tensor):
        layer(x)
    layer.requires_grad_(False)
    with hooks(frozen.append, lambda tensor: tensor):
        layer(x)

    assert [tensor.data_ptr() for tensor in trainable] == [x.data_ptr()]
    assert frozen == []


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.operations_are_never_recorded,
    ]
)
def data_after_the_forward_pass_saves_as_much_as_training() -> None:
    """`.data` of `x.exp().sin()` comes too late to save memory: two tensors are saved before it."""
    x = torch.ones(2, requires_grad=True)
    saved: list[torch.Tensor] = []
    under_no_grad: list[torch.Tensor] = []
    hooks = torch.autograd.graph.saved_tensors_hooks

    with hooks(saved.append, lambda tensor: tensor):
        _ = x.exp().sin().data
    with torch.no_grad(), hooks(under_no_grad.append, lambda tensor: tensor):
        _ = x.exp().sin().data

    assert len(saved) == 2
    assert under_no_grad == []
