"""Claims about grad mode: what is recorded in it, `set_grad_enabled`, `enable_grad`.

However long: each claim is read by itself.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import torch
from torch import nn
from torch.autograd import forward_ad

from mkdocs_claims import claim
from verify import counterfactuals

Operation = Callable[[torch.Tensor], torch.Tensor]


@claim(refuted_by=[counterfactuals.no_grad_does_nothing], rival=torch.ones)
def operation_is_recorded_if_an_input_requires_grad(
    make: Callable[[int], torch.Tensor] = lambda size: torch.ones(size, requires_grad=True),
) -> None:
    """In grad mode a product is recorded if one factor requires grad, and not if none does."""
    plain = torch.ones(2)
    weight = make(2)

    unrecorded = plain * plain
    recorded = plain * weight
    with torch.no_grad():
        under_no_grad = plain * weight

    assert unrecorded.grad_fn is None
    assert recorded.grad_fn is not None
    assert under_no_grad.grad_fn is None


@claim(
    refuted_by=[counterfactuals.operations_are_never_recorded],
    rival=lambda probabilities: torch.relu(probabilities - 0.5),
)
def thresholding_is_never_recorded(
    threshold: Operation = lambda probabilities: (probabilities > 0.5).float(),
) -> None:
    """`(probabilities > 0.5).float()` requires no grad in grad mode, where `sigmoid` does."""
    logits = torch.tensor([-1.0, 1.0], requires_grad=True)

    probabilities = torch.sigmoid(logits)
    predicted = threshold(probabilities)

    assert torch.is_grad_enabled() is True
    assert probabilities.requires_grad is True
    assert predicted.requires_grad is False
    assert predicted.tolist() == [0.0, 1.0]


@claim(rival=lambda _, parameter: parameter.clone())
def samples_of_a_trainable_tensor_backpropagate_zeros(
    draw: Callable[..., torch.Tensor] = lambda sample, parameter: sample(parameter),
) -> None:
    """`bernoulli`, `poisson`, `normal` samples backpropagate zeros; `multinomial` ones cannot."""
    for sample in (torch.bernoulli, torch.poisson, torch.normal):
        parameter = torch.tensor([0.5, 0.5], requires_grad=True)

        drawn = draw(sample, parameter)
        drawn.sum().backward()

        assert drawn.requires_grad is True
        assert parameter.grad.tolist() == [0.0, 0.0]
    assert torch.multinomial(parameter, 1).requires_grad is False


@claim(
    refuted_by=[
        counterfactuals.grad_mode_decides_on_create_graph,
        counterfactuals.detach_returns_the_tensor_itself,
    ]
)
def second_order_graph_needs_create_graph() -> None:
    """A gradient has a `grad_fn` only if `create_graph=True` asked for it; `detach()` drops it."""
    x = torch.tensor(2.0, requires_grad=True)

    (plain,) = torch.autograd.grad(x**3, x)
    (recorded,) = torch.autograd.grad(x**3, x, create_graph=True)

    assert plain.item() == recorded.item() == 12.0
    assert plain.grad_fn is None
    assert recorded.grad_fn is not None
    assert recorded.detach().grad_fn is None


@claim(
    refuted_by=[
        counterfactuals.set_grad_enabled_ignores_its_argument,
        counterfactuals.enable_grad_does_nothing,
        counterfactuals.no_grad_is_inference_mode,
    ]
)
def set_grad_enabled_follows_its_argument() -> None:
    """`set_grad_enabled` follows its argument, and `enable_grad` within `False` records again."""
    x = torch.ones(2, requires_grad=True)

    with torch.set_grad_enabled(mode=False):
        off = x * 2
        with torch.enable_grad():
            enabled_within = x * 2
    with torch.no_grad(), torch.set_grad_enabled(mode=True):
        on = x * 2

    assert off.requires_grad is False
    assert enabled_within.requires_grad is True
    assert on.requires_grad is True


@claim(refuted_by=[counterfactuals.set_grad_enabled_waits_for_its_block])
def set_grad_enabled_switches_when_it_is_called() -> None:
    """`set_grad_enabled(False)` switches when called; leaving a `with` on it undoes that call."""
    with torch.enable_grad():
        guard = torch.set_grad_enabled(mode=False)
        before_the_block = torch.is_grad_enabled()
        with guard:
            pass
        after_the_block = torch.is_grad_enabled()

    assert before_the_block is False
    assert after_the_block is True


@claim(
    refuted_by=[
        counterfactuals.set_grad_enabled_waits_for_its_block,
        counterfactuals.no_grad_begins_when_it_is_called,
    ]
)
def bare_call_of_set_grad_enabled_switches_until_the_next() -> None:
    """`torch.set_grad_enabled(False)` without `with` leaves grad mode off until it is turned on."""

    def turn_off() -> None:
        torch.set_grad_enabled(False)

    torch.no_grad()
    after_no_grad = torch.is_grad_enabled()
    turn_off()
    after_the_function = torch.is_grad_enabled()
    torch.set_grad_enabled(True)

    assert after_no_grad is True
    assert after_the_function is False
    assert torch.is_grad_enabled() is True


@claim(refuted_by=[counterfactuals.enable_grad_does_nothing, counterfactuals.no_grad_does_nothing])
def enable_grad_decorator_records_inside_no_grad() -> None:
    """A function decorated with `enable_grad` is recorded when it is called inside `no_grad`."""
    x = torch.ones(2, requires_grad=True)

    @torch.enable_grad()
    def doubler(tensor: torch.Tensor) -> torch.Tensor:
        return tensor * 2

    with torch.no_grad():
        decorated = doubler(x)
        plain = x * 2

    assert decorated.requires_grad is True
    assert plain.requires_grad is False


@claim(refuted_by=[counterfactuals.grad_mode_is_global])
def enable_grad_and_set_grad_enabled_stay_in_their_thread() -> None:
    """`enable_grad` and `set_grad_enabled` switch the grad mode of their own thread only."""
    with ThreadPoolExecutor(1) as pool:
        with torch.set_grad_enabled(mode=False):
            here_off = torch.is_grad_enabled()
            there_on = pool.submit(torch.is_grad_enabled).result()
        pool.submit(torch.set_grad_enabled, mode=False).result()
        with torch.enable_grad():
            here_on = torch.is_grad_enabled()
            there_off = pool.submit(torch.is_grad_enabled).result()

    assert (here_off, there_on) == (False, True)
    assert (here_on, there_off) == (True, False)


@claim(
    refuted_by=[
        counterfactuals.no_grad_switches_forward_mode_off,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def grad_mode_switches_leave_forward_mode_ad_alone() -> None:
    """`no_grad`, `enable_grad` and `set_grad_enabled` keep tangents; `inference_mode` does not."""
    x = torch.tensor([1.0, 3.0])
    tangents = []

    for switch in (
        torch.no_grad,
        torch.enable_grad,
        partial(torch.set_grad_enabled, mode=True),
        partial(torch.set_grad_enabled, mode=False),
        torch.inference_mode,
    ):
        with switch(), forward_ad.dual_level():
            dual = forward_ad.make_dual(x, torch.ones(2))
            tangents.append(forward_ad.unpack_dual(dual * dual).tangent)

    *kept, in_inference_mode = tangents
    assert all(tangent is not None for tangent in kept)
    assert [tangent.tolist() for tangent in kept] == [[2.0, 6.0]] * 4
    assert in_inference_mode is None


@claim(rival=lambda dual: dual)
def primal_of_a_dual_tensor_computes_without_a_tangent(
    primal_of: Operation = lambda dual: forward_ad.unpack_dual(dual).primal,
) -> None:
    """What is computed from the unpacked primal of a dual tensor has no tangent."""
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(torch.tensor(3.0), torch.tensor(1.0))
        primal = primal_of(dual)
        from_dual = forward_ad.unpack_dual(dual * dual)
        from_primal = forward_ad.unpack_dual(primal * primal)

    assert from_dual.tangent.item() == 6.0
    assert from_primal.primal.item() == 9.0
    assert from_primal.tangent is None


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.linear_layers_lose_precision_with_grad_off,
        counterfactuals.operations_are_never_recorded,
    ]
)
def small_network_gives_the_same_values_in_every_mode() -> None:
    """A small network's `softmax` and `argmax` are the same in grad mode and both other modes."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3))
    x = torch.tensor([[1.0, -1.0], [0.5, 2.0]])
    seen = {}

    for mode in (torch.enable_grad, torch.no_grad, torch.inference_mode):
        with mode():
            probabilities = torch.softmax(model(x), dim=1)
            classes = probabilities.argmax(dim=1).tolist()
        seen[mode] = probabilities.requires_grad, probabilities.tolist(), classes

    recorded, *_ = seen[torch.enable_grad]
    assert recorded is True
    for mode in (torch.no_grad, torch.inference_mode):
        assert seen[mode][0] is False
        assert seen[mode][1] == seen[torch.enable_grad][1]
        assert seen[mode][2] == seen[torch.enable_grad][2]
