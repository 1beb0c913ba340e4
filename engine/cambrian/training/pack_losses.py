"""Training losses of many lanes at once, with their gradients written out.

Element-wise kernels run over whole tiles `(lanes, rows, padded outputs)`: a multiple of 256 numbers a lane,
so a lane's bits do not depend on its neighbours. What is no row or no output of a lane is masked. The
formulas are those of `training.losses`, which the tests hold them against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from cambrian.training.spec import Task, TrainingShape

_NEVER = -1e30
"""A logit that no softmax sees; minus infinity would give NaN where it is multiplied by 0."""

Genes = Mapping[str, Any]


class LossTables:
    """What a lane's loss looks up for a row, by its class.

    Attributes:
        targets: `(classes, padded outputs)`: the share of each class, label smoothing and class weights
            included; for binary its first column is the share of the positive class.
        row_weights: `(classes,)` with class weights: what a row's loss is weighted by; else None.
        class_weights: `(classes,)` with class weights: what the sum of a batch is divided by; else None.
    """

    def __init__(
        self, genes: Genes, task: Task, outputs: int, width: int, class_weights: Tensor | None
    ) -> None:
        classes = 2 if task == "binary" else outputs
        weighted = genes["loss"] == "class_weighted"
        if weighted and class_weights is None:
            raise ValueError("the loss class_weighted needs class_weights")
        weights = class_weights if weighted and class_weights is not None else torch.ones(classes)
        weights = weights.to("cpu", torch.float32)
        smoothing = 0.0 if genes["loss"] == "focal" else float(genes["label_smoothing"])
        shares = (torch.eye(classes) * (1.0 - smoothing) + smoothing / classes) * weights
        sums = shares.sum(dim=1)
        self.targets = torch.zeros(classes, width)
        if task == "binary":
            self.targets[:, 0] = shares[:, 1] / sums
        else:
            self.targets[:, :classes] = shares
        self.row_weights = sums if weighted else None
        self.class_weights = weights if weighted else None

    def to(self, device: torch.device) -> LossTables:
        """The same tables on a device."""
        self.targets = self.targets.to(device)
        if self.row_weights is not None and self.class_weights is not None:
            self.row_weights = self.row_weights.to(device)
            self.class_weights = self.class_weights.to(device)
        return self


class LaneLosses:
    """The losses of all lanes of a bucket on batches of one size.

    Args:
        genes: Of each lane; lanes of equal losses had better be neighbours.
        shape: Task and outputs.
        output: Logits or values `(lanes, rows, width)`.
        target: As in `LossRange`.
        gradient: Receives the gradient of the sum of the lanes' mean losses.
        real_rows: Rows that are no padding.
        weighted: Whether the table's rows have weights.

    Attributes:
        row_weights: `(lanes, rows, 1)`: with class weights the caller writes a row's here.
        factors: `(lanes, 1, 1)`: and here a batch's rows over the sum of its class weights (both weighed by
            the rows' weights, if there are any).
        sample_weights: `(lanes, rows, 1)` where `weighted`: the caller writes what each row's loss is
            multiplied by, whatever the loss; else None.
    """

    def __init__(
        self,
        genes: Sequence[Genes],
        shape: TrainingShape,
        *,
        output: Tensor,
        target: Tensor,
        gradient: Tensor,
        real_rows: int,
        weighted: bool = False,
    ) -> None:
        lanes, rows, _ = output.shape
        scale = torch.zeros(output.shape, device=output.device)
        scale[:, :real_rows, : shape.outputs] = 1.0 / real_rows
        self.row_weights = torch.zeros(lanes, rows, 1, device=output.device)
        self.factors = torch.ones(lanes, 1, 1, device=output.device)
        self.sample_weights = torch.zeros(lanes, rows, 1, device=output.device) if weighted else None
        self._ranges: list[tuple[slice, LossRange]] = []
        start = 0
        for kind, members in groupby(genes, key=lambda each: str(each["loss"])):
            mine = list(members)
            span = slice(start, start + len(mine))
            start = span.stop
            weights = (self.row_weights[span], self.factors[span]) if kind == "class_weighted" else None
            loss = LossRange(
                (shape.task, kind),
                mine,
                output=output[span],
                target=target[span],
                gradient=gradient[span],
                scale=scale[span],
                weights=weights,
                samples=None if self.sample_weights is None else self.sample_weights[span],
            )
            self._ranges.append((span, loss))

    def __call__(self, losses: Tensor) -> None:
        """Write the gradient, and each lane's mean loss into `(lanes,)`."""
        for span, loss in self._ranges:
            losses[span].copy_(loss())


class LossRange:
    """The loss of neighbouring lanes that share its formula.

    Args:
        kind: Task and gene `loss`.
        genes: Values of each lane's genes.
        output: Logits or values `(lanes, rows, width)`.
        target: Shares of classes or standardised values, `(lanes, rows, width)`.
        gradient: Receives the gradient of the sum of the lanes' mean losses.
        scale: `(lanes, rows, width)`: 1 / (a lane's rows) where row and output are real, else 0.
        weights: `(lanes, rows, 1)` row weights and `(lanes, 1, 1)` factors (a batch's rows over the sum of
            its class weights), for class_weighted alone; else None.
        samples: `(lanes, rows, 1)`: what each row's loss is multiplied by; None: all rows count alike.
    """

    def __init__(
        self,
        kind: tuple[Task, str],
        genes: Sequence[Genes],
        *,
        output: Tensor,
        target: Tensor,
        gradient: Tensor,
        scale: Tensor,
        weights: tuple[Tensor, Tensor] | None,
        samples: Tensor | None = None,
    ) -> None:
        self._output, self._target = output, target
        self._gradient, self._scale = gradient, scale
        self._weights = weights
        self._samples = samples
        self._delta = _column([each["huber_delta"] for each in genes], output) if kind[1] == "huber" else None
        self._gamma = _column([each["focal_gamma"] for each in genes], output) if kind[1] == "focal" else None
        self._padding = torch.where(scale.amax(dim=(0, 1)) > 0, 0.0, _NEVER)
        # Not a bound method: that would be a cycle, and the tiles would wait for the garbage collector.
        self._rule: Callable[[LossRange], Tensor] = {
            "mse": LossRange._squared,
            "mae": LossRange._absolute,
            "huber": LossRange._huber,
            "focal": LossRange._focal_binary if kind[0] == "binary" else LossRange._focal,
        }.get(kind[1], LossRange._binary if kind[0] == "binary" else LossRange._softmax)

    def __call__(self) -> Tensor:
        """Write the gradient and return each lane's mean loss `(lanes,)`."""
        losses = self._rule(self)
        losses.mul_(self._scale)
        self._gradient.mul_(self._scale)
        if self._samples is not None:
            losses.mul_(self._samples)
            self._gradient.mul_(self._samples)
        if self._weights is None:
            return losses.sum(dim=(1, 2))
        _, factor = self._weights
        self._gradient.mul_(factor)
        return losses.sum(dim=(1, 2)) * factor[:, 0, 0]

    def _squared(self) -> Tensor:
        error = self._output - self._target
        torch.mul(error, 2.0, out=self._gradient)
        return error.square_()

    def _absolute(self) -> Tensor:
        error = self._output - self._target
        torch.sign(error, out=self._gradient)
        return error.abs_()

    def _huber(self) -> Tensor:
        """Half the square up to delta, beyond it delta times (the distance less half of delta)."""
        error = self._output - self._target
        clipped = torch.minimum(torch.maximum(error, -self._delta), self._delta)  # type: ignore[operator,arg-type]
        self._gradient.copy_(clipped)
        return clipped * (error - 0.5 * clipped)

    def _binary(self) -> Tensor:
        torch.sigmoid(self._output, out=self._gradient)
        self._gradient.sub_(self._target)
        losses = functional.softplus(self._output).sub_(self._output * self._target)
        if self._weights is not None:
            self._gradient.mul_(self._weights[0])
            losses.mul_(self._weights[0])
        return losses

    def _softmax(self) -> Tensor:
        logs = torch.log_softmax(self._output + self._padding, dim=2)
        torch.exp(logs, out=self._gradient)
        if self._weights is not None:
            self._gradient.mul_(self._weights[0])
        self._gradient.sub_(self._target)
        return logs.mul_(self._target).neg_()

    def _focal_binary(self) -> Tensor:
        sign = self._target * 2.0 - 1.0
        losses, slope = self._focal_of(self._output * sign)
        torch.mul(slope, sign, out=self._gradient)
        return losses

    def _focal(self) -> Tensor:
        """The margin of the true class against the others together; a row's loss stands in its column."""
        own = (self._output * self._target).sum(dim=2, keepdim=True)
        others = self._output + self._padding + self._target * _NEVER
        logs = torch.log_softmax(others, dim=2)
        total = torch.logsumexp(others, dim=2, keepdim=True)
        margin = (own - total).expand_as(self._output).contiguous()
        losses, slope = self._focal_of(margin)
        torch.sub(self._target, logs.exp_(), out=self._gradient)
        self._gradient.mul_(slope)
        return losses.mul_(self._target)

    def _focal_of(self, margin: Tensor) -> tuple[Tensor, Tensor]:
        """Focal loss (Lin et al. 2017) of a margin, and its derivative."""
        positive, negative = functional.softplus(margin), functional.softplus(-margin)
        factor = torch.exp(positive * -self._gamma)  # type: ignore[operator]
        slope = torch.sigmoid(margin).mul_(negative).mul_(self._gamma).add_(torch.sigmoid(-margin))  # type: ignore[arg-type]
        return negative.mul_(factor), slope.mul_(factor).neg_()


def _column(values: Sequence[float], like: Tensor) -> Tensor:
    """One number a lane, `(lanes, 1, 1)`."""
    return torch.tensor(values, dtype=torch.float32, device=like.device)[:, None, None]
