"""Torches that are other than the real one, in which checks that are worth anything fail.

However long: each is read by itself.  What torch does in Python is changed where it stands, so that
no other name for it escapes; what it does in C is changed on the way there, by a mode that sees
each call.
"""

import asyncio
import functools
import gc
import inspect
import itertools
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils import _contextlib

from mkdocs_claims import Change, counterfactual

Replacement = Callable[..., Any]


class _Calls(TorchFunctionMode):
    """Sees each call of a function or method of torch that is written in C, in every thread."""

    def __init__(self, find: Callable[[Callable[..., Any]], Replacement | None]) -> None:
        super().__init__()
        self.find = find
        """Returns what replaces a function, if anything does."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> object:
        if replacement := self.find(func):
            return replacement(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))

    def see_everything(self) -> None:
        """See all calls from now on; a mode is a thread's own, so each new thread enters it."""
        self.__enter__()
        run = threading.Thread.run

        def run_and_see(thread: threading.Thread) -> None:
            with self:
                run(thread)

        threading.Thread.run = run_and_see


def _replace(change: Change, **replacements: Replacement) -> None:
    """Replace functions and methods that are written in C, by their names."""

    def find(function: Callable[..., Any]) -> Replacement | None:
        replacement = replacements.get(getattr(function, "__name__", ""))
        return change.replacing(function, replacement) if replacement else None

    _Calls(find).see_everything()


def _replace_in_place(change: Change, replacement: Replacement) -> None:
    """Replace all methods that change a tensor in place."""
    operators = ("__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ipow__")

    def find(function: Callable[..., Any]) -> Replacement | None:
        name = getattr(function, "__name__", "")
        is_method = name.endswith("_") and not name.endswith("__")
        is_in_place = name in operators or (is_method and name not in _FLAGS)
        return change.replacing(function, replacement) if is_in_place else None

    _Calls(find).see_everything()


_FLAGS = ("requires_grad_", "detach_", "retain_grad_", "share_memory_")
"""Methods with a name that ends like that of one that writes, and that writes no values."""


def _replace_all(change: Change, replacement: Replacement) -> None:
    """Replace all functions and methods, whatever their names."""
    _Calls(lambda function: change.replacing(function, replacement)).see_everything()


def _put_instead(change: Change, mode: type, other: Callable[[Any], Any]) -> None:
    """Let a mode enter and leave another one, which `other` makes from it."""
    entered: list[Any] = []

    def enter(original: Replacement, guard: object) -> None:
        entered.append(other(guard))
        entered[-1].__enter__()

    def leave(original: Replacement, guard: object, *raised: object) -> None:
        entered.pop().__exit__(*raised)

    change.method(mode, "__enter__", enter)
    change.method(mode, "__exit__", leave)


# The modes.


@counterfactual
def no_grad_does_nothing(change: Change) -> None:
    """`torch.no_grad` does nothing, except where torch initialises parameters."""

    def skip(original: Replacement, guard: torch.no_grad, *raised: object) -> None:
        if _is_initialising():
            original(guard, *raised)

    change.method(torch.no_grad, "__enter__", skip)
    change.method(torch.no_grad, "__exit__", skip)


def _is_initialising() -> bool:
    """Whether a mode is entered or left by `torch.nn.init`, without which no layer can be made."""
    frame = inspect.currentframe()
    callers = itertools.islice(inspect.getouterframes(frame, context=0), 4)
    return any(caller.frame.f_globals.get("__name__") == "torch.nn.init" for caller in callers)


@counterfactual
def no_grad_is_inference_mode(change: Change) -> None:
    """`torch.no_grad` does what `torch.inference_mode` does."""
    _put_instead(change, torch.no_grad, lambda _: torch.inference_mode())


@counterfactual
def no_grad_never_ends(change: Change) -> None:
    """`torch.no_grad` leaves grad mode off at its end, except in the initialising of parameters."""

    def leave(original: Replacement, guard: torch.no_grad, *raised: object) -> None:
        if _is_initialising():
            original(guard, *raised)

    change.method(torch.no_grad, "__exit__", leave)


@counterfactual
def no_grad_ends_with_grad_on(change: Change) -> None:
    """`torch.no_grad` turns grad mode on at its end, whatever it was before."""
    change.method(
        torch.no_grad, "__exit__", lambda _, _guard, *_raised: torch._C._set_grad_enabled(True)
    )


@counterfactual
def no_grad_begins_when_it_is_called(change: Change) -> None:
    """`torch.no_grad()` turns grad mode off as soon as it is called, without a `with`."""

    def begin(original: Replacement, guard: torch.no_grad) -> None:
        original(guard)
        if not _is_initialising():
            torch._C._set_grad_enabled(False)

    change.method(torch.no_grad, "__init__", begin)


@counterfactual
def modes_outlast_an_exception(change: Change) -> None:
    """`torch.no_grad` and `torch.inference_mode` stay on when their block raises."""
    left: list[object] = []

    def leave(original: Replacement, guard: object, kind: object, *raised: object) -> None:
        if kind is None:
            original(guard, kind, *raised)
        else:
            left.append(guard)  # inference mode ends with its guard's life, too

    change.method(torch.no_grad, "__exit__", leave)
    change.method(torch.inference_mode, "__exit__", leave)


@counterfactual
def no_grad_switches_forward_mode_off(change: Change) -> None:
    """`torch.no_grad` switches forward-mode AD off, too."""

    def enter(original: Replacement, guard: torch.no_grad) -> None:
        original(guard)
        torch._C._set_fwd_grad_enabled(False)

    def leave(original: Replacement, guard: torch.no_grad, *raised: object) -> None:
        original(guard, *raised)
        torch._C._set_fwd_grad_enabled(True)

    change.method(torch.no_grad, "__enter__", enter)
    change.method(torch.no_grad, "__exit__", leave)


@counterfactual
def no_grad_takes_the_flag_from_what_it_makes(change: Change) -> None:
    """A tensor, parameter or module that is made under `torch.no_grad` does not require grad."""

    def make(original: Replacement, *args: Any, **kwargs: Any) -> object:
        asked = kwargs.get("requires_grad", False)
        return original(*args, **{**kwargs, "requires_grad": asked and torch.is_grad_enabled()})

    def make_parameter(
        original: Replacement,
        kind: type[nn.Parameter],
        data: torch.Tensor | None = None,
        requires_grad: bool = True,
    ) -> object:
        return original(kind, data, requires_grad and torch.is_grad_enabled())

    factories = ("tensor", "zeros", "ones", "empty", "zeros_like", "new_zeros", "rand", "randn")
    _replace(change, **dict.fromkeys(factories, make))
    change.method(nn.Parameter, "__new__", make_parameter)


@counterfactual
def views_under_no_grad_are_plain(change: Change) -> None:
    """A view that is taken under `torch.no_grad` does not require grad, as other results do not."""

    def plain(result: object, given: tuple[object, ...]) -> object:
        if isinstance(result, list | tuple):
            return type(result)(plain(item, given) for item in result)
        is_view = isinstance(result, torch.Tensor) and result.requires_grad and not result.grad_fn
        return result.detach() if is_view and all(result is not one for one in given) else result

    def call(original: Replacement, *args: Any, **kwargs: Any) -> object:
        result = original(*args, **kwargs)
        return result if torch.is_grad_enabled() else plain(result, args)

    views = ("view", "reshape", "flatten", "t", "split", "unbind", "__getitem__", "narrow")
    _replace(change, **dict.fromkeys(views, call))


@counterfactual
def no_grad_detaches_what_is_used_in_it(change: Change) -> None:
    """Under `torch.no_grad` a tensor says that it requires no grad, and is handed back detached."""

    def is_outside() -> bool:
        return torch.is_grad_enabled() or torch.is_inference_mode_enabled()

    def get_flag(original: Replacement, tensor: torch.Tensor, *owner: type) -> bool:
        return original(tensor, *owner) and is_outside()

    def hand_back(original: Replacement, *args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        return result if is_outside() else result.detach()

    def apply(original: Replacement, kind: type, *args: Any, **kwargs: Any) -> object:
        used = [one if is_outside() or not torch.is_tensor(one) else one.detach() for one in args]
        return original(kind, *used, **kwargs)

    def find(function: Callable[..., Any]) -> Replacement | None:
        if getattr(function, "__self__", None) is torch.Tensor.requires_grad:
            return change.replacing(function, get_flag)
        is_found = getattr(function, "__name__", "") in ("contiguous", "to", "float")
        return change.replacing(function, hand_back) if is_found else None

    _Calls(find).see_everything()
    functions = torch.autograd.Function
    known = functions.__dict__["apply"].__func__
    functions.apply = classmethod(change.replacing(known, apply))  # type: ignore[assignment]


@counterfactual
def no_grad_restores_train_mode(change: Change) -> None:
    """`train()` and `eval()` under `torch.no_grad` last only until the end of its block."""
    found: list[tuple[nn.Module, bool]] = []

    def train(original: Replacement, module: nn.Module, mode: bool = True) -> object:
        if not (torch.is_grad_enabled() or torch.is_inference_mode_enabled()):
            found.append((module, module.training))
        return original(module, mode)

    def leave(original: Replacement, guard: torch.no_grad, *raised: object) -> None:
        original(guard, *raised)
        while found and torch.is_grad_enabled():
            module, was_training = found.pop()
            module.training = was_training

    change.method(nn.Module, "train", train)
    change.method(torch.no_grad, "__exit__", leave)


@counterfactual
def inference_mode_does_nothing(change: Change) -> None:
    """`torch.inference_mode` does nothing."""
    change.method(torch.inference_mode, "__enter__", lambda _, _guard: None)
    change.method(torch.inference_mode, "__exit__", lambda _, _guard, *_raised: None)


@counterfactual
def inference_mode_is_no_grad(change: Change) -> None:
    """`torch.inference_mode` does what `torch.no_grad` does, and makes normal tensors."""
    _put_instead(
        change,
        torch.inference_mode,
        lambda guard: torch.no_grad() if guard.mode else torch.enable_grad(),
    )


@counterfactual
def inference_mode_begins_when_it_is_called(change: Change) -> None:
    """`torch.inference_mode()` is on as soon as it is called, without a `with`."""
    begun: list[torch._C._InferenceMode] = []

    def begin(original: Replacement, guard: torch.inference_mode, mode: bool = True) -> None:
        original(guard, mode)
        begun.append(torch._C._InferenceMode(mode))
        begun[-1].__enter__()

    change.method(torch.inference_mode, "__init__", begin)


@counterfactual
def inner_blocks_end_inference_mode(change: Change) -> None:
    """Inference mode ends with the first block of `no_grad` or `inference_mode` within it."""
    ended: list[torch._C._InferenceMode] = []

    def leave(original: Replacement, guard: object, *raised: object) -> None:
        original(guard, *raised)
        if torch.is_inference_mode_enabled():
            ended.append(torch._C._InferenceMode(False))
            ended[-1].__enter__()

    change.method(torch.no_grad, "__exit__", leave)
    change.method(torch.inference_mode, "__exit__", leave)


@counterfactual
def inference_mode_makes_inference_tensors_of_what_it_changes(change: Change) -> None:
    """A tensor that is changed in place in inference mode is an inference tensor from then on."""

    def call(original: Replacement, tensor: torch.Tensor, *args: Any, **kwargs: Any) -> object:
        result = original(tensor, *args, **kwargs)
        if torch.is_inference_mode_enabled():
            _make_inference_tensor(tensor)
        return result

    _replace_in_place(change, call)


@counterfactual
def inference_tensors_make_more_of_them(change: Change) -> None:
    """What is computed or filled from an inference tensor is one, too, unless it is recorded."""

    def call(original: Replacement, *args: Any, **kwargs: Any) -> object:
        result = original(*args, **kwargs)
        is_from_one = any(torch.is_tensor(given) and given.is_inference() for given in args)
        if is_from_one and torch.is_tensor(result) and not result.grad_fn:
            _make_inference_tensor(result)
        return result

    def copy(original: Replacement, parameter: nn.Parameter, memo: dict[int, Any]) -> object:
        with torch.inference_mode(mode=parameter.is_inference()):
            return original(parameter, memo)

    _replace_all(change, call)
    change.method(nn.Parameter, "__deepcopy__", copy)


def _make_inference_tensor(tensor: torch.Tensor) -> None:
    if not tensor.is_inference():
        with torch.inference_mode():
            tensor.data = tensor.detach().clone()


@counterfactual
def inference_mode_false_does_nothing(change: Change) -> None:
    """`torch.inference_mode(False)` does nothing."""

    def enter(original: Replacement, guard: torch.inference_mode) -> None:
        if guard.mode:
            original(guard)

    def leave(original: Replacement, guard: torch.inference_mode, *raised: object) -> None:
        if guard.mode:
            original(guard, *raised)

    change.method(torch.inference_mode, "__enter__", enter)
    change.method(torch.inference_mode, "__exit__", leave)


@counterfactual
def enable_grad_does_nothing(change: Change) -> None:
    """`torch.enable_grad` does nothing."""
    change.method(torch.enable_grad, "__enter__", lambda _, _guard: None)
    change.method(torch.enable_grad, "__exit__", lambda _, _guard, *_raised: None)


@counterfactual
def enable_grad_suspends_inference_mode(change: Change) -> None:
    """`torch.enable_grad` suspends inference mode, so that operations within it are recorded."""
    _put_instead(change, torch.enable_grad, lambda _: torch.inference_mode(mode=False))


@counterfactual
def set_grad_enabled_ignores_its_argument(change: Change) -> None:
    """`torch.set_grad_enabled` turns grad mode on, whatever it is told."""
    in_no_grad: list[torch.no_grad] = []

    # `no_grad` is made of it, and stays what it is.
    def enter_or_leave(original: Replacement, guard: torch.no_grad, *raised: object) -> None:
        in_no_grad.append(guard)
        original(guard, *raised)
        in_no_grad.pop()

    def set_mode(original: Replacement, guard: torch.set_grad_enabled, mode: bool) -> None:
        original(guard, mode if in_no_grad else True)

    change.method(torch.no_grad, "__enter__", enter_or_leave)
    change.method(torch.no_grad, "__exit__", enter_or_leave)
    change.method(torch.set_grad_enabled, "__init__", set_mode)


@counterfactual
def set_grad_enabled_waits_for_its_block(change: Change) -> None:
    """`torch.set_grad_enabled(...)` switches nothing before a `with` enters it."""

    def wait(original: Replacement, guard: torch.set_grad_enabled, mode: bool) -> None:
        original(guard, mode)
        caller = inspect.stack(context=0)[2].frame
        # Torch's own calls, of which `no_grad` and optimizers are made, stay what they are.
        if not caller.f_globals["__name__"].startswith("torch."):
            torch._C._set_grad_enabled(guard.prev)

    change.method(torch.set_grad_enabled, "__init__", wait)


@counterfactual
def grad_mode_is_global(change: Change) -> None:
    """Threads have one grad mode and inference mode: each goes on with those of the one before."""
    left: list[bool] = []

    def sharing(work: Callable[..., Any]) -> Callable[..., Any]:
        is_inference, is_grad = torch.is_inference_mode_enabled(), torch.is_grad_enabled()

        def work_in_modes(*args: Any, **kwargs: Any) -> object:
            with torch.inference_mode(mode=is_inference), torch.set_grad_enabled(mode=is_grad):
                result = work(*args, **kwargs)
                left[:] = [torch.is_grad_enabled()]
            return result

        return work_in_modes

    def start(original: Replacement, thread: threading.Thread) -> None:
        thread.run = sharing(thread.run)  # type: ignore[method-assign]
        original(thread)

    def submit(original: Replacement, pool: Any, work: Any, *args: Any, **kwargs: Any) -> object:
        return original(pool, sharing(work), *args, **kwargs)

    def wait(original: Replacement, *args: Any, **kwargs: Any) -> object:
        result = original(*args, **kwargs)
        if left:
            torch._C._set_grad_enabled(left.pop())
        return result

    change.method(threading.Thread, "start", start)
    change.method(threading.Thread, "join", wait)
    change.method(ThreadPoolExecutor, "submit", submit)
    change.method(Future, "result", wait)


@counterfactual
def each_task_has_a_grad_mode_of_its_own(change: Change) -> None:
    """An asyncio task begins and goes on with a grad mode and inference mode of its own."""
    modes: dict[int, bool] = {}

    def run(original: Replacement, handle: asyncio.Handle) -> None:
        outside = torch.is_grad_enabled()
        task = id(getattr(handle._callback, "__self__", handle))
        torch._C._set_grad_enabled(modes.get(task, True))
        original(handle)
        modes[task] = torch.is_grad_enabled()
        torch._C._set_grad_enabled(outside)

    change.method(asyncio.events.Handle, "_run", run)


@counterfactual
def decorated_coroutines_are_covered(change: Change) -> None:
    """A mode that decorates an `async def` function is on while its body runs."""

    def decorate(original: Replacement, modes: Any, function: Any) -> Any:
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def covered(*args: object, **kwargs: object) -> object:
                with modes():
                    return await function(*args, **kwargs)

            return covered
        if inspect.isasyncgenfunction(function):

            @functools.wraps(function)
            async def covered_items(*args: object, **kwargs: object) -> AsyncIterator[object]:
                with modes():
                    async for item in function(*args, **kwargs):
                        yield item

            return covered_items
        return original(modes, function)

    change.function(_contextlib.context_decorator, decorate)


@counterfactual
def decorated_generators_leak(change: Change) -> None:
    """A mode that decorates a generator stays on between its items."""

    def decorate(original: Replacement, modes: Any, function: Any) -> Any:
        if not inspect.isgeneratorfunction(function):
            return original(modes, function)

        @functools.wraps(function)
        def leaking(*args: object, **kwargs: object) -> Iterator[object]:
            with modes():
                yield from function(*args, **kwargs)

        return leaking

    change.function(_contextlib.context_decorator, decorate)


@counterfactual
def decorators_do_nothing(change: Change) -> None:
    """A mode that decorates a function is not on while it runs."""
    change.function(_contextlib.context_decorator, lambda _, _modes, function: function)


@counterfactual
def decorators_need_parentheses(change: Change) -> None:
    """A mode that decorates a function without parentheses is not on while it runs."""

    def make(original: Replacement, mode: type, *given: Any, **named: Any) -> object:
        if given and callable(given[0]):
            return given[0]
        return original(mode, *given, **named)

    for mode in (torch.no_grad, torch.inference_mode):
        change.method(mode, "__new__", make)


# Every operation.


@counterfactual
def operations_are_never_recorded(change: Change) -> None:
    """No operation is recorded, whatever the grad mode: each runs as under `torch.no_grad`."""

    def run(original: Replacement, *args: Any, **kwargs: Any) -> Any:
        before = torch.is_grad_enabled()
        torch._C._set_grad_enabled(False)
        try:
            return original(*args, **kwargs)
        finally:
            torch._C._set_grad_enabled(before)

    _replace_all(change, run)


@counterfactual
def errors_say_something_else(change: Change) -> None:
    """What torch raises says "something is wrong", and nothing more."""

    def run(original: Replacement, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except Exception as error:
            error.args = ("something is wrong",)
            raise

    _replace_all(change, run)


# Tensors.


@counterfactual
def views_are_copies(change: Change) -> None:
    """A slice or another view of a tensor is a copy with memory of its own."""

    def copy(original: Replacement, *args: Any, **kwargs: Any) -> object:
        result = original(*args, **kwargs)
        return result.clone() if isinstance(result, torch.Tensor) else result

    _replace(change, **dict.fromkeys(("view", "reshape", "t", "__getitem__", "narrow"), copy))


@counterfactual
def detach_returns_the_tensor_itself(change: Change) -> None:
    """`detach()` returns the tensor itself."""
    _replace(change, detach=lambda _, tensor: tensor)


@counterfactual
def detach_copies(change: Change) -> None:
    """`detach()` returns a copy with memory of its own."""
    _replace(change, detach=lambda original, tensor: original(tensor).clone())


@counterfactual
def data_copies(change: Change) -> None:
    """`.data` of a tensor is a copy with memory of its own."""

    def find(function: Callable[..., Any]) -> Replacement | None:
        is_data = getattr(function, "__self__", None) is torch.Tensor.data
        is_read = is_data and getattr(function, "__name__", "") == "__get__"
        return change.replacing(function, copy) if is_read else None

    def copy(original: Replacement, *args: Any) -> torch.Tensor:
        data: torch.Tensor = original(*args)
        return data.clone()

    _Calls(find).see_everything()


@counterfactual
def conversions_copy(change: Change) -> None:
    """`to()`, `float()`, `cpu()` and `contiguous()` return a copy, also of what is so already."""

    def copy(original: Replacement, *args: Any, **kwargs: Any) -> torch.Tensor:
        converted: torch.Tensor = original(*args, **kwargs)
        return converted.clone()

    _replace(change, **dict.fromkeys(("to", "float", "cpu", "contiguous"), copy))


@counterfactual
def clones_are_normal(change: Change) -> None:
    """`clone()` returns a normal tensor, in inference mode, too."""

    def clone(original: Replacement, *args: Any, **kwargs: Any) -> object:
        with torch.inference_mode(mode=False):
            return original(*args, **kwargs)

    _replace(change, clone=clone)


@counterfactual
def clone_returns_the_tensor_itself(change: Change) -> None:
    """`clone()` returns the tensor itself."""
    _replace(change, clone=lambda _, tensor, **_options: tensor)


@counterfactual
def requires_grad_does_nothing(change: Change) -> None:
    """`requires_grad_()` of tensors and modules does nothing."""
    _replace(change, requires_grad_=lambda _, tensor, *_flag, **_same: tensor)
    change.method(nn.Module, "requires_grad_", lambda _, module, *_flag, **_same: module)


@counterfactual
def requires_grad_is_ever_allowed(change: Change) -> None:
    """`requires_grad_()` raises nothing: a tensor that cannot have the flag stays as it is."""

    def set_flag(original: Replacement, tensor: torch.Tensor, requires_grad: bool = True) -> object:
        try:
            return original(tensor, requires_grad)
        except RuntimeError:
            return tensor

    _replace(change, requires_grad_=set_flag)


@counterfactual
def freezing_clears_the_gradient(change: Change) -> None:
    """`requires_grad_(False)` of tensors and modules sets their gradients to None."""

    def set_flag(original: Replacement, tensor: torch.Tensor, requires_grad: bool = True) -> object:
        result = original(tensor, requires_grad)
        if not requires_grad:
            tensor.grad = None
        return result

    _replace(change, requires_grad_=set_flag)


@counterfactual
def a_modules_attribute_freezes_it(change: Change) -> None:
    """Assigning to `requires_grad` of a module sets the flag of its parameters."""

    def assign(original: Replacement, module: nn.Module, name: str, value: Any) -> None:
        if name == "requires_grad":
            module.requires_grad_(value)
        else:
            original(module, name, value)

    change.method(nn.Module, "__setattr__", assign)


@counterfactual
def in_place_changes_go_unnoticed(change: Change) -> None:
    """Autograd does not notice that a tensor was changed in place."""

    def call(original: Replacement, tensor: torch.Tensor, *args: Any, **kwargs: Any) -> object:
        version = 0 if tensor.is_inference() else tensor._version
        result = original(tensor, *args, **kwargs)
        if not tensor.is_inference():
            torch._C._autograd._unsafe_set_version_counter((tensor,), (version,))
        return result

    _replace_in_place(change, call)


@counterfactual
def in_place_changes_are_never_recorded(change: Change) -> None:
    """Any tensor can be changed in place, and autograd takes it for a constant."""

    def call(original: Replacement, tensor: torch.Tensor, *args: Any, **kwargs: Any) -> object:
        with torch.no_grad():
            return original(tensor, *args, **kwargs)

    _replace_in_place(change, call)


@counterfactual
def in_place_changes_freeze(change: Change) -> None:
    """A tensor that is changed in place while grad mode is off does not require grad any more."""

    def call(original: Replacement, tensor: torch.Tensor, *args: Any, **kwargs: Any) -> object:
        result = original(tensor, *args, **kwargs)
        if tensor.is_leaf and not torch.is_grad_enabled():
            tensor.requires_grad_(requires_grad=False)
        return result

    _replace_in_place(change, call)


@counterfactual
def refused_changes_are_undone(change: Change) -> None:
    """An operation in place that raises leaves the values as they were."""

    def call(original: Replacement, tensor: torch.Tensor, *args: Any, **kwargs: Any) -> object:
        before = tensor.detach().clone()
        try:
            return original(tensor, *args, **kwargs)
        except RuntimeError:
            with torch.inference_mode():
                tensor.copy_(before)
            raise

    _replace_in_place(change, call)


@counterfactual
def numpy_takes_any_tensor(change: Change) -> None:
    """`numpy()` takes a tensor that requires grad."""
    _replace(change, numpy=lambda original, tensor, **options: original(tensor.detach(), **options))


@counterfactual
def numpy_copies(change: Change) -> None:
    """`numpy()` returns an array with memory of its own."""
    _replace(change, numpy=lambda original, *args, **options: original(*args, **options).copy())


@counterfactual
def hooks_go_on_any_tensor(change: Change) -> None:
    """`register_hook()` takes a tensor that does not require grad."""

    def register(original: Replacement, tensor: torch.Tensor, hook: Any) -> object:
        return original(tensor, hook) if tensor.requires_grad else None

    change.method(torch.Tensor, "register_hook", register)


# The backward pass.


@counterfactual
def backward_does_nothing(change: Change) -> None:
    """`backward()` does nothing."""
    change.function(torch.autograd.backward, lambda _, *_args, **_kwargs: None)


@counterfactual
def backward_overwrites(change: Change) -> None:
    """`backward()` overwrites the gradients that are there, where it would add to them."""

    def run(original: Replacement, tensors: Any, *args: Any, **kwargs: Any) -> None:
        for leaf in _leaves(tensors):
            leaf.grad = None
        original(tensors, *args, **kwargs)

    change.function(torch.autograd.backward, run)


@counterfactual
def backward_adds_gradients_twice(change: Change) -> None:
    """`backward()` adds each gradient twice."""

    def run(
        original: Replacement,
        tensors: Any,
        grad_tensors: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        **kwargs: Any,
    ) -> None:
        original(tensors, grad_tensors, True, create_graph, **kwargs)
        original(tensors, grad_tensors, retain_graph, create_graph, **kwargs)

    change.function(torch.autograd.backward, run)


@counterfactual
def backward_moves_the_parameters(change: Change) -> None:
    """`backward()` also takes a step down each gradient, as an optimizer would."""

    def run(original: Replacement, tensors: Any, *args: Any, **kwargs: Any) -> None:
        leaves = _leaves(tensors)
        original(tensors, *args, **kwargs)
        for leaf in leaves:
            if leaf.grad is not None:
                leaf.data -= leaf.grad

    change.function(torch.autograd.backward, run)


def _leaves(tensors: Any) -> list[torch.Tensor]:
    """Return the leaves that `backward()` of a tensor, or of several, would reach."""
    waiting = [one.grad_fn for one in ([tensors] if torch.is_tensor(tensors) else tensors)]
    seen: dict[Any, None] = {}
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen[node] = None
            waiting.extend(before for before, _ in node.next_functions)
    return [node.variable for node in seen if hasattr(node, "variable")]


@counterfactual
def backward_needs_no_graph(change: Change) -> None:
    """`backward()` of a tensor that does not require grad does nothing and raises nothing."""

    def run(original: Replacement, tensors: Any, *args: Any, **kwargs: Any) -> None:
        if all(one.requires_grad for one in ([tensors] if torch.is_tensor(tensors) else tensors)):
            original(tensors, *args, **kwargs)

    change.function(torch.autograd.backward, run)


@counterfactual
def graphs_are_never_freed(change: Change) -> None:
    """`backward()` keeps what its graph saved, as with `retain_graph=True`."""

    def run(
        original: Replacement,
        tensors: Any,
        gradients: Any = None,
        retain_graph: bool | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        original(tensors, gradients, True, *args, **kwargs)

    change.function(torch.autograd.backward, run)


@counterfactual
def grad_mode_decides_on_create_graph(change: Change) -> None:
    """`torch.autograd.grad` records its result where grad mode is on, whatever `create_graph`."""

    def differentiate(
        original: Replacement,
        outputs: Any,
        inputs: Any,
        grad_outputs: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        *args: Any,
        **kwargs: Any,
    ) -> object:
        is_recorded = torch.is_grad_enabled()
        return original(outputs, inputs, grad_outputs, retain_graph, is_recorded, *args, **kwargs)

    change.function(torch.autograd.grad, differentiate)


@counterfactual
def every_operation_saves_its_inputs(change: Change) -> None:
    """Each operation that is recorded saves its inputs for backward, as a product does."""

    def call(original: Replacement, *args: Any, **kwargs: Any) -> object:
        result = original(*args, **kwargs)
        items = [one for given in args for one in (given if isinstance(given, list) else [given])]
        inputs = [one for one in items if torch.is_tensor(one)]
        is_new = torch.is_tensor(result) and all(result is not one for one in inputs)
        is_recorded = is_new and result.grad_fn and not result._is_view()
        return _SavingInputs.apply(result, *inputs) if is_recorded else result

    _replace_all(change, call)


class _SavingInputs(torch.autograd.Function):
    """Hands a result on, and saves what it was computed from."""

    @staticmethod
    def forward(ctx: Any, result: torch.Tensor, *inputs: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(*inputs)
        return result.clone()

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return grad, *(None for _ in ctx.saved_tensors)


# Modules.


@counterfactual
def eval_does_nothing(change: Change) -> None:
    """`eval()` does nothing."""
    change.method(nn.Module, "eval", lambda _, module: module)


@counterfactual
def eval_turns_gradients_off(change: Change) -> None:
    """`eval()` freezes the module's parameters."""

    def evaluate(original: Replacement, module: nn.Module) -> nn.Module:
        return original(module).requires_grad_(requires_grad=False)

    change.method(nn.Module, "eval", evaluate)


@counterfactual
def train_and_eval_reach_only_the_module_itself(change: Change) -> None:
    """`train()` and `eval()` leave the modules inside a module as they are."""

    def train(
        _: Replacement,
        module: nn.Module,
        mode: bool = True,
    ) -> nn.Module:
        module.training = mode
        return module

    change.method(nn.Module, "train", train)


@counterfactual
def modes_call_eval(change: Change) -> None:
    """Under `torch.no_grad` and `torch.inference_mode` a module does what it does in eval mode."""

    def call(original: Replacement, module: nn.Module, *args: Any, **kwargs: Any) -> object:
        was_training = module.training
        if not torch.is_grad_enabled():
            module.eval()
        result = original(module, *args, **kwargs)
        module.train(was_training)
        return result

    change.method(nn.Module, "__call__", call)


@counterfactual
def frozen_modules_stop_the_gradient(change: Change) -> None:
    """A module whose parameters are all frozen runs as it does under `torch.no_grad`."""

    def call(original: Replacement, module: nn.Module, *args: Any, **kwargs: Any) -> object:
        flags = [parameter.requires_grad for parameter in module.parameters()]
        is_frozen = bool(flags) and not any(flags)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not is_frozen):
            return original(module, *args, **kwargs)

    change.method(nn.Module, "__call__", call)


@counterfactual
def modes_clear_gradients(change: Change) -> None:
    """A module that runs under `torch.no_grad` or `torch.inference_mode` loses its gradients."""

    def call(original: Replacement, module: nn.Module, *args: Any, **kwargs: Any) -> object:
        if not torch.is_grad_enabled():
            module.zero_grad()
        return original(module, *args, **kwargs)

    change.method(nn.Module, "__call__", call)


@counterfactual
def linear_layers_lose_precision_with_grad_off(change: Change) -> None:
    """Under `torch.no_grad` and `torch.inference_mode` linear layers compute in half precision."""

    def compute(original: Replacement, *given: torch.Tensor | None) -> torch.Tensor:
        if torch.is_grad_enabled():
            return original(*given)  # type: ignore[no-any-return]
        halves = [None if one is None else one.bfloat16() for one in given]
        return original(*halves).float()  # type: ignore[no-any-return]

    _replace(change, linear=compute)


@counterfactual
def parameters_include_buffers(change: Change) -> None:
    """`parameters()` of a module also lists its floating-point buffers."""

    def named_parameters(
        original: Replacement,
        module: nn.Module,
        prefix: str = "",
        recurse: bool = True,
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, torch.Tensor]]:
        yield from original(module, prefix, recurse, remove_duplicate)
        buffers = module.named_buffers(prefix, recurse, remove_duplicate)
        yield from ((name, buffer) for name, buffer in buffers if buffer.is_floating_point())

    change.method(nn.Module, "named_parameters", named_parameters)


@counterfactual
def dropout_is_always_on(change: Change) -> None:
    """Dropout drops in eval mode, too."""

    def drop(
        original: Replacement,
        values: torch.Tensor,
        p: float = 0.5,
        training: bool = True,
        inplace: bool = False,
    ) -> torch.Tensor:
        return original(values, p, True, inplace)

    change.function(functional.dropout, drop)


@counterfactual
def dropout_never_drops(change: Change) -> None:
    """Dropout drops nothing."""
    change.function(functional.dropout, lambda _, values, *_args, **_kwargs: values)


@counterfactual
def batch_norm_always_uses_the_batch(change: Change) -> None:
    """Batch norm uses the mean and variance of the batch in eval mode, too."""

    def normalise(
        original: Replacement,
        values: torch.Tensor,
        mean: torch.Tensor | None,
        variance: torch.Tensor | None,
        weight: torch.Tensor | None = None,
        bias: torch.Tensor | None = None,
        training: bool = False,
        *others: Any,
    ) -> torch.Tensor:
        moved = (mean, variance) if training else (None, None)
        return original(values, *moved, weight, bias, True, *others)

    change.function(functional.batch_norm, normalise)


@counterfactual
def running_statistics_never_move(change: Change) -> None:
    """Batch norm leaves its running mean and variance as they are in train mode, too."""

    def normalise(
        original: Replacement,
        values: torch.Tensor,
        mean: torch.Tensor | None,
        variance: torch.Tensor | None,
        *others: Any,
    ) -> torch.Tensor:
        kept = [None if one is None else one.clone() for one in (mean, variance)]
        return original(values, *kept, *others)

    change.function(functional.batch_norm, normalise)


# Optimizers.


@counterfactual
def zero_grad_does_nothing(change: Change) -> None:
    """`zero_grad()` of optimizers and modules does nothing."""
    for owner in (torch.optim.Optimizer, nn.Module):
        change.method(owner, "zero_grad", lambda _, _owner, *_args, **_kwargs: None)


@counterfactual
def zero_grad_fills_with_zeros(change: Change) -> None:
    """`zero_grad()` of optimizers and modules fills gradients with zeros."""
    for owner in (torch.optim.Optimizer, nn.Module):
        change.method(
            owner,
            "zero_grad",
            lambda original, owner, *_args, **_kwargs: original(owner, set_to_none=False),
        )


@counterfactual
def zero_grad_always_sets_to_none(change: Change) -> None:
    """`zero_grad()` of optimizers and modules sets gradients to None, even if told not to."""
    for owner in (torch.optim.Optimizer, nn.Module):
        change.method(
            owner, "zero_grad", lambda original, owner, *_args, **_kwargs: original(owner)
        )


@counterfactual
def zero_grad_freezes(change: Change) -> None:
    """`zero_grad()` of optimizers and modules also freezes the parameters that it clears."""

    def clear(original: Replacement, owner: Any, *args: Any, **kwargs: Any) -> None:
        original(owner, *args, **kwargs)
        groups = getattr(owner, "param_groups", None)
        owned = [one for group in groups for one in group["params"]] if groups else []
        for parameter in owned or owner.parameters():
            parameter.requires_grad_(requires_grad=False)

    for owner in (torch.optim.Optimizer, nn.Module):
        change.method(owner, "zero_grad", clear)


@counterfactual
def zero_grad_clears_the_graph(change: Change) -> None:
    """`zero_grad()` also clears the graph: `backward()` of what is older than it does nothing."""
    cleared: list[int] = [-1]

    def clear(original: Replacement, owner: Any, *args: Any, **kwargs: Any) -> None:
        original(owner, *args, **kwargs)
        with torch.enable_grad():
            latest = torch.ones(1, requires_grad=True).clone().grad_fn
        cleared.append(latest._sequence_nr())  # nodes are numbered as they are made

    def run(original: Replacement, tensors: Any, *args: Any, **kwargs: Any) -> None:
        nodes = [one.grad_fn for one in ([tensors] if torch.is_tensor(tensors) else tensors)]
        if all(node is None or node._sequence_nr() > cleared[-1] for node in nodes):
            original(tensors, *args, **kwargs)

    for owner in (torch.optim.Optimizer, nn.Module):
        change.method(owner, "zero_grad", clear)
    change.function(torch.autograd.backward, run)


@counterfactual
def optimizers_own_every_parameter(change: Change) -> None:
    """An optimizer steps and clears all parameters that there are, not only those it was given."""

    def take(original: Replacement, optimizer: torch.optim.Optimizer, *args: Any) -> None:
        original(optimizer, *args)
        owned = {one for group in optimizer.param_groups for one in group["params"]}
        living = [one for one in gc.get_objects() if isinstance(one, nn.Parameter)]
        optimizer.param_groups[0]["params"] += [one for one in living if one not in owned]

    change.method(torch.optim.Optimizer, "__init__", take)


def _pass_over(change: Change, is_passed_over: Callable[[torch.Tensor], bool]) -> None:
    """Let `step()` of SGD and Adam leave some parameters alone."""

    def step(original: Replacement, optimizer: torch.optim.Optimizer, *closure: Any) -> object:
        owned = [one for group in optimizer.param_groups for one in group["params"]]
        passed_over = [(one, one.grad) for one in owned if is_passed_over(one)]
        for parameter, _ in passed_over:
            parameter.grad = None
        result = original(optimizer, *closure)
        for parameter, gradient in passed_over:
            parameter.grad = gradient
        return result

    for kind in (torch.optim.SGD, torch.optim.Adam):
        change.method(kind, "step", step)


@counterfactual
def steps_pass_frozen_parameters_over(change: Change) -> None:
    """`step()` of SGD and Adam leaves a parameter alone that does not require grad."""
    _pass_over(change, lambda parameter: not parameter.requires_grad)


@counterfactual
def steps_pass_zero_gradients_over(change: Change) -> None:
    """`step()` of SGD and Adam leaves a parameter alone whose gradient is zeros."""
    _pass_over(change, lambda parameter: parameter.grad is not None and not parameter.grad.any())


@counterfactual
def steps_decay_parameters_without_gradient(change: Change) -> None:
    """`step()` of SGD and Adam takes a missing gradient for zeros."""

    def step(original: Replacement, optimizer: torch.optim.Optimizer, *closure: Any) -> object:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
        return original(optimizer, *closure)

    for kind in (torch.optim.SGD, torch.optim.Adam):
        change.method(kind, "step", step)


@counterfactual
def steps_do_nothing(change: Change) -> None:
    """`step()` of SGD and Adam moves no parameter."""
    for kind in (torch.optim.SGD, torch.optim.Adam):
        change.method(kind, "step", lambda _, _optimizer, *_closure: None)
