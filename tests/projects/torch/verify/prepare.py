"""What each process calls before it runs a file."""

import torch


def prepare() -> None:
    """Set the seed, and one thread."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
