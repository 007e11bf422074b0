"""Claims about the flag `requires_grad`: what carries it, who may set it, what freezing does."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda size: torch.ones(size, requires_grad=True),
)
def tensor_starts_without_requires_grad_and_parameter_with_it(
    make: Callable[[int], torch.Tensor] = torch.ones,
) -> None:
    """`requires_grad` starts False in a tensor, True in an `nn.Parameter`, and both can be set."""
    tensor = make(1)
    parameter = nn.Parameter(torch.ones(1))
    at_the_start = tensor.requires_grad, parameter.requires_grad

    tensor.requires_grad = True
    parameter.requires_grad = False
    (tensor * parameter).backward()

    assert at_the_start == (False, True)
    assert tensor.grad.tolist() == [1.0]
    assert parameter.grad is None


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.errors_say_something_else,
    ]
)
def integer_tensor_cannot_require_grad() -> None:
    """`requires_grad=True` and `requires_grad_()` raise for integers, not for floats or complex."""
    labels = torch.tensor([0, 1])
    imaginary = torch.ones(2, dtype=torch.complex64)

    message = "Only Tensors of floating point and complex dtype can require gradients"
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        torch.ones(2, dtype=torch.int64, requires_grad=True)
    message = "only Tensors of floating point dtype can require gradients"
    with pytest.raises(RuntimeError, match=f"^{message}$"):
        labels.requires_grad_()

    assert labels.requires_grad is False
    for allowed in (labels.float(), imaginary):
        assert torch.ones(2, dtype=allowed.dtype, requires_grad=True).requires_grad is True
        assert allowed.requires_grad_().requires_grad is True
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda tensor: tensor.requires_grad_().view_as(tensor),
)
def requires_grad_returns_its_tensor_and_records_from_then_on(
    switch_on: Callable[[torch.Tensor], torch.Tensor] = lambda tensor: tensor.requires_grad_(),
) -> None:
    """`requires_grad_()` returns its tensor; what is computed from it is recorded from then on."""
    weights = torch.tensor([1.0, 2.0])

    before = weights.pow(2)
    returned = switch_on(weights)
    weights.pow(2).sum().backward()

    assert returned is weights
    assert before.requires_grad is False
    assert weights.grad.tolist() == [2.0, 4.0]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda p: setattr(p, "require_grad", False),
)
def flag_set_on_the_parameters_of_a_backbone_freezes_it_alone(
    freeze: Callable[[nn.Parameter], None] = lambda p: setattr(p, "requires_grad", False),
) -> None:
    """`p.requires_grad = False` for each parameter `p` of a backbone leaves its head trainable."""
    backbone, head = nn.Linear(1, 1), nn.Linear(1, 1)

    for p in backbone.parameters():
        freeze(p)
    head(backbone(torch.ones(1, 1))).backward()

    assert [p.requires_grad for p in backbone.parameters()] == [False, False]
    assert [p.grad for p in backbone.parameters()] == [None, None]
    assert [p.requires_grad for p in head.parameters()] == [True, True]
    assert head.bias.grad.tolist() == [1.0]


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda table: nn.Embedding.from_pretrained(table, freeze=False),
)
def frozen_embedding_gets_no_gradient(
    load: Callable[[torch.Tensor], nn.Embedding] = nn.Embedding.from_pretrained,
) -> None:
    """An embedding frozen by `requires_grad_(False)` or by `from_pretrained` gets no gradient."""
    table = torch.ones(2, 1)
    trainable = nn.Embedding(2, 1)
    frozen = nn.Embedding(2, 1).requires_grad_(False)
    pretrained = load(table)
    head = nn.Linear(1, 1)
    nn.init.ones_(head.weight)

    for embedding in (trainable, frozen, pretrained):
        head(embedding(torch.tensor([0]))).backward()

    assert trainable.weight.grad.tolist() == [[1.0], [0.0]]
    assert frozen.weight.grad is None
    assert pretrained.weight.grad is None


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.frozen_modules_stop_the_gradient,
        counterfactuals.backward_does_nothing,
    ]
)
def gradient_passes_a_frozen_layer_and_stops_at_one_under_no_grad() -> None:
    """A gradient passes through a frozen layer, and stops at a layer that ran under `no_grad`."""
    first, middle, head = nn.Linear(1, 1), nn.Linear(1, 1), nn.Linear(1, 1)
    nn.init.constant_(middle.weight, 5.0)
    nn.init.constant_(head.weight, 3.0)
    x = torch.ones(1, 1)
    hidden = first(x)

    with torch.no_grad():
        passed = middle(hidden)
    head(passed).backward()
    behind_no_grad = first.weight.grad
    middle.requires_grad_(False)
    head(middle(first(x))).backward()

    assert head.weight.grad is not None
    assert behind_no_grad is None
    assert first.weight.grad is not None
    assert first.weight.grad.tolist() == [[15.0]]
    assert middle.weight.grad is None


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def parameter_frozen_before_backward_gets_no_gradient() -> None:
    """A parameter frozen between the forward pass and `backward()` gets no gradient any more."""
    frozen = nn.Parameter(torch.ones(1))
    trainable = nn.Parameter(torch.ones(1))
    loss = frozen * 2 + trainable * 3

    frozen.requires_grad_(False)
    loss.backward()

    assert frozen.grad is None
    assert trainable.grad.tolist() == [3.0]


@claim(refuted_by=[counterfactuals.requires_grad_does_nothing, counterfactuals.backward_overwrites])
def backward_adds_nothing_to_the_old_gradient_of_a_frozen_parameter() -> None:
    """A `.grad` from before the freeze stays as it was: later `backward()` calls add nothing."""
    frozen = nn.Parameter(torch.ones(1))
    trainable = nn.Parameter(torch.ones(1))

    (frozen * 2 + trainable * 3).backward()
    frozen.requires_grad_(False)
    (frozen * 2 + trainable * 3).backward()

    assert frozen.grad.tolist() == [2.0]
    assert trainable.grad.tolist() == [6.0]
