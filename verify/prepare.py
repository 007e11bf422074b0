"""What each process calls before it runs a file, so that every file starts alike."""

import random

import numpy as np
import torch


def prepare() -> None:
    """Set the seeds, and one thread: results then do not depend on the machine's cores."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002  # the global generator is what a page's code would use
    torch.manual_seed(0)
    torch.set_num_threads(1)


# Its first call looks for accelerators; made here, where this module is imported, it is made once,
# and not in each process.
torch.manual_seed(0)
