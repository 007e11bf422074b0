"""Claims about which parameters an optimizer moves, and by what."""

from collections.abc import Callable, Iterable
from functools import partial

import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Make = Callable[[list[nn.Parameter]], torch.optim.Optimizer]


@claim(
    refuted_by=[
        counterfactuals.optimizers_own_every_parameter,
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def optimizer_steps_only_the_parameters_it_was_given() -> None:
    """`Adam(head.parameters())` moves the head alone, though its backbone has gradients too."""
    backbone, head = nn.Linear(1, 1), nn.Linear(1, 1)
    for layer in (backbone, head):
        nn.init.ones_(layer.weight)
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-3)

    head(backbone(torch.ones(1, 1))).backward()
    optimizer.step()

    assert backbone.weight.grad.tolist() == [[1.0]]
    assert backbone.weight.item() == 1.0
    assert head.bias.grad.tolist() == [1.0]
    assert head.weight.item() != 1.0


@claim(
    refuted_by=[
        counterfactuals.steps_do_nothing,
        counterfactuals.steps_decay_parameters_without_gradient,
    ]
)
def optimizer_step_uses_whatever_grad_holds() -> None:
    """`SGD.step()` applies a `.grad` set by hand, and skips one that is None, with decay too."""
    by_hand = nn.Parameter(torch.ones(1))
    without = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([by_hand, without], lr=1.0, weight_decay=1.0)

    by_hand.grad = torch.tensor([3.0])
    optimizer.step()

    assert by_hand.item() == -3.0
    assert without.item() == 1.0


@claim(
    refuted_by=[
        counterfactuals.steps_decay_parameters_without_gradient,
        counterfactuals.optimizers_own_every_parameter,
        counterfactuals.steps_do_nothing,
    ]
)
def adam_keeps_no_state_for_a_frozen_parameter() -> None:
    """Adam and AdamW list a frozen parameter without `.grad`, and keep no state for it."""
    for optimizer_type in (torch.optim.Adam, torch.optim.AdamW):
        frozen = nn.Parameter(torch.ones(1), requires_grad=False)
        trainable = nn.Parameter(torch.ones(1))
        optimizer = optimizer_type([frozen, trainable])

        (frozen * trainable).backward()
        optimizer.step()

        assert [id(p) for p in optimizer.param_groups[0]["params"]] == [id(frozen), id(trainable)]
        assert frozen not in optimizer.state
        assert sorted(optimizer.state[trainable]) == ["exp_avg", "exp_avg_sq", "step"]


@claim(rival=lambda parameters: torch.optim.SGD(parameters, lr=1.0, momentum=0.5))
def lbfgs_takes_a_missing_gradient_for_zeros(
    make: Make = lambda parameters: torch.optim.LBFGS(parameters, max_iter=1),
) -> None:
    """`LBFGS` moves a parameter whose `.grad` became None just as if zeros were there."""

    def distance(*, set_to_none: bool) -> float:
        used, unused = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
        optimizer = make([used, unused])

        def closure(*, both: bool) -> torch.Tensor:
            optimizer.zero_grad(set_to_none=set_to_none)
            loss = used**2 + unused**2 if both else used**2
            loss.backward()
            return loss

        optimizer.step(partial(closure, both=True))
        before = unused.item()
        optimizer.step(partial(closure, both=False))

        assert (unused.grad is None) is set_to_none
        return unused.item() - before

    assert distance(set_to_none=True) == distance(set_to_none=False)
    assert distance(set_to_none=True) != 0.0


class Decaying(torch.optim.Optimizer):
    """Plain SGD that shrinks each weight first, whether it has a gradient or not."""

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        super().__init__(parameters, {"lr": 0.5, "decay": 0.5})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """Shrink each weight, then step down its gradient, if it has one."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.mul_(1 - group["lr"] * group["decay"])
                if parameter.grad is not None:
                    parameter.sub_(group["lr"] * parameter.grad)


@claim(
    refuted_by=[
        counterfactuals.optimizers_own_every_parameter,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda parameters: torch.optim.SGD(parameters, lr=0.5, weight_decay=0.5),
)
def optimizer_that_decays_without_looking_at_grad_moves_frozen_weights(
    make: Make = Decaying,
) -> None:
    """An optimizer that decays weights without `.grad` moves a frozen one, if it was given it."""
    for is_left_out in (False, True):
        frozen = nn.Parameter(torch.ones(1), requires_grad=False)
        trainable = nn.Parameter(torch.ones(1))
        given = [one for one in (frozen, trainable) if one.requires_grad or not is_left_out]
        optimizer = make(given)

        trainable.backward()
        optimizer.step()

        assert trainable.item() == 0.25
        assert frozen.item() == (1.0 if is_left_out else 0.75)


@claim(
    refuted_by=[counterfactuals.requires_grad_does_nothing],
    rival=lambda frozen: nn.Parameter(frozen.detach()),
)
def optimizers_take_a_parameter_that_does_not_require_gradients(
    same: Callable[[nn.Parameter], nn.Parameter] = lambda frozen: frozen,
) -> None:
    """SGD, Adam and AdamW take a list of parameters of which some are frozen, and keep them."""
    frozen = nn.Parameter(torch.ones(1)).requires_grad_(False)
    trainable = nn.Parameter(torch.ones(1))
    given = [same(frozen), trainable]

    for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW):
        optimizer = kind(given, lr=0.1)

        flags = [one.requires_grad for one in optimizer.param_groups[0]["params"]]
        assert flags == [False, True]


@claim(
    refuted_by=[
        counterfactuals.steps_do_nothing,
        counterfactuals.backward_adds_gradients_twice,
        counterfactuals.in_place_changes_freeze,
    ]
)
def backward_and_step_under_no_grad_move_weights_as_usual() -> None:
    """`backward()` and `step()` of SGD and Adam under `no_grad` do what they do in grad mode."""
    positions = []
    for kind, settings in (
        (torch.optim.SGD, {"lr": 0.25, "momentum": 0.5}),
        (torch.optim.Adam, {"lr": 0.5, "betas": (0.0, 0.0), "eps": 0.0}),
    ):
        for mode in (torch.enable_grad, torch.no_grad):
            weight = nn.Parameter(torch.ones(1))
            optimizer = kind([weight], **settings)
            for _ in range(2):
                loss = weight * 3
                with mode():
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
            positions.append(weight.item())

    assert positions == [-0.875, -0.875, 0.0, 0.0]
