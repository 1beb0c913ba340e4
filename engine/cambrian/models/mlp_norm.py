"""Normalisation of one lane inside a pack's step: torch's own kernels on its real rows and columns."""

from __future__ import annotations

import torch
from torch import Tensor

from cambrian.models.activations import aten
from cambrian.models.mlp import HiddenLayer


class LaneNorm:
    """Layer or batch normalisation of one lane.

    Args:
        hidden: The lane's layer, for scale, shift, running statistics and constants.
        linear: `(padded rows, padded width)`: what is normalised.
        normed: Receives the result; its padding becomes 0.
        gradient: Holds the result's gradient and becomes that of `linear`.
        parameter_gradients: Receive the gradients of scale and shift, `(padded width,)` each.
        real_rows: Rows that are no padding.
    """

    def __init__(
        self,
        hidden: HiddenLayer,
        linear: Tensor,
        *,
        normed: Tensor,
        gradient: Tensor,
        parameter_gradients: tuple[Tensor, Tensor],
        real_rows: int,
    ) -> None:
        width = len(hidden.norm_scale)
        # Layer norm treats each row apart, so padding may pass; batch norm must not see it.
        self._batch = hidden.normalisation == "batch"
        rows = real_rows if self._batch else len(linear)
        self._linear, self._normed = linear[:rows, :width], normed[:rows, :width]
        self._gradient = gradient[:rows, :width]
        # Shared memory: what lay here may have been another lane's.
        self._padding = [part for part in (normed[rows:], normed[:, width:]) if part.numel()]
        self._scale_gradient, self._shift_gradient = (each[:width] for each in parameter_gradients)
        self._hidden = hidden
        self._training = rows > 1  # a single row has no variance
        self._saved: tuple[Tensor, Tensor] = (torch.empty(0), torch.empty(0))

    def forward(self) -> None:
        """Normalise; in batch normalisation the running statistics move."""
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
        """Take the gradient back to the input, and write those of scale and shift."""
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
