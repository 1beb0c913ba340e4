"""Where the calls of a tensor program read and write: memory that programs share, and views of the stacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cambrian.models.mlp_lanes import PackLane, Ranges
from cambrian.models.mlp_layout import Layout

Call = Callable[[], Any]
"""A kernel with all that it reads and writes."""


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


@dataclass(frozen=True, slots=True, eq=False)
class StepTensors:
    """The lanes of a program and the tensors of a step of theirs.

    Attributes:
        lanes: The lanes, deepest first.
        layout: Of the deepest lane: where parameters lie in the stacks.
        weights: The stacks `(lanes, length)` of the lanes' parameters.
        gradients: The stacks that receive their gradients; the same layout.
        rows: Padded rows of a batch.
        real_rows: Rows of each lane's batch that are no padding.
        storage: Shared memory.
        ranges: What the lanes share, if nothing is to be called lane by lane.
    """

    lanes: Sequence[PackLane]
    layout: Layout
    weights: Mapping[str, Tensor]
    gradients: Mapping[str, Tensor]
    rows: int
    real_rows: Sequence[int]
    storage: Storage
    ranges: Ranges | None

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
        return self.storage.get(name, *shape)
