"""Weight inheritance: a lane that has not begun yet takes over what a trained lane of its fold has learnt.

The parent's network is brought to the child's depth, then layer by layer to the child's widths. After Net2Net
(Chen, Goodfellow & Shlens 2016) a deeper or wider child computes what the parent did:

- wider: units are copied in turn, and what goes out of a unit is shared out among its copies;
- deeper: new layers below the head let everything through (`_pass_through` says when there is such a layer);
- narrower: the first units of each layer are kept; shallower: the first layers, and the head starts afresh.

It computes something else where a gene of the function itself changed (activation, normalisation, residual);
where layer normalisation meets a width that is no multiple of the parent's, so that its mean is over other
units; and where a new layer has no way to let everything through: it and what is above it start afresh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from cambrian.models.activations import ACTIVATIONS
from cambrian.records import derive_seed
from cambrian.space.families.mlp import layer_widths
from cambrian.training.lanes import LaneState

Genes = Mapping[str, Any]
Layer = dict[str, Tensor]
"""Parameters and running statistics of a layer by their names in it."""

_NORM = ("norm_scale", "norm_shift", "running_mean", "running_variance")
_NO_GRADIENT_AT_ZERO = ("relu",)


def inherit(parent: LaneState, child: LaneState) -> LaneState:
    """The child, which has not trained yet, with the weights of the parent's best epoch.

    Everything else stays its own: generators, optimizer moments of zero, and the initial weights of what it
    does not share with the parent.

    Args:
        parent: A trained lane of the same fold, task and inputs, whose genes are `inheritable`.
        child: A lane at epoch 0, as a trainer that has just begun it gives it.

    Raises:
        ValueError: The lanes are of two folds (the parent has seen the child's validation rows), they see
            unlike inputs, or the child has trained already.
    """
    if parent.spec.fold != child.spec.fold:
        raise ValueError(f"a lane of fold {child.spec.fold} cannot inherit from fold {parent.spec.fold}")
    if child.epoch:
        raise ValueError(f"the lane has trained {child.epoch} epochs already")
    seed = derive_seed(child.spec.seed, child.spec.fold, "inherit")
    generator = torch.Generator().manual_seed(seed)
    fresh, old = _layers(child.group("weights")), _layers(parent.group("best"))
    inputs = fresh[0]["weight"].shape[1]
    if old[0]["weight"].shape[1] != inputs:
        raise ValueError(f"the parent has {old[0]['weight'].shape[1]} inputs, the child {inputs}")
    if parent.spec.genes["normalisation"] != child.spec.genes["normalisation"]:
        old = [{part: layer[part] for part in layer if part not in _NORM} for layer in old]
    weights: dict[str, Tensor] = {}
    for name, own, layer in zip(_names(len(fresh)), fresh, _deepened(old, child.spec.genes), strict=True):
        taken = own if layer is None else own | _resized(layer, own, inputs, generator)
        weights |= {f"{name}.{part}": tensor for part, tensor in taken.items()}
        inputs = own["weight"].shape[0]
    average = {f"average.{name}": weights[name].clone() for name in child.group("average")}
    tensors = {f"weights.{name}": tensor.contiguous() for name, tensor in weights.items()}
    return replace(child, tensors={**child.tensors, **tensors, **average})


def _names(layers: int) -> list[str]:
    return [*(f"hidden.{index}" for index in range(layers - 1)), "head"]


def _layers(tensors: Mapping[str, Tensor]) -> list[Layer]:
    """Hidden layers, input side first, and the head."""
    depth = sum(name.startswith("hidden.") and name.endswith(".weight") for name in tensors)
    layers: list[Layer] = []
    for layer in _names(depth + 1):
        prefix = f"{layer}."
        layers.append({name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)})
    return layers


def _deepened(layers: Sequence[Layer], genes: Genes) -> list[Layer | None]:
    """The parent's layers at the child's depth, in the parent's widths; None: the layer starts afresh."""
    *hidden, head = layers
    depth = int(genes["layers"])
    found: list[Layer | None] = [*hidden[:depth]]
    for index in range(len(hidden), depth):
        found.append(_pass_through(hidden[-1]["weight"].shape[0], genes, index))
        if found[-1] is None:
            return [*found, *[None] * (depth - len(found)), None]
    return [*found, head if depth >= len(hidden) else None]


def _pass_through(width: int, genes: Genes, index: int) -> Layer | None:
    """A hidden layer whose output is what reaches it, and that can learn; None if these genes have none.

    With a residual it adds nothing: weights of zero, or a norm scale of zero (Goyal et al. 2017), if the
    activation keeps zero and passes a gradient there. Without one and without normalisation its weight is the
    identity, after ReLU, which leaves alone what a ReLU let through, or with slopes of zero.
    """
    activation, parametric = genes["activation"], bool(genes["parametric"])
    widths = layer_widths(genes)
    normalised = genes["normalisation"] != "none"
    residual = bool(genes["residual"]) and widths[index] == widths[index - 1]
    layer = {"weight": torch.eye(width), "bias": torch.zeros(width)}
    if residual:
        learns = ACTIVATIONS[activation].zero_at_zero and activation not in _NO_GRADIENT_AT_ZERO
        if not (learns or parametric):
            return None
        if not normalised:
            layer["weight"] = torch.zeros(width, width)
        # fresh statistics and a shift of zero, and nothing of what they give is let through
        layer |= {"norm_scale": torch.zeros(width), "norm_shift": torch.zeros(width)}
        layer |= {"running_mean": torch.zeros(width), "running_variance": torch.ones(width)}
    elif normalised or not (parametric or activation == "relu"):
        return None
    return layer | {"slope": torch.zeros(width)}


def _resized(layer: Layer, own: Layer, inputs: int, generator: torch.Generator) -> Layer:
    """The layer in the child's widths.

    Args:
        layer: In the parent's widths.
        own: The child's own, for its widths and for which parts it has.
        inputs: Units of the child that reach it.
        generator: Draws how outgoing weights are shared out.
    """
    units = _originals(len(own["bias"]), len(layer["bias"]))
    resized = {name: layer[name][units] for name in own if name in layer}
    resized["weight"] = _spread(resized["weight"], inputs, generator)
    return resized


def _originals(width: int, units: int) -> Tensor:
    """Which of the parent's units each of the child's is a copy of: the first ones, then again in turn."""
    return torch.arange(width) % units


def _spread(weight: Tensor, width: int, generator: torch.Generator) -> Tensor:
    """A weight `(rows, units)` for `width` units: cut off, or shared out among each unit's copies.

    The shares of n copies sum to 1. Equal ones would give all copies the same gradients for ever, where
    nothing drops them out, so they are 1/n and normal noise of deviation 1/sqrt(n) less its mean: their
    squares sum to 1 on average, so outgoing weights keep their size.
    """
    units = weight.shape[1]
    if width <= units:
        return weight[:, :width]
    originals = _originals(width, units)
    copies = torch.bincount(originals, minlength=units).double()
    noise = torch.randn(len(weight), width, generator=generator, dtype=torch.float64)
    noise /= copies[originals].sqrt()
    means = torch.zeros(len(weight), units, dtype=torch.float64).index_add_(1, originals, noise) / copies
    shares = 1.0 / copies[originals] + noise - means[:, originals]
    return (weight[:, originals] * shares).to(weight.dtype)
