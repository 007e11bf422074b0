"""Claims about how far a mode reaches: processes, decorators, generators, hooks, compilers.

However long: each claim is read by itself.
"""

import asyncio
import multiprocessing
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.pool import Pool, ThreadPool
from multiprocessing.process import BaseProcess

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from mkdocs_claims import claim
from verify import counterfactuals

Double = Callable[[torch.Tensor], torch.Tensor]

FORK = multiprocessing.get_context("fork")


class Modes(Dataset[bool]):
    """A data set whose one item says whether grad mode is on where it is made."""

    def __len__(self) -> int:
        """How many items there are."""
        return 1

    def __getitem__(self, index: int) -> bool:
        """Whether grad mode is on."""
        return torch.is_grad_enabled()


def load(*, workers: int = 1, persistent: bool = False) -> DataLoader[bool]:
    """Load the modes one by one, as they are."""
    return DataLoader(
        Modes(),
        batch_size=None,
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,
        persistent_workers=persistent,
    )


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing],
    rival=threading.Thread,
)
def forked_process_starts_in_the_mode_of_the_fork(
    start: Callable[..., BaseProcess] = FORK.Process,
) -> None:
    """A process forked under `no_grad` or `inference_mode` starts with that mode on."""
    modes: multiprocessing.SimpleQueue[tuple[bool, bool]] = multiprocessing.SimpleQueue()

    def tell() -> None:
        modes.put((torch.is_grad_enabled(), torch.is_inference_mode_enabled()))

    seen = []
    for mode in (torch.enable_grad, torch.no_grad, torch.inference_mode):
        with mode():
            process = start(target=tell)
            process.start()
            seen.append(modes.get())
            process.join()

    assert seen == [(True, False), (False, False), (False, True)]


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.no_grad_never_ends],
    rival=lambda: ThreadPool(1),
)
def pool_of_processes_keeps_the_mode_it_was_forked_in(
    fork: Callable[[], Pool] = lambda: FORK.Pool(1),
) -> None:
    """A forked pool of processes has the mode that it was made in, and not that of its caller."""
    with torch.no_grad(), fork() as made_inside:
        forked_inside = made_inside.apply(torch.is_grad_enabled)
    with fork() as made_before, torch.no_grad():
        forked_before = made_before.apply(torch.is_grad_enabled)

    assert forked_inside is False
    assert forked_before is True


@claim(refuted_by=[counterfactuals.no_grad_does_nothing], rival=lambda: load(workers=0))
def data_loader_workers_run_in_the_mode_that_started_them(
    make: Callable[[], DataLoader[bool]] = load,
) -> None:
    """Forked `DataLoader` workers have the grad mode of `iter(loader)`, not that of the loop."""
    with torch.no_grad():
        started_under_no_grad = iter(make())
    started_before = iter(make())

    in_grad_mode = next(started_under_no_grad)
    with torch.no_grad():
        under_no_grad = next(started_before)

    assert in_grad_mode is False
    assert under_no_grad is True


@claim(refuted_by=[counterfactuals.no_grad_does_nothing], rival=load)
def persistent_workers_keep_the_mode_that_started_them(
    make: Callable[[], DataLoader[bool]] = lambda: load(persistent=True),
) -> None:
    """Persistent workers first started under `no_grad` have grad off in all later epochs too."""
    loader = make()

    with torch.no_grad():
        first_epoch = list(loader)
    second_epoch = list(loader)

    assert first_epoch == [False]
    assert second_epoch == [False]


@claim(refuted_by=[counterfactuals.decorators_do_nothing])
def no_grad_decorates_methods_of_every_kind() -> None:
    """`no_grad` below `@staticmethod`, `@classmethod` or `@property` covers it, as any method."""
    x = torch.ones(1, requires_grad=True)

    class Model:
        @torch.no_grad()
        def method(self) -> torch.Tensor:
            return x * 2

        @staticmethod
        @torch.no_grad()
        def static() -> torch.Tensor:
            return x * 2

        @classmethod
        @torch.no_grad()
        def of_the_class(cls) -> torch.Tensor:
            return x * 2

        @property
        @torch.no_grad()
        def attribute(self) -> torch.Tensor:
            return x * 2

    model = Model()

    assert model.method().requires_grad is False
    assert model.static().requires_grad is False
    assert model.of_the_class().requires_grad is False
    assert model.attribute.requires_grad is False


@claim(rival=staticmethod)
def no_grad_above_classmethod_raises_when_called(
    kind: Callable[..., object] = classmethod,
) -> None:
    """`no_grad` above `@classmethod` raises a `TypeError`, and only when the method is called."""
    model = torch.no_grad()(kind(lambda *_: torch.is_grad_enabled()))

    with pytest.raises(TypeError, match=r"^'classmethod' object is not callable$") as caught:
        model()

    print(caught.value)


@claim(refuted_by=[counterfactuals.decorators_do_nothing], rival=torch.no_grad())
def override_of_a_decorated_method_is_not_covered(
    mark: Callable[[Double], Double] = lambda method: method,
) -> None:
    """A method that overrides a decorated one records, unless it is decorated itself."""

    class Base:
        @torch.no_grad()
        def predict(self, x: torch.Tensor) -> torch.Tensor:
            return x * 2

    class Derived(Base):
        @mark
        def predict(self, x: torch.Tensor) -> torch.Tensor:
            return x * 3

    x = torch.ones(1, requires_grad=True)

    assert Base().predict(x).requires_grad is False
    assert Derived().predict(x).requires_grad is True


@claim(refuted_by=[counterfactuals.decorators_do_nothing], rival=lambda double, x: double(x))
def argument_of_a_decorated_function_is_computed_outside(
    call: Callable[[Double, torch.Tensor], torch.Tensor] = lambda function, x: function(x * 3),
) -> None:
    """What is computed for an argument of a decorated function is recorded: it comes before."""
    x = torch.ones(1, requires_grad=True)
    received = []

    @torch.no_grad()
    def double(tensor: torch.Tensor) -> torch.Tensor:
        received.append(tensor)
        return tensor * 2

    doubled = call(double, x)

    assert doubled.grad_fn is None
    assert received[0].grad_fn is not None


@claim(refuted_by=[counterfactuals.no_grad_never_ends, counterfactuals.decorators_do_nothing])
def decorated_function_may_call_itself() -> None:
    """A decorated function may call itself: its body has grad off, and grad is on again after."""
    modes = []

    @torch.no_grad()
    def count_down(number: int) -> None:
        if number:
            count_down(number - 1)
        modes.append(torch.is_grad_enabled())

    count_down(2)

    assert modes == [False, False, False]
    assert torch.is_grad_enabled() is True


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.decorated_generators_leak])
def context_manager_reaches_its_block_by_a_with_not_by_a_decorator() -> None:
    """A `@contextmanager` that holds `with no_grad()` reaches its block; one decorated does not."""

    @contextmanager
    def holding() -> Iterator[None]:
        with torch.no_grad():
            yield

    @contextmanager
    @torch.no_grad()
    def decorated() -> Iterator[None]:
        yield

    with holding():
        in_holding = torch.is_grad_enabled()
    with decorated():
        in_decorated = torch.is_grad_enabled()

    assert in_holding is False
    assert in_decorated is True


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.no_grad_never_ends])
def generator_left_early_keeps_grad_off_until_it_is_closed() -> None:
    """A generator left inside its `no_grad` block keeps grad off until it is closed or dropped."""

    def items() -> Iterator[int]:
        with torch.no_grad():
            yield 1
            yield 2

    for _ in items():
        break
    after_a_loop_over_it = torch.is_grad_enabled()
    kept = items()
    for _ in kept:
        break
    while_a_name_keeps_it = torch.is_grad_enabled()
    kept.close()

    assert after_a_loop_over_it is True
    assert while_a_name_keeps_it is False
    assert torch.is_grad_enabled() is True


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.no_grad_never_ends,
        counterfactuals.decorators_do_nothing,
        counterfactuals.decorated_generators_leak,
    ]
)
def generator_decorated_with_no_grad_runs_each_step_with_grad_off() -> None:
    """`next`, `send`, `throw`, `close` run a generator with its decorator's mode, and pass all."""
    body: list[tuple[str, bool]] = []
    caller: list[bool] = []

    @torch.no_grad()
    def steps() -> Generator[int, str, str]:
        try:
            body.append(((yield 1), torch.is_grad_enabled()))
            try:
                yield 2
            except ValueError as error:
                body.append((str(error), torch.is_grad_enabled()))
            yield 3
            return "returned"
        finally:
            body.append(("left", torch.is_grad_enabled()))

    generator = steps()
    seen: list[object] = []
    for step in (
        lambda: next(generator),
        lambda: generator.send("sent"),
        lambda: generator.throw(ValueError("thrown")),
        lambda: next(generator),
    ):
        try:
            seen.append(step())
        except StopIteration as end:
            seen.append(end.value)
        caller.append(torch.is_grad_enabled())
    closed = steps()
    next(closed)
    closed.close()
    caller.append(torch.is_grad_enabled())

    assert seen == [1, 2, 3, "returned"]
    assert body == [("sent", False), ("thrown", False), ("left", False), ("left", False)]
    assert caller == [True, True, True, True, True]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.enable_grad_does_nothing,
        counterfactuals.decorators_do_nothing,
        counterfactuals.decorated_generators_leak,
    ]
)
def decorated_generator_goes_by_its_decorator_whoever_asks() -> None:
    """A generator's decorator decides in each step anew, and the asker's mode is back after it."""
    caller = []

    @torch.enable_grad()
    def modes() -> Iterator[bool]:
        while True:
            yield torch.is_grad_enabled()

    @torch.no_grad()
    def modes_switched_in_the_first_step() -> Iterator[bool]:
        torch.set_grad_enabled(True)
        yield torch.is_grad_enabled()
        yield torch.is_grad_enabled()

    generator = modes()
    with torch.no_grad():
        seen = [next(generator)]
        caller.append(torch.is_grad_enabled())
    seen.append(next(generator))
    caller.append(torch.is_grad_enabled())

    assert seen == [True, True]
    assert caller == [False, True]
    assert list(modes_switched_in_the_first_step()) == [True, False]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.no_grad_never_ends,
        counterfactuals.modes_outlast_an_exception,
    ]
)
def no_grad_ends_however_its_block_is_left() -> None:
    """`return`, `break`, `continue` and an exception end a `no_grad` block like its last line."""
    modes = []

    def leave() -> None:
        with torch.no_grad():
            modes.append(torch.is_grad_enabled())
            return

    leave()
    modes.append(torch.is_grad_enabled())
    for _ in range(1):
        with torch.no_grad():
            break
    modes.append(torch.is_grad_enabled())
    for number in range(2):
        if number:
            modes.append(torch.is_grad_enabled())
        with torch.no_grad():
            continue
    try:
        with torch.no_grad():
            int("not a number")
    except ValueError:
        modes.append(torch.is_grad_enabled())

    assert modes == [False, True, True, True, True]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.decorators_do_nothing,
    ],
    rival=lambda function: asyncio.sleep(0, result=function()),
)
def asyncio_to_thread_runs_outside_no_grad(
    elsewhere: Callable[[Callable[[], bool]], object] = asyncio.to_thread,
) -> None:
    """`asyncio.to_thread` under `no_grad` runs with grad on, unless its function is decorated."""

    @torch.no_grad()
    def decorated() -> bool:
        return torch.is_grad_enabled()

    async def ask() -> list[bool]:
        with torch.no_grad():
            here = torch.is_grad_enabled()
            return [here, await elsewhere(torch.is_grad_enabled), await elsewhere(decorated)]

    assert asyncio.run(ask()) == [False, True, False]


@claim(rival=lambda: torch.set_grad_enabled(True))
def pool_thread_keeps_a_bare_set_grad_enabled(
    switch: Callable[[], object] = lambda: torch.set_grad_enabled(False),
) -> None:
    """`set_grad_enabled(False)` called in a pool's thread is in force for its next task too."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(switch).result()
        next_task = pool.submit(torch.is_grad_enabled).result()

    assert next_task is False


@claim(refuted_by=[counterfactuals.no_grad_does_nothing])
def forward_hook_runs_in_the_mode_of_the_call() -> None:
    """A forward hook runs in the mode of the call, not in that of `register_forward_hook`."""
    modes = []
    layer = nn.Linear(1, 1)

    with torch.no_grad():
        layer.register_forward_hook(lambda *_: modes.append(torch.is_grad_enabled()))
    layer(torch.ones(1, 1))
    with torch.no_grad():
        layer(torch.ones(1, 1))

    assert modes == [True, False]


@claim(
    refuted_by=[
        counterfactuals.grad_mode_decides_on_create_graph,
        counterfactuals.backward_does_nothing,
    ]
)
def gradient_hook_runs_with_grad_off_unless_create_graph() -> None:
    """Hooks on a gradient run with grad off in grad mode, on with `create_graph=True`."""
    modes = []
    x = torch.ones(1, requires_grad=True)
    y = x * x
    y.register_hook(lambda _: modes.append(torch.is_grad_enabled()))

    y.backward(retain_graph=True)
    torch.autograd.grad(y, x, retain_graph=True)
    with torch.no_grad():
        torch.autograd.grad(y, x, create_graph=True)

    assert modes == [False, False, True]


def _twice_and_a_constant(x: torch.Tensor) -> torch.Tensor:
    """Return `4 * x`, half of which is a constant for autograd."""
    with torch.no_grad():
        constant = 2 * x
    return 2 * x + constant


@claim(refuted_by=[counterfactuals.no_grad_never_ends], rival=lambda function: function)
def scripted_function_with_a_no_grad_block_records_nothing(
    script: Callable[[Double], Double] = torch.jit.script,
) -> None:
    """After `torch.jit.script`, a `no_grad` block inside keeps the whole result unrecorded."""
    x = torch.ones(1, requires_grad=True)

    scripted = script(_twice_and_a_constant)

    assert _twice_and_a_constant(x).requires_grad is True
    assert scripted(x).requires_grad is False


@claim(refuted_by=[counterfactuals.no_grad_does_nothing], rival=lambda function, _: function)
def traced_function_forgets_its_no_grad_block(
    trace: Callable[[Double, tuple[torch.Tensor]], Double] = torch.jit.trace,
) -> None:
    """After `torch.jit.trace`, what a `no_grad` block inside computes is recorded, too."""
    x = torch.ones(1, requires_grad=True)

    traced = trace(_twice_and_a_constant, (x,))
    (in_python,) = torch.autograd.grad(_twice_and_a_constant(x), x)
    (when_traced,) = torch.autograd.grad(traced(x), x)

    assert in_python.item() == 2.0
    assert when_traced.item() == 4.0


def _twice_and_a_detached_constant(x: torch.Tensor) -> torch.Tensor:
    """Return `4 * x`, half of which is detached."""
    constant = (2 * x).detach()
    return 2 * x + constant


@claim(rival=_twice_and_a_constant)
def detach_holds_in_traced_and_scripted_functions(
    function: Double = _twice_and_a_detached_constant,
) -> None:
    """What `detach()` makes a constant stays one after `torch.jit.trace` and `torch.jit.script`."""
    x = torch.ones(1, requires_grad=True)

    (when_traced,) = torch.autograd.grad(torch.jit.trace(function, (x,))(x), x)
    (when_scripted,) = torch.autograd.grad(torch.jit.script(function)(x), x)

    assert (when_traced.item(), when_scripted.item()) == (2.0, 2.0)
