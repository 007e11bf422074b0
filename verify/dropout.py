"""Claims about dropout: when it drops, what it does to a gradient, what turns it on and off."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional

from mkdocs_claims import claim
from verify import counterfactuals


@claim(refuted_by=[counterfactuals.dropout_never_drops])
def dropout_scales_what_it_keeps() -> None:
    """In train mode `nn.Dropout(p)` zeroes some values and multiplies the others by `1/(1-p)`."""
    ones = torch.ones(1000)

    assert set(nn.Dropout(0.5)(ones).tolist()) == {0.0, 2.0}
    assert set(nn.Dropout(0.75)(ones).tolist()) == {0.0, 4.0}


@claim(refuted_by=[counterfactuals.eval_does_nothing, counterfactuals.dropout_is_always_on])
def dropout_in_eval_mode_returns_its_input() -> None:
    """In eval mode `nn.Dropout` hands back the very tensor that it was given, and no copy."""
    dropout = nn.Dropout(0.5).eval()
    ones = torch.ones(100)

    result = dropout(ones)

    assert result is ones


@claim(
    refuted_by=[counterfactuals.dropout_never_drops, counterfactuals.backward_adds_gradients_twice]
)
def dropped_values_get_no_gradient() -> None:
    """A dropped value gets a gradient of 0, and a kept one a gradient that is scaled alike."""
    x = torch.ones(100, requires_grad=True)

    dropped = nn.Dropout(0.5)(x)
    dropped.sum().backward()

    assert set(dropped.tolist()) == {0.0, 2.0}
    assert x.grad.tolist() == dropped.tolist()


@claim(
    refuted_by=[counterfactuals.dropout_never_drops],
    rival=lambda: torch.manual_seed(1),
)
def same_seed_drops_the_same_values(
    seed_again: Callable[[], object] = lambda: torch.manual_seed(0),
) -> None:
    """After the same `torch.manual_seed` dropout drops the same values, and others without it."""
    dropout, ones = nn.Dropout(0.5), torch.ones(100)

    torch.manual_seed(0)
    first = dropout(ones)
    second = dropout(ones)
    seed_again()
    after_the_same_seed = dropout(ones)

    assert not torch.equal(first, second)
    assert torch.equal(first, after_the_same_seed)


@claim(
    refuted_by=[counterfactuals.dropout_never_drops],
    rival=lambda dropout, p: setattr(dropout, "rate", p),
)
def rate_of_a_dropout_layer_can_be_changed_later(
    set_rate: Callable[[nn.Dropout, float], None] = lambda dropout, p: setattr(dropout, "p", p),
) -> None:
    """With `dropout.p = 0.0` a dropout layer drops nothing in train mode from then on."""
    dropout, ones = nn.Dropout(0.5), torch.ones(100)

    before = dropout(ones)
    set_rate(dropout, 0.0)
    after = dropout(ones)

    assert set(before.tolist()) == {0.0, 2.0}
    assert (dropout.training, after.tolist()) == (True, ones.tolist())


@claim(
    refuted_by=[counterfactuals.dropout_never_drops],
    rival=lambda model: model.made_before,
)
def dropout_made_in_forward_drops_in_eval_mode(
    choose: Callable[[nn.Module], nn.Module] = lambda _: nn.Dropout(0.5),
) -> None:
    """A `nn.Dropout` made in `forward` drops in eval mode: it is in train mode, as all new ones."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.made_before = nn.Dropout(0.5)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return choose(self)(x)

    dropped = Model().eval()(torch.ones(100))

    assert set(dropped.tolist()) == {0.0, 2.0}


@claim(
    refuted_by=[counterfactuals.dropout_never_drops, counterfactuals.eval_does_nothing],
    rival=lambda model, layer: model.append(layer.eval()),
)
def layer_added_after_eval_is_in_train_mode(
    add: Callable[[nn.Sequential, nn.Module], object] = lambda model, layer: model.append(layer),
) -> None:
    """A layer that is added to a model in eval mode stays in the train mode that it began in."""
    model = nn.Sequential(nn.Linear(1, 1)).eval()

    add(model, nn.Dropout(0.5))
    dropped = model[1](torch.ones(100))

    assert model.training is False
    assert model[1].training is True
    assert set(dropped.tolist()) == {0.0, 2.0}


@claim(refuted_by=[counterfactuals.dropout_never_drops], rival=nn.ModuleList)
def eval_misses_layers_in_a_plain_list(
    hold: Callable[[list[nn.Module]], object] = list,
) -> None:
    """`eval()` does not reach a dropout layer that a module keeps in a plain list."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = hold([nn.Dropout(0.5)])

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for layer in self.layers:
                x = layer(x)
            return x

    model = Model().eval()

    assert model.layers[0].training is True
    assert set(model(torch.ones(100)).tolist()) == {0.0, 2.0}


@claim(rival=lambda module: 0.5 if module.training else 0.0)
def attention_function_drops_in_eval_mode(
    rate: Callable[[nn.Module], float] = lambda _: 0.5,
) -> None:
    """`scaled_dot_product_attention(dropout_p=0.5)` drops in eval mode: it asks no module."""

    class Model(nn.Module):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            query = key = torch.zeros_like(values)
            return functional.scaled_dot_product_attention(query, key, values, dropout_p=rate(self))

    one_key_each = torch.ones(100, 1, 1)  # so that its weight is 1
    attended = Model().eval()(one_key_each)

    assert set(attended.flatten().tolist()) == {0.0, 2.0}


@claim(refuted_by=[counterfactuals.eval_does_nothing])
def multihead_attention_layer_drops_in_train_mode_only() -> None:
    """`nn.MultiheadAttention(dropout=0.5)` differs from call to call in train mode only."""
    torch.manual_seed(0)
    attention = nn.MultiheadAttention(8, num_heads=2, dropout=0.5)
    tokens = torch.rand(16, 1, 8)
    repeats = {}

    for mode in (True, False):
        attention.train(mode) if mode else attention.eval()
        first, second = (attention(tokens, tokens, tokens)[0] for _ in range(2))
        repeats[mode] = torch.equal(first, second)

    assert repeats == {True: False, False: True}


@claim(refuted_by=[counterfactuals.eval_does_nothing], rival=lambda: nn.LSTM(1, 8, 2, dropout=0.5))
def lstm_of_one_layer_drops_nothing(
    make: Callable[[], nn.LSTM] = lambda: nn.LSTM(1, 8, dropout=0.5),
) -> None:
    """`nn.LSTM(dropout=0.5)` of one layer warns and never drops; of two it does in train mode."""
    x = torch.ones(20, 1, 1)

    with pytest.warns(UserWarning, match="^dropout option adds dropout after all but") as caught:
        one_layer = make()
    two_layers = nn.LSTM(1, 8, num_layers=2, dropout=0.5)
    one_repeats = torch.equal(one_layer(x)[0], one_layer(x)[0])
    two_repeat_in_train_mode = torch.equal(two_layers(x)[0], two_layers(x)[0])
    two_layers.eval()
    two_repeat_in_eval_mode = torch.equal(two_layers(x)[0], two_layers(x)[0])

    assert one_repeats is True
    assert (two_repeat_in_train_mode, two_repeat_in_eval_mode) == (False, True)
    print(caught[0].message)


@claim(refuted_by=[counterfactuals.eval_does_nothing])
def randomized_relu_is_random_in_train_mode_only() -> None:
    """`nn.RReLU` gives a negative input random slopes in train mode, and one slope in eval mode."""
    torch.manual_seed(0)
    rrelu, minus_ones = nn.RReLU(), torch.full((100,), -1.0)

    in_train_mode = rrelu(minus_ones)
    in_eval_mode = rrelu.eval()(minus_ones)

    has_many_slopes = [len(set(one.tolist())) > 1 for one in (in_train_mode, in_eval_mode)]
    assert has_many_slopes == [True, False]


@claim(
    refuted_by=[
        counterfactuals.dropout_never_drops,
        counterfactuals.eval_does_nothing,
        counterfactuals.train_and_eval_reach_only_the_module_itself,
    ],
    rival=lambda model: model.train(),
)
def dropout_alone_can_be_on_while_batch_norm_stays(
    wake: Callable[[nn.Module], object] = lambda model: [
        layer.train() for layer in model.modules() if isinstance(layer, nn.Dropout)
    ],
) -> None:
    """After `eval()`, `train()` on the dropout layers alone leaves batch norm's mean in place."""
    model = nn.Sequential(nn.BatchNorm1d(100), nn.Dropout(0.5))

    model.eval()
    wake(model)
    with torch.no_grad():
        first, second = model(torch.ones(2, 100)), model(torch.ones(2, 100))

    assert not torch.equal(first, second)
    assert model[0].running_mean.abs().sum().item() == 0.0
    assert model[0].num_batches_tracked.item() == 0
