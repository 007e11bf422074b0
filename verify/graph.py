"""Claims about the graph: what autograd records, what it saves, what `backward()` frees of it.

Long since it is one story: each check is short and read by itself.

It is as long as its list of claims is: each is read by itself.
"""

import re
import warnings
import weakref
from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Differentiate = Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, ...]]
Run = Callable[[torch.Tensor], object]

SECOND_TIME = "Trying to backward through the graph a second time"


@claim(
    refuted_by=[
        counterfactuals.operations_are_never_recorded,
        counterfactuals.every_operation_saves_its_inputs,
    ]
)
def graph_of_a_result_ends_in_the_leaves() -> None:
    """`next_functions` of a `grad_fn` lead to its inputs' nodes, a leaf, or None: a constant."""
    x, c = torch.ones(2, requires_grad=True), torch.ones(2)

    y = x * 3
    z = y * c + x

    assert z.grad_fn is not None
    before_z = [node for node, _ in z.grad_fn.next_functions]
    before_the_product = [node for node, _ in before_z[0].next_functions]
    assert [node.name() for node in before_z] == ["MulBackward0", "torch::autograd::AccumulateGrad"]
    assert before_the_product == [y.grad_fn, None]
    assert getattr(before_z[1], "variable", None) is x
    print("z:", z.grad_fn.name(), "  y:", y.grad_fn.name())


@claim(
    refuted_by=[
        counterfactuals.operations_are_never_recorded,
        counterfactuals.no_grad_does_nothing,
        counterfactuals.detach_returns_the_tensor_itself,
    ]
)
def leaf_is_a_tensor_that_no_recorded_operation_made() -> None:
    """A tensor is a leaf unless a recorded operation made it, also if it requires no grad."""
    x, plain = torch.ones(1, requires_grad=True), torch.ones(1)
    with torch.no_grad():
        unrecorded = x * 2

    leaves = [x, plain, plain * 2, nn.Parameter(plain), unrecorded, (x * 2).detach()]
    assert [tensor.is_leaf for tensor in leaves] == [True] * 6
    assert (x * 2).is_leaf is False


@claim(refuted_by=[counterfactuals.operations_are_never_recorded])
def graph_is_what_has_run() -> None:
    """The graph is recorded anew each time: a loop of three steps leaves three nodes in it."""
    weight = torch.tensor(2.0, requires_grad=True)
    nodes = {}

    for steps in (1, 3):
        h = torch.tensor(1.0)
        for _ in range(steps):
            h = weight * h
        nodes[steps], node = 0, h.grad_fn
        while node is not None:
            nodes[steps] += 1
            node = node.next_functions[1][0]

    assert nodes == {1: 1, 3: 3}


@claim(
    refuted_by=[
        counterfactuals.every_operation_saves_its_inputs,
        counterfactuals.operations_are_never_recorded,
    ]
)
def product_saves_a_factor_only_for_the_gradient_of_the_other() -> None:
    """`x * c` saves `c` but not `x` if only `x` requires grad; `x * y` both; `x + y` neither."""
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    c = torch.full((2,), 3.0)

    def saved(operation: Callable[[], torch.Tensor]) -> list[torch.Tensor]:
        packed = []
        with torch.autograd.graph.saved_tensors_hooks(lambda t: packed.append(t) or t, lambda t: t):
            result = operation()
        assert result.requires_grad
        return [tensor.data_ptr() for tensor in packed]

    assert saved(lambda: x * c) == [c.data_ptr()]
    assert sorted(saved(lambda: x * y)) == sorted([x.data_ptr(), y.data_ptr()])
    assert saved(lambda: x + y) == []


@claim(refuted_by=[counterfactuals.graphs_are_never_freed, counterfactuals.backward_does_nothing])
def backward_frees_what_the_graph_saved_and_keeps_its_nodes() -> None:
    """After `backward()` what the graph saved is freed, a second one raises; the nodes remain."""
    x = torch.ones(2, requires_grad=True)
    middle = x.exp()
    loss = middle.sum()
    node = middle.grad_fn
    storage = weakref.ref(middle.untyped_storage())
    del middle

    was_kept = storage() is not None
    loss.backward()

    assert (was_kept, storage() is not None) == (True, False)
    with pytest.raises(RuntimeError, match=f"^{SECOND_TIME}") as caught:
        loss.backward()
    with pytest.raises(RuntimeError, match=f"^{SECOND_TIME}"):
        _ = node._saved_result
    assert loss.grad_fn.next_functions[0][0] is node
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.graphs_are_never_freed,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda x: x + 9,
)
def graph_made_before_a_loop_is_freed_by_its_first_backward(
    in_the_loop: Callable[[torch.Tensor], torch.Tensor] = lambda x: x * x,
) -> None:
    """If `y = x * x` stands before a loop, the second `backward()` raises; made in it, it runs."""
    x = torch.tensor(3.0, requires_grad=True)
    weight = torch.tensor(1.0, requires_grad=True)
    before = in_the_loop(x)

    (weight * before).backward()
    with pytest.raises(RuntimeError, match=f"^{SECOND_TIME}"):
        (weight * before).backward()
    (weight * in_the_loop(x)).backward()
    (weight * before.detach()).backward()

    assert x.grad.item() == 12.0


@claim(
    refuted_by=[
        counterfactuals.graphs_are_never_freed,
        counterfactuals.backward_overwrites,
        counterfactuals.backward_adds_gradients_twice,
    ],
)
def two_losses_with_a_common_part_need_one_backward() -> None:
    """Losses that share a part need `(a + b).backward()` or `retain_graph`; both give the same."""
    x = torch.tensor(3.0, requires_grad=True)

    common = x * x
    (common * 2 + common * 5).backward()
    of_the_sum = x.grad.item()
    x.grad = None
    common = x * x
    (common * 2).backward(retain_graph=True)
    (common * 5).backward()

    assert (of_the_sum, x.grad.item()) == (42.0, 42.0)
    common = x * x
    (common * 2).backward()
    with pytest.raises(RuntimeError, match=f"^{SECOND_TIME}"):
        (common * 5).backward()


@claim(refuted_by=[counterfactuals.detach_returns_the_tensor_itself], rival=lambda loss: loss + 0)
def history_of_losses_keeps_every_graph(
    number: Run = lambda loss: loss.item(),
) -> None:
    """A loss in a list or a total keeps what its graph saved; `detach()` and `item()` do not."""
    is_kept = {}

    for name, keep in (
        ("loss", lambda loss: loss),
        ("total", lambda loss: 0.0 + loss),
        ("detach()", lambda loss: loss.detach()),
        ("item()", number),
    ):
        middle = torch.ones(2, requires_grad=True).exp()
        storage = weakref.ref(middle.untyped_storage())
        history = [keep(middle.sum())]
        del middle
        is_kept[name] = bool(history) and storage() is not None

    assert is_kept == {"loss": True, "total": True, "detach()": False, "item()": False}


@claim(
    refuted_by=[
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.backward_does_nothing,
        counterfactuals.every_operation_saves_its_inputs,
    ]
)
def tensor_that_is_used_twice_gets_the_sum() -> None:
    """A leaf used twice is one node of the graph, and its `.grad` is the sum of both gradients."""
    x = torch.tensor(1.0, requires_grad=True)
    twice, thrice = x * 2, x * 3
    nodes = {one.grad_fn.next_functions[0][0] for one in (twice, thrice) if one.grad_fn}

    (twice + thrice).backward()

    assert [node.name() for node in nodes] == ["torch::autograd::AccumulateGrad"]
    assert x.grad is not None
    assert x.grad.item() == 5.0


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda loss, x: (loss.backward(), (x.grad,))[1],
)
def autograd_grad_returns_gradients_and_fills_none(
    differentiate: Differentiate = torch.autograd.grad,
) -> None:
    """`torch.autograd.grad` returns a gradient, of an intermediate too; `.grad` stays None."""
    x, other = torch.tensor(3.0, requires_grad=True), torch.tensor(1.0, requires_grad=True)
    middle = x * x

    (of_x,) = differentiate(middle * other, x)
    middle = x * x
    (of_the_middle,) = torch.autograd.grad(middle * 5, middle)
    untouched = x.grad, other.grad
    (x * x * other).backward()

    assert [of_x.item(), of_the_middle.item()] == [6.0, 5.0]
    assert untouched == (None, None)
    assert (x.grad.item(), other.grad.item()) == (6.0, 9.0)


@claim(rival=lambda x, unused: x * unused)
def autograd_grad_of_an_unused_tensor_raises(
    use: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = lambda x, _: x * x,
) -> None:
    """`torch.autograd.grad` for an unused tensor raises; by option it gives None or zeros."""
    x, unused = torch.tensor(3.0, requires_grad=True), torch.tensor(1.0, requires_grad=True)

    message = "The differentiated Tensor at index 0 appears to not have been used in the graph."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}"):
        torch.autograd.grad(use(x, unused), unused)
    allowed = torch.autograd.grad(use(x, unused), unused, allow_unused=True)
    materialized = torch.autograd.grad(use(x, unused), unused, materialize_grads=True)

    assert allowed == (None,)
    assert materialized[0].item() == 0.0


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda loss, _: loss.backward(),
)
def backward_with_inputs_fills_only_those(
    run: Callable[[torch.Tensor, list[torch.Tensor]], None] = lambda loss, inputs: loss.backward(
        inputs=inputs
    ),
) -> None:
    """`backward(inputs=[a])` fills `a.grad` alone, even that of a tensor that is no leaf."""
    a, b = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)

    run(a * b, [a])
    of_a, of_b = a.grad, b.grad
    middle = b * b
    run(middle * 5, [middle])

    assert of_a is not None
    assert of_b is None
    assert (of_a.item(), middle.grad.item(), b.grad) == (3.0, 5.0, None)


@claim(refuted_by=[counterfactuals.backward_does_nothing], rival=lambda loss: loss.backward())
def backward_with_create_graph_warns_and_records_the_gradient(
    run: Run = lambda loss: loss.backward(create_graph=True),
) -> None:
    """`backward(create_graph=True)` warns of a cycle that leaks; `autograd.grad` does not."""
    x = torch.tensor(3.0, requires_grad=True)

    message = "Using backward() with create_graph=True will create a reference cycle"
    with pytest.warns(UserWarning, match=f"^{re.escape(message)}"):
        run(x * x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (gradient,) = torch.autograd.grad(x * x, x, create_graph=True)

    assert x.grad is not None
    assert [x.grad.requires_grad, gradient.requires_grad] == [True, True]


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.graphs_are_never_freed,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def create_graph_retains_the_graph_too() -> None:
    """`create_graph=True` keeps the graph, so that the gradient can be differentiated again."""
    x = torch.tensor(3.0, requires_grad=True)
    cube = x * x * x

    (slope,) = torch.autograd.grad(cube, x, create_graph=True)
    (curvature,) = torch.autograd.grad(slope, x, retain_graph=True)
    cube.backward()

    assert x.grad is not None
    assert [slope.item(), curvature.item(), x.grad.item()] == [27.0, 18.0, 27.0]
    with pytest.raises(RuntimeError, match=f"^{SECOND_TIME}"):
        cube.backward()


@claim(refuted_by=[counterfactuals.backward_does_nothing], rival=lambda gradient: gradient.mul(1))
def hook_that_returns_a_tensor_replaces_the_gradient(
    hook: Run = lambda gradient: gradient * 10,
) -> None:
    """A `register_hook` hook sees the gradient; what it returns goes on instead, until removed."""
    x = torch.tensor(1.0, requires_grad=True)
    middle, seen = x * 3, []
    handle = middle.register_hook(lambda gradient: seen.append(gradient.item()) or hook(gradient))

    (middle * 2).backward(retain_graph=True)
    with_hook = x.grad
    x.grad = None
    handle.remove()
    (middle * 2).backward()

    assert seen == [2.0]
    assert with_hook is not None
    assert [with_hook.item(), x.grad.item()] == [60.0, 6.0]
