"""Claims about a hidden state between two sequences: begun anew, zeroed in place, or detached."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Start = Callable[[torch.Tensor], torch.Tensor]

SECOND_TIME = "Trying to backward through the graph a second time"


@claim(
    refuted_by=[counterfactuals.zero_grad_does_nothing],
    rival=lambda state: state.detach(),
)
def new_zeros_as_a_state_do_as_no_state(begin: Start = torch.zeros_like) -> None:
    """A state of `torch.zeros_like(h)` gives what no state gives, and leads to no old graph."""
    network, sequence = nn.RNN(1, 1, bias=False), torch.ones(2, 1, 1)
    for weight in network.parameters():
        nn.init.ones_(weight)

    out, state = network(sequence)
    out.sum().backward()
    of_one_sequence = network.weight_hh_l0.grad.clone()
    network.zero_grad()
    again, _ = network(sequence, begin(state))
    again.sum().backward()

    assert torch.equal(again, out)
    assert torch.equal(network.weight_hh_l0.grad, of_one_sequence)


@claim(
    refuted_by=[counterfactuals.graphs_are_never_freed, counterfactuals.backward_does_nothing],
    rival=lambda state: state.detach_().zero_(),
)
def state_times_zero_still_leads_to_the_old_graph(begin: Start = lambda state: state * 0) -> None:
    """`h * 0` and `h.zero_()` have the value of a new state, and `backward()` raises as before."""
    network, sequence = nn.RNN(1, 1), torch.ones(2, 1, 1)

    for zeroed in (begin, torch.Tensor.zero_):
        out, state = network(sequence)
        out.sum().backward()
        out, _ = network(sequence, zeroed(state))
        with pytest.raises(RuntimeError, match=f"^{SECOND_TIME}") as caught:
            out.sum().backward()

    print(caught.value)
