"""Claims about what autograd packs for the backward pass, and how long it is kept."""

import weakref
from collections.abc import Callable

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from mkdocs_claims import claim
from verify import counterfactuals

Operation = Callable[[torch.Tensor], torch.Tensor]


@claim(rival=torch.sin)
def relu_packs_its_result_and_not_its_input(operation: Operation = torch.relu) -> None:
    """`relu` packs its result for the backward pass, and not its input."""
    packed = []
    x = torch.tensor([-1.0, 2.0], requires_grad=True)

    with saved_tensors_hooks(packed.append, lambda _: None):
        y = operation(x)

    assert [tensor.tolist() for tensor in packed] == [[0.0, 2.0]]
    assert packed[0].data_ptr() == y.data_ptr()
    assert packed[0].data_ptr() != x.data_ptr()


@claim(refuted_by=[counterfactuals.every_operation_saves_its_inputs], rival=nn.SiLU)
def a_linear_layer_packs_the_storage_that_the_relu_before_it_packed(
    activation: Callable[[], nn.Module] = nn.ReLU,
) -> None:
    """A `Linear` after a `ReLU` packs the storage that the `ReLU` has packed already."""
    packed = []
    model = nn.Sequential(activation(), nn.Linear(3, 1))
    x = torch.ones(4, 3, requires_grad=True)

    with saved_tensors_hooks(packed.append, lambda _: None):
        model(x)

    assert len(packed) == 3
    relu_result, linear_input, weight = packed
    assert relu_result.shape == linear_input.shape == (4, 3)
    assert relu_result.data_ptr() == linear_input.data_ptr()
    assert relu_result.data_ptr() != x.data_ptr()
    assert weight.data_ptr() == model[1].weight.data_ptr()


@claim(rival=lambda table: table[:1].clone())
def a_packed_slice_keeps_its_whole_storage(
    part: Operation = lambda table: table[:1],
) -> None:
    """Packing a slice of a tensor keeps the whole storage alive, not only the slice."""
    weight = torch.ones(1, requires_grad=True)
    table = torch.ones(1000)
    storage = weakref.ref(table.untyped_storage())

    y = weight * part(table)
    del table

    assert y.grad_fn._saved_other.shape == (1,)
    assert storage() is not None
    assert storage().nbytes() == 4000

    del y

    assert storage() is None


@claim(
    refuted_by=[counterfactuals.operations_are_never_recorded],
    rival=lambda w: w * torch.tensor(2.0),
)
def multiplying_by_a_number_packs_nothing(scale: Operation = lambda w: w * 2.0) -> None:
    """`w * 2.0` packs nothing for the backward pass; `w * torch.tensor(2.0)` packs the tensor."""
    by_number = []
    by_tensor = []
    w = torch.ones(3, requires_grad=True)
    two = torch.tensor(2.0)

    with saved_tensors_hooks(by_number.append, lambda _: None):
        scaled = scale(w)
    with saved_tensors_hooks(by_tensor.append, lambda _: None):
        w * two

    assert scaled.requires_grad
    assert by_number == []
    assert [tensor.data_ptr() for tensor in by_tensor] == [two.data_ptr()]


@claim(
    refuted_by=[
        counterfactuals.frozen_modules_stop_the_gradient,
        counterfactuals.requires_grad_does_nothing,
    ]
)
def a_trainable_first_layer_makes_the_frozen_relus_after_it_pack() -> None:
    """A trainable first layer makes each `ReLU` behind it pack, even between frozen layers."""
    packed = []
    results = []
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 5), nn.ReLU())
    model.requires_grad_(False)
    x = torch.ones(4, 2)
    for relu in (model[1], model[3]):
        relu.register_forward_hook(lambda _module, _inputs, result: results.append(result))

    with saved_tensors_hooks(packed.append, lambda _: None):
        model(x)
    assert packed == []

    results.clear()
    model[0].requires_grad_(True)
    with saved_tensors_hooks(packed.append, lambda _: None):
        model(x)

    expected = [x, results[0], model[2].weight, results[1]]
    assert [tensor.data_ptr() for tensor in packed] == [tensor.data_ptr() for tensor in expected]


@claim(refuted_by=[counterfactuals.backward_does_nothing, counterfactuals.graphs_are_never_freed])
def backward_lets_go_of_what_was_packed() -> None:
    """`backward()` frees what its graph packed; `backward(retain_graph=True)` keeps it."""
    w = torch.ones(3, requires_grad=True)
    middle = w.exp()
    loss = middle.sum()
    packed = weakref.ref(middle.untyped_storage())
    del middle

    loss.backward(retain_graph=True)
    assert packed() is not None

    loss.backward()
    assert packed() is None
    assert loss.grad_fn is not None


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.operations_are_never_recorded]
)
def no_grad_lets_go_of_intermediate_results() -> None:
    """In grad mode a graph keeps an intermediate result alive; under `no_grad` nothing does."""
    x = torch.ones(3, requires_grad=True)

    middle = x.exp()
    in_grad_mode = weakref.ref(middle.untyped_storage())
    recorded = middle.sin()
    del middle
    with torch.no_grad():
        middle = x.exp()
        under_no_grad = weakref.ref(middle.untyped_storage())
        unrecorded = middle.sin()
        del middle

    assert torch.equal(recorded, unrecorded)
    assert in_grad_mode() is not None
    assert under_no_grad() is None


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.operations_are_never_recorded,
    ]
)
def result_in_a_list_stays_under_no_grad_and_what_led_to_it_does_not() -> None:
    """A result in a list stays alive; what led to it goes under `no_grad`, not in grad mode."""
    x = torch.ones(3, requires_grad=True)
    seen = {}

    for mode in (torch.no_grad, torch.enable_grad):
        kept = []
        with mode():
            middle = x.exp()
            watched = weakref.ref(middle.untyped_storage())
            kept.append(middle.sin())
            del middle
        result = weakref.ref(kept[0].untyped_storage())
        seen[mode.__name__] = result() is not None, watched() is not None

    assert seen == {"no_grad": (True, False), "enable_grad": (True, True)}


@claim(
    refuted_by=[
        counterfactuals.views_are_copies,
        counterfactuals.clone_returns_the_tensor_itself,
    ],
    rival=lambda table: table[0].clone(),
)
def a_row_that_is_kept_keeps_the_whole_tensor(
    row_of: Operation = lambda table: table[0],
) -> None:
    """A row that is kept from a tensor keeps all of its memory; a clone of the row does not."""
    table = torch.ones(1000, 2)
    storage = weakref.ref(table.untyped_storage())

    row = row_of(table)
    copy = table[0].clone()
    del table

    assert storage() is not None
    assert row.untyped_storage().nbytes() == 8000
    assert copy.untyped_storage().nbytes() == 8

    del row

    assert storage() is None
