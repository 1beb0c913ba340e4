"""Validation of all lanes of a bucket at once, in chunks of rows; nothing is read before the last."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from cambrian.models.mlp_pack import MLPProgram
from cambrian.training.cost import VALIDATION_CHUNK
from cambrian.training.device_batches import Places, by_tensor
from cambrian.training.device_memory import CHUNK_VALUES
from cambrian.training.live import LiveLane
from cambrian.training.spec import TrainingShape


class DeviceValidation:
    """Judges the lanes by their validation rows, as `validation_loss_parts` and `combine_validation` do.

    Args:
        lanes: The lanes, in the program's order.
        program: Their network, with `Ranges`.
        shape: Task and outputs.
        device: Where they live.
    """

    def __init__(
        self, lanes: Sequence[LiveLane], program: MLPProgram, shape: TrainingShape, device: torch.device
    ) -> None:
        self._program = program
        self._shape = shape
        self._wide = torch.float32 if device.type == "mps" else torch.float64  # Apple has no float64
        self._tables = by_tensor([lane.rows.validation_x for lane in lanes], device)
        self._truths = by_tensor([lane.rows.validation_target for lane in lanes], device)
        rows = [len(lane.rows.validation_x) for lane in lanes]
        self._most_rows = max(rows)
        self._rows = torch.tensor(rows, device=device)
        self._weighed: list[tuple[Tensor, Places]] = []
        self._weights: Tensor | None = None
        self._total: Tensor = self._rows
        layout = lanes[0].layout
        values = len(lanes) * (layout.inputs + 3 * max(layout.outputs, layout.inputs, *layout.widths, 0))
        self._chunk = max(1, min(self._most_rows, VALIDATION_CHUNK, CHUNK_VALUES // values))
        self._x = torch.zeros(len(lanes), self._chunk, layout.inputs, device=device)
        kind = lanes[0].rows.validation_target.dtype
        self._target = torch.zeros(len(lanes), self._chunk, dtype=kind, device=device)
        weights = [w for w in (lane.rows.validation_weights for lane in lanes) if w is not None]
        if weights:
            self._weighed = by_tensor(weights, device)
            self._weights = torch.zeros(len(lanes), self._chunk, dtype=self._wide, device=device)
            self._total = torch.stack([each.to(self._wide).sum() for each in weights])
        scales = [lane.rows.scale for lane in lanes]
        columns = [(0.0,) * 4 if s is None else (s.mean, s.std, s.low, s.high) for s in scales]
        self._scale = torch.tensor(columns, dtype=self._wide, device=device)[:, :, None]
        self._logs = torch.tensor([s is not None and s.log for s in scales], device=device)[:, None]

    def losses(self) -> Tensor:
        """Each lane's validation loss `(lanes,)`, on the device."""
        totals = torch.zeros(len(self._rows), dtype=self._wide, device=self._rows.device)
        for start in range(0, self._most_rows, self._chunk):
            totals += self._chunk_losses(start, min(self._chunk, self._most_rows - start))
        mean = totals / self._total
        return mean.sqrt() if self._shape.task == "regression" else mean

    def _chunk_losses(self, start: int, count: int) -> Tensor:
        """The sums of the losses of some rows; a lane whose rows have ended has none."""
        for x, places in self._tables:
            part = x[start : start + count]
            room = self._x[:, : len(part), : x.shape[1]]
            places.put(room, part.expand(len(places.lanes), *part.shape))
        for truth, places in self._truths:
            part = truth[start : start + count]
            places.put(self._target[:, : len(part)], part.expand(len(places.lanes), len(part)))
        output = self._program.evaluate(self._x[:, :count])[:, :, : self._shape.outputs]
        rows = self._row_losses(output, self._target[:, :count])
        # Before they are clamped to the targets' range, infinite outputs make the loss NaN.
        rows = torch.where(output.isfinite().all(dim=2), rows, math.nan)
        rows = self._weigh(rows, start, count)
        real = torch.arange(start, start + count, device=rows.device) < self._rows[:, None]
        return torch.where(real, rows, 0.0).to(self._wide).sum(dim=1)

    def _weigh(self, rows: Tensor, start: int, count: int) -> Tensor:
        """The rows' losses times their weights, where they have any."""
        if self._weights is None:
            return rows
        for weights, places in self._weighed:
            part = weights[start : start + count]
            places.put(self._weights[:, : len(part)], part.expand(len(places.lanes), len(part)))
        return rows.to(self._wide) * self._weights[:, :count]

    def _row_losses(self, output: Tensor, target: Tensor) -> Tensor:
        if self._shape.task == "regression":
            return (self._in_target_unit(output[:, :, 0]) - target).square()
        if self._shape.task == "binary":
            logits = output[:, :, 0]
            return functional.binary_cross_entropy_with_logits(
                logits, target.to(logits.dtype), reduction="none"
            )
        logs = torch.log_softmax(output, dim=2)
        return logs.gather(2, target.unsqueeze(2))[:, :, 0].neg()

    def _in_target_unit(self, output: Tensor) -> Tensor:
        """`TargetScale.backward` of `(lanes, rows)`, each lane by its own scale."""
        mean, std, low, high = self._scale.unbind(dim=1)
        values = output.to(self._wide) * std + mean
        values = torch.where(self._logs, values.exp(), values)
        return torch.minimum(torch.maximum(values, low), high)
