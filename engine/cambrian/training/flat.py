"""A network's parameters as views of two flat tensors: a step costs the same for any number of layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

MATRICES = "matrices"
VECTORS = "vectors"


class FlatWeights:
    """Owns the parameters of a network: `matrices` holds what is decayed, `vectors` the rest.

    The network's parameters become views, in the order of `named_parameters`, so whatever changes the flat
    tensors changes the network. Widths are multiples of 16 floats, so every view starts at a multiple of 64
    bytes, as a tensor of its own would: kernels choose their path by alignment, and so the bits.

    Attributes:
        tensors: The two flat tensors by name.
        parameters: The network's parameters in the order of `gather`.
    """

    def __init__(self, network: nn.Module, decayed: frozenset[str]) -> None:
        named = dict(network.named_parameters())
        groups = {
            MATRICES: [name for name in named if name in decayed],
            VECTORS: [name for name in named if name not in decayed],
        }
        self.tensors: dict[str, Tensor] = {}
        self._places: dict[str, tuple[str, int, torch.Size]] = {}
        for group, names in groups.items():
            flat = torch.cat([named[name].detach().reshape(-1) for name in names])
            offset = 0
            for name in names:
                shape = named[name].shape
                self._places[name] = group, offset, shape
                named[name].data = flat[offset : offset + shape.numel()].view(shape)
                offset += shape.numel()
            self.tensors[group] = flat
        self.parameters = [named[name] for name in self._places]
        self._matrices = len(groups[MATRICES])

    def gather(self, gradients: Sequence[Tensor]) -> dict[str, Tensor]:
        """The gradients of `parameters` as two new flat tensors."""
        flat = [gradient.reshape(-1) for gradient in gradients]
        return {MATRICES: torch.cat(flat[: self._matrices]), VECTORS: torch.cat(flat[self._matrices :])}

    def copy(self) -> dict[str, Tensor]:
        """A copy of the two flat tensors."""
        return {group: flat.clone() for group, flat in self.tensors.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Copy two flat tensors into the network."""
        for group, flat in self.tensors.items():
            flat.copy_(tensors[group])

    def named(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Two flat tensors taken apart into views by parameter name."""
        return {
            name: tensors[group][offset : offset + shape.numel()].view(shape)
            for name, (group, offset, shape) in self._places.items()
        }

    def flatten(self, named: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Two new flat tensors from tensors by parameter name; the inverse of `named`."""
        flat = {group: torch.empty_like(tensor) for group, tensor in self.tensors.items()}
        for name, view in self.named(flat).items():
            view.copy_(named[name])
        return flat

    def finite(self) -> bool:
        """Whether every weight is a finite number."""
        return all(bool(torch.isfinite(flat).all()) for flat in self.tensors.values())
