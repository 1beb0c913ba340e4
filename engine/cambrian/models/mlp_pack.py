"""Lanes of family mlp as one tensor program: a step forward and back, compiled into a list of calls.

Every layer is one batched product over the lanes that have it; activations work on ranges of neighbouring
lanes that share one. What a call reads and writes is fixed when the pack is composed, so a step allocates
next to nothing and its Python is a loop over prepared calls. The backward pass is written out: autograd would
allocate every gradient anew and copy the slices.

On a CPU a lane's bits do not depend on its neighbours: products are computed lane by lane inside one call,
element-wise kernels see multiples of 16 rows times 16 columns, everything else is called lane by lane.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

from cambrian.models.activations import ACTIVATIONS, Activation, aten
from cambrian.models.mlp import MLP, HiddenLayer
from cambrian.models.mlp_layout import MATRICES, Layout

Call = Callable[[], Any]


@dataclass(slots=True, eq=False)
class PackLane:
    """A lane as the program sees it.

    Attributes:
        genes: Values of all genes.
        network: Its parameters' views, running statistics and constants.
        widths: Padded width of each hidden layer.
        masks: Dropout masks of the step, one `(rows, width)` a hidden layer; empty without dropout. Whoever
            trains the lane replaces them before each step.
    """

    genes: Mapping[str, Any]
    network: MLP
    widths: tuple[int, ...]
    masks: Sequence[Tensor] = ()

    @property
    def depth(self) -> int:
        """Hidden layers."""
        return len(self.widths)

    @property
    def order(self) -> tuple[Any, ...]:
        """Lanes sorted by this have long ranges: deepest first, then what their kernels differ in."""
        genes = self.genes
        return (
            -self.depth,
            genes["normalisation"],
            genes["activation"],
            bool(genes["parametric"]),
            bool(genes["dropout"]),
            bool(genes["residual"]),
        )


class Storage:
    """Memory that the programs of a pack share: the same room serves full batches and the short last one."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._rooms: dict[str, Tensor] = {}

    def get(self, name: str, *shape: int) -> Tensor:
        """A tensor of this shape in the room; two programs of a pack never run at once."""
        size = 1
        for length in shape:
            size *= length
        if name not in self._rooms or len(self._rooms[name]) < size:
            self._rooms[name] = torch.zeros(size, device=self._device)
        return self._rooms[name][:size].view(shape)


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
    ) -> None:
        self._lanes = lanes
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
        self._compile()

    def forward(self) -> None:
        """Compute `output` from `x`."""
        for call in self._forward:
            call()

    def backward(self) -> None:
        """Compute the gradients of all parameters from `output_gradient`."""
        for call in self._backward:
            call()

    def _compile(self) -> None:
        depths = [lane.depth for lane in self._lanes]
        deepest = depths[0]
        inputs = [self.x]
        backward: list[list[Call]] = []  # by layer, in the order of the forward pass
        for index in range(deepest):
            count = sum(depth > index for depth in depths)
            layer = _Layer(self, index, count, inputs[-1])
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
        self._program = program
        self._index = index
        self._lanes = program.lanes[:count]
        self._x = x[:count]
        shape = count, program.rows, self._lanes[0].widths[index]
        self._linear = program.room(f"linear_{index}", *shape)
        normalised = any(lane.genes["normalisation"] != "none" for lane in self._lanes)
        self._normed = program.room(f"normed_{index}", *shape) if normalised else self._linear
        self.output = program.room(f"activation_{index}", *shape)
        self._incoming = program.activation_gradient(index)
        self._gradient = program.room("linear_gradient", *shape)
        self.forward: list[Call] = []
        self.backward: list[Call] = []
        every = slice(0, count)
        weight, bias = self._weight("weight", every), self._weight("bias", every)
        self.forward.append(
            partial(torch.baddbmm, bias.unsqueeze(1), self._x, weight.transpose(1, 2), out=self._linear)
        )
        norms: list[Call] = []
        for place, lane in enumerate(self._lanes):
            if lane.genes["normalisation"] != "none":
                norm = _Norm(self, place, lane.network.hidden_layers[index])
                self.forward.append(norm.forward)
                norms.append(norm.backward)
        residuals: list[Call] = []
        for span, kind in self._ranges():
            self._activate(span, kind)
            if kind.residual:
                self._pass_by(span, residuals)
        self.backward.extend(norms)
        gradient = self._gradient
        self.backward += [
            partial(torch.bmm, gradient.transpose(1, 2), self._x, out=self._weight_gradient("weight", every)),
            partial(torch.sum, gradient, 1, out=self._weight_gradient("bias", every)),
        ]
        if index:
            outgoing = program.activation_gradient(index - 1)[every]
            self.backward.append(partial(torch.bmm, gradient, weight, out=outgoing))
            self.backward.extend(residuals)

    def _pass_by(self, span: slice, residuals: list[Call]) -> None:
        """Add the layer's input to its output, and on the way back the gradient.

        The two real widths are equal; the padded ones need not be (a diamond's follow from every depth), and
        beyond the real width both are 0.
        """
        outgoing = self._program.activation_gradient(self._index - 1)[span]
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
        activation, output = kind.activation, self.output[span]
        before = (self._normed if kind.normalised else self._linear)[span]
        incoming, gradient = self._incoming[span], self._gradient[span]
        drop_back: list[Call] = []
        for place in range(span.start, span.stop) if kind.dropout else ():
            drop_back.append(self._drop(place, self._incoming, self._gradient))
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
            for place in range(span.start, span.stop):
                real = self._lanes[place].network.widths[self._index]
                if real < output.shape[2]:
                    self.forward.append(self.output[place, :, real:].zero_)
        if kind.dropout:
            for place in range(span.start, span.stop):
                self.forward.append(self._drop(place, self.output, self.output))

    def _activate_with_slopes(self, span: slice, kind: _Kind, before: Tensor, arriving: Tensor) -> None:
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

    def norm_tensors(self, place: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Of one lane: linear output, normed output, the latter's gradient, gradients of scale and shift."""
        one = slice(place, place + 1)
        scale, shift = (
            self._weight_gradient("norm_scale", one)[0],
            self._weight_gradient("norm_shift", one)[0],
        )
        return self._linear[place], self._normed[place], self._gradient[place], scale, shift

    def real_rows(self, place: int) -> int:
        """Rows of the lane's batch that are no padding."""
        return self._program.real_rows[place]


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


class _Norm:
    """Layer or batch normalisation of one lane: torch's own kernels on the lane's real rows and columns."""

    def __init__(self, layer: _Layer, place: int, hidden: HiddenLayer) -> None:
        width = len(hidden.norm_scale)
        linear, normed, gradient, scale, shift = layer.norm_tensors(place)
        # Layer norm treats each row apart, so padding may pass; batch norm must not see it.
        self._batch = hidden.normalisation == "batch"
        rows = layer.real_rows(place) if self._batch else len(linear)
        self._linear, self._normed = linear[:rows, :width], normed[:rows, :width]
        self._gradient = gradient[:rows, :width]
        # Shared memory: what lay here may have been another lane's.
        self._padding = [part for part in (normed[rows:], normed[:, width:]) if part.numel()]
        self._scale_gradient, self._shift_gradient = scale[:width], shift[:width]
        self._hidden = hidden
        self._training = rows > 1  # a single row has no variance
        self._saved: tuple[Tensor, Tensor] = (torch.empty(0), torch.empty(0))

    def forward(self) -> None:
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


def _span(depths: Sequence[int], depth: int) -> tuple[int, int]:
    """First and last place + 1 of the lanes of this depth; depths fall."""
    first = list(depths).index(depth)
    return first, first + list(depths).count(depth)
