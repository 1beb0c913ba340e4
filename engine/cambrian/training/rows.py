"""The rows a lane trains on: whole tables as tensors, shared by all lanes of a fold and preprocessing."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakValueDictionary

import numpy as np
import torch
from torch import Tensor

from cambrian.data.encode import Prep, TargetScale
from cambrian.data.mapped import GATHERED_ROWS, MAPPED, take_rows
from cambrian.training.device_memory import free_bytes
from cambrian.training.losses import balanced_class_weights
from cambrian.training.spec import TrainingShape

COPIED_ROWS = 2**16
"""Neighbouring rows copied to a device at once."""
_CACHED_BYTES_CPU = 2**28
_CACHED_BYTES_GPU = 2**31
"""What may be kept of tables that no lane holds any more; on a CPU the features are the mapped file's own."""

_SAMPLE_SEED = 0
"""The limited validation rows are the same for every lane, seed and run."""


class EncodedTable(Protocol):
    """A table encoded for one fold and preprocessing."""

    @property
    def x(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The training part `(rows, width)`, float32, a view of `padded`."""

    @property
    def padded(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The same rows mapped from the disk, with zeros up to the width that lanes train on."""


class PreparedTable(Protocol):
    """What training reads of the prepared data (`cambrian.data.prepared.Prepared`)."""

    @property
    def y(self) -> np.ndarray[Any, Any]:
        """The training part's targets: class indices int64, or values float64, `(rows,)`."""

    @property
    def weights(self) -> np.ndarray[Any, Any] | None:
        """How much each row counts, above 0, `(rows,)`; None: all alike."""

    def reduced(self, prep: Prep) -> Prep:
        """The simplest preprocessing that gives the same features; it says nothing of the target."""

    def encoded(self, fold: int, prep: Prep, widest: int | None = None) -> EncodedTable:
        """The features of the training part, encoders fitted on the fold's training rows.

        Rows are as wide as `padded_towards(width, widest)` says; without `widest`, at least as the features.
        """

    def fold(self, fold: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Row numbers in the training part: the fold's training rows and its validation rows."""

    def target_scale(self, fold: int, log: bool) -> TargetScale:
        """How a regression's target is standardised in this fold."""


@dataclass(frozen=True, slots=True, eq=False)
class FoldRows:
    """The rows of one fold under one preprocessing, on the device; tensors that are equal are shared.

    Attributes:
        x: Features of the whole training part `(rows, width)`, float32, a view of `padded`.
        padded: The same rows with zeros up to the width that lanes train on; on a CPU mapped from disk.
        target: What is trained towards, `(rows,)`: class indices int64, or standardised values float32.
        train: Row numbers of the fold's training rows, int64; on the CPU, where orders are drawn.
        validation_x: Features of the (limited) validation rows.
        validation_target: Class indices, or values float64 in the target's own unit.
        scale: How the target was standardised; None for classification.
        class_weights: Balanced weights `(classes,)`; None for regression. Of weighted rows their weights'
            sums are balanced, not their numbers.
        resident: Whether `x` lies on the device; else it stays mapped in the host's memory, and batches are
            copied from it.
        weights: What a row's training loss is multiplied by, `(rows,)` float32, with a mean of 1 over the
            fold's training rows; None: all alike.
        validation_weights: Of the validation rows, in float64 (float32 on Apple's GPUs); None: all alike.
    """

    x: Tensor
    padded: Tensor
    target: Tensor
    train: Tensor
    validation_x: Tensor
    validation_target: Tensor
    scale: TargetScale | None
    class_weights: Tensor | None
    resident: bool
    weights: Tensor | None = None
    validation_weights: Tensor | None = None

    @property
    def held(self) -> tuple[Tensor, ...]:
        """The tensors that take memory: on a CPU not the features, which are mapped."""
        own: tuple[Tensor, ...] = (self.target, self.train, self.validation_x, self.validation_target)
        own += tuple(each for each in (self.weights, self.validation_weights) if each is not None)
        return own if self.padded.device.type == "cpu" else (*own, self.padded)


class TrainingRows:
    """Gives each (fold, preprocessing) its rows; a bounded amount of tables is kept.

    Many preprocessings give a table the same features, and all of a fold have the same targets: those tensors
    exist once, as long as any table that is kept or trained on has them.

    Args:
        prepared: The prepared data.
        shape: Task and limits.
        device: Where the tensors lie.
        resident_bytes: The largest table of features to hold on the device; by default half of its free
            memory when the table is first asked for, on a CPU any. Larger ones stay in the host's memory.
    """

    def __init__(
        self,
        prepared: PreparedTable,
        shape: TrainingShape,
        device: torch.device,
        *,
        resident_bytes: int | None = None,
    ) -> None:
        self.shape = shape
        self.device = device
        self._resident_bytes = resident_bytes
        self._prepared = prepared
        self._tables: OrderedDict[tuple[int, Prep, bool], FoldRows] = OrderedDict()
        self._shared: WeakValueDictionary[tuple[Any, ...], Tensor] = WeakValueDictionary()

    def table(self, fold: int, genes: Mapping[str, Any]) -> FoldRows:
        """The rows of `fold` under the preprocessing that the genes describe."""
        prep = Prep.from_genes(genes)
        log_target = prep.log_target and self.shape.task == "regression"
        key = fold, self._prepared.reduced(prep), log_target
        if key not in self._tables:
            self._tables[key] = self._load(*key)
        self._tables.move_to_end(key)
        self._evict()
        return self._tables[key]

    def device_bytes(self, tables: Iterable[FoldRows]) -> int:
        """What these tables and those that are kept take of the device together."""
        every = (*tables, *self._tables.values())
        here = (tensor for table in every for tensor in table.held if tensor.device.type == self.device.type)
        return sum({id(tensor): tensor.nbytes for tensor in here}.values())

    def class_weights(self, fold: int) -> Tensor | None:
        """Balanced weights `(classes,)` from the fold's training rows; None for regression."""
        if self.shape.task == "regression":
            return None
        train, _ = self._prepared.fold(fold)
        classes = 2 if self.shape.task == "binary" else self.shape.outputs
        weights = self._prepared.weights
        counted = None if weights is None else take_rows(weights, train)
        counts = np.bincount(take_rows(self._prepared.y, train), counted, minlength=classes)
        return balanced_class_weights(torch.from_numpy(counts)).to(self.device)

    def _evict(self) -> None:
        """Drop the tables not asked for longest, but never the last one asked for."""
        most = _CACHED_BYTES_CPU if self.device.type == "cpu" else _CACHED_BYTES_GPU
        while len(self._tables) > 1 and held_bytes(self._tables.values()) > most:
            self._tables.popitem(last=False)

    def _load(self, fold: int, prep: Prep, log_target: bool) -> FoldRows:
        train, validation = self._prepared.fold(fold)
        kept = limited(validation, self.shape.validation_rows).astype(np.int64)
        encoded = self._prepared.encoded(fold, prep, self.shape.inputs)
        padded = self._share(("padded", fold, prep), lambda: self._features(encoded.padded))
        x = self._share(("x", fold, prep), lambda: padded[:, : encoded.x.shape[1]])
        scale, target = self._target(fold, log_target)
        return FoldRows(
            x=x,
            padded=padded,
            target=target,
            train=self._share(("train", fold), lambda: mapped_tensor(train.astype(np.int64))),
            validation_x=self._share(
                ("validation_x", fold, prep),
                lambda: _gathered(x, torch.from_numpy(kept).to(x.device)).to(self.device),
            ),
            validation_target=self._share(("validation_target", fold), lambda: self._unscaled(kept)),
            scale=scale,
            class_weights=self.class_weights(fold),
            resident=self._resident(x),
            weights=self._weights(("weights", fold), lambda weights: _with_mean_1(weights, train)),
            validation_weights=self._weights(
                ("validation_weights", fold), lambda each: self._wide(each[kept])
            ),
        )

    def _weights(
        self, key: tuple[Any, ...], make: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]
    ) -> Tensor | None:
        """The tensor made of the rows' weights; None where all count alike."""
        weights = self._prepared.weights
        return None if weights is None else self._share(key, lambda: make(weights))

    def _wide(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return values.astype(np.float32 if self.device.type == "mps" else np.float64)  # Apple has no float64

    def _features(self, array: np.ndarray[Any, Any]) -> Tensor:
        """The features on the device, or mapped in the host's memory if they are too large for it."""
        return self._tensor(array) if self._fits(array.nbytes) else mapped_tensor(array)

    def _fits(self, size: int) -> bool:
        most = self._resident_bytes
        return size <= (free_bytes(self.device) / 2 if most is None else most)

    def _resident(self, x: Tensor) -> bool:
        if self.device.type == "cpu":
            return self._fits(x.nbytes)
        return x.device.type == self.device.type

    def _target(self, fold: int, log_target: bool) -> tuple[TargetScale | None, Tensor]:
        """The scale and the target to train towards."""
        if self.shape.task != "regression":
            return None, self._share(("target",), lambda: self._unscaled(slice(None)))
        scale = self._prepared.target_scale(fold, log_target)
        key = "target", fold, log_target
        return scale, self._share(key, lambda: scale.forward(self._prepared.y).astype(np.float32))

    def _unscaled(self, rows: slice | np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The rows' targets in their own unit."""
        y = take_rows(self._prepared.y, rows)
        if self.shape.task != "regression":
            return y.astype(np.int64, copy=False)
        return self._wide(y)

    def _share(self, key: tuple[Any, ...], make: Callable[[], np.ndarray[Any, Any] | Tensor]) -> Tensor:
        """The tensor that another table has under this key, else a new one."""
        tensor = self._shared.get(key)
        if tensor is None:
            made = make()
            tensor = made if isinstance(made, Tensor) else self._tensor(made)
            self._shared[key] = tensor
        return tensor

    def _tensor(self, array: np.ndarray[Any, Any]) -> Tensor:
        tensor = mapped_tensor(array)
        return tensor if self.device.type == "cpu" else copied(tensor, self.device)


def _with_mean_1(weights: np.ndarray[Any, Any], train: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The weights over their mean on the training rows: then a learning rate means what it does without."""
    return np.asarray(weights / take_rows(weights, train).mean(), dtype=np.float32)


def copied(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on a device; one that is mapped is never held whole in the host's memory."""
    copy = torch.empty_like(tensor, device=device)
    for source, target in zip(torch.split(tensor, COPIED_ROWS), torch.split(copy, COPIED_ROWS), strict=True):
        target.copy_(source)
        MAPPED.gathered(len(source))
    return copy


def _gathered(x: Tensor, rows: Tensor) -> Tensor:
    """The rows of a table that may be mapped and larger than memory."""
    parts = []
    for part in torch.split(rows, GATHERED_ROWS):
        parts.append(x.index_select(0, part))
        MAPPED.gathered(len(part))
    return torch.cat(parts)


def gather(x: Tensor, rows: Tensor, out: Tensor) -> None:
    """Copy rows of a table that may be mapped and larger than memory: `x[rows]` into `out`."""
    if len(rows) <= GATHERED_ROWS:
        torch.index_select(x, 0, rows, out=out)
        MAPPED.gathered(len(rows))
        return
    for part, target in zip(torch.split(rows, GATHERED_ROWS), torch.split(out, GATHERED_ROWS), strict=True):
        gather(x, part, target)


def held_bytes(tables: Iterable[FoldRows]) -> int:
    """Memory that the tables take together; what they share counts once."""
    return sum({id(tensor): tensor.nbytes for table in tables for tensor in table.held}.values())


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
