"""Lanes of family mlp as their tensor program sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from torch import Tensor

from cambrian.models.activations import ACTIVATIONS, Activation
from cambrian.models.mlp import MLP

Kind = TypeVar("Kind")


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


@dataclass(frozen=True, slots=True)
class LayerKind:
    """What the lanes of a range have in common in a layer.

    Attributes:
        activation: The activation.
        normalised: Whether a normalisation stands before it.
        parametric: Whether it has slopes.
        dropout: Whether masks come after it.
        residual: Whether the layer's input is added to its output.
    """

    activation: Activation
    normalised: bool
    parametric: bool
    dropout: bool
    residual: bool

    @property
    def plain(self) -> bool:
        """Whether there is nothing but a product and its activation."""
        return not (self.normalised or self.parametric or self.dropout or self.residual)

    @classmethod
    def of(cls, lane: PackLane, index: int) -> LayerKind:
        """Of a lane that has hidden layer `index`."""
        genes = lane.genes
        return cls(
            ACTIVATIONS[genes["activation"]],
            genes["normalisation"] != "none",
            bool(genes["parametric"]),
            bool(genes["dropout"]),
            lane.network.hidden_layers[index].residual,
        )


Statistics = tuple[Tensor, Tensor]
"""Running means and variances of the lanes that have a layer, `(lanes, padded width)` each."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """What the lanes of a program share instead of having it each.

    Attributes:
        masks: Of each hidden layer the dropout masks `(lanes with dropout that have it, rows, width)`, in the
            lanes' order; whoever trains writes them before each step.
        running: Of each hidden layer the running statistics.
    """

    masks: Sequence[Tensor]
    running: Sequence[Statistics]


def spans(kinds: Sequence[Kind]) -> Iterator[tuple[slice, Kind]]:
    """Runs of equal neighbours, with what they are equal in."""
    start = 0
    for kind, members in groupby(kinds):
        end = start + len(list(members))
        yield slice(start, end), kind
        start = end
