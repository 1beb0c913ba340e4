"""Random lanes over the standard space and the tables they train on, for measurements of memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from toy_tables import CPU, ToyTable, toy_rows

from cambrian.space.build import SpaceFacts, build_space
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, Task, TrainingShape

TASK: Task = "regression"
ROWS, WIDTH = 6_000, 27
_SPACE = build_space(SpaceFacts(TASK, rows=ROWS * 3 // 4, positive_target=True))
_STEPS = 4
"""Full batches of an epoch of a `Kind`: torch's record takes a second for some hundred steps."""


def drawn_rows() -> TrainingRows:
    """A table as wide as an encoded one of ten columns."""
    return toy_rows(TASK, rows=ROWS, width=WIDTH)


def drawn(seed: int) -> LaneSpec:
    """A random individual's lane; with a learning rate at which it does not diverge before it validates."""
    return _tamed(_SPACE.draw(np.random.default_rng(seed)).to_json(), seed)


def _tamed(genes: Mapping[str, Any], seed: int) -> LaneSpec:
    return LaneSpec({**genes, "lr": 1e-4, "lr_sgd": 1e-4}, fold=0, seed=seed, epochs=3)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table, and of batches, that is unlike the usual one.

    Attributes:
        outputs: Classes of a multiclass task.
        last: Rows of the last batch beyond the full ones; 0: there is none.
        full: Whether a batch is the whole epoch.
    """

    task: Task
    rows: int = 2000
    width: int = WIDTH
    outputs: int = 1
    last: int = 0
    full: bool = False


KINDS = {
    "short last batch": Kind("binary", rows=6000, last=1),
    "wide inputs": Kind("regression", width=700),
    "many classes": Kind("multiclass", rows=3000, outputs=150),
    "full batch": Kind("regression", rows=9000, full=True),
    "full batch of many classes": Kind("multiclass", rows=3001, outputs=40, full=True),
    "few rows": Kind("binary", rows=150, last=3),
}


def drawn_of(kind: Kind, seed: int) -> tuple[LaneSpec, TrainingRows]:
    """A random individual of the space for such a table, and its rows."""
    table = ToyTable(kind.task, rows=kind.rows, width=kind.width)
    if kind.task == "multiclass":
        table.y = np.arange(kind.rows) * 7 % kind.outputs
    train, validation = (len(rows) for rows in table.fold(0))
    facts = SpaceFacts(kind.task, rows=train, positive_target=True)
    genes = build_space(facts).draw(np.random.default_rng(seed)).to_json()
    if kind.full:
        genes["batch_size"] = train
    spec = _tamed(genes, seed)
    epoch = min(train, _STEPS * spec.genes["batch_size"] + kind.last)
    return spec, TrainingRows(table, TrainingShape(kind.task, kind.outputs, train, validation, epoch), CPU)
