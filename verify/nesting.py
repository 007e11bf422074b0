"""Claims about one mode inside another, and about `enable_grad` and `set_grad_enabled` alone."""

from collections.abc import Callable
from functools import partial

import pytest
import torch

from mkdocs_claims import claim
from verify import counterfactuals

Call = Callable[[], torch.Tensor]
Make = Callable[[int], torch.Tensor]

SWITCHES = {
    "no_grad()": (torch.no_grad, False),
    "set_grad_enabled(False)": (partial(torch.set_grad_enabled, mode=False), False),
    "enable_grad()": (torch.enable_grad, True),
    "set_grad_enabled(True)": (partial(torch.set_grad_enabled, mode=True), True),
    "inference_mode()": (torch.inference_mode, False),
    "inference_mode(False)": (partial(torch.inference_mode, mode=False), True),
}
"""Each mode, and whether it records where no other is around it."""


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.enable_grad_does_nothing,
        counterfactuals.set_grad_enabled_ignores_its_argument,
        counterfactuals.inference_mode_false_does_nothing,
    ]
)
def inner_mode_decides_outside_inference_mode() -> None:
    """In any mode but inference mode, the innermost mode alone decides what is recorded."""
    x = torch.ones(1, requires_grad=True)

    for outside, (outer, _) in SWITCHES.items():
        if outside == "inference_mode()":
            continue
        for inside, (inner, records) in SWITCHES.items():
            with outer(), inner():
                recorded = (x * 2).requires_grad
            assert (outside, inside, recorded) == (outside, inside, records)


@claim(
    refuted_by=[
        counterfactuals.enable_grad_suspends_inference_mode,
        counterfactuals.inference_mode_false_does_nothing,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def inside_inference_mode_only_inference_mode_false_records() -> None:
    """In inference mode, `inference_mode(False)` records, and no other mode inside it does."""
    x = torch.ones(1, requires_grad=True)
    recording, making_normal_tensors = [], []

    for inside, (inner, _) in SWITCHES.items():
        with torch.inference_mode(), inner():
            result = x * 2
        if result.requires_grad:
            recording.append(inside)
        if not result.is_inference():
            making_normal_tensors.append(inside)

    assert recording == ["inference_mode(False)"]
    assert making_normal_tensors == ["inference_mode(False)"]


@claim(
    refuted_by=[
        counterfactuals.no_grad_never_ends,
        counterfactuals.no_grad_ends_with_grad_on,
        counterfactuals.inner_blocks_end_inference_mode,
    ]
)
def each_mode_hands_back_the_one_around_it() -> None:
    """Whichever mode is inside whichever, both modes are after the inner block as before it."""
    for outside, (outer, _) in SWITCHES.items():
        for inside, (inner, _) in SWITCHES.items():
            with outer():
                before = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
                with inner():
                    pass
                after = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
            assert (outside, inside, after) == (outside, inside, before)


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.operations_are_never_recorded,
    ],
    rival=lambda size: torch.ones(size, requires_grad=True),
)
def enable_grad_records_nothing_without_a_trainable_input(make: Make = torch.ones) -> None:
    """Under `enable_grad` a product of plain tensors, or of `no_grad` results, is not recorded."""
    x = torch.ones(1, requires_grad=True)
    plain = make(1)
    with torch.no_grad():
        made_before = x * 2

    with torch.enable_grad():
        of_plain_tensors = plain * 3
        of_a_result = made_before * 3
        of_a_trainable_tensor = x * 3

    assert of_plain_tensors.requires_grad is False
    assert of_a_result.requires_grad is False
    assert of_a_trainable_tensor.requires_grad is True


def _switch_where_it_stands(function: Call) -> Call:
    """Switch when the function is decorated, and not when it is called."""
    torch.set_grad_enabled(mode=False)
    return function


@claim(refuted_by=[counterfactuals.decorators_do_nothing], rival=_switch_where_it_stands)
def set_grad_enabled_as_a_decorator_switches_for_the_call_only(
    # Made when it decorates: it switches as soon as it is made.
    mark: Callable[[Call], Call] = lambda call: torch.set_grad_enabled(mode=False)(call),  # noqa: PLW0108
) -> None:
    """`@torch.set_grad_enabled(False)` turns grad off in each call, and not where it stands."""
    x = torch.ones(1, requires_grad=True)

    @mark
    def double() -> torch.Tensor:
        return x * 2

    where_it_stands = torch.is_grad_enabled()
    doubled = double()

    assert where_it_stands is True
    assert doubled.requires_grad is False
    assert torch.is_grad_enabled() is True


@claim(rival=lambda flag: torch.set_grad_enabled(bool(flag)))
def set_grad_enabled_takes_a_bool_only(
    switch: Callable[[object], object] = torch.set_grad_enabled,
) -> None:
    """`set_grad_enabled` raises a `TypeError` for `1`, a string or a function."""
    message = r"set_grad_enabled\(\): argument 'enabled' \(position 1\) must be bool, not"

    for flag, kind in ((1, "int"), ("train", "str"), (print, "builtin_function_or_method")):
        with pytest.raises(TypeError, match=f"^{message} {kind}$") as caught:
            switch(flag)
        print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_false_does_nothing,
        counterfactuals.enable_grad_does_nothing,
        counterfactuals.enable_grad_suspends_inference_mode,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def gradient_in_a_validation_step_needs_inference_mode_false_and_a_clone() -> None:
    """`inference_mode(False)` and a clone give a gradient in either mode; `enable_grad` in one."""
    gradients = {}
    batches = {}

    for mode in ("no_grad()", "inference_mode()"):
        for block in ("enable_grad()", "inference_mode(False)"):
            with SWITCHES[mode][0]():
                batches[mode] = torch.ones(1)
                with SWITCHES[block][0]():
                    inputs = batches[mode].clone().requires_grad_()
                    square = inputs.square()
            recorded = square.requires_grad
            gradients[mode, block] = recorded and torch.autograd.grad(square, inputs)[0].item()

    assert gradients["no_grad()", "enable_grad()"] == 2.0
    assert gradients["no_grad()", "inference_mode(False)"] == 2.0
    assert gradients["inference_mode()", "enable_grad()"] is False
    assert gradients["inference_mode()", "inference_mode(False)"] == 2.0
    with pytest.raises(RuntimeError, match=r"^Setting requires_grad=True on inference tensor"):
        batches["inference_mode()"].requires_grad_()
