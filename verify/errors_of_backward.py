"""Claims about what `backward()` refuses, and what has happened when it does.

Long, for each claim is read by itself: no graph, a graph that is used up, several values.

It is as long as its list of claims is: each is read by itself.
"""

import contextlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import torch
from torch import nn
from torch.nn import functional

from mkdocs_claims import claim
from verify import counterfactuals

Operation = Callable[[torch.Tensor], torch.Tensor]

NO_GRAPH = "element 0 of tensors does not require grad and does not have a grad_fn"
SECOND_TIME = (
    "Trying to backward through the graph a second time "
    "(or directly access saved tensors after they have already been freed)."
)
NO_SCALAR = "grad can be implicitly created only for scalar outputs"


@claim(
    refuted_by=[
        counterfactuals.backward_needs_no_graph,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda loss: loss.clone(),
)
def loss_made_anew_from_its_number_has_no_graph(
    remake: Operation = lambda loss: torch.tensor(loss.item()),
) -> None:
    """`torch.tensor(loss.item())` refuses `backward()`; if it requires grad, no weight learns."""
    weight = torch.ones(1, requires_grad=True)
    loss = remake((weight * 3).sum())

    with pytest.raises(RuntimeError, match=f"^{NO_GRAPH}$"):
        loss.backward()
    loss.requires_grad_().backward()

    assert loss.grad.item() == 1.0
    assert weight.grad is None


@claim(rival=lambda logits: logits.max(dim=1).values)
def loss_on_the_argmax_of_logits_has_no_graph(
    predict: Operation = lambda logits: logits.argmax(dim=1).float(),
) -> None:
    """A loss on `argmax` of the logits refuses `backward()`; `cross_entropy` of them trains."""
    logits = torch.zeros(1, 2, requires_grad=True)

    with pytest.raises(RuntimeError, match=f"^{NO_GRAPH}$"):
        functional.mse_loss(predict(logits), torch.ones(1)).backward()
    functional.cross_entropy(logits, torch.tensor([1])).backward()

    assert logits.grad.tolist() == [[0.5, -0.5]]


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_needs_no_graph,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def wholly_frozen_model_refuses_backward() -> None:
    """With every parameter frozen `backward()` raises; one that is not is enough for it to run."""
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)).requires_grad_(False)

    with pytest.raises(RuntimeError, match=f"^{NO_GRAPH}$"):
        model(torch.ones(1, 1)).sum().backward()
    model[1].bias.requires_grad_(True)
    model(torch.ones(1, 1)).sum().backward()

    assert model[1].bias.grad.tolist() == [1.0]
    assert model[0].weight.grad is None


@claim(
    refuted_by=[counterfactuals.detach_copies, counterfactuals.numpy_copies],
    rival=lambda y: (y * 1, torch.from_numpy(y.detach().numpy())),
)
def tensor_that_went_through_numpy_has_no_graph(
    go_through_numpy: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]] = lambda y: (
        torch.from_numpy(y.detach().numpy()),
        torch.tensor(y.detach().numpy()),
    ),
) -> None:
    """`from_numpy(y.detach().numpy())` has `y`'s memory and no `grad_fn`; `torch.tensor` copies."""
    weight = torch.ones(2, requires_grad=True)
    y = weight * 3

    back, copied = go_through_numpy(y)

    assert back.tolist() == [3.0, 3.0]
    assert back.data_ptr() == y.data_ptr()
    assert copied.data_ptr() != y.data_ptr()
    assert back.grad_fn is None
    assert back.requires_grad is False


@claim(refuted_by=[counterfactuals.backward_needs_no_graph])
def element_in_the_message_counts_the_losses_handed_over() -> None:
    """In `torch.autograd.backward([a, b])`, "element 1" is the second: `b` has no graph."""
    weight = torch.ones(1, requires_grad=True)

    message = NO_GRAPH.replace("0", "1")
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        torch.autograd.backward([weight * 2, torch.ones(1)])

    assert weight.grad is None
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.grad_mode_decides_on_create_graph,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def penalty_on_a_gradient_needs_create_graph() -> None:
    """A loss on `autograd.grad`'s result refuses `backward()` without `create_graph=True`."""
    weight = torch.tensor(2.0, requires_grad=True)

    (gradient,) = torch.autograd.grad(weight**3, weight)
    with pytest.raises(RuntimeError, match=f"^{NO_GRAPH}$"):
        (gradient**2).backward()
    (gradient,) = torch.autograd.grad(weight**3, weight, create_graph=True)
    (gradient**2).backward()

    assert gradient.item() == 12.0
    assert weight.grad.item() == 2 * 12.0 * 12.0


@claim(
    refuted_by=[
        counterfactuals.backward_needs_no_graph,
        counterfactuals.operations_are_never_recorded,
    ]
)
def loss_of_nothing_needs_the_outputs_times_zero() -> None:
    """A loss to which no sample added refuses `backward()`; `outputs.sum() * 0` gives zeros."""
    model = nn.Linear(1, 1)
    outputs = model(torch.ones(2, 1))
    is_usable = torch.tensor([False, False])

    loss = torch.tensor(0.0)
    for output in outputs[is_usable]:
        loss = loss + output.sum()
    with pytest.raises(RuntimeError, match=f"^{NO_GRAPH}$"):
        loss.backward()
    (loss + outputs.sum() * 0).backward()

    assert model.weight.grad.tolist() == [[0.0]]


@claim(
    refuted_by=[
        counterfactuals.graphs_are_never_freed,
        counterfactuals.every_operation_saves_its_inputs,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def second_backward_raises_where_something_was_saved() -> None:
    """A second `backward()` through `w ** 2`, which saved `w`, raises, from another loss too.

    Through `w + w` it adds its gradient again.
    """
    weight = torch.tensor(3.0, requires_grad=True)

    squared, doubled = weight**2, weight + weight
    squared.backward()
    for loss in (squared, squared * 5):
        with pytest.raises(RuntimeError, match=f"^{re.escape(SECOND_TIME)}") as caught:
            loss.backward()
    weight.grad = None
    for loss in (doubled, doubled, doubled * 5):
        loss.backward()

    assert weight.grad.item() == 2.0 + 2.0 + 10.0
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.backward_overwrites,
        counterfactuals.graphs_are_never_freed,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def retained_graph_runs_again_and_adds_its_gradient_again() -> None:
    """After `backward(retain_graph=True)` the next adds the same gradient; one without it frees."""
    weight = torch.tensor(3.0, requires_grad=True)
    loss = weight**2

    loss.backward(retain_graph=True)
    after_one = weight.grad.item()
    loss.backward()
    after_two = weight.grad.item()
    with pytest.raises(RuntimeError, match=f"^{re.escape(SECOND_TIME)}"):
        loss.backward()

    assert after_one == 6.0
    assert after_two == 12.0


@claim(
    refuted_by=[
        counterfactuals.graphs_are_never_freed,
        counterfactuals.backward_overwrites,
    ]
)
def backward_of_a_running_total_raises_in_the_second_turn() -> None:
    """A growing `total.backward()` in a loop raises in turn two; `loss.backward()` does not."""
    weight = torch.tensor(1.0, requires_grad=True)
    batches = (1.0, 2.0)

    total = (weight * batches[0]) ** 2
    total.backward()
    total = total + (weight * batches[1]) ** 2
    with pytest.raises(RuntimeError, match=f"^{re.escape(SECOND_TIME)}"):
        total.backward()
    weight.grad = None
    for batch in batches:
        loss = (weight * batch) ** 2
        loss.backward()

    assert weight.grad.item() == 2.0 + 8.0


@claim(
    refuted_by=[
        counterfactuals.graphs_are_never_freed,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def refused_backward_has_already_filled_the_later_layers() -> None:
    """When a second `backward()` raises, layers after the used-up part have got their gradient."""
    early, late = torch.tensor(3.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)

    features = early**2
    (features * late).backward()
    after_the_first = early.grad.item(), late.grad.item()
    with pytest.raises(RuntimeError, match=f"^{re.escape(SECOND_TIME)}"):
        (features * late).backward()

    assert after_the_first == (12.0, 9.0)
    assert early.grad.item() == 12.0
    assert late.grad.item() == 9.0 + 9.0


@claim(rival=contextlib.nullcontext)
def anomaly_mode_shows_the_line_whose_graph_is_used_up(
    find: Callable[[], AbstractContextManager[object]] = lambda: torch.autograd.set_detect_anomaly(
        True, check_nan=False
    ),
) -> None:
    """Where a second `backward()` raises, anomaly mode shows the line that saved what is freed."""
    weight = torch.ones(1, requires_grad=True)

    with find():
        table = weight**2
        table.backward()
        with pytest.warns(UserWarning, match="Error detected in PowBackward0") as warned:  # noqa: SIM117
            with pytest.raises(RuntimeError, match=f"^{re.escape(SECOND_TIME)}"):
                (table + 1).backward()

    assert "table = weight**2" in str(warned[0].message)


@claim(rival=lambda y, w: torch.autograd.grad(y, w, retain_graph=True))
def autograd_grad_uses_the_graph_up_too(
    differentiate: Callable[
        [torch.Tensor, torch.Tensor], tuple[torch.Tensor, ...]
    ] = torch.autograd.grad,
) -> None:
    """`autograd.grad(y, w)` uses the graph up as well, unless `create_graph=True` keeps it."""
    weight = torch.tensor(3.0, requires_grad=True)

    used_up, kept = weight**2, weight**2
    differentiate(used_up, weight)
    torch.autograd.grad(kept, weight, create_graph=True)
    kept.backward()
    with pytest.raises(RuntimeError, match=f"^{re.escape(SECOND_TIME)}"):
        used_up.backward()

    assert weight.grad.item() == 6.0


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.steps_do_nothing,
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.errors_say_something_else,
    ]
)
def retaining_the_graph_of_a_carried_state_meets_the_step_in_turn_three() -> None:
    """With `retain_graph=True` and `step()`, a carried RNN state raises "inplace" in turn three."""
    turns = {}
    for cut in (False, True):
        cell = nn.RNNCell(1, 2)
        optimizer = torch.optim.SGD(cell.parameters(), lr=0.1)
        state = torch.zeros(1, 2)
        turns[cut] = 0
        try:
            for _ in range(4):
                state = cell(torch.ones(1, 1), state.detach() if cut else state)
                state.sum().backward(retain_graph=True)
                optimizer.step()
                turns[cut] += 1
        except RuntimeError as error:
            assert "modified by an inplace operation" in str(error)  # noqa: PT017  # in one turn

    assert turns == {False: 2, True: 4}


@claim(
    refuted_by=[
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.errors_say_something_else,
    ]
)
def several_values_need_a_sum_a_mean_or_a_gradient() -> None:
    """`y.backward()` of 2 values raises; `y.sum()` does as a gradient of ones, `y.mean()` half."""
    gradients = []
    for backward in (
        lambda y: y.sum().backward(),
        lambda y: y.backward(torch.ones_like(y)),
        lambda y: y.mean().backward(),
        lambda y: y.backward(torch.tensor([1.0, 0.0])),
    ):
        weight = torch.ones(2, requires_grad=True)
        backward(weight * 4)
        gradients.append(weight.grad.tolist())
    with pytest.raises(RuntimeError, match=f"^{NO_SCALAR}$") as caught:
        (weight * 4).backward()

    of_sum, of_ones, of_mean, of_the_first = gradients
    assert of_sum == of_ones == [4.0, 4.0]
    assert of_mean == [2.0, 2.0]
    assert of_the_first == [4.0, 0.0]
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def one_value_of_any_shape_can_run_backward_and_none_cannot() -> None:
    """`backward()` runs for one value of shape `(1, 1)`, and raises for an empty tensor."""
    single = torch.ones(1, 1, requires_grad=True)
    empty = torch.ones(0, requires_grad=True)

    (single * 4).backward()
    with pytest.raises(RuntimeError, match=f"^{NO_SCALAR}$"):
        (empty * 4).backward()

    assert single.grad.tolist() == [[4.0]]


@claim(refuted_by=[counterfactuals.backward_does_nothing])
def gradient_handed_to_backward_has_the_shape_of_its_tensor() -> None:
    """`y.backward(gradient)` raises "Mismatch in shape" unless `gradient` is shaped as `y`."""
    weight = torch.ones(2, requires_grad=True)

    with pytest.raises(RuntimeError, match=r"^Mismatch in shape: grad_output\[0\]") as caught:
        (weight * 4).backward(torch.ones(3))

    print(caught.value)


@claim(refuted_by=[counterfactuals.backward_does_nothing])
def complex_loss_cannot_run_backward() -> None:
    """`backward()` of a complex scalar raises, and `.abs()` of it runs."""
    weight = torch.tensor(3.0 + 4.0j, requires_grad=True)

    message = "grad can be implicitly created only for real scalar outputs but got torch.complex64"
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        (weight * 1).backward()
    weight.abs().backward()

    assert weight.grad is not None
    print(caught.value)
