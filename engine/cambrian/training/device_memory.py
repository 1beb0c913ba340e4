"""What fits on a device: free memory, and how many lanes train there at once, predicted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from cambrian.models.mlp_layout import Layout, padded

MOST_LANES = 512
"""Lanes of one program; beyond it a GPU gains nothing more and every recomposition moves more memory."""

_FLOAT = 4
_USED_SHARE = 0.7
"""The rest is for the allocator's rounding, cuBLAS's workspaces, and stacks that are composed anew."""
_STACKS = 7
"""Weights, gradients, two moments, scratch, the best epoch's copy, and the lane's own while it moves in."""


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
    # Linear, activation; what a normalisation and slopes keep; a mask with its bits and comparison.
    saved = 2 + normalised + parametric + 2 * bool(genes["dropout"])
    # Three gradients, what a call makes for itself, and the rows as they are gathered.
    activations = layout.inputs * 2 + saved * sum(widths) + 8 * layout.outputs + (6 + parametric) * widest
    # Row numbers, targets, and the optimizer's and the draws' columns of each step.
    schedule = 3 * epoch_rows + 16 * steps
    stacks = _STACKS + 2 * bool(genes["ema"])
    return int(_FLOAT * (stacks * parameters + 2 * rows * activations + schedule))


def most_lanes(bytes_per_lane: int, free: float) -> int:
    """Lanes of this size that fit into so much free memory; at least one is tried."""
    return max(1, int(min(float(MOST_LANES), free * _USED_SHARE / bytes_per_lane)))
