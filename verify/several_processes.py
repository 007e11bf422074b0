"""Claims about `DistributedDataParallel` in two processes, and `DataParallel` without a GPU.

It is long, for each check says what each of two processes does.  They are forked from the one
that runs the check, and form a gloo group on the CPU; process 0 has 1 as its input, process 1 has
3, so that a gradient of 2 is the average of both, and 1 and 3 are gradients of their own.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel, parallel_apply

from mkdocs_claims import claim
from snippets.two_processes import FORK, in_two_processes
from verify import counterfactuals

Act = Callable[[nn.Module], Any]
Wrap = Callable[..., nn.Module]
Call = Callable[[nn.Module, torch.Tensor], torch.Tensor]
Apply = Callable[[list[nn.Module], list[torch.Tensor]], Iterable[torch.Tensor]]

UNFINISHED = "^Expected to have finished reduction in the prior iteration before starting a new one"


class Two(nn.Module):
    """Two weights of 1, of which a pass may leave the second out."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(1, 1, bias=False)
        self.second = nn.Linear(1, 1, bias=False)
        for layer in (self.first, self.second):
            nn.init.ones_(layer.weight)

    def forward(self, x: torch.Tensor, *, all_of_it: bool = True) -> torch.Tensor:  # noqa: D102
        x = self.first(x)
        return self.second(x) if all_of_it else x


def _inputs(rank: int) -> torch.Tensor:
    return torch.tensor([[1.0 + 2 * rank]])


def _gradients(model: nn.Module) -> list[float | None]:
    """Return the gradients, of the first weight and of the second."""
    return [None if p.grad is None else p.grad.item() for p in model.parameters()]


@claim(rival=lambda module: module)
def ddp_gives_each_process_the_average_of_the_gradients(
    wrap: Wrap = DistributedDataParallel,
) -> None:
    """`backward()` after a pass through DDP gives each process the average of all gradients."""

    def work(rank: int) -> list[float | None]:
        model = wrap(Two())
        model(_inputs(rank)).sum().backward()
        return _gradients(model)

    assert in_two_processes(work) == [[2.0, 2.0], [2.0, 2.0]]


@claim(refuted_by=[counterfactuals.operations_are_never_recorded], rival=lambda wrapped: wrapped)
def ddp_averages_nothing_for_its_module_or_autograd_grad(
    called: Callable[[nn.Module], nn.Module] = lambda wrapped: wrapped.module,
) -> None:
    """Through `ddp.module`, or by `torch.autograd.grad`, each process gets its own gradient."""

    def through_the_module(rank: int) -> list[float | None]:
        wrapped = DistributedDataParallel(Two())
        called(wrapped)(_inputs(rank)).sum().backward()
        return _gradients(wrapped)

    def by_grad(rank: int) -> list[float]:
        wrapped = DistributedDataParallel(Two())
        gradients = torch.autograd.grad(wrapped(_inputs(rank)).sum(), [*wrapped.parameters()])
        return [gradient.item() for gradient in gradients]

    assert in_two_processes(through_the_module) == [[1.0, 1.0], [3.0, 3.0]]
    assert in_two_processes(by_grad) == [[1.0, 1.0], [3.0, 3.0]]


@claim(rival=lambda model, x: model(x))
def ddp_raises_in_the_pass_after_one_that_left_a_parameter_out(
    call: Call = lambda model, x: model(x, all_of_it=False),
) -> None:
    """If a pass leaves one of two weights out, the other is not averaged, and the next raises."""

    def once(rank: int) -> list[float | None]:
        model = DistributedDataParallel(Two())
        call(model, _inputs(rank)).sum().backward()
        return _gradients(model)

    def twice(rank: int) -> None:
        model = DistributedDataParallel(Two())
        for _ in range(2):
            call(model, _inputs(rank)).sum().backward()

    assert in_two_processes(once) == [[1.0, None], [3.0, None]]
    with pytest.raises(RuntimeError, match=UNFINISHED) as caught:
        in_two_processes(twice)
    print(caught.value)


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=DistributedDataParallel,
)
def ddp_that_finds_unused_parameters_averages_the_others(
    wrap: Wrap = lambda module: DistributedDataParallel(module, find_unused_parameters=True),
) -> None:
    """With `find_unused_parameters=True` a pass may leave a parameter out: the rest is averaged."""

    def work(rank: int) -> list[float | None]:
        model = wrap(Two())
        for _ in range(2):
            model.zero_grad()
            model(_inputs(rank), all_of_it=False).sum().backward()
        return _gradients(model)

    assert in_two_processes(work) == [[2.0, None], [2.0, None]]


@claim(rival=lambda rank: True)  # noqa: ARG005  # as the other has it
def ddp_takes_zero_for_a_parameter_that_one_process_leaves_out(
    is_used: Callable[[int], bool] = lambda rank: rank == 1,
) -> None:
    """If one of two processes leaves a weight out, both get half of the other's gradient."""

    def work(rank: int) -> list[float | None]:
        model = DistributedDataParallel(Two(), find_unused_parameters=True)
        model(_inputs(rank), all_of_it=is_used(rank)).sum().backward()
        return _gradients(model)

    assert in_two_processes(work) == [[2.0, 1.5], [2.0, 1.5]]


@claim(rival=lambda model, x: model(x))
def ddp_leaves_an_old_gradient_of_a_parameter_that_all_leave_out(
    call: Call = lambda model, x: model(x, all_of_it=False),
) -> None:
    """The `.grad` of a weight that every process leaves out stays what it was, such as 7."""

    def work(rank: int) -> list[float | None]:
        model = DistributedDataParallel(Two(), find_unused_parameters=True)
        model.module.second.weight.grad = torch.tensor([[7.0]])
        call(model, _inputs(rank)).sum().backward()
        return _gradients(model)

    assert in_two_processes(work) == [[2.0, 7.0], [2.0, 7.0]]


@claim(refuted_by=[counterfactuals.backward_adds_gradients_twice], rival=DistributedDataParallel)
def ddp_that_finds_unused_parameters_refuses_a_second_backward(
    wrap: Wrap = lambda module: DistributedDataParallel(module, find_unused_parameters=True),
) -> None:
    """With `find_unused_parameters=True`, `backward()` of a second output of one pass raises."""

    class TwoOutputs(Two):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.first(x), self.second(x)

    def work(rank: int, wrap: Wrap) -> list[float | None]:
        model = wrap(TwoOutputs())
        one, other = model(_inputs(rank))
        one.sum().backward()
        other.sum().backward()
        return _gradients(model)

    without = in_two_processes(partial(work, wrap=DistributedDataParallel))
    assert without == [[2.0, 2.0], [2.0, 2.0]]
    with pytest.raises(RuntimeError, match=r"^Trying to backward through the graph a second time"):
        in_two_processes(partial(work, wrap=wrap))


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda model: 0.0,  # noqa: ARG005  # as the other has it
)
def ddp_takes_a_missing_parameter_times_zero_for_used(
    penalty: Act = lambda model: 0 * sum(p.sum() for p in model.parameters()),
) -> None:
    """A loss with `0 * p.sum()` for each parameter reaches those unused, and none frozen later."""

    def work(rank: int) -> list[float | None]:
        model = DistributedDataParallel(Two())
        for _ in range(2):
            model.zero_grad()
            loss = model(_inputs(rank), all_of_it=False).sum()
            (loss + penalty(model)).backward()
        return _gradients(model)

    def with_one_frozen(rank: int) -> None:
        model = DistributedDataParallel(Two())
        model.module.second.requires_grad_(False)
        for _ in range(2):
            (model(_inputs(rank)).sum() + penalty(model)).backward()

    with pytest.raises(RuntimeError, match=UNFINISHED):
        in_two_processes(with_one_frozen)
    assert in_two_processes(work) == [[2.0, 0.0], [2.0, 0.0]]


@claim(refuted_by=[counterfactuals.backward_adds_gradients_twice], rival=lambda model: None)  # noqa: ARG005  # as the other has it
def ddp_trains_around_what_was_frozen_before_wrapping_and_raises_if_frozen_after(
    freeze_late: Act = lambda model: model.first.requires_grad_(False),
) -> None:
    """Freeze, then wrap, and DDP trains the rest; the other way round the second pass raises."""

    def before(rank: int) -> list[float | None]:
        module = Two()
        module.first.requires_grad_(False)
        model = DistributedDataParallel(module)
        for _ in range(2):
            model.zero_grad()
            model(_inputs(rank)).sum().backward()
        return _gradients(model)

    def after(rank: int) -> None:
        model = DistributedDataParallel(Two())
        freeze_late(model.module)
        for _ in range(2):
            model(_inputs(rank)).sum().backward()

    assert in_two_processes(before) == [[None, 2.0], [None, 2.0]]
    with pytest.raises(RuntimeError, match=UNFINISHED):
        in_two_processes(after)


@claim(rival=lambda model: DistributedDataParallel(model.module))
def ddp_does_not_average_what_was_unfrozen_after_wrapping(
    as_it_is: Callable[[nn.Module], nn.Module] = lambda model: model,
) -> None:
    """A layer unfrozen after wrapping gets a gradient of its own in each process; weights part."""

    def work(rank: int) -> tuple[list[float | None], list[float]]:
        module = Two()
        module.first.requires_grad_(False)
        model = DistributedDataParallel(module)
        module.first.requires_grad_(True)
        model = as_it_is(model)
        model(_inputs(rank)).sum().backward()
        torch.optim.SGD(model.parameters(), lr=0.5).step()
        return _gradients(model), [p.item() for p in model.parameters()]

    seen = in_two_processes(work)

    assert seen == [([1.0, 2.0], [0.5, 0.0]), ([3.0, 2.0], [-0.5, 0.0])]


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda wrapped: wrapped,
)
def ddp_wrapped_anew_takes_the_flags_as_they_are(
    again: Callable[[nn.Module], nn.Module] = lambda wrapped: DistributedDataParallel(
        wrapped.module
    ),
) -> None:
    """Wrapped again after a change of the flags, DDP averages what requires grad, and that only."""

    def work(rank: int, *, is_frozen: bool) -> list[float | None]:
        module = Two()
        module.first.requires_grad_(is_frozen)
        model = DistributedDataParallel(module)
        model(_inputs(rank)).sum().backward()
        module.first.requires_grad_(not is_frozen)
        model = again(model)
        for _ in range(2):
            model.zero_grad()
            model(_inputs(rank)).sum().backward()
        return _gradients(model)

    assert in_two_processes(partial(work, is_frozen=False)) == [[2.0, 2.0], [2.0, 2.0]]
    assert in_two_processes(partial(work, is_frozen=True)) == [[None, 2.0], [None, 2.0]]


@claim(
    refuted_by=[
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.zero_grad_does_nothing,
    ],
    rival=DistributedDataParallel,
)
def ddp_that_finds_unused_parameters_lets_layers_freeze_and_unfreeze(
    wrap: Wrap = lambda module: DistributedDataParallel(module, find_unused_parameters=True),
) -> None:
    """Wrapped trainable, with `find_unused_parameters=True`, a layer may be frozen for a while."""

    def work(rank: int) -> list[list[float | None]]:
        model, seen = wrap(Two()), []
        for is_trained in (True, False, True):
            model.zero_grad()
            model.module.first.requires_grad_(is_trained)
            model(_inputs(rank)).sum().backward()
            seen.append(_gradients(model))
        return seen

    assert in_two_processes(work) == [[[2.0, 2.0], [None, 2.0], [2.0, 2.0]]] * 2


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing],
    rival=lambda first, second, x: second(first(x)),
)
def ddp_takes_a_layer_before_detach_or_under_no_grad_for_unused(
    detached: Callable[..., torch.Tensor] = lambda first, second, x: second(first(x).detach()),
) -> None:
    """A layer behind `detach()` or in a `no_grad` block of `forward` makes the next pass raise."""

    class Detached(Two):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return detached(self.first, self.second, x)

    class UnderNoGrad(Two):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                x = self.first(x)
            return self.second(x)

    def work(rank: int, kind: type[nn.Module]) -> None:
        model = DistributedDataParallel(kind())
        for _ in range(2):
            model(_inputs(rank)).sum().backward()

    with pytest.raises(RuntimeError, match=UNFINISHED):
        in_two_processes(partial(work, kind=UnderNoGrad))
    with pytest.raises(RuntimeError, match=UNFINISHED):
        in_two_processes(partial(work, kind=Detached))


@claim(rival=lambda one, other: one + other)
def ddp_takes_a_layer_whose_output_is_left_out_of_the_loss_for_unused(
    loss_of: Callable[..., torch.Tensor] = lambda one, other: one,  # noqa: ARG005  # it is left out
) -> None:
    """If the loss uses one of two outputs, the next pass raises, unless DDP finds unused ones."""

    class TwoOutputs(Two):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.first(x), self.second(x)

    def work(rank: int, *, finds: bool) -> list[float | None]:
        model = DistributedDataParallel(TwoOutputs(), find_unused_parameters=finds)
        for _ in range(2):
            model.zero_grad()
            loss_of(*model(_inputs(rank))).sum().backward()
        return _gradients(model)

    assert in_two_processes(partial(work, finds=True)) == [[2.0, None], [2.0, None]]
    with pytest.raises(RuntimeError, match=UNFINISHED):
        in_two_processes(partial(work, finds=False))


@claim(rival=lambda module: module.second.requires_grad_(False))
def ddp_gives_each_process_the_values_of_process_0(
    prepare: Act = lambda module: module.first.requires_grad_(False),
) -> None:
    """Wrapping gives every process the values of process 0, those of frozen parameters too."""

    def work(rank: int) -> tuple[list[bool], list[float]]:
        module = Two()
        nn.init.constant_(module.first.weight, 5.0 + rank)
        prepare(module)
        model = DistributedDataParallel(module)
        return [p.requires_grad for p in model.parameters()], [p.item() for p in model.parameters()]

    assert in_two_processes(work) == [([False, True], [5.0, 1.0])] * 2


@claim(rival=lambda model: torch.enable_grad())  # noqa: ARG005  # as the other has it
def ddp_averages_nothing_under_no_sync_and_the_sum_afterwards(
    unsynced: Callable[[nn.Module], object] = lambda model: model.no_sync(),
) -> None:
    """Under `no_sync()` gradients add up in each process; the next pass averages what is there."""

    def work(rank: int) -> list[list[float | None]]:
        model, seen = DistributedDataParallel(Two()), []
        with unsynced(model):
            model(_inputs(rank)).sum().backward()
        seen.append(_gradients(model))
        model(_inputs(rank)).sum().backward()
        return [*seen, _gradients(model)]

    assert in_two_processes(work) == [[[1.0, 1.0], [4.0, 4.0]], [[3.0, 3.0], [4.0, 4.0]]]


@claim(rival=lambda model: model.no_sync())
def ddp_accumulates_to_the_same_sum_without_no_sync(
    synced: Callable[[nn.Module], object] = lambda model: torch.enable_grad(),  # noqa: ARG005  # as the other has it
) -> None:
    """Two passes without `no_sync()` average twice, and add up to the sum they have with it."""

    def work(rank: int) -> list[list[float | None]]:
        model, seen = DistributedDataParallel(Two()), []
        with synced(model):
            model(_inputs(rank)).sum().backward()
        seen.append(_gradients(model))
        model(_inputs(rank)).sum().backward()
        return [*seen, _gradients(model)]

    assert in_two_processes(work) == [[[2.0, 2.0], [4.0, 4.0]]] * 2


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda model: torch.enable_grad(),  # noqa: ARG005  # as the other has it
)
def ddp_looks_at_no_sync_in_the_forward_pass(
    unsynced: Callable[[nn.Module], object] = lambda model: model.no_sync(),
) -> None:
    """`no_sync()` counts where `forward` runs: `backward()` alone inside it averages as ever."""

    def forward_inside(rank: int) -> list[float | None]:
        model = DistributedDataParallel(Two())
        with unsynced(model):
            loss = model(_inputs(rank)).sum()
        loss.backward()
        return _gradients(model)

    def backward_inside(rank: int) -> list[float | None]:
        model = DistributedDataParallel(Two())
        loss = model(_inputs(rank)).sum()
        with unsynced(model):
            loss.backward()
        return _gradients(model)

    assert in_two_processes(backward_inside) == [[2.0, 2.0], [2.0, 2.0]]
    assert in_two_processes(forward_inside) == [[1.0, 1.0], [3.0, 3.0]]


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.backward_does_nothing],
    rival=torch.enable_grad,
)
def ddp_passes_under_no_grad_leave_training_alone(
    switch: Callable[[], object] = torch.no_grad,
) -> None:
    """Passes under `no_grad` or `inference_mode` record nothing and do not raise that error."""

    def work(rank: int) -> tuple[list[bool], list[float | None]]:
        model, recorded = DistributedDataParallel(Two()), []
        for _ in range(2):
            model.train()
            model.zero_grad()
            model(_inputs(rank)).sum().backward()
            model.eval()
            for mode in (switch, torch.inference_mode):
                with mode():
                    recorded.append(model(_inputs(rank)).requires_grad)
        return recorded, _gradients(model)

    def after_a_parameter_was_left_out(rank: int) -> bool:
        model = DistributedDataParallel(Two())
        model(_inputs(rank), all_of_it=False).sum().backward()
        with switch():
            return model(_inputs(rank)).requires_grad

    def in_the_next_training_pass(rank: int) -> None:
        model = DistributedDataParallel(Two())
        model(_inputs(rank), all_of_it=False).sum().backward()
        with torch.inference_mode():
            model(_inputs(rank))
        model(_inputs(rank)).sum().backward()

    assert in_two_processes(work) == [([False] * 4, [2.0, 2.0])] * 2
    assert in_two_processes(after_a_parameter_was_left_out) == [False, False]
    with pytest.raises(RuntimeError, match=UNFINISHED):
        in_two_processes(in_the_next_training_pass)


@claim(rival=torch.enable_grad)
def ddp_records_passes_in_eval_mode_which_need_no_backward(
    switch: Callable[[], object] = torch.no_grad,
) -> None:
    """A pass in eval mode is recorded, unless under `no_grad`; it may go without `backward()`."""

    def work(rank: int) -> tuple[list[bool], list[float | None]]:
        model, recorded = DistributedDataParallel(Two()), []
        for _ in range(2):
            model.train()
            model.zero_grad()
            model(_inputs(rank)).sum().backward()
            model.eval()
            recorded.append(model(_inputs(rank)).requires_grad)
            with switch():
                recorded.append(model(_inputs(rank)).requires_grad)
        return recorded, _gradients(model)

    assert in_two_processes(work) == [([True, False] * 2, [2.0, 2.0])] * 2


@claim(rival=lambda wrapped: wrapped.module)
def ddp_hands_out_buffers_in_the_first_pass_after_training_under_no_grad_too(
    called: Callable[[nn.Module], nn.Module] = lambda wrapped: wrapped,
) -> None:
    """The first pass after training begins with process 0's buffers, under `no_grad` too."""

    def work(rank: int) -> list[float]:
        model, means = DistributedDataParallel(nn.BatchNorm1d(1)), []
        model(_inputs(rank) * torch.ones(2, 1)).sum().backward()
        model.eval()
        for _ in range(2):
            nn.init.constant_(model.module.running_mean, 8.0 + rank)
            with torch.no_grad():
                called(model)(torch.ones(2, 1))
            means.append(model.module.running_mean.item())
        return means

    first, second = zip(*in_two_processes(work), strict=True)

    assert first == (8.0, 8.0)
    assert second == (8.0, 9.0)


@claim(rival=lambda wrapped: wrapped.module)
def ddp_with_buffers_waits_for_all_processes_under_no_grad(
    called: Callable[[nn.Module], nn.Module] = lambda wrapped: wrapped,
) -> None:
    """If one process validates alone, a DDP model with buffers waits; `.module` does not."""

    def alone(rank: int, module: nn.Module, called: Callable[[nn.Module], nn.Module]) -> int:
        model = called(DistributedDataParallel(module)).eval()
        if rank == 0:
            is_over.wait()
            return 0
        try:
            with torch.no_grad():
                return len(model(torch.ones(2, 1)))
        finally:
            is_over.set()

    is_over = FORK.Event()
    itself = partial(alone, module=nn.BatchNorm1d(1), called=lambda wrapped: wrapped.module)
    assert in_two_processes(itself) == [0, 2]

    is_over.clear()
    without_buffers = partial(alone, module=nn.Linear(1, 1), called=lambda wrapped: wrapped)
    assert in_two_processes(without_buffers) == [0, 2]

    is_over.clear()
    with pytest.raises(RuntimeError, match=r"Timed out waiting 2000ms|Application timeout"):
        in_two_processes(partial(alone, module=nn.BatchNorm1d(1), called=called), seconds=2)


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def data_parallel_without_a_gpu_calls_the_module_itself() -> None:
    """Without a GPU `nn.DataParallel` calls its module itself, in the mode of the call."""
    seen = []
    module = Two()
    module.first.requires_grad_(False)
    module.register_forward_pre_hook(
        lambda called, inputs: seen.append((called is module, torch.is_grad_enabled()))  # noqa: ARG005
    )
    model = nn.DataParallel(module)

    model(torch.ones(1, 1)).sum().backward()
    with torch.no_grad():
        result = model(torch.ones(1, 1))

    assert model.device_ids == []
    assert seen == [(True, True), (True, False)]
    assert result.requires_grad is False
    assert _gradients(model) == [None, 1.0]


@claim(
    refuted_by=[counterfactuals.operations_are_never_recorded],
    rival=lambda modules, inputs: ThreadPoolExecutor(2).map(lambda m, x: m(x), modules, inputs),
)
def data_parallel_hands_its_threads_the_grad_mode_of_its_caller(
    apply: Apply = lambda modules, inputs: parallel_apply(modules, inputs, devices=[0, 1]),
) -> None:
    """`parallel_apply`, which runs `DataParallel`'s copies in threads, hands on the grad mode."""
    threads = set()
    module = Two()
    module.register_forward_pre_hook(lambda *_: threads.add(threading.current_thread()))

    with (
        patch.object(torch.accelerator, "is_available", return_value=True),
        patch.object(torch.accelerator, "current_accelerator", return_value=torch.device("cpu")),
        patch.object(torch.accelerator, "current_stream", return_value=nullcontext()),
        patch.object(torch.accelerator, "device_index", return_value=nullcontext()),
    ):
        recorded = [result.requires_grad for result in apply([module] * 2, [torch.ones(1, 1)] * 2)]
        with torch.no_grad():
            without = [
                result.requires_grad for result in apply([module] * 2, [torch.ones(1, 1)] * 2)
            ]

    assert threading.current_thread() not in threads
    assert recorded == [True, True]
    assert without == [False, False]
