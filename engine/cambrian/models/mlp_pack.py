"""Lanes of family mlp as one tensor program: a step forward and back, compiled into a list of calls.

Every layer is one batched product over the lanes that have it; activations work on ranges of neighbouring
lanes that share one. What a call reads and writes is fixed when the pack is composed, so a step allocates
next to nothing and its Python is a loop over prepared calls. The backward pass is written out: autograd would
allocate every gradient anew and copy the slices.

On a CPU a lane's bits do not depend on its neighbours: products are computed lane by lane inside one call,
element-wise kernels see multiples of 16 rows times 16 columns, everything else is called lane by lane. On
other devices, where calls are dear, `Ranges` replace what is called lane by lane.

The gradients are autograd's within rounding but for one that is rounding alone there and 0 here: of a bias
before batch normalisation (`PackedHiddenLayer`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from cambrian.models.mlp_hidden import PackedHiddenLayer
from cambrian.models.mlp_lanes import PackLane, Ranges
from cambrian.models.mlp_layout import MATRICES, Layout
from cambrian.models.mlp_memory import Call, StepTensors, Storage


class MLPProgram:
    """One step of some lanes on batches of one padded size.

    Args:
        lanes: The lanes, sorted by `PackLane.order`.
        layout: Of the deepest lane: where parameters lie in the stacks.
        weights: The stacks `(lanes, length)` of the lanes' parameters.
        gradients: The stacks that receive their gradients; the same layout.
        sizes: Padded rows, inputs and outputs.
        real_rows: Rows of each lane's batch that are no padding.
        storage: Shared memory.
        ranges: Given, nothing is called lane by lane; `PackLane.masks` are not read then.

    Attributes:
        x: `(lanes, rows, inputs)`: the caller writes the batch here; padding must be 0.
        output: `(lanes, rows, outputs)` after `forward`.
        output_gradient: `(lanes, rows, outputs)`: the caller writes the loss's gradient before `backward`.
    """

    def __init__(
        self,
        lanes: Sequence[PackLane],
        layout: Layout,
        weights: Mapping[str, Tensor],
        gradients: Mapping[str, Tensor],
        *,
        sizes: tuple[int, int, int],
        real_rows: Sequence[int],
        storage: Storage,
        ranges: Ranges | None = None,
    ) -> None:
        rows, inputs, outputs = sizes
        count = len(lanes)
        self._depths = [lane.depth for lane in lanes]
        self._tensors = StepTensors(lanes, layout, weights, gradients, rows, real_rows, storage, ranges)
        self.x = storage.get("x", count, rows, inputs)
        self.output = storage.get("output", count, rows, outputs)
        self.output_gradient = storage.get("output_gradient", count, rows, outputs)
        for index in range(self._depths[0]):  # the largest first: later views of a room must not outgrow it
            self._tensors.activation_gradient(index)
        self._forward: list[Call] = []
        self._backward: list[Call] = []
        self._layers: list[PackedHiddenLayer] = []
        self._compile()

    def forward(self) -> None:
        """Compute `output` from `x`."""
        for call in self._forward:
            call()

    def backward(self) -> None:
        """Compute the gradients of all parameters from `output_gradient`."""
        for call in self._backward:
            call()

    def evaluate(self, x: Tensor) -> Tensor:
        """Outputs `(lanes, any rows, padded outputs)` without dropout and by running statistics.

        Only of a program with `Ranges`; `x` is `(lanes, any rows, padded inputs)`.
        """
        tensors, depths = self._tensors, self._depths
        output = torch.empty(len(depths), x.shape[1], self.output.shape[2], device=x.device)
        for depth in range(depths[0] + 1):
            if depth:
                x = self._layers[depth - 1].evaluate(x)
            if depth in depths:
                span = slice(*_span(depths, depth))
                weight = tensors.layout.head(depth).of(tensors.weights[MATRICES][span])
                bias = tensors.weight("head.bias", span).unsqueeze(1)
                torch.baddbmm(bias, x[span], weight.transpose(1, 2), out=output[span])
        return output

    def _compile(self) -> None:
        depths = self._depths
        deepest = depths[0]
        inputs = [self.x]
        backward: list[list[Call]] = []  # by layer, in the order of the forward pass
        for index in range(deepest):
            count = sum(depth > index for depth in depths)
            layer = PackedHiddenLayer(self._tensors, index, count, inputs[-1])
            self._layers.append(layer)
            self._forward.extend(layer.forward)
            backward.append(layer.backward)
            inputs.append(layer.output)
        heads = {
            depth: self._head(slice(*_span(depths, depth)), depth, inputs[depth]) for depth in set(depths)
        }
        for depth in range(deepest, -1, -1):
            if depth in heads:
                forward, back = heads[depth]
                self._forward.extend(forward)
                self._backward.extend(back)
            if depth:
                self._backward.extend(backward[depth - 1])

    def _head(self, span: slice, depth: int, x: Tensor) -> tuple[list[Call], list[Call]]:
        """The calls of the heads of all lanes of one depth."""
        tensors = self._tensors
        place = tensors.layout.head(depth)
        weight, weight_gradient = (
            place.of(stack[MATRICES][span]) for stack in (tensors.weights, tensors.gradients)
        )
        bias = tensors.weight("head.bias", span)
        x, output, gradient = x[span], self.output[span], self.output_gradient[span]
        forward: list[Call] = [
            partial(torch.baddbmm, bias.unsqueeze(1), x, weight.transpose(1, 2), out=output)
        ]
        backward: list[Call] = [
            partial(torch.bmm, gradient.transpose(1, 2), x, out=weight_gradient),
            partial(torch.sum, gradient, 1, out=tensors.gradient("head.bias", span)),
        ]
        if depth:
            backward.append(
                partial(torch.bmm, gradient, weight, out=tensors.activation_gradient(depth - 1)[span])
            )
        return forward, backward


def _span(depths: Sequence[int], depth: int) -> tuple[int, int]:
    """First and last place + 1 of the lanes of this depth; depths fall."""
    first = list(depths).index(depth)
    return first, first + list(depths).count(depth)
