"""Learning-rate and dropout schedules: closed forms of the part of the run that is done.

A closed form makes resuming and moving a lane trivial: nothing but the step count is kept. Only the plateau
schedule remembers anything, and that is the frozen value `Plateau`. Shapes: Géron, Hands-On Machine Learning
(2019), chapter 11; Ng, Deep Learning, course 2; coslog4 and flat-cosine: pytabkit (Holzmüller et al. 2024).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Genes = Mapping[str, Any]

ONE_CYCLE_START = 0.04
ONE_CYCLE_END = 1e-5
PLATEAU_THRESHOLD = 1e-4
"""Relative improvement that counts as one; the default of torch's ReduceLROnPlateau."""

_ROUNDING = 1e-9
"""Keeps floor(0.3 / 0.1) at 3 in binary floating point."""


def learning_rate_factor(genes: Genes, t: float) -> float:
    """The factor on the learning rate when the part `t` of all steps is done.

    Args:
        genes: `schedule` and the genes of that schedule.
        t: Steps done over total steps, 0 at the first step. Values outside [0, 1] are clipped.

    Returns:
        A factor in [0, 1]. For `plateau` it is 1: multiply by `Plateau.factor`, which the caller keeps.
    """
    return _SCHEDULES[genes["schedule"]](genes, min(max(t, 0.0), 1.0))


def dropout_factor(genes: Genes, t: float) -> float:
    """The factor on the dropout rate at `t`, by gene `dropout_schedule` (constant or flat_cosine)."""
    if genes["dropout_schedule"] == "constant":
        return 1.0
    return _flat_cosine(genes, min(max(t, 0.0), 1.0))


@dataclass(frozen=True, slots=True)
class Plateau:
    """Performance scheduling: the rate falls when the validation loss has not improved for a while.

    The rule is that of torch's ReduceLROnPlateau with its defaults (relative threshold 1e-4, no cool-down,
    no floor). A loss that is not a number counts as no improvement.

    Attributes:
        factor: What the learning rate is multiplied by now.
        best: The best validation loss so far.
        waited: Epochs without improvement since the best or the last reduction.
    """

    factor: float = 1.0
    best: float = math.inf
    waited: int = 0

    def step(self, validation_loss: float, genes: Genes) -> Plateau:
        """The state after one more epoch, by genes `plateau_patience` (epochs) and `plateau_factor`."""
        if validation_loss < self.best * (1.0 - PLATEAU_THRESHOLD):
            return Plateau(self.factor, validation_loss, 0)
        if self.waited >= genes["plateau_patience"]:
            return Plateau(self.factor * genes["plateau_factor"], self.best, 0)
        return Plateau(self.factor, self.best, self.waited + 1)

    def to_json(self) -> dict[str, Any]:
        """The state as JSON values; an infinite best, which JSON lacks, is null."""
        best = self.best if math.isfinite(self.best) else None
        return {"factor": self.factor, "best": best, "waited": self.waited}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plateau:
        """The state that `to_json` wrote."""
        best = math.inf if value["best"] is None else float(value["best"])
        return cls(float(value["factor"]), best, int(value["waited"]))


def _half_cosine(start: float, end: float, part: float) -> float:
    """From `start` at part 0 to `end` at part 1 along half a cosine."""
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * part))


def _constant(genes: Genes, t: float) -> float:
    return 1.0


def _time(genes: Genes, t: float) -> float:
    return 1.0 / (1.0 + float(genes["time_k"]) * t)


def _step(genes: Genes, t: float) -> float:
    return math.pow(genes["step_gamma"], math.floor(t / genes["step_every"] + _ROUNDING))


def _exponential(genes: Genes, t: float) -> float:
    return math.pow(genes["exponential_ratio"], t)


def _one_cycle(genes: Genes, t: float) -> float:
    warm = float(genes["cycle_warmup"])
    if t < warm:
        return _half_cosine(ONE_CYCLE_START, 1.0, t / warm)
    return _half_cosine(1.0, ONE_CYCLE_END, (t - warm) / (1.0 - warm))


def _power(genes: Genes, t: float) -> float:
    return math.pow(1.0 + t / genes["power_s"], -genes["power_c"])


def _cosine(genes: Genes, t: float) -> float:
    """Linear warm-up from 0, then half a cosine over the rest."""
    warm = float(genes["warmup"])
    if t < warm:
        return t / warm
    return _half_cosine(1.0, 0.0, (t - warm) / (1.0 - warm))


def _coslog4(genes: Genes, t: float) -> float:
    return 0.5 * (1.0 - math.cos(2.0 * math.pi * math.log2(1.0 + 15.0 * t)))


def _flat_cosine(genes: Genes, t: float) -> float:
    return 1.0 if t < 0.5 else _half_cosine(1.0, 0.0, 2.0 * t - 1.0)


_SCHEDULES: dict[str, Callable[[Genes, float], float]] = {
    "constant": _constant,
    "time": _time,
    "step": _step,
    "exponential": _exponential,
    "plateau": _constant,
    "one_cycle": _one_cycle,
    "power": _power,
    "cosine": _cosine,
    "coslog4": _coslog4,
    "flat_cosine": _flat_cosine,
}
