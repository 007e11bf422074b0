"""Claims about the errors of operations in place: saved values, leaves, views, batch norm.

Long, for each claim is read by itself, and shows the case in which people meet its error.

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

MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace"
SEVERAL_VIEWS = "This view is the output of a function that returns multiple views."


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.every_operation_saves_its_inputs,
        counterfactuals.backward_does_nothing,
    ]
)
def exp_sigmoid_tanh_relu_sqrt_and_softmax_save_their_result() -> None:
    """`exp`, `sigmoid`, `tanh`, `relu`, `sqrt`, `softmax` need their result, not their input."""
    for operation in (
        torch.exp,
        torch.sigmoid,
        torch.tanh,
        torch.relu,
        torch.sqrt,
        lambda x: torch.softmax(x, dim=0),
    ):
        weight = torch.ones(3, requires_grad=True)
        x = weight * 2.0
        result = operation(x)

        x.add_(1)
        result.sum().backward(retain_graph=True)
        result.add_(1)
        with pytest.raises(RuntimeError, match=f"^{MODIFIED}"):
            result.sum().backward()

        assert weight.grad is not None


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.backward_does_nothing,
    ]
)
def squares_logs_gelu_and_layer_norm_save_their_input() -> None:
    """`x ** 2`, `log`, `abs`, `gelu`, `silu`, `leaky_relu`, `layer_norm` need their input only."""
    for operation in (
        torch.square,
        torch.log,
        torch.abs,
        functional.gelu,
        functional.silu,
        functional.leaky_relu,
        lambda x: functional.layer_norm(x, (3,)),
    ):
        weight = torch.ones(3, requires_grad=True)
        x = weight * 2.0
        result = operation(x)

        result.add_(1)
        result.sum().backward(retain_graph=True)
        x.add_(1)
        with pytest.raises(RuntimeError, match=f"^{MODIFIED}"):
            result.sum().backward()

        assert weight.grad is not None


@claim(
    refuted_by=[
        counterfactuals.every_operation_saves_its_inputs,
        counterfactuals.in_place_changes_are_never_recorded,
    ]
)
def sums_and_multiples_save_neither_input_nor_result() -> None:
    """`x + 1`, `x * 2.0`, `sum`, `mean` and `cat` leave input and result free to be changed."""
    for operation in (
        lambda x: x + 1,
        lambda x: x * 2.0,
        torch.sum,
        torch.mean,
        lambda x: torch.cat([x, x]),
    ):
        weight = torch.ones(2, requires_grad=True)
        x = weight * 1.0
        result = operation(x)
        (before,) = torch.autograd.grad(result.sum(), weight, retain_graph=True)

        x.mul_(7)
        result.mul_(3)
        (after,) = torch.autograd.grad(result.sum(), weight)

        assert after.tolist() == [3 * value for value in before.tolist()]


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.errors_say_something_else,
        counterfactuals.in_place_changes_are_never_recorded,
    ]
)
def message_names_type_shape_node_and_versions() -> None:
    """The message has type and shape, the versions, and the operation unless it is a leaf."""
    leaf = torch.ones(2, requires_grad=True)
    result = (leaf * 1.0).add_(1)
    of_result, of_leaf = result**2, leaf**2

    result.add_(1).add_(1)
    leaf.detach().add_(1)
    with pytest.raises(RuntimeError, match=f"^{MODIFIED}") as of_a_result:
        of_result.sum().backward()
    with pytest.raises(RuntimeError, match=f"^{MODIFIED}") as of_a_leaf:
        of_leaf.sum().backward()

    assert (
        "[torch.FloatTensor [2]], which is output 0 of Add, is at version 3; "
        "expected version 1 instead."
    ) in str(of_a_result.value)
    assert "[torch.FloatTensor [2]] is at version 1; expected version 0 instead." in str(
        of_a_leaf.value
    )
    print(of_a_result.value)
    print(of_a_leaf.value)


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.steps_do_nothing,
        counterfactuals.errors_say_something_else,
        counterfactuals.every_operation_saves_its_inputs,
    ]
)
def step_before_the_last_backward_raises_and_names_the_turned_weight() -> None:
    """`step()` before the last `backward()` raises, and names the `Linear` weight, transposed."""
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    outputs = model(torch.ones(1, 3))
    first, second = outputs.sum(), outputs.square().sum()

    first.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(RuntimeError, match=f"^{MODIFIED}") as caught:
        second.backward()
    outputs = model(torch.ones(1, 3))
    first, second = outputs.sum(), outputs.square().sum()
    first.backward(retain_graph=True)
    second.backward()
    optimizer.step()

    assert list(model[1].weight.shape) == [1, 2]
    assert "[torch.FloatTensor [2, 1]]" in str(caught.value)
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.errors_say_something_else,
    ],
    rival=nn.ReLU,
)
def relu_in_place_raises_after_a_sigmoid_and_not_after_a_linear_layer(
    relu: Callable[[], nn.Module] = lambda: nn.ReLU(inplace=True),
) -> None:
    """`ReLU(inplace=True)` raises in `backward()` after a sigmoid or tanh, not after a `Linear`."""
    after_linear = nn.Sequential(nn.Linear(1, 1), relu())
    nn.init.ones_(after_linear[0].bias)

    for activation in (nn.Sigmoid(), nn.Tanh()):
        after_it = nn.Sequential(nn.Linear(1, 1), activation, relu())
        message = f"(?s)^{MODIFIED}.*output 0 of {type(activation).__name__}"
        with pytest.raises(RuntimeError, match=message):
            after_it(torch.ones(1, 1)).sum().backward()
    after_linear(torch.zeros(1, 1)).sum().backward()

    assert after_linear[0].bias.grad.tolist() == [1.0]


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def skip_connection_added_in_place_raises_after_a_relu() -> None:
    """`out = relu(x); out += x` raises in `backward()`; `out = out + x` has the right gradient."""
    weight = torch.tensor(2.0, requires_grad=True)

    x = weight * 1.0
    out = torch.relu(x)
    out += x
    with pytest.raises(RuntimeError, match=f"^{MODIFIED}") as caught:
        out.backward()
    out = torch.relu(x)
    out = out + x
    out.backward()

    assert weight.grad.item() == 2.0
    assert "output 0 of Relu" in str(caught.value)


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def row_that_is_filled_from_its_own_last_value_raises() -> None:
    """`x[t + 1] = x[t] * w` in a loop raises in `backward()`; a list and `stack` is right."""
    weight = torch.tensor(3.0, requires_grad=True)

    filled = torch.ones(3)
    for t in range(2):
        filled[t + 1] = filled[t] * weight
    with pytest.raises(RuntimeError, match=f"^{MODIFIED}"):
        filled[2].backward()
    values = [torch.tensor(1.0)]
    for _ in range(2):
        values.append(values[-1] * weight)
    stacked = torch.stack(values)
    stacked[2].backward()

    assert torch.equal(stacked, filled)
    assert weight.grad.item() == 2 * 3.0


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.clone_returns_the_tensor_itself,
        counterfactuals.in_place_changes_are_never_recorded,
    ]
)
def probabilities_masked_in_place_raise_and_masked_copies_do_not() -> None:
    """`p[mask] = 0` on a softmax raises in `backward()`; `masked_fill` or a clone does not."""
    logits = torch.zeros(2, requires_grad=True)
    mask = torch.tensor([True, False])

    probabilities = logits.softmax(dim=0)
    copy = probabilities.clone()
    copy[mask] = 0.0
    for masked in (probabilities.masked_fill(mask, 0.0), copy):
        (gradient,) = torch.autograd.grad(masked.sum(), logits, retain_graph=True)
        assert gradient.tolist() == [-0.25, 0.25]
    probabilities[mask] = 0.0

    with pytest.raises(RuntimeError, match=f"^{MODIFIED}"):
        probabilities.sum().backward()


@claim(
    refuted_by=[counterfactuals.backward_does_nothing, counterfactuals.errors_say_something_else],
    rival=contextlib.nullcontext,
)
def anomaly_mode_shows_the_forward_line_and_not_the_write(
    find: Callable[[], AbstractContextManager[object]] = lambda: torch.autograd.set_detect_anomaly(
        True, check_nan=False
    ),
) -> None:
    """Anomaly mode shows the line whose result was saved; of the write it says "or later"."""
    weight = torch.ones(2, requires_grad=True)

    with find():
        saved = weight.exp()
        saved.add_(1)
        with pytest.warns(UserWarning, match="Error detected in ExpBackward0") as warned:  # noqa: SIM117
            with pytest.raises(RuntimeError, match=f"^{MODIFIED}") as caught:
                saved.sum().backward()

    shown = str(warned[0].message)
    assert "saved = weight.exp()" in shown
    assert "saved.add_(1)" not in shown
    assert "The variable in question was changed in there or anywhere later." in str(caught.value)


@claim(
    refuted_by=[
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.in_place_changes_are_never_recorded,
    ],
    rival=contextlib.nullcontext,
)
def allowed_mutation_keeps_what_was_saved(
    allow: Callable[[], AbstractContextManager[object]] = (
        torch.autograd.graph.allow_mutation_on_saved_tensors
    ),
) -> None:
    """In `allow_mutation_on_saved_tensors()` a saved value may change; its gradient is right."""
    weight = torch.zeros(1, requires_grad=True)

    with allow():
        result = weight.exp()
        result.mul_(5)
        result.backward()

    assert result.tolist() == [5.0]
    assert weight.grad.tolist() == [5.0]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.views_are_copies,
        counterfactuals.in_place_changes_are_never_recorded,
    ]
)
def no_grad_view_refuses_to_be_used_once_its_base_was_written() -> None:
    """A `no_grad` view of a plain tensor can't be used once a tracked write changed its base."""
    buffer, weight = torch.zeros(2), torch.ones(2, requires_grad=True)
    with torch.no_grad():
        view = buffer[:1]

    buffer.add_(weight)

    message = (
        "A view was created in no_grad mode and its base or another view of its base "
        "has been modified inplace with grad mode enabled."
    )
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        view * 2
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.errors_say_something_else,
    ]
)
def writing_an_element_is_a_view_and_writing_all_or_by_mask_is_not() -> None:
    """For a leaf `w`, `w[0] = 1` speaks of a view; `w[:] = 1` and `w[mask] = 1` of the leaf."""
    weight = torch.zeros(2, requires_grad=True)

    with pytest.raises(RuntimeError, match=r"^a view of a leaf Variable that requires grad is"):
        weight[0] = 1.0
    with pytest.raises(RuntimeError, match=r"^a view of a leaf Variable that requires grad is"):
        weight[:1] += 1.0
    with pytest.raises(RuntimeError, match=r"^a leaf Variable that requires grad is"):
        weight[:] = 1.0
    with pytest.raises(RuntimeError, match=r"^a leaf Variable that requires grad is"):
        weight[torch.tensor([True, False])] = 1.0

    assert weight.tolist() == [0.0, 0.0]


@claim(
    refuted_by=[
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.backward_moves_the_parameters,
    ]
)
def overwritten_part_of_a_cloned_leaf_gets_no_gradient() -> None:
    """A clone of a leaf can be written; the leaf's gradient is 0 where it was overwritten."""
    weight = torch.ones(2, requires_grad=True)

    written = weight.clone()
    written[0] = 5.0
    (written * 3).sum().backward()

    assert written.tolist() == [5.0, 1.0]
    assert weight.tolist() == [1.0, 1.0]
    assert weight.grad.tolist() == [0.0, 3.0]


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.errors_say_something_else,
    ]
)
def views_that_come_several_at_once_refuse_to_be_changed_in_place() -> None:
    """What `split`, `chunk`, `unbind`, `for`, `a, b = y` yield can't be changed; `y[0]` can."""
    y = torch.ones(2, 1, requires_grad=True) * 1.0
    first, _ = y
    views = {
        "Split": [y.split(1)[0], y.chunk(2)[0]],
        "Unbind": [y.unbind()[0], next(iter(y)), first],
    }

    for name, views_of_it in views.items():
        for view in views_of_it:
            message = f"Output 0 of {name} is a view and is being modified inplace. {SEVERAL_VIEWS}"
            with pytest.raises(RuntimeError, match=f"^{re.escape(message)}"):
                view.mul_(2)
    y[0].mul_(2)
    y[1:].mul_(3)

    assert y.tolist() == [[2.0], [3.0]]


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.detach_copies],
    rival=lambda y: y.unbind(),
)
def rows_of_a_plain_tensor_or_under_no_grad_can_be_changed(
    rows: Callable[[torch.Tensor], tuple[torch.Tensor, ...]] = lambda y: y.detach().unbind(),
) -> None:
    """Rows from `unbind` can be changed in place if they need no gradient, or under `no_grad`."""
    y = torch.ones(2, 1, requires_grad=True) * 1.0

    for row in rows(y):
        row.mul_(2)
    with torch.no_grad():
        for row in y:
            row.mul_(2)

    assert y.tolist() == [[4.0], [4.0]]


@claim(
    refuted_by=[
        counterfactuals.operations_are_never_recorded,
        counterfactuals.errors_say_something_else,
    ],
    rival=lambda y: (y[:1], y[1:]),
)
def changing_the_whole_makes_its_parts_unusable(
    split: Callable[[torch.Tensor], tuple[torch.Tensor, ...]] = lambda y: y.split(1),
) -> None:
    """After `a, b = y.split(1)` and `y.add_(1)`, using `a` raises: its base was modified."""
    y = torch.ones(2, requires_grad=True) * 1.0
    first, second = split(y)

    y.add_(1)

    message = (
        "Output 0 of Split is a view and its base or another view of its base has been modified "
        f"inplace. {SEVERAL_VIEWS}"
    )
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        first * 2
    assert second.requires_grad is True
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def view_from_a_custom_function_is_cloned_before_it_is_changed() -> None:
    """A view that a custom `Function` returns refuses in-place changes; a clone of it does not."""

    class Flat(torch.autograd.Function):
        @staticmethod
        def forward(_: torch.autograd.function.FunctionCtx, x: torch.Tensor) -> torch.Tensor:
            return x.view(-1)

        @staticmethod
        def backward(
            _: torch.autograd.function.FunctionCtx, gradient: torch.Tensor
        ) -> torch.Tensor:
            return gradient.view(1, 2)

    weight = torch.ones(1, 2, requires_grad=True)

    flat = Flat.apply(weight * 1.0)
    message = (
        "Output 0 of Flat is a view and is being modified inplace. This view was created inside "
        "a custom Function (or because an input was returned as-is)"
    )
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        flat.mul_(2)
    flat.clone().mul_(2).sum().backward()

    assert weight.grad.tolist() == [[2.0, 2.0]]
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_does_nothing,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def batch_norm_built_in_inference_mode_cannot_run_in_train_mode() -> None:
    """A batch norm built in inference mode raises outside in train mode: it counts its batches."""
    with torch.inference_mode():
        layer = nn.BatchNorm1d(1)

    with pytest.raises(RuntimeError, match=r"^Inplace update to inference tensor outside"):
        layer(torch.ones(2, 1))
    assert layer.num_batches_tracked.is_inference() is True


@claim(
    refuted_by=[
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda weight: torch.optim.SGD([weight], lr=1.0),
)
def step_of_a_fused_optimizer_is_not_counted_and_spoils_the_gradient(
    optimizer_of: Callable[[torch.Tensor], torch.optim.Optimizer] = lambda weight: torch.optim.SGD(
        [weight], lr=1.0, fused=True
    ),
) -> None:
    """`step()` with `fused=True` is not counted: an older graph's gradient is silently wrong."""
    x, weight = torch.ones(1, requires_grad=True), torch.full((1,), 3.0, requires_grad=True)
    product = x * weight
    weight.grad = torch.ones(1)

    optimizer_of(weight).step()

    assert weight._version == 0
    product.backward()
    assert weight.item() == 2.0
    assert x.grad is not None
    assert x.grad.item() == 2.0


@claim(
    refuted_by=[counterfactuals.in_place_changes_are_never_recorded],
    rival=torch.no_grad,
)
def leaf_that_became_a_result_after_its_use_stops_backward(
    mode: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
) -> None:
    """A leaf used, then unflagged and overwritten by a trainable value, is "moved" in backward."""
    for unflag in (lambda leaf: leaf.requires_grad_(False), lambda leaf: leaf.detach_()):
        leaf = torch.ones(2, requires_grad=True)
        weight = torch.ones(2, requires_grad=True)
        used = leaf * 2

        unflag(leaf)
        with mode():
            leaf.mul_(weight)

        assert leaf.is_leaf is False
        message = "leaf variable has been moved into the graph interior"
        with pytest.raises(RuntimeError, match=f"^{message}$"):
            used.sum().backward()
        assert leaf.grad_fn is not None
