"""Claims about the errors of `requires_grad`, `.grad`, hooks, `numpy()` and `item()`.

Long, for each claim is read by itself, and shows the case in which people meet its error.

It is as long as its list of claims is: each is read by itself.
"""

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from mkdocs_claims import claim
from verify import counterfactuals

Operation = Callable[[torch.Tensor], torch.Tensor]

NO_NUMPY = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
NO_HOOK = "cannot register a hook on a tensor that doesn't require gradient"


@claim(
    refuted_by=[
        counterfactuals.errors_say_something_else,
        counterfactuals.operations_are_never_recorded,
    ],
    rival=lambda y: y.detach().requires_grad_(),
)
def assigning_true_to_the_flag_of_a_result_raises_and_the_method_does_nothing(
    ask: Operation = lambda y: y.requires_grad_(),
) -> None:
    """For a result `y`, `y.requires_grad = True` raises, and `y.requires_grad_()` does nothing."""
    y = torch.ones(2, requires_grad=True) * 2
    node = y.grad_fn

    message = "you can only change requires_grad flags of leaf variables."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$") as caught:
        y.requires_grad = True
    returned = ask(y)

    assert returned is y
    assert node is not None
    assert returned.grad_fn is node
    assert returned.is_leaf is False
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.operations_are_never_recorded,
    ]
)
def weight_under_weight_norm_is_a_result_and_is_frozen_through_the_layer() -> None:
    """Under `weight_norm` a weight is a result: its flag can't be set, that of the layer can."""
    layer = parametrizations.weight_norm(nn.Linear(1, 1))

    message = "you can only change requires_grad flags of leaf variables."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}"):
        layer.weight.requires_grad = False
    layer.requires_grad_(False)

    assert "weight" not in dict(layer.named_parameters())
    assert layer.weight.requires_grad is False


@claim(
    refuted_by=[
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.conversions_copy,
    ],
    rival=lambda weight: weight.detach().double().requires_grad_(),
)
def converted_or_scaled_leaf_is_no_leaf_and_gets_no_gradient(
    convert: Operation = lambda weight: weight.double(),
) -> None:
    """`w.double()`, `w.view(2)`, `w.to(device)` and a scaled leaf are results: no `.grad`."""
    weight = torch.ones(2, requires_grad=True)
    converted = convert(weight)
    scaled = torch.rand(2, requires_grad=True) * 0.1
    flagged_last = torch.ones(2).mul(0.1).double().requires_grad_()

    (converted.sum() + scaled.sum() + flagged_last.sum()).backward()
    with pytest.warns(UserWarning, match="that is not a leaf Tensor is being accessed"):
        gradients = [converted.grad, scaled.grad]

    assert converted.is_leaf is False
    assert weight.view(2).is_leaf is False
    assert weight.to("meta").is_leaf is False
    assert weight.to("cpu") is weight
    assert scaled.is_leaf is False
    assert gradients == [None, None]
    assert flagged_last.grad.tolist() == [1.0, 1.0]
    assert weight.grad.tolist() == [1.0, 1.0]


@claim(refuted_by=[counterfactuals.backward_adds_gradients_twice])
def image_of_an_attack_is_detached_before_it_is_flagged_again() -> None:
    """In a loop `x = (x + step).detach().requires_grad_()` is a leaf with its own `.grad`."""
    image = torch.tensor(2.0, requires_grad=True)
    gradients = []

    for _ in range(2):
        (image**2).backward()
        gradients.append(image.grad.item())
        image = (image + image.grad).detach().requires_grad_()

    assert image.is_leaf is True
    assert gradients == [4.0, 12.0]
    assert image.item() == 18.0


@claim(
    refuted_by=[
        counterfactuals.operations_are_never_recorded,
        counterfactuals.errors_say_something_else,
    ]
)
def numpys_own_functions_raise_as_the_method_does() -> None:
    """`np.asarray(y)`, `np.argmax(y)`, `np.mean([loss])` raise as `y.numpy()` if it's needed."""
    y = torch.ones(2, requires_grad=True) * 2

    for call in (
        lambda: np.asarray(y),
        lambda: np.argmax(y),
        lambda: np.multiply(y, 2),
        lambda: np.mean([y.sum(), y.sum()]),
    ):
        with pytest.raises(RuntimeError, match=f"^{re.escape(NO_NUMPY)}$"):
            call()


@claim(refuted_by=[counterfactuals.numpy_takes_any_tensor])
def neither_cpu_nor_eval_makes_numpy_possible() -> None:
    """`y.cpu().numpy()` raises if `y` requires grad, and so does the output in eval mode."""
    model = nn.Linear(1, 1).eval()
    output = model(torch.ones(1, 1))

    for tensor in (output, output.cpu(), output.clone(), output.squeeze()):
        with pytest.raises(RuntimeError, match=f"^{re.escape(NO_NUMPY)}$"):
            tensor.numpy()

    assert output.detach().cpu().numpy().shape == (1, 1)


@claim(refuted_by=[counterfactuals.numpy_copies])
def numpy_by_force_takes_a_trainable_tensor_and_shares_its_memory() -> None:
    """`w.numpy(force=True)` takes a tensor that requires grad, and shares its memory on the CPU."""
    weight = torch.ones(2, requires_grad=True)

    weight.numpy(force=True)[0] = 7.0

    assert weight.tolist() == [7.0, 1.0]


@claim(
    refuted_by=[
        counterfactuals.zero_grad_fills_with_zeros,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.zero_grad_does_nothing,
    ]
)
def gradient_is_none_before_backward_after_zero_grad_and_where_unused() -> None:
    """`.grad` is None before `backward()`, after `zero_grad()`, and where no path reaches it."""
    used, unused = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    model = nn.ModuleList([used, unused])

    before = used.weight.grad
    (used(torch.ones(1, 1)) * 3).backward()
    after_backward = used.weight.grad.item()
    where_unused = unused.weight.grad
    model.zero_grad()

    assert before is None
    assert after_backward == 3.0
    assert where_unused is None
    assert used.weight.grad is None


@claim(refuted_by=[counterfactuals.backward_adds_gradients_twice])
def clip_grad_norm_passes_missing_gradients_over() -> None:
    """`clip_grad_norm_` passes parameters without `.grad` over, and returns the others' norm."""
    used, unused = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    (used(torch.ones(1, 1)) * 3).backward()

    norm = nn.utils.clip_grad_norm_([*used.parameters(), *unused.parameters()], max_norm=10.0)

    assert norm.item() == 3.0
    assert unused.weight.grad is None


@claim(
    refuted_by=[
        counterfactuals.hooks_go_on_any_tensor,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def feature_map_of_a_frozen_model_takes_a_hook_if_its_input_requires_grad() -> None:
    """Features of a frozen model refuse `register_hook`, unless the input requires grad."""
    backbone = nn.Linear(2, 2).requires_grad_(False)
    image = torch.ones(1, 2)
    seen: list[list[list[float]]] = []

    with pytest.raises(RuntimeError, match=f"^{NO_HOOK}$"):
        backbone(image).register_hook(print)
    features = backbone(image.requires_grad_())
    features.register_hook(lambda gradient: seen.append(gradient.tolist()))
    (features * 3).sum().backward()

    assert seen == [[[3.0, 3.0]]]


@claim(
    refuted_by=[
        counterfactuals.enable_grad_does_nothing,
        counterfactuals.inference_mode_false_does_nothing,
        counterfactuals.hooks_go_on_any_tensor,
    ]
)
def features_take_a_hook_again_in_a_block_that_records() -> None:
    """Features take a hook in `enable_grad` in `no_grad`, `inference_mode(False)` in the other."""
    model = nn.Linear(1, 1)
    image = torch.ones(1, 1)

    with torch.no_grad():
        with torch.enable_grad():
            model(image).register_hook(print)
        with pytest.raises(RuntimeError, match=f"^{NO_HOOK}$"):
            model(image).register_hook(print)
    with torch.inference_mode():
        with torch.inference_mode(False):
            model(image).register_hook(print)
        with torch.enable_grad(), pytest.raises(RuntimeError, match=f"^{NO_HOOK}$"):
            model(image).register_hook(print)


@claim(refuted_by=[counterfactuals.errors_say_something_else])
def item_and_float_of_several_values_raise_different_errors() -> None:
    """Of 2 values `item()` raises `RuntimeError`; `float()`, `int()`, `'%f' %` `ValueError`."""
    values = torch.ones(2)

    with pytest.raises(RuntimeError) as of_item:
        values.item()
    with pytest.raises(RuntimeError) as of_none:
        values[:0].item()
    for convert in (float, int, lambda tensor: "%f" % tensor):  # noqa: UP031  # as people write it
        with pytest.raises(ValueError, match=r"^only one element tensors can be converted") as of:
            convert(values)

    assert str(of_item.value) == "a Tensor with 2 elements cannot be converted to Scalar"
    assert str(of_none.value) == "a Tensor with 0 elements cannot be converted to Scalar"
    assert str(of.value) == "only one element tensors can be converted to Python scalars"
    assert torch.ones(1, 1).item() == 1.0


@claim(refuted_by=[counterfactuals.operations_are_never_recorded], rival=torch.stack)
def tensor_of_a_list_of_tensors_needs_single_values_and_has_no_graph(
    gather: Callable[[list[torch.Tensor]], torch.Tensor] = torch.tensor,
) -> None:
    """`torch.tensor([a, b])` raises for several values each, and else drops the graph."""
    weight = torch.ones(2, requires_grad=True)

    with pytest.raises(ValueError, match=r"^only one element tensors can be converted to Python"):
        gather([weight * 2, weight * 3])
    of_single_values = gather([weight[0] * 2, weight[1] * 3])
    stacked = torch.stack([weight * 2, weight * 3])

    assert of_single_values.tolist() == [2.0, 3.0]
    assert of_single_values.requires_grad is False
    assert stacked.requires_grad is True
