"""One lane while it trains: weights, optimizer, generators and judgement; the pack does the arithmetic."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from cambrian.data.mapped import MAPPED
from cambrian.models.mlp import MLP, Masks
from cambrian.models.mlp_lanes import PackLane
from cambrian.models.mlp_layout import MATRICES, Layout
from cambrian.records import EpochRecord, LaneStatus, derive_seed
from cambrian.space.families.mlp import bucket_key
from cambrian.training.draws import dropout_masks
from cambrian.training.initialisers import initialise
from cambrian.training.lanes import LaneState
from cambrian.training.memory import DRAWN_AHEAD, INITIAL_ROWS
from cambrian.training.optimizers import Optimizer
from cambrian.training.order import RowOrder
from cambrian.training.pack_losses import LossTables
from cambrian.training.plan import EpochPlan
from cambrian.training.rows import FoldRows, TrainingRows, gather
from cambrian.training.schedules import dropout_factor, learning_rate_factor
from cambrian.training.spec import LaneSpec
from cambrian.training.validation import validation_loss
from cambrian.training.weights import LaneHome, LaneWeights

_SGD = ("sgd", "sgd_nesterov")


class LiveLane:
    """A lane on the device; everything it draws comes from generators of its own.

    Args:
        handle: Its number in the trainer, repeated in its records.
        lane: What to train, or where to go on.
        rows: Gives the lane its rows, and the device.

    Attributes:
        handle: Its number in the trainer.
        plan: How its epochs are cut into batches.
        layout: Where its parameters lie.
        packed: The lane as the tensor program sees it.
        loss_tables: What its loss looks up for a class; None for regression.
        rows: The rows it trains and is judged on.
    """

    def __init__(self, handle: int, lane: LaneSpec | LaneState, rows: TrainingRows) -> None:
        spec = lane if isinstance(lane, LaneSpec) else lane.spec
        self.handle = handle
        self._spec = spec
        self.genes = dict(spec.genes)
        self.rows: FoldRows = rows.table(spec.fold, spec.genes)
        self._device = rows.device
        task, outputs = rows.shape.task, rows.shape.outputs
        inputs = self.rows.x.shape[1]
        self.plan = EpochPlan.of(self.genes, len(self.rows.train), rows.shape.rows_per_epoch)
        self._total_steps = spec.epochs * self.plan.steps
        self._rate = float(spec.genes["lr_sgd" if spec.genes["optimizer"] in _SGD else "lr"])
        network = MLP(self.genes, inputs, outputs).to(self._device)
        self.layout = Layout(self.genes, rows.shape.padded_inputs(inputs), outputs)
        self._weights = LaneWeights(network, self.layout, self._device)
        self._network = network
        self.packed = PackLane(self.genes, network, self.layout.widths)
        self.loss_tables: LossTables | None = None
        if task != "regression":
            tables = LossTables(self.genes, task, outputs, self.layout.outputs, self.rows.class_weights)
            self.loss_tables = tables.to(self._device)
        self._optimizer = Optimizer(self.genes, self._weights.tensors, frozenset({MATRICES}))
        self._average: dict[str, Tensor] | None = None
        self._best: dict[str, Tensor] | None = None
        self._best_home: dict[str, Tensor] = {}
        self._factors: list[float] = []
        self._rates: list[float] = []
        self._steps_of_epoch = 0
        self._shuffle = torch.Generator()
        # What a CPU draws with; elsewhere draws are functions of seed and step (`counter_draws`).
        self._dropout, self._noise = torch.Generator(), torch.Generator()
        self._masks: Iterator[Masks] = iter(())
        self._batches: Sequence[Tensor] = ()
        self._targets: Sequence[Tensor] = ()
        self._sample_weights: Sequence[Tensor] = ()
        if isinstance(lane, LaneSpec):
            self._facts = LaneState(spec, task, scale=self.rows.scale)
            self._begin()
        else:
            self._facts = replace(lane, tensors={})
            self._go_on(lane)

    @property
    def status(self) -> LaneStatus:
        """Only a running lane trains on."""
        return self._facts.status

    @property
    def bucket(self) -> tuple[object, ...]:
        """Lanes of equal buckets can train in one tensor program: every padded size is the same."""
        return (bucket_key(self.genes), self.layout.inputs, self.layout.outputs, self.plan.steps, *self.sizes)

    @property
    def sizes(self) -> tuple[int, int]:
        """Rows of a full batch and of the last one."""
        plan = self.plan
        return plan.batch, plan.rows - (plan.steps - 1) * plan.batch

    @property
    def program_order(self) -> tuple[Any, ...]:
        """What a program sorts its lanes by: the deepest first, equal losses side by side."""
        return (*self.packed.order, self.genes["loss"], self.handle)

    def move(self, tensors: dict[str, Tensor]) -> None:
        """Let the parameters live in other memory, a row of each stack."""
        self._weights.move(tensors)
        self._optimizer.move(tensors)

    def live_in(self, home: LaneHome) -> None:
        """Copy everything that training changes into other memory and live there from now on."""
        self.move(home.weights)
        self._optimizer.move_moments(home.moments)
        if self._average is not None:
            for group, average in self._average.items():
                home.average[group].copy_(average)
            self._average = home.average
        self._weights.bind_running(home.running)
        self._best_home = self._weights.named(home.best) | self._weights.named_running(home.best_running)
        if self._best is not None:
            for name, tensor in self._best.items():
                self._best_home[name].copy_(tensor)
            self._best = self._best_home

    def begin_epoch(self, rows: Sequence[int]) -> None:
        """Draw the epoch's row order; `rows` are the padded rows of its steps."""
        chosen = self.take_rows()
        self._batches = torch.split(chosen, self.plan.batch)
        self._targets = torch.split(self.rows.target.index_select(0, chosen), self.plan.batch)
        if self.rows.weights is not None:
            self._sample_weights = torch.split(self.rows.weights.index_select(0, chosen), self.plan.batch)
        MAPPED.gathered(len(chosen))
        self._masks = self._draw_masks(rows)
        self._rates, self._steps_of_epoch = self.epoch_rates(), 0

    def take_rows(self) -> Tensor:
        """The row numbers of the epoch that begins, on the CPU."""
        return self._order.take(self.plan.rows)

    def look_ahead(self) -> None:
        """Do now, while a device computes, what beginning the next epoch would take the time of."""
        self._order.look_ahead(self.plan.rows)
        self._factors = self._rate_factors()

    def epoch_rates(self) -> list[float]:
        """The learning rates of the next epoch's steps."""
        factors, self._factors = self._factors or self._rate_factors(), []
        return [self._rate * factor * self._facts.plateau.factor for factor in factors]

    def epoch_dropout(self) -> list[float]:
        """The dropout rates of the next epoch's steps."""
        return [self.genes["dropout"] * dropout_factor(self.genes, t) for t in self._times()]

    def _rate_factors(self) -> list[float]:
        return [learning_rate_factor(self.genes, t) for t in self._times()]

    def _times(self) -> list[float]:
        """At each of the next epoch's steps the part of all steps that is done."""
        first = self._facts.step
        return [step / self._total_steps for step in range(first, first + self.plan.steps)]

    @property
    def steps_done(self) -> int:
        """Optimizer steps done."""
        return self._facts.step

    def count_steps(self, rates: Sequence[float]) -> None:
        """Take note of steps that the trainer took for the lane, at these rates."""
        self._last_rate = rates[-1]
        self._facts = replace(self._facts, step=self._facts.step + len(rates))
        self._optimizer.count.fill_(float(self._facts.step))

    def load(
        self, step: int, x: Tensor, target: Tensor, row_weights: Tensor | None,
        sample_weights: Tensor | None = None,
    ) -> float:  # fmt: skip
        """Write a step's batch into its place in the program.

        Args:
            step: Step of the epoch.
            x: `(real rows, padded inputs)`.
            target: `(real rows, padded outputs)`.
            row_weights: `(real rows, 1)`, with class weights.
            sample_weights: `(real rows,)`, where the table's rows have weights.

        Returns:
            The batch's rows over the sum of its class weights (both weighed as the rows are); 1 without.
        """
        batch, values = self._batches[step], self._targets[step]
        gather(self.rows.padded, batch, x)
        if std := float(self.genes["input_noise"]):
            real = x[:, : self.rows.x.shape[1]]
            real.add_(torch.empty(real.shape, device=self._device).normal_(generator=self._noise), alpha=std)
        self.packed.masks = next(self._masks)
        if sample_weights is not None:
            sample_weights.copy_(self._sample_weights[step])
        tables = self.loss_tables
        if tables is None:
            target[:, 0].copy_(values)
            return 1.0
        torch.index_select(tables.targets, 0, values, out=target)
        if tables.class_weights is None or tables.row_weights is None or row_weights is None:
            return 1.0
        row_weights[:, 0].copy_(tables.row_weights.index_select(0, values))
        class_weights = tables.class_weights.index_select(0, values)
        if sample_weights is None:
            return len(values) / float(class_weights.sum())
        return float(sample_weights.sum()) / float((class_weights * sample_weights).sum())

    def step(self, gradients: dict[str, Tensor]) -> None:
        """Take one optimizer step; the gradients are overwritten."""
        self._last_rate = self._rates[self._steps_of_epoch]
        self._steps_of_epoch += 1
        self._optimizer.step(gradients, self._last_rate)
        if self._average is not None:
            self._update_average(self._average, self._facts.step + self._steps_of_epoch)

    def end_epoch(self, train_loss: float, seconds: float) -> EpochRecord:
        """Validate, judge and record the epoch.

        Args:
            train_loss: Mean loss over its rows.
            seconds: The lane's share of the time of the epoch's steps.
        """
        started = time.perf_counter()
        self._facts = replace(self._facts, step=self._facts.step + self._steps_of_epoch)
        self._masks = iter(())  # a generator that waits holds the lane, which holds it
        finite = math.isfinite(train_loss) and self._weights.finite()
        loss = self._validation_loss() if finite else math.nan
        record, best = self.judge(train_loss, loss, seconds + time.perf_counter() - started)
        if best:
            weights = dict(self._network.state_dict())
            if self._average is not None:
                weights |= self._weights.named(self._average)
            self._best = {
                name: tensor.detach().clone(memory_format=torch.contiguous_format)
                for name, tensor in weights.items()
            }
        return record

    def judge(self, train_loss: float, validation_loss: float, seconds: float) -> tuple[EpochRecord, bool]:
        """Record the epoch; True if its weights are the best so far, which the caller then keeps.

        The validation loss of weights that are not finite is to be NaN.
        """
        epoch, best = self._facts.epoch + 1, False
        if math.isfinite(train_loss) and math.isfinite(validation_loss):
            best = self._judge(epoch, validation_loss)
            status = self._status_after(epoch)
        else:
            status = LaneStatus.DIVERGED
        record = EpochRecord(
            self.handle, epoch, train_loss, validation_loss, self._last_rate, seconds, status
        )
        self._facts = replace(
            self._facts,
            epoch=epoch,
            status=status,
            position=self._order.position,
            curve=(*self._facts.curve, record),
        )
        return record, best

    def best_is_home(self) -> None:
        """The trainer has kept the best weights in the home it gave the lane."""
        self._best = self._best_home

    def state(self) -> LaneState:
        """Where the lane stands, with copies of its tensors on the CPU."""
        tensors = _prefixed("weights", dict(self._network.state_dict()))
        if self._average is not None:
            tensors |= _prefixed("average", self._weights.named(self._average))
        if self._best is not None:
            tensors |= _prefixed("best", self._best)
        for moment, flat in self._optimizer.moments.items():
            tensors |= _prefixed(f"optimizer.{moment}", self._weights.named(flat))
        tensors["optimizer.step"] = self._optimizer.count
        generators = {
            "shuffle": self._order.drawn_from,
            "dropout": self._dropout.get_state(),
            "noise": self._noise.get_state(),
        }
        tensors |= _prefixed("generator", generators)
        # contiguous first: a copy keeps the strides of a view, and with them its padding
        copies = {name: tensor.detach().contiguous().to("cpu", copy=True) for name, tensor in tensors.items()}
        return replace(self._facts, tensors=copies)

    def _begin(self) -> None:
        self._seed()
        self._order = RowOrder(self.rows.train, self._shuffle)
        generator = torch.Generator().manual_seed(self.seed_for("init"))
        count = len(self.rows.train)
        chosen = torch.randint(count, (min(count, INITIAL_ROWS),), generator=generator)
        with torch.no_grad():
            picked = self.rows.train[chosen].to(self.rows.x.device)
            x = self.rows.x.index_select(0, picked).to(self._device)
            MAPPED.gathered(len(picked))
            for layer in self._network.layers:
                initialise(layer.weight, layer.bias, self.genes, inputs=x, generator=generator)
                x = layer.forward(x)
        if self.genes["ema"]:
            self._average = self._weights.copy()

    def _go_on(self, state: LaneState) -> None:
        self._network.load_state_dict(state.group("weights"))
        optimizer = state.group("optimizer")
        for moment, flat in self._optimizer.moments.items():
            loaded = self._weights.flatten(state.group(f"optimizer.{moment}"))
            for group, tensor in flat.items():
                tensor.copy_(loaded[group])
        self._optimizer.count.copy_(optimizer["step"])
        if average := state.group("average"):
            self._average = self._weights.flatten(average)
        if best := state.group("best"):
            self._best = {name: tensor.to(self._device, copy=True) for name, tensor in best.items()}
        generators = state.group("generator")
        self._seed()
        self._shuffle.set_state(generators["shuffle"])
        for purpose, generator in self._drawing().items():
            generator.set_state(generators[purpose])
        self._order = RowOrder(self.rows.train, self._shuffle, state.position)

    def _drawing(self) -> dict[str, torch.Generator]:
        return {"dropout": self._dropout, "noise": self._noise}

    def _seed(self) -> None:
        self._shuffle.manual_seed(self.seed_for("shuffle"))
        for purpose, generator in self._drawing().items():
            generator.manual_seed(self.seed_for(purpose))

    def seed_for(self, purpose: str) -> int:
        """The seed of what the lane draws for this purpose."""
        return derive_seed(self._spec.seed, self._spec.fold, purpose)

    def _draw_masks(self, rows: Sequence[int]) -> Iterator[Masks]:
        """The dropout masks of the epoch's steps, drawn some steps at a time."""
        genes, widths = self.genes, self.layout.widths
        if not genes["dropout"] or not widths:
            yield from ((),) * len(rows)
            return
        chunk = max(1, DRAWN_AHEAD // (rows[0] * sum(widths)))
        rates = self.epoch_dropout()
        for start in range(0, len(rows), chunk):
            part = list(rows[start : start + chunk])
            masks = dropout_masks(rates[start : start + chunk], part, widths, self._dropout)
            yield from zip(*(torch.split(mask, rows[0]) for mask in masks), strict=True)

    def _update_average(self, averages: dict[str, Tensor], count: int) -> None:
        """The bias-corrected exponential average: after the first step it is the weights themselves."""
        decay = float(self.genes["ema_decay"])
        share = (1.0 - decay) / (1.0 - decay**count)
        for group, average in averages.items():
            average.lerp_(self._weights.tensors[group], share)

    def _validation_loss(self) -> float:
        """The loss over the validation rows, with the averaged weights if there are any."""
        if self._average is None:
            return validation_loss(self._network, self.rows, self._facts.task)
        weights = self._weights.copy()
        self._weights.restore(self._average)
        loss = validation_loss(self._network, self.rows, self._facts.task)
        self._weights.restore(weights)
        return loss

    def _judge(self, epoch: int, value: float) -> bool:
        """Whether the epoch is the best, the latest among ties; patience counts from the first of them."""
        facts = self._facts
        if self.genes["schedule"] == "plateau":
            facts = replace(facts, plateau=facts.plateau.step(value, self.genes))
        best = value <= facts.best_value
        if best:
            improved = epoch if value < facts.best_value else facts.improved_epoch
            facts = replace(facts, best_epoch=epoch, best_value=value, improved_epoch=improved)
        self._facts = facts
        return best

    def _status_after(self, epoch: int) -> LaneStatus:
        if epoch >= self._spec.epochs:
            return LaneStatus.FINISHED
        waited = epoch - self._facts.improved_epoch
        return LaneStatus.STOPPED if waited >= int(self.genes["patience"]) else LaneStatus.RUNNING


def _prefixed(group: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{group}.{name}": tensor for name, tensor in tensors.items()}
