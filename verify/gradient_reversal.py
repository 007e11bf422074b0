"""Claims about gradient reversal: what turns a gradient round, what doesn't, and for whom."""

from collections.abc import Callable

import torch
from torch import nn
from torch.autograd.function import FunctionCtx

from mkdocs_claims import claim
from verify import counterfactuals


class _Reversed(torch.autograd.Function):
    """Hands its input on, and the gradient back times `-scale`."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: torch.Tensor, scale: float) -> torch.Tensor:
        """Return the same values."""
        ctx.scale = scale
        return x.view_as(x)

    @staticmethod
    def backward(ctx: FunctionCtx, grad: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Turn the gradient round; the scale gets none."""
        return -ctx.scale * grad, None


def _reverse(x: torch.Tensor) -> torch.Tensor:
    """Return the input, with its gradient turned round."""
    return _Reversed.apply(x, 1.0)


class _Module(nn.Module):
    """Looks as if it turned the gradient round."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the same values."""
        return x.view_as(x)

    def backward(self, grad: torch.Tensor) -> torch.Tensor:
        """Turn the gradient round, if anyone calls it."""
        return -grad


@claim(rival=lambda _layer, x: _reverse(x))
def backward_method_of_a_module_is_never_called(
    run: Callable[[nn.Module, torch.Tensor], torch.Tensor] = lambda layer, x: layer(x),
) -> None:
    """Autograd doesn't call the `backward` method of an `nn.Module`: nothing is turned round."""
    x = torch.ones(1, requires_grad=True)

    (run(_Module(), x) * 3).sum().backward()

    assert x.grad.tolist() == [3.0]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda x, scale: x.view_as(x) * scale,
)
def function_with_a_negative_backward_reverses_the_gradient(
    reverse: Callable[[torch.Tensor, float], torch.Tensor] = _Reversed.apply,
) -> None:
    """A `Function` that returns `-k * grad` hands values on, and turns the gradient round."""
    for scale in (1.0, 0.5):
        x = torch.tensor([2.0], requires_grad=True)

        out = reverse(x, scale)
        (out * 3).sum().backward()

        assert out.tolist() == [2.0]
        assert x.grad.tolist() == [-3.0 * scale]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda x: x.view_as(x),
)
def negated_loss_turns_the_classifier_too_and_a_reversal_only_what_is_before(
    reverse: Callable[[torch.Tensor], torch.Tensor] = _reverse,
) -> None:
    """A reversal turns the gradient before it; a negated loss the classifier's own as well."""
    gradients = {}
    for way in ("plain", "negated", "reversed"):
        features = torch.tensor(2.0, requires_grad=True)
        classifier = torch.tensor(3.0, requires_grad=True)

        loss = classifier * (reverse(features) if way == "reversed" else features)
        (-loss if way == "negated" else loss).backward()
        gradients[way] = features.grad.item(), classifier.grad.item()

    assert gradients == {"plain": (3.0, 2.0), "negated": (-3.0, -2.0), "reversed": (-3.0, 2.0)}
