"""Claims about the steps of a training loop, and the order in which they must come."""

import re
from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals


@claim(
    refuted_by=[
        counterfactuals.backward_moves_the_parameters,
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def backward_alone_moves_no_parameter() -> None:
    """`backward()` fills `.grad` and leaves the parameter's value; `optimizer.step()` moves it."""
    weight = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)

    (weight * 3).backward()
    after_backward = weight.item()
    optimizer.step()

    assert after_backward == 1.0
    assert weight.grad.tolist() == [3.0]
    assert weight.item() == -2.0


@claim(
    refuted_by=[counterfactuals.zero_grad_clears_the_graph, counterfactuals.zero_grad_does_nothing]
)
def gradient_may_be_cleared_anywhere_from_step_to_backward() -> None:
    """Clearing just after `step()` or before `backward()` trains alike, before `step()` nothing."""
    trained = {}
    for place in ("before the forward pass", "before backward", "after step", "before step", "-"):
        weight = nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([weight], lr=0.25)
        for _ in range(2):
            if place == "before the forward pass":
                optimizer.zero_grad()
            loss = (weight**2).sum()
            if place == "before backward":
                optimizer.zero_grad()
            loss.backward()
            if place == "before step":
                optimizer.zero_grad()
            optimizer.step()
            if place == "after step":
                optimizer.zero_grad()
        trained[place] = weight.item()

    assert trained == {
        "before the forward pass": 0.25,
        "before backward": 0.25,
        "after step": 0.25,
        "before step": 1.0,
        "-": -0.25,
    }


@claim(refuted_by=[counterfactuals.backward_overwrites, counterfactuals.zero_grad_does_nothing])
def gradient_never_cleared_swings_past_the_minimum() -> None:
    """SGD on `w² / 2` stops at 0 with clearing, and swings on past it if never cleared."""
    seen = {}
    for clear in (True, False):
        weight = nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([weight], lr=1.0)
        seen[clear] = []
        for _ in range(6):
            if clear:
                optimizer.zero_grad()
            (weight**2 / 2).backward()
            optimizer.step()
            seen[clear].append(weight.item())

    assert seen[True] == [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert seen[False] == [0.0, -1.0, -1.0, 0.0, 1.0, 1.0]


@claim(rival=nn.MSELoss)
def bce_with_logits_refuses_labels_of_another_shape(
    loss: Callable[[], nn.Module] = nn.BCEWithLogitsLoss,
) -> None:
    """`BCEWithLogitsLoss` refuses labels of shape `(4,)` for logits of shape `(4, 1)`."""
    logits = torch.zeros(4, 1, requires_grad=True)
    labels = torch.ones(4)
    loss_function = loss()

    message = "Target size (torch.Size([4])) must be the same as input size (torch.Size([4, 1]))"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$") as caught:
        loss_function(logits, labels)
    loss_function(logits, labels.unsqueeze(1)).backward()

    assert logits.grad.tolist() == [[-0.125], [-0.125], [-0.125], [-0.125]]
    print(caught.value)


@claim(rival=nn.MSELoss)
def bce_with_logits_refuses_integer_labels(
    loss: Callable[[], nn.Module] = nn.BCEWithLogitsLoss,
) -> None:
    """`BCEWithLogitsLoss` refuses integer labels and takes them after `labels.float()`."""
    logits = torch.zeros(2, 1, requires_grad=True)
    labels = torch.tensor([[0], [1]])
    loss_function = loss()

    message = "result type Float can't be cast to the desired output type Long"
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        loss_function(logits, labels)
    loss_function(logits, labels.float()).backward()

    assert logits.grad.tolist() == [[0.25], [-0.25]]
    print(caught.value)
