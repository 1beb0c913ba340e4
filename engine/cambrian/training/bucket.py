"""Lanes of one bucket, composed into one tensor program and trained an epoch at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from cambrian.models.mlp_layout import MATRICES, VECTORS
from cambrian.models.mlp_memory import Storage
from cambrian.models.mlp_pack import MLPProgram
from cambrian.padding import padded
from cambrian.records import EpochRecord
from cambrian.training.live import LiveLane
from cambrian.training.pack_losses import LaneLosses
from cambrian.training.spec import TrainingShape


class BucketTrainer:
    """Trains lanes of one bucket together; it is made anew whenever they change.

    Args:
        lanes: The lanes; at least one, all of one bucket.
        shape: Task and outputs.
        device: Where they live.
    """

    def __init__(self, lanes: Sequence[LiveLane], shape: TrainingShape, device: torch.device) -> None:
        self._shape = shape
        self._device = device
        self.lanes = sorted(lanes, key=lambda lane: lane.program_order)
        self._layout = self.lanes[0].layout  # of the deepest
        self._weights, self._gradients = self._stacks(), self._stacks()
        self._lane_gradients = []
        for place, lane in enumerate(self.lanes):
            mine = {group: stack[place, : lane.layout.sizes[group]] for group, stack in self._weights.items()}
            lane.move(mine)
            self._lane_gradients.append(
                {group: stack[place, : lane.layout.sizes[group]] for group, stack in self._gradients.items()}
            )
        storage = Storage(device)
        full, last = self.lanes[0].sizes
        self._full = _Step(self, full, storage)
        self._last = _Step(self, last, storage) if last != full else self._full

    def _stacks(self) -> dict[str, Tensor]:
        return {
            group: torch.zeros(len(self.lanes), self._layout.sizes[group], device=self._device)
            for group in (MATRICES, VECTORS)
        }

    def goes_on_with(self, live: set[int]) -> bool:
        """Whether its lanes all live; one that ended would only cost time."""
        return all(lane.handle in live for lane in self.lanes)

    def epoch(self) -> list[EpochRecord]:
        """Train one epoch of every lane and judge each."""
        started = time.perf_counter()
        steps = self.lanes[0].plan.steps
        losses = torch.zeros(steps, len(self.lanes), device=self._device)
        programs = [self._full] * (steps - 1) + [self._last]
        rows = [program.rows for program in programs]
        with torch.no_grad():
            for lane in self.lanes:
                lane.begin_epoch(rows)
            for step, program in enumerate(programs):
                program.train(step, losses[step])
                for lane, gradients in zip(self.lanes, self._lane_gradients, strict=True):
                    lane.step(gradients)
        sizes = torch.tensor([program.real for program in programs], dtype=torch.float64)
        totals = (losses.cpu().double() * sizes[:, None]).sum(dim=0) / sizes.sum()
        share = (time.perf_counter() - started) / len(self.lanes)
        return [lane.end_epoch(total, share) for lane, total in zip(self.lanes, totals.tolist(), strict=True)]

    @property
    def shape(self) -> TrainingShape:
        """Task and outputs."""
        return self._shape

    def program(self, rows: int, real: int, storage: Storage) -> MLPProgram:
        """The network's program for batches of `rows` rows, `real` of them no padding."""
        sizes = rows, self._layout.inputs, self._layout.outputs
        return MLPProgram(
            [lane.packed for lane in self.lanes],
            self._layout,
            self._weights,
            self._gradients,
            sizes=sizes,
            real_rows=[real] * len(self.lanes),
            storage=storage,
        )


class _Step:
    """One training step of a bucket on batches of one size: load, forward, loss, backward."""

    def __init__(self, bucket: BucketTrainer, real: int, storage: Storage) -> None:
        self.real = real
        self.rows = padded(real)
        self._lanes = bucket.lanes
        self._program = bucket.program(self.rows, real, storage)
        program = self._program
        self._target = storage.get("target", *program.output.shape)
        self._losses = LaneLosses(
            [lane.genes for lane in self._lanes],
            bucket.shape,
            output=program.output,
            target=self._target,
            gradient=program.output_gradient,
            real_rows=real,
            weighted=self._lanes[0].rows.weights is not None,
        )
        samples = self._losses.sample_weights
        self._load = [
            partial(
                lane.load,
                x=program.x[place, :real],
                target=self._target[place, :real],
                row_weights=self._losses.row_weights[place, :real]
                if lane.genes["loss"] == "class_weighted"
                else None,
                sample_weights=None if samples is None else samples[place, :real, 0],
            )
            for place, lane in enumerate(self._lanes)
        ]
        # Shared memory: rows of padding may hold what was a full batch.
        self._padding = [part[:, real:] for part in (program.x, self._target) if real < self.rows]
        self._weighted = [
            place for place, lane in enumerate(self._lanes) if lane.genes["loss"] == "class_weighted"
        ]

    def train(self, step: int, losses: Tensor) -> None:
        """Compute all gradients of a step and write the lanes' mean losses `(lanes,)`."""
        for padding in self._padding:
            padding.zero_()
        factors = [load(step) for load in self._load]
        for place in self._weighted:
            self._losses.factors[place] = factors[place]
        self._program.forward()
        self._losses(losses)
        self._program.backward()
