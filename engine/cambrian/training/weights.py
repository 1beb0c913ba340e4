"""Owns a lane's parameters, wherever the pack it trains in has put them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cambrian.models.mlp import MLP
from cambrian.models.mlp_layout import Layout


@dataclass(frozen=True, slots=True, eq=False)
class LaneHome:
    """Memory for everything of a lane that training changes; each a row of what its pack's lanes share.

    Attributes:
        weights: The two flat vectors.
        moments: The optimizer's, by name the two flat vectors.
        average: The averaged weights; empty without gene `ema`.
        best: The best epoch's weights.
        running: Of each hidden layer the running means and variances, padded.
        best_running: Those of the best epoch.
    """

    weights: dict[str, Tensor]
    moments: dict[str, dict[str, Tensor]]
    average: dict[str, Tensor]
    best: dict[str, Tensor]
    running: Sequence[tuple[Tensor, Tensor]]
    best_running: Sequence[tuple[Tensor, Tensor]]


class LaneWeights:
    """Owns the parameters of a network; they are views of `tensors` with the padding cut off.

    Attributes:
        layout: Where each parameter lies.
        tensors: The two flat vectors by name.
    """

    def __init__(self, network: MLP, layout: Layout, device: torch.device) -> None:
        self.layout = layout
        self._network = network
        self._shapes = {name: parameter.shape for name, parameter in network.named_parameters()}
        self.tensors = {group: torch.zeros(length, device=device) for group, length in layout.sizes.items()}
        with torch.no_grad():
            for name, view in self.named(self.tensors).items():
                view.copy_(network.get_parameter(name))
        self._bind()

    def move(self, tensors: dict[str, Tensor]) -> None:
        """Copy the parameters into other flat vectors and live there from now on."""
        for group, flat in self.tensors.items():
            tensors[group].copy_(flat)
        self.tensors = tensors
        self._bind()

    def _bind(self) -> None:
        views = self.named(self.tensors)
        for name, parameter in self._network.named_parameters():
            parameter.requires_grad_(False)
            parameter.data = views[name]

    def bind_running(self, running: Sequence[tuple[Tensor, Tensor]]) -> None:
        """Copy the running statistics of batch normalisation into other memory and keep them there."""
        for name, home in self.named_running(running).items():
            home.copy_(self._network.get_buffer(name))
            module, _, attribute = name.rpartition(".")
            setattr(self._network.get_submodule(module), attribute, home)

    def named_running(self, running: Sequence[tuple[Tensor, Tensor]]) -> dict[str, Tensor]:
        """Views of the network's running statistics by buffer name, without padding."""
        views = {}
        for index, layer in enumerate(self._network.hidden_layers):
            if layer.normalisation == "batch":
                means, variances = (each[: len(layer.running_mean)] for each in running[index])
                views[f"hidden.{index}.running_mean"] = means
                views[f"hidden.{index}.running_variance"] = variances
        return views

    def named(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Two flat vectors taken apart into views by parameter name, without padding."""
        views = {}
        for name, shape in self._shapes.items():
            place = self.layout.places[name]
            view = place.of(tensors[place.group].unsqueeze(0))[0]
            views[name] = view[tuple(slice(size) for size in shape)]
        return views

    def zeros(self) -> dict[str, Tensor]:
        """Two new flat vectors of zeros."""
        return {group: torch.zeros_like(flat) for group, flat in self.tensors.items()}

    def flatten(self, named: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Two new flat vectors from tensors by parameter name; the inverse of `named`.

        Raises:
            KeyError: A parameter is missing.
        """
        flat = self.zeros()
        for name, view in self.named(flat).items():
            view.copy_(named[name])
        return flat

    def copy(self) -> dict[str, Tensor]:
        """A copy of the two flat vectors."""
        return {group: flat.clone() for group, flat in self.tensors.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Copy two flat vectors into the network."""
        for group, flat in self.tensors.items():
            flat.copy_(tensors[group])

    def finite(self) -> bool:
        """Whether every weight is a finite number."""
        return all(bool(torch.isfinite(flat).all()) for flat in self.tensors.values())
