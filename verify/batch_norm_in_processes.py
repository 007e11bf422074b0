"""Claims about batch norm under DDP: whose statistics are used, kept and handed on.

Process 0 has the batch 0 and 2, with the mean 1; process 1 has 10 and 12, with the mean 11.
"""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from mkdocs_claims import claim
from snippets.two_processes import in_two_processes
from verify import counterfactuals

Batch = Callable[[int], torch.Tensor]
Wrap = Callable[[nn.Module], nn.Module]


def _batch(rank: int) -> torch.Tensor:
    return torch.tensor([[0.0], [2.0]]) + 10 * rank


def _norm() -> nn.Module:
    """Return a batch norm whose running mean is that of the last batch."""
    return nn.BatchNorm1d(1, momentum=1.0)


@claim(
    refuted_by=[counterfactuals.running_statistics_never_move],
    rival=lambda rank: torch.cat([_batch(0), _batch(1)]),  # noqa: ARG005  # as the other has it
)
def batch_norm_under_ddp_sees_the_batch_of_its_own_process(batch: Batch = _batch) -> None:
    """In train mode under DDP each process normalises by its own batch, and keeps its mean."""

    def work(rank: int) -> tuple[list[float], float]:
        model = DistributedDataParallel(_norm())
        result = model(batch(rank))
        return [round(value, 2) for value in result.flatten().tolist()], (
            model.module.running_mean.item()
        )

    assert in_two_processes(work) == [([-1.0, 1.0], 1.0), ([-1.0, 1.0], 11.0)]


@claim(rival=DistributedDataParallel)
def ddp_that_hands_out_no_buffers_leaves_each_process_its_running_mean(
    wrap: Wrap = lambda module: DistributedDataParallel(module, forward_sync_buffers=False),
) -> None:
    """With `forward_sync_buffers=False` each process validates on a running mean of its own."""

    def work(rank: int, wrap: Wrap) -> float:
        model = wrap(_norm())
        model(_batch(rank)).sum().backward()
        model.eval()
        with torch.no_grad():
            model(_batch(rank))
        return model.module.running_mean.item()

    assert in_two_processes(partial(work, wrap=DistributedDataParallel)) == [1.0, 1.0]
    assert in_two_processes(partial(work, wrap=wrap)) == [1.0, 11.0]


@claim(rival=lambda module: DistributedDataParallel(module, forward_sync_buffers=False))
def broadcast_buffers_false_warns_and_hands_out_none_at_wrapping_either(
    wrap: Wrap = lambda module: DistributedDataParallel(module, broadcast_buffers=False),
) -> None:
    """`broadcast_buffers=False` is deprecated, and leaves buffers apart from the wrapping on."""

    def work(rank: int, wrap: Wrap) -> float:
        norm = _norm()
        nn.init.constant_(norm.running_mean, 5.0 + rank)
        return wrap(norm).module.running_mean.item()

    assert in_two_processes(partial(work, wrap=DistributedDataParallel)) == [5.0, 5.0]
    with pytest.warns(FutureWarning, match="^`broadcast_buffers` is deprecated") as caught:
        assert in_two_processes(partial(work, wrap=wrap)) == [5.0, 6.0]
    print(caught[0].message)


@claim(
    refuted_by=[counterfactuals.eval_does_nothing],
    rival=lambda norm: norm,
)
def batch_norm_in_eval_mode_needs_no_buffers_handed_out(
    freeze: Callable[[nn.Module], nn.Module] = lambda norm: norm.eval(),
) -> None:
    """In eval mode a batch norm keeps the same mean in each process, with no buffers handed out."""

    def work(rank: int) -> float:
        model = DistributedDataParallel(_norm(), forward_sync_buffers=False)
        freeze(model.module)
        for _ in range(2):
            model(_batch(rank)).sum().backward()
        return model.module.running_mean.item()

    assert in_two_processes(work) == [0.0, 0.0]


@claim(
    refuted_by=[counterfactuals.running_statistics_never_move],
    rival=lambda buffer: distributed.broadcast(buffer, 0),
)
def all_reduce_gives_each_process_the_average_of_the_statistics(
    combine: Callable[[torch.Tensor], object] = lambda buffer: distributed.all_reduce(
        buffer.div_(2)
    ),
) -> None:
    """Half of each, summed by `all_reduce`, is the mean of the means, and of the variances."""

    def work(rank: int) -> tuple[float, float]:
        model = DistributedDataParallel(_norm(), forward_sync_buffers=False)
        model(_batch(rank))
        for buffer in model.buffers():
            if buffer.is_floating_point():
                combine(buffer)
        return model.module.running_mean.item(), model.module.running_var.item()

    assert in_two_processes(work) == [(6.0, 2.0), (6.0, 2.0)]


@claim(refuted_by=[counterfactuals.running_statistics_never_move], rival=lambda module: module)
def sync_batch_norm_keeps_the_parameters_and_is_refused_on_the_cpu(
    convert: Wrap = nn.SyncBatchNorm.convert_sync_batchnorm,
) -> None:
    """`convert_sync_batchnorm` keeps weights and statistics; on the CPU DDP refuses to wrap it."""
    model = nn.Sequential(_norm())
    model(_batch(1))
    weight = model[0].weight

    converted = convert(model)

    assert converted[0].weight is weight
    assert converted[0].running_mean.item() == 11.0
    with pytest.raises(ValueError, match=r"^SyncBatchNorm layers only work with GPU modules$"):
        in_two_processes(lambda rank: DistributedDataParallel(converted) and rank)
