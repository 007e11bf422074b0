"""Claims about a recurrent state that is carried on: where `backward()` raises, what is kept."""

import weakref
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from mkdocs_claims import claim
from verify import counterfactuals

State = tuple[torch.Tensor, torch.Tensor]

SECOND_TIME = "Trying to backward through the graph a second time"


@claim(
    refuted_by=[
        counterfactuals.graphs_are_never_freed,
        counterfactuals.backward_does_nothing,
    ],
    rival=lambda state: state.detach(),
)
def state_carried_into_the_next_chunk_makes_its_backward_raise(
    carry: Callable[[torch.Tensor], torch.Tensor] = lambda state: state,
) -> None:
    """A state that is carried on undetached makes the second chunk's `backward()` raise."""
    network, chunk = nn.RNN(1, 1), torch.ones(2, 1, 1)

    out, state = network(chunk)
    out.sum().backward()
    out, _ = network(chunk, carry(state))
    with pytest.raises(RuntimeError, match=f"^{SECOND_TIME}") as caught:
        out.sum().backward()

    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.graphs_are_never_freed,
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.backward_does_nothing,
    ],
    rival=lambda state: (state[0].detach(), state[1].detach()),
)
def lstm_needs_both_parts_of_its_state_detached(
    cut: Callable[[State], State] = lambda state: (state[0].detach(), state[1]),
) -> None:
    """With `h` or `c` not detached, an LSTM's next `backward()` raises; with both it runs."""
    network, chunk = nn.LSTM(1, 1), torch.ones(2, 1, 1)

    for carry in (cut, lambda state: (state[0], state[1].detach()), lambda state: state):
        out, state = network(chunk)
        out.sum().backward()
        out, _ = network(chunk, carry(state))
        with pytest.raises(RuntimeError, match=f"^{SECOND_TIME}"):
            out.sum().backward()
    out, state = network(chunk)
    out.sum().backward()
    out, _ = network(chunk, tuple(one.detach() for one in state))
    network.zero_grad()
    out.sum().backward()

    assert network.weight_ih_l0.grad is not None


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.in_place_changes_go_unnoticed],
    rival=lambda state: state.detach(),
)
def retaining_the_graph_over_a_step_raises_in_the_next_chunk(
    carry: Callable[[torch.Tensor], torch.Tensor] = lambda state: state,
) -> None:
    """`retain_graph=True` changes the error: `step()` has changed what the first chunk saved."""
    network, chunk = nn.RNN(1, 1), torch.ones(2, 1, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)

    out, state = network(chunk)
    out.sum().backward(retain_graph=True)
    optimizer.step()
    out, _ = network(chunk, carry(state))
    message = "one of the variables needed for gradient computation has been modified by an inplace"
    with pytest.raises(RuntimeError, match=f"^{message}") as caught:
        out.sum().backward(retain_graph=True)

    print(str(caught.value).split(":")[0])


@claim(
    refuted_by=[counterfactuals.backward_adds_gradients_twice],
    rival=lambda state: state.detach(),
)
def retained_graph_goes_back_to_the_first_chunk_each_time(
    carry: Callable[[torch.Tensor], torch.Tensor] = lambda state: state,
) -> None:
    """Where no step comes between, `retain_graph=True` has each `backward()` visit all chunks."""
    weight, state = torch.tensor(1.0, requires_grad=True), torch.tensor(1.0)
    visited: list[str] = []

    for chunk in ("first", "second"):
        state = carry(state) * weight
        state.register_hook(lambda _, chunk=chunk: visited.append(chunk))
        state.backward(retain_graph=True)

    assert visited == ["first", "second", "first"]


@claim(
    refuted_by=[counterfactuals.graphs_are_never_freed, counterfactuals.backward_does_nothing],
    rival=lambda loss: loss,
)
def only_a_backward_per_chunk_saves_memory(
    end_chunk: Callable[[torch.Tensor], object] = lambda loss: loss.backward(),
) -> None:
    """Detaching alone keeps what 3 chunks saved; a `backward()` after each keeps that of one."""
    alive: weakref.WeakSet[torch.Tensor] = weakref.WeakSet()
    most = {}

    def keep(saved: torch.Tensor) -> torch.Tensor:
        alive.add(kept := saved.detach())
        return kept

    for per_chunk in (False, True):
        weight, state = torch.tensor(0.5, requires_grad=True), torch.tensor(1.0)
        losses, most[per_chunk] = [], 0
        for _ in range(3):
            state = state.detach()
            with saved_tensors_hooks(keep, lambda one: one):
                for _ in range(2):
                    state = (weight * state).tanh()
            most[per_chunk] = max(most[per_chunk], len(alive))
            losses.append(state * 1)
            if per_chunk:
                end_chunk(losses[-1])
        del losses, state

    assert most[False] == 3 * most[True]


@claim(
    refuted_by=[
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.backward_overwrites,
    ]
)
def backward_per_chunk_gives_the_gradient_of_the_summed_losses() -> None:
    """With the state detached between chunks, a `backward()` for each and one for all agree."""
    gradients = []
    for per_chunk in (False, True):
        weight, state = torch.tensor(2.0, requires_grad=True), torch.tensor(1.0)
        losses = []
        for _ in range(2):
            state = state.detach() * weight
            losses.append(state)
            if per_chunk:
                state.backward()
        if not per_chunk:
            sum(losses).backward()
        gradients.append(weight.grad.item())

    assert gradients == [3.0, 3.0]


@claim(rival=lambda: nn.GRU(1, 1))
def state_of_an_lstm_is_a_tuple_without_detach(
    make: Callable[[], nn.Module] = lambda: nn.LSTM(1, 1),
) -> None:
    """`detach()` on the state of an `nn.LSTM` raises: it is a tuple `(h, c)`."""
    _, state = make()(torch.ones(1, 1, 1))

    message = "'tuple' object has no attribute 'detach'"
    with pytest.raises(AttributeError, match=f"^{message}$") as caught:
        state.detach()

    print(caught.value)


@claim(
    refuted_by=[counterfactuals.graphs_are_never_freed],
    rival=lambda start: start.detach(),
)
def trainable_first_state_that_was_computed_once_raises_in_the_second_chunk(
    reuse: Callable[[torch.Tensor], torch.Tensor] = lambda start: start,
) -> None:
    """A first state computed once, before the loop, makes the second `backward()` raise, too."""
    weight = torch.tensor(1.0, requires_grad=True)
    start = (weight * 2).exp()

    (reuse(start) * weight).backward()
    with pytest.raises(RuntimeError, match=f"^{SECOND_TIME}") as caught:
        (reuse(start) * weight).backward()

    print(caught.value)
