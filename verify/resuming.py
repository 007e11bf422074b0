"""Claims about an optimizer's state dict that meets other parameter groups, as after unfreezing."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Freeze = Callable[[nn.Parameter], object]
Groups = Callable[[nn.Parameter, nn.Parameter], list[Any]]
Load = Callable[[torch.optim.Optimizer, dict[str, Any]], object]


def _adam(groups: list[Any]) -> torch.optim.Adam:
    """Return an Adam of these parameters or groups."""
    return torch.optim.Adam(groups, lr=0.1)


def _saved_after_a_step(*parameters: nn.Parameter) -> dict[str, Any]:
    """Return the state dict of an Adam of these parameters that took a step."""
    optimizer = _adam(list(parameters))
    sum(parameters).backward()
    optimizer.step()
    return copy.deepcopy(optimizer.state_dict())


@claim(rival=lambda head, _: [head])
def optimizer_refuses_a_state_dict_with_another_number_of_groups(
    groups: Groups = lambda head, body: [{"params": [head]}, {"params": [body], "lr": 0.01}],
) -> None:
    """An optimizer with two groups refuses the state dict of one, and keeps what it had."""
    head, body = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    saved = _saved_after_a_step(head)
    optimizer = _adam(groups(head, body))

    message = "loaded state dict has a different number of parameter groups"
    with pytest.raises(ValueError, match=f"^{message}$") as caught:
        optimizer.load_state_dict(saved)

    assert len(optimizer.state) == 0
    print(caught.value)


@claim(
    refuted_by=[counterfactuals.optimizers_own_every_parameter],
    rival=lambda head, _: [head],
)
def optimizer_refuses_a_state_dict_with_a_group_of_another_size(
    groups: Groups = lambda head, body: [head, body],
) -> None:
    """An optimizer refuses a state dict whose group has fewer parameters than its own, or more."""
    head, body = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    saved = _saved_after_a_step(head)
    optimizer, smaller = _adam(groups(head, body)), _adam([head])

    message = (
        "loaded state dict contains a parameter group that doesn't match the size of "
        "optimizer's group"
    )
    with pytest.raises(ValueError, match=f"^{message}$") as caught:
        optimizer.load_state_dict(saved)
    with pytest.raises(ValueError, match=f"^{message}$"):
        smaller.load_state_dict(_saved_after_a_step(head, body))

    assert (len(optimizer.state), len(smaller.state)) == (0, 0)
    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_moves_the_parameters,
    ],
    rival=lambda parameters: [one for one in parameters if one.requires_grad],
)
def optimizer_given_all_parameters_resumes_after_unfreezing(
    given: Callable[[list[nn.Parameter]], list[nn.Parameter]] = lambda parameters: parameters,
) -> None:
    """Given all parameters, frozen or not, an Adam saved before unfreezing loads after it."""
    head, body = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    body.requires_grad_(False)
    before = _adam(given([head, body]))
    (head * body).backward()
    before.step()
    saved = before.state_dict()

    body.requires_grad_(True)
    optimizer = _adam(given([head, body]))
    try:
        optimizer.load_state_dict(saved)
    except ValueError as refusal:
        raise AssertionError(refusal) from refusal
    optimizer.zero_grad()
    (head * body).backward()
    optimizer.step()

    assert [optimizer.state[one]["step"].item() for one in (head, body)] == [2.0, 1.0]
    assert body.item() < 1.0


@claim(
    refuted_by=[counterfactuals.steps_do_nothing],
    rival=lambda optimizer, group, saved: (
        optimizer.add_param_group(group) or optimizer.load_state_dict(saved)
    ),
)
def group_added_after_loading_keeps_the_old_state(
    resume: Callable[..., object] = lambda optimizer, group, saved: (
        optimizer.load_state_dict(saved) or optimizer.add_param_group(group)
    ),
) -> None:
    """Loaded before the new group is added, the old state fits, and the new weight begins anew."""
    head, body = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    saved = _saved_after_a_step(head)
    optimizer = _adam([head])

    try:
        resume(optimizer, {"params": [body], "lr": 0.01}, saved)
    except ValueError as refusal:
        raise AssertionError(refusal) from refusal

    assert {one: state["step"].item() for one, state in optimizer.state.items()} == {head: 1.0}


@claim(
    refuted_by=[counterfactuals.steps_do_nothing],
    rival=lambda optimizer, saved: optimizer.load_state_dict({**saved, "state": {}}),
)
def optimizer_state_is_matched_by_position_and_not_by_name(
    load: Load = lambda optimizer, saved: optimizer.load_state_dict(saved),
) -> None:
    """State saved for `head` loads for `body`, names or not, if the groups have the same sizes."""
    head, body = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    trained = torch.optim.Adam([("head", head)], lr=0.1)
    head.sum().backward()
    trained.step()
    optimizer = torch.optim.Adam([("body", body)], lr=0.1)

    load(optimizer, trained.state_dict())

    assert {one: state["step"].item() for one, state in optimizer.state.items()} == {body: 1.0}


@claim(
    refuted_by=[counterfactuals.steps_do_nothing],
    rival=lambda optimizer, saved: optimizer.load_state_dict({**saved, "state": {}}),
)
def state_of_another_shape_loads_and_raises_in_the_next_step(
    load: Load = lambda optimizer, saved: optimizer.load_state_dict(saved),
) -> None:
    """State for a weight of another shape loads, and the next `step()` raises a RuntimeError."""
    matrix, vector = nn.Parameter(torch.ones(2, 3)), nn.Parameter(torch.ones(3))
    trained = _adam([matrix])
    matrix.sum().backward()
    trained.step()
    optimizer = _adam([vector])
    load(optimizer, trained.state_dict())
    vector.sum().backward()

    with pytest.raises(RuntimeError, match="doesn't match the broadcast shape") as caught:
        optimizer.step()
    print(caught.value)


@claim(rival=lambda optimizer, saved: optimizer.state.update(saved["state"]))
def loading_an_optimizers_state_brings_back_the_saved_learning_rate(
    load: Load = lambda optimizer, saved: optimizer.load_state_dict(saved),
) -> None:
    """`load_state_dict` of an optimizer overwrites the learning rate that it was made with."""
    weight = nn.Parameter(torch.ones(1))
    saved = torch.optim.SGD([weight], lr=0.5).state_dict()
    optimizer = torch.optim.SGD([weight], lr=0.125)

    load(optimizer, saved)

    assert optimizer.param_groups[0]["lr"] == 0.5
