"""Claims about codes and choices: a codebook moved by an average, commitment, Gumbel softmax."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.views_are_copies,
        counterfactuals.detach_returns_the_tensor_itself,
    ],
    rival=nullcontext,
)
def codebook_moved_by_an_average_gets_no_gradient_and_the_encoder_its_own(
    mode: Callable[[], AbstractContextManager[object]] = torch.no_grad,
) -> None:
    """A buffer of codes moved by `lerp_` under `no_grad` stays a constant; the encoder trains."""
    encoded = torch.tensor([[2.0], [4.0]], requires_grad=True)
    codebook = torch.tensor([[1.0], [9.0]])

    nearest = torch.cdist(encoded, codebook).argmin(dim=1)
    code = codebook[nearest]
    quantized = encoded + (code - encoded).detach()
    commitment = (encoded - code.detach()).square().sum()
    with mode():
        codebook[0].lerp_(encoded.mean(dim=0), 0.25)
    (quantized.sum() + commitment).backward()

    assert codebook.tolist() == [[1.5], [9.0]]
    assert codebook.requires_grad is False
    assert codebook.grad_fn is None
    assert encoded.grad.tolist() == [[3.0], [7.0]]


@claim(
    refuted_by=[counterfactuals.detach_returns_the_tensor_itself],
    rival=lambda _encoded, code: code.detach(),
)
def commitment_to_a_straight_through_value_trains_nothing(
    quantize: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = lambda encoded, code: (
        encoded + (code - encoded).detach()
    ),
) -> None:
    """`(e - q)²` of the straight-through `q = e + (code - e).detach()` has a gradient of 0."""
    encoded = torch.tensor([0.75], requires_grad=True)
    code = torch.tensor([1.0], requires_grad=True)

    loss = (encoded - quantize(encoded, code)) ** 2
    loss.backward()

    assert (loss.item(), encoded.grad.item()) == (0.0625, 0.0)
    assert code.grad is None


@claim(rival=nn.functional.gumbel_softmax)
def hard_gumbel_softmax_is_one_hot_with_the_gradient_of_the_soft_one(
    sample: Callable[[torch.Tensor], torch.Tensor] = lambda logits: nn.functional.gumbel_softmax(
        logits, hard=True
    ),
) -> None:
    """`gumbel_softmax(hard=True)` is one-hot, and has the gradient of the soft sample."""
    logits = torch.tensor([0.0, 1.0, 0.0], requires_grad=True)
    values = torch.tensor([1.0, 2.0, 3.0])

    torch.manual_seed(0)
    hard = sample(logits)
    torch.manual_seed(0)
    soft = nn.functional.gumbel_softmax(logits)
    (of_hard,) = torch.autograd.grad((hard * values).sum(), logits)
    (of_soft,) = torch.autograd.grad((soft * values).sum(), logits)

    one_hot = nn.functional.one_hot(soft.argmax(), 3).float()
    seen = torch.allclose(hard, one_hot), torch.equal(of_hard, of_soft), bool(of_hard.any())
    assert seen == (True, True, True)
