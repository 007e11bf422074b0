"""Claims about what `nn.ReLU(inplace=True)` saves."""

from collections.abc import Callable

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from mkdocs_claims import claim
from verify import counterfactuals

Relu = Callable[[], nn.Module]


def _in_place() -> nn.Module:
    return nn.ReLU(inplace=True)


@claim(rival=nn.ReLU)
def relu_in_place_needs_one_tensor_where_relu_needs_two(relu: Relu = _in_place) -> None:
    """While it runs, `ReLU(inplace=True)` takes one tensor of memory, and `ReLU()` takes two."""

    def tensors(relu: Relu) -> list[int]:
        counts = []
        model = nn.Sequential(nn.Linear(4, 4), relu())
        model[1].register_forward_hook(
            lambda _, inputs, output: counts.append(len({inputs[0].data_ptr(), output.data_ptr()}))
        )
        model(torch.ones(8, 4))
        with torch.no_grad():
            model(torch.ones(8, 4))
        return counts

    assert {"in place": tensors(relu), "plain": tensors(nn.ReLU)} == {
        "in place": [1, 1],
        "plain": [2, 2],
    }


@claim(
    refuted_by=[counterfactuals.operations_are_never_recorded],
    rival=nn.SiLU,
)
def relu_in_place_keeps_as_much_for_backward_as_relu(relu: Relu = _in_place) -> None:
    """After `Linear` or a batch norm, `ReLU(inplace=True)` keeps as many bytes as `ReLU()` does."""

    def kept(relu: Relu, before: nn.Module) -> int:
        storages = {}

        def pack(saved: torch.Tensor) -> torch.Tensor:
            storages[saved.data_ptr()] = saved.nbytes
            return saved

        model = nn.Sequential(before, relu(), nn.Linear(4, 4))
        with saved_tensors_hooks(pack, lambda saved: saved):
            result = model(torch.ones(8, 4))
        assert result.requires_grad
        return sum(storages.values())

    for before in (nn.Linear(4, 4), nn.BatchNorm1d(4)):
        assert kept(relu, before) == kept(nn.ReLU, before) > 0
