"""Run a function in two processes of one machine that form a group, on the CPU."""

import multiprocessing
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

FORK = multiprocessing.get_context("fork")


# --8<-- [start:run]
def in_two_processes(work: Callable[[int], Any], seconds: int = 60) -> list[Any]:
    """Return what `work(rank)` returns in two processes; what one of them raises is raised here.

    They wait for each other as many seconds as told.
    """
    queue: SimpleQueue[tuple[int, Any]] = FORK.SimpleQueue()
    with TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        processes = [
            FORK.Process(target=_join, args=(work, rank, store, seconds, queue))
            for rank in range(2)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    results = dict(queue.get() for process in processes if not process.exitcode)
    for rank in range(2):
        if isinstance(results[rank], Exception):
            raise results[rank]
    return [results[0], results[1]]


def _join(
    work: Callable[[int], Any], rank: int, store: Path, seconds: int, queue: "SimpleQueue[Any]"
) -> None:
    distributed.init_process_group(
        "gloo",
        store=distributed.FileStore(str(store), 2),
        rank=rank,
        world_size=2,
        timeout=timedelta(seconds=seconds),
    )
    try:
        result = work(rank)
    except Exception as error:  # noqa: BLE001  # it is raised again where someone sees it
        result = error
    distributed.destroy_process_group()
    queue.put((rank, result))


# --8<-- [end:run]


def _gradient(rank: int) -> float:
    model = DistributedDataParallel(nn.Linear(1, 1))
    model(torch.tensor([[1.0 + 2 * rank]])).sum().backward()
    return float(model.module.weight.grad)


if __name__ == "__main__":
    gradients = in_two_processes(_gradient)
    assert gradients == [2.0, 2.0]
    print("inputs 1 and 3, gradients", gradients)
