"""Claims about `.grad`: what fills it, what adds to it, what clears it."""

import warnings
import weakref
from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def forward_pass_computes_no_gradient() -> None:
    """In grad mode a forward pass computes no gradient yet: `backward()` computes all of them."""
    computed = []
    weight = torch.ones(1, requires_grad=True)

    middle = weight * 3
    middle.register_hook(lambda gradient: computed.append(gradient.item()))
    loss = (middle * 5).sum()
    after_forward = list(computed)
    loss.backward()

    assert middle.grad_fn is not None
    assert after_forward == []
    assert computed == [5.0]
    assert weight.grad.tolist() == [15.0]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda weight: (weight * 2).detach().requires_grad_(),
)
def gradient_of_an_intermediate_result_is_not_kept(
    double: Callable[[torch.Tensor], torch.Tensor] = lambda weight: weight * 2,
) -> None:
    """An intermediate result keeps no `.grad` in training, unless `retain_grad()` asks for it."""
    weight = torch.ones(1, requires_grad=True)
    middle, retained = double(weight), weight * 3
    retained.retain_grad()

    (middle * retained).backward()
    with pytest.warns(UserWarning, match="The .grad attribute of a Tensor that is not a leaf"):
        of_the_middle = middle.grad

    assert of_the_middle is None
    assert retained.grad.tolist() == [2.0]
    assert weight.grad.tolist() == [12.0]


@claim(
    refuted_by=[counterfactuals.backward_overwrites, counterfactuals.backward_adds_gradients_twice]
)
def gradients_of_two_halves_sum_to_that_of_the_batch() -> None:
    """Two `backward()` calls on the halves of a summed loss give the whole batch's gradient."""
    weight = torch.ones(1, requires_grad=True)
    batch = torch.tensor([1.0, 2.0, 3.0, 4.0])

    ((weight * batch) ** 2).sum().backward()
    of_the_batch = weight.grad.item()
    weight.grad = None
    ((weight * batch[:2]) ** 2).sum().backward()
    of_the_first_half = weight.grad.item()
    ((weight * batch[2:]) ** 2).sum().backward()

    assert of_the_batch == 60.0
    assert of_the_first_half == 10.0
    assert weight.grad.item() == 60.0


@claim(refuted_by=[counterfactuals.backward_overwrites], rival=lambda gradient: gradient.mul(0.0))
def gradient_is_cleared_by_none_and_by_zero(
    zero: Callable[[torch.Tensor], object] = lambda gradient: gradient.zero_(),
) -> None:
    """`p.grad = None` and `p.grad.zero_()` both make the next `backward()` start from nothing."""
    gradients = {}
    for cleared in ("by None", "by zero_()", "not at all"):
        weight = nn.Parameter(torch.ones(1))
        (weight * 3).backward()

        if cleared == "by None":
            weight.grad = None
        elif cleared == "by zero_()":
            zero(weight.grad)
        (weight * 4).backward()
        gradients[cleared] = weight.grad.item()

    assert gradients == {"by None": 4.0, "by zero_()": 4.0, "not at all": 7.0}


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda p: p.grad is None or p.grad.zero_(),
)
def zeroing_a_missing_gradient_raises(
    clear: Callable[[torch.Tensor], object] = lambda p: p.grad.zero_(),
) -> None:
    """`p.grad.zero_()` raises an `AttributeError` before the first `backward()`: it is None."""
    weight = nn.Parameter(torch.ones(1))

    with pytest.raises(AttributeError) as caught:
        clear(weight)
    weight.backward()
    before = weight.grad.tolist()
    clear(weight)

    assert str(caught.value) == "'NoneType' object has no attribute 'zero_'"
    assert before == [1.0]
    assert weight.grad.tolist() == [0.0]


@claim(
    refuted_by=[counterfactuals.zero_grad_fills_with_zeros, counterfactuals.zero_grad_does_nothing]
)
def set_to_none_need_not_be_spelled_out() -> None:
    """`zero_grad()` and `zero_grad(set_to_none=True)` do the same: each sets `.grad` to None."""
    cleared = []
    for arguments in ({}, {"set_to_none": True}, {"set_to_none": False}):
        weight = nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([weight])
        weight.backward()

        optimizer.zero_grad(**arguments)
        cleared.append(weight.grad)

    by_default, spelled_out, zeroed = cleared
    assert by_default is None
    assert spelled_out is None
    assert zeroed.tolist() == [0.0]


@claim(
    refuted_by=[counterfactuals.zero_grad_fills_with_zeros, counterfactuals.zero_grad_does_nothing]
)
def unreached_parameter_has_no_gradient_after_zero_grad() -> None:
    """After `zero_grad()`, a `backward()` that misses a parameter leaves its `.grad` None."""
    gradients = {}
    for set_to_none in (True, False):
        used, unused = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([used, unused])
        (used * unused).backward()

        optimizer.zero_grad(set_to_none=set_to_none)
        (used * 3).backward()

        assert used.grad.tolist() == [3.0]
        gradients[set_to_none] = unused.grad

    assert gradients[True] is None
    assert gradients[False].tolist() == [0.0]


@claim(refuted_by=[counterfactuals.zero_grad_fills_with_zeros])
def clearing_to_none_frees_the_gradient_until_the_next_backward() -> None:
    """`zero_grad()` frees a gradient's memory until the next `backward()`; zeroing keeps it."""
    weight = nn.Parameter(torch.ones(1000))
    optimizer = torch.optim.SGD([weight])
    weight.sum().backward()
    storage = weakref.ref(weight.grad.untyped_storage())

    optimizer.zero_grad(set_to_none=False)
    after_zeroing = storage().nbytes()
    optimizer.zero_grad()
    after_none = storage()
    weight.sum().backward()

    assert after_zeroing == 4000
    assert after_none is None
    assert weight.grad.untyped_storage().nbytes() == 4000


@claim(
    refuted_by=[
        counterfactuals.zero_grad_always_sets_to_none,
        counterfactuals.zero_grad_fills_with_zeros,
    ]
)
def clearing_to_none_spares_two_writes_to_the_gradient() -> None:
    """Zeroing a `.grad` and the next `backward()` each write to it; after None neither does."""
    versions = {}
    for set_to_none in (False, True):
        weight = nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([weight])
        (weight * 3).backward()
        versions[set_to_none] = [weight.grad._version]

        optimizer.zero_grad(set_to_none=set_to_none)
        (weight * 3).backward()
        versions[set_to_none].append(weight.grad._version)

    assert versions[False] == [0, 2]
    assert versions[True] == [0, 0]


@claim(
    refuted_by=[
        counterfactuals.backward_overwrites,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda loss: loss.retain_grad(),
)
def loss_keeps_its_own_gradient_if_asked_and_it_is_one(
    ask: Callable[[torch.Tensor], object] = lambda _: None,
) -> None:
    """`loss.grad` is None; after `retain_grad()` it is 1, or the `gradient` given."""
    weight = torch.tensor(2.0, requires_grad=True)
    not_asked, asked, given = weight * 3, weight * 3, weight * 3
    ask(not_asked)
    asked.retain_grad()
    given.retain_grad()

    not_asked.backward()
    asked.backward()
    given.backward(gradient=torch.tensor(10.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        of_the_first = not_asked.grad

    assert (asked.grad.item(), given.grad.item()) == (1.0, 10.0)
    assert weight.grad.item() == 3.0 + 3.0 + 30.0
    assert of_the_first is None
