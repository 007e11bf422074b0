"""Train an RNN on one long sequence in chunks, and let no gradient pass from chunk to chunk."""

import torch
from torch import nn

State = tuple[torch.Tensor, torch.Tensor]


# --8<-- [start:model]
class Forecaster(nn.Module):
    """An LSTM with a linear output; it is given its state and hands the next one back."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, width, batch_first=True)
        self.output = nn.Linear(width, 1)

    def forward(self, inputs: torch.Tensor, state: State | None) -> tuple[torch.Tensor, State]:
        """Return predictions of shape (batch, time, 1), and the state after the last step."""
        hidden, state = self.lstm(inputs, state)
        return self.output(hidden), state


# --8<-- [end:model]


# --8<-- [start:train]
def train_epoch(
    model: Forecaster, sequence: torch.Tensor, optimizer: torch.optim.Optimizer, chunk: int
) -> float:
    """Step once a chunk; hand its state on without its graph; return the mean loss of a step."""
    state: State | None = None
    total = 0.0
    model.train()
    for inputs, targets in zip(
        sequence[:, :-1].split(chunk, dim=1), sequence[:, 1:].split(chunk, dim=1), strict=True
    ):
        if state is not None:
            state = (state[0].detach(), state[1].detach())
        predicted, state = model(inputs, state)
        loss = nn.functional.mse_loss(predicted, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * targets.shape[1]
    return total / (sequence.shape[1] - 1)


# --8<-- [end:train]


def main() -> None:
    """Learn a sine wave, and see what happens without `detach()`."""
    torch.manual_seed(0)
    sequence = torch.sin(torch.arange(121) * 0.3).view(1, -1, 1)
    model = Forecaster()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = [train_epoch(model, sequence, optimizer, chunk=20) for _ in range(25)]
    assert losses[-1] < losses[0] / 10

    _, state = model(sequence[:, :20], None)
    model(sequence[:, 20:40], state)[0].sum().backward()
    refusal = ""
    try:
        model(sequence[:, 40:60], state)[0].sum().backward()
    except RuntimeError as error:
        refusal = str(error)
    assert refusal.startswith("Trying to backward through the graph a second time")
    print("the loss fell to less than a tenth; an attached state was refused")


if __name__ == "__main__":
    main()
