"""What a lane will cost before anything is trained: parameters and seconds (bytes: `memory`). No torch.

The seconds are those of a nominal core, one thread of an AVX-512 server: they size and order jobs, and the
run scales them by its probes. The constants were fitted to measured steps of 0 to 6 layers, widths 16 to 256,
batches of 32 to 1024 rows, 32 to 500 inputs: all within 10%, but GELU on 32 rows (21% more; torch 2.13).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from cambrian.space.families.mlp import layer_widths
from cambrian.training.plan import EpochPlan
from cambrian.training.spec import LaneSpec, TrainingShape

Genes = Mapping[str, Any]

VALIDATION_CHUNK = 4096
"""Rows that a lane validates at once; bounds the memory of validation."""

# Seconds.
_PER_EPOCH = 5e-4
_PER_STEP = 2.1e-4
_PER_STEP_AND_LAYER = 4e-5
_PER_FLOP = 1e-11
_PER_INPUT = 1.5e-9
_PER_CHUNK_AND_LAYER = 4e-5
_PER_UNIT = 1.5e-9
"""One unit of one row, forward and back, with an activation as cheap as ReLU."""
_PER_UNIT_FORWARD = 0.4e-9
_PER_PARAMETER = {"sgd": 0.6e-9, "sgd_nesterov": 0.6e-9, "rmsprop": 0.9e-9, "adam": 0.9e-9, "adamw": 0.9e-9}
_ACTIVATION_PER_UNIT = {
    "elu": 1.7e-9,
    "selu": 1.6e-9,
    "gelu": 1.2e-9,
    "silu": 0.4e-9,
    "mish": 8e-9,
    "tanh": 2.5e-9,
}
_DRAW = 2.5e-9
"""One random number of a dropout mask or of the input noise."""


def parameter_count(genes: Genes, input_width: int, shape: TrainingShape) -> int:
    """The numbers that training fits: weights, biases, norm scales and shifts, slopes."""
    units = sum(layer_widths(genes))
    per_unit = 1 + 2 * _normalised(genes) + bool(genes["parametric"])
    return sum(_matrices(genes, input_width, shape)) + units * per_unit + shape.outputs


def predicted_work(spec: LaneSpec, input_width: int, shape: TrainingShape) -> float:
    """Seconds on a nominal core to train the lane over its whole schedule."""
    return work_of_epochs(spec.genes, input_width, shape, spec.epochs)


def work_of_epochs(genes: Genes, input_width: int, shape: TrainingShape, epochs: int) -> float:
    """Seconds on a nominal core for `epochs` epochs of the lane, the validation after each included."""
    plan = EpochPlan.of(genes, shape.rows, shape.rows_per_epoch)
    training = plan.steps * _per_step(genes, input_width, shape)
    training += plan.rows * _per_row(genes, input_width, shape)
    return epochs * (_PER_EPOCH + training + _validation(genes, input_width, shape))


def _per_step(genes: Genes, input_width: int, shape: TrainingShape) -> float:
    """Seconds of a step whatever its rows: calls, and the optimizer."""
    calls = 1.0 + 1.1 * _normalised(genes) + 0.7 * bool(genes["parametric"])
    calls += 1.1 * bool(genes["dropout"]) + 0.2 * bool(genes["residual"] and genes["layers"] > 1)
    rate = _PER_PARAMETER[genes["optimizer"]] + 0.3e-9 * bool(genes["ema"])
    parameters = parameter_count(genes, input_width, shape) * rate
    return _PER_STEP + len(layer_widths(genes)) * calls * _PER_STEP_AND_LAYER + parameters


def _per_row(genes: Genes, input_width: int, shape: TrainingShape) -> float:
    """Seconds of a training row: products (nothing flows back into the inputs), units, inputs."""
    width = shape.padded_inputs(input_width)
    first, *others = _matrices(genes, width, shape)
    unit = _PER_UNIT + _ACTIVATION_PER_UNIT.get(genes["activation"], 0.0)
    unit += 1.4e-9 * _normalised(genes) + 1.3e-9 * bool(genes["parametric"])
    unit += _DRAW * bool(genes["dropout"])
    units = sum(layer_widths(genes)) * unit + shape.outputs * _PER_UNIT
    inputs = width * (_PER_INPUT + _DRAW * bool(genes["input_noise"]))
    return (4 * first + 6 * sum(others)) * _PER_FLOP + units + inputs


def _validation(genes: Genes, input_width: int, shape: TrainingShape) -> float:
    """Seconds of one validation."""
    rows, layers = shape.validation_rows, 1 + len(layer_widths(genes))
    unit = _PER_UNIT_FORWARD + 0.5 * _ACTIVATION_PER_UNIT.get(genes["activation"], 0.0)
    products = 2 * sum(_matrices(genes, input_width, shape)) * _PER_FLOP
    chunks = math.ceil(rows / VALIDATION_CHUNK)
    units = sum(layer_widths(genes)) * unit
    return chunks * layers * _PER_CHUNK_AND_LAYER + rows * (products + units)


def _normalised(genes: Genes) -> bool:
    return bool(genes["normalisation"] != "none")


def _matrices(genes: Genes, input_width: int, shape: TrainingShape) -> list[int]:
    """Elements of each weight matrix, the head's last."""
    sizes = (input_width, *layer_widths(genes), shape.outputs)
    return [inside * outside for inside, outside in pairwise(sizes)]
