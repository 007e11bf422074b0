"""Claims about `detach()` and `detach_()`."""

import re
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.autograd import forward_ad

from mkdocs_claims import claim
from verify import counterfactuals

Operation = Callable[[torch.Tensor], torch.Tensor]


@claim(
    refuted_by=[counterfactuals.detach_copies, counterfactuals.views_are_copies],
    rival=lambda y: y.view_as(y),
)
def detached_tensor_has_no_base(
    detach: Operation = lambda y: y.detach(),
) -> None:
    """`y.detach()` shares `y`'s memory, yet its `_base` is None, where that of `y[:]` is `y`."""
    y = torch.ones(2)

    detached, view = detach(y), y[:]

    assert detached.data_ptr() == view.data_ptr() == y.data_ptr()
    assert detached._base is None
    assert view._base is y


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def detached_tensor_can_be_made_to_require_grad() -> None:
    """`y.detach().requires_grad_()` requires grad, and its gradient does not reach behind `y`."""
    x = torch.ones(2, requires_grad=True)
    y = x * 3

    detached = y.detach().requires_grad_()

    assert detached.requires_grad is True

    (detached * 2).sum().backward()

    assert x.grad is None
    assert detached.grad.tolist() == [2.0, 2.0]


@claim(
    refuted_by=[counterfactuals.detach_returns_the_tensor_itself],
    rival=lambda dual: dual.requires_grad_(False),
)
def detaching_drops_the_tangent(
    detach_in_place: Operation = lambda dual: dual.detach_(),
) -> None:
    """`detach()` and `detach_()` give a dual tensor without its tangent."""
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(torch.ones(2), torch.ones(2)) * 3
        with_tangent = forward_ad.unpack_dual(dual).tangent
        detached = forward_ad.unpack_dual(dual.detach()).tangent
        detach_in_place(dual)
        detached_in_place = forward_ad.unpack_dual(dual).tangent

    assert with_tangent.tolist() == [3.0, 3.0]
    assert detached is None
    assert detached_in_place is None


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice], rival=lambda tensor: tensor.detach()
)
def detaching_in_place_makes_a_result_a_leaf(
    detach: Operation = lambda tensor: tensor.detach_(),
) -> None:
    """`y.detach_()` makes `y` a leaf without `grad_fn`; a graph recorded before it still works."""
    x = torch.ones(2, requires_grad=True)
    y = x * 3
    loss = (y * 2).sum()
    was_leaf = y.is_leaf

    returned = detach(y)
    loss.backward()

    assert was_leaf is False
    assert y.is_leaf is True
    assert y.grad_fn is None
    assert y.requires_grad is False
    assert returned is y
    assert x.grad.tolist() == [6.0, 6.0]


@claim(
    refuted_by=[
        counterfactuals.views_are_copies,
        counterfactuals.no_grad_is_inference_mode,
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.detach_returns_the_tensor_itself,
    ]
)
def detaching_a_view_in_place_raises() -> None:
    """`detach_()` on a view like `y[0]` raises, under `no_grad` too; inference mode allows it."""
    y = torch.ones(2, requires_grad=True) * 3

    message = "Can't detach views in-place. Use detach() instead."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        y[0].detach_()
    with torch.no_grad(), pytest.raises(RuntimeError, match=f"^{re.escape(message)}"):
        y[0].detach_()
    with torch.inference_mode():
        allowed = y[0].detach_()

    assert y[0].detach().requires_grad is False
    assert allowed.item() == 3.0
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.in_place_changes_freeze,
    ]
)
def network_fed_with_detached_features_trains_alone() -> None:
    """Fed with `features.detach()`, a network gets a gradient and the encoder before it none."""
    encoder, network = nn.Linear(1, 1), nn.Linear(1, 1)
    nn.init.ones_(network.weight)
    features = encoder(torch.ones(1, 1))

    network(features.detach()).backward()
    of_the_encoder = encoder.weight.grad

    assert of_the_encoder is None
    assert torch.equal(network.weight.grad, features)

    network(encoder(torch.ones(1, 1))).backward()

    assert encoder.weight.grad.tolist() == [[1.0]]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice], rival=lambda out: out.detach() + 1
)
def squared_error_against_its_own_detached_output_trains_nothing(
    target_of: Operation = lambda out: out.detach(),
) -> None:
    """`((out - out.detach())**2).mean()` is 0 and gives gradients of 0; another target does not."""
    model = nn.Linear(1, 1)
    nn.init.ones_(model.weight)
    nn.init.zeros_(model.bias)
    out = model(torch.ones(1, 1))

    loss = ((out - target_of(out)) ** 2).mean()
    loss.backward()
    of_its_own_output = model.weight.grad.tolist()
    model.zero_grad()
    ((model(torch.ones(1, 1)) - (out + 1).detach()) ** 2).mean().backward()

    assert of_its_own_output == [[0.0]]
    assert loss.item() == 0.0
    assert model.weight.grad.tolist() == [[-2.0]]


@claim(refuted_by=[counterfactuals.detach_returns_the_tensor_itself])
def detaching_the_state_shortens_the_path_of_the_gradient() -> None:
    """Detaching `h` after step 3 of 4 leaves its value and cuts steps 1 to 3 off the gradient."""
    weight = torch.tensor(2.0, requires_grad=True)
    seen = {}

    for truncate in (False, True):
        h = torch.tensor(1.0)
        for t in range(4):
            h = weight * h
            if truncate and t + 1 == 3:
                h = h.detach()
        (gradient,) = torch.autograd.grad(h, weight)
        seen[truncate] = h.item(), gradient.item()

    assert seen[False] == (16.0, 32.0)
    assert seen[True] == (16.0, 8.0)


@claim(refuted_by=[counterfactuals.backward_needs_no_graph, counterfactuals.backward_does_nothing])
def state_detached_in_the_last_step_refuses_backward() -> None:
    """If the last step of a loop detaches the state, `backward()` from that state raises."""
    cell = nn.RNNCell(1, 1)
    x = torch.ones(1, 4, 1)
    states = {}

    for steps in (3, 4):
        h = torch.zeros(1, 1)
        for t in range(steps):
            h = cell(x[:, t], h)
            if (t + 1) % 2 == 0:
                h = h.detach()
        states[steps] = h
    states[3].backward()
    message = "element 0 of tensors does not require grad and does not have a grad_fn"
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        states[4].backward()

    assert cell.weight_ih.grad is not None
    print(caught.value)
