"""Claims about operations in place, and how autograd notices what they change.

Long since it is one mechanism seen from many sides: each check is short and read by itself.

It is as long as its list of claims is: each is read by itself.
"""

import operator
from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Write = Callable[[torch.Tensor], object]
Operation = Callable[[torch.Tensor], torch.Tensor]

MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace"


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.every_operation_saves_its_inputs,
    ]
)
def in_place_operation_replaces_the_grad_fn_of_its_tensor() -> None:
    """`y.add_(z)` gives `y` a new `grad_fn` and leaves that of `z`; `y + z` leaves both."""
    x = torch.ones(2, requires_grad=True)
    y, z = x * 2, x * 3
    node_of_y, node_of_z = y.grad_fn, z.grad_fn

    total = y + z
    after_out_of_place = y.grad_fn
    y.add_(z)

    assert after_out_of_place is node_of_y
    assert total.data_ptr() != y.data_ptr()
    assert total.grad_fn.next_functions[0][0] is node_of_y
    assert y.grad_fn is not node_of_y
    assert y.grad_fn.next_functions[0][0] is node_of_y
    assert z.grad_fn is node_of_z


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.views_are_copies,
    ]
)
def in_place_operation_works_while_a_view_is_alive() -> None:
    """`y.mul_(5)` is recorded while a view of `y` is alive, also for the gradient of that view."""
    x = torch.ones(3, requires_grad=True)
    y = x * 1
    head = y[:1]

    (before,) = torch.autograd.grad(head.sum(), x, retain_graph=True)
    y.mul_(5)
    (after,) = torch.autograd.grad(head.sum(), x)

    assert before.tolist() == [1.0, 0.0, 0.0]
    assert head.tolist() == [5.0]
    assert after.tolist() == [5.0, 0.0, 0.0]


@claim(
    refuted_by=[counterfactuals.data_copies, counterfactuals.detach_copies],
    rival=lambda tensor: tensor.detach().add_(4),
)
def write_through_data_is_not_counted_and_spoils_the_gradient(
    write: Write = lambda tensor: tensor.data.add_(4),
) -> None:
    """`y.data.add_(4)` leaves `y._version` alone; `backward()` is silent, its gradient wrong."""
    x = torch.zeros(1, requires_grad=True)
    y, counted = x.exp(), x.exp()

    write(y)
    counted.detach().add_(4)

    assert y._version == 0
    y.backward()
    assert x.grad.tolist() == [5.0]
    assert counted._version == 1
    with pytest.raises(RuntimeError, match="is at version 1; expected version 0 instead"):
        counted.backward()


@claim(refuted_by=[counterfactuals.in_place_changes_go_unnoticed])
def saved_tensor_is_checked_when_a_custom_backward_reads_it() -> None:
    """`ctx.saved_tensors` raises if one was changed; a tensor kept as `ctx.x` is not compared."""
    reached = []

    class SquareOfSaved(torch.autograd.Function):
        @staticmethod
        def forward(ctx: torch.autograd.function.FunctionCtx, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: torch.autograd.function.FunctionCtx, grad: torch.Tensor) -> torch.Tensor:
            reached.append("backward")
            (x,) = ctx.saved_tensors
            reached.append("saved tensor")
            return 2 * x * grad

    class SquareOfKept(torch.autograd.Function):
        @staticmethod
        def forward(ctx: torch.autograd.function.FunctionCtx, x: torch.Tensor) -> torch.Tensor:
            ctx.x = x
            return x * x

        @staticmethod
        def backward(ctx: torch.autograd.function.FunctionCtx, grad: torch.Tensor) -> torch.Tensor:
            return 2 * ctx.x * grad

    x = torch.ones(1, requires_grad=True)
    of_saved, of_kept = SquareOfSaved.apply(x), SquareOfKept.apply(x)

    x.detach().add_(1)
    with pytest.raises(RuntimeError, match="is at version 1; expected version 0 instead"):
        of_saved.backward()
    of_kept.backward()

    assert reached == ["backward"]
    assert x.grad.tolist() == [4.0]


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.views_are_copies,
        counterfactuals.detach_copies,
    ],
    rival=lambda tensor: tensor.detach(),
)
def version_is_counted_for_views_and_detached_tensors_together(
    data: Operation = lambda tensor: tensor.data,
) -> None:
    """A view and a detached tensor count their changes with the original; `.data` alone."""
    tensor = torch.ones(4)
    view, detached, aside = tensor[:2], tensor.detach(), data(tensor)

    tensor.add_(1)
    view.mul_(1)
    detached.add_(1)

    assert [one._version for one in (tensor, view, detached, aside)] == [3, 3, 3, 0]


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.every_operation_saves_its_inputs,
    ]
)
def changing_a_result_raises_only_if_the_graph_saved_it() -> None:
    """`backward()` raises after `add_` on a result of `exp` or `tanh`, not of `sin` or `x * 3`."""
    refused = []
    gradients = []

    for function in (torch.exp, torch.tanh, torch.sin, lambda x: x * 3):
        x = torch.zeros(1, requires_grad=True)
        y = function(x)
        y.add_(1)
        try:
            y.backward()
        except RuntimeError as error:
            refused.append(str(error).startswith(MODIFIED))
        else:
            gradients.append(x.grad.item())

    assert refused == [True, True]
    assert gradients == [1.0, 3.0]


@claim(
    refuted_by=[counterfactuals.in_place_changes_go_unnoticed, counterfactuals.steps_do_nothing],
    rival=lambda weight: torch.optim.SGD([weight.detach().clone().requires_grad_()]),
)
def step_between_forward_and_backward_is_noticed(
    optimizer_of: Callable[[torch.Tensor], torch.optim.Optimizer] = lambda weight: torch.optim.SGD(
        [weight]
    ),
) -> None:
    """`step()` changes a weight in place, so a graph that saved it from before raises."""
    weight = torch.tensor(2.0, requires_grad=True)
    optimizer = optimizer_of(weight)
    first, second = weight * weight, weight * weight
    for parameter in optimizer.param_groups[0]["params"]:
        parameter.grad = torch.tensor(1.0)

    optimizer.step()
    with pytest.raises(RuntimeError, match=f"^{MODIFIED}") as caught:
        (first + second).backward()

    assert weight._version == 1
    print(caught.value)


@claim(
    refuted_by=[counterfactuals.numpy_copies],
    rival=lambda y: y.detach().add_(4),
)
def write_through_numpy_is_not_counted_and_spoils_the_gradient(
    write: Write = lambda y: operator.iadd(y.detach().numpy(), 4),
) -> None:
    """A write to `y.detach().numpy()` is not counted: `backward()` gives a wrong gradient."""
    x = torch.zeros(1, requires_grad=True)
    y = x.exp()

    write(y)

    assert y._version == 0
    y.backward()
    assert x.grad.tolist() == [5.0]


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.detach_copies],
    rival=lambda y: y.mul_(10),
)
def change_off_the_record_is_missing_from_the_gradient(
    write: Write = lambda y: y.detach().mul_(10),
) -> None:
    """`y.mul_(10)` under `no_grad`, or on `y.detach()`, changes `y` and not the gradient."""
    x = torch.ones(1, requires_grad=True)
    under_no_grad, detached, recorded = x * 3, x * 3, x * 3

    with torch.no_grad():
        under_no_grad.mul_(10)
    write(detached)
    recorded.mul_(10)

    results = (under_no_grad, detached, recorded)
    assert [y.item() for y in results] == [30.0, 30.0, 30.0]
    slopes = [torch.autograd.grad(y, x)[0].item() for y in results]
    assert slopes == [3.0, 3.0, 30.0]


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def assigned_elements_are_recorded() -> None:
    """`y[0] = 5` cuts that element off, and `b[0] = y[0]` hands its gradient on through `b`."""
    x = torch.ones(3, requires_grad=True)
    y, b = x * 2, torch.zeros(3)

    y[0] = 5
    y.sum().backward()
    of_the_rest = x.grad.tolist()
    x.grad = None
    b[0] = (x * 2)[0]
    b.requires_grad and b.sum().backward()

    assert of_the_rest == [0.0, 2.0, 2.0]
    assert b.is_leaf is False
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 0.0, 0.0]


@claim(
    refuted_by=[counterfactuals.in_place_changes_are_never_recorded], rival=lambda plain: plain[:1]
)
def trainable_value_in_a_piece_of_a_plain_split_raises_about_no_grad(
    piece: Operation = lambda plain: plain.split(1)[0],
) -> None:
    """Into a piece of a plain tensor's split no trainable value goes; the error says `no_grad`."""
    plain = torch.zeros(2)

    piece(plain).add_(1)
    message = "A view was created in no_grad mode and is being modified inplace with grad mode"
    with pytest.raises(RuntimeError, match=f"^{message} enabled. This view is the output of"):
        piece(plain).add_(torch.ones(1, requires_grad=True))


@claim(refuted_by=[counterfactuals.errors_say_something_else], rival=lambda one: one.repeat(3))
def expanded_tensor_cannot_be_changed_in_place(
    expand: Operation = lambda one: one.expand(3),
) -> None:
    """`t.expand(3)` cannot be changed in place, for its elements share memory; a clone can."""
    message = "unsupported operation: more than one element of the written-to tensor refers to a"
    with pytest.raises(RuntimeError, match=f"^{message} single memory location."):
        expand(torch.ones(1)).add_(1)

    assert expand(torch.ones(1)).clone().add_(1).tolist() == [2.0, 2.0, 2.0]


@claim(
    refuted_by=[counterfactuals.data_copies],
    rival=lambda weight, new: weight.data.copy_(new),
)
def assigning_to_data_gives_the_weight_other_memory(
    assign: Callable[[torch.Tensor, torch.Tensor], object] = lambda weight, new: setattr(
        weight, "data", new
    ),
) -> None:
    """`w.data = new` gives `w` the memory of `new`, uncounted; what shared the old keeps it."""
    weight = nn.Parameter(torch.ones(1))
    detached, new = weight.detach(), torch.full((1,), 7.0)

    assign(weight, new)
    new.add_(1)

    assert [weight.item(), detached.item(), weight._version] == [8.0, 1.0, 0]
    weight.data.add_(1)
    assert new.item() == 9.0


@claim(rival=lambda y: y.sin())
def allowed_mutation_ends_with_its_block(
    saving: Operation = lambda y: y.exp(),
) -> None:
    """A graph from inside `allow_mutation_on_saved_tensors()` cannot run backward after it."""
    x = torch.zeros(1, requires_grad=True)
    before = saving(x)

    with torch.autograd.graph.allow_mutation_on_saved_tensors():
        inside = x.exp()
        before.add_(1)
        with pytest.raises(RuntimeError, match=f"^{MODIFIED}"):
            before.backward()

    message = "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context"
    with pytest.raises(AssertionError, match=f"^{message}"):
        inside.backward()


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def hook_stays_with_the_value_from_before_and_retain_grad_moves_on() -> None:
    """After `y.mul_(10)` an earlier hook sees the gradient of the old `y`, `y.grad` the new."""
    seen = []
    y = torch.ones(1, requires_grad=True) * 2
    y.register_hook(lambda gradient: seen.append(gradient.item()))
    y.retain_grad()

    y.mul_(10)
    (y * 3).backward()

    assert seen == [30.0]
    assert y.grad.item() == 3.0
