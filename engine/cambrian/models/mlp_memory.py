"""What the calls of a pack's step read and write: the lanes, their parameters, and memory of the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cambrian.models.mlp import MLP
from cambrian.models.mlp_layout import Layout


@dataclass(slots=True, eq=False)
class PackLane:
    """A lane as the program sees it.

    Attributes:
        genes: Values of all genes.
        network: Its parameters' views, running statistics and constants.
        widths: Padded width of each hidden layer.
        masks: Dropout masks of the step, one `(rows, width)` a hidden layer; empty without dropout. Whoever
            trains the lane replaces them before each step.
    """

    genes: Mapping[str, Any]
    network: MLP
    widths: tuple[int, ...]
    masks: Sequence[Tensor] = ()

    @property
    def depth(self) -> int:
        """Hidden layers."""
        return len(self.widths)

    @property
    def order(self) -> tuple[Any, ...]:
        """Lanes sorted by this have long ranges: deepest first, then what their kernels differ in."""
        genes = self.genes
        return (
            -self.depth,
            genes["normalisation"],
            genes["activation"],
            bool(genes["parametric"]),
            bool(genes["dropout"]),
            bool(genes["residual"]),
        )


class Storage:
    """Memory that the programs of a pack share: the same room serves full batches and the short last one."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._rooms: dict[str, Tensor] = {}

    def get(self, name: str, *shape: int) -> Tensor:
        """A tensor of this shape in the room; two programs of a pack never run at once."""
        size = 1
        for length in shape:
            size *= length
        if name not in self._rooms or len(self._rooms[name]) < size:
            self._rooms[name] = torch.zeros(size, device=self._device)
        return self._rooms[name][:size].view(shape)


class StepMemory:
    """Everything that a program's calls work on, for batches of one padded size.

    Args:
        lanes: The lanes, sorted by `PackLane.order`.
        layout: Of the deepest lane: where parameters lie in the stacks.
        weights: The stacks `(lanes, length)` of the lanes' parameters.
        gradients: The stacks that receive their gradients; the same layout.
        rows: Padded rows of a batch.
        real_rows: Rows of each lane's batch that are no padding.
        storage: Shared memory.
    """

    def __init__(
        self,
        lanes: Sequence[PackLane],
        layout: Layout,
        *,
        weights: Mapping[str, Tensor],
        gradients: Mapping[str, Tensor],
        rows: int,
        real_rows: Sequence[int],
        storage: Storage,
    ) -> None:
        self.lanes = lanes
        self.layout = layout
        self.weights = weights
        self.gradients = gradients
        self.rows = rows
        self.real_rows = real_rows
        self._storage = storage

    def weight(self, name: str, span: slice) -> Tensor:
        """A parameter of some lanes."""
        return self.layout.stacked(name, self.weights, span)

    def gradient(self, name: str, span: slice) -> Tensor:
        """Its gradient."""
        return self.layout.stacked(name, self.gradients, span)

    def activation_gradient(self, index: int) -> Tensor:
        """The gradient of a hidden layer's output; two rooms in turns are enough."""
        lanes = [lane for lane in self.lanes if lane.depth > index]
        return self.room(f"gradient_{index % 2}", len(lanes), self.rows, lanes[0].widths[index])

    def room(self, name: str, *shape: int) -> Tensor:
        """Memory of this step."""
        return self._storage.get(name, *shape)
