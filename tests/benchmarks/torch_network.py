"""Family mlp in torch's own modules: what tests hold Cambrian's network against, and benchmarks train.

It is written as a usual user writes it. Dropout draws from torch's global generator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from cambrian.space.families.mlp import layer_widths

Genes = Mapping[str, Any]

MODULES: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}
"""Activations by the name their gene has."""
_NAMES = {
    "weight": "linear.weight",
    "bias": "linear.bias",
    "norm_scale": "norm.weight",
    "norm_shift": "norm.bias",
    "running_mean": "norm.running_mean",
    "running_variance": "norm.running_var",
    "slope": "slope",
}
"""Parameters of a hidden layer: as Cambrian's lanes name them, and as torch's modules do."""


class Block(nn.Module):
    """A hidden layer of torch's modules."""

    def __init__(self, genes: Genes, inputs: int, width: int, *, residual: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, width)
        self.norm: nn.Module = nn.Identity()
        if genes["normalisation"] == "batch":
            self.norm = nn.BatchNorm1d(width, eps=genes["norm_eps"], momentum=genes["batch_momentum"])
        elif genes["normalisation"] == "layer":
            self.norm = nn.LayerNorm(width, eps=genes["norm_eps"])
        self.activation = MODULES[genes["activation"]]()
        self.slope = nn.Parameter(torch.ones(width)) if genes["parametric"] else None
        self.dropout = nn.Dropout(genes["dropout"])
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(self.linear(x))
        activated = self.activation(h)
        if self.slope is not None:
            activated = h + self.slope * (activated - h)
        activated = self.dropout(activated)
        return activated + x if self.residual else activated


class Network(nn.Module):
    """A multi-layer perceptron of torch's modules; `genes` are those of family mlp."""

    def __init__(self, genes: Genes, inputs: int, outputs: int) -> None:
        super().__init__()
        blocks: list[Block] = []
        before = inputs
        for index, width in enumerate(layer_widths(genes)):
            residual = index > 0 and bool(genes["residual"]) and before == width
            blocks.append(Block(genes, before, width, residual=residual))
            before = width
        self.hidden = nn.Sequential(*blocks)
        self.head = nn.Linear(before, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.hidden(x))

    def load_lane(self, weights: Mapping[str, Tensor]) -> None:
        """Start from a lane's weights and running statistics."""
        renamed = {}
        for name, tensor in weights.items():
            *layer, last = name.split(".")
            renamed[".".join([*layer, _NAMES[last] if layer[0] == "hidden" else last])] = tensor
        unset = set(self.state_dict()) - set(renamed)
        if any(not name.endswith("num_batches_tracked") for name in unset):
            raise ValueError(f"the lane has no {sorted(unset)}")
        self.load_state_dict(renamed, strict=False)
