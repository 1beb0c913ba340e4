"""Whether a lane comes out the same alone and in company on this machine: fixed lanes, trained twice.

On a CPU every tensor, learning curve and prediction must have the same bits. A GPU may add in another order
when the number of lanes changes: there weights, curves and predictions must agree within 1e-5 over 5 epochs,
with TF32 off, but for lanes whose training makes rounding grow (`grows_rounding`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from cambrian.data.encode import Prep, TargetScale, pad_rows
from cambrian.padding import padded
from cambrian.records import LaneStatus
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.families.mlp import adopt_species
from cambrian.training.lanes import LaneState
from cambrian.training.pack import PackTrainer
from cambrian.training.plan import EpochPlan
from cambrian.training.prediction import predict
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, Task, TrainingShape

EPOCHS = 5
GPU_TOLERANCE = 1e-5
"""Largest difference of elements, as a share of the largest element; a lane's weights count as one tensor."""

_CALM_RATE, _CALM_ADAPTIVE_RATE = 0.1, 4e-3
_FEW_ROWS = 12
_LEAST = float(np.finfo(np.float64).tiny)
_SEED = 4
_ROWS = 230
_INPUTS = {"binary": 5, "multiclass": 16, "regression": 21}
_OUTPUTS = {"binary": 1, "multiclass": 3, "regression": 1}
_ROWS_PER_EPOCH = {"binary": 2**18, "multiclass": 2**18, "regression": 101}
"""101 of 172 rows: the row order goes on in the next epoch."""

_BUCKETS: tuple[dict[str, Any], ...] = (
    {"shape": "brick", "width_1": 64, "batch_size": 32},
    {"shape": "free", "batch_size": 17}
    | {f"width_{place}": width for place, width in enumerate((96, 16, 48, 128, 32, 64), start=1)},
    {"shape": "brick", "width_1": 32, "batch_size": 4096},  # the whole fold
    {"shape": "funnel", "width_1": 512, "batch_size": 33},
    {"shape": "diamond", "width_1": 128, "batch_size": 50},
)
_LANES_A_BUCKET = 4
_WEIGHTS = ("weights", "average", "best")

Elsewhere = Callable[[Task, Sequence[LaneState]], Sequence[LaneState]]
"""Trains parked lanes of a task for one epoch, in another process say, and gives them back in their order."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing lanes alone with the same lanes in company.

    Attributes:
        lanes: Lanes that were compared.
        tensors: Tensors that were compared: weights, the other state, learning curves, predictions.
        differing_lanes: Lanes of which some tensor differs.
        differing_tensors: Tensors that differ.
        largest: The largest relative difference of a tensor; infinite where only one has a number.
        tolerance: Relative difference that is allowed; None if the bits must be equal.
        examples: The first tensors that differ, as "binary lane 3: weights.head.bias".
    """

    lanes: int
    tensors: int
    differing_lanes: int
    differing_tensors: int
    largest: float
    tolerance: float | None
    examples: tuple[str, ...]


class _Table:
    """Normal features in memory, four folds; the target follows from three of them, with some noise."""

    def __init__(self, task: Task) -> None:
        rng = np.random.default_rng(_SEED)
        self.x = rng.normal(size=(_ROWS, _INPUTS[task])).astype(np.float32)
        self.padded = pad_rows(self.x, padded(self.x.shape[1]))
        score = self.x[:, 0] + self.x[:, 1] * self.x[:, 2] + 0.3 * rng.normal(size=_ROWS)
        targets: dict[Task, NDArray[Any]] = {
            "binary": (score > 0).astype(np.int64),
            "multiclass": np.digitize(score, [-0.7, 0.7]).astype(np.int64),
            "regression": np.exp(0.4 * score).astype(np.float64),
        }
        self.y = targets[task]
        self.weights: NDArray[Any] | None = None

    def reduced(self, prep: Prep) -> Prep:
        """The features need no preprocessing."""
        return Prep("standard", 1)

    def encoded(self, fold: int, prep: Prep, widest: int | None = None) -> _Table:
        """The features, which are in `x` and `padded`."""
        return self

    def fold(self, fold: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every fourth row validates."""
        validates = np.arange(_ROWS) % 4 == fold
        return np.flatnonzero(~validates), np.flatnonzero(validates)

    def target_scale(self, fold: int, log: bool) -> TargetScale:
        """How the regression's target is standardised."""
        return TargetScale.fit(self.y[self.fold(fold)[0]], log=log)


def rows_of(task: Task, device: torch.device) -> TrainingRows:
    """The rows that the lanes of a task train on."""
    table = _Table(task)
    train, validation = (len(part) for part in table.fold(0))
    shape = TrainingShape(task, _OUTPUTS[task], train, validation, _ROWS_PER_EPOCH[task])
    return TrainingRows(table, shape, device)


def lanes_of(task: Task) -> list[LaneSpec]:
    """The lanes of a task: genomes drawn from the search space with a fixed seed, several in every bucket."""
    space = build_space(SpaceFacts(task, rows=_ROWS, positive_target=True))
    rng = np.random.default_rng(_SEED)
    default = dict(space.default())
    specs = []
    for number in range(len(_BUCKETS) * _LANES_A_BUCKET):
        member = default | _BUCKETS[number % len(_BUCKETS)]
        genes = adopt_species(space.draw(rng), member)
        specs.append(LaneSpec(genes, fold=number % 2, seed=number, epochs=EPOCHS))
    return specs


def grows_rounding(genes: Mapping[str, Any], shape: TrainingShape) -> bool:
    """Whether adding in another order, in the 8th digit, may change the lane in the 5th within 5 epochs.

    Batch normalisation divides by a deviation that is small in some unit if the batch has few rows; of two
    rows it makes -1 and 1, and the gradient before it cancels but for epsilon. Optimizers that divide by the
    gradient's size make steps of the rounding that is left. In trials that shook the inputs of each step by
    half a unit in the last place such lanes with a batch of 2 rows changed by up to 3e-3, of 10 by up to
    2e-4, of 12 or more by less than 1e-5 (a bias before it, whose gradient would be rounding alone, has a
    gradient of exactly 0: `cancels_bias`). Large learning rates do the rest. This tells the lanes of
    the check apart; of random genomes one in ten with batch normalisation and such an optimizer grows
    rounding beyond 1e-5 for other reasons (sparse weights make small deviations).
    """
    if genes["optimizer"] not in ("rmsprop", "adam", "adamw"):
        return bool(genes["lr_sgd"] > _CALM_RATE)
    if genes["normalisation"] != "batch" or not genes["layers"]:
        return False
    plan = EpochPlan.of(genes, shape.rows, shape.rows_per_epoch)
    last = plan.rows - (plan.steps - 1) * plan.batch
    return bool(last < _FEW_ROWS or genes["lr"] > _CALM_ADAPTIVE_RATE)


def compare_lanes(
    device: torch.device, elsewhere: Elsewhere, *, tolerance: float | None = None
) -> Comparison:
    """Train every lane alone and in company, with one thread as a worker does, and compare.

    Args:
        device: Where both train.
        elsewhere: Where the lanes that are moved train for an epoch.
        tolerance: The relative difference to allow, None for none; with one, lanes that make rounding grow
            are company alone, and of the others only weights, curves and predictions are compared.
    """
    lanes, tensors, largest = 0, 0, 0.0
    differing: dict[str, list[str]] = {}
    with _one_thread_without_tf32():
        for task in get_args(Task):
            rows, specs = rows_of(task, device), lanes_of(task)
            together = _in_company(task, specs, rows, elsewhere)
            for number, (spec, state) in enumerate(zip(specs, together, strict=True)):
                if tolerance is not None and grows_rounding(spec.genes, rows.shape):
                    continue
                differences = _differences(_alone(spec, rows), state, rows, tolerance)
                lanes += 1
                tensors += len(differences)
                largest = max(largest, *differences.values())
                names = [name for name, value in differences.items() if value > (tolerance or 0.0)]
                if names:
                    differing[f"{task} lane {number}"] = names
    named = [f"{lane}: {name}" for lane, names in differing.items() for name in names]
    return Comparison(lanes, tensors, len(differing), len(named), largest, tolerance, tuple(named[:10]))


def one_epoch(task: Task, states: Sequence[LaneState], device: torch.device) -> list[LaneState]:
    """Continue parked lanes for an epoch, together."""
    trainer = PackTrainer(states, rows_of(task, device), device)
    trainer.advance()
    return [trainer.remove(handle) for handle in range(len(states))]


@contextmanager
def _one_thread_without_tf32() -> Iterator[None]:
    threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_float32_matmul_precision(precision)


def _alone(spec: LaneSpec, rows: TrainingRows) -> LaneState:
    trainer = PackTrainer([spec], rows, rows.device)
    trainer.advance(EPOCHS)
    return trainer.remove(0)


def _in_company(
    task: Task, specs: Sequence[LaneSpec], rows: TrainingRows, elsewhere: Elsewhere
) -> list[LaneState]:
    """All lanes in one trainer; of every seven one comes late, one is parked, one moves elsewhere."""
    late, parked, moved = (range(first, len(specs), 7) for first in (1, 3, 5))
    trainer = PackTrainer([], rows, rows.device)
    handles = {place: trainer.add(specs[place]) for place in range(len(specs)) if place not in late}
    trainer.advance()
    handles |= {place: trainer.add(specs[place]) for place in late}
    trainer.advance()
    waiting = {place: trainer.remove(handles[place]) for place in (*parked, *moved)}
    trainer.advance()
    gone_on = elsewhere(task, [waiting[place] for place in moved])
    waiting |= dict(zip(moved, gone_on, strict=True))
    handles |= {place: trainer.add(state) for place, state in waiting.items()}
    trainer.advance(EPOCHS)  # those that have ended idle
    return [trainer.remove(handles[place]) for place in range(len(specs))]


def _differences(
    first: LaneState, second: LaneState, rows: TrainingRows, tolerance: float | None
) -> dict[str, float]:
    """The relative difference of everything that is promised, by name; 0 is the same bits."""
    values, others = (_promised(_values(state, rows), tolerance) for state in (first, second))
    names = sorted(values.keys() | others.keys())
    return {name: _difference(values.get(name), others.get(name)) for name in names}


def _values(state: LaneState, rows: TrainingRows) -> dict[str, NDArray[Any]]:
    """Everything about a lane that must not depend on its neighbours, by name."""
    values: dict[str, NDArray[Any]] = {name: tensor.numpy() for name, tensor in state.tensors.items()}
    for name in ("train_loss", "validation_loss", "learning_rate"):
        values[f"curve.{name}"] = np.array([getattr(record, name) for record in state.curve])
    status = list(LaneStatus).index(state.status)
    steps = state.epoch, state.step, state.position, state.best_epoch, state.improved_epoch, status
    values["progress"] = np.array(steps)
    plateau = state.plateau
    values["judgement"] = np.array([state.best_value, plateau.factor, plateau.best, float(plateau.waited)])
    if state.best_epoch:
        x = rows.table(state.spec.fold, state.spec.genes).validation_x
        values["predictions"] = predict([state], x.cpu().numpy())
    return values


def _promised(values: dict[str, NDArray[Any]], tolerance: float | None) -> dict[str, NDArray[Any]]:
    """All values; or, within a tolerance, curves and predictions, and weights as one tensor each group.

    A shift that began at 0 is still tiny after 5 epochs: by itself it would have few digits to compare.
    """
    if tolerance is None:
        return values
    kept = {name: value for name, value in values.items() if name.split(".")[0] in ("curve", "predictions")}
    for group in _WEIGHTS:
        parts = [value.ravel() for name, value in sorted(values.items()) if name.startswith(f"{group}.")]
        if parts:
            kept[group] = np.concatenate(parts)
    return kept


def _difference(first: NDArray[Any] | None, second: NDArray[Any] | None) -> float:
    """The largest difference of two tensors' elements over the largest element; 0 only for equal bits."""
    if first is None or second is None or (first.dtype, first.shape) != (second.dtype, second.shape):
        return math.inf
    if first.tobytes() == second.tobytes():
        return 0.0
    a, b = first.astype(np.float64), second.astype(np.float64)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return math.inf
    size = max(np.abs(a).max(), np.abs(b).max())
    return max(float(np.abs(a - b).max() / (size or 1.0)), _LEAST)  # 0 and -0 are equal but other bits
