"""Claims about `clip_grad_norm_` where a gradient, or the norm of all of them, is not finite."""

import re
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from mkdocs_claims import claim
from verify import counterfactuals

Clip = Callable[[list[nn.Parameter]], object]

NON_FINITE = (
    "The total norm of order 2.0 for gradients from `parameters` is non-finite, so it cannot be "
    "clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
    "`error_if_nonfinite=False`"
)


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda weights: clip_grad_value_(weights, 1.0),
)
def one_nan_makes_every_clipped_gradient_nan(
    clip: Clip = lambda weights: clip_grad_norm_(weights, 1.0),
) -> None:
    """If one value of one gradient is nan, `clip_grad_norm_` makes all gradients nan."""
    spoiled, good = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(1))

    loss = (spoiled * torch.tensor([3.0, float("nan")])).sum() + (good * 4).sum()
    loss.backward()
    before = good.grad.item()
    clip([spoiled, good])

    assert before == 4.0
    assert spoiled.grad.isnan().all()
    assert good.grad.isnan().all()


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda weights: clip_grad_value_(weights, 1.0),
)
def infinite_norm_makes_nan_of_the_infinite_and_zeros_of_the_rest(
    clip: Clip = lambda weights: clip_grad_norm_(weights, 1.0),
) -> None:
    """With one inf among the gradients, `clip_grad_norm_` makes it nan, and all others 0."""
    for infinite in (float("inf"), -float("inf")):
        spoiled, good = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(1))

        loss = (spoiled * torch.tensor([3.0, infinite])).sum() + (good * 4).sum()
        loss.backward()
        clip([spoiled, good])

        assert spoiled.grad[0].item() == 0.0
        assert spoiled.grad[1].isnan()
        assert good.grad.item() == 0.0


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda size: torch.ones(size, dtype=torch.float64),
)
def norm_of_large_finite_gradients_overflows_and_zeroes_them(
    make: Callable[[int], torch.Tensor] = torch.ones,
) -> None:
    """Gradients of 1e30 are finite in float32; their norm is inf, and clipped they are 0."""
    weight = nn.Parameter(make(2))

    (weight * 1e30).sum().backward()
    before = weight.grad.clone()
    norm = clip_grad_norm_([weight], 1.0)

    assert torch.equal(before, torch.full_like(weight, 1e30))
    assert (norm.item(), weight.grad.tolist()) == (float("inf"), [0.0, 0.0])


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda weights: clip_grad_norm_(weights, 1.0),
)
def error_if_nonfinite_raises_and_leaves_the_gradients(
    clip: Clip = lambda weights: clip_grad_norm_(weights, 1.0, error_if_nonfinite=True),
) -> None:
    """With `error_if_nonfinite=True` a norm of nan or inf raises, and no gradient is changed."""
    for bad in (float("nan"), float("inf")):
        spoiled, good = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))

        (spoiled * bad + good * 4).backward()
        with pytest.raises(RuntimeError, match=f"^{re.escape(NON_FINITE)}$") as caught:
            clip([spoiled, good])

        print(caught.value)
        assert good.grad.item() == 4.0
