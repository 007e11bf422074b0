"""Claims about why `.grad` is None, or zeros, where a gradient was expected."""

import re
from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Operation = Callable[[torch.Tensor], torch.Tensor]

NOT_A_LEAF = "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed."


@claim(refuted_by=[counterfactuals.conversions_copy, counterfactuals.operations_are_never_recorded])
def conversion_that_changes_nothing_returns_the_leaf() -> None:
    """`x.to("cpu")` of a leaf on the CPU is that leaf; on another device or dtype, a result."""
    x = torch.ones(1, requires_grad=True)

    assert x.to("cpu") is x
    assert x.float() is x
    assert [x.to(torch.float64).is_leaf, x.to("meta").is_leaf] == [False, False]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda w: w.detach()[0].requires_grad_(),
)
def part_of_a_leaf_has_no_gradient_of_its_own(
    first_of: Operation = lambda w: w[0],
) -> None:
    """`w[0].grad` is None with a warning, for `w[0]` is a result; `w.grad[0]` is what it asks."""
    w = torch.ones(2, requires_grad=True)
    (w * torch.tensor([3.0, 5.0])).sum().backward()

    with pytest.warns(UserWarning, match=f"^{re.escape(NOT_A_LEAF)}"):
        assert first_of(w).grad is None
    assert first_of(w).is_leaf is False
    assert w.grad[0].item() == 3.0


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def input_gets_a_gradient_only_if_it_was_asked_for() -> None:
    """A batch gets no `.grad` in training; with `requires_grad_()` before the pass it does."""
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, 3.0)
    plain, asked = torch.ones(1, 1), torch.ones(1, 1).requires_grad_()

    layer(plain).sum().backward()
    layer(asked).sum().backward()

    assert plain.grad is None
    assert asked.grad is not None
    assert asked.grad.item() == 3.0


@claim(
    refuted_by=[counterfactuals.detach_returns_the_tensor_itself],
    rival=lambda parts: torch.tensor([part.item() for part in parts]),
)
def way_through_a_number_cuts_the_graph(
    together: Callable[[list[torch.Tensor]], torch.Tensor] = torch.stack,
) -> None:
    """Out of `.item()`, `.tolist()`, `.numpy()`, `detach()`, `.data` no gradient comes back."""
    x = torch.ones(2, requires_grad=True)
    y = x * 3

    again = {
        "item()": torch.tensor([y[0].item(), y[1].item()]),
        "tolist()": torch.tensor(y.tolist()),
        "numpy()": torch.from_numpy(y.data.numpy()),
        "detach()": y.detach(),
        "data": y.data,
        "stack": together([y[0], y[1]]),
    }

    recorded = [name for name, tensor in again.items() if tensor.requires_grad]
    assert recorded == ["stack"]


@claim(rival=torch.stack)
def tensor_made_of_a_list_of_tensors_cuts_the_graph(
    together: Callable[[list[torch.Tensor]], torch.Tensor] = torch.tensor,
) -> None:
    """`torch.tensor([a, b])` of trainable scalars makes constants, with a warning of scalars."""
    a, b = torch.tensor(1.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    warns_always = torch.is_warn_always_enabled()

    torch.set_warn_always(True)
    message = "Converting a tensor with requires_grad=True to a scalar may lead to unexpected"
    with pytest.warns(UserWarning, match=f"^{message}"):
        made = together([a, b])
    torch.set_warn_always(warns_always)

    assert made.requires_grad is False


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda used, unused: used + 0 * unused,
)
def weight_that_the_loss_does_not_need_has_none_and_not_zeros(
    loss_of: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = lambda used, _: used * 3,
) -> None:
    """A weight that the loss was not computed from has `.grad` None; times 0 it has zeros."""
    used, unused = torch.tensor(1.0, requires_grad=True), torch.tensor(1.0, requires_grad=True)
    times_zero = torch.tensor(1.0, requires_grad=True)

    (loss_of(used, unused) + 0 * times_zero).backward()

    assert used.grad is not None
    assert unused.grad is None
    assert times_zero.grad.item() == 0.0


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda x: x.relu(),
)
def flat_functions_give_zeros_and_not_none(
    flat: Operation = lambda x: x.round(),
) -> None:
    """Through `round()`, `sign()` and a `relu` below 0 a gradient arrives as zeros, not None."""
    gradients = []

    for function in (flat, torch.sign, lambda x: (-x).relu(), lambda x: x * 2):
        x = torch.tensor(1.5, requires_grad=True)
        function(x).backward()
        gradients.append(x.grad.item())

    assert gradients == [0.0, 0.0, 0.0, 2.0]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda w: w.data.sub_(0.5 * w.grad) and w,
)
def step_by_assignment_leaves_a_name_that_is_no_leaf(
    step: Operation = lambda w: w - 0.5 * w.grad,
) -> None:
    """After `w = w - step` in grad mode `w` is a result: the next `.grad` is the old tensor's."""
    old = torch.tensor(1.0, requires_grad=True)
    (old * 3).backward()

    w = step(old)
    (w * 3).backward()

    assert w.is_leaf is False
    with pytest.warns(UserWarning, match=f"^{re.escape(NOT_A_LEAF)}"):
        assert w.grad is None
    assert old.grad.item() == 6.0


@claim(
    refuted_by=[
        counterfactuals.optimizers_own_every_parameter,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda _, after: torch.optim.SGD(after, lr=1.0),
)
def layer_put_in_after_the_optimizer_gets_a_gradient_and_does_not_move(
    optimizer_of: Callable[..., torch.optim.Optimizer] = lambda before, _: torch.optim.SGD(
        before, lr=1.0
    ),
) -> None:
    """A layer put in after the optimizer was made gets a `.grad` and stays; the old gets none."""
    model = nn.Sequential(nn.Linear(1, 1, bias=False))
    before = list(model.parameters())
    model[0] = nn.Linear(1, 1, bias=False)
    nn.init.ones_(model[0].weight)

    optimizer = optimizer_of(before, list(model.parameters()))
    model(torch.ones(1, 1)).sum().backward()
    optimizer.step()

    assert before[0].grad is None
    assert model[0].weight.grad.item() == 1.0
    assert model[0].weight.item() == 1.0


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda y: y,
)
def parameter_made_of_a_result_cuts_the_graph(
    parameter: Operation = nn.Parameter,
) -> None:
    """`nn.Parameter(x * 3)` is a new leaf: it gets the gradient, and `x` none."""
    x = torch.tensor(1.0, requires_grad=True)

    made = parameter(x * 3)
    (made * 2).backward()

    assert made.is_leaf
    assert x.grad is None
    assert made.grad is not None
    assert made.grad.item() == 2.0


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda y: y.retain_grad() or y,
)
def retain_grad_after_backward_is_too_late(
    before: Operation = lambda y: y,
) -> None:
    """`retain_grad()` after `backward()` raises nothing, and `.grad` is None all the same."""
    x = torch.tensor(1.0, requires_grad=True)
    late, early = before(x * 3), x * 3
    early.retain_grad()

    (late * early).backward()
    late.retain_grad()

    assert late.retains_grad
    assert late.grad is None
    assert early.grad.item() == 3.0


@claim(
    refuted_by=[counterfactuals.errors_say_something_else],
    rival=lambda x: x.requires_grad_(),
)
def retain_grad_refuses_what_requires_no_grad(
    tensor_of: Operation = lambda x: x,
) -> None:
    """`retain_grad()` raises for a tensor that requires no grad, and does nothing to a leaf."""
    leaf = torch.ones(1, requires_grad=True)

    leaf.retain_grad()
    message = "can't retain_grad on Tensor that has requires_grad=False"
    with pytest.raises(RuntimeError, match=f"^{message}$"):
        tensor_of(torch.ones(1)).retain_grad()

    assert leaf.retains_grad is False
