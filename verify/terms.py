"""Claims by which the glossary defines its terms: leaf, graph, view, hook, parameter, buffer."""

from collections.abc import Callable

import torch
from torch import nn
from torch.autograd import forward_ad

from mkdocs_claims import claim
from verify import counterfactuals

Operation = Callable[[torch.Tensor], torch.Tensor]


@claim(
    refuted_by=[
        counterfactuals.views_are_copies,
        counterfactuals.detach_copies,
        counterfactuals.clone_returns_the_tensor_itself,
        counterfactuals.in_place_changes_go_unnoticed,
    ]
)
def view_and_detached_tensor_share_storage_and_version() -> None:
    """A slice and `detach()` share a tensor's storage and version counter; a clone has its own."""
    x = torch.ones(2)
    view, detached, clone = x[:], x.detach(), x.clone()

    x.add_(1)

    assert view.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    assert detached.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    assert clone.untyped_storage().data_ptr() != x.untyped_storage().data_ptr()
    assert x._version == 1
    assert view._version == 1
    assert detached._version == 1
    assert clone._version == 0


@claim(
    refuted_by=[counterfactuals.parameters_include_buffers],
    rival=lambda module, name, tensor: module.register_parameter(name, nn.Parameter(tensor)),
)
def parameter_trains_and_a_buffer_is_only_kept_with_the_module(
    register: Callable[..., None] = lambda module, name, tensor: module.register_buffer(
        name, tensor
    ),
) -> None:
    """A parameter requires grad; a buffer does not; `state_dict` has both, `parameters()` one."""
    module = nn.Module()
    module.weight = nn.Parameter(torch.ones(1))
    module.plain = torch.ones(1)
    register(module, "mean", torch.ones(1))

    assert module.weight.requires_grad
    assert not module.mean.requires_grad
    assert [parameter is module.weight for parameter in module.parameters()] == [True]
    assert list(module.state_dict()) == ["weight", "mean"]


@claim(
    refuted_by=[counterfactuals.parameters_include_buffers],
    rival=lambda parameter: parameter,
)
def parameter_is_seen_if_it_is_itself_an_attribute_or_in_a_parameter_list(
    change: Operation = lambda parameter: parameter * 0.1,
) -> None:
    """`parameters()` misses a scaled `nn.Parameter` and one in a list; it sees `ParameterList`."""
    module = nn.Module()
    module.seen = nn.Parameter(torch.ones(1))
    module.scaled = change(nn.Parameter(torch.ones(1)))
    module.listed = [nn.Parameter(torch.ones(1))]
    module.in_a_parameter_list = nn.ParameterList([nn.Parameter(torch.ones(1))])
    module.register_buffer("mean", torch.zeros(1))

    names = [name for name, _ in module.named_parameters()]

    assert names == ["seen", "in_a_parameter_list.0"]


@claim(refuted_by=[counterfactuals.detach_returns_the_tensor_itself], rival=lambda x: x.detach())
def dual_tensor_carries_its_tangent_along(keep: Operation = lambda x: x * 1) -> None:
    """A dual tensor carries a tangent: `x * x` at 3 with tangent 1 has the tangent 6."""
    with forward_ad.dual_level():
        x = keep(forward_ad.make_dual(torch.tensor(3.0), torch.tensor(1.0)))
        primal, tangent = forward_ad.unpack_dual(x * x)
        detached = forward_ad.unpack_dual((x * x).detach()).tangent

    assert primal.item() == 9.0
    assert tangent is not None
    assert tangent.item() == 6.0
    assert detached is None
