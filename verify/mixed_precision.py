"""Claims about `torch.autocast`: grad modes in its block, its cache of cast weights, dtypes.

It is long, since each check is read by itself.  All of it is seen on the CPU.
"""

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import torch
from torch import nn
from torch.nn import functional

from mkdocs_claims import claim
from verify import counterfactuals

Linear = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Mode = Callable[[], AbstractContextManager[object]]


@functools.cache
def _cast_once(weight: torch.Tensor) -> torch.Tensor:
    """Cast a weight as the grad mode of that moment has it, and hand that out ever after."""
    return weight.bfloat16()


@claim(
    refuted_by=[
        counterfactuals.no_grad_never_ends,
        counterfactuals.no_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda values, weight: functional.linear(values, _cast_once(weight)),
)
def pass_under_no_grad_leaves_the_next_one_its_gradient_under_autocast(
    linear: Linear = functional.linear,
) -> None:
    """In one `autocast` block, a pass under `no_grad` takes no gradient from the next pass."""
    weight = nn.Parameter(torch.ones(1, 2))

    with torch.autocast("cpu", dtype=torch.bfloat16):
        with torch.no_grad():
            first = linear(torch.ones(1, 2), weight)
        second = linear(torch.ones(1, 2), weight)

    assert first.requires_grad is False
    assert second.requires_grad is True

    second.sum().backward()

    assert weight.grad.tolist() == [[1.0, 1.0]]


@claim(
    refuted_by=[
        counterfactuals.inference_mode_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda values, weight: functional.linear(values, _cast_once(weight)),
)
def pass_in_inference_mode_leaves_the_next_one_its_gradient_under_autocast(
    linear: Linear = functional.linear,
) -> None:
    """In one `autocast` block, a pass in `inference_mode` takes no gradient from the next pass."""
    weight = nn.Parameter(torch.ones(1, 2))

    with torch.autocast("cpu", dtype=torch.bfloat16):
        with torch.inference_mode():
            first = linear(torch.ones(1, 2), weight)
        second = linear(torch.ones(1, 2), weight)

    assert first.is_inference() is True
    assert second.requires_grad is True

    second.sum().backward()

    assert weight.grad.tolist() == [[1.0, 1.0]]


@claim(
    refuted_by=[counterfactuals.operations_are_never_recorded],
    rival=lambda weight: weight.detach().bfloat16().requires_grad_(),
)
def cast_made_under_no_grad_by_hand_has_no_gradient(
    cast: Callable[[torch.Tensor], torch.Tensor] = lambda weight: weight.bfloat16(),
) -> None:
    """A weight cast by hand under `no_grad` and kept leaves the loss without a graph."""
    weight = nn.Parameter(torch.ones(1, 2))
    with torch.no_grad():
        kept = cast(weight)
    anew = weight.bfloat16()

    loss = functional.linear(torch.ones(1, 2, dtype=torch.bfloat16), kept).sum()
    message = "element 0 of tensors does not require grad and does not have a grad_fn"
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        loss.backward()

    assert kept.requires_grad is False
    assert anew.requires_grad is True
    print(caught.value)


@claim(rival=lambda: torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False))
def autocast_uses_a_cast_weight_again_after_the_weight_has_changed(
    autocast: Mode = lambda: torch.autocast("cpu", dtype=torch.bfloat16),
) -> None:
    """An `autocast` block casts a trainable weight once; a change of it is not seen until the end.

    `torch.clear_autocast_cache()` has it cast anew within the block.
    """
    weight, one = nn.Parameter(torch.ones(1, 1)), torch.ones(1, 1)
    seen = {}

    with autocast():
        seen["before"] = functional.linear(one, weight).item()
        with torch.no_grad():
            weight.fill_(5.0)
            seen["changed, under no_grad"] = functional.linear(one, weight).item()
        seen["changed"] = functional.linear(one, weight).item()
        torch.clear_autocast_cache()
        seen["cleared"] = functional.linear(one, weight).item()
        with torch.no_grad():
            weight.fill_(7.0)
    with autocast():
        seen["next block"] = functional.linear(one, weight).item()

    assert seen == {
        "before": 1.0,
        "changed, under no_grad": 1.0,
        "changed": 1.0,
        "cleared": 5.0,
        "next block": 7.0,
    }


@claim(rival=lambda: torch.autocast("cpu", dtype=torch.bfloat16))
def autocast_without_cache_sees_a_changed_weight(
    autocast: Mode = lambda: torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False),
) -> None:
    """With `cache_enabled=False` an `autocast` block casts a weight at each use."""
    weight, one = nn.Parameter(torch.ones(1, 1)), torch.ones(1, 1)

    with autocast():
        before = functional.linear(one, weight).item()
        with torch.no_grad():
            weight.fill_(5.0)
        after = functional.linear(one, weight).item()

    assert (before, after) == (1.0, 5.0)


@claim(
    refuted_by=[counterfactuals.requires_grad_does_nothing],
    rival=torch.no_grad,
)
def autocast_keeps_no_cast_of_a_frozen_weight_or_in_inference_mode(
    inference_mode: Mode = torch.inference_mode,
) -> None:
    """A frozen weight is cast at each use under `autocast`, and any weight in `inference_mode`."""
    frozen = nn.Linear(1, 1, bias=False).requires_grad_(False)
    trainable = nn.Linear(1, 1, bias=False)
    one, seen = torch.ones(1, 1), []
    for layer in (frozen, trainable):
        nn.init.ones_(layer.weight)

    with torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad():
        for value in (3.0, 5.0):
            frozen.weight.fill_(value)
            seen.append(frozen(one).item())
    with torch.autocast("cpu", dtype=torch.bfloat16), inference_mode():
        for value in (3.0, 5.0):
            trainable.weight.fill_(value)
            seen.append(trainable(one).item())

    assert seen[:2] == [3.0, 5.0]
    assert seen[2:] == [3.0, 5.0]


@claim(rival=lambda: torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False))
def autocast_block_inside_another_shares_its_cache(
    inner: Mode = lambda: torch.autocast("cpu", dtype=torch.bfloat16),
) -> None:
    """`autocast` blocks inside another share its cache, even if that one has `enabled=False`."""
    one = torch.ones(1, 1)

    for enabled in (True, False):
        weight = nn.Parameter(torch.ones(1, 1))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            with inner():
                first = functional.linear(one, weight).item()
            with torch.no_grad():
                weight.fill_(5.0)
            with inner():
                second = functional.linear(one, weight).item()

        assert (first, second) == (1.0, 1.0)


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.backward_does_nothing],
    rival=lambda: torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False),
)
def steps_in_one_autocast_block_go_unseen_by_its_forward_passes(
    autocast: Mode = lambda: torch.autocast("cpu", dtype=torch.bfloat16),
) -> None:
    """With a whole loop in one `autocast` block, weights move and the loss stays where it was."""
    layer, one = nn.Linear(1, 1, bias=False), torch.ones(1, 1)
    nn.init.ones_(layer.weight)
    optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
    losses, weights = [], []

    with autocast():
        for _ in range(3):
            optimizer.zero_grad()
            loss = layer(one).sum()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            weights.append(layer.weight.item())

    assert weights == [0.0, -1.0, -2.0]
    assert losses == [1.0, 1.0, 1.0]


@claim(
    refuted_by=[
        counterfactuals.linear_layers_lose_precision_with_grad_off,
        counterfactuals.no_grad_does_nothing,
        counterfactuals.inference_mode_does_nothing,
    ],
    rival=lambda: torch.autocast("cpu", enabled=False),
)
def grad_modes_leave_the_dtypes_of_autocast_alone(
    no_grad: Mode = torch.no_grad,
) -> None:
    """`no_grad` and `inference_mode` leave what `autocast` computes, and its dtypes, as they are.

    Checked for a linear layer and a loss, with either of the two blocks as the outer one.
    """
    layer, values = nn.Linear(2, 2), torch.tensor([[1.001, 2.003]])

    with torch.autocast("cpu", dtype=torch.bfloat16):
        recorded = layer(values)
    for mode in (no_grad, torch.inference_mode):
        with mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            outside = layer(values)
            loss = functional.mse_loss(outside, values)
        with torch.autocast("cpu", dtype=torch.bfloat16), mode():
            inside = layer(values)

        assert (outside.requires_grad, inside.requires_grad) == (False, False)
        assert (outside.dtype, inside.dtype) == (torch.bfloat16, torch.bfloat16)
        assert torch.equal(torch.cat([outside, inside]), torch.cat([recorded, recorded]))
        assert (recorded.dtype, loss.dtype) == (torch.bfloat16, torch.float32)


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda layer: layer.bfloat16(),
)
def gradient_under_autocast_has_the_dtype_of_its_parameter(
    prepare: Callable[[nn.Module], nn.Module] = lambda layer: layer,
) -> None:
    """Under `autocast` a layer's output is bfloat16; its float32 weight gets a float32 gradient."""
    layer = prepare(nn.Linear(1, 1, bias=False))

    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = layer(torch.full((1, 1), 3.0))
    output.retain_grad()
    output.sum().backward()

    assert (output.dtype, output.grad.dtype) == (torch.bfloat16, torch.bfloat16)
    assert (layer.weight.dtype, layer.weight.grad.dtype) == (torch.float32, torch.float32)
    assert layer.weight.grad.tolist() == [[3.0]]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda: torch.autocast("cpu", dtype=torch.bfloat16, enabled=False),
)
def gradient_under_autocast_is_as_coarse_as_what_it_came_from(
    autocast: Mode = lambda: torch.autocast("cpu", dtype=torch.bfloat16),
) -> None:
    """A float32 gradient under bfloat16 `autocast` is rounded: 1 where it is 1.001 without."""
    layer, values = nn.Linear(1, 1, bias=False), torch.full((1, 1), 1.001)
    gradients = []

    for mode in (autocast, lambda: torch.autocast("cpu", enabled=False)):
        layer.zero_grad()
        with mode():
            output = layer(values)
        output.sum().backward()
        gradients.append(layer.weight.grad.item())

    rounded, exact = gradients
    assert rounded == 1.0
    assert exact == values.item()


@claim(
    refuted_by=[
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.backward_overwrites,
    ]
)
def passes_in_one_autocast_block_can_each_run_backward() -> None:
    """Two passes in one `autocast` block, which share a cast weight, each run `backward()`."""
    layer = nn.Linear(1, 1, bias=False)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        first, second = layer(torch.full((1, 1), 2.0)), layer(torch.full((1, 1), 3.0))
    first.sum().backward()
    of_the_first = layer.weight.grad.item()
    second.sum().backward()

    assert of_the_first == 2.0
    assert layer.weight.grad.item() == 5.0


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda: torch.autocast("cpu", dtype=torch.bfloat16),
)
def small_gradients_vanish_in_float16_and_not_in_bfloat16(
    half: Mode = lambda: torch.autocast("cpu", dtype=torch.float16),
) -> None:
    """A gradient of 1e-9 becomes 0 under float16 `autocast`; under bfloat16 it does not."""
    layer, one = nn.Linear(1, 1, bias=False), torch.ones(1, 1)
    gradients = []

    for mode in (half, lambda: torch.autocast("cpu", dtype=torch.bfloat16)):
        layer.zero_grad()
        with mode():
            output = layer(one)
        (output.float() * 1e-9).sum().backward()
        gradients.append(layer.weight.grad.item())

    in_float16, in_bfloat16 = gradients
    assert in_float16 == 0.0
    assert in_bfloat16 == pytest.approx(1e-9, rel=0.01)
