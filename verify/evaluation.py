"""Claims about train mode and eval mode of modules.

However long: each claim is read by itself.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from mkdocs_claims import claim
from verify import counterfactuals


@claim(
    refuted_by=[
        counterfactuals.eval_does_nothing,
        counterfactuals.train_and_eval_reach_only_the_module_itself,
    ]
)
def eval_does_what_train_false_does() -> None:
    """`eval()` sets the flags that `train(False)` sets, and both return the module."""
    by_eval = nn.Sequential(nn.Linear(1, 1), nn.Dropout())
    by_train = nn.Sequential(nn.Linear(1, 1), nn.Dropout())

    assert by_eval.eval() is by_eval
    assert by_train.train(mode=False) is by_train

    assert [module.training for module in by_eval.modules()] == [False, False, False]
    assert [module.training for module in by_train.modules()] == [False, False, False]
    assert [module.training for module in by_train.train().modules()] == [True, True, True]


@claim(
    refuted_by=[
        counterfactuals.eval_does_nothing,
        counterfactuals.no_grad_restores_train_mode,
        counterfactuals.dropout_never_drops,
        counterfactuals.no_grad_never_ends,
    ]
)
def eval_outlasts_the_block_it_was_called_in() -> None:
    """`model.eval()` in a `no_grad` block outlasts it: dropout drops nothing until `train()`."""
    dropout = nn.Dropout(0.5)
    ones = torch.ones(100, requires_grad=True)

    with torch.no_grad():
        dropout.eval()
    after_the_block = dropout(ones)
    dropout.train()
    after_train = dropout(ones)

    assert torch.is_grad_enabled() is True
    assert torch.equal(after_the_block, ones)
    assert set(after_train.tolist()) == {0.0, 2.0}


@claim(
    refuted_by=[
        counterfactuals.no_grad_does_nothing,
        counterfactuals.no_grad_restores_train_mode,
        counterfactuals.eval_turns_gradients_off,
    ],
    rival=lambda _: torch.set_grad_enabled(True),
)
def train_under_no_grad_turns_no_recording_on(
    train: Callable[[nn.Module], object] = lambda model: model.train(),
) -> None:
    """`model.train()` in a `no_grad` block turns no recording on, and its mode stays."""
    model = nn.Linear(2, 1).eval()

    with torch.no_grad():
        train(model)
        inside = model(torch.ones(1, 2))
    after = model(torch.ones(1, 2))

    assert inside.grad_fn is None
    assert after.grad_fn is not None
    assert model.training is True


@claim(
    refuted_by=[
        counterfactuals.eval_turns_gradients_off,
        counterfactuals.modes_call_eval,
        counterfactuals.train_and_eval_reach_only_the_module_itself,
        counterfactuals.no_grad_does_nothing,
    ]
)
def eval_mode_and_no_grad_do_not_replace_each_other() -> None:
    """`no_grad` alone leaves dropout on, `eval()` alone records, and both together do neither."""
    model = nn.Sequential(nn.Linear(1, 100, bias=False), nn.Dropout(0.5))
    nn.init.ones_(model[0].weight)
    x = torch.ones(1, 1)

    model.train()
    with torch.no_grad():
        no_grad_alone = model(x)
    model.eval()
    eval_alone = model(x)
    with torch.no_grad():
        both = model(x)

    assert no_grad_alone.grad_fn is None
    assert set(no_grad_alone.flatten().tolist()) == {0.0, 2.0}
    assert eval_alone.grad_fn is not None
    assert set(eval_alone.flatten().tolist()) == {1.0}
    assert both.grad_fn is None
    assert set(both.flatten().tolist()) == {1.0}


@claim(refuted_by=[counterfactuals.dropout_is_always_on, counterfactuals.dropout_never_drops])
def eval_mode_repeats_its_results() -> None:
    """With dropout and batch norm, an input gives the same output twice in eval mode only."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.BatchNorm1d(100), nn.Dropout(0.5))
    batch = torch.randn(2, 100)

    model.train()
    in_train_mode = model(batch), model(batch)
    model.eval()
    in_eval_mode = model(batch), model(batch)

    assert not torch.equal(*in_train_mode)
    assert torch.equal(*in_eval_mode)


@claim(
    refuted_by=[counterfactuals.eval_does_nothing, counterfactuals.dropout_never_drops],
    rival=nn.BatchNorm1d,
)
def eval_mode_leaves_linear_and_layer_norm_alone(
    norm: Callable[[int], nn.Module] = nn.LayerNorm,
) -> None:
    """`nn.Linear` and `nn.LayerNorm` compute the same in both modes, and `nn.Dropout` does not."""
    x = torch.tensor([[1.0, 2.0], [3.0, 5.0]])
    dropout = nn.Dropout(1.0)

    for unchanged in (nn.Linear(2, 2), norm(2)):
        assert torch.equal(unchanged.train()(x), unchanged.eval()(x))
    assert dropout.train()(x).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert dropout.eval()(x).tolist() == [[1.0, 2.0], [3.0, 5.0]]


@claim(
    refuted_by=[counterfactuals.batch_norm_always_uses_the_batch],
    rival=lambda: nn.BatchNorm1d(1, affine=False, momentum=0.0),
)
def batch_norm_without_running_statistics_uses_the_batch_in_eval_mode(
    make: Callable[[], nn.Module] = lambda: nn.BatchNorm1d(
        1, affine=False, track_running_stats=False
    ),
) -> None:
    """With `track_running_stats=False` batch norm uses the batch's own mean in eval mode too."""
    tracking = nn.BatchNorm1d(1, affine=False).eval()
    untracking = make().eval()
    batch = torch.tensor([[1.0], [3.0]])

    by_running_mean = tracking(batch)
    by_batch_mean = untracking(batch)

    assert by_batch_mean.sum().item() == 0.0
    assert by_running_mean.min().item() > 0.0
    assert untracking.running_mean is None


@claim(refuted_by=[counterfactuals.dropout_never_drops, counterfactuals.dropout_is_always_on])
def functional_dropout_drops_in_eval_mode() -> None:
    """`functional.dropout` drops in eval mode too, unless it is given `training=self.training`."""

    class Model(nn.Module):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return functional.dropout(x), functional.dropout(x, training=self.training)

    torch.manual_seed(0)
    ones = torch.ones(100)

    with torch.no_grad():
        without_the_flag, with_the_flag = Model().eval()(ones)

    assert set(without_the_flag.tolist()) == {0.0, 2.0}
    assert torch.equal(with_the_flag, ones)


@claim(
    refuted_by=[
        counterfactuals.eval_does_nothing,
        counterfactuals.no_grad_does_nothing,
        counterfactuals.eval_turns_gradients_off,
    ],
    rival=lambda layer: setattr(layer, "requires_grad", False),
)
def transformer_layer_in_eval_mode_runs_fused_where_nothing_is_recorded(
    freeze: Callable[[nn.Module], object] = lambda layer: layer.requires_grad_(False),
) -> None:
    """Batch-first, a `TransformerEncoderLayer` in eval mode is fused where nothing is recorded."""
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

    layer = nn.TransformerEncoderLayer(d_model=4, nhead=2, dim_feedforward=4, batch_first=True)
    layer.eval()
    x = torch.ones(1, 1, 4)

    with Listing():
        layer(x)
    in_grad_mode = list(seen)
    seen.clear()
    with torch.no_grad(), Listing():
        layer(x)
    under_no_grad = list(seen)
    seen.clear()
    freeze(layer)
    with Listing():
        layer(x)

    assert "aten._transformer_encoder_layer_fwd.default" not in in_grad_mode
    assert under_no_grad == ["aten._transformer_encoder_layer_fwd.default"]
    assert seen == ["aten._transformer_encoder_layer_fwd.default"]


@claim(
    refuted_by=[
        counterfactuals.modes_call_eval,
        counterfactuals.set_grad_enabled_ignores_its_argument,
    ]
)
def transformer_encoder_zeroes_padding_only_in_eval_mode_with_grad_off() -> None:
    """A trainable batch-first `TransformerEncoder` zeroes padding only in eval mode, grad off."""
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(2, nhead=2, dim_feedforward=2, batch_first=True)
    encoder = nn.TransformerEncoder(layer, num_layers=1)
    tokens, padding = torch.rand(1, 2, 2), torch.tensor([[False, True]])

    zeros = {}
    for training in (True, False):
        for grad in (True, False):
            encoder.train(training)
            with torch.set_grad_enabled(grad):
                output = encoder(tokens, src_key_padding_mask=padding)
            zeros[training, grad] = output[0, 1].tolist() == [0.0, 0.0]

    assert zeros == {
        (True, True): False,
        (True, False): False,
        (False, True): False,
        (False, False): True,
    }
