"""Claims about what PyTorch refuses, or warns of, around gradients; a page each in `docs/errors/`.

Longer than 250 lines: each check is read by itself, from the page on its message.

It is as long as its list of claims is: each is read by itself.
"""

import gc
import math
import re
import weakref
from collections.abc import Callable
from multiprocessing.reduction import ForkingPickler

import pytest
import torch
import torch.multiprocessing
from torch import distributed, nn
from torch.nn import functional

from mkdocs_claims import claim
from verify import counterfactuals

Operation = Callable[[torch.Tensor], torch.Tensor]


@claim(rival=torch.sqrt)
def root_by_math_counts_as_a_constant(
    root: Callable[[torch.Tensor], object] = math.sqrt,
) -> None:
    """In `x * math.sqrt(x)` the root is a constant: at 4 the slope is 2, by `torch.sqrt` 3."""
    slopes = []
    for function in (root, torch.sqrt):
        x = torch.tensor(4.0, requires_grad=True)
        (x * function(x)).backward()
        slopes.append(x.grad.item())

    assert slopes == [2.0, 3.0]


@claim(rival=lambda tensor: tensor.half())
def integer_parameter_must_say_that_it_requires_no_grad(
    convert: Operation = lambda tensor: tensor.to(torch.int8),
) -> None:
    """`nn.Parameter` of integers raises, and works with `requires_grad=False`."""
    weights = convert(torch.ones(2))

    allowed = nn.Parameter(weights, requires_grad=False)

    message = "Only Tensors of floating point and complex dtype can require gradients"
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        nn.Parameter(weights)
    assert allowed.requires_grad is False
    print(caught.value)


@claim(rival=lambda tensor: tensor.float())
def optimizer_refuses_a_converted_leaf(
    convert: Operation = lambda tensor: tensor.double(),
) -> None:
    """SGD and Adam refuse a converted or scaled leaf, and take it if it is flagged afterwards."""
    leaf = torch.ones(2, requires_grad=True)

    for optimizer in (torch.optim.SGD, torch.optim.Adam):
        optimizer([leaf], lr=0.1)
        optimizer([leaf.detach().double().requires_grad_()], lr=0.1)
        for given in (convert(leaf), leaf * 0.1):
            with pytest.raises(ValueError, match=r"^can't optimize a non-leaf Tensor$"):
                optimizer([given], lr=0.1)


@claim(rival=nn.ModuleList)
def layers_in_a_list_give_the_optimizer_nothing(
    make_list: Callable[[list[nn.Module]], object] = list,
) -> None:
    """Layers in a Python list are no parameters of the model, and the optimizer's list is empty."""
    model = nn.Module()
    model.layers = make_list([nn.Linear(1, 1), nn.Linear(1, 1)])

    with pytest.raises(ValueError, match=r"^optimizer got an empty parameter list$"):
        torch.optim.SGD(model.parameters(), lr=0.1)
    assert len(list(model.parameters())) == 0


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice], rival=lambda labels: labels[:, None]
)
def squared_error_pairs_each_output_with_each_label(
    shape: Operation = lambda labels: labels,
) -> None:
    """`mse_loss` of `(2, 1)` and `(2,)` warns and pairs all with all: right outputs are no 0."""
    outputs = torch.tensor([[0.0], [2.0]], requires_grad=True)
    labels = torch.tensor([0.0, 2.0])

    with pytest.warns(UserWarning, match="^Using a target size") as caught:
        broadcast = functional.mse_loss(outputs, shape(labels))
    matched = functional.mse_loss(outputs, labels.unsqueeze(1))
    broadcast.backward()

    assert [broadcast.item(), matched.item()] == [2.0, 0.0]
    assert outputs.grad.tolist() == [[-1.0], [1.0]]
    print(caught[0].message)


@claim(rival=functional.mse_loss)
def cross_entropy_of_probabilities_and_huber_loss_refuse_labels_of_another_dtype(
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = functional.binary_cross_entropy,
) -> None:
    """`binary_cross_entropy` and `huber_loss` refuse labels of integers or doubles for floats."""
    for function in (loss, functional.huber_loss):
        for dtype, name in ((torch.int64, "Long"), (torch.float64, "Double")):
            outputs = torch.tensor([0.5], requires_grad=True)
            labels = torch.ones(1, dtype=dtype)

            with pytest.raises(RuntimeError, match=f"^Found dtype {name} but expected Float$"):
                function(outputs, labels).backward()
            function(outputs, labels.float()).backward()


@claim(
    refuted_by=[
        counterfactuals.errors_say_something_else,
        counterfactuals.requires_grad_does_nothing,
    ],
    rival=lambda tensor: tensor.requires_grad_(),
)
def autograd_grad_refuses_a_plain_tensor_even_if_unused_ones_are_allowed(
    take: Operation = lambda tensor: tensor,
) -> None:
    """`autograd.grad` by a tensor without the flag raises, with `allow_unused=True`, too."""
    weight, image = torch.tensor(2.0, requires_grad=True), take(torch.tensor(3.0))
    flagged = torch.tensor(3.0).requires_grad_()

    torch.autograd.grad(weight * flagged, flagged)

    message = "One of the differentiated Tensors does not require grad"
    for options in ({}, {"allow_unused": True}, {"materialize_grads": True}):
        with pytest.raises(RuntimeError, match=f"^{message}$"):
            torch.autograd.grad(weight * image, image, **options)


@claim(
    refuted_by=[counterfactuals.zero_grad_does_nothing],
    rival=lambda loss, weight: torch.autograd.grad(loss, weight, create_graph=True),
)
def backward_with_create_graph_keeps_its_parameter_alive_until_grad_is_cleared(
    differentiate: Callable[[torch.Tensor, torch.Tensor], object] = lambda loss, weight: (
        loss.backward(create_graph=True, inputs=[weight])
    ),
) -> None:
    """After `backward(create_graph=True)` a weight outlives its model, unless `.grad` is None."""
    alive = []
    for clears in (True, False):
        model = nn.Linear(1, 1)
        weight = weakref.ref(model.weight)
        differentiate((model(torch.ones(1, 1)) ** 2).sum(), model.weight)
        if clears:
            model.zero_grad()
        del model
        gc.collect()
        alive.append(weight() is not None)

    assert alive == [False, True]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda x: torch.sqrt(torch.where(x > 0, x, 1.0)),
)
def branch_that_where_does_not_take_still_spoils_the_gradient(root: Operation = torch.sqrt) -> None:
    """The branch not taken by `where` gives NaN as a gradient at 0, unless its input is safe."""
    x = torch.tensor([0.0, 4.0], requires_grad=True)

    torch.where(x > 0, x * root(x), 0.0).sum().backward()

    assert x.grad[0].isnan()
    assert x.grad[1] == 3.0


@claim(refuted_by=[counterfactuals.eval_does_nothing], rival=lambda module: module.train(mode=True))
def train_takes_a_bool_and_nothing_that_could_be_one(
    train: Callable[[nn.Module], object] = lambda module: module.train("eval"),  # type: ignore[arg-type]
) -> None:
    """`train("eval")`, `train(0)` and `train(None)` raise, and leave the mode as it was."""
    module = nn.Linear(1, 1).eval()
    wrong = (train, lambda module: module.train(0), lambda module: module.train(None))

    for call in wrong:
        with pytest.raises(ValueError, match=r"^training mode is expected to be boolean$"):
            call(module)
        assert module.training is False


@claim(
    refuted_by=[
        counterfactuals.set_grad_enabled_ignores_its_argument,
        counterfactuals.decorators_do_nothing,
        counterfactuals.set_grad_enabled_waits_for_its_block,
    ],
    rival=lambda: torch.no_grad,
)
def set_grad_enabled_decorates_only_with_its_argument(
    without: Callable[[], Callable[..., object]] = lambda: torch.set_grad_enabled,
) -> None:
    """`@torch.set_grad_enabled(False)` covers a function, and without the argument it raises."""
    decorated = torch.set_grad_enabled(mode=False)(torch.is_grad_enabled)

    assert decorated() is False
    torch.set_grad_enabled(mode=False)
    assert torch.is_grad_enabled() is False
    torch.set_grad_enabled(mode=True)
    message = "set_grad_enabled(): argument 'enabled' (position 1) must be bool, not"
    for wrong in (torch.is_grad_enabled, 1, "train"):
        with pytest.raises(TypeError, match=f"^{re.escape(message)}"):
            without()(wrong)


@claim(
    refuted_by=[
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.steps_do_nothing,
    ],
    rival=nn.Parameter,
)
def tensor_cannot_replace_a_parameter_and_a_new_parameter_is_not_in_the_optimizer(
    make: Operation = lambda values: values.clone(),
) -> None:
    """`layer.weight = tensor` raises; a new parameter is not stepped, one filled by `copy_` is."""
    values = torch.full((1, 1), 5.0)
    stepped = []
    for replaces in (True, False):
        layer = nn.Linear(1, 1)
        optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
        if replaces:
            layer.weight = nn.Parameter(values.clone())
        else:
            with torch.no_grad():
                layer.weight.copy_(values)
        layer(torch.ones(1, 1)).backward()
        optimizer.step()
        stepped.append(layer.weight.item())

    assert stepped == [5.0, 4.0]
    message = "cannot assign 'torch.FloatTensor' as parameter 'weight' (torch.nn.Parameter or None"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}") as caught:
        layer.weight = make(values)
    print(caught.value)


@claim(refuted_by=[counterfactuals.detach_returns_the_tensor_itself], rival=torch.Tensor.detach)
def result_is_not_sent_to_another_process(same: Operation = lambda result: result) -> None:
    """The pickler for queues refuses a result that requires grad; a leaf or a constant it takes."""
    leaf = torch.ones(2, requires_grad=True)
    result = leaf * 2

    for allowed in (leaf, result.detach()):
        ForkingPickler.dumps(allowed)

    message = "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd"
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        ForkingPickler.dumps(same(result))
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda image: image.requires_grad_(),
)
def full_backward_hook_gets_none_for_an_input_without_flag_and_warns(
    same: Operation = lambda image: image,
) -> None:
    """A full backward hook of the first layer warns and sees None, unless its input is flagged."""
    layer, seen = nn.Linear(1, 1, bias=False), []
    nn.init.ones_(layer.weight)
    layer.register_full_backward_hook(lambda _, inputs, outputs: seen.append((inputs, outputs)))

    layer(torch.ones(1, 1).requires_grad_()).sum().backward()
    with pytest.warns(UserWarning, match="^Full backward hook is firing when gradients are comput"):
        layer(same(torch.ones(1, 1))).sum().backward()

    assert seen == [((1.0,), (1.0,)), ((None,), (1.0,))]
    assert layer.weight.grad.item() == 2.0


@claim(
    refuted_by=[counterfactuals.errors_say_something_else],
    rival=lambda: torch.ones(2),
)
def assigned_gradient_has_the_size_and_dtype_of_its_tensor(
    make: Callable[[], torch.Tensor] = lambda: torch.ones(1, 2),
) -> None:
    """`p.grad = g` raises if `g` has another size or dtype than `p`, or is no tensor."""
    parameter = nn.Parameter(torch.ones(2))

    size = "attempting to assign a gradient of size '[1, 2]' to a tensor of size '[2]'"
    with pytest.raises(RuntimeError, match=f"^{re.escape(size)}") as caught:
        parameter.grad = make()
    dtype = (
        "attempting to assign a gradient with dtype 'double' to a tensor with grad_dtype 'Float'"
    )
    with pytest.raises(RuntimeError, match=f"^{dtype}"):
        parameter.grad = torch.ones(2).double()
    kind = "assigned grad expected to be a Tensor or None but got grad of type list"
    with pytest.raises(TypeError, match=f"^{kind}$"):
        parameter.grad = [1.0, 1.0]
    print(caught.value)


@claim(
    refuted_by=[counterfactuals.requires_grad_does_nothing],
    rival=lambda module: module.requires_grad_(),
)
def data_parallel_refuses_a_wholly_frozen_module(
    same: Callable[[nn.Module], nn.Module] = lambda module: module,
) -> None:
    """`DistributedDataParallel` refuses a module without a trainable parameter; one is enough."""
    frozen = nn.Linear(1, 1).requires_grad_(False)
    with_one = nn.Sequential(nn.Linear(1, 1).requires_grad_(False), nn.Linear(1, 1))
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)

    message = "DistributedDataParallel is not needed when a module doesn't have any parameter that"
    try:
        nn.parallel.DistributedDataParallel(with_one)
        with pytest.raises(RuntimeError, match=f"^{message}") as caught:
            nn.parallel.DistributedDataParallel(same(frozen))
    finally:
        distributed.destroy_process_group()
    print(caught.value)
