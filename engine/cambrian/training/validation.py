"""A lane's validation on a CPU, by its plain network: no padding enters what it is judged by."""

from __future__ import annotations

import torch

from cambrian.models.mlp import MLP
from cambrian.training.cost import VALIDATION_CHUNK
from cambrian.training.losses import combine_validation, validation_loss_parts
from cambrian.training.rows import FoldRows
from cambrian.training.spec import Task


def validation_loss(network: MLP, rows: FoldRows, task: Task) -> float:
    """The loss over the validation rows, some rows at a time."""
    total, count = 0.0, 0.0
    with torch.no_grad():
        for start in range(0, len(rows.validation_x), VALIDATION_CHUNK):
            part = slice(start, start + VALIDATION_CHUNK)
            weights = None if rows.validation_weights is None else rows.validation_weights[part]
            output, target = network.forward(rows.validation_x[part]), rows.validation_target[part]
            loss, seen = validation_loss_parts(task, output, target, rows.scale, weights)
            total += loss
            count += seen
    return combine_validation(task, total, count)
