"""The optimizer step of many lanes at once: one formula over the stacks, every setting a column.

For devices on which a call costs more than its arithmetic; on a CPU `training.optimizers` is faster. All five
optimizers are one update, with coefficients that a lane's genes give:

    first  = a first + b g
    second = c second + (d g)^2
    w     -= (p first + q g) / (s sqrt(second) + e)

SGD has c = d = s = 0 and e = 1; RMSprop a = 0; Nesterov's momentum alone has q. What falls due before the
update, and its order, are as in `training.optimizers`. Nothing here waits for the device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cambrian.models.mlp_layout import MATRICES, VECTORS
from cambrian.training.optimizers import CLIP_EPS, RMSPROP_EPS

Genes = Mapping[str, Any]
Floats = NDArray[np.floating[Any]]

_CONSTANT = ("first_decay", "first_gain", "second_decay", "second_gain", "offset", "l2", "l1", "clip")
_VARYING = ("keep", "first_rate", "gradient_rate", "second_scale", "average_share")
COLUMNS = len(_VARYING)
"""Coefficients that change from step to step."""

_MOMENTS = {
    "sgd": {"momentum": 0},
    "sgd_nesterov": {"momentum": 0},
    "rmsprop": {"square": 1},
    "adam": {"mean": 0, "square": 1},
    "adamw": {"mean": 0, "square": 1},
}
"""Which of the two moments is which of the lane's own, by the names that `Optimizer.moments` has."""


class Stack:
    """Numbers of every lane's parameters, `(lanes, length)`: all matrices, then all vectors.

    Attributes:
        whole: Everything.
        groups: The two parts by name, as views.
    """

    def __init__(self, lanes: int, sizes: Mapping[str, int], device: torch.device) -> None:
        matrices, vectors = sizes[MATRICES], sizes[VECTORS]
        self.whole = torch.zeros(lanes, matrices + vectors, device=device)
        self.groups = {MATRICES: self.whole[:, :matrices], VECTORS: self.whole[:, matrices:]}

    def lane(self, place: int, sizes: Mapping[str, int]) -> dict[str, Tensor]:
        """One lane's two flat vectors, cut to its own lengths."""
        return {group: stack[place, : sizes[group]] for group, stack in self.groups.items()}


class BroadcastOptimizer:
    """Steps all lanes of a bucket; the lanes keep their moments here while they train in it.

    Args:
        genes: Of every lane.
        weights: The parameters.
        gradients: Their gradients; a step overwrites them.
        sizes: Length of the stacks' groups.

    Attributes:
        averaged: Places of the lanes with gene `ema`.
        average: Their averaged weights, a row each.
    """

    def __init__(
        self, genes: Sequence[Genes], weights: Stack, gradients: Stack, sizes: Mapping[str, int]
    ) -> None:
        device, lanes = weights.whole.device, len(genes)
        self._genes = genes
        self._weights, self._gradients = weights, gradients
        self._moments = Stack(lanes, sizes, device), Stack(lanes, sizes, device)
        self._scratch = torch.zeros_like(weights.whole)
        self.averaged = [place for place, each in enumerate(genes) if each["ema"]]
        self.average = Stack(len(self.averaged), sizes, device)
        self._averaged = torch.tensor(self.averaged, dtype=torch.int64, device=device)
        constants = torch.tensor([_constants(each) for each in genes], dtype=torch.float32, device=device)
        self._columns = {name: constants[:, i : i + 1] for i, name in enumerate(_CONSTANT)}
        self._clips = torch.isfinite(self._columns["clip"])
        self._any = {
            "clip": any(each["gradient_clip"] == "norm" for each in genes),
            "l2": any(each["l2"] for each in genes),
            "l1": any(each["l1"] for each in genes),
            "decay": any(_decay(each) for each in genes),
            "nesterov": any(each["optimizer"] == "sgd_nesterov" for each in genes),
        }

    def moments(self, place: int, sizes: Mapping[str, int]) -> dict[str, dict[str, Tensor]]:
        """One lane's moments by name and group, as `Optimizer.moments`; views."""
        names = _MOMENTS[self._genes[place]["optimizer"]]
        return {name: self._moments[which].lane(place, sizes) for name, which in names.items()}

    def step(self, columns: Tensor) -> None:
        """Update the weights, the moments and the averages.

        Args:
            columns: `(lanes, COLUMNS)`: the step's row of what `epoch_columns` gives for each lane.
        """
        keep, first_rate, gradient_rate, second_scale, share = torch.split(columns, 1, dim=1)
        weights, gradients = self._weights.whole, self._gradients.whole
        if self._any["clip"]:
            self._clip()
        matrices, matrix_gradients = self._weights.groups[MATRICES], self._gradients.groups[MATRICES]
        scratch = self._scratch[:, : matrices.shape[1]]
        if self._any["l2"]:
            matrix_gradients.addcmul_(matrices, self._columns["l2"])
        if self._any["l1"]:
            matrix_gradients.addcmul_(torch.sign(matrices, out=scratch), self._columns["l1"])
        if self._any["decay"]:
            matrices.mul_(keep)
        divisor = self._advance_moments(second_scale)
        first = self._moments[0].whole
        if self._any["nesterov"]:
            gradients.mul_(gradient_rate).addcmul_(first, first_rate)
        else:
            torch.mul(first, first_rate, out=gradients)
        weights.addcdiv_(gradients, divisor, value=-1.0)
        if self.averaged:
            here = weights.index_select(0, self._averaged)
            self.average.whole.lerp_(here, share.index_select(0, self._averaged))

    def swap_average(self) -> None:
        """Exchange the weights of the lanes with gene `ema` with their averages; twice is nothing."""
        if self.averaged:
            here = self._weights.whole.index_select(0, self._averaged)
            self._weights.whole.index_copy_(0, self._averaged, self.average.whole)
            self.average.whole.copy_(here)

    def _clip(self) -> None:
        gradients, most = self._gradients.whole, self._columns["clip"]
        norms = torch.linalg.vector_norm(gradients, dim=1, keepdim=True)
        factors = (most / (norms + CLIP_EPS)).clamp_(max=1.0)
        # A lane that does not clip keeps a gradient whose norm overflows: infinity over infinity is NaN.
        gradients.mul_(torch.where(self._clips, factors, 1.0))

    def _advance_moments(self, second_scale: Tensor) -> Tensor:
        """Take in the gradients; returns what the update is divided by."""
        gradients, scratch, of = self._gradients.whole, self._scratch, self._columns
        first, second = (moments.whole for moments in self._moments)
        first.mul_(of["first_decay"]).addcmul_(gradients, of["first_gain"])
        # The gain before the square: a gradient whose square overflows stays out of SGD's.
        torch.mul(gradients, of["second_gain"], out=scratch)
        second.mul_(of["second_decay"]).addcmul_(scratch, scratch)
        return torch.sqrt(second, out=scratch).mul_(second_scale).add_(of["offset"])


def epoch_columns(genes: Genes, rates: Sequence[float], steps_done: int) -> Floats:
    """The coefficients of a lane's next steps, `(steps, COLUMNS)`.

    Args:
        genes: The lane's.
        rates: Learning rate of each step, schedule included.
        steps_done: Optimizer steps that the lane has done.
    """
    rate = np.asarray(rates, dtype=np.float64)
    count = steps_done + 1.0 + np.arange(len(rate))
    zero, one = np.zeros_like(rate), np.ones_like(rate)
    first_rate: Floats = rate
    gradient_rate: Floats = zero
    second_scale: Floats = zero
    match genes["optimizer"]:
        case "adam" | "adamw":
            first_rate = rate / (1.0 - float(genes["beta1"]) ** count)
            second_scale = 1.0 / np.sqrt(1.0 - float(genes["beta2"]) ** count)
        case "rmsprop":
            second_scale = one
        case "sgd_nesterov":
            first_rate, gradient_rate = rate * float(genes["momentum"]), rate
        case "sgd":
            pass
        case other:
            raise ValueError(f"unknown optimizer {other}")
    share: Floats = zero
    if genes["ema"]:
        decay = float(genes["ema_decay"])
        share = (1.0 - decay) / (1.0 - decay**count)
    return np.stack([1.0 - rate * _decay(genes), first_rate, gradient_rate, second_scale, share], axis=1)


def _decay(genes: Genes) -> float:
    return 0.0 if genes["optimizer"] == "adam" else float(genes["weight_decay"])


def _constants(genes: Genes) -> tuple[float, ...]:
    clip = float(genes["clip_norm"]) if genes["gradient_clip"] == "norm" else float("inf")
    penalties = float(genes["l2"]), float(genes["l1"]), clip
    match genes["optimizer"]:
        case "adam" | "adamw":
            beta1, beta2 = float(genes["beta1"]), float(genes["beta2"])
            gains = (beta1, 1.0 - beta1, beta2, (1.0 - beta2) ** 0.5, float(genes["adam_eps"]))
        case "rmsprop":
            alpha = float(genes["rmsprop_alpha"])
            gains = (0.0, 1.0, alpha, (1.0 - alpha) ** 0.5, RMSPROP_EPS)
        case _:
            gains = (float(genes["momentum"]), 1.0, 0.0, 0.0, 1.0)
    return (*gains, *penalties)
