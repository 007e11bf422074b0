# /// script
# dependencies = ["fastapi", "uvicorn", "torch", "numpy"]
# ///
"""A model behind HTTP: loaded once, in eval mode, and asked under inference mode."""

import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, Field
from torch import nn


# --8<-- [start:application]
class Rows(BaseModel):
    """What a client sends: rows of three numbers."""

    rows: list[tuple[float, float, float]] = Field(min_length=1, max_length=1000)


class Prediction(BaseModel):
    """What it gets: a label and a probability for each row."""

    labels: list[int]
    probabilities: list[float]


def load() -> nn.Module:
    """Make the model; a real service would load its weights here."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 2)).eval()


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model once, before the first request."""
    app.state.model = load()
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/predict")
def predict(sent: Rows) -> Prediction:
    """Answer in a worker thread, which enters the mode itself."""
    with torch.inference_mode():
        probabilities = app.state.model(torch.tensor(sent.rows)).softmax(dim=1)
        best, labels = probabilities.max(dim=1)
    return Prediction(labels=labels.tolist(), probabilities=best.tolist())


# --8<-- [end:application]


# --8<-- [start:modes]
@app.get("/modes/thread")
def mode_in_a_thread() -> dict[str, bool]:
    """Tell the grad mode of the worker thread that answers."""
    return {"grad": torch.is_grad_enabled()}


@app.get("/modes/decorated")
@torch.inference_mode()
def mode_of_a_decorated_function() -> dict[str, bool]:
    """Tell the mode in a decorated handler."""
    return {"inference": torch.is_inference_mode_enabled()}


@app.get("/modes/decorated-coroutine")
@torch.inference_mode()
async def mode_of_a_decorated_coroutine() -> dict[str, bool]:
    """Tell the mode in a decorated coroutine: the decorator's block is over before it runs."""
    return {"inference": torch.is_inference_mode_enabled()}


# --8<-- [end:modes]


@contextlib.contextmanager
def running(application: FastAPI) -> Iterator[str]:
    """Serve an application on a free port while the block runs; yields its address."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server could not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def ask(address: str, sent: object = None) -> object:
    """Send JSON, or nothing, and return the JSON that comes back."""
    body = None if sent is None else json.dumps(sent).encode()
    request = Request(address, data=body, headers={"Content-Type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=10) as answer:  # noqa: S310  # the service's own address
        return json.load(answer)


def main() -> None:
    """Ask the service over HTTP, from several threads at a time."""
    rows = [[0.5, -1.0, 2.0], [1.0, 1.0, 1.0]]
    with torch.no_grad():
        expected = load()(torch.tensor(rows)).softmax(dim=1)

    torch.set_grad_enabled(False)  # reaches this thread, and none of the service's
    with running(app) as address, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(f"{address}/predict", {"rows": rows}), range(32)))
        assert all(answer == answers[0] for answer in answers), "eval mode: no dropout"
        assert answers[0]["labels"] == expected.argmax(dim=1).tolist()
        assert torch.allclose(torch.tensor(answers[0]["probabilities"]), expected.max(1).values)

        assert ask(f"{address}/modes/thread") == {"grad": True}
        assert ask(f"{address}/modes/decorated") == {"inference": True}
        assert ask(f"{address}/modes/decorated-coroutine") == {"inference": False}

        for wrong in ([], [[1.0, 2.0]]):
            refused = 0
            try:
                ask(f"{address}/predict", {"rows": wrong})
            except HTTPError as error:
                refused = error.code
            assert refused == 422, "no row, or one that is too short"
    torch.set_grad_enabled(True)
    print(f"{len(answers)} requests from 8 threads, the same answer to each")


if __name__ == "__main__":
    main()
