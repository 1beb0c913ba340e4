"""The tightest loops that train one network at a time: what packs gain beyond merely careful code.

The table lies in memory as one tensor and an epoch is gathered at once; the optimizer is torch's fused kernel
called without `torch.optim`, whose Python costs more than a small network's arithmetic; nothing waits for a
number within an epoch. `TightLoop` leaves the way back to autograd. `WrittenOutLoop` writes it out, into
memory that was set aside before.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from cambrian.models.activations import ACTIVATIONS
from cambrian.training.cost import VALIDATION_CHUNK
from cambrian.training.lanes import LaneState
from cambrian.training.losses import combine_validation, validation_loss_parts
from cambrian.training.plan import EpochPlan
from cambrian.training.rows import TrainingRows
from cambrian.training.schedules import learning_rate_factor

_PLAIN: dict[str, tuple[Any, ...]] = {
    "normalisation": ("none",),
    "parametric": (False,),
    "residual": (False,),
    "dropout": (0.0,),
    "input_noise": (0.0,),
    "optimizer": ("adam", "adamw"),
    "l2": (0.0,),
    "l1": (0.0,),
    "gradient_clip": ("none",),
    "ema": (False,),
}
"""What a genome may have here; every further choice would only make the loops slower."""


class TightLoop:
    """Trains one plain network from where a lane starts, an epoch at a time.

    Args:
        start: A lane that has not trained yet: its initial weights, the order of its rows.
        rows: The rows, on the device.

    Raises:
        ValueError: The genome has what these loops leave out; names it.
    """

    def __init__(self, start: LaneState, rows: TrainingRows) -> None:
        self._genes = genes = start.spec.genes
        self._task = start.task
        _refuse(genes, start.task)
        self._table = table = rows.table(start.spec.fold, genes)
        self._plan = plan = EpochPlan.of(genes, len(table.train), rows.shape.rows_per_epoch)
        if plan.rows != len(table.train):
            raise ValueError(f"{len(table.train)} rows are more than the {plan.rows} of an epoch")
        device = rows.device
        self._order = torch.Generator()
        self._order.set_state(start.group("generator")["shuffle"])
        weights = start.group("weights")
        layers = [f"hidden.{index}" for index in range(genes["layers"])]
        names = [f"{layer}.{part}" for part in ("weight", "bias") for layer in (*layers, "head")]
        self._parameters = [weights[name].to(device, copy=True).requires_grad_() for name in names]
        self._weights = self._parameters[: len(layers) + 1]
        self._biases = self._parameters[len(layers) + 1 :]
        self._means = [torch.zeros_like(each) for each in self._parameters]
        self._squares = [torch.zeros_like(each) for each in self._parameters]
        self._best = [each.detach().clone() for each in self._parameters]
        self._best_loss = float("inf")
        self._count = torch.zeros((), device=device)
        self._x = torch.empty(plan.rows, table.x.shape[1], device=device)
        self._target = table.target[:, None] if start.task == "regression" else table.target
        if start.task == "binary":
            self._target = table.target[:, None].float()
        self._y = torch.empty_like(self._target[: plan.rows])
        self._steps, self._total_steps = 0, start.spec.epochs * plan.steps
        self._decay = 0.0 if genes["optimizer"] == "adam" else float(genes["weight_decay"])
        self._settings = {
            "beta1": float(genes["beta1"]),
            "beta2": float(genes["beta2"]),
            "eps": float(genes["adam_eps"]),
            "amsgrad": False,
            "maximize": False,
        }
        self._activation = ACTIVATIONS[genes["activation"]]

    @torch.no_grad()
    def epoch(self) -> tuple[float, float]:
        """Train one epoch; the mean training loss over its rows, and the validation loss after it."""
        table, plan = self._table, self._plan
        permutation = torch.randperm(plan.rows, generator=self._order).to(self._x.device)
        chosen = table.train.index_select(0, permutation)
        torch.index_select(table.x, 0, chosen, out=self._x)
        torch.index_select(self._target, 0, chosen, out=self._y)
        losses = []
        for x, y in zip(self._x.split(plan.batch), self._y.split(plan.batch), strict=True):
            loss, gradients = self._gradients(x, y)
            losses.append(loss)
            self._update(gradients)
        total = torch.stack(losses[:-1]).double().sum() * plan.batch if plan.steps > 1 else 0.0
        last = plan.rows - (plan.steps - 1) * plan.batch
        return float(total + losses[-1].double() * last) / plan.rows, self._validate()

    def _gradients(self, x: Tensor, y: Tensor) -> tuple[Tensor, tuple[Tensor, ...] | list[Tensor]]:
        """The batch's mean loss and its gradients, in the order of the parameters."""
        with torch.enable_grad():
            output = self._forward(x)
            if self._task == "binary":
                loss = functional.binary_cross_entropy_with_logits(output, y)
            elif self._task == "multiclass":
                loss = functional.cross_entropy(output, y)
            else:
                loss = functional.mse_loss(output, y)
            return loss.detach(), torch.autograd.grad(loss, self._parameters)

    def _forward(self, x: Tensor) -> Tensor:
        for weight, bias in zip(self._weights[:-1], self._biases[:-1], strict=True):
            x = self._activation.apply(functional.linear(x, weight, bias))
        return functional.linear(x, self._weights[-1], self._biases[-1])

    def _update(self, gradients: tuple[Tensor, ...] | list[Tensor]) -> None:
        """One fused step; two where the weights decay and the biases do not."""
        rate = self._rate()
        self._count.add_(1.0)
        self._steps += 1
        if not self._decay:
            self._fused(slice(None), gradients, rate, 0.0)
            return
        matrices = len(self._weights)
        self._fused(slice(0, matrices), gradients, rate, self._decay)
        self._fused(slice(matrices, None), gradients, rate, 0.0)

    def _rate(self) -> float:
        rate = float(self._genes["lr"])
        if self._genes["schedule"] == "constant":
            return rate
        return rate * learning_rate_factor(self._genes, self._steps / self._total_steps)

    def _fused(
        self, part: slice, gradients: tuple[Tensor, ...] | list[Tensor], rate: float, decay: float
    ) -> None:
        parameters = self._parameters[part]
        counts = [self._count] * len(parameters)
        moments = self._means[part], self._squares[part]
        torch._fused_adamw_(
            parameters,
            list(gradients[part]),
            *moments,
            [],
            counts,
            lr=rate,
            weight_decay=decay,
            **self._settings,
        )

    def _validate(self) -> float:
        table, total, rows = self._table, 0.0, 0
        chunks = table.validation_x.split(VALIDATION_CHUNK), table.validation_target.split(VALIDATION_CHUNK)
        for x, y in zip(*chunks, strict=True):
            part, count = validation_loss_parts(self._task, self._forward(x), y, table.scale)
            total, rows = total + part, rows + count
        loss = combine_validation(self._task, total, rows)
        if loss <= self._best_loss:
            self._best_loss = loss
            torch._foreach_copy_(self._best, self._parameters)
        return loss


class WrittenOutLoop(TightLoop):
    """The same with the way back written out; for binary tasks, and activations that need their output only.

    Raises:
        ValueError: The task or the activation is another; names it.
    """

    def __init__(self, start: LaneState, rows: TrainingRows) -> None:
        super().__init__(start, rows)
        if start.task != "binary" or not self._activation.saves_output:
            raise ValueError(f"no written-out loop for {start.task}, {self._genes['activation']}")
        for parameter in self._parameters:
            parameter.requires_grad_(False)
        plan, device = self._plan, rows.device
        widths = [len(weight) for weight in self._weights]
        outputs, backs = (
            [torch.empty(plan.batch, width, device=device) for width in widths] for _ in range(2)
        )
        self._room = {
            size: ([each[:size] for each in outputs], [each[:size] for each in backs])
            for size in (plan.batch, plan.rows - (plan.steps - 1) * plan.batch)
        }
        self._transposed = [weight.t() for weight in self._weights]
        self._own_gradients = [torch.empty_like(each) for each in self._parameters]

    def _gradients(self, x: Tensor, y: Tensor) -> tuple[Tensor, list[Tensor]]:
        outputs, backs = self._room[len(x)]
        last = len(outputs) - 1
        before = x
        for index, output in enumerate(outputs):
            torch.addmm(self._biases[index], before, self._transposed[index], out=output)
            if index < last:
                self._activation.forward(output, output)
            before = output
        logits, gradient = outputs[last], backs[last]
        loss = functional.binary_cross_entropy_with_logits(logits, y)
        torch.sigmoid(logits, out=gradient)
        gradient.sub_(y).mul_(1.0 / len(x))
        for index in range(last, -1, -1):
            gradient = backs[index]
            torch.mm(gradient.t(), outputs[index - 1] if index else x, out=self._own_gradients[index])
            torch.sum(gradient, 0, out=self._own_gradients[last + 1 + index])
            if index:
                earlier = backs[index - 1]
                torch.mm(gradient, self._weights[index], out=earlier)
                self._activation.backward(earlier, outputs[index - 1], earlier)
        return loss, self._own_gradients


def _refuse(genes: Any, task: str) -> None:
    allowed = {**_PLAIN, "loss": ("mse",) if task == "regression" else ("cross_entropy",)}
    if task != "regression":
        allowed["label_smoothing"] = (0.0,)
    foreign = sorted(name for name, values in allowed.items() if genes[name] not in values)
    if foreign or genes["schedule"] == "plateau":
        raise ValueError(f"the tight loops train no genome with {[f'{n}={genes[n]}' for n in foreign]}")
