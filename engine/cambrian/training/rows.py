"""The rows a lane trains on: whole tables as tensors, shared by all lanes of a fold and preprocessing."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from cambrian.data.encode import Prep, TargetScale
from cambrian.training.losses import balanced_class_weights
from cambrian.training.spec import TrainingShape

_CACHED_BYTES_CPU = 2**28
_CACHED_BYTES_GPU = 2**31
"""What may be kept of tables that no lane holds any more; on a CPU the features are the mapped file's own."""

_SAMPLE_SEED = 0
"""The limited validation rows are the same for every lane, seed and run."""


class EncodedTable(Protocol):
    """A table encoded for one fold and preprocessing."""

    @property
    def x(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The training part `(rows, width)`, float32, mapped from the disk."""


class PreparedTable(Protocol):
    """What training reads of the prepared data (`cambrian.data.prepared.Prepared`)."""

    @property
    def y(self) -> np.ndarray[Any, Any]:
        """The training part's targets: class indices int64, or values float64, `(rows,)`."""

    def encoded(self, fold: int, prep: Prep) -> EncodedTable:
        """The features of the training part, encoders fitted on the fold's training rows."""

    def fold(self, fold: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Row numbers in the training part: the fold's training rows and its validation rows."""

    def target_scale(self, fold: int, log: bool) -> TargetScale:
        """How a regression's target is standardised in this fold."""


@dataclass(frozen=True, slots=True, eq=False)
class FoldRows:
    """The rows of one fold under one preprocessing, on the device.

    Attributes:
        x: Features of the whole training part `(rows, width)`, float32; on a CPU mapped from disk.
        target: What is trained towards, `(rows,)`: class indices int64, or standardised values float32.
        train: Row numbers of the fold's training rows, int64.
        validation_x: Features of the (limited) validation rows.
        validation_target: Class indices, or values float64 in the target's own unit.
        scale: How the target was standardised; None for classification.
        class_weights: Balanced weights `(classes,)`; None for regression.
    """

    x: Tensor
    target: Tensor
    train: Tensor
    validation_x: Tensor
    validation_target: Tensor
    scale: TargetScale | None
    class_weights: Tensor | None

    @property
    def bytes(self) -> int:
        """Memory of the tensors; on a CPU without the features, which are mapped."""
        held = [self.target, self.train, self.validation_x, self.validation_target]
        if self.x.device.type != "cpu":
            held.append(self.x)
        return sum(tensor.nbytes for tensor in held)


class TrainingRows:
    """Gives each (fold, preprocessing) its rows; a bounded amount of tables is kept.

    Args:
        prepared: The prepared data.
        shape: Task and limits.
        device: Where the tensors lie.
    """

    def __init__(self, prepared: PreparedTable, shape: TrainingShape, device: torch.device) -> None:
        self.shape = shape
        self.device = device
        self._prepared = prepared
        self._tables: OrderedDict[tuple[int, Prep], FoldRows] = OrderedDict()

    def table(self, fold: int, genes: Mapping[str, Any]) -> FoldRows:
        """The rows of `fold` under the preprocessing that the genes describe."""
        prep = Prep.from_genes(genes)
        key = fold, prep
        if key not in self._tables:
            self._tables[key] = self._load(fold, prep)
        self._tables.move_to_end(key)
        self._evict()
        return self._tables[key]

    def class_weights(self, fold: int) -> Tensor | None:
        """Balanced weights `(classes,)` from the fold's training rows; None for regression."""
        if self.shape.task == "regression":
            return None
        train, _ = self._prepared.fold(fold)
        classes = 2 if self.shape.task == "binary" else self.shape.outputs
        counts = np.bincount(self._prepared.y[train], minlength=classes)
        return balanced_class_weights(torch.from_numpy(counts)).to(self.device)

    def _evict(self) -> None:
        """Drop the tables not asked for longest, but never the last one asked for."""
        most = _CACHED_BYTES_CPU if self.device.type == "cpu" else _CACHED_BYTES_GPU
        held = {key: table.bytes for key, table in self._tables.items()}
        while len(held) > 1 and sum(held.values()) > most:
            oldest, _ = self._tables.popitem(last=False)
            del held[oldest]

    def _load(self, fold: int, prep: Prep) -> FoldRows:
        train, validation = self._prepared.fold(fold)
        kept = self._tensor(limited(validation, self.shape.validation_rows).astype(np.int64))
        x = self._tensor(self._prepared.encoded(fold, prep).x)
        scale, target, unscaled = self._targets(fold, prep)
        return FoldRows(
            x=x,
            target=target,
            train=self._tensor(train.astype(np.int64)),
            validation_x=x.index_select(0, kept),
            validation_target=unscaled.index_select(0, kept),
            scale=scale,
            class_weights=self.class_weights(fold),
        )

    def _targets(self, fold: int, prep: Prep) -> tuple[TargetScale | None, Tensor, Tensor]:
        """The scale, the target to train towards and the target in its own unit."""
        y = self._prepared.y
        if self.shape.task != "regression":
            classes = self._tensor(y.astype(np.int64))
            return None, classes, classes
        scale = self._prepared.target_scale(fold, prep.log_target)
        unit = np.float32 if self.device.type == "mps" else np.float64  # Apple's GPUs have no float64
        return scale, self._tensor(scale.forward(y).astype(np.float32)), self._tensor(y.astype(unit))

    def _tensor(self, array: np.ndarray[Any, Any]) -> Tensor:
        return mapped_tensor(array).to(self.device)


def mapped_tensor(array: np.ndarray[Any, Any]) -> Tensor:
    """A tensor over the array's own memory, also when that is read-only: the caller never writes to it.

    `torch.from_numpy` warns about such arrays, and copying them would give every worker its own table.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(np.ascontiguousarray(array))


def limited(rows: np.ndarray[Any, Any], most: int) -> np.ndarray[Any, Any]:
    """At most `most` of the rows, drawn once and for all, in their order."""
    if len(rows) <= most:
        return rows
    chosen = np.random.default_rng(_SAMPLE_SEED).choice(len(rows), most, replace=False)
    return rows[np.sort(chosen)]
