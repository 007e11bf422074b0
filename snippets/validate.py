"""Validate after each epoch, keep the best weights, and stop when it gets no better."""

from copy import deepcopy

import torch
from torch import nn
from torch.nn import functional

Batches = list[tuple[torch.Tensor, torch.Tensor]]


# --8<-- [start:validate]
@torch.no_grad()
def validation_loss(model: nn.Module, batches: Batches) -> float:
    """Return the mean loss over all rows; the model is in train mode again afterwards."""
    model.eval()
    total = rows = 0.0
    for inputs, labels in batches:
        total += functional.cross_entropy(model(inputs), labels, reduction="sum").item()
        rows += len(labels)
    model.train()
    return total / rows


# --8<-- [end:validate]


# --8<-- [start:fit]
def fit(
    model: nn.Module, training: Batches, validation: Batches, *, epochs: int, patience: int
) -> list[float]:
    """Train, and leave the model with the weights of its best validation; return all losses."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    best = deepcopy(model.state_dict())
    losses: list[float] = []
    for _ in range(epochs):
        model.train()
        for inputs, labels in training:
            optimizer.zero_grad()
            functional.cross_entropy(model(inputs), labels).backward()
            optimizer.step()
        losses.append(validation_loss(model, validation))
        if losses[-1] == min(losses):
            best = deepcopy(model.state_dict())
        elif min(losses) not in losses[-patience:]:
            break
    model.load_state_dict(best)
    return losses


# --8<-- [end:fit]


def main() -> None:
    """Train a model that overfits noisy labels, and see that the best weights come back."""
    torch.manual_seed(0)
    inputs = torch.randn(96, 4)
    labels = (inputs[:, 0] > 0).long()
    labels[::5] = 1 - labels[::5]
    data = list(zip(inputs.split(32), labels.split(32), strict=True))
    training, validation = data[:1], data[1:]
    model = nn.Sequential(nn.Linear(4, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))

    losses = fit(model.eval(), training, validation, epochs=200, patience=5)
    assert len(losses) < 200, "it stopped early"
    assert min(losses) not in losses[-5:], "the last five were no better"
    assert abs(validation_loss(model, validation) - min(losses)) < 1e-6, "the best weights are back"
    assert losses[-1] > min(losses)
    assert all(module.training for module in model.modules())

    moved = model[1].running_mean.clone()
    validation_loss(model, validation)
    assert torch.equal(moved, model[1].running_mean), "validation moves no running mean"
    print(f"best epoch: {losses.index(min(losses)) + 1} of {len(losses)}")


if __name__ == "__main__":
    main()
