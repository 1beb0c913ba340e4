"""Lanes of one bucket on a device where a call costs more than its arithmetic: no call is one lane's own.

A step is one list of calls for all lanes: gather the batches, draw masks and noise, forward, loss, backward,
optimizer. Whatever differs between steps (row numbers, learning rates, keys of the draws) lies in tables on
the device, and the step's number there says which row is its own; so a step takes nothing from the host, the
host waits once an epoch, and on CUDA the whole step is a graph.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cambrian.models.mlp_lanes import Ranges
from cambrian.models.mlp_memory import Storage
from cambrian.models.mlp_pack import MLPProgram
from cambrian.padding import padded
from cambrian.records import EpochRecord, LaneStatus
from cambrian.training.broadcast_optimizer import COLUMNS, epoch_columns
from cambrian.training.device_batches import DeviceBatches
from cambrian.training.device_draws import DeviceDraws
from cambrian.training.device_stacks import LaneStacks, leave
from cambrian.training.device_step import DeviceStep
from cambrian.training.device_validation import DeviceValidation
from cambrian.training.live import LiveLane
from cambrian.training.pack_losses import LaneLosses
from cambrian.training.spec import TrainingShape

LEAST_ACTIVE = 0.7
"""Part of the lanes below which composing the rest anew is worth it (RECIPES.md section 4)."""


class DeviceBucketTrainer:
    """Trains lanes of one bucket together, as `BucketTrainer` does, within rounding; its draws are others.

    Args:
        lanes: The lanes; at least one, all of one bucket.
        shape: Task and outputs.
        device: Where they live.
    """

    def __init__(self, lanes: Sequence[LiveLane], shape: TrainingShape, device: torch.device) -> None:
        self.lanes = sorted(lanes, key=lambda lane: lane.program_order)
        self._active = list(range(len(self.lanes)))
        self._device = device
        plan = self.lanes[0].plan
        self._steps = plan.steps
        count = len(self.lanes)
        self._columns = np.zeros((plan.steps, count, COLUMNS), dtype=np.float32)
        shared = _Shared(
            self.lanes,
            shape,
            stacks=LaneStacks(self.lanes, device),
            batches=DeviceBatches(self.lanes, device),
            draws=DeviceDraws(self.lanes, plan.steps, device),
            columns=torch.zeros(self._columns.shape, device=device),
            losses=torch.zeros(plan.steps, count, device=device),
            step=torch.zeros(1, dtype=torch.int64, device=device),
            storage=Storage(device),
        )
        self._shared = shared
        full, last = self.lanes[0].sizes
        self._full = _Step(shared, full)
        self._last = self._full if last == full else _Step(shared, last)
        self._run_full = DeviceStep(self._full.run, device)
        self._run_last = self._run_full
        if last != full:
            self._run_last = DeviceStep(self._last.run, device, beside=self._run_full)
        self._validation = DeviceValidation(self.lanes, self._full.program, shape, device)

    def goes_on_with(self, live: set[int]) -> bool:
        """Whether it is to go on with those of its lanes that live, or enough have ended to compose anew.

        The others idle: they are computed further and nobody looks at them.
        """
        self._active = [place for place in self._active if self.lanes[place].handle in live]
        return len(self._active) >= LEAST_ACTIVE * len(self.lanes)

    @property
    def recordings(self) -> tuple[DeviceStep, ...]:
        """The steps of full batches and of the last one."""
        return (self._run_full,) if self._run_last is self._run_full else (self._run_full, self._run_last)

    @property
    def programs(self) -> tuple[MLPProgram, ...]:
        """The networks' programs of full batches and of the last one."""
        return (self._full.program,) if self._last is self._full else (self._full.program, self._last.program)

    def epoch(self) -> list[EpochRecord]:
        """Train one epoch of every active lane and judge each."""
        started = time.perf_counter()
        with torch.no_grad():
            rates = self.begin_epoch()
            for step in range(self._steps):
                self.take_step(step)
            validation = self.validation_losses()
            for place, lane_rates in rates.items():
                self.lanes[place].count_steps(lane_rates)
                self.lanes[place].look_ahead()
            return self._judge(validation.tolist(), started)  # here the host waits for the device

    def take_step(self, step: int) -> None:
        """Launch the next step, of this number in the epoch, and wait for nothing."""
        last = step == self._steps - 1
        self._shared.batches.stage(step, (self._last if last else self._full).real)
        (self._run_last if last else self._run_full).run()

    def begin_epoch(self) -> dict[int, list[float]]:
        """Fill the epoch's tables; returns the learning rates of the active lanes, by place."""
        rates = {place: self.lanes[place].epoch_rates() for place in self._active}
        for place, lane_rates in rates.items():
            lane = self.lanes[place]
            self._columns[:, place] = epoch_columns(lane.genes, lane_rates, lane.steps_done)
        self._shared.columns.copy_(torch.from_numpy(self._columns))
        self._shared.batches.begin_epoch(self._active)
        self._shared.draws.begin_epoch()
        self._shared.step.zero_()
        return rates

    def validation_losses(self) -> Tensor:
        """Each lane's validation loss `(lanes,)`, on the device; NaN if a weight is not finite."""
        finite = self._shared.stacks.finite()
        with self._shared.stacks.averaged():
            return torch.where(finite, self._validation.losses(), float("nan"))

    def _judge(self, validation: Sequence[float], started: float) -> list[EpochRecord]:
        sizes = torch.full((self._steps,), self._full.real, dtype=torch.float64)
        sizes[-1] = self._last.real
        training = ((self._shared.losses.cpu().double() * sizes[:, None]).sum(dim=0) / sizes.sum()).tolist()
        share = (time.perf_counter() - started) / len(self._active)
        judged = [(p, *self.lanes[p].judge(training[p], validation[p], share)) for p in self._active]
        best = [place for place, _, is_best in judged if is_best]
        self._shared.stacks.keep_best(best)
        for place in best:
            self.lanes[place].best_is_home()
        for place, record, _ in judged:
            if record.status is not LaneStatus.RUNNING:
                leave(self.lanes[place], self._device)
        return [record for _, record, _ in judged]


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """What the steps of full batches and of the last one share; they know nothing of the trainer.

    Attributes:
        lanes: The lanes, in the program's order.
        shape: Task and outputs.
        stacks: Where they live.
        batches: Their rows.
        draws: Their masks and noise.
        columns: The optimizer's coefficients `(steps, lanes, COLUMNS)` of the epoch.
        losses: Receives the mean loss of each step and lane, `(steps, lanes)`.
        step: The number of the next step in the epoch, `(1,)`.
        storage: Memory for one batch.
    """

    lanes: Sequence[LiveLane]
    shape: TrainingShape
    stacks: LaneStacks
    batches: DeviceBatches
    draws: DeviceDraws
    columns: Tensor
    losses: Tensor
    step: Tensor
    storage: Storage


class _Step:
    """One training step of a bucket on batches of one size."""

    def __init__(self, shared: _Shared, real: int) -> None:
        self.real = real
        self._shared = shared
        lanes, storage = shared.lanes, shared.storage
        rows, layout = padded(real), lanes[0].layout
        device = shared.step.device
        self._columns = torch.arange(real, device=device)
        shapes = shared.draws.mask_shapes(rows)
        largest = max((count * rows * width for count, _, width in shapes), default=0)
        self._bits = storage.get("bits", largest // 2).view(torch.int32)
        self._masks = [storage.get(f"mask_{index}", *each) for index, each in enumerate(shapes)]
        self.program = MLPProgram(
            [lane.packed for lane in lanes],
            layout,
            shared.stacks.weights.groups,
            shared.stacks.gradients.groups,
            sizes=(rows, layout.inputs, layout.outputs),
            real_rows=[real] * len(lanes),
            storage=storage,
            ranges=Ranges(self._masks, shared.stacks.running),
        )
        self._target = storage.get("target", *self.program.output.shape)
        self._losses = LaneLosses(
            [lane.genes for lane in lanes],
            shared.shape,
            output=self.program.output,
            target=self._target,
            gradient=self.program.output_gradient,
            real_rows=real,
            weighted=lanes[0].rows.weights is not None,
        )
        self._lookup = _ClassLookup(lanes, device) if lanes[0].loss_tables is not None else None
        self._lane_losses = torch.zeros(len(lanes), device=device)

    def run(self) -> None:
        """Take the step whose number `step` has, and count it."""
        shared, program, step = self._shared, self.program, self._shared.step
        columns = self._columns + step * shared.lanes[0].plan.batch
        values = shared.batches.load(columns, program.x)
        shared.draws.add_noise(step, program.x[:, : self.real])
        shared.draws.fill_masks(step, self._masks, self._bits)
        samples = shared.batches.sample_weights(columns)
        self._load_targets(values, samples)
        if samples is not None and self._losses.sample_weights is not None:
            self._losses.sample_weights[:, : self.real, 0].copy_(samples)
        program.forward()
        self._losses(self._lane_losses)
        program.backward()
        shared.stacks.optimizer.step(shared.columns.index_select(0, step)[0])
        shared.losses.index_copy_(0, step, self._lane_losses.unsqueeze(0))
        step.add_(1)

    def _load_targets(self, values: Tensor, samples: Tensor | None) -> None:
        """Write what the losses compare with: classes or numbers `(lanes, real rows)`, and rows' weights."""
        real, target = self.real, self._target
        if real < target.shape[1]:
            target[:, real:].zero_()
        if self._lookup is None:
            target[:, :real, 0].copy_(values)
            return
        rows = self._lookup.rows(values)
        target[:, :real].copy_(self._lookup.targets(rows))
        if self._lookup.weighted:
            row_weights, class_weights = self._lookup.weights(rows)
            self._losses.row_weights[:, :real, 0].copy_(row_weights)
            factors = self._losses.factors[:, :, 0]
            if samples is None:
                torch.div(float(real), class_weights.sum(dim=1, keepdim=True), out=factors)
            else:
                sums = (class_weights * samples).sum(dim=1, keepdim=True)
                torch.div(samples.sum(dim=1, keepdim=True), sums, out=factors)


class _ClassLookup:
    """What the lanes' losses look up for a class, `LossTables` of all lanes one below the other."""

    def __init__(self, lanes: Sequence[LiveLane], device: torch.device) -> None:
        tables = [lane.loss_tables for lane in lanes if lane.loss_tables is not None]
        classes = len(tables[0].targets)
        self._targets = torch.cat([table.targets for table in tables])
        self._first = (torch.arange(len(tables), dtype=torch.int32, device=device) * classes)[:, None]
        self.weighted = any(table.row_weights is not None for table in tables)
        ones = torch.ones(classes, device=device)
        self._row_weights = torch.cat([_or(table.row_weights, ones) for table in tables])
        self._class_weights = torch.cat([_or(table.class_weights, ones) for table in tables])

    def rows(self, classes: Tensor) -> Tensor:
        """Rows of the tables for classes `(lanes, rows)`."""
        return classes + self._first

    def targets(self, rows: Tensor) -> Tensor:
        """Shares of classes `(lanes, rows, padded outputs)`."""
        return self._targets.index_select(0, rows.view(-1)).view(*rows.shape, -1)

    def weights(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Row weights and class weights, both `(lanes, rows)`."""
        flat = rows.view(-1)
        row_weights = self._row_weights.index_select(0, flat).view(rows.shape)
        class_weights = self._class_weights.index_select(0, flat).view(rows.shape)
        return row_weights, class_weights


def _or(tensor: Tensor | None, default: Tensor) -> Tensor:
    return default if tensor is None else tensor
