"""Train a new head on a frozen backbone, see that nothing in it moved, and unfreeze it later."""

from copy import deepcopy

import torch
from torch import nn


# --8<-- [start:freeze]
def freeze(module: nn.Module) -> None:
    """Keep a module as it is: no gradients, no old ones, and no statistics that move."""
    module.requires_grad_(requires_grad=False)
    module.zero_grad()
    module.eval()


class FineTuned(nn.Module):
    """A head on a backbone, which `train()` leaves in eval mode while it is frozen."""

    def __init__(self, backbone: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.backbone, self.head = backbone, head
        freeze(backbone)

    def train(self, mode: bool = True) -> "FineTuned":  # noqa: FBT001, FBT002  # torch's signature
        """Set the mode of everything that is not frozen."""
        super().train(mode)
        if not any(parameter.requires_grad for parameter in self.backbone.parameters()):
            self.backbone.eval()
        return self

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the head's output on the backbone's features."""
        return self.head(self.backbone(inputs))


# --8<-- [end:freeze]


# --8<-- [start:train]
def train(model: FineTuned, batches: list[tuple[torch.Tensor, torch.Tensor]]) -> list[float]:
    """Train what is not frozen, one step a batch."""
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=0.01)
    losses = []
    model.train()
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# --8<-- [end:train]


# --8<-- [start:changed]
def changed(before: dict[str, torch.Tensor], module: nn.Module) -> list[str]:
    """Return the names of the parameters and buffers that are not what they were."""
    after = module.state_dict()
    return [name for name in before if not torch.equal(before[name], after[name])]


# --8<-- [end:changed]


def main() -> None:
    """Train the head, then both, and look at what moved."""
    torch.manual_seed(0)
    backbone = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh())
    model = FineTuned(backbone, nn.Linear(8, 1))
    inputs = torch.randn(64, 4)
    batches = [(inputs, inputs.sum(dim=1, keepdim=True))] * 60
    start = deepcopy(model.state_dict())

    losses = train(model, batches)
    assert losses[-1] < losses[0]
    assert changed(start, model) == ["head.weight", "head.bias"]
    assert all(parameter.grad is None for parameter in backbone.parameters())

    model.backbone.requires_grad_(requires_grad=True)
    train(model, batches[:1])
    assert changed(start, model) == list(start), "all of it moves now, statistics included"
    print("frozen: only the head moved; unfrozen: everything did")


if __name__ == "__main__":
    main()
