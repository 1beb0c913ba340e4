"""The network of family mlp: hidden layers of one shape each, and a linear head.

A hidden layer is linear -> normalisation -> activation -> dropout -> residual; without hidden layers it
is linear or softmax regression. Nothing here draws random numbers: in training the caller hands in the masks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from cambrian.models.activations import ACTIVATIONS
from cambrian.space.families.mlp import layer_widths

Genes = Mapping[str, Any]

Masks = Sequence[Tensor]
"""Dropout masks of a training step, one `(n, width)` a hidden layer, scaled; empty without dropout."""


class HiddenLayer(nn.Module):
    """One hidden layer `(n, inputs)` -> `(n, width)`; its weights are not initialised.

    The slope of a parametric activation is one learnable `a` per unit in `a * act(x) + (1 - a) * x`, 1 at the
    start (pytabkit, Holzmüller et al. 2024). A residual is the identity (He et al. 2016).

    Args:
        genes: Values of all genes.
        inputs: Width of what comes in.
        width: Units.
        residual: Whether the input is added to the output; the two widths are equal then.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, genes: Genes, inputs: int, width: int, *, residual: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width, inputs))
        self.bias = nn.Parameter(torch.empty(width))
        self.activation = ACTIVATIONS[genes["activation"]].apply
        self.normalisation: str = genes["normalisation"]
        self.residual = residual
        self.parametric = bool(genes["parametric"])
        if self.normalisation != "none":
            self.epsilon = float(genes["norm_eps"])
            self.norm_scale = nn.Parameter(torch.ones(width))
            self.norm_shift = nn.Parameter(torch.zeros(width))
        if self.normalisation == "batch":
            self.momentum = float(genes["batch_momentum"])
            self.register_buffer("running_mean", torch.zeros(width))
            self.register_buffer("running_variance", torch.ones(width))
        if self.parametric:
            self.slope = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor, mask: Tensor | None = None, *, training: bool = False) -> Tensor:
        """The layer's output `(n, width)`; `training` is for batch normalisation, `mask` for dropout."""
        h = functional.linear(x, self.weight, self.bias)
        if self.normalisation != "none":
            h = self._normalise(h, training=training)
        activated = self.activation(h)
        if self.parametric:
            activated = torch.lerp(h, activated, self.slope)
        if mask is not None:
            activated = activated * mask
        return activated + x if self.residual else activated

    def _normalise(self, h: Tensor, *, training: bool) -> Tensor:
        if self.normalisation == "layer":
            return functional.layer_norm(
                h, self.norm_scale.shape, self.norm_scale, self.norm_shift, self.epsilon
            )
        return functional.batch_norm(
            h,
            self.running_mean,
            self.running_variance,
            self.norm_scale,
            self.norm_shift,
            # A single row has no variance: it is normalised as in evaluation and leaves the statistics alone.
            training=training and len(h) > 1,
            momentum=self.momentum,
            eps=self.epsilon,
        )


class Head(nn.Module):
    """The linear output layer; its weights are not initialised."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """Logits, or one standardised value, `(n, outputs)`."""
        return functional.linear(x, self.weight, self.bias)


class MLP(nn.Module):
    """The network that the genes of family mlp describe, in float32; its weights are not initialised.

    Parameters are named `hidden.<i>.{weight,bias,norm_scale,norm_shift,slope}` and `head.{weight,bias}`,
    buffers `hidden.<i>.{running_mean,running_variance}`; names and order are part of the lane file's format.

    Args:
        genes: Values of all genes; those whose condition does not hold are not read.
        inputs: Encoded features.
        outputs: 1 logit for binary, one a class for multiclass, 1 for regression.
    """

    def __init__(self, genes: Genes, inputs: int, outputs: int) -> None:
        super().__init__()
        self.widths = layer_widths(genes)
        layers = []
        before = inputs
        for index, width in enumerate(self.widths):
            # Between two hidden layers only: the data's own width is no layer.
            residual = index > 0 and bool(genes["residual"]) and before == width
            layers.append(HiddenLayer(genes, before, width, residual=residual))
            before = width
        self.hidden = nn.ModuleList(layers)
        self.head = Head(before, outputs)
        self.hidden_layers = tuple(layers)  # faster to walk than a ModuleList
        self._no_masks = (None,) * len(layers)

    @property
    def layers(self) -> tuple[HiddenLayer | Head, ...]:
        """All layers, input side first."""
        return (*self.hidden_layers, self.head)

    @property
    def decayed(self) -> frozenset[str]:
        """Names of the weight matrices, the only parameters that weight decay, L2 and L1 reach."""
        return frozenset(name for name, _ in self.named_parameters() if name.endswith(".weight"))

    def forward(self, x: Tensor, masks: Masks | None = None) -> Tensor:
        """Logits or standardised predictions `(n, outputs)` for encoded rows `(n, inputs)`.

        Args:
            x: Encoded rows, float32.
            masks: Given in training, if only an empty sequence: batch statistics apply, running ones move.
        """
        training = masks is not None
        # forward() and not __call__, which looks for hooks at the price of a small product.
        for layer, mask in zip(self.hidden_layers, masks or self._no_masks, strict=True):
            x = layer.forward(x, mask, training=training)
        return self.head.forward(x)
