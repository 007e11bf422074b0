"""Claims about `torch.compile`: which mode, flags and weights a compiled call goes by.

However long: each claim is read by itself.  The backends "eager" and "aot_eager" write no code, and
what inductor makes of a linear layer calls kernels of torch, so no check needs a C++ compiler.
"""

import copy
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
import torch
from torch import _dynamo as dynamo
from torch import fx, nn
from torch._inductor import compile_fx, config  # noqa: F401  # else each trial imports it anew
from torch.autograd.graph import saved_tensors_hooks

from mkdocs_claims import claim
from verify import counterfactuals

BACKENDS = ("eager", "aot_eager")

Function = Callable[[torch.Tensor], torch.Tensor]
Mode = Callable[[], AbstractContextManager[object]]


class Counting:
    """A backend that runs each graph as it is, and counts them."""

    def __init__(self) -> None:
        self.graphs = 0
        """How many graphs it was handed."""

    def __call__(self, graph: fx.GraphModule, _: list[torch.Tensor]) -> Callable[..., object]:
        """Take a graph."""
        self.graphs += 1
        return graph.forward


def linear(weight: float = 1.0) -> nn.Linear:
    """Return a layer of one weight, with nothing compiled from before."""
    torch.compiler.reset()
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, weight)
    return layer


@contextmanager
def inductor() -> Iterator[None]:
    """Let inductor keep its files for itself, and ask no C++ compiler what the processor can do."""
    asks_nobody = {"cpp.vec_isa_ok": False, "compile_threads": 1, "fx_graph_cache": False}
    with (
        TemporaryDirectory() as folder,
        mock.patch.dict(os.environ, {"TORCHINDUCTOR_CACHE_DIR": str(Path(folder))}),
        config.patch(asks_nobody),
    ):
        yield


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.inference_mode_does_nothing],
    rival=lambda compiled, x: (torch.compiler.reset(), compiled(x)),
)
def each_grad_mode_is_compiled_once(
    call: Callable[[Function, torch.Tensor], object] = lambda compiled, x: compiled(x),
) -> None:
    """`torch.compile` makes one graph for grad mode, `no_grad` and `inference_mode` each, once."""
    layer, backend, x = linear(), Counting(), torch.ones(1, 1)
    compiled = torch.compile(layer, backend=backend)

    counts = []
    for mode in (torch.enable_grad, torch.no_grad, torch.inference_mode) * 2:
        with mode():
            call(compiled, x)
        counts.append(backend.graphs)

    assert counts == [1, 2, 3, 3, 3, 3]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.inference_mode_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda layer, backend: torch.no_grad()(torch.compile(layer, backend=backend)),
)
def compiled_layer_called_first_without_grad_trains_in_the_next_call(
    compile_layer: Callable[[nn.Module, str], Function] = lambda layer, backend: torch.compile(
        layer, backend=backend
    ),
) -> None:
    """A compiled layer called first under `no_grad` or `inference_mode` records its next call."""
    for backend in BACKENDS:
        for mode in (torch.no_grad, torch.inference_mode):
            layer, x = linear(), torch.full((1, 1), 3.0)
            compiled = compile_layer(layer, backend)

            with mode():
                first = compiled(x)
            second = compiled(x)

            assert first.requires_grad is False
            assert first.is_inference() is (mode is torch.inference_mode)
            assert second.requires_grad is True

            second.backward()

            assert layer.weight.grad.tolist() == [[3.0]]


class Scaled(nn.Module):
    """Multiplies by a weight and by a table, which its first call makes."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))
        self.table: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply `x`."""
        if self.table is None:
            self.table = torch.full((2,), 5.0)
        return self.weight * self.table * x


@claim(
    refuted_by=[
        counterfactuals.inference_mode_is_no_grad,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=torch.no_grad,
)
def table_kept_from_a_compiled_warm_up_in_inference_mode_raises_in_training(
    warm_up: Mode = torch.inference_mode,
) -> None:
    """A table that a compiled call under `inference_mode` made and kept raises in training."""
    for backend in BACKENDS:
        torch.compiler.reset()
        model = Scaled()
        compiled = torch.compile(model, backend=backend)

        with warm_up():
            compiled(torch.ones(2))

        assert model.table.is_inference() is True

        message = "Inference tensors cannot be saved for backward."
        with pytest.raises(RuntimeError, match=f"^{re.escape(message)}"):
            compiled(torch.ones(2))

        model.table = model.table.clone()
        compiled(torch.ones(2)).sum().backward()

        assert model.weight.grad.tolist() == [5.0, 5.0]


@claim(rival=lambda layer, backend: torch.compile(copy.deepcopy(layer), backend=backend))
def compiled_call_uses_new_weights_in_eval_mode_with_grad_off(
    compile_layer: Callable[[nn.Module, str], nn.Module] = lambda layer, backend: torch.compile(
        layer, backend=backend
    ),
) -> None:
    """In eval mode with grad off a compiled call uses new weights, however they were put there."""
    x = torch.ones(1, 1)

    for backend in BACKENDS:
        for mode in (torch.no_grad, torch.inference_mode):
            layer = linear(weight=1.0).eval()
            compiled = compile_layer(layer, backend)

            seen = []
            with mode():
                seen.append(compiled(x).item())
            layer.load_state_dict({"weight": torch.full((1, 1), 2.0)})
            with mode():
                seen.append(compiled(x).item())
            layer.load_state_dict({"weight": torch.full((1, 1), 3.0)}, assign=True)
            with mode():
                seen.append(compiled(x).item())
            layer.weight = nn.Parameter(torch.full((1, 1), 4.0))
            with mode():
                seen.append(compiled(x).item())
            layer(x).backward()
            torch.optim.SGD(layer.parameters(), lr=1.0).step()
            with mode():
                seen.append(compiled(x).item())

            assert seen == [1.0, 2.0, 3.0, 4.0, 3.0]


def _compile_by_inductor() -> tuple[nn.Linear, Callable[[], float]]:
    """Return a layer of ones, and what a compiled call gives for one."""
    torch.compiler.reset()
    layer = nn.Linear(4, 3, bias=False).eval()
    nn.init.ones_(layer.weight)
    compiled = torch.compile(layer)
    return layer, lambda: float(compiled(torch.ones(2, 4))[0, 0])


@claim(rival=lambda: config.patch(freezing=True))
def inductor_uses_new_weights_in_eval_mode_with_grad_off(
    setting: Mode = lambda: config.patch(freezing=False),
) -> None:
    """With the default backend, too, a linear layer's new weights are used by the next call."""
    for mode in (torch.no_grad, torch.inference_mode):
        with inductor(), setting(), mode():
            layer, compiled = _compile_by_inductor()

            before = compiled()
            layer.load_state_dict({"weight": torch.full((3, 4), 2.0)})
            after = compiled()

            assert (before, after) == (4.0, 8.0)


@claim(rival=lambda: config.patch(freezing=False))
def inductors_freezing_keeps_old_weights_with_grad_off(
    setting: Mode = lambda: config.patch(freezing=True),
) -> None:
    """With inductor's `freezing`, a compiled call under `no_grad` goes on with old weights."""
    for training in (False, True):
        with inductor(), setting(), torch.no_grad():
            layer, compiled = _compile_by_inductor()
            layer.train(training)

            before = compiled()
            layer.load_state_dict({"weight": torch.full((3, 4), 2.0)})
            after = compiled()
            layer.train()
            in_train_mode = compiled()

            assert (before, after, in_train_mode) == (4.0, 4.0, 4.0)


@claim(rival=lambda: {"TORCHINDUCTOR_FREEZING": "0"})
def inductors_freezing_is_turned_on_by_an_environment_variable(
    variables: Callable[[], dict[str, str]] = lambda: {"TORCHINDUCTOR_FREEZING": "1"},
) -> None:
    """`TORCHINDUCTOR_FREEZING=1` in the environment turns inductor's `freezing` on."""
    code = "from torch._inductor import config; print(config.freezing)"

    run = subprocess.run(  # noqa: S603 - it runs the line above
        [sys.executable, "-c", code],
        env={**os.environ, **variables()},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout == "True\n"


def _load_in_place(layer: nn.Module) -> None:
    """Load twos into the parameters that are there."""
    layer.load_state_dict({"weight": torch.full((3, 4), 2.0)})


@claim(rival=lambda layer: (torch.compiler.reset(), torch.compile(layer))[1])
def compiling_once_more_lets_frozen_graphs_keep_old_weights(
    compile_again: Callable[[nn.Module], nn.Module] = torch.compile,
) -> None:
    """With inductor's `freezing`, a model compiled once more still gives what old weights gave."""
    with inductor(), config.patch(freezing=True), torch.no_grad():
        layer, compiled = _compile_by_inductor()

        before = compiled()
        _load_in_place(layer)
        after = compile_again(layer)(torch.ones(2, 4))[0, 0].item()

        assert (before, after) == (4.0, 4.0)


@claim(rival=_load_in_place)
def reset_lets_frozen_graphs_see_new_weights(
    load: Callable[[nn.Module], object] = lambda layer: (
        _load_in_place(layer),
        torch.compiler.reset(),
    ),
) -> None:
    """After `torch.compiler.reset()` a graph that inductor froze sees weights loaded in place."""
    with inductor(), config.patch(freezing=True), torch.no_grad():
        layer, compiled = _compile_by_inductor()

        before = compiled()
        load(layer)
        after = compiled()

        assert (before, after) == (4.0, 8.0)


@claim(rival=_load_in_place)
def assigning_parameters_lets_frozen_graphs_see_new_weights(
    load: Callable[[nn.Module], object] = lambda layer: layer.load_state_dict(
        {"weight": torch.full((3, 4), 2.0)}, assign=True
    ),
) -> None:
    """`load_state_dict(..., assign=True)` makes a compiled call with `freezing` use new weights."""
    with inductor(), config.patch(freezing=True), torch.no_grad():
        layer, compiled = _compile_by_inductor()

        before = compiled()
        load(layer)
        after = compiled()

        assert (before, after) == (4.0, 8.0)


@claim(rival=torch.no_grad)
def inductors_freezing_lets_calls_with_grad_on_see_new_weights(
    mode: Mode = torch.enable_grad,
) -> None:
    """With inductor's `freezing`, a compiled call with grad on uses the new weights."""
    with inductor(), config.patch(freezing=True), torch.no_grad():
        layer, compiled = _compile_by_inductor()

        before = compiled()
        _load_in_place(layer)
        with mode():
            after = compiled()

        assert (before, after) == (4.0, 8.0)


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda layer: torch.no_grad()(torch.compile(layer, mode="max-autotune")),
)
def max_autotune_trains_after_a_warm_up_in_inference_mode_on_the_cpu(
    compile_layer: Callable[[nn.Module], Function] = lambda layer: torch.compile(
        layer, mode="max-autotune"
    ),
) -> None:
    """On the CPU a layer compiled by "max-autotune" trains after calls under `inference_mode`."""
    x = torch.ones(2, 4)
    with inductor():
        layer, _ = _compile_by_inductor()
        compiled = compile_layer(layer)

        with torch.inference_mode():
            for _ in range(3):
                compiled(x)
        output = compiled(x)

        assert output.requires_grad is True

        output.sum().backward()

    assert layer.weight.grad.tolist() == [[2.0] * 4] * 3


@claim(
    refuted_by=[
        counterfactuals.eval_does_nothing,
        counterfactuals.train_and_eval_reach_only_the_module_itself,
    ],
    rival=nn.Sequential,
)
def compiled_module_and_its_original_share_the_training_flag(
    compile_model: Callable[[nn.Module], nn.Module] = lambda model: torch.compile(
        model, backend="eager"
    ),
) -> None:
    """`torch.compile` keeps the training flag; `train()` and `eval()` of each reach the other."""
    dropout = nn.Dropout()
    model = nn.Sequential(dropout).eval()

    compiled = compile_model(model)
    flags = [(compiled.training, model.training, dropout.training)]
    for switch in (compiled.train, compiled.eval, model.train, model.eval):
        switch()
        flags.append((compiled.training, model.training, dropout.training))

    assert flags == [(False,) * 3, (True,) * 3, (False,) * 3, (True,) * 3, (False,) * 3]


@claim(
    refuted_by=[counterfactuals.eval_does_nothing, counterfactuals.dropout_never_drops],
    rival=lambda model, *, training: (torch.compiler.reset(), model.train(training)),
)
def train_and_eval_mode_are_compiled_once_each(
    switch: Callable[..., object] = lambda model, *, training: model.train(training),
) -> None:
    """Epochs in turn in train mode and in eval mode under `no_grad` compile two graphs in all."""
    torch.compiler.reset()
    backend, x = Counting(), torch.ones(100)
    model = nn.Sequential(nn.Dropout())
    compiled = torch.compile(model, backend=backend)

    for _ in range(3):
        switch(model, training=True)
        dropped = compiled(x)
        model.eval()
        with torch.no_grad():
            kept = compiled(x)

        assert dropped.unique().tolist() == [0.0, 2.0]
        assert kept.tolist() == x.tolist()

    assert backend.graphs == 2


def _set_flag(layer: nn.Module, *, trainable: bool) -> None:
    """Freeze or unfreeze a layer."""
    layer.requires_grad_(trainable)


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda layer, *, trainable: setattr(layer, "requires_grad", trainable),
)
def compiled_model_follows_flags_that_change_after_compiling(
    set_flag: Callable[..., None] = _set_flag,
) -> None:
    """A layer frozen or unfrozen after its model was compiled stops or starts getting gradients."""
    x = torch.ones(1, 1)

    for backend in BACKENDS:
        first, second = linear(), linear(weight=2.0)
        compiled = torch.compile(nn.Sequential(first, second), backend=backend)

        gradients = []
        for trainable in (True, False, True):
            set_flag(first, trainable=trainable)
            first.weight.grad = second.weight.grad = None
            compiled(x).backward()
            gradients.append([p.grad and p.grad.item() for p in (first.weight, second.weight)])

        assert gradients == [[2.0, 1.0], [None, 1.0], [2.0, 1.0]]


@claim(
    refuted_by=[counterfactuals.requires_grad_does_nothing],
    rival=lambda layer, *, trainable: (torch.compiler.reset(), layer.requires_grad_(trainable)),
)
def each_set_of_frozen_parameters_is_compiled_once(
    set_flag: Callable[..., object] = _set_flag,
) -> None:
    """Freezing a layer compiles the model anew, once; going back to the old flags does not."""
    first, second, backend = linear(), linear(), Counting()
    compiled = torch.compile(nn.Sequential(first, second), backend=backend)

    counts = []
    for trainable in (True, False, True, False):
        set_flag(first, trainable=trainable)
        compiled(torch.ones(1, 1))
        counts.append(backend.graphs)

    assert counts == [1, 2, 2, 2]


@claim(
    refuted_by=[counterfactuals.requires_grad_does_nothing],
    rival=lambda layer, *, trainable: (torch.compiler.reset(), layer.requires_grad_(trainable)),
)
def ninth_set_of_frozen_parameters_runs_uncompiled(
    set_flag: Callable[..., object] = _set_flag,
) -> None:
    """A model is compiled for eight sets of frozen parameters; with a ninth it runs uncompiled."""
    torch.compiler.reset()
    backend = Counting()
    layers = [nn.Linear(1, 1, bias=False) for _ in range(10)]
    compiled = torch.compile(nn.Sequential(*layers), backend=backend)

    counts = []
    log = logging.getLogger("torch._dynamo.convert_frame")
    with mock.patch.object(log, "warning") as warning:
        for layer in layers:
            set_flag(layer, trainable=False)
            compiled(torch.ones(1, 1, requires_grad=True)).backward()
            counts.append(backend.graphs)

    said = [str(call.args[0] % call.args[1:]).splitlines()[0] for call in warning.call_args_list]

    assert counts == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8]
    assert "torch._dynamo hit config.recompile_limit (8)" in said


@claim(rival=torch.no_grad)
def inference_tensor_and_normal_tensor_are_compiled_for_apart(
    mode: Mode = torch.inference_mode,
) -> None:
    """Handed a normal tensor and an inference tensor in turn, a function is compiled twice."""
    torch.compiler.reset()
    backend, normal = Counting(), torch.ones(2)
    with mode():
        made_inside = torch.ones(2)
    compiled = torch.compile(lambda x: x * 2, backend=backend)

    for x in (normal, made_inside, normal, made_inside):
        compiled(x)

    assert backend.graphs == 2


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.requires_grad_does_nothing],
    rival=lambda compiled, x: compiled(x.detach()),
)
def input_that_requires_grad_is_compiled_for_apart_in_each_grad_mode(
    call: Callable[[Function, torch.Tensor], object] = lambda compiled, x: compiled(x),
) -> None:
    """A plain input and one that requires grad are compiled for apart, under `no_grad` too."""
    torch.compiler.reset()
    backend = Counting()
    compiled = torch.compile(lambda x: x * 2, backend=backend)
    plain, trainable = torch.ones(2), torch.ones(2).requires_grad_()

    counts = []
    for mode in (torch.enable_grad, torch.no_grad) * 2:
        for x in (plain, trainable):
            with mode():
                call(compiled, x)
            counts.append(backend.graphs)

    assert counts == [1, 2, 3, 4, 4, 4, 4, 4]


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.requires_grad_does_nothing],
    rival=lambda: dynamo.config.patch(error_on_recompile=False),
)
def error_on_recompile_says_what_has_changed(
    setting: Mode = lambda: dynamo.config.patch(error_on_recompile=True),
) -> None:
    """With `error_on_recompile` a changed `requires_grad` or grad mode raises, and is named."""
    torch.compiler.reset()
    compiled = torch.compile(torch.square, backend="eager")
    compiled(torch.ones(2))

    with setting():
        with pytest.raises(
            dynamo.exc.RecompileError, match=r"requires_grad mismatch. expected requires_grad=0$"
        ):
            compiled(torch.ones(2).requires_grad_())
        with (
            torch.no_grad(),
            pytest.raises(dynamo.exc.RecompileError, match=r"GLOBAL_STATE changed: grad_mode $"),
        ):
            compiled(torch.ones(2))


def _twice_and_a_constant(x: torch.Tensor) -> torch.Tensor:
    """Return `4 * x`, half of which is a constant for autograd, under grad mode."""
    with torch.no_grad():
        constant = 2 * x
    return 2 * x + constant


def _twice_and_a_detached_constant(x: torch.Tensor) -> torch.Tensor:
    """Return `4 * x`, half of which is detached."""
    return 2 * x + (2 * x).detach()


def _four_times(x: torch.Tensor) -> torch.Tensor:
    """Return `4 * x`, recorded wholly."""
    return 2 * x + 2 * x


@claim(rival=_four_times)
def no_grad_block_holds_in_a_compiled_function(function: Function = _twice_and_a_constant) -> None:
    """A `no_grad` block inside a function that is compiled keeps its own results unrecorded."""
    x = torch.ones(1, requires_grad=True)

    for backend in BACKENDS:
        torch.compiler.reset()
        compiled = torch.compile(function, backend=backend, fullgraph=True)
        (gradient,) = torch.autograd.grad(compiled(x), x)

        assert gradient.item() == 2.0


@claim(rival=_four_times)
def detach_holds_in_a_compiled_function(
    function: Function = _twice_and_a_detached_constant,
) -> None:
    """What `detach()` makes a constant is one in a function that is compiled as a whole, too."""
    x = torch.ones(1, requires_grad=True)

    for backend in BACKENDS:
        torch.compiler.reset()
        compiled = torch.compile(function, backend=backend, fullgraph=True)
        (gradient,) = torch.autograd.grad(compiled(x), x)

        assert gradient.item() == 2.0


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.decorators_do_nothing])
def no_grad_decorates_a_compiled_function_on_either_side() -> None:
    """`@torch.no_grad()` above and below `@torch.compile` keep the function's result unrecorded."""
    weight = torch.ones(1, requires_grad=True)

    def triple() -> torch.Tensor:
        return weight * 3

    for backend in BACKENDS:
        torch.compiler.reset()
        above = torch.no_grad()(torch.compile(triple, backend=backend))
        below = torch.compile(torch.no_grad()(triple), backend=backend)

        assert above().requires_grad is False
        assert below().requires_grad is False


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing],
    rival=nullcontext,
)
def autocast_holds_inside_and_around_a_compiled_function(
    cast: Mode = lambda: torch.autocast("cpu", dtype=torch.bfloat16),
) -> None:
    """`autocast`, alone or with `no_grad`, holds inside and around a compiled function alike."""

    def product(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return x @ weight

    def cast_inside(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        with cast():
            return x @ weight

    x, weight = torch.ones(2, 2), torch.ones(2, 2, requires_grad=True)
    for backend in BACKENDS:
        torch.compiler.reset()
        inside = torch.compile(cast_inside, backend=backend, fullgraph=True)
        around = torch.compile(product, backend=backend, fullgraph=True)
        results = [inside(x, weight)]
        with cast():
            results.append(around(x, weight))
        with torch.no_grad(), cast():
            results += [inside(x, weight), around(x, weight)]
        results.append(around(x, weight))

        assert [one.dtype for one in results] == [torch.bfloat16] * 4 + [torch.float32]
        assert [one.requires_grad for one in results] == [True, True, False, False, True]


@claim(refuted_by=[counterfactuals.no_grad_does_nothing], rival=nullcontext)
def compiled_call_under_no_grad_saves_no_tensor(mode: Mode = torch.no_grad) -> None:
    """A compiled model saves tensors for backward in grad mode, and none under `no_grad`."""
    model = nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1))

    for backend in BACKENDS:
        torch.compiler.reset()
        compiled = torch.compile(model, backend=backend)
        saved: list[torch.Tensor] = []
        with saved_tensors_hooks(lambda t, saved=saved: saved.append(t) or t, lambda t: t):
            compiled(torch.ones(1, 1))
            in_grad_mode = len(saved)
            with mode():
                compiled(torch.ones(1, 1))

        assert len(saved) == in_grad_mode > 0


@claim(rival=torch.no_grad)
def inference_mode_inside_a_function_that_aot_eager_compiles_makes_normal_tensors(
    mode: Mode = torch.inference_mode,
) -> None:
    """Inside a compiled function `inference_mode` marks its result by "eager", not "aot_eager"."""
    is_inference = {}
    for backend in BACKENDS:
        torch.compiler.reset()
        compiled = torch.compile(mode()(lambda x: x * 2), backend=backend)
        is_inference[backend] = compiled(torch.ones(2)).is_inference()

    assert is_inference == {"eager": True, "aot_eager": False}


def _compile_module(model: nn.Module) -> nn.Module:
    """Return a compiled module that wraps the model."""
    return torch.compile(model, backend="eager")


def _compile_in_place(model: nn.Module) -> nn.Module:
    """Compile the model itself."""
    model.compile(backend="eager")
    return model


@claim(rival=_compile_in_place)
def compiled_module_puts_orig_mod_before_its_parameters_names(
    compile_model: Callable[[nn.Module], nn.Module] = _compile_module,
) -> None:
    """Names of parameters in a module from `torch.compile` begin with `_orig_mod.`."""
    compiled = compile_model(nn.ModuleDict({"backbone": linear()}))

    of_parameters = [name for name, _ in compiled.named_parameters()]

    assert of_parameters == list(compiled.state_dict()) == ["_orig_mod.backbone.weight"]


@claim(rival=_compile_module)
def model_compiled_in_place_keeps_its_parameters_names(
    compile_model: Callable[[nn.Module], nn.Module] = _compile_in_place,
) -> None:
    """`model.compile()` compiles the model itself, and leaves its parameters their names."""
    compiled = compile_model(nn.ModuleDict({"backbone": linear()}))

    of_parameters = [name for name, _ in compiled.named_parameters()]

    assert of_parameters == list(compiled.state_dict()) == ["backbone.weight"]


def _cube(x: torch.Tensor) -> torch.Tensor:
    """Return the sum of cubes."""
    return (x**3).sum()


@claim(rival=lambda function: torch.compile(function, backend="eager"))
def double_backward_through_aot_autograd_raises(
    compile_function: Callable[[Function], Function] = lambda function: torch.compile(
        function, backend="aot_eager"
    ),
) -> None:
    """A second derivative through a function compiled by "aot_eager" raises; the first is right."""
    torch.compiler.reset()
    x = torch.ones(2, requires_grad=True)
    compiled = compile_function(_cube)

    (gradient,) = torch.autograd.grad(compiled(x), x, create_graph=True)
    message = "torch.compile with aot_autograd does not currently support double backward"
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        gradient.sum().backward()

    assert gradient.tolist() == [3.0, 3.0]
    assert gradient.requires_grad is True
    print(caught.value)


@claim(rival=lambda layer: torch.compile(layer, backend="eager"))
def double_backward_through_inductor_raises(
    compile_layer: Callable[[nn.Module], Function] = torch.compile,
) -> None:
    """A second derivative through a layer compiled by the default backend raises, too."""
    x = torch.ones(2, 4, requires_grad=True)
    with inductor():
        layer, _ = _compile_by_inductor()
        output = compile_layer(layer)(x).sum()
        (gradient,) = torch.autograd.grad(output, x, create_graph=True)

        message = "torch.compile with aot_autograd does not currently support double backward"
        with pytest.raises(RuntimeError, match=f"^{message}$"):
            gradient.sum().backward()


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda: torch.compiler.set_stance("default"),
)
def forcing_eager_allows_double_backward_of_a_compiled_function(
    force_eager: Mode = lambda: torch.compiler.set_stance("force_eager"),
) -> None:
    """Called under `torch.compiler.set_stance("force_eager")`, it allows double backward."""
    torch.compiler.reset()
    x = torch.ones(2, requires_grad=True)
    compiled = torch.compile(_cube, backend="aot_eager")
    compiled(x)

    with force_eager():
        output = compiled(x)
    (gradient,) = torch.autograd.grad(output, x, create_graph=True)
    gradient.sum().backward()

    assert x.grad.tolist() == [6.0, 6.0]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda function: torch.compile(function, backend="aot_eager"),
)
def double_backward_through_the_eager_backend_works(
    compile_function: Callable[[Function], Function] = lambda function: torch.compile(
        function, backend="eager"
    ),
) -> None:
    """A second derivative through a function compiled by the backend "eager" is right."""
    torch.compiler.reset()
    x = torch.ones(2, requires_grad=True)
    compiled = compile_function(_cube)

    (gradient,) = torch.autograd.grad(compiled(x), x, create_graph=True)
    gradient.sum().backward()

    assert x.grad.tolist() == [6.0, 6.0]
