"""Lanes of family mlp as one tensor program: a step forward and back, compiled into a list of calls.

Every layer is one batched product over the lanes that have it; activations work on ranges of neighbouring
lanes that share one. What a call reads and writes is fixed when the pack is composed, so a step allocates
next to nothing and its Python is a loop over prepared calls. The backward pass is written out: autograd would
allocate every gradient anew and copy the slices.

On a CPU a lane's bits do not depend on its neighbours: products are computed lane by lane inside one call,
element-wise kernels see multiples of 16 rows times 16 columns, everything else is called lane by lane. On
other devices, where calls are dear, `Ranges` replace what is called lane by lane.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from cambrian.models.mlp_lanes import LayerKind, PackLane, Ranges, Storage, spans
from cambrian.models.mlp_layout import MATRICES, Layout
from cambrian.models.mlp_norms import (
    BatchNormRange,
    LaneNorm,
    LayerNormRange,
    NormTensors,
    range_norm,
    real_columns,
)

Call = Callable[[], Any]


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
        self._lanes = lanes
        self._ranges = ranges
        self._layout = layout
        self._weights = weights
        self._gradients = gradients
        self._rows, inputs, outputs = sizes
        self._real_rows = real_rows
        self._storage = storage
        count = len(lanes)
        self.x = storage.get("x", count, self._rows, inputs)
        self.output = storage.get("output", count, self._rows, outputs)
        self.output_gradient = storage.get("output_gradient", count, self._rows, outputs)
        for index in range(lanes[0].depth):  # the largest first: later views of a room must not outgrow it
            self.activation_gradient(index)
        self._forward: list[Call] = []
        self._backward: list[Call] = []
        self._layers: list[_Layer] = []
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
        depths = [lane.depth for lane in self._lanes]
        output = torch.empty(len(depths), x.shape[1], self.output.shape[2], device=x.device)
        for depth in range(depths[0] + 1):
            if depth:
                x = self._layers[depth - 1].evaluate(x)
            if depth in depths:
                span = slice(*_span(depths, depth))
                weight = self._layout.head(depth).of(self._weights[MATRICES][span])
                bias = self.weight("head.bias", span).unsqueeze(1)
                torch.baddbmm(bias, x[span], weight.transpose(1, 2), out=output[span])
        return output

    def _compile(self) -> None:
        depths = [lane.depth for lane in self._lanes]
        deepest = depths[0]
        inputs = [self.x]
        backward: list[list[Call]] = []  # by layer, in the order of the forward pass
        for index in range(deepest):
            count = sum(depth > index for depth in depths)
            layer = _Layer(self, index, count, inputs[-1])
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
        place = self._layout.head(depth)
        weight, weight_gradient = (
            place.of(stack[MATRICES][span]) for stack in (self._weights, self._gradients)
        )
        bias = self.weight("head.bias", span)
        x, output, gradient = x[span], self.output[span], self.output_gradient[span]
        forward: list[Call] = [
            partial(torch.baddbmm, bias.unsqueeze(1), x, weight.transpose(1, 2), out=output)
        ]
        backward: list[Call] = [
            partial(torch.bmm, gradient.transpose(1, 2), x, out=weight_gradient),
            partial(torch.sum, gradient, 1, out=self.gradient("head.bias", span)),
        ]
        if depth:
            backward.append(
                partial(torch.bmm, gradient, weight, out=self.activation_gradient(depth - 1)[span])
            )
        return forward, backward

    def weight(self, name: str, span: slice) -> Tensor:
        """A parameter of some lanes."""
        return self._layout.stacked(name, self._weights, span)

    def gradient(self, name: str, span: slice) -> Tensor:
        """Its gradient."""
        return self._layout.stacked(name, self._gradients, span)

    def activation_gradient(self, index: int) -> Tensor:
        """The gradient of a hidden layer's output; two rooms in turns are enough."""
        lanes = [lane for lane in self._lanes if lane.depth > index]
        shape = len(lanes), self._rows, lanes[0].widths[index]
        return self._storage.get(f"gradient_{index % 2}", *shape)

    def room(self, name: str, *shape: int) -> Tensor:
        """Memory of this step."""
        return self._storage.get(name, *shape)

    @property
    def lanes(self) -> Sequence[PackLane]:
        """The lanes, deepest first."""
        return self._lanes

    @property
    def ranges(self) -> Ranges | None:
        """What the lanes share, if nothing is to be called lane by lane."""
        return self._ranges

    @property
    def rows(self) -> int:
        """Padded rows of a batch."""
        return self._rows

    @property
    def real_rows(self) -> Sequence[int]:
        """Rows of each lane's batch that are no padding."""
        return self._real_rows


class _Layer:
    """The calls of one hidden layer, for all lanes that have it."""

    def __init__(self, program: MLPProgram, index: int, count: int, x: Tensor) -> None:
        self._program: MLPProgram = weakref.proxy(program)  # which holds the layer: no cycle may hold memory
        self._index = index
        self._lanes = program.lanes[:count]
        self._kinds = list(spans([LayerKind.of(lane, index) for lane in self._lanes]))
        self._real_columns: dict[int, Tensor] = {}  # by a range's first lane
        self._range_norms: list[tuple[slice, BatchNormRange | LayerNormRange]] = []
        self._x = x[:count]
        shape = count, program.rows, self._lanes[0].widths[index]
        self._linear = program.room(f"linear_{index}", *shape)
        kinds = [kind for _, kind in self._kinds]
        # In place where nothing is read again: a wide layer's step is bound by the cache.
        normalised = any(kind.normalised for kind in kinds)
        self._normed = program.room(f"normed_{index}", *shape) if normalised else self._linear
        outputs_alone = all(kind.plain and kind.activation.saves_output for kind in kinds)
        self.output = self._linear if outputs_alone else program.room(f"activation_{index}", *shape)
        self._incoming = program.activation_gradient(index)
        gradient_alone = not any(kind.residual for kind in kinds)  # which passes on what came in
        self._gradient = self._incoming if gradient_alone else program.room("linear_gradient", *shape)
        self.forward: list[Call] = []
        self.backward: list[Call] = []
        every = slice(0, count)
        weight, bias = self._weight("weight", every), self._weight("bias", every)
        self.forward.append(
            partial(torch.baddbmm, bias.unsqueeze(1), self._x, weight.transpose(1, 2), out=self._linear)
        )
        norms: list[Call] = []
        for norm in self._norms():
            self.forward.append(norm.forward)
            norms.append(norm.backward)
        residuals: list[Call] = []
        for span, kind in self._kinds:
            self._activate(span, kind)
            if kind.residual:
                self._pass_by(span, residuals)
        self.backward.extend(norms)
        gradient = self._gradient
        self.backward += [
            partial(torch.bmm, gradient.transpose(1, 2), self._x, out=self._weight_gradient("weight", every)),
            partial(torch.sum, gradient, 1, out=self._weight_gradient("bias", every)),
        ]
        for span, norm in self._range_norms:
            if norm.cancels_bias:
                # Rounding alone, which Adam would scale up to steps that differ from one company to the next.
                self.backward.append(self._weight_gradient("bias", span).zero_)
        if index:
            outgoing = program.activation_gradient(index - 1)[every]
            self.backward.append(partial(torch.bmm, gradient, weight, out=outgoing))
            self.backward.extend(residuals)

    def evaluate(self, x: Tensor) -> Tensor:
        """The layer's output `(its lanes, any rows, width)` in evaluation."""
        x = x[: len(self._lanes)]
        every = slice(0, len(self._lanes))
        weight, bias = self._weight("weight", every), self._weight("bias", every)
        output = torch.baddbmm(bias.unsqueeze(1), x, weight.transpose(1, 2))
        for span, norm in self._range_norms:
            norm.evaluate(output[span])
        common = min(x.shape[2], output.shape[2])
        for span, kind in self._kinds:
            part = output[span]
            if kind.parametric:
                activated = torch.empty_like(part)
                kind.activation.forward(part, activated)
                torch.lerp(part, activated, self._weight("slope", span).unsqueeze(1), out=part)
            else:
                kind.activation.forward(part, part)
            if span.start in self._real_columns:
                part.mul_(self._real_columns[span.start])
            if kind.residual:
                part[:, :, :common].add_(x[span, :, :common])
        return output

    def _pass_by(self, span: slice, residuals: list[Call]) -> None:
        """Add the layer's input to its output, and on the way back the gradient.

        The two real widths are equal; the padded ones need not be (a diamond's follow from every depth), and
        beyond the real width both are 0.
        """
        outgoing = self._program.activation_gradient(self._index - 1)[span]
        common = min(self._x.shape[2], self.output.shape[2])
        self.forward.append(partial(self.output[span, :, :common].add_, self._x[span, :, :common]))
        residuals.append(partial(outgoing[:, :, :common].add_, self._incoming[span, :, :common]))

    def _norms(self) -> Iterator[LaneNorm | BatchNormRange | LayerNormRange]:
        layers = [lane.network.hidden_layers[self._index] for lane in self._lanes]
        ranges = self._program.ranges
        if ranges is None:
            for place, layer in enumerate(layers):
                if layer.normalisation != "none":
                    tensors = self._norm_tensors(slice(place, place + 1))
                    yield LaneNorm(layer, tensors, self._program.real_rows[place])
            return
        mean, variance = ranges.running[self._index]
        for span, kind in spans([layer.normalisation for layer in layers]):
            if kind != "none":
                running, rows = (mean[span], variance[span]), self._program.real_rows[span.start]
                norm = range_norm(layers[span], self._norm_tensors(span), running, rows)
                self._range_norms.append((span, norm))
                yield norm

    def _norm_tensors(self, span: slice) -> NormTensors:
        return NormTensors(
            self._linear[span],
            self._normed[span],
            self._gradient[span],
            self._weight("norm_scale", span),
            self._weight("norm_shift", span),
            self._weight_gradient("norm_scale", span),
            self._weight_gradient("norm_shift", span),
        )

    def _activate(self, span: slice, kind: LayerKind) -> None:
        """Activation, slopes and dropout of a range of lanes, and the way back through them."""
        activation, output = kind.activation, self.output[span]
        before = (self._normed if kind.normalised else self._linear)[span]
        incoming, gradient = self._incoming[span], self._gradient[span]
        drop_back = self._drops(span, self._incoming, self._gradient) if kind.dropout else []
        arriving = gradient if kind.dropout else incoming
        if kind.parametric:
            self._activate_with_slopes(span, kind, before, arriving)
            self.backward[-1:-1] = drop_back
        elif activation.saves_output and (kind.dropout or kind.residual):
            # The output is needed again as it was before mask and residual.
            self.forward.append(partial(activation.forward, before, before))
            self.forward.append(partial(output.copy_, before))
            self.backward += [*drop_back, partial(activation.backward, arriving, before, gradient)]
        else:
            self.forward.append(partial(activation.forward, before, output))
            saved = output if activation.saves_output else before
            self.backward += [*drop_back, partial(activation.backward, arriving, saved, gradient)]
        if not activation.zero_at_zero:
            self.forward.extend(self._silence(span))
        if kind.dropout:
            self.forward.extend(self._drops(span, self.output, self.output))

    def _silence(self, span: slice) -> Iterator[Call]:
        """Set padded units to 0 that their activation does not leave there."""
        widths = [lane.network.widths[self._index] for lane in self._lanes[span]]
        output = self.output[span]
        if self._program.ranges is not None:
            if min(widths) < output.shape[2]:
                real = real_columns(widths, output.shape[2], output.device)
                self._real_columns[span.start] = real
                yield partial(output.mul_, real)
            return
        for place, width in enumerate(widths):
            if width < output.shape[2]:
                yield output[place, :, width:].zero_

    def _activate_with_slopes(self, span: slice, kind: LayerKind, before: Tensor, arriving: Tensor) -> None:
        """`slope * act(x) + (1 - slope) * x` with a slope a unit."""
        slope = self._weight("slope", span).unsqueeze(1)
        slope_gradient = self._weight_gradient("slope", span)
        output, gradient = self.output[span], self._gradient[span]
        shape = self.output.shape
        activated = self._program.room(f"activated_{self._index}", *shape)[span]
        scratch = self._program.room("slope_gradient", *shape)[span]
        self.forward += [
            partial(kind.activation.forward, before, activated),
            partial(torch.lerp, before, activated, slope, out=output),
        ]

        def back() -> None:
            torch.sub(activated, before, out=scratch)
            scratch.mul_(arriving)
            torch.sum(scratch, 1, out=slope_gradient)
            torch.mul(arriving, slope, out=scratch)
            torch.sub(arriving, scratch, out=gradient)  # what passes beside the activation
            saved = activated if kind.activation.saves_output else before
            kind.activation.backward(scratch, saved, scratch)
            gradient.add_(scratch)

        self.backward.append(back)

    def _drops(self, span: slice, source: Tensor, target: Tensor) -> list[Call]:
        """Multiply a range by its dropout masks."""
        ranges = self._program.ranges
        if ranges is None:
            return [self._drop(place, source, target) for place in range(span.start, span.stop)]
        before = sum(bool(lane.genes["dropout"]) for lane in self._lanes[: span.start])
        masks = ranges.masks[self._index][before : before + span.stop - span.start]
        return [partial(torch.mul, source[span], masks, out=target[span])]

    def _drop(self, place: int, source: Tensor, target: Tensor) -> Call:
        lane, index = self._lanes[place], self._index
        read, write = source[place], target[place]

        def drop() -> None:
            torch.mul(read, lane.masks[index], out=write)

        return drop

    def _weight(self, name: str, span: slice) -> Tensor:
        return self._program.weight(f"hidden.{self._index}.{name}", span)

    def _weight_gradient(self, name: str, span: slice) -> Tensor:
        return self._program.gradient(f"hidden.{self._index}.{name}", span)


def _span(depths: Sequence[int], depth: int) -> tuple[int, int]:
    """First and last place + 1 of the lanes of this depth; depths fall."""
    first = list(depths).index(depth)
    return first, first + list(depths).count(depth)
