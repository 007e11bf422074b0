"""Claims about two networks that are trained against each other."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

Operation = Callable[[torch.Tensor], torch.Tensor]
Score = Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]


@claim(
    refuted_by=[
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def detached_fakes_give_the_discriminator_the_same_gradient() -> None:
    """Detached or not, fakes give the discriminator one gradient; undetached, the generator too."""
    gradients = {}
    for detached in (False, True):
        generator, discriminator = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
        for network in (generator, discriminator):
            nn.init.constant_(network.weight, 2.0)

        fakes = generator(torch.ones(1, 1))
        discriminator(fakes.detach() if detached else fakes).backward()
        gradients[detached] = discriminator.weight.grad, generator.weight.grad

    assert gradients[True] == (2.0, None)
    assert gradients[False] == (2.0, 2.0)


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.backward_does_nothing,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_needs_no_graph,
    ]
)
def generator_step_on_fakes_from_no_grad_raises_only_with_a_frozen_discriminator() -> None:
    """Fakes from `no_grad` train no generator, and raise only if the discriminator is frozen."""
    generator, discriminator = nn.Linear(1, 1), nn.Linear(1, 1)

    with torch.no_grad():
        fakes = generator(torch.ones(1, 1))
    discriminator(fakes).backward()

    assert generator.weight.grad is None
    assert discriminator.weight.grad is not None

    discriminator.requires_grad_(False)
    message = "element 0 of tensors does not require grad and does not have a grad_fn"
    with pytest.raises(RuntimeError, match=f"^{message}$") as caught:
        discriminator(fakes).backward()

    print(caught.value)


@claim(refuted_by=[counterfactuals.no_grad_does_nothing, counterfactuals.backward_needs_no_graph])
def discriminator_under_no_grad_stops_the_generators_gradient() -> None:
    """With the discriminator under `no_grad`, the generator's loss raises in `backward()`."""
    generator, discriminator = nn.Linear(1, 1), nn.Linear(1, 1)

    with torch.no_grad():
        score = discriminator(generator(torch.ones(1, 1)))
    message = "element 0 of tensors does not require grad and does not have a grad_fn"
    with pytest.raises(RuntimeError, match=f"^{message}$"):
        score.backward()

    assert score.requires_grad is False


@claim(
    refuted_by=[
        counterfactuals.zero_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def generator_step_leaves_a_gradient_in_the_discriminator() -> None:
    """The generator's `backward()` fills the discriminator's `.grad`; clearing G's leaves that."""
    generator, discriminator = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    for network in (generator, discriminator):
        nn.init.constant_(network.weight, 2.0)
    optimizers = [torch.optim.SGD(one.parameters()) for one in (generator, discriminator)]

    discriminator(generator(torch.ones(1, 1))).backward()
    optimizers[0].zero_grad()
    left = discriminator.weight.grad.item()
    discriminator(torch.ones(1, 1)).backward()
    added_up = discriminator.weight.grad.item()
    optimizers[1].zero_grad()
    discriminator(torch.ones(1, 1)).backward()

    assert generator.weight.grad is None
    assert left == 2.0
    assert added_up == 3.0
    assert discriminator.weight.grad.item() == 1.0


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.frozen_modules_stop_the_gradient,
        counterfactuals.backward_adds_gradients_twice,
    ]
)
def frozen_discriminator_gives_the_generator_the_same_gradient() -> None:
    """Frozen for the generator's step, a discriminator hands the same gradient on and gets none."""
    generator, discriminator = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.constant_(discriminator.weight, 2.0)
    gradients = []

    for frozen in (False, True):
        generator.zero_grad()
        discriminator.zero_grad()
        discriminator.requires_grad_(not frozen)
        discriminator(generator(torch.ones(1, 1))).backward()
        gradients.append(generator.weight.grad.item())

    assert gradients == [2.0, 2.0]
    assert discriminator.weight.grad is None


@claim(
    refuted_by=[
        counterfactuals.graphs_are_never_freed,
        counterfactuals.detach_returns_the_tensor_itself,
        counterfactuals.backward_does_nothing,
    ],
    rival=lambda fakes: fakes.detach(),
)
def fakes_serve_both_steps_only_if_they_are_detached_for_the_first(
    hand_over: Operation = lambda fakes: fakes,
) -> None:
    """Undetached in the discriminator's step, the same fakes make the generator's step raise."""
    generator, discriminator = nn.Sequential(nn.Linear(1, 1), nn.Tanh()), nn.Linear(1, 1)

    fakes = generator(torch.ones(1, 1))
    discriminator(fakes.detach()).backward()
    discriminator(fakes).backward()
    after_detached = generator[0].weight.grad is not None
    fakes = generator(torch.ones(1, 1))
    discriminator(hand_over(fakes)).backward()
    message = "Trying to backward through the graph a second time"
    with pytest.raises(RuntimeError, match=f"^{message}") as caught:
        discriminator(fakes).backward()

    assert after_detached is True
    print(caught.value)


@claim(
    refuted_by=[counterfactuals.steps_do_nothing, counterfactuals.in_place_changes_go_unnoticed],
    rival=lambda discriminator, fakes, _: discriminator(fakes),
)
def score_from_before_the_discriminators_step_cannot_train_the_generator(
    score: Score = lambda _discriminator, _fakes, before: before,
) -> None:
    """A score from before the discriminator's `step()` raises in `backward()`; a new one works."""
    generator, discriminator = nn.Linear(1, 1), nn.Linear(1, 1)
    optimizer = torch.optim.SGD(discriminator.parameters(), lr=0.1)

    fakes = generator(torch.ones(1, 1))
    before = discriminator(fakes)
    discriminator(fakes.detach()).backward()
    optimizer.step()
    message = "one of the variables needed for gradient computation has been modified by an inplace"
    with pytest.raises(RuntimeError, match=f"^{message}") as caught:
        score(discriminator, fakes, before).backward()

    print(str(caught.value).split(":")[0])
