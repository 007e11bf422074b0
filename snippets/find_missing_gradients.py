"""Say, before `backward()`, which tensors it will give no gradient, and why."""

from collections.abc import Mapping

import torch
from torch import nn


# --8<-- [start:explain]
def leaves_of(loss: torch.Tensor) -> set[torch.Tensor]:
    """Return the leaves that `loss.backward()` reaches."""
    waiting, seen, leaves = [loss.grad_fn], set(), set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            leaves.add(node.variable)
        waiting += [before for before, _ in node.next_functions]
    return leaves


def explain(loss: torch.Tensor, tensors: Mapping[str, torch.Tensor]) -> dict[str, str]:
    """Say of each tensor that will get no `.grad` from `loss.backward()` why that is so."""
    leaves = leaves_of(loss)
    reasons = {}
    for name, tensor in tensors.items():
        if not tensor.requires_grad:
            reasons[name] = "requires_grad is False"
        elif not (tensor.is_leaf or tensor.retains_grad):
            reasons[name] = f"no leaf: a result, with the node {tensor.grad_fn.name()}"
        elif loss.grad_fn is None:
            reasons[name] = "the loss has no grad_fn: nothing was recorded, or it was cut off"
        elif tensor.is_leaf and tensor not in leaves:
            reasons[name] = "the graph of the loss does not lead to it"
    return reasons


# --8<-- [end:explain]


def main() -> None:
    """Check each reason in a small model, and that what is not named does get a gradient."""
    used, frozen, cut, unused = (nn.Linear(1, 1, bias=False) for _ in range(4))
    frozen.requires_grad_(requires_grad=False)
    inputs = torch.ones(1, 1)
    hidden = used(inputs)
    loss = (frozen(hidden) + cut(inputs).detach()).sum()
    tensors = {
        "used": used.weight,
        "frozen": frozen.weight,
        "cut": cut.weight,
        "unused": unused.weight,
        "hidden": hidden,
    }

    reasons = explain(loss, tensors)
    loss.backward()

    assert reasons == {
        "frozen": "requires_grad is False",
        "cut": "the graph of the loss does not lead to it",
        "unused": "the graph of the loss does not lead to it",
        "hidden": "no leaf: a result, with the node MmBackward0",
    }
    for name, tensor in tensors.items():
        if tensor.is_leaf:
            assert (tensor.grad is None) == (name in reasons), name
    assert explain(loss.detach(), {"used": used.weight}) == {
        "used": "the loss has no grad_fn: nothing was recorded, or it was cut off"
    }
    print("\n".join(f"{name}: {reason}" for name, reason in reasons.items()))


if __name__ == "__main__":
    main()
