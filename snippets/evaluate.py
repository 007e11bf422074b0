"""Evaluate a model without a graph and leave each module in the mode it was in."""

from collections.abc import Iterable

import torch
from torch import nn


# --8<-- [start:evaluate]
@torch.no_grad()
def evaluate(model: nn.Module, batches: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> float:
    """Return the share of right predictions."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    right = total = 0
    try:
        for inputs, labels in batches:
            right += (model(inputs).argmax(dim=1) == labels).sum().item()
            total += len(labels)
    finally:
        for module, training in modes:
            module.training = training
    return right / total


# --8<-- [end:evaluate]


def main() -> None:
    """Evaluate a model whose batch norm is kept in eval mode during training."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))
    model.train()
    model[1].eval()
    inputs = torch.randn(64, 2)
    batches = [(inputs, (inputs[:, 0] > 0).long())]
    modes = [module.training for module in model.modules()]
    saved: list[torch.Tensor] = []

    with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda tensor: tensor):
        first = evaluate(model, batches)
        second = evaluate(model, batches)
    assert first == second, "eval mode: dropout draws nothing"
    assert not saved, "no_grad: nothing is kept for backward"
    assert (
        [module.training for module in model.modules()] == modes == [True, True, False, True, True]
    )
    assert model[1].num_batches_tracked.item() == 0

    raised = False
    try:
        evaluate(model, [(torch.ones(1, 3), torch.zeros(1))])
    except RuntimeError:
        raised = True
    assert raised, "an input of the wrong width must raise"
    assert [module.training for module in model.modules()] == modes
    assert torch.is_grad_enabled()

    model(inputs).sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    print("modes after evaluation:", [module.training for module in model.modules()])


if __name__ == "__main__":
    main()
