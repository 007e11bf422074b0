"""Keep a moving average of a model: parameters averaged, buffers copied, nothing recorded."""

from copy import deepcopy

import torch
from torch import nn


# --8<-- [start:update]
@torch.no_grad()
def update(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the average a step of `1 - decay` towards the model."""
    for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
        slow.lerp_(fast, 1 - decay)
    for slow, fast in zip(average.buffers(), model.buffers(), strict=True):
        slow.copy_(fast)


# --8<-- [end:update]


# --8<-- [start:use]
def train(model: nn.Module, batches: list[torch.Tensor], decay: float) -> nn.Module:
    """Train the model on a toy loss and return its average."""
    average = deepcopy(model).requires_grad_(requires_grad=False).eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for batch in batches:
        optimizer.zero_grad()
        model(batch).square().mean().backward()
        optimizer.step()
        update(average, model, decay)
    return average


# --8<-- [end:use]


def main() -> None:
    """Check one update by hand, then a short training."""
    slow, fast = nn.BatchNorm1d(1), nn.BatchNorm1d(1)
    with torch.no_grad():
        fast.weight.fill_(3.0)
    fast(torch.tensor([[0.0], [2.0]]))
    update(slow, fast, decay=0.75)
    assert slow.weight.item() == 1.5, "1.0 and a quarter of the way to 3.0"
    assert slow.weight.is_leaf, "still a leaf"
    assert slow.weight.requires_grad, "the flag is left alone"
    assert torch.equal(slow.running_mean, fast.running_mean)
    assert slow.num_batches_tracked.item() == 1

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    start = deepcopy(model)
    average = train(model, list(torch.randn(20, 8, 2)), decay=0.9)
    assert all(not slow.requires_grad and slow.grad_fn is None for slow in average.parameters())
    assert all(slow.grad_fn is None for slow in average.buffers())
    assert torch.equal(average[1].running_var, model[1].running_var)
    assert not torch.equal(average[0].weight, start[0].weight), "the average moved"
    assert not torch.equal(average[0].weight, model[0].weight), "and lags behind the model"
    assert not average(torch.ones(1, 2)).requires_grad
    print("average weight after one update:", slow.weight.item())


if __name__ == "__main__":
    main()
