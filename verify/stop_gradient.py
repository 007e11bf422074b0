"""Claims about values that a loss takes for constants: targets, baselines, straight-through."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from mkdocs_claims import claim
from verify import counterfactuals

Operation = Callable[[torch.Tensor], torch.Tensor]


@claim(
    refuted_by=[
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def bootstrapped_target_that_is_not_detached_gets_a_gradient_too() -> None:
    """With a target `r + q(s') / 2` undetached, `q(s')` gets a gradient, too."""
    gradients = {}
    for detached in (True, False):
        q = nn.Parameter(torch.tensor([1.0, 2.0]))

        target = 3.0 + 0.5 * q[1]
        ((q[0] - (target.detach() if detached else target)) ** 2).backward()
        gradients[detached] = q.grad.tolist()

    assert gradients[True] == [-6.0, 0.0]
    assert gradients[False] == [-6.0, 3.0]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.detach_returns_the_tensor_itself,
    ]
)
def target_under_no_grad_trains_as_a_detached_one_and_saves_nothing() -> None:
    """A target made under `no_grad` gives the gradients of a detached one and saves no tensor."""
    network = nn.Sequential(nn.Linear(1, 2), nn.Tanh(), nn.Linear(2, 1))
    saved: dict[str, int] = {"detach": 0, "no_grad": 0}
    gradients = {}

    for way in saved:

        def count(tensor: torch.Tensor, way: str = way) -> torch.Tensor:
            saved[way] += 1
            return tensor

        network.zero_grad()
        with saved_tensors_hooks(count, lambda tensor: tensor):
            if way == "detach":
                target = network(torch.ones(1, 1)).detach() + 1
            else:
                with torch.no_grad():
                    target = network(torch.ones(1, 1)) + 1
        nn.functional.mse_loss(network(torch.zeros(1, 1)), target).backward()
        gradients[way] = network[0].bias.grad

    assert torch.equal(gradients["detach"], gradients["no_grad"])
    assert saved["no_grad"] == 0 < saved["detach"]


@claim(
    refuted_by=[counterfactuals.detach_returns_the_tensor_itself],
    rival=lambda x: x.clone(),
)
def straight_through_rounds_and_passes_the_gradient(
    straight_through: Operation = lambda x: x + (x.round() - x).detach(),
) -> None:
    """`x + (x.round() - x).detach()` has the rounded values, and a gradient as if it were `x`."""
    x = torch.tensor([0.25, 1.75], requires_grad=True)

    out = straight_through(x)
    (out * torch.tensor([2.0, 3.0])).sum().backward()

    assert out.tolist() == [0.0, 2.0]
    assert x.grad.tolist() == [2.0, 3.0]


@claim(
    refuted_by=[counterfactuals.backward_needs_no_graph],
    rival=lambda logits: (
        logits.softmax(0) + (nn.functional.one_hot(logits.argmax(), 3) - logits.softmax(0)).detach()
    ),
)
def one_hot_of_an_argmax_cannot_run_backward(
    choose: Operation = lambda logits: nn.functional.one_hot(logits.argmax(), 3).float(),
) -> None:
    """A loss of `one_hot(logits.argmax())` raises in `backward()`; straight-through repairs it."""
    logits = torch.tensor([0.0, 1.0, 0.0], requires_grad=True)

    message = "element 0 of tensors does not require grad and does not have a grad_fn"
    with pytest.raises(RuntimeError, match=f"^{message}$"):
        (choose(logits) * torch.arange(3.0)).sum().backward()


@claim(
    refuted_by=[counterfactuals.detach_returns_the_tensor_itself],
    rival=lambda _code, encoded: encoded.clone(),
)
def vector_quantization_hands_the_encoder_the_decoders_gradient(
    quantize: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = lambda code, encoded: (
        encoded + (code - encoded).detach()
    ),
) -> None:
    """`encoded + (code - encoded).detach()` is the code; its gradient goes to `encoded` alone."""
    encoded = torch.tensor([0.75], requires_grad=True)
    code = torch.tensor([1.0], requires_grad=True)

    quantized = quantize(code, encoded)
    (quantized * 5).backward()

    assert quantized.tolist() == [1.0]
    assert encoded.grad.tolist() == [5.0]
    assert code.grad is None


@claim(
    refuted_by=[
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def the_two_losses_of_a_codebook_each_train_one_side() -> None:
    """`(e.detach() - code)²` trains the code alone, `(e - code.detach())²` the encoder alone."""
    encoded = torch.tensor([0.75], requires_grad=True)
    code = torch.tensor([1.0], requires_grad=True)

    ((encoded.detach() - code) ** 2).backward()
    after_the_first = encoded.grad, code.grad.tolist()
    ((encoded - code.detach()) ** 2).backward()

    assert after_the_first == (None, [0.5])
    assert encoded.grad.tolist() == [-0.5]
    assert code.grad.tolist() == [0.5]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda target: target,
)
def stop_gradient_on_one_branch_leaves_the_other_its_gradient(
    stop: Operation = lambda target: target.detach(),
) -> None:
    """With one encoder in both branches and one detached, its gradient comes by the other alone."""
    w = torch.tensor(2.0, requires_grad=True)
    one_view, other_view = 1.0, 3.0

    (-(w * one_view) * stop(w * other_view)).backward()

    assert w.grad.item() == -6.0


@claim(
    refuted_by=[
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def baseline_in_a_policy_loss_trains_the_critic_unless_detached() -> None:
    """`-log_prob * (R - value)` gives the critic's `value` a gradient, and detached none."""
    gradients = {}
    for detached in (True, False):
        log_prob = torch.tensor(-0.5, requires_grad=True)
        value = torch.tensor(1.0, requires_grad=True)

        (-log_prob * (3.0 - (value.detach() if detached else value))).backward()
        gradients[detached] = log_prob.grad.item(), value.grad

    assert gradients[True] == (-2.0, None)
    assert gradients[False] == (-2.0, torch.tensor(-0.5))


@claim(
    refuted_by=[counterfactuals.detach_returns_the_tensor_itself],
    rival=lambda log_prob: log_prob.exp(),
)
def ratio_of_one_still_has_a_gradient(
    ratio: Operation = lambda log_prob: (log_prob - log_prob.detach()).exp(),
) -> None:
    """`exp(log_prob - log_prob.detach())` is 1, and its gradient that of `log_prob`."""
    log_prob = torch.tensor(-0.5, requires_grad=True)

    value = ratio(log_prob)
    value.backward()

    assert value.item() == 1.0
    assert log_prob.grad.item() == 1.0


@claim(
    refuted_by=[counterfactuals.detach_returns_the_tensor_itself],
    rival=lambda x, scale: x * scale,
)
def detach_can_scale_or_reverse_a_gradient(
    rescale: Callable[[torch.Tensor, float], torch.Tensor] = lambda x, scale: (
        x * scale + (x - x * scale).detach()
    ),
) -> None:
    """`x * k + (x - x * k).detach()` is `x`, with `k` times its gradient; -1 reverses it."""
    for scale in (0.5, -1.0):
        x = torch.tensor(3.0, requires_grad=True)

        out = rescale(x, scale)
        out.backward()

        assert out.item() == 3.0
        assert x.grad.item() == scale
