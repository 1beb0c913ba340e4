"""A table in memory for benchmarks of training alone: what `PreparedTable` asks for, without files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from cambrian.data.encode import Prep, TargetScale, pad_rows
from cambrian.padding import padded
from cambrian.space.build import SpaceFacts, build_space
from cambrian.training.lanes import LaneState
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, Task, TrainingShape

VALIDATED = 5
"""Every fifth row validates."""
PLAIN: dict[str, Any] = {
    "layers": 3,
    "shape": "brick",
    "activation": "relu",
    "dropout": 0.0,
    "input_noise": 0.0,
    "optimizer": "adamw",
    "lr": 1e-3,
    "beta1": 0.9,
    "beta2": 0.999,
    "weight_decay": 1e-2,
    "l1": 0.0,
    "l2": 0.0,
    "gradient_clip": "none",
    "schedule": "constant",
    "patience": 10**9,
}
"""What most people write down first: three ReLU layers, AdamW with torch's defaults, nothing else."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """The features `(rows, width)`, float32, and the same padded."""

    x: Any
    padded: Any


class BenchTable:
    """Normal features and a target that follows from the first three, with noise that nothing can learn."""

    def __init__(self, task: Task, rows: int, features: int) -> None:
        rng = np.random.default_rng(0)
        self.task = task
        self._x = rng.normal(size=(rows, features)).astype(np.float32)
        self._padded = pad_rows(self._x, padded(features))
        score = self._x[:, 0] + self._x[:, 1] * self._x[:, 2] + rng.normal(size=rows)
        targets = {
            "binary": (score > 0).astype(np.int64),
            "multiclass": np.digitize(score, [-0.7, 0.7]).astype(np.int64),
            "regression": score.astype(np.float64),
        }
        self.y = targets[task]
        self.weights: Any = None

    def reduced(self, prep: Prep) -> Prep:
        """All preprocessings are alike here."""
        return Prep("standard", 1)

    def encoded(self, fold: int, prep: Prep, widest: int | None = None) -> Encoded:
        """The features."""
        return Encoded(self._padded[:, : self._x.shape[1]], self._padded)

    def fold(self, fold: int) -> tuple[Any, Any]:
        """Row numbers that train and that validate."""
        validates = np.arange(len(self.y)) % VALIDATED == fold
        return np.flatnonzero(~validates), np.flatnonzero(validates)

    def target_scale(self, fold: int, log: bool) -> TargetScale:
        """How the target is standardised."""
        return TargetScale.fit(self.y[self.fold(fold)[0]], log=log)


def bench_rows(table: BenchTable, device: torch.device) -> TrainingRows:
    """The table's rows on the device."""
    training, validation = table.fold(0)
    outputs = 3 if table.task == "multiclass" else 1
    shape = TrainingShape(table.task, outputs, len(training), len(validation), 2**18)
    return TrainingRows(table, shape, device)


def bench_spec(task: Task, *, seed: int = 0, epochs: int = 10**6, **genes: Any) -> LaneSpec:
    """The plain genome with the given genes; all others have the space's defaults."""
    space = build_space(SpaceFacts(task, rows=4096))
    values = dict(space.default()) | PLAIN | genes
    if unknown := values.keys() - set(space.names):
        raise ValueError(f"the space has no {sorted(unknown)}")
    return LaneSpec(values, 0, seed, epochs)


def starts(specs: list[LaneSpec], rows: TrainingRows) -> list[LaneState]:
    """The lanes as they stand before their first epoch; on the CPU."""
    trainer = PackTrainer(specs, rows, rows.device)
    return [trainer.remove(handle) for handle in range(len(specs))]
