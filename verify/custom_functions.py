"""Claims about a custom `torch.autograd.Function`: the modes that its two methods run in."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch.autograd.function import FunctionCtx

from mkdocs_claims import claim
from verify import counterfactuals

Apply = Callable[[type[torch.autograd.Function], torch.Tensor], torch.Tensor]


@claim(
    refuted_by=[counterfactuals.grad_mode_decides_on_create_graph],
    rival=lambda function, x: function.forward(None, x),
)
def custom_function_runs_forward_and_backward_with_grad_off(
    apply: Apply = lambda function, x: function.apply(x),
) -> None:
    """A `Function` runs `forward` with grad off, and `backward` so unless `create_graph=True`."""
    modes = []
    recorded = []

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: FunctionCtx, x: torch.Tensor) -> torch.Tensor:  # noqa: ARG004
            modes.append(torch.is_grad_enabled())
            recorded.append((x.requires_grad, (x * 2).requires_grad))
            return x * 2

        @staticmethod
        def backward(ctx: FunctionCtx, grad: torch.Tensor) -> torch.Tensor:  # noqa: ARG004
            modes.append(torch.is_grad_enabled())
            return grad * 2

    x = torch.ones(1, requires_grad=True)
    y = apply(Double, x)
    torch.autograd.grad(y, x, retain_graph=True)
    torch.autograd.grad(y, x, create_graph=True)

    assert modes == [False, False, True]
    assert recorded == [(True, False)]


@claim(
    refuted_by=[
        counterfactuals.enable_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=nullcontext,
)
def enable_grad_in_a_custom_function_gives_a_gradient(
    mode: Callable[[], AbstractContextManager[object]] = torch.enable_grad,
) -> None:
    """Under `enable_grad`, `forward` and `backward` of a `Function` can use `autograd.grad`."""

    class SlopeInForward(torch.autograd.Function):
        @staticmethod
        def forward(ctx: FunctionCtx, x: torch.Tensor) -> torch.Tensor:
            with mode():
                inner = x.detach().requires_grad_()
                cube = inner**3
                (slope,) = torch.autograd.grad(cube, inner)
            ctx.save_for_backward(slope)
            return cube.detach()

        @staticmethod
        def backward(ctx: FunctionCtx, grad: torch.Tensor) -> torch.Tensor:
            (slope,) = ctx.saved_tensors
            return grad * slope

    class SlopeInBackward(torch.autograd.Function):
        @staticmethod
        def forward(ctx: FunctionCtx, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: FunctionCtx, grad: torch.Tensor) -> torch.Tensor:
            (x,) = ctx.saved_tensors
            with mode():
                inner = x.detach().requires_grad_()
                (slope,) = torch.autograd.grad(inner**3, inner, grad)
            return slope

    for function in (SlopeInForward, SlopeInBackward):
        x = torch.tensor(2.0, requires_grad=True)

        function.apply(x).backward()

        assert x.grad.item() == 12.0


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda function, x: function.forward(None, x),
)
def what_forward_of_a_custom_function_records_is_not_followed(
    apply: Apply = lambda function, x: function.apply(x),
) -> None:
    """A `Function` goes by its `backward`, whatever `forward` recorded under `enable_grad`."""
    x = torch.tensor(2.0, requires_grad=True)
    weight = torch.tensor(5.0, requires_grad=True)

    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx: FunctionCtx, x: torch.Tensor) -> torch.Tensor:  # noqa: ARG004
            with torch.enable_grad():
                return x * weight

        @staticmethod
        def backward(ctx: FunctionCtx, grad: torch.Tensor) -> torch.Tensor:  # noqa: ARG004
            return grad * 7

    apply(Scaled, x).backward()

    assert x.grad.item() == 7.0
    assert weight.grad is None
