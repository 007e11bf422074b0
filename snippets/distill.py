"""Train a small student on what a large teacher says, and leave the teacher as it is."""

from copy import deepcopy

import torch
from torch import nn
from torch.nn import functional

Batch = tuple[torch.Tensor, torch.Tensor]


# --8<-- [start:loss]
def distillation_loss(
    student: torch.Tensor, teacher: torch.Tensor, labels: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Return half of the loss against the softened teacher, and half against the labels."""
    soft = functional.kl_div(
        (student / temperature).log_softmax(dim=1),
        (teacher / temperature).log_softmax(dim=1),
        reduction="batchmean",
        log_target=True,
    )
    return 0.5 * temperature**2 * soft + 0.5 * functional.cross_entropy(student, labels)


# --8<-- [end:loss]


# --8<-- [start:train]
def distill(
    teacher: nn.Module, student: nn.Module, batches: list[Batch], temperature: float = 2.0
) -> list[float]:
    """Train the student; the teacher is in eval mode, and records nothing."""
    optimizer = torch.optim.Adam(student.parameters(), lr=0.02)
    teacher.eval()
    student.train()
    losses = []
    for inputs, labels in batches:
        with torch.no_grad():
            answer = teacher(inputs)
        loss = distillation_loss(student(inputs), answer, labels, temperature)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# --8<-- [end:train]


def main() -> None:
    """Distil a teacher, and see that it got no gradient and moved nowhere."""
    torch.manual_seed(0)
    inputs = torch.randn(128, 6)
    labels = (inputs[:, 0] * inputs[:, 1] > 0).long()
    teacher = nn.Sequential(
        nn.Linear(6, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 2)
    )
    optimizer = torch.optim.Adam(teacher.parameters(), lr=0.02)
    for _ in range(100):
        optimizer.zero_grad()
        functional.cross_entropy(teacher(inputs), labels).backward()
        optimizer.step()
    optimizer.zero_grad()
    before = deepcopy(teacher.state_dict())
    student = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 2))

    losses = distill(teacher, student, [(inputs, labels)] * 150)
    assert losses[-1] < losses[0] / 3
    assert all(parameter.grad is None for parameter in teacher.parameters())
    after = teacher.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before), "statistics included"
    agreement = (student(inputs).argmax(dim=1) == teacher(inputs).argmax(dim=1)).float().mean()
    assert agreement.item() > 0.9
    print("the student agrees with its teacher on more than 90 % of the rows")


if __name__ == "__main__":
    main()
