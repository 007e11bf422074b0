"""Claims about operations in place, and how autograd notices what they change."""

from collections.abc import Callable

import pytest
import torch

from mkdocs_claims import claim
from verify import counterfactuals

Write = Callable[[torch.Tensor], object]


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
    rival=lambda tensor: tensor.detach().mul_(5),
)
def write_through_data_is_not_counted_and_spoils_the_gradient(
    write: Write = lambda tensor: tensor.data.mul_(5),
) -> None:
    """`y.data.mul_(5)` leaves `y._version` alone; `backward()` is silent, its gradient wrong."""
    x = torch.zeros(1, requires_grad=True)
    y, counted = x.exp(), x.exp()

    write(y)
    counted.detach().mul_(5)

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
