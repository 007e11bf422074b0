"""Claims about the ratio of new and old policy in PPO and GRPO: stored, detached, clipped."""

from collections.abc import Callable

import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.zero_grad_does_nothing],
    rival=lambda _stored, log_prob: log_prob.detach(),
)
def stored_log_prob_gives_another_ratio_after_a_step(
    old: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = lambda stored, _log_prob: stored,
) -> None:
    """With the stored `log_prob` the ratio leaves 1 after a step; with the new one detached not."""
    logits = nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([logits], lr=1.0)
    stored = logits.log_softmax(0)[0].detach()

    ratios, gradients = [], []
    for _ in range(2):
        log_prob = logits.log_softmax(0)[0]
        ratio = (log_prob - old(stored, log_prob)).exp()
        (slope,) = torch.autograd.grad(log_prob, logits, retain_graph=True)
        optimizer.zero_grad()
        (-ratio).backward()
        ratios.append(ratio.item())
        gradients.append(torch.allclose(-logits.grad, ratio.item() * slope) and slope[0] > 0)
        optimizer.step()

    assert 1.0 == ratios[0] < 1.4 < ratios[1]
    assert gradients == [True, True]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda ratio, advantage: ratio * advantage,
)
def clipped_ratio_gives_no_gradient_beyond_its_bound(
    objective: Callable[[torch.Tensor, float], torch.Tensor] = lambda ratio, advantage: torch.min(
        ratio * advantage, ratio.clamp(0.75, 1.25) * advantage
    ),
) -> None:
    """`min(r * A, clip(r) * A)` has a gradient of 0 where clipping lowers it, else that of `r`."""
    gradients = {}
    for value, advantage in ((1.0, 2.0), (1.5, 2.0), (1.5, -2.0), (0.5, -2.0), (0.5, 2.0)):
        ratio = torch.tensor(value, requires_grad=True)

        objective(ratio, advantage).backward()
        gradients[value, advantage] = ratio.grad.item()

    assert gradients == {
        (1.0, 2.0): 2.0,
        (1.5, 2.0): 0.0,
        (1.5, -2.0): -2.0,
        (0.5, -2.0): 0.0,
        (0.5, 2.0): 2.0,
    }
