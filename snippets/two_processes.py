"""Run a function in two processes of one machine that form a group, on the CPU."""

import gc
import multiprocessing
import os
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
    """Return what `work(rank)` returns in this process, rank 0, and in one forked from it, rank 1.

    What is raised in one of them is raised here.  They wait for each other for some seconds.
    """
    queue: SimpleQueue[Any] = FORK.SimpleQueue()
    with TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        other = FORK.Process(target=_join, args=(queue, work, store, seconds), daemon=True)
        # A group that is garbage here must not be torn down there: its threads are not forked.
        gc.freeze()
        other.start()
        gc.unfreeze()
        results = [_result_of(work, 0, store, seconds)]
        other.join()
    results.append(ChildProcessError(other.exitcode) if other.exitcode else queue.get())
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def _join(queue: "SimpleQueue[Any]", work: Callable[[int], Any], store: Path, seconds: int) -> None:
    torch.set_num_threads(1)  # the other threads are not forked, but would be waited for
    result = _result_of(work, 1, store, seconds)
    queue.put(result)
    os._exit(0)  # to tear down a group whose time was up can hang


def _result_of(work: Callable[[int], Any], rank: int, store: Path, seconds: int) -> object:
    distributed.init_process_group(
        "gloo",
        store=distributed.FileStore(str(store), 2),
        rank=rank,
        world_size=2,
        timeout=timedelta(seconds=seconds),
    )
    try:
        distributed.barrier()  # if one left before the other has joined, that would raise
        return work(rank)
    except Exception as error:  # noqa: BLE001  # it is raised where both are over
        return error
    finally:
        distributed.destroy_process_group()


# --8<-- [end:run]


def _gradient(rank: int) -> float:
    model = DistributedDataParallel(nn.Linear(1, 1))
    model(torch.tensor([[1.0 + 2 * rank]])).sum().backward()
    return float(model.module.weight.grad)


if __name__ == "__main__":
    gradients = in_two_processes(_gradient)
    assert gradients == [2.0, 2.0]
    print("inputs 1 and 3, gradients", gradients)
