"""Claims about hooks of modules and tensors where gradients are concerned.

It is long, for each check is read by itself, next to the claim that it is for.
"""

import copy
import re
import warnings
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from mkdocs_claims import claim
from verify import counterfactuals

Tensor = torch.Tensor
Call = Callable[[nn.Module, Tensor], Tensor]
Operation = Callable[[Tensor], Tensor]
Register = Callable[[nn.Module, Callable[..., object]], RemovableHandle]


def _layer() -> nn.Linear:
    """Return a layer that multiplies by a weight of 1."""
    layer = nn.Linear(1, 1, bias=False)
    nn.init.ones_(layer.weight)
    return layer


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda module, x: module(x),
)
def forward_called_directly_runs_no_hook_of_the_module(
    call: Call = lambda module, x: module.forward(x),
) -> None:
    """`module.forward(x)` runs none of the module's hooks; one on its weight runs all the same."""
    layer, called = _layer(), []
    layer.register_forward_pre_hook(lambda *_: called.append("forward pre"))
    layer.register_forward_hook(lambda *_: called.append("forward"))
    layer.register_full_backward_pre_hook(lambda *_: called.append("backward pre"))
    layer.register_full_backward_hook(lambda *_: called.append("backward"))
    layer.weight.register_hook(lambda _: called.append("weight"))
    x = torch.ones(1, 1, requires_grad=True)

    call(layer, x).sum().backward()
    by_forward = called.copy()
    called.clear()
    layer(x).sum().backward()

    assert by_forward == ["weight"]
    assert called == ["forward pre", "forward", "backward pre", "weight", "backward"]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda x: x.requires_grad_(),
)
def full_backward_hook_comes_before_the_weights_gradient_if_no_input_requires_grad(
    plain: Operation = lambda x: x,
) -> None:
    """A full backward hook finds the weight's `.grad` there, or None if no input has the flag."""
    found = []
    layer = _layer()
    layer.register_full_backward_hook(lambda module, *_: found.append(module.weight.grad))

    layer(torch.ones(1, 1).requires_grad_()).sum().backward()
    layer.weight.grad = None
    layer(plain(torch.ones(1, 1))).sum().backward()

    assert found[0].tolist() == [[1.0]]
    assert found[1] is None
    assert layer.weight.grad.tolist() == [[1.0]]


@claim(
    refuted_by=[counterfactuals.backward_does_nothing, counterfactuals.requires_grad_does_nothing],
    rival=lambda x: x.requires_grad_(),
)
def full_backward_hook_of_the_whole_model_comes_last_or_first(
    plain: Operation = lambda x: x,
) -> None:
    """Layers' hooks run last to first; the whole model's comes last, or first on a plain input."""
    model, called = nn.Sequential(_layer(), _layer()), []
    model.register_full_backward_hook(lambda *_: called.append("model"))
    model[0].register_full_backward_hook(lambda *_: called.append("layer 0"))
    model[1].register_full_backward_hook(lambda *_: called.append("layer 1"))

    model(torch.ones(1, 1).requires_grad_()).sum().backward()
    with_flag = called.copy()
    called.clear()
    model(plain(torch.ones(1, 1))).sum().backward()

    assert with_flag == ["layer 1", "layer 0", "model"]
    assert called == ["model", "layer 1", "layer 0"]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.inference_mode_does_nothing,
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.backward_does_nothing,
    ]
)
def backward_hook_is_not_called_where_nothing_is_recorded() -> None:
    """Under `no_grad`, in inference mode, detached, or frozen on plain input no backward hook runs.

    Forward hooks are; and a frozen layer's backward hook is called if its input requires grad.
    """
    called = []
    layer, head = _layer(), _layer()
    layer.register_forward_hook(lambda *_: called.append("forward"))
    layer.register_full_backward_hook(lambda *_: called.append("backward"))
    x = torch.ones(1, 1, requires_grad=True)

    for mode in (torch.no_grad(), torch.inference_mode()):
        with mode:
            features = layer(x)
        head(features.clone()).sum().backward()
    head(layer(x).detach()).sum().backward()
    layer.requires_grad_(False)
    head(layer(torch.ones(1, 1))).sum().backward()
    not_recorded = called.copy()
    called.clear()
    head(layer(x)).sum().backward()

    assert not_recorded == ["forward", "forward", "forward", "forward"]
    assert called == ["forward", "backward"]
    assert head.weight.grad.tolist() == [[5.0]]


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda layer, x: layer(x),
)
def full_backward_hook_does_not_see_an_input_given_by_keyword(
    call: Call = lambda layer, x: layer(input=x),
) -> None:
    """Of an input given by keyword a full backward hook gets no `grad_input`, and it warns."""
    layer, seen = _layer(), []
    layer.register_full_backward_hook(lambda _, grad_input, __: seen.append(grad_input))
    x = torch.ones(1, 1, requires_grad=True)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(layer, x).sum().backward()

    assert seen == [()]
    assert [str(one.message).split(" when ")[0] for one in caught] == [
        "Full backward hook is firing"
    ]
    assert x.grad.tolist() == [[1.0]]


OLD_KIND = (
    "Using a non-full backward hook when the forward contains multiple autograd Nodes is deprecated"
)


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda module, hook: module.register_full_backward_hook(hook),
)
def old_backward_hook_gets_gradients_of_the_last_operation_and_warns(
    register: Register = lambda module, hook: module.register_backward_hook(hook),
) -> None:
    """`register_backward_hook` sees the module's last operation alone, with a FutureWarning."""
    old, full = [], []
    model = nn.Sequential(_layer(), nn.Flatten(0))
    register(model, lambda _, grad_input, __: old.append(grad_input[0].item()))
    another = nn.Sequential(_layer(), nn.Flatten(0))
    another.register_full_backward_hook(lambda _, *given: full.append(given[0][0].item()))
    nn.init.constant_(model[0].weight, 5.0)
    nn.init.constant_(another[0].weight, 5.0)

    with pytest.warns(FutureWarning, match=f"^{OLD_KIND}") as caught:
        model(torch.ones(1, 1, requires_grad=True)).sum().backward()
    another(torch.ones(1, 1, requires_grad=True)).sum().backward()

    assert (old, full) == ([1.0], [5.0])
    print(caught[0].message)


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda module, hook: module.register_full_backward_hook(hook),
)
def old_backward_hook_of_a_linear_layer_gets_the_bias_first(
    register: Register = lambda module, hook: module.register_backward_hook(hook),
) -> None:
    """The old kind gives a linear layer's hook three `grad_input`s: bias, input, weight turned."""
    layer, seen = nn.Linear(2, 1), []
    nn.init.constant_(layer.weight, 5.0)
    register(layer, lambda _, grad_input, __: seen.append([one.tolist() for one in grad_input]))

    layer(torch.tensor([[2.0, 3.0]], requires_grad=True)).sum().backward()

    assert seen == [[[1.0], [[5.0, 5.0]], [[2.0], [3.0]]]]


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.backward_does_nothing],
    rival=lambda module, x: module(x),
)
def old_backward_hook_is_not_called_by_forward_or_under_no_grad(
    call: Call = lambda module, x: module.forward(x),
) -> None:
    """`register_backward_hook` isn't called by `module.forward(x)`, nor under `no_grad`."""
    layer, head, called = _layer(), _layer(), []
    layer.register_backward_hook(lambda *_: called.append("backward"))
    x = torch.ones(1, 1, requires_grad=True)

    call(layer, x).sum().backward()
    with torch.no_grad():
        features = layer(x)
    head(features).sum().backward()
    before = called.copy()
    layer(x).sum().backward()

    assert before == []
    assert called == ["backward"]


@claim(rival=lambda module, hook: module.register_full_backward_hook(hook))
def old_and_full_backward_hooks_do_not_mix(
    register: Register = lambda module, hook: module.register_backward_hook(hook),
) -> None:
    """A module with a full backward hook refuses the old kind with a RuntimeError."""
    layer = _layer()
    layer.register_full_backward_hook(lambda *_: None)

    message = "Cannot use both regular backward hooks and full backward hooks on a single Module."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        register(layer, lambda *_: None)
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.no_grad_detaches_what_is_used_in_it,
    ],
    rival=lambda result: (result,),
)
def full_backward_hook_is_not_called_for_a_dict_or_a_list(
    pack: Callable[[Tensor], object] = lambda result: {"logits": result},
) -> None:
    """A module that returns a dict or a list never calls its full backward hook, and warns."""
    called = []

    def run(pack: Callable[[Tensor], object], unpack: Callable[..., Tensor]) -> None:
        layer = _layer()
        layer.register_forward_hook(lambda _module, _inputs, output: pack(output))
        layer.register_full_backward_hook(lambda *_: called.append(pack))
        unpack(layer(torch.ones(1, 1, requires_grad=True))).sum().backward()

    message = "For backward hooks to be called, module output should be a Tensor or a tuple of"
    with pytest.warns(UserWarning, match=f"^{message} Tensors but received <class 'dict'>$"):
        run(pack, lambda output: output["logits"] if isinstance(output, dict) else output[0])
    with pytest.warns(UserWarning, match=f"^{message} Tensors but received <class 'list'>$"):
        run(lambda result: [result], lambda output: output[0])
    assert called == []

    run(as_tuple := lambda result: (result,), lambda output: output[0])
    assert called == [as_tuple]


@claim(
    refuted_by=[
        counterfactuals.errors_say_something_else,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda: nn.ReLU(inplace=False),
)
def layer_with_a_full_backward_hook_refuses_an_in_place_activation(
    activation: Callable[[], nn.Module] = lambda: nn.ReLU(inplace=True),
) -> None:
    """An in-place `ReLU` raises after a layer with a full backward hook, or with one itself."""
    message = "Output 0 of BackwardHookFunction is a view and is being modified inplace."
    for place in (0, 1):
        model = nn.Sequential(_layer(), activation())
        x = torch.ones(1, 1)
        model(x).sum().backward()
        model[place].register_full_backward_hook(lambda *_: None)

        with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
            model(x)

        assert model[0].weight.grad.tolist() == [[1.0]]
        print(caught.value)


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda layer, _: layer.register_full_backward_pre_hook(lambda _, out: (out[0] * 10,)),
)
def full_backward_hook_replaces_the_inputs_gradient_and_not_the_weights(
    register: Register = lambda layer, hook: layer.register_full_backward_hook(hook),
) -> None:
    """What a full backward hook returns goes on to the layers before; the weight's stays as is."""
    layer, x = _layer(), torch.ones(1, 1, requires_grad=True)
    register(layer, lambda _module, grad_input, _output: (grad_input[0] * 10,))

    layer(x).sum().backward()

    assert x.grad.tolist() == [[10.0]]
    assert layer.weight.grad.tolist() == [[1.0]]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda layer, _: layer.register_full_backward_hook(lambda _, got, __: (got[0] * 10,)),
)
def full_backward_pre_hook_changes_the_weights_gradient_too(
    register: Register = lambda layer, hook: layer.register_full_backward_pre_hook(hook),
) -> None:
    """A full backward pre-hook changes the output's gradient, so the weight's and the input's."""
    layer, x = _layer(), torch.ones(1, 1, requires_grad=True)
    register(layer, lambda _module, grad_output: (grad_output[0] * 10,))

    layer(x).sum().backward()

    assert x.grad.tolist() == [[10.0]]
    assert layer.weight.grad.tolist() == [[10.0]]


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda x: x.requires_grad_(),
)
def full_backward_hook_cannot_change_what_no_input_requires(
    plain: Operation = lambda x: x,
) -> None:
    """If no input requires grad, a full backward hook that returns a gradient raises."""
    layer = _layer()
    layer.register_full_backward_hook(lambda _module, _input, grad_output: grad_output)
    flagged = torch.ones(1, 1).requires_grad_()
    layer(flagged).sum().backward()

    message = "Backward hook for Modules where no input requires gradient should always return None"
    with pytest.raises(RuntimeError, match=f"^{message}") as caught:
        layer(plain(torch.ones(1, 1))).sum().backward()

    assert flagged.grad.tolist() == [[1.0]]
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda weight, hook: weight.register_post_accumulate_grad_hook(
        lambda parameter: hook(parameter.grad)
    ),
)
def hook_on_a_weight_gets_what_this_backward_adds(
    register: Callable[..., object] = lambda weight, hook: weight.register_hook(hook),
) -> None:
    """A weight's hook gets the sum over its uses in this pass, without the `.grad` from before."""
    seen = []
    weight = nn.Parameter(torch.ones(1))
    register(weight, lambda gradient: seen.append(gradient.item()))

    for _ in range(2):
        (weight * 2 + weight * 3).backward()

    assert seen == [5.0, 5.0]
    assert weight.grad.tolist() == [10.0]


@claim(
    refuted_by=[counterfactuals.backward_does_nothing, counterfactuals.backward_overwrites],
    rival=lambda weight, hook: weight.register_hook(lambda _: hook(weight)),
)
def post_accumulate_hook_finds_the_sum_in_grad(
    register: Callable[..., object] = lambda weight, hook: (
        weight.register_post_accumulate_grad_hook(hook)
    ),
) -> None:
    """`register_post_accumulate_grad_hook` hands over the weight, with the sum in its `.grad`."""
    seen = []
    weight = nn.Parameter(torch.ones(1))
    weight.grad = torch.zeros(1)
    register(weight, lambda parameter: seen.append(parameter.grad.item()))

    for _ in range(2):
        (weight * 2).backward()

    assert seen == [2.0, 4.0]


@claim(
    refuted_by=[counterfactuals.backward_overwrites, counterfactuals.steps_do_nothing],
    rival=lambda gradient: gradient,
)
def hook_that_clamps_does_not_bound_an_accumulated_gradient(
    clamp: Operation = lambda gradient: gradient.clamp(-1, 1),
) -> None:
    """A hook that clamps to 1 acts on each `backward()`: after three of them `.grad` is 3."""
    weight = nn.Parameter(torch.ones(1))
    weight.register_hook(clamp)

    for _ in range(3):
        (weight * 100).backward()
    torch.optim.SGD([weight], lr=1.0).step()

    assert weight.grad.tolist() == [3.0]
    assert weight.item() == -2.0


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda layer, x, handle: handle.remove() or layer(x),
)
def backward_hook_removed_after_the_forward_pass_is_still_called_once(
    run: Callable[..., Tensor] = lambda layer, x, handle: (layer(x), handle.remove())[0],
) -> None:
    """Removed between forward and backward, a full backward hook still runs for that pass."""
    called = []
    layer, x = _layer(), torch.ones(1, 1, requires_grad=True)
    handle = layer.register_full_backward_hook(lambda *_: called.append("called"))

    run(layer, x, handle).sum().backward()
    in_this_pass = len(called)
    layer(x).sum().backward()

    assert in_this_pass == 1
    assert len(called) == 1


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda layer, x, hook: (layer.register_full_backward_hook(hook), layer(x))[1],
)
def backward_hook_registered_after_the_forward_pass_is_not_called_for_it(
    run: Callable[..., Tensor] = lambda layer, x, hook: (
        layer(x),
        layer.register_full_backward_hook(hook),
    )[0],
) -> None:
    """A full backward hook that is registered after the forward pass runs from the next one on."""
    called = []
    layer, x = _layer(), torch.ones(1, 1, requires_grad=True)

    run(layer, x, lambda *_: called.append("called")).sum().backward()
    in_this_pass = len(called)
    layer(x).sum().backward()

    assert in_this_pass == 0
    assert len(called) == 1


@claim(
    refuted_by=[counterfactuals.backward_does_nothing],
    rival=lambda _: None,
)
def tensor_hook_is_gone_as_soon_as_it_is_removed(
    remove: Callable[[RemovableHandle], object] = lambda handle: handle.remove(),
) -> None:
    """A hook on a tensor that is removed before `backward()` isn't called in it."""
    seen, kept = [], []
    x = torch.ones(1, requires_grad=True)
    middle = x * 2
    handle = middle.register_hook(lambda gradient: seen.append(gradient.item()))
    middle.register_hook(lambda gradient: kept.append(gradient.item()))
    result = middle * 3

    remove(handle)
    result.backward()

    assert seen == []
    assert kept == [3.0]


@claim(rival=lambda layer, hook: layer.register_forward_hook(hook).remove())
def hook_registered_in_each_pass_runs_once_more_each_time(
    register: Register = lambda layer, hook: layer.register_forward_hook(hook),
) -> None:
    """A hook that is registered again before each pass adds up: 1, 2, 3 calls."""
    layer, called, calls = _layer(), [], []

    for _ in range(3):
        called.clear()
        register(layer, lambda *_: called.append("called"))
        layer(torch.ones(1, 1))
        calls.append(len(called))

    assert calls == [1, 2, 3]


@claim(rival=lambda module: type(module)(1, 1, bias=False))
def copied_module_keeps_its_hooks_and_a_copied_weight_has_none(
    duplicate: Callable[[nn.Module], nn.Module] = copy.deepcopy,
) -> None:
    """`copy.deepcopy` takes a module's hooks along, and leaves those on its weight behind."""
    called = []
    layer = _layer()
    layer.register_forward_hook(lambda *_: called.append("forward"))
    layer.register_full_backward_hook(lambda *_: called.append("backward"))
    layer.weight.register_hook(lambda _: called.append("weight"))

    duplicate(layer)(torch.ones(1, 1, requires_grad=True)).sum().backward()

    assert called == ["forward", "backward"]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda layer, change: layer.register_forward_hook(lambda *given: change(*given) and None),
)
def forward_hooks_change_what_goes_in_and_what_comes_out(
    register: Register = lambda layer, change: layer.register_forward_hook(change),
) -> None:
    """What a forward pre-hook returns goes in, what a forward hook returns comes out, recorded."""
    layer = _layer()
    layer.register_forward_pre_hook(lambda _, inputs: (inputs[0] + 1,))
    register(layer, lambda _module, _inputs, output: output * 10)

    result = layer(torch.ones(1, 1))
    result.sum().backward()

    assert result.item() == 20.0
    assert layer.weight.grad.tolist() == [[20.0]]


@claim(
    rival=lambda loss, _: loss.backward(),
)
def autograd_grad_of_a_weight_calls_its_hook_and_no_other(
    differentiate: Callable[..., object] = torch.autograd.grad,
) -> None:
    """With a flagged input, `autograd.grad` of a weight calls the hook on that weight alone."""
    called = []
    layer = _layer()
    layer.register_full_backward_hook(lambda *_: called.append("backward"))
    layer.weight.register_hook(lambda _: called.append("weight"))
    layer.weight.register_post_accumulate_grad_hook(lambda _: called.append("accumulated"))

    differentiate(layer(torch.ones(1, 1, requires_grad=True)).sum(), layer.weight)

    assert called == ["weight"]
