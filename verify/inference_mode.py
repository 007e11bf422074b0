"""Claims about `torch.inference_mode` and the tensors that are made under it.

One module a subject, however long: each claim is read by itself, and nothing here builds on
another.
"""

import asyncio
import copy
import io
import threading
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import nn
from torch.autograd import forward_ad
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from mkdocs_claims import claim
from verify import counterfactuals


@claim(
    refuted_by=[
        counterfactuals.inference_mode_does_nothing,
        counterfactuals.inference_mode_begins_when_it_is_called,
    ]
)
def inference_mode_records_nothing() -> None:
    """Under `torch.inference_mode()` a product with a trainable weight has no `grad_fn`."""
    weight = torch.ones(3, requires_grad=True)

    with torch.inference_mode():
        inside = weight * 2
    outside = weight * 2

    assert inside.grad_fn is None
    assert not inside.requires_grad
    assert outside.grad_fn is not None


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.inference_mode_begins_when_it_is_called,
    ]
)
def tensor_allocated_in_inference_mode_is_an_inference_tensor() -> None:
    """A tensor made in inference mode says True to `is_inference()`, in the block and after it."""
    with torch.inference_mode():
        features = torch.ones(3)
        seen_inside = features.is_inference()
    ordinary = torch.ones(3)

    assert seen_inside
    assert features.is_inference()
    assert not ordinary.is_inference()


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.inference_mode_begins_when_it_is_called,
    ]
)
def is_inference_mode_enabled_tells_whether_the_mode_is_on() -> None:
    """In inference mode `is_inference_mode_enabled()` is True and `is_grad_enabled()` is False."""
    with torch.inference_mode():
        inside = (torch.is_inference_mode_enabled(), torch.is_grad_enabled())
    outside = (torch.is_inference_mode_enabled(), torch.is_grad_enabled())

    assert inside == (True, False)
    assert outside == (False, True)


@claim(
    refuted_by=[
        counterfactuals.modes_outlast_an_exception,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def inference_mode_ends_when_its_block_raises() -> None:
    """An exception that leaves a `torch.inference_mode()` block switches the mode off again."""
    seen = []

    def stop() -> None:
        seen.append(torch.is_inference_mode_enabled())
        raise KeyError

    with pytest.raises(KeyError), torch.inference_mode():
        stop()

    assert seen == [True]
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.inference_mode_does_nothing]
)
def inference_mode_saves_as_few_tensors_as_no_grad() -> None:
    """`x.exp()` saves one tensor for backward, and none in `no_grad` or `inference_mode`."""
    x = torch.ones(3, requires_grad=True)
    saved = {}

    for mode in (torch.enable_grad, torch.no_grad, torch.inference_mode):
        packed: list[torch.Tensor] = []
        with (
            torch.autograd.graph.saved_tensors_hooks(packed.append, lambda unpacked: unpacked),
            mode(),
        ):
            x.exp()
        saved[mode.__name__] = len(packed)

    assert saved == {"enable_grad": 1, "no_grad": 0, "inference_mode": 0}


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.errors_say_something_else,
        counterfactuals.inference_mode_begins_when_it_is_called,
    ]
)
def inference_tensor_has_no_version_counter() -> None:
    """Reading `_version` of an inference tensor raises a `RuntimeError`."""
    with torch.inference_mode():
        features = torch.ones(3)
    ordinary = torch.ones(3)

    with pytest.raises(RuntimeError) as caught:
        features._version  # noqa: B018

    assert caught.type is RuntimeError
    assert str(caught.value) == "Inference tensors do not track version counter."
    assert ordinary._version == 0
    print(caught.value)


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad, counterfactuals.views_are_copies])
def slice_of_inference_tensor_remembers_no_base() -> None:
    """A slice of a tensor made beside it has a `_base` in `no_grad`, and none in inference mode."""
    with torch.no_grad():
        ordinary = torch.ones(3)
        ordinary_slice = ordinary[:2]

    with torch.inference_mode():
        features = torch.ones(3)
        features_slice = features[:2]

    assert ordinary_slice._base is ordinary
    assert features_slice._base is None
    assert features_slice.data_ptr() == features.data_ptr()


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.errors_say_something_else,
    ]
)
def inference_tensor_cannot_be_saved_for_backward() -> None:
    """A trainable `weight` times an inference tensor raises: autograd cannot save that tensor."""
    with torch.inference_mode():
        features = torch.ones(3)
    weight = torch.ones(3, requires_grad=True)

    with pytest.raises(RuntimeError) as caught:
        weight * features

    assert caught.type is RuntimeError
    assert str(caught.value) == (
        "Inference tensors cannot be saved for backward. Please do not use Tensors created in "
        "inference mode in computation tracked by autograd. To work around this, you can make "
        "a clone to get a normal tensor and use it in autograd, or use `torch.no_grad()` "
        "instead of `torch.inference_mode()`."
    )
    print(caught.value)


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad])
def matrix_product_with_inference_tensor_raises() -> None:
    """`i @ weight` raises for an inference tensor `i` and a weight that requires grad."""
    with torch.inference_mode():
        features = torch.ones(1, 3)
    weight = torch.ones(3, 1, requires_grad=True)

    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        features @ weight

    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.inference_tensors_make_more_of_them,
    ]
)
def trainable_linear_layer_raises_on_inference_input() -> None:
    """A trainable `nn.Linear` refuses an inference tensor as input; a frozen one accepts it."""
    with torch.inference_mode():
        features = torch.ones(1, 3)
    trainable = nn.Linear(3, 1)
    frozen = nn.Linear(3, 1).requires_grad_(requires_grad=False)

    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        trainable(features)

    assert not frozen(features).is_inference()
    print(caught.value)


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad])
def mse_loss_raises_on_inference_target() -> None:
    """`mse_loss` raises when its target is an inference tensor and its input requires grad."""
    with torch.inference_mode():
        target = torch.zeros(3)
    prediction = torch.ones(3, requires_grad=True)

    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        functional.mse_loss(prediction, target)

    print(caught.value)


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad])
def cross_entropy_raises_on_inference_targets() -> None:
    """`cross_entropy` of trainable logits raises when its targets are an inference tensor."""
    with torch.inference_mode():
        targets = torch.tensor([0, 2])
    logits = torch.zeros(2, 3, requires_grad=True)

    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        functional.cross_entropy(logits, targets)

    print(caught.value)


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad])
def trainable_embedding_raises_on_inference_indices() -> None:
    """A trainable `nn.Embedding` refuses indices that are an inference tensor."""
    with torch.inference_mode():
        indices = torch.tensor([0, 2])
    embedding = nn.Embedding(3, 1)

    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        embedding(indices)

    print(caught.value)


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad])
def indexing_trainable_tensor_with_inference_index_raises() -> None:
    """`weight[i]` raises for a trainable `weight` and inference `i`, be it positions or a mask."""
    with torch.inference_mode():
        positions = torch.tensor([0, 2])
        mask = torch.tensor([True, False, True])
    weight = torch.ones(3, requires_grad=True)

    for index in (positions, mask):
        with pytest.raises(
            RuntimeError, match=r"^Inference tensors cannot be saved for backward"
        ) as caught:
            weight[index]

    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.every_operation_saves_its_inputs,
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.backward_overwrites,
    ]
)
def adding_inference_tensor_to_weight_backpropagates() -> None:
    """`weight + i` and `weight - i` record and backpropagate when `i` is an inference tensor."""
    with torch.inference_mode():
        features = torch.ones(3)
    weight = torch.ones(3, requires_grad=True)

    (weight + features).sum().backward()
    (weight - features).sum().backward()

    assert features.is_inference()
    assert weight.grad.tolist() == [2.0, 2.0, 2.0]


@claim(
    refuted_by=[
        counterfactuals.every_operation_saves_its_inputs,
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.backward_overwrites,
    ]
)
def concatenating_weight_with_inference_tensor_backpropagates() -> None:
    """`torch.cat` and `torch.stack` accept an inference tensor beside one that requires grad."""
    with torch.inference_mode():
        features = torch.ones(3)
    weight = torch.ones(3, requires_grad=True)

    torch.cat([weight, features]).sum().backward()
    torch.stack([weight, features]).sum().backward()

    assert features.is_inference()
    assert weight.grad.tolist() == [2.0, 2.0, 2.0]


@claim(
    refuted_by=[
        counterfactuals.every_operation_saves_its_inputs,
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def l1_loss_accepts_inference_target() -> None:
    """`l1_loss` against an inference tensor backpropagates and gives the right gradient."""
    with torch.inference_mode():
        target = torch.zeros(4)
    prediction = torch.ones(4, requires_grad=True)

    functional.l1_loss(prediction, target).backward()

    assert target.is_inference()
    assert prediction.grad.tolist() == [0.25, 0.25, 0.25, 0.25]


@claim(
    refuted_by=[
        counterfactuals.every_operation_saves_its_inputs,
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def squared_error_written_out_accepts_inference_target() -> None:
    """`(p - i).pow(2).mean()` accepts an inference target `i`, which `mse_loss(p, i)` refuses."""
    with torch.inference_mode():
        target = torch.zeros(4)
    prediction = torch.ones(4, requires_grad=True)

    (prediction - target).pow(2).mean().backward()

    assert prediction.grad.tolist() == [0.5, 0.5, 0.5, 0.5]
    with pytest.raises(RuntimeError, match=r"^Inference tensors cannot be saved for backward"):
        functional.mse_loss(prediction, target)


@claim(
    refuted_by=[
        counterfactuals.inference_tensors_make_more_of_them,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def operation_outside_turns_inference_input_into_normal_result() -> None:
    """`relu(i)` of an inference tensor `i`, made outside the mode, is a normal tensor."""
    with torch.inference_mode():
        features = torch.tensor([1.0, -1.0, 2.0])
    weight = torch.ones(3, requires_grad=True)

    activated = torch.relu(features)

    assert features.is_inference()
    assert not activated.is_inference()
    (activated * weight).sum().backward()
    assert weight.grad.tolist() == [1.0, 0.0, 2.0]


@claim(
    refuted_by=[
        counterfactuals.inference_tensors_make_more_of_them,
        counterfactuals.dropout_is_always_on,
        counterfactuals.inference_mode_begins_when_it_is_called,
    ]
)
def dropout_in_eval_hands_inference_tensor_through() -> None:
    """`nn.Dropout` returns an inference tensor itself in eval mode, a normal one in train mode."""
    with torch.inference_mode():
        features = torch.ones(1, 3)
    dropout = nn.Dropout(0.5)
    linear = nn.Linear(3, 1)

    in_train_mode = dropout.train()(features)
    in_eval_mode = dropout.eval()(features)

    assert not in_train_mode.is_inference()
    assert in_eval_mode is features
    assert linear(in_train_mode).requires_grad
    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        linear(in_eval_mode)
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_tensors_make_more_of_them,
        counterfactuals.no_grad_does_nothing,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def inference_tensor_is_accepted_where_nothing_is_recorded() -> None:
    """`weight * i` is a normal tensor for inference `i` under `no_grad` or with a frozen weight."""
    with torch.inference_mode():
        features = torch.ones(3)
    weight = torch.ones(3, requires_grad=True)
    frozen = torch.ones(3)

    with torch.no_grad():
        unrecorded = weight * features
    product = frozen * features

    assert features.is_inference()
    assert not unrecorded.is_inference()
    assert not product.is_inference()


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.errors_say_something_else,
    ]
)
def in_place_update_of_inference_tensor_outside_raises() -> None:
    """`i.add_(1)` on an inference tensor `i` works in inference mode and raises outside it."""
    with torch.inference_mode():
        features = torch.ones(3)
        features.add_(1)

    with pytest.raises(RuntimeError) as caught:
        features.add_(1)

    assert caught.type is RuntimeError
    assert str(caught.value) == (
        "Inplace update to inference tensor outside InferenceMode is not allowed."
        "You can make a clone to get a normal tensor before doing inplace update."
        "See https://github.com/pytorch/rfcs/pull/17 for more details."
    )
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.refused_changes_are_undone,
        counterfactuals.errors_say_something_else,
    ]
)
def refused_in_place_update_has_already_changed_the_inference_tensor() -> None:
    """When `i.add_(1)` raises for an inference tensor `i`, its values have already changed."""
    with torch.inference_mode():
        features = torch.zeros(3)

    with pytest.raises(RuntimeError, match=r"^Inplace update to inference tensor outside"):
        features.add_(1)
    after_first = features.tolist()
    with pytest.raises(RuntimeError, match=r"^Inplace update to inference tensor outside"):
        features[0] = 5

    assert after_first == [1.0, 1.0, 1.0]
    assert features.tolist() == [5.0, 1.0, 1.0]
    print(features)


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad])
def dividing_inference_total_in_place_outside_raises() -> None:
    """`total /= n` raises for an inference tensor outside the mode; `total = total / n` works."""
    total = 0
    with torch.inference_mode():
        for loss in (torch.tensor(1.0), torch.tensor(3.0)):
            total += loss

    mean = total / 2

    with pytest.raises(
        RuntimeError, match=r"^Inplace update to inference tensor outside"
    ) as caught:
        total /= 2

    assert total.is_inference()
    assert mean.item() == 2.0
    print(caught.value)


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad])
def assigning_into_inference_tensor_outside_raises() -> None:
    """`i[0] = 5` and `out=i` on an inference tensor `i` raise outside as in-place updates."""
    with torch.inference_mode():
        features = torch.ones(3)

    with pytest.raises(RuntimeError, match=r"^Inplace update to inference tensor outside"):
        features[0] = 5
    with pytest.raises(
        RuntimeError, match=r"^Inplace update to inference tensor outside"
    ) as caught:
        torch.add(torch.ones(3), 1, out=features)

    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.no_grad_is_inference_mode,
    ]
)
def no_grad_does_not_permit_in_place_update_of_inference_tensor() -> None:
    """Under `no_grad` an in-place update of an inference tensor raises as it does without."""
    with torch.inference_mode():
        features = torch.ones(3)

    with (
        pytest.raises(RuntimeError, match=r"^Inplace update to inference tensor outside") as caught,
        torch.no_grad(),
    ):
        features.add_(1)

    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.requires_grad_is_ever_allowed,
        counterfactuals.errors_say_something_else,
    ]
)
def requires_grad_on_inference_tensor_outside_raises() -> None:
    """`i.requires_grad_()` on an inference tensor `i` raises outside of inference mode."""
    with torch.inference_mode():
        features = torch.ones(3)

    with pytest.raises(RuntimeError) as caught:
        features.requires_grad_()

    assert caught.type is RuntimeError
    assert str(caught.value) == (
        "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
    )
    assert not features.requires_grad
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.inference_mode_does_nothing,
    ]
)
def requires_grad_can_be_set_inside_inference_mode() -> None:
    """In inference mode `requires_grad_()` works on a new tensor, but nothing on it is recorded."""
    with torch.inference_mode():
        leaf = torch.ones(3).requires_grad_()
        doubled = leaf * 2

    assert leaf.requires_grad
    assert not doubled.requires_grad
    assert leaf.is_inference()


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad])
def parameter_of_inference_tensor_raises() -> None:
    """`nn.Parameter(i)` of an inference tensor `i` raises outside of inference mode."""
    with torch.inference_mode():
        features = torch.ones(3)

    with pytest.raises(
        RuntimeError, match=r"^Setting requires_grad=True on inference tensor outside"
    ) as caught:
        nn.Parameter(features)

    print(caught.value)


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad])
def parameter_without_gradient_accepts_inference_tensor() -> None:
    """`nn.Parameter(i, requires_grad=False)` of an inference tensor `i` is one itself."""
    with torch.inference_mode():
        features = torch.ones(3)

    parameter = nn.Parameter(features, requires_grad=False)

    assert isinstance(parameter, nn.Parameter)
    assert parameter.is_inference()
    assert not parameter.requires_grad


@claim(refuted_by=[counterfactuals.data_copies, counterfactuals.inference_mode_is_no_grad])
def data_of_inference_tensor_can_be_written_outside() -> None:
    """`i.data.add_(1)` outside of inference mode succeeds and changes the inference tensor `i`."""
    with torch.inference_mode():
        features = torch.ones(3)

    features.data.add_(1)

    assert features.is_inference()
    assert features.tolist() == [2.0, 2.0, 2.0]


@claim(refuted_by=[counterfactuals.detach_copies, counterfactuals.inference_mode_is_no_grad])
def detached_inference_tensor_can_be_written_outside() -> None:
    """`i.detach().add_(1)` outside of inference mode succeeds and changes inference tensor `i`."""
    with torch.inference_mode():
        features = torch.ones(3)

    features.detach().add_(1)

    assert features.is_inference()
    assert features.tolist() == [2.0, 2.0, 2.0]


@claim(
    refuted_by=[
        counterfactuals.inference_tensors_make_more_of_them,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def clone_outside_repairs_inference_tensor() -> None:
    """A clone of an inference tensor made outside is normal: it can be saved, written, trained."""
    with torch.inference_mode():
        features = torch.tensor([1.0, 2.0, 3.0])
    weight = torch.ones(3, requires_grad=True)

    repaired = features.clone()

    assert features.is_inference()
    assert not repaired.is_inference()
    (weight * repaired).sum().backward()
    repaired.add_(1)
    repaired.requires_grad_()
    assert weight.grad.tolist() == [1.0, 2.0, 3.0]
    assert repaired.tolist() == [2.0, 3.0, 4.0]
    assert repaired.requires_grad


@claim(
    refuted_by=[
        counterfactuals.inference_tensors_make_more_of_them,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def adding_zero_outside_repairs_inference_tensor() -> None:
    """`i + 0` of an inference tensor `i`, computed outside the mode, can be saved for backward."""
    with torch.inference_mode():
        features = torch.tensor([1.0, 2.0, 3.0])
    weight = torch.ones(3, requires_grad=True)

    repaired = features + 0

    assert features.is_inference()
    assert not repaired.is_inference()
    (weight * repaired).sum().backward()
    assert weight.grad.tolist() == [1.0, 2.0, 3.0]


@claim(
    refuted_by=[
        counterfactuals.inference_tensors_make_more_of_them,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def conversion_to_other_dtype_repairs_inference_tensor() -> None:
    """`i.to(torch.float64)` of a `float32` inference tensor `i` is normal if made outside."""
    with torch.inference_mode():
        features = torch.tensor([1.0, 2.0, 3.0])
    weight = torch.ones(3, dtype=torch.float64, requires_grad=True)

    repaired = features.to(torch.float64)

    assert features.is_inference()
    assert not repaired.is_inference()
    (weight * repaired).sum().backward()
    assert weight.grad.tolist() == [1.0, 2.0, 3.0]


@claim(
    refuted_by=[
        counterfactuals.inference_tensors_make_more_of_them,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def to_with_copy_repairs_inference_tensor() -> None:
    """`i.to(i.dtype, copy=True)` of an inference tensor `i` is normal if made outside the mode."""
    with torch.inference_mode():
        features = torch.tensor([1.0, 2.0, 3.0])
    weight = torch.ones(3, requires_grad=True)

    repaired = features.to(features.dtype, copy=True)

    assert features.is_inference()
    assert not repaired.is_inference()
    (weight * repaired).sum().backward()
    assert weight.grad.tolist() == [1.0, 2.0, 3.0]


@claim(
    refuted_by=[
        counterfactuals.inference_tensors_make_more_of_them,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def deepcopy_repairs_inference_tensor() -> None:
    """`copy.deepcopy` of an inference tensor is a normal tensor if made outside the mode."""
    with torch.inference_mode():
        features = torch.tensor([1.0, 2.0, 3.0])
    weight = torch.ones(3, requires_grad=True)

    repaired = copy.deepcopy(features)

    assert features.is_inference()
    assert not repaired.is_inference()
    (weight * repaired).sum().backward()
    assert weight.grad.tolist() == [1.0, 2.0, 3.0]


@claim(
    refuted_by=[counterfactuals.inference_mode_is_no_grad], rival=torch.inference_mode()(torch.load)
)
def saving_and_loading_repairs_inference_tensor(
    load: Callable[[io.BytesIO], torch.Tensor] = torch.load,
) -> None:
    """An inference tensor written by `torch.save` comes back normal from `torch.load` outside."""
    with torch.inference_mode():
        features = torch.tensor([1.0, 2.0, 3.0])
    file = io.BytesIO()

    torch.save(features, file)
    file.seek(0)
    loaded = load(file)

    assert features.is_inference()
    assert not loaded.is_inference()
    assert loaded.tolist() == [1.0, 2.0, 3.0]


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad, counterfactuals.detach_copies])
def detach_does_not_repair_inference_tensor() -> None:
    """`i.detach()` of an inference tensor `i` is still one, and `weight * i.detach()` raises."""
    with torch.inference_mode():
        features = torch.ones(3)
    weight = torch.ones(3, requires_grad=True)

    detached = features.detach()

    assert detached.is_inference()
    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        weight * detached
    print(caught.value)


@claim(refuted_by=[counterfactuals.conversions_copy])
def contiguous_does_not_repair_contiguous_inference_tensor() -> None:
    """`i.contiguous()` is `i` itself for a contiguous inference tensor, so `weight * it` raises."""
    with torch.inference_mode():
        features = torch.ones(3)
    weight = torch.ones(3, requires_grad=True)

    contiguous = features.contiguous()

    assert contiguous is features
    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        weight * contiguous
    print(caught.value)


@claim(refuted_by=[counterfactuals.conversions_copy])
def conversion_to_same_dtype_does_not_repair_inference_tensor() -> None:
    """`i.to(torch.float32)` and `i.float()` are `i` itself for a `float32` inference tensor `i`."""
    with torch.inference_mode():
        features = torch.ones(3)
    weight = torch.ones(3, requires_grad=True)

    converted = features.to(torch.float32)

    assert converted is features
    assert features.float() is features
    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        weight * converted
    print(caught.value)


@claim(refuted_by=[counterfactuals.conversions_copy])
def cpu_does_not_repair_inference_tensor_on_the_cpu() -> None:
    """`i.cpu()` is `i` itself for an inference tensor `i` on the CPU."""
    with torch.inference_mode():
        features = torch.ones(3)
    weight = torch.ones(3, requires_grad=True)

    moved = features.cpu()

    assert moved is features
    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        weight * moved
    print(caught.value)


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad, counterfactuals.views_are_copies])
def view_does_not_repair_inference_tensor() -> None:
    """`i.view(3)` and `i[:]` of an inference tensor `i` are inference tensors, made outside too."""
    with torch.inference_mode():
        features = torch.ones(3)
    weight = torch.ones(3, requires_grad=True)

    for view in (features.view(3), features[:]):
        assert view.is_inference()
        with pytest.raises(
            RuntimeError, match=r"^Inference tensors cannot be saved for backward"
        ) as caught:
            weight * view
    print(caught.value)


@claim(refuted_by=[counterfactuals.clones_are_normal])
def clone_inside_does_not_repair_inference_tensor() -> None:
    """A clone made in inference mode is an inference tensor, and autograd cannot save it either."""
    with torch.inference_mode():
        features = torch.ones(3).clone()
    weight = torch.ones(3, requires_grad=True)

    assert features.is_inference()
    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        weight * features
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_false_does_nothing,
        counterfactuals.clone_returns_the_tensor_itself,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def clone_in_nested_inference_mode_false_repairs_inference_tensor() -> None:
    """A clone of an inference tensor made in a nested `inference_mode(False)` is normal."""
    with torch.inference_mode():
        features = torch.ones(3)
        with torch.inference_mode(mode=False):
            repaired = features.clone()

    assert features.is_inference()
    assert not repaired.is_inference()


@claim(
    refuted_by=[counterfactuals.numpy_copies, counterfactuals.inference_mode_is_no_grad],
    rival=lambda tensor: tensor.detach(),
)
def inference_tensor_by_way_of_numpy_is_normal_and_shares_memory(
    share: Callable[[torch.Tensor], torch.Tensor] = lambda tensor: torch.from_numpy(tensor.numpy()),
) -> None:
    """`from_numpy(i.numpy())` of an inference tensor `i` is normal and shares its memory."""
    with torch.inference_mode():
        features = torch.zeros(3)

    by_numpy = share(features)
    by_numpy.add_(1)

    assert features.is_inference()
    assert not by_numpy.is_inference()
    assert features.tolist() == [1.0, 1.0, 1.0]


@claim(
    refuted_by=[
        counterfactuals.inference_mode_makes_inference_tensors_of_what_it_changes,
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def tensor_made_before_inference_mode_stays_normal_when_modified_inside() -> None:
    """A tensor from before inference mode, modified in it, stays normal and its version goes up."""
    ordinary = torch.zeros(3)
    assert ordinary._version == 0

    with torch.inference_mode():
        ordinary.add_(1)
        made_inside = torch.zeros(3)

    assert made_inside.is_inference()
    assert not ordinary.is_inference()
    assert ordinary._version == 1


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_go_unnoticed,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def modifying_saved_tensor_in_inference_mode_breaks_outer_backward() -> None:
    """An outer graph's `backward()` raises if inference mode changed a tensor that it had saved."""
    x = torch.ones(3, requires_grad=True)
    exponential = x.exp()
    loss = exponential.sum()

    with torch.inference_mode():
        exponential.add_(1)
        assert torch.is_inference_mode_enabled()

    with pytest.raises(
        RuntimeError,
        match=r"^one of the variables needed for gradient computation has been modified",
    ) as caught:
        loss.backward()
    print(caught.value)


@claim(refuted_by=[counterfactuals.views_are_copies, counterfactuals.inference_mode_is_no_grad])
def view_of_normal_tensor_in_inference_mode_is_normal() -> None:
    """A view taken in inference mode of a tensor from before it is a normal tensor."""
    ordinary = torch.ones(3)

    with torch.inference_mode():
        view = ordinary[:2]
        result = ordinary * 2

    assert not view.is_inference()
    assert result.is_inference()


@claim(
    refuted_by=[
        counterfactuals.inference_mode_does_nothing,
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.errors_say_something_else,
    ]
)
def view_taken_in_inference_mode_refuses_tracked_write_outside() -> None:
    """A view that inference mode took of a normal tensor refuses a tracked write outside of it."""
    ordinary = torch.zeros(3)
    with torch.inference_mode():
        view = ordinary[:]
    weight = torch.ones(3, requires_grad=True)

    view.add_(1)
    with pytest.raises(RuntimeError) as caught:
        view.add_(weight)

    assert caught.type is RuntimeError
    assert str(caught.value) == (
        "A view was created in inference mode and is being modified inplace in normal mode. "
        "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify "
        "your code by moving both the view and the inplace either both inside the inference_mode "
        "block (if you don't want the inplace to be tracked) or both outside (if you want the "
        "inplace to be tracked)."
    )
    assert ordinary.tolist() == [1.0, 1.0, 1.0]
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_does_nothing,
        counterfactuals.views_under_no_grad_are_plain,
    ]
)
def view_taken_in_inference_mode_loses_the_gradient() -> None:
    """A leaf's view taken in inference mode requires grad as it does, but sends it no gradient."""
    leaf = torch.ones(3, requires_grad=True)

    with torch.inference_mode():
        view = leaf[:2]

    assert view.requires_grad
    (view * 2).sum().backward()
    assert leaf.grad is None
    assert view.grad_fn is None
    (leaf[:2] * 2).sum().backward()
    assert leaf.grad.tolist() == [2.0, 2.0, 0.0]


@claim(
    refuted_by=[
        counterfactuals.enable_grad_suspends_inference_mode,
        counterfactuals.enable_grad_does_nothing,
    ]
)
def enable_grad_inside_inference_mode_records_nothing() -> None:
    """`enable_grad` in inference mode sets `is_grad_enabled()` to True, yet nothing is recorded."""
    x = torch.ones(3, requires_grad=True)

    with torch.inference_mode(), torch.enable_grad():
        enabled = torch.is_grad_enabled()
        in_inference_mode = x * 2
    with torch.no_grad(), torch.enable_grad():
        in_no_grad = x * 2

    assert enabled
    assert not in_inference_mode.requires_grad
    assert in_inference_mode.is_inference()
    assert in_no_grad.requires_grad


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.backward_needs_no_graph,
        counterfactuals.errors_say_something_else,
    ]
)
def backward_on_loss_computed_in_inference_mode_raises() -> None:
    """`backward()` on a loss computed in inference mode raises, with `enable_grad` or without."""
    x = torch.ones(3, requires_grad=True)

    with torch.inference_mode():
        plain = (x * 2).sum()
        with torch.enable_grad():
            enabled = (x * 2).sum()

    for loss in (plain, enabled):
        with pytest.raises(RuntimeError) as caught:
            loss.backward()
        assert str(caught.value) == (
            "element 0 of tensors does not require grad and does not have a grad_fn"
        )
    assert plain.is_inference()
    assert x.grad is None
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_false_does_nothing,
        counterfactuals.inner_blocks_end_inference_mode,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def inference_mode_false_nested_inside_records() -> None:
    """`inference_mode(False)` within `inference_mode()` records, and makes normal tensors."""
    x = torch.ones(3, requires_grad=True)

    with torch.inference_mode():
        with torch.inference_mode(mode=False):
            loss = (x * 2).sum()
            assert loss.requires_grad
            loss.backward()
            made_in_it = torch.ones(3)
        after = x * 2

    assert x.grad.tolist() == [2.0, 2.0, 2.0]
    assert not made_in_it.is_inference()
    assert after.is_inference()


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.inference_mode_false_does_nothing,
    ]
)
def inference_mode_false_does_not_repair_inference_tensors() -> None:
    """In a nested `inference_mode(False)` a product with an inference tensor still raises."""
    weight = torch.ones(3, requires_grad=True)

    with torch.inference_mode():
        features = torch.ones(3)
        with (
            torch.inference_mode(mode=False),
            pytest.raises(
                RuntimeError, match=r"^Inference tensors cannot be saved for backward"
            ) as caught,
        ):
            weight * features

    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_does_nothing,
        counterfactuals.inference_mode_false_does_nothing,
    ]
)
def inference_mode_false_turns_gradients_on_within_no_grad() -> None:
    """`inference_mode(False)` within `no_grad` turns recording on until its block ends."""
    x = torch.ones(3, requires_grad=True)

    with torch.no_grad():
        before = x * 2
        with torch.inference_mode(mode=False):
            within = x * 2
        after = x * 2

    assert [before.requires_grad, within.requires_grad, after.requires_grad] == [False, True, False]


@claim(
    refuted_by=[
        counterfactuals.inner_blocks_end_inference_mode,
        counterfactuals.inference_mode_begins_when_it_is_called,
    ]
)
def inference_mode_blocks_can_be_nested() -> None:
    """Leaving a `no_grad` or `inference_mode` block within inference mode leaves the mode on."""
    with torch.inference_mode():
        with torch.inference_mode():
            pass
        after_inference_mode = torch.ones(3)
        with torch.no_grad():
            in_no_grad = torch.ones(3)
        after_no_grad = torch.ones(3)
    after_all = torch.ones(3)

    assert after_inference_mode.is_inference()
    assert in_no_grad.is_inference()
    assert after_no_grad.is_inference()
    assert not after_all.is_inference()


@claim(
    refuted_by=[
        counterfactuals.decorators_do_nothing,
        counterfactuals.inference_mode_begins_when_it_is_called,
    ]
)
def inference_mode_decorator_covers_the_call() -> None:
    """`@torch.inference_mode()` and `@torch.inference_mode` both cover a function's whole call."""

    @torch.inference_mode()
    def with_parentheses(x: torch.Tensor) -> torch.Tensor:
        return x * 2

    @torch.inference_mode
    def without_parentheses(x: torch.Tensor) -> torch.Tensor:
        return x * 2

    x = torch.ones(3, requires_grad=True)

    assert with_parentheses(x).is_inference()
    assert without_parentheses(x).is_inference()
    assert not torch.is_inference_mode_enabled()


@claim(
    refuted_by=[
        counterfactuals.decorated_coroutines_are_covered,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def inference_mode_decorator_does_not_cover_async_functions() -> None:
    """`@torch.inference_mode()` on an `async def` function does not reach its body."""

    @torch.inference_mode()
    async def decorated() -> bool:
        return torch.is_inference_mode_enabled()

    async def with_block() -> bool:
        with torch.inference_mode():
            return torch.is_inference_mode_enabled()

    assert asyncio.run(decorated()) is False
    assert asyncio.run(with_block()) is True


@claim(
    refuted_by=[
        counterfactuals.inference_mode_does_nothing,
        counterfactuals.decorated_generators_leak,
    ]
)
def inference_mode_block_in_generator_leaks_to_its_consumer() -> None:
    """A generator's `inference_mode` block is on in the loop's body, too; its decorator is not."""

    def with_block() -> Iterator[bool]:
        with torch.inference_mode():
            yield torch.is_inference_mode_enabled()

    @torch.inference_mode()
    def decorated() -> Iterator[bool]:
        yield torch.is_inference_mode_enabled()

    leaky = [(inside, torch.is_inference_mode_enabled()) for inside in with_block()]
    tight = [(inside, torch.is_inference_mode_enabled()) for inside in decorated()]

    assert leaky == [(True, True)]
    assert tight == [(True, False)]


@claim(
    refuted_by=[
        counterfactuals.inference_mode_begins_when_it_is_called,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def inference_mode_called_without_with_does_nothing() -> None:
    """`torch.inference_mode()` as a bare statement switches nothing; its `with` block does."""
    mode = torch.inference_mode()
    bare = torch.is_inference_mode_enabled()
    with mode:
        entered = torch.is_inference_mode_enabled()

    assert not bare
    assert entered


@claim(refuted_by=[counterfactuals.grad_mode_is_global])
def inference_mode_does_not_reach_other_threads() -> None:
    """A thread started in inference mode runs outside it: it records and makes normal tensors."""
    weight = torch.ones(3, requires_grad=True)
    seen = []

    def work() -> None:
        seen.append(torch.is_inference_mode_enabled())
        seen.append(torch.ones(3).is_inference())
        seen.append((weight * 2).requires_grad)

    with torch.inference_mode():
        work()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    assert seen == [True, True, False, False, False, True]


@claim(
    refuted_by=[
        counterfactuals.modes_call_eval,
        counterfactuals.eval_does_nothing,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def inference_mode_leaves_dropout_on() -> None:
    """Inference mode leaves a module's `training` flag alone: dropout drops until `eval()`."""
    torch.manual_seed(0)
    dropout = nn.Dropout(0.5)

    with torch.inference_mode():
        in_training = dropout(torch.ones(1000))
        flag = dropout.training
        in_eval = dropout.eval()(torch.ones(1000))

    assert in_training.is_inference()
    assert flag
    assert in_training.eq(0).any()
    assert in_eval.eq(1).all()


@claim(
    refuted_by=[
        counterfactuals.modes_call_eval,
        counterfactuals.running_statistics_never_move,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def inference_mode_lets_batch_norm_update_its_statistics() -> None:
    """A batch norm in train mode moves its `running_mean` in inference mode; it stays normal."""
    norm = nn.BatchNorm1d(1, momentum=0.5)

    with torch.inference_mode():
        output = norm(torch.tensor([[1.0], [3.0]]))

    assert output.is_inference()
    assert norm.running_mean.tolist() == [1.0]
    assert not norm.running_mean.is_inference()


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def linear_layer_built_in_inference_mode_does_not_train_its_weight() -> None:
    """A `Linear` built in inference mode runs backward on plain inputs, with no `weight.grad`."""
    with torch.inference_mode():
        linear = nn.Linear(2, 1)

    linear(torch.ones(1, 2)).sum().backward()

    assert linear.weight.grad is None
    assert linear.weight.is_inference()
    assert linear.weight.requires_grad
    assert linear.bias.grad.tolist() == [1.0]


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.refused_changes_are_undone,
    ]
)
def optimizer_raises_on_parameters_built_in_inference_mode() -> None:
    """`SGD.step()` raises for a `Linear` built in inference mode, after it has moved the bias."""
    with torch.inference_mode():
        linear = nn.Linear(2, 1)
        linear.bias.zero_()
    optimizer = torch.optim.SGD(linear.parameters(), lr=1.0)
    linear(torch.ones(1, 2)).sum().backward()

    with pytest.raises(
        RuntimeError, match=r"^Inplace update to inference tensor outside"
    ) as caught:
        optimizer.step()

    assert linear.bias.tolist() == [-1.0]
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def linear_layer_cast_in_inference_mode_is_silently_untrainable() -> None:
    """A `Linear` cast in inference mode trains on plain inputs, yet only its bias moves."""
    linear = nn.Linear(2, 1)
    nn.init.ones_(linear.weight)
    nn.init.zeros_(linear.bias)
    with torch.inference_mode():
        linear.double()
    optimizer = torch.optim.SGD(linear.parameters(), lr=1.0)

    linear(torch.ones(1, 2, dtype=torch.float64)).sum().backward()
    optimizer.step()

    assert linear.weight.requires_grad
    assert linear.weight.grad is None
    assert linear.weight.tolist() == [[1.0, 1.0]]
    assert linear.bias.grad.tolist() == [1.0]
    assert linear.bias.tolist() == [-1.0]


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.inference_mode_begins_when_it_is_called,
    ]
)
def second_linear_layer_cast_in_inference_mode_raises() -> None:
    """A `Linear` cast in inference mode raises on an input that requires grad, as in a stack."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    with torch.inference_mode():
        model.double()

    hidden = model[0](torch.ones(1, 2, dtype=torch.float64))

    assert hidden.requires_grad
    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        model[1](hidden)
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def lazy_layer_first_run_in_inference_mode_is_silently_untrainable() -> None:
    """A `LazyLinear` first run in inference mode gets no `weight.grad` on plain inputs later."""
    linear = nn.LazyLinear(1)
    with torch.inference_mode():
        linear(torch.ones(1, 2))

    linear(torch.ones(1, 2)).sum().backward()

    assert linear.weight.grad is None
    assert linear.weight.is_inference()
    assert linear.bias.grad.tolist() == [1.0]


@claim(
    refuted_by=[
        counterfactuals.inference_tensors_make_more_of_them,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def deepcopy_repairs_module_built_or_cast_in_inference_mode() -> None:
    """A `deepcopy` outside of a `Linear` built or cast in inference mode trains its weight."""
    cast = nn.Linear(2, 1)
    with torch.inference_mode():
        built = nn.Linear(2, 1, dtype=torch.float64)
        cast.double()

    for linear in (built, cast):
        repaired = copy.deepcopy(linear)

        assert linear.weight.is_inference()
        assert not repaired.weight.is_inference()
        repaired(torch.ones(1, 2, dtype=torch.float64)).sum().backward()
        assert repaired.weight.grad.tolist() == [[1.0, 1.0]]


@claim(
    refuted_by=[
        counterfactuals.inference_tensors_make_more_of_them,
        counterfactuals.detach_copies,
        counterfactuals.backward_moves_the_parameters,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def state_dict_copied_into_normal_module_is_normal() -> None:
    """`load_state_dict` copies inference tensors into a normal module, which stays trainable."""
    with torch.inference_mode():
        linear = nn.Linear(2, 1)
    repaired = nn.Linear(2, 1)

    repaired.load_state_dict(linear.state_dict())
    repaired(torch.ones(1, 2)).sum().backward()

    assert linear.state_dict()["weight"].is_inference()
    assert torch.equal(repaired.weight, linear.weight)
    assert not repaired.weight.is_inference()
    assert repaired.weight.grad.tolist() == [[1.0, 1.0]]


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad])
def state_dict_of_inference_tensors_cannot_be_assigned() -> None:
    """`load_state_dict(assign=True)` of inference tensors into a trainable module raises."""
    with torch.inference_mode():
        state = nn.Linear(2, 1).state_dict()

    with pytest.raises(
        RuntimeError, match="Setting requires_grad=True on inference tensor outside"
    ) as caught:
        nn.Linear(2, 1).load_state_dict(state, assign=True)

    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.inference_mode_begins_when_it_is_called,
    ]
)
def torch_load_in_inference_mode_gives_inference_tensors() -> None:
    """`torch.load` in inference mode returns inference tensors, and outside of it normal ones."""
    file = io.BytesIO()
    torch.save({"weight": torch.ones(2)}, file)

    file.seek(0)
    with torch.inference_mode():
        inside = torch.load(file)
    file.seek(0)
    outside = torch.load(file)

    assert inside["weight"].is_inference()
    assert not outside["weight"].is_inference()


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.inference_mode_begins_when_it_is_called,
    ]
)
def data_loader_read_in_inference_mode_gives_inference_batches() -> None:
    """A `DataLoader` without workers that is read in inference mode gives inference batches."""
    dataset = TensorDataset(torch.arange(4))
    loader = DataLoader(dataset, batch_size=2)

    with torch.inference_mode():
        inside = [batch for (batch,) in loader]
    outside = [batch for (batch,) in loader]

    assert [batch.is_inference() for batch in inside] == [True, True]
    assert [batch.is_inference() for batch in outside] == [False, False]
    assert not dataset.tensors[0].is_inference()


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad, counterfactuals.no_grad_never_ends])
def cache_filled_in_inference_mode_raises_in_training() -> None:
    """A table that a module caches in inference mode makes its next training call raise."""

    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3))
            self.table = None

        def forward(self) -> torch.Tensor:
            if self.table is None:
                self.table = torch.arange(3.0)
            return self.weight * self.table

    evaluated_first, evaluated_with_no_grad = Scaled(), Scaled()
    with torch.inference_mode():
        evaluated_first()
    with torch.no_grad():
        evaluated_with_no_grad()

    assert evaluated_with_no_grad().requires_grad
    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        evaluated_first()
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.backward_overwrites,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def backward_in_inference_mode_leaves_inference_gradient() -> None:
    """A `.grad` first made in inference mode makes the next `backward()` outside of it raise."""
    x = torch.ones(3, requires_grad=True)
    first, second = (x * 2).sum(), (x * 2).sum()

    with torch.inference_mode():
        first.backward()

    assert x.grad.tolist() == [2.0, 2.0, 2.0]
    assert x.grad.is_inference()
    with pytest.raises(
        RuntimeError, match=r"^Inplace update to inference tensor outside"
    ) as caught:
        second.backward()
    print(caught.value)


@claim(refuted_by=[counterfactuals.backward_overwrites, counterfactuals.inference_mode_is_no_grad])
def backward_in_inference_mode_adds_to_a_gradient_that_was_there() -> None:
    """`backward()` in inference mode adds to a `.grad` that was there, which stays normal."""
    x = torch.ones(3, requires_grad=True)
    first, second, third = (x * 2).sum(), (x * 2).sum(), (x * 2).sum()

    first.backward()
    with torch.inference_mode():
        second.backward()
        assert torch.is_inference_mode_enabled()
    third.backward()

    assert not x.grad.is_inference()
    assert x.grad.tolist() == [6.0, 6.0, 6.0]


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad, counterfactuals.steps_do_nothing])
def optimizer_step_in_inference_mode_makes_inference_state() -> None:
    """A momentum buffer first made in inference mode makes the next `SGD.step()` outside raise."""
    parameter = nn.Parameter(torch.ones(1))
    parameter.grad = torch.ones(1)
    optimizer = torch.optim.SGD([parameter], lr=1.0, momentum=0.9)

    with torch.inference_mode():
        optimizer.step()

    assert parameter.tolist() == [0.0]
    assert optimizer.state[parameter]["momentum_buffer"].is_inference()
    with pytest.raises(
        RuntimeError, match=r"^Inplace update to inference tensor outside"
    ) as caught:
        optimizer.step()
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.enable_grad_suspends_inference_mode,
        counterfactuals.enable_grad_does_nothing,
    ]
)
def functional_jacobian_in_inference_mode_is_silently_zero() -> None:
    """In inference mode `autograd.functional.jacobian` gives zeros, or raises if `strict=True`."""
    point = torch.tensor([1.0, 2.0])

    with torch.inference_mode():
        inside = torch.autograd.functional.jacobian(torch.square, point)
        with pytest.raises(RuntimeError, match="does not require gradients") as caught:
            torch.autograd.functional.jacobian(torch.square, point, strict=True)
    with torch.no_grad():
        in_no_grad = torch.autograd.functional.jacobian(torch.square, point)

    assert inside.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert in_no_grad.tolist() == [[2.0, 0.0], [0.0, 4.0]]
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.enable_grad_does_nothing,
        counterfactuals.inner_blocks_end_inference_mode,
    ]
)
def func_jacrev_in_inference_mode_is_right() -> None:
    """`torch.func.jacrev` gives the right Jacobian inside `torch.inference_mode`."""
    point = torch.tensor([1.0, 2.0])

    with torch.inference_mode():
        jacobian = torch.func.jacrev(torch.square)(point)
        assert torch.is_inference_mode_enabled()

    assert jacobian.tolist() == [[2.0, 0.0], [0.0, 4.0]]


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.no_grad_switches_forward_mode_off,
    ]
)
def inference_mode_switches_dual_tensors_off() -> None:
    """A dual tensor's product has a tangent under `no_grad` and none under `inference_mode`."""
    three, one = torch.tensor(3.0), torch.tensor(1.0)

    with forward_ad.dual_level():
        dual = forward_ad.make_dual(three, one)
        with torch.no_grad():
            in_no_grad = forward_ad.unpack_dual(dual * dual).tangent
        with torch.inference_mode():
            in_inference_mode = forward_ad.unpack_dual(dual * dual).tangent

    assert in_no_grad is not None
    assert in_no_grad.item() == 6.0
    assert in_inference_mode is None


@claim(refuted_by=[counterfactuals.inference_mode_is_no_grad], rival=torch.autograd.functional.jvp)
def func_jvp_in_inference_mode_is_right(
    jvp: Callable[..., tuple[torch.Tensor, torch.Tensor]] = torch.func.jvp,
) -> None:
    """`torch.func.jvp` gives the right tangent inside `torch.inference_mode`."""
    three, one = torch.tensor(3.0), torch.tensor(1.0)

    with torch.inference_mode():
        value, tangent = jvp(torch.square, (three,), (one,))
        assert torch.is_inference_mode_enabled()

    assert value.item() == 9.0
    assert tangent.item() == 6.0


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.no_grad_is_inference_mode,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def no_grad_result_can_be_saved_for_backward_where_inference_result_cannot() -> None:
    """A tensor made under `no_grad` can be saved for backward later, an inference tensor cannot."""
    with torch.no_grad():
        features = torch.tensor([1.0, 2.0, 3.0])
    with torch.inference_mode():
        inferred = torch.tensor([1.0, 2.0, 3.0])
    weight = torch.ones(3, requires_grad=True)

    (weight * features).sum().backward()

    assert weight.grad.tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(
        RuntimeError, match=r"^Inference tensors cannot be saved for backward"
    ) as caught:
        weight * inferred
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.inference_mode_makes_inference_tensors_of_what_it_changes,
        counterfactuals.in_place_changes_freeze,
        counterfactuals.backward_moves_the_parameters,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.inference_mode_is_no_grad,
    ]
)
def parameter_averaged_in_inference_mode_still_trains() -> None:
    """A parameter updated in place in inference mode is still a normal leaf that trains."""
    weight = nn.Parameter(torch.tensor([3.0]))
    average = nn.Parameter(torch.tensor([1.0]))

    with torch.inference_mode():
        average.mul_(0.5).add_(weight, alpha=0.5)
        made_inside = torch.ones(1)
    (average * 4).backward()

    assert average.tolist() == [2.0]
    assert average.is_inference() is False
    assert average.grad.tolist() == [4.0]
    assert made_inside.is_inference() is True
