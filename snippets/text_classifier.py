# /// script
# dependencies = ["fastapi", "tokenizers", "transformers", "uvicorn", "torch", "numpy"]
# ///
"""A transformer that tells good reviews from bad ones, and the service in front of it.

It is made in place from a small configuration: nothing is downloaded.
Run it from the repository's root: `python -m snippets.text_classifier`.
"""

import torch
from fastapi import FastAPI
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    DistilBertConfig,
    DistilBertForSequenceClassification,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from snippets.prediction_service import ask, running

REVIEWS = [
    ("a good film", 1),
    ("a very good and funny film", 1),
    ("great actors and a great story", 1),
    ("funny and great", 1),
    ("a bad film", 0),
    ("a very bad and dull film", 0),
    ("dull actors and an awful story", 0),
    ("awful and bad", 0),
]


# --8<-- [start:make]
def make_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """Make a tokenizer that knows the words of some texts; others become "[UNK]"."""
    words = sorted({word for text in texts for word in text.split()})
    vocabulary = {word: index for index, word in enumerate(["[PAD]", "[UNK]", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",  # noqa: S106
        unk_token="[UNK]",  # noqa: S106
    )


def make_model(words: int) -> PreTrainedModel:
    """Make a small DistilBERT with two labels; a real one would come from `from_pretrained`."""
    torch.manual_seed(0)
    configuration = DistilBertConfig(
        vocab_size=words,
        dim=32,
        hidden_dim=64,
        n_layers=1,
        n_heads=2,
        max_position_embeddings=16,
        num_labels=2,
    )
    return DistilBertForSequenceClassification(configuration)


# --8<-- [end:make]


# --8<-- [start:classify]
@torch.inference_mode()
def classify(
    texts: list[str], model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast
) -> list[tuple[int, float]]:
    """Return for each text its label and the probability of it."""
    encoded = tokenizer(
        texts, return_tensors="pt", padding=True, truncation=True, return_token_type_ids=False
    )
    probabilities = model.eval()(**encoded.to(model.device)).logits.softmax(dim=1)
    best, labels = probabilities.max(dim=1)
    return list(zip(labels.tolist(), best.tolist(), strict=True))


# --8<-- [end:classify]


# --8<-- [start:train]
def train(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> list[float]:
    """Train on the reviews; given labels, the model computes its loss itself."""
    texts, labels = zip(*REVIEWS, strict=True)
    encoded = tokenizer(list(texts), return_tensors="pt", padding=True, return_token_type_ids=False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.005)
    model.train()
    losses = []
    encoded, labels = encoded.to(model.device), torch.tensor(labels, device=model.device)
    for _ in range(40):
        optimizer.zero_grad()
        loss = model(**encoded, labels=labels).loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# --8<-- [end:train]


# --8<-- [start:serve]
def serve(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> FastAPI:
    """Put the classifier behind HTTP."""
    app = FastAPI()

    @app.post("/classify")
    def answer(texts: list[str]) -> list[tuple[int, float]]:
        return classify(texts, model, tokenizer)

    return app


# --8<-- [end:serve]


def main() -> None:
    """Train it, classify reviews that it has not seen, and ask the service for the same."""
    texts = [text for text, _ in REVIEWS]
    tokenizer = make_tokenizer(texts)
    model = make_model(len(tokenizer))

    losses = train(model, tokenizer)
    assert losses[-1] < losses[0] / 10
    assert all(parameter.grad is not None for parameter in model.parameters())

    unseen = ["a great and funny story", "awful"]
    first, again = classify(unseen, model, tokenizer), classify(unseen, model, tokenizer)
    assert first == again, "eval mode: no dropout"
    assert [label for label, _ in first] == [1, 0]
    (alone,) = classify(unseen[1:], model, tokenizer)
    assert abs(alone[1] - first[1][1]) < 1e-5, "the padding of a batch changes nothing"
    assert tokenizer(unseen, padding=True)["attention_mask"] == [[1, 1, 1, 1, 1], [1, 0, 0, 0, 0]]

    saved: list[torch.Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda tensor: tensor):
        classify(unseen, model, tokenizer)
    assert not saved

    with running(serve(model, tokenizer)) as address:
        over_http = ask(f"{address}/classify", unseen)
    assert [label for label, _ in over_http] == [1, 0]
    model.train()
    assert train(model, tokenizer)[-1] < losses[0], "it still trains"
    print([(text, label) for text, (label, _) in zip(unseen, first, strict=True)])


if __name__ == "__main__":
    main()
