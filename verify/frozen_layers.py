"""Claims about frozen layers: what moves in them all the same, and what escapes the freezing."""

import copy
import pickle
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from mkdocs_claims import claim
from verify import counterfactuals

State = dict[str, torch.Tensor]


@claim(
    refuted_by=[
        counterfactuals.eval_does_nothing,
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.modes_call_eval,
    ]
)
def spectral_norm_moves_a_frozen_weight_in_train_mode() -> None:
    """In train mode, under `no_grad` too, `spectral_norm` moves a frozen weight in each pass."""
    torch.manual_seed(0)
    linear = nn.Linear(2, 2, bias=False)
    nn.init.eye_(linear.weight)
    with torch.no_grad():
        linear.weight[0, 0] = 1.01
    layer = spectral_norm(linear).requires_grad_(False)
    x = torch.ones(1, 2)

    with torch.no_grad():
        in_train_mode = layer(x), layer(x)
        layer.eval()
        in_eval_mode = layer(x), layer(x)

    assert [one.requires_grad for one in layer.parameters()] == [False]
    assert not torch.equal(*in_train_mode)
    assert torch.equal(*in_eval_mode)


@claim(refuted_by=[counterfactuals.requires_grad_does_nothing], rival=lambda: nn.Embedding(2, 1))
def embedding_with_max_norm_rewrites_its_frozen_table(
    make: Callable[[], nn.Embedding] = lambda: nn.Embedding(2, 1, max_norm=1.0),
) -> None:
    """`nn.Embedding(max_norm=...)` rewrites the rows it looks up, frozen and in eval mode too."""
    embedding = make().requires_grad_(False).eval()
    nn.init.constant_(embedding.weight, 3.0)

    with torch.no_grad():
        embedding(torch.tensor([0]))

    assert embedding.weight.requires_grad is False
    assert [round(row, 3) for row in embedding.weight.flatten().tolist()] == [1.0, 3.0]


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda weight: nn.Parameter(weight.detach().clone()),
)
def freezing_a_layer_freezes_what_shares_its_weight(
    tie: Callable[[nn.Parameter], nn.Parameter] = lambda weight: weight,
) -> None:
    """Freezing an embedding freezes a head whose weight is the embedding's own, too."""
    embedding, head = nn.Embedding(3, 2), nn.Linear(2, 3)
    head.weight = tie(embedding.weight)

    embedding.requires_grad_(False)
    head(torch.ones(1, 2)).sum().backward()

    assert head.weight.requires_grad is False
    assert head.weight.grad is None
    assert head.bias.grad.tolist() == [1.0, 1.0, 1.0]


@claim(rival=nn.ModuleList)
def requires_grad_misses_layers_in_a_plain_list(
    hold: Callable[[list[nn.Module]], object] = list,
) -> None:
    """`requires_grad_(False)`, `parameters()` and `state_dict()` miss layers in a plain list."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = hold([nn.Linear(1, 1)])

    model = Model().requires_grad_(False)

    assert model.layers[0].weight.requires_grad is True
    assert list(model.parameters()) == []
    assert list(model.state_dict()) == []


@claim(
    refuted_by=[
        counterfactuals.requires_grad_does_nothing,
        counterfactuals.backward_does_nothing,
        counterfactuals.backward_adds_gradients_twice,
    ],
    rival=lambda: nn.Linear(1, 1).requires_grad_(False),
)
def layer_put_in_after_freezing_trains(
    make: Callable[[], nn.Module] = lambda: nn.Linear(1, 1),
) -> None:
    """A layer put into a frozen model trains, and it alone, until the model is frozen again."""
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)).requires_grad_(False)

    model[1] = make()
    model(torch.ones(1, 1)).sum().backward()
    trainable = [one.requires_grad for one in model.parameters()]
    model.requires_grad_(False)

    assert trainable == [False, False, True, True]
    assert model[0].weight.grad is None
    assert model[1].bias.grad is not None
    assert model[1].bias.grad.tolist() == [1.0]
    assert model[1].bias.requires_grad is False


@claim(
    refuted_by=[counterfactuals.requires_grad_does_nothing],
    rival=lambda: nn.Linear(1, 1),
)
def lazy_layer_cannot_be_frozen_before_its_first_call(
    make: Callable[[], nn.Module] = lambda: nn.LazyLinear(1),
) -> None:
    """`requires_grad_(False)` on a `LazyLinear` raises before its first call, and works after."""
    layer = make()

    with pytest.raises(ValueError, match=r"^Attempted to use an uninitialized parameter") as caught:
        layer.requires_grad_(False)
    layer(torch.ones(1, 1))
    layer.requires_grad_(False)

    assert [one.requires_grad for one in layer.parameters()] == [False, False]
    print(caught.value)


@claim(rival=copy.deepcopy)
def state_dict_holds_neither_flag(
    rebuild: Callable[[nn.Sequential], nn.Sequential] = lambda model: _loaded_from(
        model.state_dict()
    ),
) -> None:
    """A model loaded from a state dict trains and is in train mode: it holds neither flag."""
    model = nn.Sequential(nn.Linear(1, 1), nn.Dropout()).requires_grad_(False).eval()

    rebuilt = rebuild(model)

    assert rebuilt[0].weight.requires_grad is True
    assert [module.training for module in rebuilt.modules()] == [True, True, True]


def _loaded_from(state: State) -> nn.Sequential:
    """Make a new model and load a state dict into it."""
    model = nn.Sequential(nn.Linear(1, 1), nn.Dropout())
    model.load_state_dict(state)
    return model


@claim(rival=lambda model: _loaded_from(model.state_dict()))
def whole_model_copied_or_pickled_keeps_both_flags(
    duplicate: Callable[[nn.Module], nn.Module] = copy.deepcopy,
) -> None:
    """A model that is deep-copied or pickled whole stays frozen and in its mode."""
    model = nn.Sequential(nn.Linear(1, 1), nn.Dropout()).requires_grad_(False).eval()

    for copied in (duplicate(model), pickle.loads(pickle.dumps(model))):  # noqa: S301  # its own
        assert [one.requires_grad for one in copied.parameters()] == [False, False]
        assert [module.training for module in copied.modules()] == [False, False, False]


@claim(
    refuted_by=[counterfactuals.requires_grad_does_nothing],
    rival=lambda model, _: [p.requires_grad_(not p.requires_grad) for p in model.parameters()],
)
def load_state_dict_overwrites_a_frozen_weight_and_leaves_it_frozen(
    load: Callable[[nn.Module, State], object] = lambda model, state: model.load_state_dict(state),
) -> None:
    """`load_state_dict` overwrites a frozen weight and keeps each flag, with `assign=True` too."""
    saved = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    saved[1].requires_grad_(False)

    for load_it in (load, lambda model, state: model.load_state_dict(state, assign=True)):
        model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
        model[0].requires_grad_(False)

        load_it(model, saved.state_dict())

        assert torch.equal(model[0].weight, saved[0].weight)
        assert model[0].weight.requires_grad is False
        assert model[1].weight.requires_grad is True
