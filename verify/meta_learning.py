"""Claims about gradients through inner steps, as in MAML: of first and of second order."""

import weakref
from collections.abc import Callable

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from mkdocs_claims import claim
from verify import counterfactuals

Adapt = Callable[[torch.Tensor, int], torch.Tensor]


def _adapt(weight: torch.Tensor, steps: int, *, create_graph: bool) -> torch.Tensor:
    """Return what inner steps of an eighth of the gradient of `w³` make of the weight."""
    for _ in range(steps):
        (slope,) = torch.autograd.grad(weight**3, weight, create_graph=create_graph)
        weight = weight - 0.125 * slope
    return weight


def _second_order(weight: torch.Tensor, steps: int) -> torch.Tensor:
    """Return what inner steps make whose gradients are recorded."""
    return _adapt(weight, steps, create_graph=True)


def _first_order(weight: torch.Tensor, steps: int) -> torch.Tensor:
    """Return what inner steps make whose gradients are constants."""
    return _adapt(weight, steps, create_graph=False)


def _detached(weight: torch.Tensor, steps: int) -> torch.Tensor:
    """Return what inner steps make whose gradients are recorded, and detached."""
    for _ in range(steps):
        (slope,) = torch.autograd.grad(weight**3, weight, create_graph=True)
        weight = weight - 0.125 * slope.detach()
    return weight


@claim(rival=_first_order)
def outer_gradient_through_inner_steps_is_a_product_of_second_derivatives(
    adapt: Adapt = _second_order,
) -> None:
    """With `create_graph=True` the outer gradient has a factor `1 - lr * f''` for each step."""
    start = torch.tensor(1.0, requires_grad=True)

    after_one = adapt(start, 1)
    after_two = adapt(start, 2)
    (of_one,) = torch.autograd.grad(after_one, start)
    (of_two,) = torch.autograd.grad(after_two, start)
    factors = [1 - 0.125 * 6 * weight for weight in (1.0, 0.625)]

    assert of_one.item() == factors[0] == 0.25
    assert of_two.item() == factors[0] * factors[1]


@claim(rival=_second_order)
def outer_gradient_of_first_order_is_that_at_the_adapted_weight(
    adapt: Adapt = _first_order,
) -> None:
    """With constant inner gradients the outer one is that at the adapted weight, unchanged."""
    for steps in (1, 3):
        for way in (adapt, _detached):
            start = torch.tensor(1.0, requires_grad=True)

            adapted = way(start, steps)
            (adapted**2).backward()

            assert start.grad.item() == 2 * adapted.item()


@claim(
    refuted_by=[
        counterfactuals.graphs_are_never_freed,
        counterfactuals.grad_mode_decides_on_create_graph,
    ],
    rival=_first_order,
)
def each_inner_step_adds_to_what_the_outer_loss_keeps(adapt: Adapt = _second_order) -> None:
    """With `create_graph=True` what each inner step saves stays until the outer `backward()`."""

    class Kept:
        """Holds a tensor for as long as a graph does."""

        def __init__(self, tensor: torch.Tensor) -> None:
            self.tensor = tensor.detach()

    def count(way: Adapt, steps: int) -> tuple[int, int]:
        start = torch.tensor(1.0, requires_grad=True)
        alive = weakref.WeakSet()

        def pack(tensor: torch.Tensor) -> Kept:
            kept = Kept(tensor)
            alive.add(kept)
            return kept

        with saved_tensors_hooks(pack, lambda kept: kept.tensor):
            loss = way(start, steps) ** 2
        before = len(alive)
        loss.backward()
        return before, len(alive)

    counts = [count(adapt, steps) for steps in (1, 2, 3)]
    of_first_order = [count(_first_order, steps) for steps in (1, 2, 3)]

    assert counts[1][0] - counts[0][0] == counts[2][0] - counts[1][0] > 0
    assert [after for _, after in counts] == [0, 0, 0]
    assert of_first_order == [(1, 0)] * 3


@claim(refuted_by=[counterfactuals.steps_do_nothing], rival=_second_order)
def optimizer_step_as_inner_step_moves_the_weight_and_is_not_recorded(
    adapt: Adapt | None = None,
) -> None:
    """`SGD.step()` as inner step overwrites the start; the outer gradient stops at its result."""
    weight = nn.Parameter(torch.tensor(1.0))
    optimizer = torch.optim.SGD([weight], lr=0.125)

    if adapt is None:
        (weight.grad,) = torch.autograd.grad(weight**3, weight, create_graph=True)
        optimizer.step()
        optimizer.zero_grad()
    adapted = weight if adapt is None else adapt(weight, 1)
    (adapted**2).backward()

    assert weight.item() == 0.625
    assert weight.grad.item() == 2 * 0.625
