"""Claims about batch norm: its running statistics, what moves them, which mode uses them.

However long: each claim is read by itself.
"""

import re
from collections.abc import Callable

import pytest
import torch
from torch import nn

from mkdocs_claims import claim
from verify import counterfactuals

ONE_VALUE = (
    "Expected more than 1 value per channel when training, got input size torch.Size([1, 3])"
)


@claim(refuted_by=[counterfactuals.running_statistics_never_move])
def running_statistics_move_by_the_momentum() -> None:
    """A batch in train mode moves the running mean `momentum` (0.1) of the way to its own mean."""
    norm = nn.BatchNorm1d(1, momentum=0.5)
    batch = torch.tensor([[1.0], [3.0]])  # mean 2, variance 2

    by_default = nn.BatchNorm1d(1)
    means, variances = [norm.running_mean.item()], [norm.running_var.item()]

    for _ in range(2):
        norm(batch)
        means.append(norm.running_mean.item())
        variances.append(norm.running_var.item())
    by_default(batch * 10)

    assert means == [0.0, 1.0, 1.5]
    assert variances == [1.0, 1.5, 1.75]
    assert by_default.running_mean.item() == 2.0


@claim(
    refuted_by=[
        counterfactuals.running_statistics_never_move,
        counterfactuals.batch_norm_always_uses_the_batch,
    ]
)
def batch_norm_keeps_another_variance_than_it_uses() -> None:
    """Train mode divides by the batch's biased variance, and `running_var` gets the unbiased."""
    norm = nn.BatchNorm1d(1, momentum=1.0)
    batch = torch.tensor([[0.0], [4.0]])  # variance 4 if divided by 2, 8 if divided by 1

    in_train_mode = norm(batch).flatten().tolist()
    in_eval_mode = norm.eval()(batch).flatten().tolist()

    assert norm.running_mean.item() == 2.0
    assert norm.running_var.item() == 8.0
    rounded = [round(value, 3) for value in (*in_train_mode, *in_eval_mode)]
    assert rounded == [-1.0, 1.0, -0.707, 0.707]


@claim(refuted_by=[counterfactuals.running_statistics_never_move], rival=lambda: nn.BatchNorm1d(1))
def momentum_none_averages_all_batches(
    make: Callable[[], nn.Module] = lambda: nn.BatchNorm1d(1, momentum=None),
) -> None:
    """With `momentum=None` the running mean is the plain average of all batches' means."""
    norm = make()

    for mean in (3.0, 6.0, 9.0):
        norm(torch.tensor([[mean - 1], [mean + 1]]))

    assert norm.running_mean.item() == 6.0


@claim(
    refuted_by=[counterfactuals.eval_does_nothing, counterfactuals.modes_call_eval],
    rival=lambda: nn.BatchNorm1d(3).eval(),
)
def batch_of_one_raises_in_train_mode(
    make: Callable[[], nn.Module] = lambda: nn.BatchNorm1d(3),
) -> None:
    """`BatchNorm1d` refuses a single sample in train mode, under `no_grad` too, and not in eval."""
    norm = make()
    sample = torch.ones(1, 3)

    with pytest.raises(ValueError, match=f"^{re.escape(ONE_VALUE)}$") as caught:
        norm(sample)
    with torch.no_grad(), pytest.raises(ValueError, match=f"^{re.escape(ONE_VALUE)}$"):
        norm(sample)
    norm.eval()(sample)

    print(caught.value)


@claim(refuted_by=[counterfactuals.eval_does_nothing], rival=lambda: nn.BatchNorm1d(3).eval())
def batch_norm_without_statistics_refuses_one_sample_in_eval_mode(
    make: Callable[[], nn.Module] = lambda: nn.BatchNorm1d(3, track_running_stats=False).eval(),
) -> None:
    """With `track_running_stats=False` batch norm refuses a single sample in eval mode, too."""
    norm = make()

    with pytest.raises(ValueError, match=f"^{re.escape(ONE_VALUE)}$"):
        norm(torch.ones(1, 3))

    assert norm.training is False


@claim(
    refuted_by=[counterfactuals.running_statistics_never_move], rival=lambda: torch.ones(1, 3, 1, 1)
)
def one_image_is_enough_if_it_has_more_than_one_pixel(
    make: Callable[[], torch.Tensor] = lambda: torch.ones(1, 3, 2, 2),
) -> None:
    """`BatchNorm2d` takes a single image in train mode if it has more than one pixel."""
    norm = nn.BatchNorm2d(3, momentum=0.5)

    norm(make())

    assert norm.running_mean.tolist() == [0.5, 0.5, 0.5]


@claim(refuted_by=[counterfactuals.running_statistics_never_move])
def batch_that_is_run_twice_counts_twice() -> None:
    """Two forward passes on a batch in train mode move the running mean twice, with no step."""
    norm = nn.BatchNorm1d(1, momentum=0.5)
    batch = torch.tensor([[1.0], [3.0]])

    means = []
    for _ in range(2):
        norm(batch)
        means.append(norm.running_mean.item())

    assert means == [1.0, 1.5]


@claim(rival=lambda norm: norm.eval())
def momentum_of_zero_still_normalises_by_the_batch(
    stop: Callable[[nn.Module], object] = lambda norm: setattr(norm, "momentum", 0.0),
) -> None:
    """With `momentum=0` the running mean stays, and train mode still uses the batch's own."""
    norm = nn.BatchNorm1d(1)
    stop(norm)

    normalised = norm(torch.tensor([[9.0], [11.0]]))

    rounded = [round(value, 3) for value in normalised.flatten().tolist()]
    assert (norm.running_mean.item(), rounded) == (0.0, [-1.0, 1.0])


@claim(
    refuted_by=[counterfactuals.batch_norm_always_uses_the_batch],
    rival=lambda: nn.BatchNorm1d(1, track_running_stats=False),
)
def track_running_stats_set_later_only_stops_the_update(
    make: Callable[[], nn.Module] = lambda: nn.BatchNorm1d(1),
) -> None:
    """`track_running_stats = False` set later stops the update; eval mode uses the old mean."""
    norm = make()
    norm.track_running_stats = False
    batch = torch.tensor([[9.0], [11.0]])

    norm(batch)
    in_eval_mode = norm.eval()(batch)

    rounded = [round(value) for value in in_eval_mode.flatten().tolist()]
    assert norm.running_mean is not None
    assert (norm.running_mean.item(), rounded) == (0.0, [9, 11])


@claim(
    refuted_by=[
        counterfactuals.eval_turns_gradients_off,
        counterfactuals.running_statistics_never_move,
        counterfactuals.eval_does_nothing,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda norm: norm.requires_grad_(False),
)
def batch_norm_in_eval_mode_still_trains_its_weight(
    hold: Callable[[nn.Module], object] = lambda norm: norm.eval(),
) -> None:
    """In eval mode batch norm's running mean stays, and its weight and bias get gradients."""
    norm = nn.BatchNorm1d(1, momentum=0.5)
    norm(torch.tensor([[1.0], [3.0]]))
    hold(norm)

    norm(torch.tensor([[9.0], [11.0]])).sum().backward()

    assert norm.running_mean.item() == 1.0
    assert norm.bias.grad is not None
    assert norm.bias.grad.tolist() == [2.0]


@claim(
    refuted_by=[
        counterfactuals.batch_norm_always_uses_the_batch,
        counterfactuals.eval_does_nothing,
    ]
)
def prediction_depends_on_the_batch_in_train_mode_only() -> None:
    """What a sample gives depends on the rest of its batch in train mode, and not in eval mode."""
    norm = nn.BatchNorm1d(1)
    one_batch, other_batch = torch.tensor([[1.0], [3.0]]), torch.tensor([[1.0], [-1.0]])

    in_train_mode = norm(one_batch)[0].item(), norm(other_batch)[0].item()
    norm.eval()
    in_eval_mode = norm(one_batch)[0].item(), norm(other_batch)[0].item()

    agree = {"train": len(set(in_train_mode)) == 1, "eval": len(set(in_eval_mode)) == 1}
    assert agree == {"train": False, "eval": True}


@claim(
    refuted_by=[
        counterfactuals.running_statistics_never_move,
        counterfactuals.batch_norm_always_uses_the_batch,
    ]
)
def nan_in_one_batch_stays_in_the_running_mean() -> None:
    """One batch with a nan makes the running mean nan for good: eval mode gives nan, train not."""
    norm = nn.BatchNorm1d(1)
    batch = torch.tensor([[1.0], [3.0]])

    norm(torch.tensor([[1.0], [float("nan")]]))
    for _ in range(100):
        in_train_mode = norm(batch)
    in_eval_mode = norm.eval()(batch)

    assert norm.running_mean.isnan().tolist() == [True]
    assert [one.isnan().any().item() for one in (in_train_mode, in_eval_mode)] == [False, True]


@claim(refuted_by=[counterfactuals.running_statistics_never_move])
def running_statistics_can_be_taken_anew_without_training() -> None:
    """Reset, with `momentum=None`, batch norm takes its mean anew from passes under `no_grad`."""
    norm = nn.BatchNorm1d(1)
    norm(torch.tensor([[-100.0], [-98.0]]))

    norm.reset_running_stats()
    norm.momentum = None
    with torch.no_grad():
        for mean in (9.0, 11.0):
            norm(torch.tensor([[mean - 1], [mean + 1]]))

    assert norm.running_mean.item() == 10.0
    assert norm.running_var.item() == 2.0


@claim(rival=lambda: nn.BatchNorm1d(2))
def group_norm_and_instance_norm_compute_the_same_in_both_modes(
    make: Callable[[], nn.Module] = lambda: nn.InstanceNorm1d(2),
) -> None:
    """`GroupNorm` and, as it comes, `InstanceNorm1d` compute the same in train and eval mode."""
    x = torch.arange(12.0).reshape(2, 2, 3)

    for norm in (make(), nn.GroupNorm(1, 2)):
        in_train_mode = norm.train()(x)
        in_eval_mode = norm.eval()(x)

        assert torch.equal(in_train_mode, in_eval_mode)


@claim(
    refuted_by=[counterfactuals.running_statistics_never_move],
    rival=lambda norm: norm.state_dict(),
)
def parameters_alone_leave_the_running_statistics_behind(
    save: Callable[[nn.Module], dict[str, torch.Tensor]] = lambda norm: dict(
        norm.named_parameters()
    ),
) -> None:
    """`load_state_dict(strict=False)` of parameters alone leaves a fresh running mean at 0."""
    trained, fresh = nn.BatchNorm1d(1, momentum=1.0), nn.BatchNorm1d(1)
    trained(torch.tensor([[9.0], [11.0]]))

    missing = fresh.load_state_dict(save(trained), strict=False).missing_keys

    assert trained.running_mean.item() == 10.0
    assert fresh.running_mean.item() == 0.0
    assert missing == ["running_mean", "running_var"]


@claim(rival=lambda: nn.BatchNorm1d(1).eval())
def batch_of_two_becomes_minus_one_and_one_whatever_its_values(
    make: Callable[[], nn.Module] = lambda: nn.BatchNorm1d(1),
) -> None:
    """`BatchNorm1d` turns two values in train mode into -1 and 1, be they 4 or 990 apart."""
    norm = make()

    for pair in ([8.0, 12.0], [10.0, 1000.0], [-3.0, 40.0]):
        normalised = norm(torch.tensor(pair).unsqueeze(1))

        assert [round(value, 3) for value in normalised.flatten().tolist()] == [-1.0, 1.0]


@claim(
    refuted_by=[
        counterfactuals.batch_norm_always_uses_the_batch,
        counterfactuals.eval_does_nothing,
    ]
)
def eval_mode_output_in_another_batch_size_differs_by_rounding_at_most() -> None:
    """In eval mode a sample gives the same alone and in a batch of 16, within 0.00001."""
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(288, 4)
    )
    model.eval()
    images = torch.randn(16, 3, 8, 8)

    alone, together = model(images[:1]), model(images)[:1]

    assert torch.allclose(alone, together, rtol=0.0, atol=1e-5)


@claim(
    refuted_by=[counterfactuals.requires_grad_does_nothing, counterfactuals.no_grad_does_nothing],
    rival=lambda statistic: statistic.requires_grad_(False),
)
def running_statistics_that_require_grad_are_refused_in_both_modes(
    ask: Callable[[torch.Tensor], torch.Tensor] = lambda statistic: statistic.requires_grad_(),
) -> None:
    """With `requires_grad` on its running mean, batch norm raises in both modes, with grad on."""
    norm, batch = nn.BatchNorm1d(1), torch.tensor([[1.0], [3.0]])

    ask(norm.running_mean)

    message = (
        "The function 'native_batch_norm' is not differentiable with respect to argument "
        "'running_mean'. This input cannot have requires_grad True."
    )
    for mode in (True, False):
        with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$") as caught:
            norm.train(mode)(batch)
        with torch.no_grad():
            norm(batch)

    print(caught.value)


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.parameters_include_buffers,
    ],
    rival=lambda norm: norm.running_mean.requires_grad_(),
)
def flag_of_a_module_does_not_reach_its_buffers(
    unfreeze: Callable[[nn.Module], object] = lambda norm: norm.requires_grad_(True),
) -> None:
    """`norm.requires_grad_(True)` sets weight and bias, and leaves the running mean at False."""
    norm = nn.BatchNorm1d(1)
    norm.weight.requires_grad = norm.bias.requires_grad = False

    unfreeze(norm)

    assert [norm.running_mean.requires_grad, norm.running_var.requires_grad] == [False, False]
    assert [norm.weight.requires_grad, norm.bias.requires_grad] == [True, True]
