"""One hidden layer of all lanes that have it, as the calls of a step: its part of a tensor program."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from cambrian.models.mlp_lanes import LayerKind, spans
from cambrian.models.mlp_memory import Call, StepTensors
from cambrian.models.mlp_norms import (
    BatchNormRange,
    LaneNorm,
    LayerNormRange,
    NormTensors,
    cancels_bias,
    range_norm,
    real_columns,
)


class PackedHiddenLayer:
    """The calls of one hidden layer, for all lanes that have it.

    A bias before batch normalisation gets the gradient 0, which is what it has: the batch's mean takes the
    bias out again. Summed up, the gradient would be rounding alone, and Adam and RMSprop, which divide by its
    size, would make steps as long as the learning rate of it. Autograd leaves that rounding in place.

    Args:
        tensors: What the calls read and write.
        index: The layer's number.
        count: Lanes that have it; the deepest come first.
        x: What comes in, `(at least these lanes, rows, width)`.

    Attributes:
        output: `(lanes, rows, width)` after the forward calls.
        forward: The calls, in order.
        backward: Those of the way back; before them the output's gradient lies in `activation_gradient`.
    """

    def __init__(self, tensors: StepTensors, index: int, count: int, x: Tensor) -> None:
        self._tensors = tensors
        self._index = index
        self._lanes = tensors.lanes[:count]
        self._kinds = list(spans([LayerKind.of(lane, index) for lane in self._lanes]))
        self._real_columns: dict[int, Tensor] = {}  # by a range's first lane
        self._range_norms: list[tuple[slice, BatchNormRange | LayerNormRange]] = []
        self._x = x[:count]
        shape = count, tensors.rows, self._lanes[0].widths[index]
        self._linear = tensors.room(f"linear_{index}", *shape)
        kinds = [kind for _, kind in self._kinds]
        # In place where nothing is read again: a wide layer's step is bound by the cache.
        normalised = any(kind.normalised for kind in kinds)
        self._normed = tensors.room(f"normed_{index}", *shape) if normalised else self._linear
        outputs_alone = all(kind.plain and kind.activation.saves_output for kind in kinds)
        self.output = self._linear if outputs_alone else tensors.room(f"activation_{index}", *shape)
        self._incoming = tensors.activation_gradient(index)
        gradient_alone = not any(kind.residual for kind in kinds)  # which passes on what came in
        self._gradient = self._incoming if gradient_alone else tensors.room("linear_gradient", *shape)
        self.forward: list[Call] = []
        self.backward: list[Call] = []
        self._compile()

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

    def _compile(self) -> None:
        every, gradient = slice(0, len(self._lanes)), self._gradient
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
        weight_gradient = self._weight_gradient("weight", every)
        self.backward.append(partial(torch.bmm, gradient.transpose(1, 2), self._x, out=weight_gradient))
        self.backward.extend(self._bias_gradients())
        if self._index:
            outgoing = self._tensors.activation_gradient(self._index - 1)[every]
            self.backward.append(partial(torch.bmm, gradient, weight, out=outgoing))
            self.backward.extend(residuals)

    def _bias_gradients(self) -> Iterator[Call]:
        """The gradient summed over the rows; 0 before batch normalisation."""
        real_rows = self._tensors.real_rows[: len(self._lanes)]
        layers = [lane.network.hidden_layers[self._index] for lane in self._lanes]
        for span, cancelled in spans([cancels_bias(*each) for each in zip(layers, real_rows, strict=True)]):
            bias_gradient = self._weight_gradient("bias", span)
            if cancelled:  # in every step anew: an optimizer may overwrite gradients
                yield bias_gradient.zero_
            else:
                yield partial(torch.sum, self._gradient[span], 1, out=bias_gradient)

    def _pass_by(self, span: slice, residuals: list[Call]) -> None:
        """Add the layer's input to its output, and on the way back the gradient.

        The two real widths are equal; the padded ones need not be (a diamond's follow from every depth), and
        beyond the real width both are 0.
        """
        outgoing = self._tensors.activation_gradient(self._index - 1)[span]
        common = min(self._x.shape[2], self.output.shape[2])
        self.forward.append(partial(self.output[span, :, :common].add_, self._x[span, :, :common]))
        residuals.append(partial(outgoing[:, :, :common].add_, self._incoming[span, :, :common]))

    def _norms(self) -> Iterator[LaneNorm | BatchNormRange | LayerNormRange]:
        layers = [lane.network.hidden_layers[self._index] for lane in self._lanes]
        ranges = self._tensors.ranges
        if ranges is None:
            for place, layer in enumerate(layers):
                if layer.normalisation != "none":
                    tensors = self._norm_tensors(slice(place, place + 1))
                    yield LaneNorm(layer, tensors, self._tensors.real_rows[place])
            return
        mean, variance = ranges.running[self._index]
        for span, kind in spans([layer.normalisation for layer in layers]):
            if kind != "none":
                running, rows = (mean[span], variance[span]), self._tensors.real_rows[span.start]
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
        if self._tensors.ranges is not None:
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
        activated = self._tensors.room(f"activated_{self._index}", *shape)[span]
        scratch = self._tensors.room("slope_gradient", *shape)[span]
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
        ranges = self._tensors.ranges
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
        return self._tensors.weight(f"hidden.{self._index}.{name}", span)

    def _weight_gradient(self, name: str, span: slice) -> Tensor:
        return self._tensors.gradient(f"hidden.{self._index}.{name}", span)
