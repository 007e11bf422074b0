"""Claims about what recording costs: how many nodes, and which tensors, by the kind of layer."""

from collections.abc import Callable

import torch
from torch import nn
from torch.autograd.graph import Node, saved_tensors_hooks

from mkdocs_claims import claim
from verify import counterfactuals

Product = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Stack = Callable[[int, int], nn.Sequential]


def _pairs(depth: int, width: int) -> nn.Sequential:
    layers = [nn.Linear(width, width) if n % 2 == 0 else nn.ReLU() for n in range(2 * depth)]
    return nn.Sequential(*layers)


@claim(
    refuted_by=[counterfactuals.operations_are_never_recorded],
    rival=lambda depth, width: _pairs(width // 4 * depth, width),
)
def recorded_nodes_depend_on_the_layers_and_not_on_width_or_batch(stack: Stack = _pairs) -> None:
    """A pair of `Linear` and `ReLU` records five nodes, at every width and every batch size."""
    counts = {}
    for depth, width, rows in ((1, 4, 1), (2, 4, 1), (2, 64, 1), (2, 64, 100)):
        output = stack(depth, width)(torch.ones(rows, width))
        found: set[Node] = set()
        ahead = [output.grad_fn]
        while ahead:
            node = ahead.pop()
            if node is not None and node not in found:
                found.add(node)
                ahead += [before for before, _ in node.next_functions]
        counts[depth, width, rows] = len(found)

    assert counts[1, 4, 1] == 5
    assert counts[2, 4, 1] == 10
    assert counts[2, 64, 1] == 10
    assert counts[2, 64, 100] == 10


@claim(
    refuted_by=[counterfactuals.operations_are_never_recorded],
    rival=lambda x, weight: (x @ weight).relu(),
)
def matrix_product_packs_only_its_operands(
    multiply: Product = lambda x, weight: x @ weight,
) -> None:
    """`x @ weight` packs its two operands and nothing else; if `x` is plain, it packs only `x`."""
    x = torch.ones(3, 4, requires_grad=True)
    weight = torch.ones(4, 5, requires_grad=True)
    of_both: list[torch.Tensor] = []
    of_plain: list[torch.Tensor] = []

    with saved_tensors_hooks(of_both.append, lambda packed: packed):
        multiply(x, weight)
    with saved_tensors_hooks(of_plain.append, lambda packed: packed):
        multiply(x.detach(), weight)

    assert {packed.data_ptr() for packed in of_both} == {x.data_ptr(), weight.data_ptr()}
    assert {packed.data_ptr() for packed in of_plain} == {x.data_ptr()}


@claim(
    refuted_by=[
        counterfactuals.eval_turns_gradients_off,
        counterfactuals.operations_are_never_recorded,
    ]
)
def eval_mode_packs_what_train_mode_packs() -> None:
    """A stack of `Linear` and `ReLU` packs the same tensors in eval mode as in train mode."""
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    x = torch.ones(3, 4)
    in_train_mode: list[torch.Tensor] = []
    in_eval_mode: list[torch.Tensor] = []

    model.train()
    with saved_tensors_hooks(in_train_mode.append, lambda packed: packed):
        model(x)
    model.eval()
    with saved_tensors_hooks(in_eval_mode.append, lambda packed: packed):
        model(x)

    shapes = [(3, 4), (3, 4), (3, 4), (4, 2)]
    assert [tuple(packed.shape) for packed in in_train_mode] == shapes
    assert [tuple(packed.shape) for packed in in_eval_mode] == shapes


@claim(refuted_by=[counterfactuals.dropout_is_always_on, counterfactuals.dropout_never_drops])
def dropout_packs_its_mask_in_train_mode_only() -> None:
    """`nn.Dropout` packs one tensor, its mask, in train mode, and nothing in eval mode."""
    dropout = nn.Dropout(0.5)
    x = torch.ones(1000, requires_grad=True)
    in_train_mode: list[torch.Tensor] = []
    in_eval_mode: list[torch.Tensor] = []

    with saved_tensors_hooks(in_train_mode.append, lambda packed: packed):
        dropped = dropout(x)
    dropout.eval()
    with saved_tensors_hooks(in_eval_mode.append, lambda packed: packed):
        dropout(x)

    assert [torch.equal(packed != 0, dropped != 0) for packed in in_train_mode] == [True]
    assert in_eval_mode == []
