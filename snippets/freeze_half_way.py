"""Freeze a part of a model in mid-training, so that no optimizer moves it any more."""

import torch
from torch import nn


# --8<-- [start:freeze]
def freeze(module: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Set the flags, clear the gradients that are left, and take all out of the optimizer."""
    module.requires_grad_(requires_grad=False)
    frozen = set(module.parameters())
    for parameter in frozen:
        parameter.grad = None
        optimizer.state.pop(parameter, None)
    for group in optimizer.param_groups:
        group["params"] = [each for each in group["params"] if each not in frozen]


def unfreeze(module: nn.Module, optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Train a module again, with a learning rate of its own and without old momentum."""
    module.requires_grad_(requires_grad=True)
    optimizer.add_param_group({"params": list(module.parameters()), "lr": lr})


# --8<-- [end:freeze]


# --8<-- [start:step]
def step(model: nn.Module, inputs: torch.Tensor, optimizer: torch.optim.Optimizer) -> None:
    """Do one step on a toy loss."""
    optimizer.zero_grad()
    model(inputs).square().mean().backward()
    optimizer.step()


# --8<-- [end:step]


def main() -> None:
    """Freeze the first of two layers under momentum and weight decay, and unfreeze it later."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
    inputs = torch.randn(8, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    step(model, inputs, optimizer)

    first, second = model[0].weight.clone(), model[1].weight.clone()
    step(model, inputs, optimizer)
    assert not torch.equal(first, model[0].weight), "not frozen yet"

    freeze(model[0], optimizer)
    first, second = model[0].weight.clone(), model[1].weight.clone()
    step(model, inputs, optimizer)
    optimizer.zero_grad(set_to_none=False)
    optimizer.step()
    assert torch.equal(first, model[0].weight), "neither momentum nor decay moves it"
    assert not torch.equal(second, model[1].weight), "the other layer trains on"
    assert model[0].weight not in optimizer.state

    unfreeze(model[0], optimizer, lr=0.01)
    step(model, inputs, optimizer)
    assert not torch.equal(first, model[0].weight), "it trains again"
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.01]
    print("frozen: unmoved by two steps; unfrozen: moved again")


if __name__ == "__main__":
    main()
