"""Generate text letter by letter from a small language model, without a graph that grows."""

import torch
from torch import nn


# --8<-- [start:model]
class Letters(nn.Module):
    """A recurrent model of the next letter."""

    def __init__(self, letters: int, width: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(letters, width)
        self.gru = nn.GRU(width, width, batch_first=True)
        self.output = nn.Linear(width, letters)

    def forward(
        self, indices: torch.Tensor, state: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits of shape (batch, time, letters), and the state after the last letter."""
        hidden, state = self.gru(self.embedding(indices), state)
        return self.output(hidden), state


# --8<-- [end:model]


# --8<-- [start:generate]
@torch.inference_mode()
def generate(model: Letters, alphabet: str, start: str, length: int, temperature: float) -> str:
    """Go on from a letter or more, one at a time; a temperature of 0 takes the likeliest."""
    model.eval()
    text, state = start, None
    indices = torch.tensor([[alphabet.index(letter) for letter in start]])
    while len(text) < length:
        logits, state = model(indices, state)
        if temperature == 0:
            index = logits[0, -1].argmax()
        else:
            index = torch.multinomial((logits[0, -1] / temperature).softmax(dim=0), 1)[0]
        text += alphabet[index.item()]
        indices = index.view(1, 1)
    return text


# --8<-- [end:generate]


def main() -> None:
    """Learn one sentence, say it, and see that a step of generation keeps nothing for backward."""
    torch.manual_seed(0)
    sentence = "no graph grows here. "
    alphabet = "".join(sorted(set(sentence)))
    indices = torch.tensor([[alphabet.index(letter) for letter in sentence * 2]])
    model = Letters(len(alphabet))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        logits, _ = model(indices[:, :-1])
        nn.functional.cross_entropy(logits[0], indices[0, 1:]).backward()
        optimizer.step()

    saved: list[torch.Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda tensor: tensor):
        said = generate(model, alphabet, "no", length=21, temperature=0)
        torch.manual_seed(1)
        first = generate(model, alphabet, "no", length=40, temperature=1.0)
        torch.manual_seed(1)
        again = generate(model, alphabet, "no", length=40, temperature=1.0)
    assert said == sentence
    assert first == again, "the same seed, the same text"
    assert not saved
    model.train()
    logits, _ = model(indices[:, :-1])
    logits.sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters()), "it still trains"
    print(said)


if __name__ == "__main__":
    main()
