"""What fits on a device: free memory, and how many lanes train there at once, predicted."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import torch

from cambrian.models.mlp_layout import Layout
from cambrian.padding import padded
from cambrian.space.families.mlp import bucket_key
from cambrian.training.memory import OUTPUT_IS_SAVED
from cambrian.training.plan import EpochPlan
from cambrian.training.spec import TrainingShape

BucketKey = tuple[Hashable, ...]

MOST_LANES = 512
"""Lanes of one program; beyond it a GPU gains nothing more and every recomposition moves more memory."""

_FLOAT = 4
_USED_SHARE = 0.8
"""The rest is for the allocator's rounding, cuBLAS's workspaces and the recorded graphs."""
_STACKS_TRAINING = 6
"""Weights, gradients, two moments, scratch, and the best epoch's copy."""
_STACKS_COMPOSING = 10
"""The same, beside the weights, moments and best epoch in the stacks that the lanes come from."""
CHUNK_VALUES = 2**26
"""Numbers that a chunk of validation takes, all lanes of a program together: a quarter of a gigabyte."""


def free_bytes(device: torch.device) -> float:
    """Memory that can still be allocated on the device, in bytes; unlimited on a CPU."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return float(free + held)
    if device.type == "mps":
        return float(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return float("inf")


def lane_bytes(genes: Mapping[str, Any], layout: Layout, *, batch: int, epoch_rows: int, steps: int) -> int:
    """What a lane takes of a device while it trains there, tables of rows apart.

    Args:
        genes: The lane's.
        layout: Its padded sizes.
        batch: Rows of a full batch.
        epoch_rows: Rows of an epoch.
        steps: Steps of an epoch.
    """
    rows, widths = padded(batch), layout.widths
    widest = max((layout.inputs, layout.outputs, *widths))
    parameters = sum(layout.sizes.values())
    normalised, parametric = genes["normalisation"] != "none", bool(genes["parametric"])
    dropout, averaged, residual = bool(genes["dropout"]), bool(genes["ema"]), bool(genes["residual"])
    # Linear and activation, the normed, the activated without slopes, the mask; or all in place.
    plain = not (normalised or parametric or dropout or residual)
    in_place = plain and genes["activation"] in OUTPUT_IS_SAVED
    kept = (2 + normalised + parametric + dropout - in_place) * sum(widths)
    # Two gradients, one more past a residual, the slopes'; what a normalisation, an activation and the draws
    # make in passing.
    passing = (3 + residual + parametric + normalised + dropout) * widest
    activations = rows * (kept + passing + 2 * layout.inputs + 8 * layout.outputs)
    # Row numbers and targets of an epoch; the optimizer's and the draws' columns of its steps.
    schedule = 2 * epoch_rows + 12 * steps
    training = (_STACKS_TRAINING + 2 * averaged) * parameters + activations + schedule
    return int(_FLOAT * max(training, (_STACKS_COMPOSING + 2 * averaged) * parameters))


def bucket_and_bytes(
    genes: Mapping[str, Any], inputs: int, rows: int, shape: TrainingShape
) -> tuple[BucketKey, int]:
    """Which lanes a lane of these genes trains with, and `lane_bytes` of it.

    Args:
        genes: The lane's.
        inputs: Width of its features.
        rows: Training rows of its fold.
        shape: Task, outputs and rows of an epoch.
    """
    layout = Layout(genes, shape.padded_inputs(inputs), shape.outputs)
    plan = EpochPlan.of(genes, rows, shape.rows_per_epoch)
    size = lane_bytes(genes, layout, batch=plan.batch, epoch_rows=plan.rows, steps=plan.steps)
    return (bucket_key(genes), layout.inputs, plan), size


def programs_bytes(lanes: Iterable[tuple[BucketKey, int]]) -> int:
    """What lanes take together, tables apart.

    A program's lanes all have the stacks of its deepest one, so each is taken for the largest of its bucket;
    and each program validates in chunks of its own.

    Args:
        lanes: Of every lane what `bucket_and_bytes` gives.
    """
    counts: dict[BucketKey, int] = {}
    largest: dict[BucketKey, int] = {}
    for bucket, size in lanes:
        counts[bucket] = counts.get(bucket, 0) + 1
        largest[bucket] = max(largest.get(bucket, 0), size)
    return sum(count * largest[bucket] + _FLOAT * CHUNK_VALUES for bucket, count in counts.items())


def usable_bytes(free: float) -> float:
    """What of so much free memory lanes may be predicted to take."""
    return free * _USED_SHARE


def most_device_lanes(bytes_per_lane: int, free: float) -> int:
    """Lanes of this size, all of one bucket, that fit into so much free memory; at least one is tried."""
    usable = usable_bytes(free) - _FLOAT * CHUNK_VALUES
    return max(1, int(min(float(MOST_LANES), usable / bytes_per_lane)))
