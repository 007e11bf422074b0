"""From logits to what a user sees: probabilities, labels, plain numbers, arrays."""

import numpy as np
import torch
from torch import nn


# --8<-- [start:predict]
@torch.inference_mode()
def predict(
    model: nn.Module, inputs: torch.Tensor, names: list[str], threshold: float
) -> list[tuple[str, float]]:
    """Return for each row the likeliest name and its probability; "unsure" below the threshold."""
    probabilities = model.eval()(inputs).softmax(dim=1)
    best, index = probabilities.max(dim=1)
    return [
        (names[at] if sure >= threshold else "unsure", sure)
        for at, sure in zip(index.tolist(), best.tolist(), strict=True)
    ]


# --8<-- [end:predict]


# --8<-- [start:array]
def to_array(tensor: torch.Tensor) -> np.ndarray:
    """Return a copy of a tensor's values for numpy, whatever the tensor is part of."""
    return tensor.detach().cpu().numpy().copy()


# --8<-- [end:array]


def main() -> None:
    """Predict three rows, and see that a copy is a copy."""
    linear = nn.Linear(2, 2)
    model = nn.Sequential(nn.Dropout(0.5), linear)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[2.0, 0.0], [0.0, 2.0]]))
        linear.bias.zero_()
    inputs = torch.tensor([[1.0, -1.0], [-1.0, 1.0], [0.1, 0.0]])

    predicted = predict(model, inputs, ["cat", "dog"], threshold=0.9)
    assert [name for name, _ in predicted] == ["cat", "dog", "unsure"]
    assert all(type(sure) is float for _, sure in predicted)
    assert round(predicted[0][1], 4) == 0.982

    logits = model(inputs)
    assert logits.requires_grad
    array = to_array(logits)
    array[:] = 0.0
    assert logits.abs().sum().item() > 0, "the copy has memory of its own"
    logits.sum().backward()
    assert linear.weight.grad is not None, "the graph of the logits is whole"
    print([(name, round(sure, 2)) for name, sure in predicted])


if __name__ == "__main__":
    main()
