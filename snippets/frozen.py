"""Freeze a part of a model, and see by a training step that it is frozen."""

from collections.abc import Callable
from itertools import chain

import torch
from torch import nn


# --8<-- [start:freeze]
def freeze(module: nn.Module) -> None:
    """Freeze the module, until someone calls `train()` on it."""
    module.requires_grad_(False)
    module.zero_grad()
    module.eval()


# --8<-- [end:freeze]


# --8<-- [start:moved]
def moved_by(step: Callable[[], object], module: nn.Module) -> list[str]:
    """Return the names of what a training step moves in the module."""
    values = dict(chain(module.named_parameters(), module.named_buffers()))
    before = {name: value.detach().clone() for name, value in values.items()}
    step()
    return [name for name in values if not torch.equal(values[name], before[name])]


# --8<-- [end:moved]


def main() -> None:
    """Freeze a backbone in two ways, and train."""
    torch.manual_seed(0)
    backbone = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    head = nn.Linear(2, 1)
    optimizer = torch.optim.SGD([*backbone.parameters(), *head.parameters()], lr=0.1, momentum=0.9)

    def step() -> None:
        head(backbone(torch.randn(8, 2))).pow(2).mean().backward()
        optimizer.step()

    everything = moved_by(step, backbone)
    assert {"0.weight", "1.weight", "1.running_mean"} <= set(everything)

    backbone.requires_grad_(False)
    assert {"0.weight", "1.running_mean"} <= set(moved_by(step, backbone)), "old gradients"

    backbone.zero_grad()
    statistics = ["1.running_mean", "1.running_var", "1.num_batches_tracked"]
    assert moved_by(step, backbone) == statistics, "train mode"

    freeze(backbone)
    assert moved_by(step, backbone) == []
    assert moved_by(step, head) == ["weight", "bias"]
    print("frozen, and moved by a step:", moved_by(step, backbone))


if __name__ == "__main__":
    main()
