"""Claims about copies: what shares memory, what stays in the graph, what keeps memory alive."""

import copy
import re
import warnings
from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Copy = Callable[[torch.Tensor], torch.Tensor]


@claim(
    refuted_by=[
        counterfactuals.clone_returns_the_tensor_itself,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda x: x.detach().clone().requires_grad_(),
)
def clone_has_memory_of_its_own_and_hands_the_gradient_on(
    clone: Copy = lambda x: x.clone(),
) -> None:
    """`x.clone()` has memory of its own, is no leaf, and the gradient through it reaches `x`."""
    x = torch.ones(1, requires_grad=True)

    copied = clone(x)
    with torch.no_grad():
        copied.mul_(5)
    (copied * 3).backward()

    assert x.item() == 1.0
    assert copied.is_leaf is False
    assert x.grad is not None
    assert x.grad.item() == 3.0


@claim(
    refuted_by=[
        counterfactuals.clone_returns_the_tensor_itself,
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.every_operation_saves_its_inputs,
    ]
)
def detach_clone_and_clone_detach_give_the_same() -> None:
    """`y.detach().clone()` and `y.clone().detach()` both copy, cut, and save no tensor."""
    packed = []
    y = torch.ones(2, requires_grad=True) * 3

    with torch.autograd.graph.saved_tensors_hooks(packed.append, lambda tensor: tensor):
        copies = y.detach().clone(), y.clone().detach()

    for copied in copies:
        assert copied.data_ptr() != y.data_ptr()
        assert (copied.requires_grad, copied.grad_fn) == (False, None)
    assert packed == []


@claim(rival=lambda y: y.detach().clone())
def torch_tensor_of_a_tensor_copies_and_warns(
    copied_from: Copy = torch.tensor,
) -> None:
    """`torch.tensor(y)` of a tensor `y` copies, cuts and warns: write `y.detach().clone()`."""
    y = torch.ones(2, requires_grad=True) * 3

    message = "To copy construct from a tensor, it is recommended to use sourceTensor.detach()"
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}"):
        copied = copied_from(y)

    y.detach().zero_()
    assert (copied.tolist(), copied.requires_grad) == ([3.0, 3.0], False)


@claim(rival=lambda y: y.detach().clone())
def as_tensor_of_a_tensor_is_that_tensor(
    converted: Copy = torch.as_tensor,
) -> None:
    """`torch.as_tensor(y)` of a tensor `y` is `y` itself, graph and all."""
    y = torch.ones(2, requires_grad=True) * 3

    assert converted(y) is y


@claim(refuted_by=[counterfactuals.operations_are_never_recorded], rival=float)
def item_and_tolist_give_numbers_and_float_warns(
    number: Callable[[torch.Tensor], float] = lambda loss: loss.item(),
) -> None:
    """`.item()` and `.tolist()` of a loss give a number, `float()` does so with a warning."""
    loss = torch.ones(1, requires_grad=True).sum()
    warns_always = torch.is_warn_always_enabled()
    torch.set_warn_always(True)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        numbers = [number(loss), loss.tolist()]
    message = "Converting a tensor with requires_grad=True to a scalar may lead to unexpected"
    with pytest.warns(UserWarning, match=f"^{message}"):
        float(loss)
    torch.set_warn_always(warns_always)

    assert (numbers, caught) == ([1.0, 1.0], [])


@claim(refuted_by=[counterfactuals.detach_returns_the_tensor_itself], rival=lambda y: y.detach())
def deepcopy_of_a_result_raises(
    result: Copy = lambda y: y,
) -> None:
    """`copy.deepcopy` of a recorded result raises; `y.detach()` can be copied."""
    y = torch.ones(2, requires_grad=True) * 3

    message = "Only Tensors created explicitly by the user (graph leaves) support the deepcopy"
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        copy.deepcopy(result(y))
    assert copy.deepcopy(y.detach()).requires_grad is False
    print(caught.value)


@claim(
    refuted_by=[counterfactuals.backward_does_nothing], rival=lambda w: w.detach().requires_grad_()
)
def deepcopy_copies_the_gradient_of_a_tensor_and_not_of_a_parameter(
    parameter: Copy = nn.Parameter,
) -> None:
    """`copy.deepcopy` copies the `.grad` of a leaf tensor, and leaves that of a parameter out."""
    tensor = torch.ones(1, requires_grad=True)
    weight = parameter(torch.ones(1))
    (tensor * 3 + weight * 3).backward()

    of_the_tensor, of_the_weight = copy.deepcopy(tensor), copy.deepcopy(weight)

    assert of_the_tensor.grad is not None
    assert of_the_tensor.grad is not tensor.grad
    assert of_the_weight.grad is None


@claim(rival=lambda model, state: model.load_state_dict(state, assign=True))
def load_state_dict_copies_the_values_in_place(
    load: Callable[[nn.Module, dict[str, torch.Tensor]], object] = lambda model, state: (
        model.load_state_dict(state)
    ),
) -> None:
    """`load_state_dict` copies into the parameters that are there, unless by `assign=True`."""
    model, source = nn.Linear(1, 1), nn.Linear(1, 1)
    weight = model.weight

    nn.init.ones_(source.weight)

    load(model, source.state_dict())
    nn.init.zeros_(source.weight)

    assert model.weight is weight
    assert model.weight.item() == 1.0
    assert model.weight.data_ptr() != source.weight.data_ptr()


@claim(
    refuted_by=[
        counterfactuals.views_are_copies,
        counterfactuals.clone_returns_the_tensor_itself,
        counterfactuals.detach_copies,
    ]
)
def detached_slice_keeps_the_whole_memory() -> None:
    """`big[0].detach()` keeps all of `big`'s memory alive; `big[0].detach().clone()` its part."""
    big = torch.ones(100, 10, requires_grad=True) * 3

    detached, cloned = big[0].detach(), big[0].detach().clone()
    del big

    assert detached.untyped_storage().nbytes() == 4000
    assert cloned.untyped_storage().nbytes() == 40


@claim(rival=torch.clone)
def parameter_shares_memory_with_the_tensor_it_was_made_of(
    tensor_for: Copy = lambda tensor: tensor,
) -> None:
    """`nn.Parameter(t)` has `t`'s memory: a write to `t` changes the weight."""
    tensor = torch.ones(1)
    weight = nn.Parameter(tensor_for(tensor))

    tensor.add_(4)

    assert weight.item() == 5.0


@claim(rival=lambda x: x * 0)
def zeros_like_takes_neither_flag_nor_graph(
    zeros_of: Copy = torch.zeros_like,
) -> None:
    """`torch.zeros_like(x)` requires no grad even if `x` does; ask for it by `requires_grad`."""
    x = torch.ones(2, requires_grad=True)

    zeros = zeros_of(x)
    asked = torch.zeros_like(x, requires_grad=True)

    assert [zeros.requires_grad, asked.requires_grad] == [False, True]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice], rival=lambda x: x.detach().clone()
)
def copy_writes_into_a_tensor_and_hands_the_gradient_on(
    source: Copy = lambda x: x,
) -> None:
    """`t.copy_(x)` writes into `t`'s memory and is recorded: the gradient through `t` is `x`'s."""
    x = torch.ones(2, requires_grad=True)
    t = torch.zeros(2)
    memory = t.data_ptr()

    t.copy_(source(x))

    assert (t.data_ptr() == memory, t.requires_grad) == (True, True)
    (t * 3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
