"""Losses: what a network is trained on, and the one figure by which every epoch is judged.

Each loss comes in two forms: a mean, and `(sum, weight)` parts, so that a caller who works in chunks adds the
parts up (in float64) and divides once. Targets are int64 class indices, or float values for regression.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from cambrian.data.encode import TargetScale
from cambrian.training.spec import Task

Genes = Mapping[str, Any]


def balanced_class_weights(counts: Tensor) -> Tensor:
    """Class weights `n / (classes * count)`, scikit-learn's "balanced"; 0 for an absent class.

    Args:
        counts: Rows of each class, or the sum of their weights, shape `(classes,)`.
    """
    counts = counts.to(torch.float64)
    weights = counts.sum() / (len(counts) * torch.where(counts > 0, counts, 1.0))
    return torch.where(counts > 0, weights, 0.0).float()


def training_loss(
    genes: Genes, task: Task, output: Tensor, target: Tensor, class_weights: Tensor | None
) -> Tensor:
    """The mean loss over the rows, by gene `loss`; a scalar with a gradient.

    Args:
        genes: `loss` and its own genes (`label_smoothing`, `focal_gamma`, `huber_delta`).
        task: Decides the meaning of `output`.
        output: Logits `(n, 1)` for binary, `(n, classes)` for multiclass, `(n, 1)` for regression.
        target: Class indices int64 `(n,)`, or the standardised target float32 `(n,)`.
        class_weights: `(classes,)`, used by `class_weighted` only; the mean is weighted, as torch's.
    """
    total, weight = training_loss_parts(genes, task, output, target, class_weights)
    return total / weight


def training_loss_parts(
    genes: Genes, task: Task, output: Tensor, target: Tensor, class_weights: Tensor | None
) -> tuple[Tensor, Tensor | float]:
    """The sum of the row losses and the sum of the row weights; their quotient is `training_loss`."""
    kind = genes["loss"]
    if task == "regression":
        return _regression(genes, kind, output[:, 0], target.reshape(-1)), float(len(target))
    if kind == "focal":
        return _focal(_margin(task, output, target), float(genes["focal_gamma"])).sum(), float(len(target))
    weights = class_weights if kind == "class_weighted" else None
    if kind == "class_weighted" and weights is None:
        raise ValueError("the loss class_weighted needs class_weights")
    smoothing = float(genes["label_smoothing"])
    if task == "binary":
        total = _binary_cross_entropy(output[:, 0], target, weights, smoothing)
    else:
        total = functional.cross_entropy(output, target, weights, reduction="sum", label_smoothing=smoothing)
    return total, float(len(target)) if weights is None else weights[target].sum()


def validation_loss_parts(
    task: Task,
    output: Tensor,
    target: Tensor,
    scale: TargetScale | None = None,
    weights: Tensor | None = None,
) -> tuple[float, float]:
    """The sum of row losses (squared errors for regression), added in float64, and the number of rows.

    With weights both are sums of weighted rows.

    The sum is NaN if any output is not finite: clamped to the range of the targets, an infinite prediction
    would pass for a good one, and so would a wrong class's logit of minus infinity.

    Args:
        task: Decides which: the log-loss (natural logarithm), or the squared error in the target's own unit.
        output: Logits, or standardised predictions, as in `training_loss`.
        target: Class indices, or the target in its ORIGINAL unit (not standardised).
        scale: How the target was standardised; regression only.
        weights: How much each row counts `(n,)`; None: all alike.
    """
    if task == "regression" and scale is None:
        raise ValueError("a regression's validation loss needs its target scale")
    with torch.no_grad():
        # The extremes are not finite where any is not; a mask would be two tiles as large as the output.
        if not all(map(math.isfinite, map(float, torch.aminmax(output)))):
            return math.nan, float(len(target))
        if scale is not None:
            rows = (in_target_unit(output, scale) - target.reshape(-1).cpu().double()).square()
        elif task == "binary":
            rows = functional.binary_cross_entropy_with_logits(
                output[:, 0], target.to(output.dtype), reduction="none"
            )
        else:
            rows = functional.cross_entropy(output, target, reduction="none")
        if weights is None:
            return float(_wide(rows).sum()), float(len(target))
        wide = _wide(rows)
        return float((wide * weights.to(wide)).sum()), float(weights.sum())


def combine_validation(task: Task, total: float, rows: float) -> float:
    """The validation loss of parts added up over chunks: log-loss, or RMSE in the target's own unit."""
    mean = total / rows
    return math.sqrt(mean) if task == "regression" else mean


def probabilities(task: Task, output: Tensor) -> Tensor:
    """Class probabilities `(n, classes)` from logits; two columns for binary.

    Both columns of a binary task are computed from the logit, so that neither loses its digits near 0.
    """
    if task == "binary":
        return torch.sigmoid(torch.cat([-output, output], dim=1))
    return torch.softmax(output, dim=1)


def in_target_unit(output: Tensor, scale: TargetScale) -> Tensor:
    """Predictions `(n,)` in the target's own unit, clamped; float64 on the CPU, whatever the device."""
    return torch.from_numpy(scale.backward(output[:, 0].detach().cpu().numpy()))


def _wide(tensor: Tensor) -> Tensor:
    """In float64, or float32 on Apple's GPUs, which have no float64."""
    return tensor.float() if tensor.device.type == "mps" else tensor.double()


def _regression(genes: Genes, kind: str, output: Tensor, target: Tensor) -> Tensor:
    if kind == "mse":
        return functional.mse_loss(output, target, reduction="sum")
    if kind == "mae":
        return functional.l1_loss(output, target, reduction="sum")
    return functional.huber_loss(output, target, reduction="sum", delta=float(genes["huber_delta"]))


def _binary_cross_entropy(logit: Tensor, target: Tensor, weights: Tensor | None, smoothing: float) -> Tensor:
    """What `cross_entropy` gives for the two logits `(0, logit)`, at half its price."""
    positive = target.to(logit.dtype) * (1.0 - smoothing) + 0.5 * smoothing
    if weights is None:
        return functional.binary_cross_entropy_with_logits(logit, positive, reduction="sum")
    # A row pays weights[c] for its share of class c: a binary target and a row weight that amount to it.
    share_1, share_0 = positive * weights[1], (1.0 - positive) * weights[0]
    weight = share_1 + share_0
    return functional.binary_cross_entropy_with_logits(logit, share_1 / weight, weight, reduction="sum")


def _margin(task: Task, output: Tensor, target: Tensor) -> Tensor:
    """The logit of the true class against all others together, `(n,)`."""
    if task == "binary":
        return output[:, 0] * (2.0 * target.to(output.dtype) - 1.0)
    column = target[:, None]
    others = output.scatter(1, column, -math.inf)
    return output.gather(1, column)[:, 0] - others.logsumexp(dim=1)


def _focal(margin: Tensor, gamma: float) -> Tensor:
    """Focal loss (Lin et al. 2017) of each row: `(1 - p)^gamma * -log(p)` with p = sigmoid(margin).

    (1 - p)^gamma is taken through its logarithm: the gradient of the power itself is infinite at p = 1 for
    gamma < 1.
    """
    return torch.exp(-gamma * functional.softplus(margin)) * functional.softplus(-margin)
