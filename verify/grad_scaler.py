"""Claims about `torch.amp.GradScaler`: what it does to `.grad`, and in which order it wants calls.

It is long, since each check is read by itself.  All of it is seen on the CPU.
"""

import re
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.amp import GradScaler

from mkdocs_claims import claim
from verify import counterfactuals

Step = Callable[[GradScaler, torch.optim.Optimizer], object]


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.backward_adds_gradients_twice],
    rival=lambda _, optimizer: optimizer.step(),
)
def scaler_scales_the_gradient_and_its_step_takes_that_back(step: Step = GradScaler.step) -> None:
    """`scale(loss).backward()` gives a scaled `.grad`; `scaler.step()` divides it, then steps.

    The plain `optimizer.step()` would take the scaled gradient as it is.
    """
    weight = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler = GradScaler("cpu", init_scale=8.0)

    scaler.scale(weight * 3).backward()
    scaled = weight.grad.item()
    step(scaler, optimizer)

    assert scaled == 24.0
    assert weight.grad.item() == 3.0
    assert weight.item() == -2.0


@claim(
    refuted_by=[counterfactuals.steps_do_nothing],
    rival=lambda scaler, optimizer: scaler.unscale_(optimizer),
)
def clipping_before_unscale_clips_the_scaled_gradient(
    prepare: Step = lambda *_: None,
) -> None:
    """Without `unscale_()`, clipping limits the scaled gradient: the step is too small.

    A gradient of norm 5 that is clipped to 1 at a scale of 1024 steps by about 1/1024.
    """
    weight = nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler = GradScaler("cpu", init_scale=1024.0)

    scaler.scale((weight * torch.tensor([3.0, 4.0])).sum()).backward()
    prepare(scaler, optimizer)
    norm = nn.utils.clip_grad_norm_([weight], max_norm=1.0)
    scaler.step(optimizer)

    assert norm.item() == 5120.0
    assert weight.norm().item() == pytest.approx(1 / 1024, rel=1e-4)


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.backward_adds_gradients_twice],
    rival=lambda *_: None,
)
def clipping_after_unscale_clips_as_without_a_scaler(unscale: Step = GradScaler.unscale_) -> None:
    """After `scaler.unscale_(optimizer)`, clipping and the step are as without a scaler.

    `scaler.step()` does not divide a second time.
    """
    weight = nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler = GradScaler("cpu", init_scale=1024.0)

    scaler.scale((weight * torch.tensor([3.0, 4.0])).sum()).backward()
    unscale(scaler, optimizer)
    norm = nn.utils.clip_grad_norm_([weight], max_norm=1.0)
    scaler.step(optimizer)

    assert norm.item() == 5.0
    assert torch.allclose(weight, torch.tensor([-0.6, -0.8]))


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda _, optimizer: optimizer.step(),
)
def scaler_skips_a_step_with_an_infinite_gradient(step: Step = GradScaler.step) -> None:
    """With an inf or nan in one gradient, `scaler.step()` moves none of the optimizer's weights.

    `update()` then halves the scale.
    """
    for value in (float("inf"), float("nan")):
        good, bad = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([good, bad], lr=1.0)
        scaler = GradScaler("cpu", init_scale=8.0)

        scaler.scale(good * 3 + bad * value).backward()
        scaler.unscale_(optimizer)
        step(scaler, optimizer)
        scaler.update()

        assert (good.grad.item(), bad.grad.isfinite().item()) == (3.0, False)
        assert (good.item(), bad.item(), scaler.get_scale()) == (1.0, 1.0, 4.0)


@claim(
    refuted_by=[
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_overwrites,
    ],
)
def infinite_gradient_stays_after_a_skipped_step_until_it_is_cleared() -> None:
    """A skipped step leaves the inf in `.grad`: without `zero_grad()` the next is skipped, too."""
    seen = {}
    for clears in (False, True):
        weight = nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([weight], lr=1.0)
        scaler = GradScaler("cpu", init_scale=8.0)
        for slope in (float("inf"), 3.0):
            scaler.scale(weight * slope).backward()
            scaler.step(optimizer)
            scaler.update()
            left = weight.grad.item()
            if clears:
                optimizer.zero_grad()
        seen[clears] = left, weight.item(), scaler.get_scale()

    assert seen[False] == (float("inf"), 1.0, 2.0)
    assert seen[True] == (3.0, -2.0, 4.0)


@claim(
    refuted_by=[counterfactuals.backward_moves_the_parameters],
    rival=lambda *_: None,
)
def clipping_an_infinite_gradient_still_skips_the_step(
    clip: Callable[..., object] = nn.utils.clip_grad_norm_,
) -> None:
    """After `unscale_()`, clipping makes nan and 0 of an infinite gradient; the step is skipped."""
    weight = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler = GradScaler("cpu", init_scale=8.0)

    scaler.scale((weight * torch.tensor([1.0, float("inf")])).sum()).backward()
    scaler.unscale_(optimizer)
    clip([weight], 1.0)
    scaler.step(optimizer)

    assert weight.grad[0].item() == 0.0
    assert weight.grad[1].isnan()
    assert weight.tolist() == [1.0, 1.0]


@claim(
    refuted_by=[
        counterfactuals.backward_overwrites,
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
)
def scaled_gradients_add_up_until_the_scalers_step() -> None:
    """Parts that are scaled alike add up in `.grad`; one `scaler.step()` divides the sum."""
    weight = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler = GradScaler("cpu", init_scale=8.0)

    for part in (1.0, 2.0):
        scaler.scale(weight * part).backward()
    added = weight.grad.item()
    scaler.step(optimizer)

    assert added == 24.0
    assert weight.grad.item() == 3.0
    assert weight.item() == -2.0


@claim(
    refuted_by=[counterfactuals.backward_overwrites, counterfactuals.steps_do_nothing],
    rival=lambda *_: None,
)
def unscaling_between_two_parts_mixes_two_scales(unscale: Step = GradScaler.unscale_) -> None:
    """`unscale_()` before the last part adds a scaled gradient to an unscaled one; no error tells.

    1 + 8 * 2 makes 17, where 3 is right.
    """
    weight = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler = GradScaler("cpu", init_scale=8.0)

    scaler.scale(weight * 1).backward()
    unscale(scaler, optimizer)
    scaler.scale(weight * 2).backward()
    scaler.step(optimizer)

    assert weight.grad.item() == 17.0
    assert weight.item() == -17.0


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda scaler, _: scaler.update(),
)
def scaler_unscales_and_steps_once_between_two_updates(
    between: Step = lambda *_: None,
) -> None:
    """A second `unscale_()`, or `step()`, of an optimizer before `scaler.update()` raises."""
    weight = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler = GradScaler("cpu", init_scale=8.0)
    scaler.scale(weight * 3).backward()

    scaler.unscale_(optimizer)
    between(scaler, optimizer)
    message = "unscale_() has already been called on this optimizer since the last update()."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$") as twice:
        scaler.unscale_(optimizer)
    scaler.step(optimizer)
    between(scaler, optimizer)
    message = "step() has already been called since the last update()."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$") as again:
        scaler.step(optimizer)

    print(twice.value)
    print(again.value)


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda weights: torch.optim.SGD(weights[:1], lr=1.0),
)
def scaler_step_without_any_gradient_raises(
    make: Callable[[list[nn.Parameter]], torch.optim.Optimizer] = lambda weights: torch.optim.SGD(
        weights[1:], lr=1.0
    ),
) -> None:
    """`scaler.step()` of an optimizer none of whose parameters has a `.grad` raises."""
    used, unused = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    optimizer = make([used, unused])
    scaler = GradScaler("cpu", init_scale=8.0)

    scaler.scale(used * 3).backward()
    with pytest.raises(AssertionError, match=r"^No inf checks were recorded for this") as caught:
        scaler.step(optimizer)

    assert (used.grad.item(), unused.grad) == (24.0, None)
    print(caught.value)


@claim(
    refuted_by=[counterfactuals.backward_does_nothing, counterfactuals.steps_do_nothing],
    rival=lambda layer: layer.bfloat16(),
)
def scaler_refuses_gradients_of_float16_parameters(
    convert: Callable[[nn.Module], nn.Module] = lambda layer: layer.half(),
) -> None:
    """`unscale_()` and `step()` refuse gradients of float16 parameters, and take bfloat16 ones."""
    layer = convert(nn.Linear(1, 1))
    optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
    scaler = GradScaler("cpu", init_scale=8.0)

    scaler.scale(layer(torch.ones(1, 1, dtype=layer.weight.dtype)).float().sum()).backward()
    for call in (scaler.unscale_, scaler.step):
        with pytest.raises(ValueError, match=r"^Attempting to unscale FP16 gradients\.$") as caught:
            call(optimizer)

    assert layer.weight.grad.dtype is torch.float16

    weight = nn.Parameter(torch.ones(1, dtype=torch.bfloat16))
    scaler.scale(weight * 3).backward()
    scaler.step(torch.optim.SGD([weight], lr=1.0))

    assert weight.item() == -2.0
    print(caught.value)


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.backward_adds_gradients_twice],
    rival=lambda weights: [torch.optim.SGD(weights, lr=1.0)],
)
def scaler_skips_each_optimizer_for_its_own_gradients(
    make: Callable[[list[nn.Parameter]], list[torch.optim.Optimizer]] = lambda weights: [
        torch.optim.SGD([weight], lr=1.0) for weight in weights
    ],
) -> None:
    """Of two optimizers, only the one with an infinite gradient is skipped; the scale falls."""
    good, bad = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    optimizers = make([good, bad])
    scaler = GradScaler("cpu", init_scale=8.0)

    scaler.scale(good * 3 + bad * float("inf")).backward()
    for optimizer in optimizers:
        scaler.step(optimizer)
    scaler.update()

    assert good.grad.item() == 3.0
    assert (good.item(), bad.item(), scaler.get_scale()) == (-2.0, 1.0, 4.0)


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice, counterfactuals.steps_do_nothing],
    rival=lambda: GradScaler("cpu"),
)
def disabled_scaler_returns_the_loss_itself(
    make: Callable[[], GradScaler] = lambda: GradScaler("cpu", enabled=False),
) -> None:
    """A disabled `GradScaler` returns the loss itself, and its `step()` is the optimizer's own.

    `unscale_()` and `update()` can stay where they are, and change nothing.
    """
    weight = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scaler, loss = make(), weight * 3

    scaled = scaler.scale(loss)
    scaled.backward()
    scaler.unscale_(optimizer)
    unscaled = weight.grad.item()
    scaler.step(optimizer)
    scaler.update()

    assert scaled is loss
    assert unscaled == 3.0
    assert weight.item() == -2.0
