"""Take the features of an inner layer from a pretrained model, and train something on them."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


# --8<-- [start:capture]
@contextmanager
def capture(layer: nn.Module) -> Iterator[list[torch.Tensor]]:
    """Collect copies of what a layer puts out, one tensor a call, while the block runs."""
    features: list[torch.Tensor] = []
    hook = layer.register_forward_hook(lambda _layer, _inputs, out: features.append(out.clone()))
    try:
        yield features
    finally:
        hook.remove()


# --8<-- [end:capture]


# --8<-- [start:extract]
@torch.no_grad()
def extract(model: nn.Module, layer: nn.Module, batches: list[torch.Tensor]) -> torch.Tensor:
    """Run the model in eval mode; return the layer's features of all rows, as a plain tensor."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with capture(layer) as features:
            for batch in batches:
                model(batch)
    finally:
        for module, training in modes:
            module.training = training
    return torch.cat(features)


# --8<-- [end:extract]


def main() -> None:
    """Extract features, see that they are plain tensors, and train a head on them."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(4, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Dropout(0.5), nn.Linear(16, 10)
    )
    rows = torch.randn(40, 4)
    batches = list(rows.split(16))

    features = extract(model, model[2], batches)
    assert model[1].num_batches_tracked.item() == 0, "eval mode: no statistics moved"
    assert features.shape == (40, 16)
    assert not features.requires_grad
    assert not features.is_inference(), "so it can be saved for backward"
    assert torch.equal(features, extract(model, model[2], batches)), "the same a second time"
    with capture(model[2]) as captured:
        pass
    model(batches[0])
    assert captured == [], "outside the block nothing is collected"
    assert all(module.training for module in model.modules())

    rectified = nn.Sequential(nn.Linear(4, 16), nn.ReLU(inplace=True))
    assert extract(rectified, rectified[0], batches).min() < 0, "copied before the next layer"

    head = nn.Linear(16, 1)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.05)
    targets = rows.sum(dim=1, keepdim=True)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(head(features), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4
    assert all(parameter.grad is None for parameter in model.parameters())
    print(f"features of {len(features)} rows, {features.shape[1]} each; the head learned")


if __name__ == "__main__":
    main()
