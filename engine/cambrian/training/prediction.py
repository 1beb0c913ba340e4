"""Predictions of trained lanes, from the weights of their best epochs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cambrian.data.mapped import MAPPED
from cambrian.errors import RunError
from cambrian.models.mlp import MLP
from cambrian.training.cost import VALIDATION_CHUNK
from cambrian.training.lanes import LaneState
from cambrian.training.losses import in_target_unit, probabilities
from cambrian.training.rows import mapped_tensor


def best_network(state: LaneState) -> MLP:
    """The network with the weights of the lane's best epoch, on the CPU.

    Raises:
        RunError: The lane has no best epoch (it diverged in its first, or never trained).
    """
    weights = state.group("best")
    if not weights:
        raise RunError(
            "A lane without a finished epoch cannot predict.", "Train it further, or use another individual."
        )
    head = weights["head.weight"]
    network = MLP(state.spec.genes, weights.get("hidden.0.weight", head).shape[1], head.shape[0])
    network.load_state_dict(weights)
    return network


def predict(
    states: Sequence[LaneState],
    x: NDArray[np.float32],
    device: torch.device | None = None,
    *,
    rows: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Predict rows with every lane, some thousand at a time: no more of `x` is copied at once.

    Args:
        states: Lanes of one task whose preprocessing encoded `x`.
        x: Encoded rows `(rows, width)`; may be mapped from the disk.
        device: Where to compute; the CPU by default.
        rows: Which rows of `x`; None: all.

    Returns:
        Probabilities `(lanes, rows, classes)`, two classes for binary; or values `(lanes, rows)` in the
        target's unit, clamped to the range of the fold's training targets.

    Raises:
        RunError: A lane has no best epoch.
    """
    where = device or torch.device("cpu")
    return np.stack([_predict_one(state, x, rows, where) for state in states])


def _predict_one(
    state: LaneState, x: NDArray[np.float32], rows: NDArray[np.int64] | None, device: torch.device
) -> NDArray[np.float64]:
    network = best_network(state).to(device)
    parts = []
    for start in range(0, max(1, len(x) if rows is None else len(rows)), VALIDATION_CHUNK):
        part = slice(start, start + VALIDATION_CHUNK)
        table = mapped_tensor(x[part] if rows is None else x[rows[part]])
        with torch.no_grad():
            parts.append(_in_unit(state, network.forward(table.to(device))))
        MAPPED.gathered(len(table))
    return torch.cat(parts).cpu().double().numpy()


def _in_unit(state: LaneState, output: Tensor) -> Tensor:
    if state.scale is not None:
        return in_target_unit(output, state.scale)
    return probabilities(state.task, output)
