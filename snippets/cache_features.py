"""Compute features once in inference mode, keep them, and train a head on clones made outside."""

import torch
from torch import nn


# --8<-- [start:extract]
@torch.inference_mode()
def extract(backbone: nn.Module, batches: list[torch.Tensor]) -> list[torch.Tensor]:
    """Put the backbone in eval mode and run it once; what comes back are inference tensors."""
    backbone.eval()
    return [backbone(batch) for batch in batches]


# --8<-- [end:extract]


# --8<-- [start:cache]
def build_cache(backbone: nn.Module, batches: list[torch.Tensor]) -> list[torch.Tensor]:
    """Return the features as normal tensors: they're cloned out here, not within `extract`."""
    return [features.clone() for features in extract(backbone, batches)]


# --8<-- [end:cache]


# --8<-- [start:train]
def train_head(
    head: nn.Module, cache: list[torch.Tensor], targets: list[torch.Tensor]
) -> list[float]:
    """Train the head on the cache, epoch after epoch; the backbone is not run again."""
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
    epochs = []
    for _ in range(20):
        total = 0.0
        for features, target in zip(cache, targets, strict=True):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(head(features), target)
            loss.backward()
            optimizer.step()
            total += loss.item()
        epochs.append(total / len(cache))
    return epochs


# --8<-- [end:train]


def main() -> None:
    """Show that the raw features are refused, and that the cloned ones train the head."""
    torch.manual_seed(0)
    backbone = nn.Sequential(nn.Linear(4, 8), nn.Tanh())
    head = nn.Linear(8, 1)
    batches = list(torch.randn(32, 4).split(8))
    targets = [batch.sum(dim=1, keepdim=True) for batch in batches]

    raw = extract(backbone, batches)
    assert all(features.is_inference() for features in raw)
    try:
        head(raw[0])
    except RuntimeError as error:
        refusal = str(error)
    else:
        refusal = ""
    assert refusal.startswith("Inference tensors cannot be saved for backward")

    cache = build_cache(backbone, batches)
    assert not any(features.is_inference() for features in cache)
    assert all(torch.equal(cloned, features) for cloned, features in zip(cache, raw, strict=True))

    epochs = train_head(head, cache, targets)
    assert epochs[-1] < epochs[0] / 2
    assert all(parameter.grad is not None for parameter in head.parameters())
    assert all(parameter.grad is None for parameter in backbone.parameters())
    print(f"raw features: {refusal.split('.')[0]}")
    print(f"cached features: {len(cache)} normal tensors, and the loss more than halved")


if __name__ == "__main__":
    main()
