"""Serve predictions from a thread pool: each worker enters inference mode itself."""

from concurrent.futures import ThreadPoolExecutor

import torch
from torch import nn


# --8<-- [start:predict]
def predict(model: nn.Module, request: torch.Tensor) -> torch.Tensor:
    """Answer one request; the block stands here, in the function that the worker runs."""
    with torch.inference_mode():
        return model(request)


def serve(model: nn.Module, requests: list[torch.Tensor]) -> list[torch.Tensor]:
    """Answer all requests from four threads, in the order in which they came."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(lambda request: predict(model, request), requests))


# --8<-- [end:predict]


# --8<-- [start:mistake]
def serve_with_the_block_outside(
    model: nn.Module, requests: list[torch.Tensor]
) -> list[torch.Tensor]:
    """Enter the mode in the thread that submits: the workers know nothing of it."""
    with torch.inference_mode(), ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(model, requests))


# --8<-- [end:mistake]


def main() -> None:
    """Show which of the two covers the workers, and that both give the same values."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    model.eval()  # once, when the model is loaded: every thread shares it
    requests = list(torch.randn(8, 1, 4))

    answers = serve(model, requests)
    assert all(answer.is_inference() for answer in answers)
    assert not torch.is_inference_mode_enabled()

    mistaken = serve_with_the_block_outside(model, requests)
    assert not any(answer.is_inference() for answer in mistaken)
    assert all(answer.requires_grad for answer in mistaken)

    for answer, other in zip(answers, mistaken, strict=True):
        assert torch.allclose(answer, other)
    print(f"block in the worker: grad_fn is {answers[0].grad_fn}")
    print(f"block around the pool: grad_fn is {type(mistaken[0].grad_fn).__name__}")


if __name__ == "__main__":
    main()
