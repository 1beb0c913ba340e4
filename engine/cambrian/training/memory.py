"""The memory that a lane takes while it trains, to the byte of its largest tensors. No torch.

What is counted are tensors at the moment when most of them are there; the rows, which all lanes share, are
not. A pack is predicted to take the sum of its lanes, each with what its neighbours add: weights and
gradients are rows of stacks that the deepest lane of a tensor program sizes, and a layer's activations have
the rooms that any of its lanes wants. So a shallow or plain lane takes more beside a deep or normalised one
than alone. A pack takes less than that sum, for its lanes do not all reach their peaks at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Any

from cambrian.padding import padded
from cambrian.space.families.mlp import bucket_key, layer_widths, padded_widths
from cambrian.training.cost import VALIDATION_CHUNK, parameter_count
from cambrian.training.plan import EpochPlan
from cambrian.training.spec import TrainingShape

Genes = Mapping[str, Any]

DRAWN_AHEAD = 2**17
"""Numbers of dropout masks that a lane draws at once, half a megabyte, which a core's cache holds; a single
step may have more."""

INITIAL_ROWS = 1024
"""Training rows that the data-dependent initialisers look at."""

_FLOAT, _INDEX = 4, 8
OUTPUT_IS_SAVED = frozenset({"relu", "elu", "selu", "tanh", "sigmoid"})
"""Activations whose way back needs their output alone: in place where nothing comes after them."""
_MOMENTS = {"sgd": 1, "sgd_nesterov": 1, "rmsprop": 2, "adam": 2, "adamw": 2}
_LOSS_TILES = {"mse": 1, "mae": 2, "huber": 3, "focal": 8}
"""Tiles of the batch's outputs that a loss takes for itself; the others take 3."""
_MISH_TILES = 3
_SCALAR_LOSS = 8
"""Numbers a row that the validation loss of a single output takes, half of them in float64."""
_GENERATORS = 2 * 3 * 5056
"""States of a lane's three random generators and their copies, in bytes."""
_POINTS = 5
"""Rows that the bias `he5` gathers for a unit."""


def predicted_bytes(genes: Genes, input_width: int, shape: TrainingShape) -> int:
    """The peak in bytes of the tensors of a lane that trains; the rows themselves are not counted."""
    lane = _Lane.of(genes, input_width, shape)
    return lane.peak(_Company.of([lane]))


def predicted_pack_bytes(lanes: Iterable[tuple[Genes, int]], shape: TrainingShape) -> int:
    """The peak in bytes of the tensors of lanes that train together, each given by genes and input width.

    A bucket's lanes may train in several programs, deep with deep; here they are all in one.
    """
    buckets: dict[tuple[Any, ...], list[_Lane]] = {}
    for genes, input_width in lanes:
        lane = _Lane.of(genes, input_width, shape)
        buckets.setdefault((bucket_key(genes), lane.inputs, lane.plan), []).append(lane)
    together = [(each, _Company.of(bucket)) for bucket in buckets.values() for each in bucket]
    return sum(lane.peak(company) for lane, company in together)


@dataclass(frozen=True, slots=True)
class _Company:
    """What the lanes of a tensor program share, which each of them takes.

    Attributes:
        parameters: Padded parameters of the deepest.
        normalised: Whether any lane's layers are normalised.
        parametric: Whether any lane's activations have slopes.
        in_place: Whether all compute their activations in place, where a layer has no residual.
        residual: Of each layer whether a residual passes it in any lane.
    """

    parameters: int
    normalised: bool
    parametric: bool
    in_place: bool
    residual: tuple[bool, ...]

    @classmethod
    def of(cls, lanes: Sequence[_Lane]) -> _Company:
        """Of some lanes of one bucket."""
        residuals = [lane.residual for lane in lanes]
        return cls(
            parameters=max(lane.parameters for lane in lanes),
            normalised=any(_normalised(lane.genes) for lane in lanes),
            parametric=any(lane.genes["parametric"] for lane in lanes),
            in_place=all(_computes_in_place(lane.genes) for lane in lanes),
            residual=tuple(any(each) for each in zip_longest(*residuals, fillvalue=False)),
        )


@dataclass(frozen=True, slots=True)
class _Lane:
    """Sizes of a lane; padded ones where it trains, its own where it validates.

    Attributes:
        batch: Padded rows of a full batch.
        last: Padded rows of the last one; 0 where it is a full one.
    """

    genes: Genes
    shape: TrainingShape
    plan: EpochPlan
    batch: int
    last: int
    inputs: int
    outputs: int
    widths: tuple[int, ...]
    own_inputs: int
    own_widths: tuple[int, ...]
    parameters: int
    matrices: int
    own_parameters: int

    @classmethod
    def of(cls, genes: Genes, input_width: int, shape: TrainingShape) -> _Lane:
        every = padded_widths(genes)
        widths, outputs = every[: genes["layers"]], padded(shape.outputs)
        inputs = shape.padded_inputs(input_width)
        matrices = outputs * max(inputs, *every) + sum(a * b for a, b in pairwise((inputs, *widths)))
        plan = EpochPlan.of(genes, shape.rows, shape.rows_per_epoch)
        batch = padded(plan.batch)
        last = plan.rows - (plan.steps - 1) * plan.batch
        return cls(
            genes=genes,
            shape=shape,
            plan=plan,
            batch=batch,
            last=0 if last == plan.batch else padded(last),
            inputs=inputs,
            outputs=outputs,
            widths=widths,
            own_inputs=input_width,
            own_widths=tuple(layer_widths(genes)),
            parameters=matrices + outputs + 4 * sum(widths),
            matrices=matrices,
            own_parameters=parameter_count(genes, input_width, shape),
        )

    @property
    def residual(self) -> list[bool]:
        """Of each layer whether a residual passes it."""
        wanted = bool(self.genes["residual"])
        return [wanted and before == width for before, width in pairwise((None, *self.own_widths))]

    def peak(self, company: _Company) -> int:
        """The most that is there at once, in this company."""
        epoch = (self.drawing(), self.ordering(), self.stepping(), self.validating(), self.judging())
        return max(self.beginning(), self.kept(company) + max(*epoch, self.leaving()))

    def kept(self, company: _Company) -> int:
        """What is there all the time, but the dropout masks."""
        genes = self.genes
        copies = _MOMENTS[genes["optimizer"]] + bool(genes["ema"])
        numbers = copies * self.parameters
        numbers += self.own_parameters + self._statistics()  # the best epoch's copy
        numbers += 2 * company.parameters  # weights and gradients
        numbers += self._activations(company)
        return _FLOAT * numbers + self.shape.rows * _INDEX + self._targets()

    def _statistics(self) -> int:
        """Running means and variances, and the best epoch's."""
        return 4 * sum(self.own_widths) if self.genes["normalisation"] == "batch" else 0

    def _activations(self, company: _Company) -> int:
        """What a step writes, of a batch and its loss."""
        widths = self.widths
        layers = 2 + company.normalised + company.parametric
        # A layer with a residual keeps the gradient that came in; its output is not its activation's.
        passed_by = [width for width, kept in zip(widths, company.residual, strict=False) if kept]
        in_place = (sum(widths) - sum(passed_by)) * company.in_place
        shared = _rooms(passed_by) + sum(max(widths[parity::2], default=0) for parity in (0, 1))
        shared += _rooms(widths) * company.parametric
        step = self.inputs + layers * sum(widths) - in_place + shared + 3 * self.outputs
        return self.batch * step + (self.batch + self.last) * (self.outputs + 1)

    def _masks(self) -> tuple[int, int, int]:
        """Steps whose dropout masks are drawn at once, those of the last draw, and a step's numbers."""
        step = self.batch * sum(self.widths)
        if not self.genes["dropout"] or not step:
            return 0, 0, 0
        steps = self.plan.steps
        chunk = min(steps, max(1, DRAWN_AHEAD // step))
        return chunk, steps % chunk or chunk, step

    def _last_masks(self) -> int:
        """The masks that stay until others are drawn in the next epoch."""
        _, last, step = self._masks()
        return _FLOAT * last * step

    def beginning(self) -> int:
        """The first weights: some rows go through the network; the optimizer's state is there already."""
        rows = min(self.shape.rows, INITIAL_ROWS)
        most, before = 0, self.own_inputs
        for index, width in enumerate((*self.own_widths, self.shape.outputs)):
            drawn = width * before * (2 + _POINTS * (self.genes["bias_init"] == "he5"))
            head = index == len(self.own_widths)
            passing = rows * (1 if head else self._beside(before, width)) * width
            if self.genes["init"] == "data_std":
                passing = max(passing, rows * width + width * before)
            most = max(most, rows * before + max(drawn, passing))
            before = width
        copies = 1 + _MOMENTS[self.genes["optimizer"]]
        return _FLOAT * (copies * self.parameters + most) + self.shape.rows * _INDEX

    def _beside(self, before: int, width: int) -> int:
        """Outputs of a layer that there are at once while rows go through the network alone."""
        residual = bool(self.genes["residual"]) and before == width
        return 2 + max(bool(self.genes["parametric"]), residual)

    def _targets(self) -> int:
        """The targets of an epoch, in their order."""
        return self.plan.rows * (_FLOAT if self.shape.task == "regression" else _INDEX)

    def drawing(self) -> int:
        """New masks while the old ones are there, and the random bits they are made of."""
        chunk, _, step = self._masks()
        steps = self.plan.steps
        both = 2 * chunk if steps == chunk or steps >= 2 * chunk else steps
        bits = 2 * chunk * self.batch * max(self.widths, default=0) * bool(step)
        return _FLOAT * both * step + bits

    def ordering(self) -> int:
        """A new permutation and the rows in its order, while the old one is there."""
        return max(2 * self.shape.rows * _INDEX, self._targets()) + self._last_masks()

    def stepping(self) -> int:
        """What kernels of a step take for themselves."""
        genes, widest = self.genes, max(self.widths, default=0)
        outputs = self.batch * self.outputs * _LOSS_TILES.get(genes["loss"], 3)
        tiles = _MISH_TILES if genes["activation"] == "mish" else int(_normalised(genes))
        layer = self.batch * widest * tiles
        noise = self.batch * self.inputs * bool(genes["input_noise"])
        chunk, _, step = self._masks()
        return _FLOAT * (chunk * step + max(outputs, layer, noise, self.matrices * bool(genes["l1"])))

    def validating(self) -> int:
        """A chunk of the validation rows on its way through the network; with `ema` the weights besides."""
        rows = min(VALIDATION_CHUNK, self.shape.validation_rows)
        most = before = 0
        for width in self.own_widths:
            most = max(most, before + self._beside(before, width) * width)
            before = width
        loss = 2 * self.shape.outputs if self.shape.task == "multiclass" else _SCALAR_LOSS
        most = max(most, before + self.shape.outputs, loss)
        weights = self.parameters * bool(self.genes["ema"])
        return _FLOAT * (rows * most + weights) + self._last_masks()

    def judging(self) -> int:
        """A new best epoch's weights beside the old ones'."""
        return _FLOAT * self.own_parameters + self._last_masks()

    def leaving(self) -> int:
        """A copy of all that training changes, for the lane's state, while the program is still there."""
        genes = self.genes
        copies = 2 + _MOMENTS[genes["optimizer"]] + bool(genes["ema"])
        numbers = copies * self.own_parameters + self._statistics()
        return _FLOAT * numbers + _GENERATORS + self._last_masks()


def _rooms(widths: Sequence[int]) -> int:
    """Units of a room that grows: where a later layer is wider, the earlier ones keep the one they had."""
    total = widest = 0
    for width in widths:
        if width > widest:
            total += width
            widest = width
    return total


def _computes_in_place(genes: Genes) -> bool:
    """Whether nothing comes after a layer's activation, whose way back needs its output alone."""
    plain = not (_normalised(genes) or genes["parametric"] or genes["dropout"])
    return plain and genes["activation"] in OUTPUT_IS_SAVED


def _normalised(genes: Genes) -> bool:
    return bool(genes["normalisation"] != "none")
