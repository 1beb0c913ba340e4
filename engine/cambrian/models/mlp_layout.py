"""Where the parameters of a lane of family mlp lie in two flat vectors, alike in every lane of a bucket.

Padded shapes follow from genome and data alone: lanes of one bucket stack without a copy, and a lane computes
on the same shapes alone as in company. Padding is zero and stays so: nothing that reaches it has a gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from cambrian.padding import padded
from cambrian.space.families.mlp import padded_widths

MATRICES = "matrices"
"""The flat vector of weight matrices, the only ones that weight decay, L2 and L1 reach."""
VECTORS = "vectors"
"""The flat vector of biases, norm scales and shifts, and slopes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a parameter lies: the flat vector, its offset in it, and its padded shape."""

    group: str
    offset: int
    shape: tuple[int, ...]

    def of(self, stack: Tensor) -> Tensor:
        """The parameter of every lane, `(lanes, *shape)`, in a stack `(lanes, length)`."""
        length = 1
        for size in self.shape:
            length *= size
        return stack[:, self.offset : self.offset + length].view(len(stack), *self.shape)


class Layout:
    """Places of all parameters of a lane.

    Attributes:
        inputs: Padded input width: of the rows that the lane trains on.
        outputs: Padded output width.
        widths: Padded width of each hidden layer that the lane has.
        places: By parameter name, as `MLP` names them; also those a lane of the bucket may lack.
        sizes: Length of each flat vector.
    """

    def __init__(self, genes: Mapping[str, Any], inputs: int, outputs: int) -> None:
        every = padded_widths(genes)
        self.inputs, self.outputs = padded(inputs), padded(outputs)
        self.widths = every[: genes["layers"]]
        self.places = {
            "head.weight": self.head(len(self.widths)),
            "head.bias": Place(VECTORS, 0, (self.outputs,)),
        }
        # The head comes first, in a room that fits any depth: a lane of fewer layers then uses a prefix.
        matrices, vectors = self.outputs * max(self.inputs, *every), self.outputs
        before = self.inputs
        for index, width in enumerate(self.widths):
            layer = f"hidden.{index}"
            self.places[f"{layer}.weight"] = Place(MATRICES, matrices, (width, before))
            matrices += width * before
            for name in ("bias", "norm_scale", "norm_shift", "slope"):
                self.places[f"{layer}.{name}"] = Place(VECTORS, vectors, (width,))
                vectors += width
            before = width
        self.sizes = {MATRICES: matrices, VECTORS: vectors}

    def head(self, depth: int) -> Place:
        """The head's weight in those lanes of the bucket that have `depth` hidden layers."""
        return Place(MATRICES, 0, (self.outputs, self.widths[depth - 1] if depth else self.inputs))

    def stacked(self, name: str, stacks: Mapping[str, Tensor], lanes: slice) -> Tensor:
        """The named parameter of some lanes, `(lanes, *padded shape)`, as a view of their stacks."""
        place = self.places[name]
        return place.of(stacks[place.group][lanes])
