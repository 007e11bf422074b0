"""Claims about `torch.no_grad`.

One module a subject, however long: each claim is read by itself, and nothing here builds on
another.
"""

import asyncio
import copy
import re
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn
from torch.autograd import forward_ad
from torch.utils._python_dispatch import TorchDispatchMode

from mkdocs_claims import claim
from verify import counterfactuals

NO_GRAD_VIEW = (
    "A view was created in no_grad mode and is being modified inplace with grad mode enabled. "
    "Given that this use case is ambiguous and error-prone, it is forbidden. "
    "You can clarify your code by moving both the view and the inplace either both inside the "
    "no_grad block (if you don't want the inplace to be tracked) or both outside "
    "(if you want the inplace to be tracked)."
)


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.no_grad_never_ends])
def no_grad_results_have_no_grad_fn() -> None:
    """Under `no_grad` a result with its own memory has `requires_grad=False` and no `grad_fn`."""
    x = torch.ones(2, 2, requires_grad=True)

    with torch.no_grad():
        results = [x * 2, x.exp(), x @ x, x.sum(), x.clone(), torch.cat([x, x]), x[[0, 1]]]

    for result in results:
        assert result.requires_grad is False
        assert result.grad_fn is None
    assert (x * 2).grad_fn is not None


@claim(refuted_by=[counterfactuals.no_grad_does_nothing])
def no_grad_packs_nothing_for_backward() -> None:
    """`x.exp().sin()` saves two tensors for backward with grad mode on and none under `no_grad`."""
    x = torch.ones(3, requires_grad=True)
    packed: list[torch.Tensor] = []

    with torch.autograd.graph.saved_tensors_hooks(packed.append, lambda tensor: tensor):
        with torch.no_grad():
            x.exp().sin()
        inside = len(packed)
        x.exp().sin()

    assert inside == 0
    assert len(packed) == 2
    print("saved inside:", inside, "and outside:", len(packed))


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.no_grad_detaches_what_is_used_in_it,
    ]
)
def no_grad_leaves_the_flag_of_existing_tensors_alone() -> None:
    """A tensor that requires grad goes on saying so inside `no_grad` and after it."""
    weight = torch.ones(2, requires_grad=True)

    with torch.no_grad():
        result = weight * 2
        inside = weight.requires_grad

    assert inside is True
    assert weight.requires_grad is True
    assert result.requires_grad is False


@claim(
    refuted_by=[
        counterfactuals.no_grad_detaches_what_is_used_in_it,
        counterfactuals.decorators_do_nothing,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def no_grad_keeps_the_history_recorded_before_it() -> None:
    """A tensor that has a `grad_fn` when a `no_grad` block starts keeps it, even if handed back."""
    x = torch.ones(3, requires_grad=True)
    y = x * 2

    @torch.no_grad()
    def hand_back(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return tensor.contiguous(), tensor + 1

    returned, computed = hand_back(y)

    assert returned.grad_fn is not None
    assert returned is y
    assert computed.grad_fn is None

    returned.sum().backward()

    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.no_grad_never_ends])
def no_grad_ends_with_its_block() -> None:
    """Grad mode is off in a `no_grad` block and on again right after it, if it was on before."""
    x = torch.ones(2, requires_grad=True)

    with torch.no_grad():
        inside = torch.is_grad_enabled()
    after = x * 2

    assert inside is False
    assert torch.is_grad_enabled() is True
    assert after.grad_fn is not None


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.no_grad_never_ends,
        counterfactuals.no_grad_ends_with_grad_on,
    ]
)
def no_grad_restores_the_mode_it_found() -> None:
    """Leaving `no_grad` restores the mode from before it, so grad stays off where it was off."""
    with torch.set_grad_enabled(mode=False):
        with torch.no_grad():
            pass
        after_in_off = torch.is_grad_enabled()
    with torch.set_grad_enabled(mode=True):
        with torch.no_grad():
            inside = torch.is_grad_enabled()
        after_in_on = torch.is_grad_enabled()

    assert inside is False
    assert after_in_off is False
    assert after_in_on is True


@claim(
    refuted_by=[
        counterfactuals.enable_grad_does_nothing,
        counterfactuals.no_grad_does_nothing,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def enable_grad_inside_no_grad_records() -> None:
    """`enable_grad` nested in `no_grad` records as usual, and after it grad mode is off again."""
    x = torch.ones(3, requires_grad=True)

    with torch.no_grad():
        with torch.enable_grad():
            y = (x * 3).sum()
        off_again = not torch.is_grad_enabled()

    assert y.requires_grad is True
    assert off_again

    y.backward()

    assert x.grad is not None
    assert x.grad.tolist() == [3.0, 3.0, 3.0]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.no_grad_takes_the_flag_from_what_it_makes,
    ]
)
def no_grad_leaves_factories_with_requires_grad_alone() -> None:
    """A tensor that is created under `no_grad` with `requires_grad=True` does require grad."""
    like = torch.ones(2)

    with torch.no_grad():
        made = [
            torch.tensor([1.0, 2.0], requires_grad=True),
            torch.zeros(2, requires_grad=True),
            torch.zeros_like(like, requires_grad=True),
            like.new_zeros(2, requires_grad=True),
        ]
        computed = made[0] * 2

    assert [tensor.requires_grad for tensor in made] == [True, True, True, True]
    assert computed.requires_grad is False


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def requires_grad_set_under_no_grad_stays() -> None:
    """`requires_grad_()` works under `no_grad`: the flag is set and stays set after the block."""
    with torch.no_grad():
        offset = torch.zeros(2).requires_grad_()
        computed = offset * 3

    assert computed.requires_grad is False
    assert offset.requires_grad is True

    (offset * 3).sum().backward()

    assert offset.grad is not None
    assert offset.grad.tolist() == [3.0, 3.0]


@claim(
    refuted_by=[
        counterfactuals.no_grad_takes_the_flag_from_what_it_makes,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def module_built_under_no_grad_trains() -> None:
    """The parameters of a module built under `no_grad` require grad and train after the block."""
    with torch.no_grad():
        parameter = nn.Parameter(torch.ones(2))
        layer = nn.Linear(2, 1)

    assert parameter.requires_grad is True
    assert layer.weight.requires_grad is True
    assert layer.bias.requires_grad is True

    layer(torch.ones(1, 2)).sum().backward()

    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[1.0, 1.0]]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.views_under_no_grad_are_plain,
        counterfactuals.no_grad_never_ends,
    ]
)
def no_grad_view_requires_grad_without_grad_fn() -> None:
    """Under `no_grad` a view such as `x[0]` requires grad if `x` does, and has no `grad_fn`."""
    x = torch.ones(2, 3, requires_grad=True)

    with torch.no_grad():
        views = [x[0], x.t(), x.view(6), x.reshape(3, 2), x.flatten(), x.split(1)[0], next(iter(x))]

    for view in views:
        assert view.requires_grad is True
        assert view.grad_fn is None
        assert view.is_leaf is True
    assert x[0].grad_fn is not None


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.views_under_no_grad_are_plain,
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.detach_copies,
    ]
)
def detach_under_no_grad_gives_a_view_without_the_flag() -> None:
    """Under `no_grad`, `x[0]` requires grad when `x` does, and `x[0].detach()` does not."""
    x = torch.ones(2, 3, requires_grad=True)

    with torch.no_grad():
        row = x[0]
        detached = x[0].detach()

    assert row.requires_grad is True
    assert row.grad_fn is None
    assert detached.requires_grad is False
    assert detached.data_ptr() == x.data_ptr()


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.views_under_no_grad_are_plain,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def no_grad_view_loses_the_gradient_silently() -> None:
    """`backward()` through a `no_grad` view raises nothing and gives view and base no gradient."""
    weight = torch.ones(3, requires_grad=True)
    control = torch.ones(3, requires_grad=True)

    with torch.no_grad():
        lost = weight.view(3)
    loss = (lost * 2).sum()
    loss.backward()
    (control.view(3) * 2).sum().backward()

    assert loss.requires_grad is True
    assert weight.grad is None
    assert lost.grad is None
    assert control.grad is not None
    assert control.grad.tolist() == [2.0, 2.0, 2.0]


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.views_under_no_grad_are_plain]
)
def autograd_grad_for_a_no_grad_view_raises() -> None:
    """`torch.autograd.grad` with respect to a view taken under `no_grad` raises: it is unused."""
    weight = torch.ones(3, requires_grad=True)
    with torch.no_grad():
        lost = weight.view(3)
    loss = (lost * 2).sum()

    message = "The differentiated Tensor at index 0 appears to not have been used in the graph"
    with pytest.raises(RuntimeError, match=f"^{message}") as caught:
        torch.autograd.grad(loss, lost)

    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.in_place_changes_are_never_recorded,
    ]
)
def no_grad_view_changed_in_place_outside_raises() -> None:
    """Changing a `no_grad` view of a trainable tensor in place raises where grad mode is on."""
    weight = torch.ones(3, requires_grad=True)
    with torch.no_grad():
        head = weight[:2]

    with pytest.raises(RuntimeError, match=f"^{re.escape(NO_GRAD_VIEW)}$") as caught:
        head.add_(1)

    assert weight.tolist() == [1.0, 1.0, 1.0]
    print(caught.value)


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.views_are_copies])
def no_grad_view_changed_in_place_inside_is_allowed() -> None:
    """Taking a view of a trainable leaf and changing it in place both work inside `no_grad`."""
    weight = torch.ones(3, requires_grad=True)

    with torch.no_grad():
        head = weight[:2]
        head.add_(1)

    assert weight.tolist() == [2.0, 2.0, 1.0]
    assert weight.is_leaf is True
    assert weight.requires_grad is True


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.in_place_changes_are_never_recorded,
        counterfactuals.views_are_copies,
    ]
)
def no_grad_view_of_a_plain_tensor_takes_only_plain_values_outside() -> None:
    """A `no_grad` view of a plain tensor can be changed outside, but not by trainable values."""
    plain = torch.ones(3)
    weight = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        head = plain[:2]

    head.add_(1)
    with pytest.raises(RuntimeError, match=f"^{re.escape(NO_GRAD_VIEW)}$"):
        head.mul_(weight)

    assert plain.tolist() == [2.0, 2.0, 1.0]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.grad_mode_is_global,
    ]
)
def no_grad_does_not_reach_other_threads() -> None:
    """What a `no_grad` block hands to a new thread is recorded there: grad mode is on in it."""
    x = torch.ones(2, requires_grad=True)

    with torch.no_grad(), ThreadPoolExecutor(1) as pool:
        here = x * 2
        there = pool.submit(lambda: x * 2).result()

    assert here.requires_grad is False
    assert there.requires_grad is True


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.decorators_do_nothing,
        counterfactuals.no_grad_never_ends,
    ]
)
def no_grad_entered_in_the_thread_covers_it() -> None:
    """A function decorated with `no_grad` is not recorded in whichever thread it is called."""
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    def predict() -> torch.Tensor:
        return x * 2

    here = predict()
    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(predict).result()
        mode_after = pool.submit(torch.is_grad_enabled).result()

    assert here.requires_grad is False
    assert there.requires_grad is False
    assert mode_after is True


@claim(
    refuted_by=[
        counterfactuals.decorators_do_nothing,
        counterfactuals.decorators_need_parentheses,
        counterfactuals.no_grad_never_ends,
    ]
)
def no_grad_decorator_needs_no_parentheses() -> None:
    """`@torch.no_grad()` and `@torch.no_grad` both keep the function's operations unrecorded."""
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    def with_parentheses() -> torch.Tensor:
        return x * 2

    @torch.no_grad
    def without_parentheses() -> torch.Tensor:
        return x * 2

    assert with_parentheses().requires_grad is False
    assert without_parentheses().requires_grad is False
    assert torch.is_grad_enabled() is True


@claim(rival=lambda: torch.no_grad())  # noqa: PLW0108  # it is called anew
def no_grad_block_needs_parentheses(
    without: Callable[[], type[torch.no_grad]] = lambda: torch.no_grad,
) -> None:
    """`with torch.no_grad:`, without parentheses, raises a `TypeError`."""
    with (
        pytest.raises(TypeError, match="does not support the context manager protocol") as caught,
        without(),
    ):
        pass

    print(caught.value)


@claim(refuted_by=[counterfactuals.no_grad_begins_when_it_is_called])
def bare_call_of_no_grad_does_nothing() -> None:
    """`torch.no_grad()` as a statement of its own leaves grad mode on."""
    x = torch.ones(2, requires_grad=True)

    torch.no_grad()
    result = x * 2

    assert torch.is_grad_enabled() is True
    assert result.requires_grad is True


@claim(refuted_by=[counterfactuals.decorators_do_nothing, counterfactuals.no_grad_never_ends])
def function_returned_from_no_grad_records() -> None:
    """A function that a `no_grad` function returns is recorded when it is called afterwards."""
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    def build() -> tuple[torch.Tensor, Callable[[], torch.Tensor]]:
        return x * 2, lambda: x * 2

    made_inside, later = build()

    assert made_inside.requires_grad is False
    assert later().requires_grad is True


@claim(refuted_by=[counterfactuals.no_grad_never_ends])
def class_decorated_with_no_grad_still_records_in_methods() -> None:
    """Decorating a class with `no_grad` gives a `FutureWarning`, and its methods still record."""
    x = torch.ones(2, requires_grad=True)

    with pytest.warns(FutureWarning, match="^Decorating classes is deprecated") as caught:

        @torch.no_grad()
        class Model:
            def predict(self) -> torch.Tensor:
                return x * 2

    assert Model().predict().requires_grad is True
    print(caught[0].message)


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.no_grad_never_ends])
def generator_consumed_after_no_grad_records() -> None:
    """`map` and generator expressions made under `no_grad` record if they are consumed after it."""
    x = torch.ones(2, requires_grad=True)

    with torch.no_grad():
        mapped = map(torch.exp, [x])
        generated = (torch.exp(item) for item in [x])
        listed = [torch.exp(item) for item in [x]]

    assert next(mapped).requires_grad is True
    assert next(generated).requires_grad is True
    assert listed[0].requires_grad is False


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.decorated_generators_leak])
def generator_decorated_with_no_grad_leaves_its_caller_alone() -> None:
    """A generator decorated with `no_grad` runs with grad off, its caller between items with on."""
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    def outputs() -> Iterator[torch.Tensor]:
        yield x * 2
        yield x * 3

    recorded_inside = []
    modes_of_caller = []
    for output in outputs():
        recorded_inside.append(output.requires_grad)
        modes_of_caller.append(torch.is_grad_enabled())

    assert recorded_inside == [False, False]
    assert modes_of_caller == [True, True]


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.no_grad_never_ends])
def yield_inside_a_no_grad_block_turns_grad_off_for_the_caller() -> None:
    """A generator that yields from inside a `with no_grad()` block turns grad off in its caller."""

    def batches() -> Iterator[int]:
        with torch.no_grad():
            yield 1

    modes_in_loop = [torch.is_grad_enabled() for _ in batches()]

    assert modes_in_loop == [False]
    assert torch.is_grad_enabled() is True


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.decorated_coroutines_are_covered,
    ]
)
def no_grad_does_not_cover_a_decorated_coroutine() -> None:
    """`@torch.no_grad()` on an `async def` function leaves grad mode on in its body."""
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    async def decorated() -> torch.Tensor:
        return x * 2

    async def with_block() -> torch.Tensor:
        with torch.no_grad():
            return x * 2

    assert asyncio.run(decorated()).requires_grad is True
    assert asyncio.run(with_block()).requires_grad is False


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.decorated_coroutines_are_covered,
    ]
)
def no_grad_does_not_cover_a_decorated_async_generator() -> None:
    """`@torch.no_grad()` on an asynchronous generator leaves grad mode on in its body."""
    x = torch.ones(2, requires_grad=True)

    @torch.no_grad()
    async def stream() -> AsyncIterator[torch.Tensor]:
        yield x * 2

    async def first(outputs: AsyncIterator[torch.Tensor]) -> torch.Tensor:
        return await anext(outputs)

    async def unrecorded() -> AsyncIterator[torch.Tensor]:
        with torch.no_grad():
            doubled = x * 2
        yield doubled

    assert asyncio.run(first(stream())).requires_grad is True
    assert asyncio.run(first(unrecorded())).requires_grad is False


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.each_task_has_a_grad_mode_of_its_own,
        counterfactuals.no_grad_never_ends,
    ]
)
def await_inside_a_no_grad_block_turns_grad_off_for_other_tasks() -> None:
    """While one task awaits in a `no_grad` block, other tasks of that thread run with grad off."""

    async def evaluates() -> None:
        with torch.no_grad():
            await asyncio.sleep(0)

    async def trains() -> bool:
        return torch.is_grad_enabled()

    async def together() -> tuple[None, bool]:
        return await asyncio.gather(evaluates(), trains())

    _, mode_in_training = asyncio.run(together())

    assert mode_in_training is False
    assert torch.is_grad_enabled() is True


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.each_task_has_a_grad_mode_of_its_own,
        counterfactuals.enable_grad_does_nothing,
    ]
)
def overlapping_no_grad_blocks_of_two_tasks_leave_grad_off() -> None:
    """Two tasks that await in overlapping `no_grad` blocks can leave the thread's grad mode off."""

    async def evaluates(awaits: int) -> None:
        with torch.no_grad():
            for _ in range(awaits):
                await asyncio.sleep(0)

    async def together(first: int, second: int) -> None:
        await asyncio.gather(evaluates(first), evaluates(second))

    with torch.enable_grad():
        asyncio.run(together(1, 2))
        after_first_in_first_out = torch.is_grad_enabled()
    with torch.enable_grad():
        asyncio.run(together(2, 1))
        after_first_in_last_out = torch.is_grad_enabled()

    assert after_first_in_first_out is False
    assert after_first_in_last_out is True


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.no_grad_ends_with_grad_on,
        counterfactuals.no_grad_never_ends,
    ]
)
def nested_use_of_one_no_grad_instance_leaves_grad_off() -> None:
    """Entering the same `no_grad` object again while it is active leaves grad off after both."""
    guard = torch.no_grad()

    with torch.enable_grad():
        with guard:
            pass
        with guard:
            pass
        after_use_in_turn = torch.is_grad_enabled()
        with guard, guard:
            pass
        after_nested_use = torch.is_grad_enabled()

    assert after_use_in_turn is True
    assert after_nested_use is False


@claim(refuted_by=[counterfactuals.no_grad_never_ends, counterfactuals.no_grad_ends_with_grad_on])
def two_no_grad_instances_nest() -> None:
    """Of nested `no_grad` blocks, each with its own object, only the outer turns grad back on."""
    with torch.no_grad():
        with torch.no_grad():
            pass
        between = torch.is_grad_enabled()

    assert between is False
    assert torch.is_grad_enabled() is True


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.no_grad_switches_forward_mode_off,
    ]
)
def no_grad_leaves_forward_mode_ad_alone() -> None:
    """Forward-mode AD goes on under `no_grad`: the tangent of `x * x` is computed inside it."""
    x = torch.tensor([1.0, 3.0], requires_grad=True)

    with torch.no_grad(), forward_ad.dual_level():
        dual = forward_ad.make_dual(x, torch.ones(2))
        product = forward_ad.unpack_dual(dual * dual)

    assert product.tangent is not None
    assert product.tangent.tolist() == [2.0, 6.0]
    assert product.primal.grad_fn is None


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.enable_grad_does_nothing])
def func_grad_ignores_no_grad_around_it() -> None:
    """`torch.func.grad` ignores a `no_grad` around its call and obeys one inside its function."""

    def square(x: torch.Tensor) -> torch.Tensor:
        return x * x

    with torch.no_grad():
        around = torch.func.grad(square)(torch.tensor(3.0))
    inside = torch.func.grad(torch.no_grad()(square))(torch.tensor(3.0))

    assert around.item() == 6.0
    assert inside.item() == 0.0


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.enable_grad_does_nothing])
def optimizer_closure_records_inside_no_grad() -> None:
    """`step(closure)` of SGD, Adam and LBFGS turns grad mode on for it, even inside `no_grad`."""
    weight = torch.ones(1, requires_grad=True)
    recorded = []

    def closure() -> torch.Tensor:
        loss = (weight * 2).sum()
        recorded.append(loss.requires_grad)
        return loss

    for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.LBFGS):
        optimizer = kind([weight])
        with torch.no_grad():
            around = (weight * 2).sum()
            optimizer.step(closure)

    assert around.requires_grad is False
    assert recorded == [True, True, True]


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.no_grad_never_ends])
def custom_function_under_no_grad_is_not_recorded() -> None:
    """`Function.apply` records nothing under `no_grad`, even if `forward` uses `enable_grad`."""

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: torch.autograd.function.FunctionCtx, x: torch.Tensor) -> torch.Tensor:  # noqa: ARG004
            with torch.enable_grad():
                return x * 2

        @staticmethod
        def backward(ctx: torch.autograd.function.FunctionCtx, grad: torch.Tensor) -> torch.Tensor:  # noqa: ARG004
            return grad * 2

    x = torch.ones(2, requires_grad=True)

    with torch.no_grad():
        inside = Double.apply(x)
    outside = Double.apply(x)

    assert inside.requires_grad is False
    assert inside.grad_fn is None
    assert type(outside.grad_fn).__name__ == "DoubleBackward"


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.no_grad_detaches_what_is_used_in_it,
    ]
)
def needs_input_grad_is_true_under_no_grad() -> None:
    """`ctx.needs_input_grad` of a `Function` is true under `no_grad` if its input requires grad."""
    seen = []

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: torch.autograd.function.FunctionCtx, x: torch.Tensor) -> torch.Tensor:
            seen.append(ctx.needs_input_grad)
            return x * 2

    with torch.no_grad():
        result = Double.apply(torch.ones(2, requires_grad=True))
        Double.apply(torch.ones(2))

    assert result.requires_grad is False
    assert seen == [(True,), (False,)]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def backward_of_an_outer_graph_runs_inside_no_grad() -> None:
    """A graph recorded before a `no_grad` block can be run backward inside it."""
    x = torch.ones(3, requires_grad=True)
    loss = (x * 3).sum()

    with torch.no_grad():
        unrecorded = x * 3
        loss.backward()

    assert unrecorded.grad_fn is None
    assert x.grad is not None
    assert x.grad.tolist() == [3.0, 3.0, 3.0]


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.grad_mode_decides_on_create_graph,
    ]
)
def create_graph_records_inside_no_grad() -> None:
    """`torch.autograd.grad` with `create_graph=True` records its result inside `no_grad` too."""
    x = torch.tensor(2.0, requires_grad=True)
    cube = x**3

    with torch.no_grad():
        (slope,) = torch.autograd.grad(cube, x, create_graph=True)
        unrecorded = slope * 1

    assert unrecorded.grad_fn is None
    assert slope.item() == 12.0
    assert slope.requires_grad is True

    (curvature,) = torch.autograd.grad(slope, x)

    assert curvature.item() == 12.0


@claim(
    refuted_by=[
        counterfactuals.in_place_changes_freeze,
        counterfactuals.backward_moves_the_parameters,
    ]
)
def no_grad_lets_a_leaf_be_updated_in_place() -> None:
    """An in-place update of a parameter under `no_grad` leaves it a leaf that requires grad."""
    weight = torch.ones(2, requires_grad=True)
    (weight * 3).sum().backward()

    with torch.no_grad():
        weight -= 0.5 * weight.grad

    assert weight.tolist() == [-0.5, -0.5]
    assert weight.is_leaf is True
    assert weight.requires_grad is True


@claim(refuted_by=[counterfactuals.in_place_changes_are_never_recorded])
def leaf_updated_in_place_without_no_grad_raises() -> None:
    """In grad mode an in-place update of a leaf that requires grad raises, and changes nothing."""
    weight = torch.ones(2, requires_grad=True)

    message = "a leaf Variable that requires grad is being used in an in-place operation."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$") as caught:
        weight.sub_(0.5)

    assert weight.tolist() == [1.0, 1.0]
    print(caught.value)


@claim(refuted_by=[counterfactuals.in_place_changes_are_never_recorded])
def view_of_a_leaf_changed_in_place_without_no_grad_raises() -> None:
    """In grad mode an in-place change of a view of a leaf that requires grad raises."""
    weight = torch.ones(3, requires_grad=True)
    head = weight[:2]

    message = "a view of a leaf Variable that requires grad is being used in an in-place operation."
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$") as caught:
        head.zero_()

    assert weight.tolist() == [1.0, 1.0, 1.0]
    print(caught.value)


@claim(refuted_by=[counterfactuals.no_grad_does_nothing])
def assignment_under_no_grad_makes_an_untrainable_tensor() -> None:
    """`w = w - step` under `no_grad` binds the name to a new tensor that does not require grad."""
    weight = torch.ones(2, requires_grad=True)
    before = weight

    with torch.no_grad():
        weight = weight - 0.5

    assert weight is not before
    assert weight.requires_grad is False
    assert before.tolist() == [1.0, 1.0]


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.in_place_changes_go_unnoticed]
)
def no_grad_edit_of_a_saved_tensor_stops_the_outer_backward() -> None:
    """Changing in place under `no_grad` a tensor that a graph saved makes its backward raise."""
    x = torch.ones(3, requires_grad=True)
    y = x.exp()

    with torch.no_grad():
        y.add_(1)
    recorded_last = y.grad_fn.name()
    message = (
        "one of the variables needed for gradient computation has been modified by an inplace "
        "operation: [torch.FloatTensor [3]], which is output 0 of Exp, is at version 1; "
        "expected version 0 instead."
    )
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}") as caught:
        y.sum().backward()

    assert recorded_last == "ExpBackward0"
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.in_place_changes_are_never_recorded,
    ]
)
def frozen_average_updated_without_no_grad_joins_the_graph() -> None:
    """A plain tensor updated in place from a trainable one joins a graph that grows each time."""
    weight = torch.ones(2, requires_grad=True)
    average = torch.zeros(2)
    guarded = torch.zeros(2)

    average.lerp_(weight, 0.5)
    first_node = average.grad_fn
    average.lerp_(weight, 0.5)
    with torch.no_grad():
        guarded.lerp_(weight, 0.5)
        guarded.lerp_(weight, 0.5)

    assert average.tolist() == guarded.tolist() == [0.75, 0.75]
    assert first_node is not None
    assert average.grad_fn.next_functions[0][0] is first_node
    assert guarded.requires_grad is False
    assert guarded.grad_fn is None


@claim(refuted_by=[counterfactuals.parameters_include_buffers])
def batch_norm_statistics_are_buffers_not_parameters() -> None:
    """Batch norm's running statistics and its integer counter are buffers, not parameters."""
    norm = nn.BatchNorm1d(1)

    parameters = [name for name, _ in norm.named_parameters()]
    buffers = [name for name, _ in norm.named_buffers()]

    assert parameters == ["weight", "bias"]
    assert buffers == ["running_mean", "running_var", "num_batches_tracked"]
    assert norm.num_batches_tracked.dtype is torch.int64


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing],
    rival=lambda x, out: torch.mul(x.detach(), 2, out=out),
)
def out_argument_with_a_trainable_input_needs_no_grad(
    double: Callable[..., torch.Tensor] = lambda x, out: torch.mul(x, 2, out=out),
) -> None:
    """With an input that requires grad, `out=` raises in grad mode and works under `no_grad`."""
    x = torch.ones(2, requires_grad=True)
    target = torch.zeros(2)

    message = re.escape("mul(): functions with out=... arguments don't support automatic")
    with pytest.raises(RuntimeError, match=f"^{message}") as caught:
        double(x, out=target)
    with torch.no_grad():
        double(x, out=target)

    assert target.tolist() == [2.0, 2.0]
    print(caught.value)


@claim(refuted_by=[counterfactuals.no_grad_does_nothing])
def values_made_under_no_grad_are_constants_outside() -> None:
    """A factor computed under `no_grad` counts as a constant: d(3x · 2x)/dx at 2 is 12, not 24."""
    x = torch.tensor(2.0, requires_grad=True)

    with torch.no_grad():
        constant = 2 * x
    (partial,) = torch.autograd.grad(3 * x * constant, x)
    (full,) = torch.autograd.grad(3 * x * (2 * x), x)

    assert partial.item() == 12.0
    assert full.item() == 24.0


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.no_grad_is_inference_mode,
        counterfactuals.backward_does_nothing,
    ]
)
def no_grad_results_can_be_used_in_training() -> None:
    """A tensor computed under `no_grad` can be an input of operations that are recorded later."""
    weight = torch.ones(3, requires_grad=True)

    with torch.no_grad():
        features = weight * 5
    (weight * features).sum().backward()

    assert weight.grad is not None
    assert weight.grad.tolist() == [5.0, 5.0, 5.0]


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.hooks_go_on_any_tensor])
def hook_on_a_no_grad_result_raises() -> None:
    """`register_hook` on a tensor computed under `no_grad` raises: it does not require gradient."""
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        y = x * 2

    message = "cannot register a hook on a tensor that doesn't require gradient"
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        y.register_hook(lambda grad: grad)

    print(caught.value)


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.numpy_takes_any_tensor])
def no_grad_allows_numpy_on_a_trainable_tensor() -> None:
    """`.numpy()` on a tensor that requires grad works under `no_grad` and raises outside."""
    weight = torch.ones(2, requires_grad=True)

    with torch.no_grad():
        array = weight.numpy()
    message = (
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
    )
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$") as caught:
        weight.numpy()

    assert array.tolist() == [1.0, 1.0]
    print(caught.value)


@claim(refuted_by=[counterfactuals.numpy_takes_any_tensor, counterfactuals.no_grad_does_nothing])
def no_grad_view_refuses_numpy_outside() -> None:
    """`.numpy()` outside the block raises for a `no_grad` view of a tensor that requires grad."""
    weight = torch.ones(2, requires_grad=True)

    with torch.no_grad():
        view = weight[:1]
        copy = weight[:1].clone()

    with pytest.raises(RuntimeError, match=r"^Can't call numpy\(\) on Tensor that requires grad"):
        view.numpy()
    assert copy.numpy().tolist() == [1.0]


@claim(refuted_by=[counterfactuals.numpy_copies])
def numpy_array_of_a_trainable_tensor_shares_its_memory() -> None:
    """`.numpy()` under `no_grad` and `.detach().numpy()` share memory with the trainable tensor."""
    weight = torch.ones(2, requires_grad=True)

    with torch.no_grad():
        array = weight.numpy()
    array[0] = 7.0
    weight.detach().numpy()[1] = 8.0

    assert weight.tolist() == [7.0, 8.0]


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.backward_needs_no_graph])
def backward_of_a_step_under_no_grad_raises() -> None:
    """`loss.backward()` raises if model and loss both ran under `no_grad`."""
    model = nn.Linear(2, 1)

    with torch.no_grad():
        loss = model(torch.ones(1, 2)).sum()

    message = "element 0 of tensors does not require grad and does not have a grad_fn"
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        loss.backward()

    print(caught.value)


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.backward_adds_gradients_twice]
)
def requires_grad_on_a_no_grad_loss_trains_nothing() -> None:
    """`loss.requires_grad_()` after a `no_grad` forward lets backward run, and trains no weight."""
    model = nn.Linear(2, 1)

    with torch.no_grad():
        loss = model(torch.ones(1, 2)).sum()
    loss.requires_grad_()
    loss.backward()

    assert [parameter.grad for parameter in model.parameters()] == [None, None]
    assert loss.grad is not None
    assert loss.grad.item() == 1.0


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def encoder_under_no_grad_gets_no_gradient_silently() -> None:
    """With only the encoder under `no_grad`, backward succeeds and trains only the head."""
    encoder = nn.Linear(2, 2)
    head = nn.Linear(2, 1)

    with torch.no_grad():
        features = encoder(torch.ones(1, 2))
    head(features).sum().backward()

    assert encoder.weight.grad is None
    assert encoder.weight.requires_grad is True
    assert head.weight.grad is not None
    assert torch.equal(head.weight.grad, features)


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.modes_call_eval,
        counterfactuals.dropout_is_always_on,
    ]
)
def no_grad_leaves_dropout_on() -> None:
    """`no_grad` does not change `module.training`, so `nn.Dropout` in train mode still drops."""
    torch.manual_seed(0)
    dropout = nn.Dropout(0.5)
    ones = torch.ones(100, requires_grad=True)

    with torch.no_grad():
        in_train_mode = dropout(ones)
        training = dropout.training
        in_eval_mode = dropout.eval()(ones)

    assert training is True
    assert in_train_mode.grad_fn is None
    assert set(in_train_mode.tolist()) == {0.0, 2.0}
    assert torch.equal(in_eval_mode, ones)


@claim(
    refuted_by=[
        counterfactuals.modes_call_eval,
        counterfactuals.running_statistics_never_move,
        counterfactuals.parameters_include_buffers,
        counterfactuals.eval_does_nothing,
    ]
)
def no_grad_lets_batch_norm_statistics_move() -> None:
    """Under `no_grad` batch norm's statistics move in train mode only, and its parameters never."""
    norm = nn.BatchNorm1d(1, momentum=0.5)
    batch = torch.tensor([[1.0], [3.0]])
    before = [parameter.tolist() for parameter in norm.parameters()]

    with torch.no_grad():
        norm(batch)
        after_train_mode = norm.running_mean.item(), norm.num_batches_tracked.item()
        norm.eval()(batch)
        after_eval_mode = norm.running_mean.item(), norm.num_batches_tracked.item()

    assert [parameter.tolist() for parameter in norm.parameters()] == before
    assert after_train_mode == (1.0, 1)
    assert after_eval_mode == (1.0, 1)


@claim(refuted_by=[counterfactuals.train_and_eval_reach_only_the_module_itself])
def model_train_wakes_a_layer_left_in_eval_mode() -> None:
    """`model.train()` puts every submodule in train mode, also one that was in eval mode before."""
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    model[1].eval()

    model.eval()
    model.train()

    assert model[1].training is True


@claim(
    refuted_by=[
        counterfactuals.backward_does_nothing,
        counterfactuals.eval_turns_gradients_off,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def eval_without_no_grad_still_records() -> None:
    """After `model.eval()` alone the output still has a `grad_fn`, and weights get gradients."""
    model = nn.Linear(2, 1).eval()

    output = model(torch.ones(1, 2))

    assert output.grad_fn is not None

    output.sum().backward()

    assert model.weight.grad is not None
    assert model.weight.grad.tolist() == [[1.0, 1.0]]


@claim(
    refuted_by=[counterfactuals.no_grad_does_nothing],
    rival=lambda model, x: torch.no_grad()(model)(x),
)
def detach_after_the_forward_pass_saves_as_much_as_training(
    predict: Callable[..., torch.Tensor] = lambda model, x: model(x).detach(),
) -> None:
    """`model(x).detach()` saves as many tensors as `model(x)`; under `no_grad` it is none."""
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    x = torch.ones(3, 4)
    recorded: list[torch.Tensor] = []
    detached: list[torch.Tensor] = []
    unrecorded: list[torch.Tensor] = []

    with torch.autograd.graph.saved_tensors_hooks(recorded.append, lambda tensor: tensor):
        model(x)
    with torch.autograd.graph.saved_tensors_hooks(detached.append, lambda tensor: tensor):
        predict(model, x)
    with torch.autograd.graph.saved_tensors_hooks(unrecorded.append, lambda tensor: tensor):  # noqa: SIM117
        with torch.no_grad():
            model(x)

    assert len(detached) == len(recorded) == 4
    assert len(unrecorded) == 0
    print("recorded", len(recorded), "- detached", len(detached), "- no_grad", len(unrecorded))


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.no_grad_does_nothing,
        counterfactuals.every_operation_saves_its_inputs,
    ]
)
def frozen_model_with_plain_input_saves_nothing_anyway() -> None:
    """If neither parameters nor the input require grad, no tensor is saved, as under `no_grad`."""
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    plain, tracked = torch.ones(3, 4), torch.ones(3, 4, requires_grad=True)

    def saved(x: torch.Tensor) -> list[tuple[int, ...]]:
        packed: list[torch.Tensor] = []
        with torch.autograd.graph.saved_tensors_hooks(packed.append, lambda tensor: tensor):
            model(x)
        return [tuple(tensor.shape) for tensor in packed]

    trainable = saved(plain)
    with torch.no_grad():
        under_no_grad = saved(plain)
    model.requires_grad_(False)

    assert len(trainable) == 4
    assert under_no_grad == []
    assert saved(plain) == []
    assert model(plain).requires_grad is False
    assert saved(tracked) == [(4, 4), (3, 4), (4, 2)]


@claim(
    refuted_by=[counterfactuals.every_operation_saves_its_inputs],
    rival=lambda logits, labels: (logits.softmax(dim=1)[:, 0] * (1 - labels)).mean(),
)
def argmax_accuracy_needs_no_no_grad(
    accuracy_of: Callable[..., torch.Tensor] = lambda logits, labels: (
        (logits.argmax(dim=1) == labels).float().mean()
    ),
) -> None:
    """Accuracy by `argmax` and `==` saves nothing and has no `grad_fn`, even with grad mode on."""
    logits = torch.tensor([[2.0, 1.0], [0.0, 3.0]], requires_grad=True)
    labels = torch.tensor([0, 0])
    packed: list[torch.Tensor] = []

    with torch.autograd.graph.saved_tensors_hooks(packed.append, lambda tensor: tensor):
        accuracy = accuracy_of(logits, labels)
        saved_by_accuracy = len(packed)
        logits.softmax(dim=1)
        saved_by_softmax = len(packed) - saved_by_accuracy

    assert accuracy.grad_fn is None
    assert saved_by_accuracy == 0
    assert saved_by_softmax == 1
    assert accuracy.item() == 0.5


@claim(
    refuted_by=[
        counterfactuals.steps_do_nothing,
        counterfactuals.set_grad_enabled_ignores_its_argument,
        counterfactuals.in_place_changes_freeze,
    ]
)
def optimizer_step_needs_no_no_grad() -> None:
    """`step()` of SGD, Adam and AdamW updates leaves that require grad without a `no_grad`."""
    for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW):
        weight = torch.ones(1, requires_grad=True)
        optimizer = kind([weight], lr=1.0)
        (weight * 3).sum().backward()

        optimizer.step()

        assert weight.item() < 1.0
        assert weight.is_leaf is True
        assert weight.requires_grad is True


@claim(rival=lambda init, parameter: init(parameter.detach().clone()))
def init_functions_need_no_no_grad(
    fill: Callable[..., object] = lambda init, parameter: init(parameter),
) -> None:
    """`ones_`, `normal_` and four more of `nn.init` fill a parameter in place without `no_grad`."""
    torch.manual_seed(0)

    for init in (
        nn.init.ones_,
        nn.init.uniform_,
        nn.init.normal_,
        nn.init.xavier_uniform_,
        nn.init.kaiming_normal_,
        nn.init.orthogonal_,
    ):
        parameter = nn.Parameter(torch.zeros(2, 2))

        fill(init, parameter)

        assert parameter.all()
        assert parameter.is_leaf is True
        assert parameter.requires_grad is True


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.linear_layers_lose_precision_with_grad_off,
        counterfactuals.operations_are_never_recorded,
        counterfactuals.no_grad_is_inference_mode,
    ]
)
def no_grad_runs_the_same_operations_as_grad_mode() -> None:
    """Under `no_grad` linear layers and `relu` run what grad mode runs, except for a `detach`."""
    seen = []

    class Listing(TorchDispatchMode):
        def __torch_dispatch__(
            self,
            func: Callable[..., object],
            types: object,
            args: tuple[object, ...] = (),
            kwargs: dict[str, object] | None = None,
        ) -> object:
            seen.append(str(func))
            return func(*args, **(kwargs or {}))

    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    x = torch.ones(1, 2)

    with Listing():
        recorded = model(x)
    in_grad_mode = list(seen)
    seen.clear()
    with torch.no_grad(), Listing():
        unrecorded = model(x)
    under_no_grad = list(seen)

    assert recorded.grad_fn is not None
    assert unrecorded.grad_fn is None
    assert under_no_grad.count("aten.addmm.default") == 2
    assert under_no_grad.count("aten.relu.default") == 1
    assert in_grad_mode.count("aten.detach.default") == 1
    in_grad_mode.remove("aten.detach.default")
    assert under_no_grad == in_grad_mode
    print(under_no_grad)


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.grad_mode_is_global,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def threads_started_under_no_grad_run_forward_and_backward() -> None:
    """Threads that a `no_grad` block starts train; the same function called in the block raises."""

    def train() -> float:
        x = torch.ones(1, requires_grad=True)
        y = (x + 3) * (x + 4) * 0.5
        y.backward()
        return x.grad.item()

    with torch.no_grad(), ThreadPoolExecutor(10) as pool:
        futures = [pool.submit(train) for _ in range(10)]
        with pytest.raises(RuntimeError, match="does not require grad and does not have a grad_fn"):
            train()

    assert [future.result() for future in futures] == [4.5] * 10


@claim(
    refuted_by=[
        counterfactuals.parameters_include_buffers,
        counterfactuals.running_statistics_never_move,
        counterfactuals.clone_returns_the_tensor_itself,
    ]
)
def average_of_the_parameters_leaves_the_buffers_behind() -> None:
    """An average over `parameters()` leaves a batch norm's running statistics as they were."""
    model = nn.BatchNorm1d(1, momentum=0.5)
    average = copy.deepcopy(model)
    nn.init.constant_(model.weight, 3.0)
    model(torch.tensor([[1.0], [3.0]]))

    with torch.no_grad():
        for parameter, averaged in zip(model.parameters(), average.parameters(), strict=True):
            averaged.mul_(0.5).add_(parameter, alpha=0.5)

    assert average.weight.tolist() == [2.0]
    assert model.running_mean.tolist() == [1.0]
    assert average.running_mean.tolist() == [0.0]
    assert model.num_batches_tracked.item() == 1
    assert average.num_batches_tracked.item() == 0
