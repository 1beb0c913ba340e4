"""Random lanes over the standard space and the table they train on, for measurements of memory."""

from __future__ import annotations

import numpy as np
from toy_tables import toy_rows

from cambrian.space.build import SpaceFacts, build_space
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, Task

TASK: Task = "regression"
ROWS, WIDTH = 6_000, 27
_SPACE = build_space(SpaceFacts(TASK, rows=ROWS * 3 // 4, positive_target=True))


def drawn_rows() -> TrainingRows:
    """A table as wide as an encoded one of ten columns."""
    return toy_rows(TASK, rows=ROWS, width=WIDTH)


def drawn(seed: int) -> LaneSpec:
    """A random individual's lane; with a learning rate at which it does not diverge before it validates."""
    genes = _SPACE.draw(np.random.default_rng(seed)).to_json() | {"lr": 1e-4, "lr_sgd": 1e-4}
    return LaneSpec(genes, fold=0, seed=seed, epochs=3)
