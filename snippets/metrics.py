"""Count what a classifier gets right: accuracy, a confusion matrix, F1, without keeping a graph."""

import torch
from torch import nn
from torch.nn import functional

Batches = list[tuple[torch.Tensor, torch.Tensor]]


# --8<-- [start:confusion]
@torch.no_grad()
def confusion(model: nn.Module, batches: Batches, classes: int) -> torch.Tensor:
    """Return how often each class (rows) was predicted as each (columns): a `classes` square."""
    model.eval()
    counts = torch.zeros(classes, classes, dtype=torch.long)
    for inputs, labels in batches:
        predicted = model(inputs).argmax(dim=1)
        pairs = torch.bincount(labels * classes + predicted, minlength=classes**2)
        counts += pairs.view_as(counts).cpu()
    return counts


def accuracy(counts: torch.Tensor) -> float:
    """Return the share of rows on the diagonal."""
    return (counts.diagonal().sum() / counts.sum()).item()


def f1(counts: torch.Tensor) -> list[float]:
    """Return the F1 of each class: the harmonic mean of its precision and its recall."""
    right = counts.diagonal()
    return (2 * right / (counts.sum(dim=0) + counts.sum(dim=1)).clamp(min=1)).tolist()


# --8<-- [end:confusion]


# --8<-- [start:running]
def train_epoch(model: nn.Module, batches: Batches, optimizer: torch.optim.Optimizer) -> float:
    """Train on all batches; return the mean loss over the rows, as a plain number."""
    model.train()
    total, rows = 0.0, 0
    for inputs, labels in batches:
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        rows += len(labels)
    return total / rows


# --8<-- [end:running]


def main() -> None:
    """Check the counts by hand, and that no metric keeps a tensor for backward."""
    counts = torch.tensor([[3, 1], [2, 4]])
    assert accuracy(counts) == torch.tensor(0.7).item()
    assert f1(counts) == torch.tensor([6 / 9, 8 / 11]).tolist()

    torch.manual_seed(0)
    inputs = torch.randn(50, 3)
    labels = inputs.argmax(dim=1)
    batches = list(zip(inputs.split(16), labels.split(16), strict=True))
    model = nn.Linear(3, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

    losses = [train_epoch(model, batches, optimizer) for _ in range(30)]
    assert losses[-1] < losses[0] / 2
    assert type(losses[-1]) is float

    saved: list[torch.Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda tensor: tensor):
        counts = confusion(model, batches, classes=3)
    assert not saved
    assert not model.training, "until the next `train_epoch`"
    assert counts.sum().item() == 50
    assert accuracy(counts) > 0.8
    assert min(f1(counts)) > 0.7
    print("accuracy above 0.8, and every class has an F1 above 0.7")


if __name__ == "__main__":
    main()
