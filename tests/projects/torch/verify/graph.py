"""A claim about the graph."""

import torch

from mkdocs_claims import claim


@claim
def product_is_recorded() -> None:
    """A product with a trainable tensor has a `grad_fn`."""
    assert (torch.ones(2, requires_grad=True) * 2).grad_fn is not None
