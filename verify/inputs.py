"""Claims about what a training step asks of its inputs: neither a gradient nor a `Variable`."""

import warnings
from collections.abc import Callable

import torch
from torch import nn
from torch.autograd import Variable

from mkdocs_claims import claim
from verify import counterfactuals


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.steps_do_nothing,
    ]
)
def training_needs_no_gradient_of_the_input() -> None:
    """A step trains alike whether the input requires grad; if so, the input gets a `.grad`, too."""
    gradients = {}
    trained = []
    for asked in (False, True):
        layer = nn.Linear(1, 1, bias=False)
        nn.init.ones_(layer.weight)
        x = torch.full((1, 1), 3.0).requires_grad_(asked)

        (layer(x) ** 2).sum().backward()
        torch.optim.SGD(layer.parameters(), lr=0.5).step()
        gradients[asked] = x.grad
        trained.append(layer.weight.item())

    assert trained == [-8.0, -8.0]
    assert gradients[False] is None
    assert gradients[True] is not None
    assert gradients[True].tolist() == [[6.0]]


@claim(
    refuted_by=[counterfactuals.operations_are_never_recorded],
    rival=lambda tensor, **flags: tensor.clone().requires_grad_(not flags),
)
def variable_is_a_tensor_and_volatile_does_nothing(
    wrap: Callable[..., torch.Tensor] = Variable,
) -> None:
    """`Variable(x)` is a plain tensor that shares `x`'s memory; `volatile=True` only warns."""
    x = torch.ones(1)
    weight = torch.ones(1, requires_grad=True)

    wrapped = wrap(x)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        volatile = wrap(x, volatile=True)

    assert type(wrapped) is torch.Tensor
    assert wrapped.data_ptr() == x.data_ptr()
    assert not wrapped.requires_grad
    assert ["volatile was removed" in str(each.message) for each in caught] == [True]
    assert (volatile * weight).grad_fn is not None
