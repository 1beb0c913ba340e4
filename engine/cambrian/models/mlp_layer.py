"""One hidden layer of a pack's step: the calls forward and back, for all lanes that have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

from cambrian.models.activations import ACTIVATIONS, Activation
from cambrian.models.mlp_memory import PackLane, StepMemory
from cambrian.models.mlp_norm import LaneNorm

Call = Callable[[], Any]


class PackedLayer:
    """One hidden layer of all lanes that have it.

    Args:
        memory: What the calls work on.
        index: Place of the layer among the hidden ones.
        x: Its input, `(lanes, rows, width before)`, of at least the lanes that have it.

    Attributes:
        output: `(lanes, rows, width)` after the calls of `forward`.
        forward: Calls that compute the output.
        backward: Calls that take the gradient from the output to the input, and write the parameters'.
    """

    def __init__(self, memory: StepMemory, index: int, x: Tensor) -> None:
        self._memory = memory
        self._index = index
        self._lanes = [lane for lane in memory.lanes if lane.depth > index]
        count = len(self._lanes)
        self._x = x[:count]
        shape = count, memory.rows, self._lanes[0].widths[index]
        self._linear = memory.room(f"linear_{index}", *shape)
        normalised = any(lane.genes["normalisation"] != "none" for lane in self._lanes)
        self._normed = memory.room(f"normed_{index}", *shape) if normalised else self._linear
        self.output = memory.room(f"activation_{index}", *shape)
        self._incoming = memory.activation_gradient(index)
        self._gradient = memory.room("linear_gradient", *shape)
        self.forward: list[Call] = []
        self.backward: list[Call] = []
        self._compile()

    def _compile(self) -> None:
        every, gradient = slice(0, len(self._lanes)), self._gradient
        weight, bias = self._weight("weight", every), self._weight("bias", every)
        self.forward.append(
            partial(torch.baddbmm, bias.unsqueeze(1), self._x, weight.transpose(1, 2), out=self._linear)
        )
        norms: list[Call] = []
        for place, lane in enumerate(self._lanes):
            if lane.genes["normalisation"] != "none":
                norm = self._norm(place, lane)
                self.forward.append(norm.forward)
                norms.append(norm.backward)
        residuals: list[Call] = []
        for span, kind in self._ranges():
            self._activate(span, kind)
            if kind.residual:
                self._pass_by(span, residuals)
        self.backward += [
            *norms,
            partial(torch.bmm, gradient.transpose(1, 2), self._x, out=self._weight_gradient("weight", every)),
            partial(torch.sum, gradient, 1, out=self._weight_gradient("bias", every)),
        ]
        if self._index:
            outgoing = self._memory.activation_gradient(self._index - 1)[every]
            self.backward += [partial(torch.bmm, gradient, weight, out=outgoing), *residuals]

    def _norm(self, place: int, lane: PackLane) -> LaneNorm:
        one = slice(place, place + 1)
        scale, shift = (self._weight_gradient(f"norm_{name}", one)[0] for name in ("scale", "shift"))
        return LaneNorm(
            lane.network.hidden_layers[self._index],
            self._linear[place],
            normed=self._normed[place],
            gradient=self._gradient[place],
            parameter_gradients=(scale, shift),
            real_rows=self._memory.real_rows[place],
        )

    def _pass_by(self, span: slice, residuals: list[Call]) -> None:
        """Add the layer's input to its output, and on the way back the gradient.

        The two real widths are equal; the padded ones need not be (a diamond's follow from every depth), and
        beyond the real width both are 0.
        """
        outgoing = self._memory.activation_gradient(self._index - 1)[span]
        common = min(self._x.shape[2], self.output.shape[2])
        self.forward.append(partial(self.output[span, :, :common].add_, self._x[span, :, :common]))
        residuals.append(partial(outgoing[:, :, :common].add_, self._incoming[span, :, :common]))

    def _ranges(self) -> Iterator[tuple[slice, _Kind]]:
        kinds = [_Kind.of(lane, self._index) for lane in self._lanes]
        start = 0
        for kind, members in groupby(kinds):
            end = start + len(list(members))
            yield slice(start, end), kind
            start = end

    def _activate(self, span: slice, kind: _Kind) -> None:
        """Activation, slopes and dropout of a range of lanes, and the way back through them."""
        activation, output, places = kind.activation, self.output[span], range(span.start, span.stop)
        before = (self._normed if kind.normalised else self._linear)[span]
        incoming, gradient = self._incoming[span], self._gradient[span]
        if kind.dropout:
            self.backward += [self._drop(place, self._incoming, self._gradient) for place in places]
        arriving = gradient if kind.dropout else incoming
        if kind.parametric:
            self._activate_with_slopes(span, kind, before, arriving)
        elif activation.saves_output and (kind.dropout or kind.residual):
            # The output is needed again as it was before mask and residual.
            self.forward.append(partial(activation.forward, before, before))
            self.forward.append(partial(output.copy_, before))
            self.backward.append(partial(activation.backward, arriving, before, gradient))
        else:
            self.forward.append(partial(activation.forward, before, output))
            saved = output if activation.saves_output else before
            self.backward.append(partial(activation.backward, arriving, saved, gradient))
        if not activation.zero_at_zero:
            for place in places:
                real = self._lanes[place].network.widths[self._index]
                if real < output.shape[2]:
                    self.forward.append(self.output[place, :, real:].zero_)
        if kind.dropout:
            self.forward += [self._drop(place, self.output, self.output) for place in places]

    def _activate_with_slopes(self, span: slice, kind: _Kind, before: Tensor, arriving: Tensor) -> None:
        """`slope * act(x) + (1 - slope) * x` with a slope a unit."""
        slope = self._weight("slope", span).unsqueeze(1)
        slope_gradient = self._weight_gradient("slope", span)
        output, gradient = self.output[span], self._gradient[span]
        shape = self.output.shape
        activated = self._memory.room(f"activated_{self._index}", *shape)[span]
        scratch = self._memory.room("slope_gradient", *shape)[span]
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

    def _drop(self, place: int, source: Tensor, target: Tensor) -> Call:
        lane, index = self._lanes[place], self._index
        read, write = source[place], target[place]

        def drop() -> None:
            torch.mul(read, lane.masks[index], out=write)

        return drop

    def _weight(self, name: str, span: slice) -> Tensor:
        return self._memory.weight(f"hidden.{self._index}.{name}", span)

    def _weight_gradient(self, name: str, span: slice) -> Tensor:
        return self._memory.gradient(f"hidden.{self._index}.{name}", span)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the lanes of a range have in common in a layer."""

    activation: Activation
    normalised: bool
    parametric: bool
    dropout: bool
    residual: bool

    @classmethod
    def of(cls, lane: PackLane, index: int) -> _Kind:
        genes = lane.genes
        return cls(
            ACTIVATIONS[genes["activation"]],
            genes["normalisation"] != "none",
            bool(genes["parametric"]),
            bool(genes["dropout"]),
            lane.network.hidden_layers[index].residual,
        )
