"""One network at a time, trained as tightly as PyTorch's autograd allows: the peers' side of a benchmark.

The table is one tensor that batches are indexed from (no DataLoader), dropout masks are drawn for many steps
at once and the optimizer is a fused kernel. It trains what a lane of Cambrian trains: the same module,
losses, initial weights, row order, schedules, early stopping and validation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from cambrian.models.mlp import MLP, Masks
from cambrian.records import derive_seed
from cambrian.training.cost import VALIDATION_CHUNK
from cambrian.training.draws import dropout_masks
from cambrian.training.initialisers import initialise
from cambrian.training.losses import combine_validation, training_loss, validation_loss_parts
from cambrian.training.optimizers import Optimizer
from cambrian.training.order import RowOrder
from cambrian.training.plan import EpochPlan
from cambrian.training.rows import TrainingRows
from cambrian.training.schedules import Plateau, dropout_factor, learning_rate_factor

INITIAL_ROWS = 1024
"""Training rows that the data-dependent initialisers look at, as in a lane."""
_MASKED_VALUES = 2**17
"""Dropout masks drawn at once, in numbers: what a core's cache holds."""


class PlainLoop:
    """A network in training, on the CPU.

    Args:
        genes: Values of all genes.
        rows: Gives the rows.
        fold: Which fold's training and validation rows it sees.
        seed: Seeds its generators, one a purpose, as a lane's seed does.
    """

    def __init__(self, genes: Mapping[str, Any], rows: TrainingRows, *, fold: int, seed: int) -> None:
        self._genes = genes
        self._shape = rows.shape
        self._rows = rows.table(fold, genes)
        self._plan = EpochPlan.of(genes, len(self._rows.train), rows.shape.rows_per_epoch)
        self._total_steps = int(genes["epochs"]) * self._plan.steps
        self._rate = float(genes["lr_sgd" if genes["optimizer"] in ("sgd", "sgd_nesterov") else "lr"])
        self._generators = {
            purpose: torch.Generator().manual_seed(derive_seed(seed, fold, purpose))
            for purpose in ("init", "shuffle", "dropout", "noise")
        }
        self._network = MLP(genes, self._rows.x.shape[1], rows.shape.outputs)
        self._parameters = dict(self._network.named_parameters())
        self._order = RowOrder(self._rows.train, self._generators["shuffle"])
        self._initialise()
        self._optimizer = Optimizer(genes, self._parameters, self._network.decayed)
        self._average = self._copy() if genes["ema"] else None
        self._plateau = Plateau()
        self._step = 0

    def validation_losses(self) -> Iterator[float]:
        """Train, and give the validation loss after every epoch, until schedule or patience end.

        NaN comes last, if at all: the network has diverged.
        """
        best, best_epoch = math.inf, 0
        for epoch in range(1, int(self._genes["epochs"]) + 1):
            self._train_epoch()
            finite = all(bool(torch.isfinite(tensor).all()) for tensor in self._parameters.values())
            value = self._validate() if finite else math.nan
            yield value
            if not math.isfinite(value):
                return
            if self._genes["schedule"] == "plateau":
                self._plateau = self._plateau.step(value, self._genes)
            if value < best:
                best, best_epoch = value, epoch
            if epoch - best_epoch >= int(self._genes["patience"]):
                return

    def _initialise(self) -> None:
        generator, count = self._generators["init"], len(self._rows.train)
        chosen = torch.randint(count, (min(count, INITIAL_ROWS),), generator=generator)
        with torch.no_grad():
            x = self._rows.x.index_select(0, self._rows.train[chosen])
            for layer in self._network.layers:
                initialise(layer.weight, layer.bias, self._genes, inputs=x, generator=generator)
                x = layer.forward(x)

    def _train_epoch(self) -> None:
        genes, rows, plan = self._genes, self._rows, self._plan
        names, tensors = tuple(self._parameters), tuple(self._parameters.values())
        batches = torch.split(self._order.take(plan.rows), plan.batch)
        masks = self._masks([len(batch) for batch in batches])
        for batch in batches:
            x, target = rows.x.index_select(0, batch), rows.target.index_select(0, batch)
            if genes["input_noise"]:
                drawn = torch.empty_like(x).normal_(generator=self._generators["noise"])
                x.add_(drawn, alpha=float(genes["input_noise"]))
            output = self._network.forward(x, next(masks))
            loss = training_loss(genes, self._shape.task, output, target, rows.class_weights)
            gradients = dict(zip(names, torch.autograd.grad(loss, tensors), strict=True))
            factor = learning_rate_factor(genes, self._step / self._total_steps) * self._plateau.factor
            self._optimizer.step(gradients, self._rate * factor)
            self._step += 1
            if self._average is not None:
                self._update_average(self._average)

    def _masks(self, sizes: Sequence[int]) -> Iterator[Masks]:
        genes, widths = self._genes, self._network.widths
        if not genes["dropout"] or not widths:
            yield from ((),) * len(sizes)
            return
        chunk, first = max(1, _MASKED_VALUES // (sizes[0] * sum(widths))), self._step
        for start in range(0, len(sizes), chunk):
            part = list(sizes[start : start + chunk])
            times = [(first + start + place) / self._total_steps for place in range(len(part))]
            rates = [float(genes["dropout"]) * dropout_factor(genes, t) for t in times]
            drawn = dropout_masks(rates, part, widths, self._generators["dropout"])
            yield from zip(*(torch.split(mask, part) for mask in drawn), strict=True)

    def _update_average(self, average: list[Tensor]) -> None:
        decay = float(self._genes["ema_decay"])
        share = (1.0 - decay) / (1.0 - decay**self._step)
        tensors = [tensor.detach() for tensor in self._parameters.values()]
        torch._foreach_lerp_(average, tensors, share)

    def _copy(self) -> list[Tensor]:
        return [tensor.detach().clone() for tensor in self._parameters.values()]

    def _restore(self, tensors: Sequence[Tensor]) -> None:
        for parameter, tensor in zip(self._parameters.values(), tensors, strict=True):
            parameter.detach().copy_(tensor)

    def _validate(self) -> float:
        """The loss on the validation rows, by the averaged weights if there are any."""
        if self._average is None:
            return self._validation_loss()
        weights = self._copy()
        self._restore(self._average)
        loss = self._validation_loss()
        self._restore(weights)
        return loss

    def _validation_loss(self) -> float:
        task, total, count = self._shape.task, 0.0, 0
        chunks = zip(
            torch.split(self._rows.validation_x, VALIDATION_CHUNK),
            torch.split(self._rows.validation_target, VALIDATION_CHUNK),
            strict=True,
        )
        with torch.no_grad():
            for x, target in chunks:
                output = self._network.forward(x)
                part, rows = validation_loss_parts(task, output, target, self._rows.scale)
                total, count = total + part, count + rows
        return combine_validation(task, total, count)
