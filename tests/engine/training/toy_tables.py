"""Small tables in memory for tests of training: what `PreparedTable` asks for, without files."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from cambrian.data.encode import Prep, TargetScale, pad_rows
from cambrian.padding import padded_towards
from cambrian.space.build import SpaceFacts, build_space
from cambrian.training.lanes import LaneState
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, Task, TrainingShape

CPU = torch.device("cpu")


@dataclass
class ToyEncoded:
    x: Any
    widest: int = 0

    def __post_init__(self) -> None:
        self.padded = pad_rows(self.x, padded_towards(self.x.shape[1], self.widest))


class ToyTable:
    """Two folds of a table of normal features; the target follows from the first three, with some noise."""

    def __init__(self, task: Task, rows: int = 200, width: int = 5, noise: float = 0.3) -> None:
        rng = np.random.default_rng(3)
        self.x = rng.normal(size=(rows, width)).astype(np.float32)
        score = self.x[:, 0] + self.x[:, 1] * self.x[:, 2] + noise * rng.normal(size=rows)
        targets = {
            "binary": (score > 0).astype(np.int64),
            "multiclass": np.digitize(score, [-0.7, 0.7]).astype(np.int64),
            "regression": np.exp(0.4 * score).astype(np.float64),
        }
        self.y = targets[task]
        self.task = task
        self.weights: Any = None

    def reduced(self, prep: Prep) -> Prep:
        return Prep("standard", 1)

    def encoded(self, fold: int, prep: Prep, widest: int | None = None) -> ToyEncoded:
        return ToyEncoded(self.x, widest or 0)

    def fold(self, fold: int) -> tuple[Any, Any]:
        validation = np.arange(len(self.y)) % 4 == fold
        return np.flatnonzero(~validation), np.flatnonzero(validation)

    def target_scale(self, fold: int, log: bool) -> TargetScale:
        return TargetScale.fit(self.y[self.fold(fold)[0]], log=log)


def toy_shape(table: ToyTable, rows_per_epoch: int = 2**18) -> TrainingShape:
    train, validation = table.fold(0)
    outputs = 3 if table.task == "multiclass" else 1
    return TrainingShape(table.task, outputs, len(train), len(validation), rows_per_epoch)


def toy_rows(task: Task = "binary", rows_per_epoch: int = 2**18, **table: Any) -> TrainingRows:
    toy = ToyTable(task, **table)
    return TrainingRows(toy, toy_shape(toy, rows_per_epoch), CPU)


def varied_rows(task: Task, rows: int) -> TrainingRows:
    """The rows of a table of so many, whose width is drawn."""
    toy = ToyTable(task, rows=rows, width=random.Random(rows).choice([3, 16, 21]))
    return TrainingRows(toy, toy_shape(toy), CPU)


def toy_spec(
    task: Task = "binary", *, fold: int = 0, seed: int = 1, epochs: int = 6, **genes: Any
) -> LaneSpec:
    """A spec with small widths; other genes take the space's defaults, and may leave its ranges."""
    space = build_space(SpaceFacts(task, rows=150, positive_target=True))
    small = {"layers": 2, "width_1": 32, "batch_size": 32}
    values = dict(space.default()) | small | genes
    assert values.keys() == set(space.names)
    return LaneSpec(values, fold, seed, epochs)


def trained(lane: LaneSpec | LaneState, rows: TrainingRows, epochs: int) -> LaneState:
    """The lane's state after so many further epochs, alone."""
    trainer = PackTrainer([lane], rows, CPU)
    trainer.advance(epochs)
    return trainer.remove(0)


def curve(state: LaneState) -> list[tuple[Any, ...]]:
    """The learning curve without what is not reproducible; as text, in which NaN equals NaN."""
    return [
        (r.epoch, str(r.train_loss), str(r.validation_loss), r.learning_rate, r.status) for r in state.curve
    ]


def differing(first: LaneState, second: LaneState) -> list[str]:
    """What differs between two states, bit for bit; empty if nothing does."""
    names = ["spec", "task", "status", "epoch", "step", "position", "best_epoch", "best_value", "plateau"]
    names += ["improved_epoch", "scale"]
    differences = [name for name in names if getattr(first, name) != getattr(second, name)]
    if curve(first) != curve(second):
        differences.append("curve")
    for name in sorted(first.tensors.keys() | second.tensors.keys()):
        a, b = first.tensors.get(name), second.tensors.get(name)
        if a is None or b is None or a.numpy().tobytes() != b.numpy().tobytes():
            differences.append(name)
    return differences
