"""The loop that Cambrian is measured against: `nn.Module`, `DataLoader`, `torch.optim`, one after another.

It is written as a usual user writes it and trains whatever the standard space draws: the losses, schedules
and rules are those of the genome, so a lane and this loop do the same work. What a pack does for all lanes
at once stands here in torch's own modules.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset
from torch_network import Network

from cambrian.training.cost import VALIDATION_CHUNK
from cambrian.training.lanes import LaneState
from cambrian.training.losses import combine_validation, training_loss, validation_loss_parts
from cambrian.training.plan import EpochPlan
from cambrian.training.rows import TrainingRows
from cambrian.training.schedules import dropout_factor, learning_rate_factor

Genes = Mapping[str, Any]


class UsualLoop:
    """Trains one network from where a lane starts, an epoch at a time.

    Args:
        start: A lane that has not trained yet: its initial weights, the order of its first epoch's rows.
        rows: The rows, on the CPU: the loader brings each batch to the device.
        device: Where the network lives.
    """

    def __init__(self, start: LaneState, rows: TrainingRows, device: torch.device) -> None:
        self._genes = genes = start.spec.genes
        self._task, self._device = start.task, device
        self._table = table = rows.table(start.spec.fold, genes)
        plan = EpochPlan.of(genes, len(table.train), rows.shape.rows_per_epoch)
        if plan.rows < len(table.train) - 1:
            raise ValueError(f"{len(table.train)} rows are more than the {plan.rows} of an epoch")
        self._model = Network(genes, table.x.shape[1], rows.shape.outputs)
        self._model.load_lane(start.group("weights"))
        self._model.to(device)
        self._loaders(start, plan)
        self._class_weights = None if table.class_weights is None else table.class_weights.to(device)
        self._steps = 0
        self._total_steps = start.spec.epochs * plan.steps
        self._make_optimizer()
        self._average = copy.deepcopy(self._model) if genes["ema"] else None
        self._best, self._best_state = float("inf"), self._model.state_dict()

    def _loaders(self, start: LaneState, plan: EpochPlan) -> None:
        table, pinned = self._table, self._device.type == "cuda"
        training = TensorDataset(table.x[table.train], table.target[table.train])
        order = torch.Generator()
        order.set_state(start.group("generator")["shuffle"])
        # What shuffle=True makes, with a generator of its own.
        sampler = RandomSampler(training, generator=order)
        self._training = DataLoader(
            training,
            batch_size=plan.batch,
            sampler=sampler,
            drop_last=plan.rows < len(table.train),  # batch normalisation of a single row
            pin_memory=pinned,
        )
        validation = TensorDataset(table.validation_x, table.validation_target)
        self._validation = DataLoader(validation, batch_size=VALIDATION_CHUNK, pin_memory=pinned)

    def _make_optimizer(self) -> None:
        genes = self._genes
        named = list(self._model.named_parameters())
        self._decayed = [p for name, p in named if name.endswith(("linear.weight", "head.weight"))]
        decayed = {id(p) for p in self._decayed}
        rest = [p for _, p in named if id(p) not in decayed]
        decay = float(genes["weight_decay"])
        kind = genes["optimizer"]
        groups = [{"params": self._decayed, "weight_decay": decay if kind == "adamw" else 0.0}]
        groups.append({"params": rest, "weight_decay": 0.0})
        # torch's own decay is an L2 term but in AdamW: SGD and RMSprop decay in `_shrink`.
        self._decay = decay if kind in ("sgd", "sgd_nesterov", "rmsprop") else 0.0
        self._optimizer = optimizer_of(genes, groups)
        self._scheduler = None
        if genes["schedule"] not in ("constant", "plateau"):
            self._scheduler = torch.optim.lr_scheduler.LambdaLR(
                self._optimizer, lambda step: learning_rate_factor(genes, step / self._total_steps)
            )
        self._plateau = None
        if genes["schedule"] == "plateau":
            self._plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
                self._optimizer, factor=genes["plateau_factor"], patience=genes["plateau_patience"]
            )

    def epoch(self) -> tuple[float, float]:
        """Train one epoch; the mean training loss over its rows, and the validation loss after it."""
        self._model.train()
        total, rows = 0.0, 0
        for x, y in self._training:
            x, y = x.to(self._device, non_blocking=True), y.to(self._device, non_blocking=True)
            total += self._step(x, y) * len(y)
            rows += len(y)
        validation = self._validate()
        if self._plateau is not None:
            self._plateau.step(validation)
        return total / rows, validation

    def _step(self, x: Tensor, y: Tensor) -> float:
        genes = self._genes
        if genes["input_noise"]:
            x = x + genes["input_noise"] * torch.randn_like(x)
        if genes["dropout"] and genes["dropout_schedule"] != "constant":
            rate = genes["dropout"] * dropout_factor(genes, self._steps / self._total_steps)
            for block in self._model.hidden:
                block.dropout.p = rate
        self._optimizer.zero_grad()
        loss = training_loss(genes, self._task, self._model(x), y, self._class_weights)
        loss.backward()
        if genes["gradient_clip"] == "norm":
            nn.utils.clip_grad_norm_(self._model.parameters(), genes["clip_norm"])
        self._penalise()
        self._shrink()
        self._optimizer.step()
        if self._scheduler is not None:
            self._scheduler.step()
        self._steps += 1
        if self._average is not None:
            self._update_average(self._average)
        return loss.item()

    @torch.no_grad()
    def _penalise(self) -> None:
        """Add the gradients of the L2 and L1 terms."""
        l2, l1 = self._genes["l2"], self._genes["l1"]
        if l2 or l1:
            for weight in self._decayed:
                assert weight.grad is not None
                weight.grad.add_(weight, alpha=l2).add_(weight.sign(), alpha=l1)

    @torch.no_grad()
    def _shrink(self) -> None:
        if self._decay:
            rate = self._optimizer.param_groups[0]["lr"]
            for weight in self._decayed:
                weight.mul_(1.0 - rate * self._decay)

    @torch.no_grad()
    def _update_average(self, average: Network) -> None:
        decay = self._genes["ema_decay"]
        share = (1.0 - decay) / (1.0 - decay**self._steps)
        for mean, parameter in zip(average.parameters(), self._model.parameters(), strict=True):
            mean.lerp_(parameter, share)
        for mean, buffer in zip(average.buffers(), self._model.buffers(), strict=True):
            mean.copy_(buffer)

    @torch.no_grad()
    def _validate(self) -> float:
        model = self._model if self._average is None else self._average
        model.eval()
        total, rows = 0.0, 0
        for x, y in self._validation:
            output = model(x.to(self._device, non_blocking=True))
            part, count = validation_loss_parts(self._task, output, y.to(self._device), self._table.scale)
            total, rows = total + part, rows + count
        loss = combine_validation(self._task, total, rows)
        if loss <= self._best:
            self._best, self._best_state = loss, copy.deepcopy(model.state_dict())
        return loss


def optimizer_of(genes: Genes, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    """The optimizer of torch that the genes name, with torch's defaults for all they do not."""
    kind = genes["optimizer"]
    if kind in ("sgd", "sgd_nesterov"):
        nesterov = kind == "sgd_nesterov"
        return torch.optim.SGD(groups, lr=genes["lr_sgd"], momentum=genes["momentum"], nesterov=nesterov)
    if kind == "rmsprop":
        return torch.optim.RMSprop(groups, lr=genes["lr"], alpha=genes["rmsprop_alpha"])
    rule = torch.optim.AdamW if kind == "adamw" else torch.optim.Adam
    betas = genes["beta1"], genes["beta2"]
    return rule(groups, lr=genes["lr"], betas=betas, eps=genes["adam_eps"])
