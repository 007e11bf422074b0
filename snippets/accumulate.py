"""Train with batches larger than memory: add gradients up over several small ones, then step."""

import torch
from torch import nn
from torch.nn import functional

Batch = tuple[torch.Tensor, torch.Tensor]


# --8<-- [start:step]
def accumulated_step(
    model: nn.Module, batches: list[Batch], optimizer: torch.optim.Optimizer
) -> None:
    """Do one step for all batches together: each row weighs alike, and the sum is clipped."""
    rows = sum(len(labels) for _, labels in batches)
    optimizer.zero_grad()
    for inputs, labels in batches:
        loss = functional.cross_entropy(model(inputs), labels, reduction="sum") / rows
        loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    optimizer.step()


# --8<-- [end:step]


def main() -> None:
    """Compare with one large batch, and with the mean of means that uneven batches get wrong."""
    torch.manual_seed(0)
    inputs, labels = torch.randn(10, 4), torch.randint(3, (10,))
    batches = list(zip(inputs.split(4), labels.split(4), strict=True))
    assert [len(part) for part, _ in batches] == [4, 4, 2], "the last one is smaller"

    model = nn.Linear(4, 3)
    start = {name: value.clone() for name, value in model.state_dict().items()}
    accumulated_step(model, batches, torch.optim.SGD(model.parameters(), lr=0.5))
    in_parts = model.weight.clone()

    model.load_state_dict(start)
    accumulated_step(model, [(inputs, labels)], torch.optim.SGD(model.parameters(), lr=0.5))
    assert torch.allclose(in_parts, model.weight, atol=1e-6), "the same step as in one go"

    model.load_state_dict(start)
    model.zero_grad()
    for part, right in batches:
        (functional.cross_entropy(model(part), right) / len(batches)).backward()
    mean_of_means = model.weight.grad.clone()
    model.zero_grad()
    functional.cross_entropy(model(inputs), labels).backward()
    assert not torch.allclose(mean_of_means, model.weight.grad), "uneven batches: another gradient"
    print("three uneven batches made the step of one large batch")


if __name__ == "__main__":
    main()
