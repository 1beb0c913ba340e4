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
    total, count = 0.0, 0
    chunks = zip(
        torch.split(rows.validation_x, VALIDATION_CHUNK),
        torch.split(rows.validation_target, VALIDATION_CHUNK),
        strict=True,
    )
    with torch.no_grad():
        for x, target in chunks:
            part, seen = validation_loss_parts(task, network.forward(x), target, rows.scale)
            total += part
            count += seen
    return combine_validation(task, total, count)
