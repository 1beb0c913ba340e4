"""One lane while it trains: network, optimizer and generators on the device, an epoch at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from cambrian.models.mlp import MLP, Masks
from cambrian.records import EpochRecord, LaneStatus, derive_seed
from cambrian.training.cost import VALIDATION_CHUNK
from cambrian.training.draws import add_noise, dropout_masks
from cambrian.training.flat import MATRICES, FlatWeights
from cambrian.training.initialisers import initialise
from cambrian.training.lanes import LaneState
from cambrian.training.losses import combine_validation, training_loss, validation_loss_parts
from cambrian.training.optimizers import Optimizer
from cambrian.training.order import RowOrder
from cambrian.training.plan import EpochPlan
from cambrian.training.rows import FoldRows, TrainingRows
from cambrian.training.schedules import dropout_factor, learning_rate_factor
from cambrian.training.spec import LaneSpec

_INITIAL_ROWS = 1024
"""Training rows that the data-dependent initialisers look at."""

_CHUNK_VALUES = 2**18
_CHUNK_STEPS = 256
"""Batches and masks are made many at a time, up to 1 MB each, which a core's cache holds."""

Batch = tuple[Tensor, Tensor, Masks]
"""Features, target and dropout masks of a step."""

_SGD = ("sgd", "sgd_nesterov")


class LiveLane:
    """A lane on the device; everything it draws comes from generators of its own.

    Args:
        handle: Its number in the trainer, repeated in its records.
        lane: What to train, or where to go on.
        rows: Gives the lane its rows, and the device.
    """

    def __init__(self, handle: int, lane: LaneSpec | LaneState, rows: TrainingRows) -> None:
        spec = lane if isinstance(lane, LaneSpec) else lane.spec
        self._handle = handle
        self._spec = spec
        self._genes = dict(spec.genes)
        self._rows: FoldRows = rows.table(spec.fold, spec.genes)
        self._device = rows.device
        self._plan = EpochPlan.of(self._genes, len(self._rows.train), rows.shape.rows_per_epoch)
        self._total_steps = spec.epochs * self._plan.steps
        self._rate = float(spec.genes["lr_sgd" if spec.genes["optimizer"] in _SGD else "lr"])
        self._network = MLP(self._genes, self._rows.x.shape[1], rows.shape.outputs).to(self._device)
        self._flat = FlatWeights(self._network, self._network.decayed)
        self._optimizer = Optimizer(self._genes, self._flat.tensors, frozenset({MATRICES}))
        self._average: dict[str, Tensor] | None = None
        self._best: dict[str, Tensor] | None = None
        self._shuffle = torch.Generator()
        self._dropout = torch.Generator(self._device)
        self._noise = torch.Generator(self._device)
        if isinstance(lane, LaneSpec):
            self._facts = LaneState(spec, rows.shape.task, scale=self._rows.scale)
            self._begin()
        else:
            self._facts = replace(lane, tensors={})
            self._go_on(lane)

    @property
    def status(self) -> LaneStatus:
        """Only a running lane trains on."""
        return self._facts.status

    def epoch(self) -> EpochRecord:
        """Train one epoch and judge it; the lane must be running."""
        started = time.perf_counter()
        train_loss, rate = self._train()
        finite = math.isfinite(train_loss) and self._flat.finite()
        validation_loss = self._validation_loss() if finite else math.nan
        facts = self._facts
        epoch = facts.epoch + 1
        if math.isfinite(validation_loss):
            self._judge(epoch, validation_loss)
            status = self._status_after(epoch)
        else:
            status = LaneStatus.DIVERGED
        seconds = time.perf_counter() - started
        record = EpochRecord(self._handle, epoch, train_loss, validation_loss, rate, seconds, status)
        self._facts = replace(
            self._facts,
            epoch=epoch,
            status=status,
            position=self._order.position,
            curve=(*facts.curve, record),
        )
        return record

    def state(self) -> LaneState:
        """Where the lane stands, with copies of its tensors on the CPU."""
        tensors = _prefixed("weights", dict(self._network.state_dict()))
        if self._average is not None:
            tensors |= _prefixed("average", self._flat.named(self._average))
        if self._best is not None:
            tensors |= _prefixed("best", self._best)
        tensors |= _prefixed("optimizer", self._optimizer.tensors())
        generators = {
            "shuffle": self._order.drawn_from,
            "dropout": self._dropout.get_state(),
            "noise": self._noise.get_state(),
        }
        tensors |= _prefixed("generator", generators)
        copies = {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}
        return replace(self._facts, tensors=copies)

    def _begin(self) -> None:
        self._seed()
        self._order = RowOrder(self._rows.train, self._shuffle)
        generator = torch.Generator().manual_seed(self._seed_for("init"))
        count = len(self._rows.train)
        chosen = torch.randint(count, (min(count, _INITIAL_ROWS),), generator=generator)
        with torch.no_grad():
            x = self._rows.x.index_select(0, self._rows.train[chosen.to(self._device)])
            for layer in self._network.layers:
                initialise(layer.weight, layer.bias, self._genes, inputs=x, generator=generator)
                x = layer.forward(x)
        if self._genes["ema"]:
            self._average = self._flat.copy()

    def _go_on(self, state: LaneState) -> None:
        self._network.load_state_dict(state.group("weights"))
        self._optimizer.load(state.group("optimizer"))
        if average := state.group("average"):
            self._average = self._flat.flatten(average)
        if best := state.group("best"):
            self._best = {name: tensor.to(self._device, copy=True) for name, tensor in best.items()}
        generators = state.group("generator")
        self._seed()
        self._shuffle.set_state(generators["shuffle"])
        for purpose, generator in self._drawing().items():
            # The states of a CPU's generator and a GPU's have unlike sizes: a lane that changes the kind of
            # device draws from generators seeded anew. Nothing promises equal bits there.
            if generators[purpose].shape == generator.get_state().shape:
                generator.set_state(generators[purpose])
        self._order = RowOrder(self._rows.train, self._shuffle, state.position)

    def _drawing(self) -> dict[str, torch.Generator]:
        return {"dropout": self._dropout, "noise": self._noise}

    def _seed(self) -> None:
        self._shuffle.manual_seed(self._seed_for("shuffle"))
        for purpose, generator in self._drawing().items():
            generator.manual_seed(self._seed_for(purpose))

    def _seed_for(self, purpose: str) -> int:
        return derive_seed(self._spec.seed, self._spec.fold, purpose)

    def _train(self) -> tuple[float, float]:
        """One epoch: the mean loss over its rows and the learning rate of the last step."""
        rate, step = 0.0, self._facts.step
        total, rows = 0.0, 0
        for batches in self._chunks(step):
            losses = []
            for batch in batches:
                loss, rate = self._step(batch, step)
                losses.append(loss)
                step += 1
            sizes = [len(target) for _, target, _ in batches]
            values = torch.stack(losses).tolist()
            total += math.fsum(value * size for value, size in zip(values, sizes, strict=True))
            rows += sum(sizes)
            if not math.isfinite(total):
                break
        self._facts = replace(self._facts, step=step)
        return total / rows, rate

    def _chunks(self, step: int) -> Iterator[list[Batch]]:
        """The epoch's batches, made some at a time; `step` is the epoch's first."""
        table, genes, batch = self._rows, self._genes, self._plan.batch
        widest = max(table.x.shape[1], sum(self._network.widths))
        steps = max(1, min(_CHUNK_STEPS, _CHUNK_VALUES // (batch * widest)))
        for chosen in torch.split(self._order.take(self._plan.rows), steps * batch):
            x = table.x.index_select(0, chosen)
            if genes["input_noise"]:
                add_noise(x, float(genes["input_noise"]), self._noise)
            targets = torch.split(table.target.index_select(0, chosen), batch)
            masks = self._masks(step, [len(target) for target in targets])
            yield list(zip(torch.split(x, batch), targets, masks, strict=True))
            step += len(targets)

    def _masks(self, step: int, rows: list[int]) -> Sequence[Masks]:
        """The dropout masks of the steps from `step` on, which have so many rows."""
        genes = self._genes
        if not genes["dropout"] or not self._network.widths:
            return [()] * len(rows)
        total = self._total_steps
        rates = [genes["dropout"] * dropout_factor(genes, (step + i) / total) for i in range(len(rows))]
        masks = dropout_masks(rates, rows, self._network.widths, self._dropout)
        return list(zip(*(torch.split(mask, self._plan.batch) for mask in masks), strict=True))

    def _step(self, batch: Batch, step: int) -> tuple[Tensor, float]:
        """One optimizer step: the batch's loss and the learning rate."""
        x, target, masks = batch
        genes, facts = self._genes, self._facts
        factor = learning_rate_factor(genes, step / self._total_steps)
        rate = self._rate * factor * facts.plateau.factor
        output = self._network.forward(x, masks)
        loss = training_loss(genes, facts.task, output, target, self._rows.class_weights)
        gradients = torch.autograd.grad(loss, self._flat.parameters)
        self._optimizer.step(self._flat.gather(gradients), rate)
        if self._average is not None:
            self._update_average(self._average, step + 1)
        return loss.detach(), rate

    def _update_average(self, averages: dict[str, Tensor], count: int) -> None:
        """The bias-corrected exponential average: after the first step it is the weights themselves."""
        decay = float(self._genes["ema_decay"])
        share = (1.0 - decay) / (1.0 - decay**count)
        for group, average in averages.items():
            average.lerp_(self._flat.tensors[group], share)

    def _validation_loss(self) -> float:
        """The loss over the validation rows, with the averaged weights if there are any."""
        if self._average is None:
            return self._evaluate()
        weights = self._flat.copy()
        self._flat.restore(self._average)
        loss = self._evaluate()
        self._flat.restore(weights)
        return loss

    def _evaluate(self) -> float:
        task, total, rows = self._facts.task, 0.0, 0
        chunks = zip(
            torch.split(self._rows.validation_x, VALIDATION_CHUNK),
            torch.split(self._rows.validation_target, VALIDATION_CHUNK),
            strict=True,
        )
        with torch.no_grad():
            for x, target in chunks:
                part, count = validation_loss_parts(task, self._network.forward(x), target, self._rows.scale)
                total += part
                rows += count
        return combine_validation(task, total, rows)

    def _judge(self, epoch: int, value: float) -> None:
        """Keep the best epoch, the latest among ties; patience counts from the first of them."""
        facts = self._facts
        if self._genes["schedule"] == "plateau":
            facts = replace(facts, plateau=facts.plateau.step(value, self._genes))
        if value <= facts.best_value:
            improved = epoch if value < facts.best_value else facts.improved_epoch
            facts = replace(facts, best_epoch=epoch, best_value=value, improved_epoch=improved)
            weights = dict(self._network.state_dict())
            if self._average is not None:
                weights |= self._flat.named(self._average)
            self._best = {name: tensor.clone() for name, tensor in weights.items()}
        self._facts = facts

    def _status_after(self, epoch: int) -> LaneStatus:
        if epoch >= self._spec.epochs:
            return LaneStatus.FINISHED
        waited = epoch - self._facts.improved_epoch
        return LaneStatus.STOPPED if waited >= int(self._genes["patience"]) else LaneStatus.RUNNING


def _prefixed(group: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{group}.{name}": tensor for name, tensor in tensors.items()}
