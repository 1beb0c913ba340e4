"""Layer and batch normalisation inside a tensor program, forward and back: of one lane, and of many at once.

On a CPU a lane calls torch's own kernels. Where a call costs more than its arithmetic, neighbouring lanes are
normalised together: written out, because torch's kernels have one epsilon, one momentum and one width for all
they treat. Nothing there waits for the device or moves what it keeps, so a CUDA graph can hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cambrian.models.activations import aten
from cambrian.models.mlp import HiddenLayer
from cambrian.models.mlp_lanes import Statistics


@dataclass(frozen=True, slots=True, eq=False)
class NormTensors:
    """What a normalisation of some lanes reads and writes.

    Attributes:
        linear: What is normalised, `(lanes, rows, width)`.
        normed: Receives the result.
        gradient: The result's gradient, which the input's replaces.
        scale: Learned scale `(lanes, width)`; 0 in the padding, which keeps all padding 0.
        shift: Learned shift.
        scale_gradient: Receives the scale's gradient.
        shift_gradient: Receives the shift's gradient.
    """

    linear: Tensor
    normed: Tensor
    gradient: Tensor
    scale: Tensor
    shift: Tensor
    scale_gradient: Tensor
    shift_gradient: Tensor


class LaneNorm:
    """Layer or batch normalisation of one lane: torch's own kernels on the lane's real rows and columns."""

    def __init__(self, hidden: HiddenLayer, tensors: NormTensors, real_rows: int) -> None:
        width = len(hidden.norm_scale)
        linear, normed, gradient = tensors.linear[0], tensors.normed[0], tensors.gradient[0]
        scale, shift = tensors.scale_gradient[0], tensors.shift_gradient[0]
        # Layer norm treats each row apart, so padding may pass; batch norm must not see it.
        self._batch = hidden.normalisation == "batch"
        rows = real_rows if self._batch else len(linear)
        self._linear, self._normed = linear[:rows, :width], normed[:rows, :width]
        self._gradient = gradient[:rows, :width]
        # Shared memory: what lay here may have been another lane's.
        self._padding = [part for part in (normed[rows:], normed[:, width:]) if part.numel()]
        self._scale_gradient, self._shift_gradient = scale[:width], shift[:width]
        self._hidden = hidden
        self._training = rows > 1  # a single row has no variance
        self._saved: tuple[Tensor, Tensor] = (torch.empty(0), torch.empty(0))

    def forward(self) -> None:
        """Normalise; batch normalisation moves its running statistics."""
        hidden = self._hidden
        scale, shift = hidden.norm_scale, hidden.norm_shift
        if self._batch:
            running = hidden.running_mean, hidden.running_variance
            result, *saved = torch.native_batch_norm(
                self._linear, scale, shift, *running, self._training, hidden.momentum, hidden.epsilon
            )
        else:
            result, *saved = torch.native_layer_norm(self._linear, scale.shape, scale, shift, hidden.epsilon)
        self._normed.copy_(result)
        for padding in self._padding:
            padding.zero_()
        self._saved = saved[0], saved[1]

    def backward(self) -> None:
        """Replace the result's gradient by the input's, and write those of scale and shift."""
        hidden, every = self._hidden, [True, True, True]
        if self._batch:
            running = hidden.running_mean, hidden.running_variance
            parts = aten.native_batch_norm_backward(
                self._gradient,
                self._linear,
                hidden.norm_scale,
                *running,
                *self._saved,
                self._training,
                hidden.epsilon,
                every,
            )
        else:
            scale, shift = hidden.norm_scale, hidden.norm_shift
            parts = aten.native_layer_norm_backward(
                self._gradient, self._linear, scale.shape, *self._saved, scale, shift, every
            )
        self._gradient.copy_(parts[0])
        self._scale_gradient.copy_(parts[1])
        self._shift_gradient.copy_(parts[2])


def range_norm(
    layers: Sequence[HiddenLayer], tensors: NormTensors, running: Statistics, real_rows: int
) -> BatchNormRange | LayerNormRange:
    """The normalisation of neighbouring lanes that all have the same kind of it."""
    if layers[0].normalisation == "batch":
        return BatchNormRange(layers, tensors, running, real_rows)
    return LayerNormRange(layers, tensors)


class BatchNormRange:
    """Batch normalisation of some lanes over their real rows; a single row is normalised as in evaluation."""

    def __init__(
        self, layers: Sequence[HiddenLayer], tensors: NormTensors, running: Statistics, real_rows: int
    ) -> None:
        device = tensors.linear.device
        self._rows = real_rows
        self._epsilon = _column([layer.epsilon for layer in layers], device)
        self._momentum = _column([layer.momentum for layer in layers], device)[:, :, 0]
        self._scale, self._shift = tensors.scale.unsqueeze(1), tensors.shift.unsqueeze(1)
        self._scale_gradient, self._shift_gradient = tensors.scale_gradient, tensors.shift_gradient
        parts = tensors.linear, tensors.normed, tensors.gradient
        self._linear, self._normed, self._gradient = (part[:, :real_rows] for part in parts)
        self._padding = tensors.normed[:, real_rows:]
        self._running = running
        count, _, width = tensors.linear.shape
        self._mean, self._deviation = torch.zeros(2, count, 1, width, device=device)

    def forward(self) -> None:
        """Normalise with the batch's statistics and move the running ones."""
        if self._rows > 1:
            variance, mean = torch.var_mean(self._linear, dim=1, correction=0, keepdim=True)
            self._move(mean[:, 0], variance[:, 0])
        else:
            mean, variance = (each.unsqueeze(1) for each in self._running)
        self._mean.copy_(mean)
        torch.rsqrt(variance + self._epsilon, out=self._deviation)
        torch.sub(self._linear, self._mean, out=self._normed)
        self._normed.mul_(self._deviation * self._scale).add_(self._shift)
        self._padding.zero_()

    def evaluate(self, linear: Tensor) -> None:
        """Normalise `(lanes, any rows, width)` in place with the running statistics."""
        mean, variance = (each.unsqueeze(1) for each in self._running)
        factor = torch.rsqrt(variance + self._epsilon).mul_(self._scale)
        linear.sub_(mean).mul_(factor).add_(self._shift)

    def backward(self) -> None:
        """Replace the result's gradient by the input's, and write those of scale and shift."""
        gradient = self._gradient
        normed = (self._linear - self._mean).mul_(self._deviation)
        torch.sum(gradient, 1, out=self._shift_gradient)
        torch.sum(normed * gradient, 1, out=self._scale_gradient)
        if self._rows > 1:
            normed.mul_(self._scale_gradient.unsqueeze(1)).add_(self._shift_gradient.unsqueeze(1))
            gradient.sub_(normed, alpha=1.0 / self._rows)
        gradient.mul_(self._deviation * self._scale)

    def _move(self, mean: Tensor, variance: Tensor) -> None:
        running_mean, running_variance = self._running
        running_mean.lerp_(mean, self._momentum)
        running_variance.lerp_(variance * (self._rows / (self._rows - 1)), self._momentum)


class LayerNormRange:
    """Layer normalisation of some lanes, each over its own real width."""

    def __init__(self, layers: Sequence[HiddenLayer], tensors: NormTensors) -> None:
        device = tensors.linear.device
        count, rows, width = tensors.linear.shape
        widths = [len(layer.norm_scale) for layer in layers]
        self._epsilon = _column([layer.epsilon for layer in layers], device)
        self._real = real_columns(widths, width, device)
        self._share = _column([1.0 / each for each in widths], device)
        self._scale, self._shift = tensors.scale.unsqueeze(1), tensors.shift.unsqueeze(1)
        self._scale_gradient, self._shift_gradient = tensors.scale_gradient, tensors.shift_gradient
        self._linear, self._normed, self._gradient = tensors.linear, tensors.normed, tensors.gradient
        self._mean, self._deviation = torch.zeros(2, count, rows, 1, device=device)

    def forward(self) -> None:
        """Normalise each row."""
        mean, deviation = self._statistics(self._linear)
        self._mean.copy_(mean)
        self._deviation.copy_(deviation)
        torch.sub(self._linear, self._mean, out=self._normed)
        self._normed.mul_(self._deviation).mul_(self._scale).add_(self._shift)

    def evaluate(self, linear: Tensor) -> None:
        """Normalise `(lanes, any rows, width)` in place."""
        mean, deviation = self._statistics(linear)
        linear.sub_(mean).mul_(deviation).mul_(self._scale).add_(self._shift)

    def backward(self) -> None:
        """Replace the result's gradient by the input's, and write those of scale and shift."""
        gradient = self._gradient
        normed = (self._linear - self._mean).mul_(self._deviation)
        torch.sum(gradient, 1, out=self._shift_gradient)
        torch.sum(normed * gradient, 1, out=self._scale_gradient)
        gradient.mul_(self._scale)  # 0 in the padding: the sums below are over the real width
        along = (gradient * normed).sum(2, keepdim=True).mul_(self._share)
        mean = gradient.sum(2, keepdim=True).mul_(self._share)
        gradient.sub_(normed.mul_(along)).sub_(mean).mul_(self._deviation).mul_(self._real)

    def _statistics(self, linear: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and 1 / deviation of each row, `(lanes, rows, 1)`; the padding of `linear` is 0."""
        mean = linear.sum(2, keepdim=True).mul_(self._share)
        squares = (linear - mean).mul_(self._real).square_().sum(2, keepdim=True)
        return mean, torch.rsqrt(squares.mul_(self._share).add_(self._epsilon))


def cancels_bias(hidden: HiddenLayer, real_rows: int) -> bool:
    """Whether a step does not depend on the layer's bias: batch normalisation takes the batch's mean away.

    Layer normalisation takes away the mean of a row, where each unit has a bias of its own; and a single row
    is normalised by the running mean, which is no function of the bias.
    """
    return hidden.normalisation == "batch" and real_rows > 1


def real_columns(widths: Sequence[int], width: int, device: torch.device) -> Tensor:
    """1 where a column is real and 0 where it is padding, `(lanes, 1, width)`."""
    limits = torch.tensor(widths, device=device)[:, None, None]
    return (torch.arange(width, device=device) < limits).float()


def _column(values: Sequence[float], device: torch.device) -> Tensor:
    """One number a lane, `(lanes, 1, 1)`."""
    return torch.tensor(values, dtype=torch.float32, device=device)[:, None, None]
