"""Take the gradient with respect to the input: a saliency map, and an adversarial example."""

import torch
from torch import nn
from torch.nn import functional


# --8<-- [start:gradient]
def input_gradient(model: nn.Module, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the loss's gradient for each number of the input; the model gets no gradient."""
    inputs = inputs.detach().clone().requires_grad_()
    loss = functional.cross_entropy(model(inputs), labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, inputs)
    return gradient


# --8<-- [end:gradient]


# --8<-- [start:attack]
def fgsm(
    model: nn.Module, inputs: torch.Tensor, labels: torch.Tensor, epsilon: float
) -> torch.Tensor:
    """Return the inputs moved by at most `epsilon`, to where the loss is larger."""
    return inputs.detach() + epsilon * input_gradient(model, inputs, labels).sign()


# --8<-- [end:attack]


def main() -> None:
    """Train a small classifier, and fool it."""
    torch.manual_seed(0)
    inputs = torch.randn(200, 8)
    labels = (inputs[:, 0] > 0).long()
    model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Dropout(0.2), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(100):
        optimizer.zero_grad()
        functional.cross_entropy(model(inputs), labels).backward()
        optimizer.step()
    optimizer.zero_grad()
    model.eval()

    saliency = input_gradient(model, inputs, labels).abs().mean(dim=0)
    assert saliency.argmax().item() == 0, "the first number decides, and the gradient shows it"
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not inputs.requires_grad, "the caller's tensor is as it was"

    attacked = fgsm(model, inputs, labels, epsilon=0.5)
    assert (attacked - inputs).abs().max().item() < 0.5001
    with torch.no_grad():
        before = (model(inputs).argmax(dim=1) == labels).float().mean().item()
        after = (model(attacked).argmax(dim=1) == labels).float().mean().item()
    assert before > 0.95
    assert after < before - 0.2
    print("right before the attack: above 95 %; after it: at least 20 points fewer")


if __name__ == "__main__":
    main()
