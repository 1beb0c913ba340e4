"""What a lane draws for its training steps: dropout masks, for many steps at once.

Drawn a step at a time, the masks of three layers of 128 units cost a fifth of the step (batch 32, one
thread); drawn for some 20 steps at once, from 16 random bits a unit, a third of that.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_LEVELS = 2**16


def dropout_masks(
    rates: Sequence[float], rows: Sequence[int], widths: Sequence[int], generator: torch.Generator
) -> tuple[Tensor, ...]:
    """One mask `(rows of all steps, width)` a layer, float32: 0 with the step's rate, else 1 / (1 - rate).

    Args:
        rates: Dropout rate of each step, in [0, 1); rounded to a multiple of 1/65536.
        rows: Rows of each step.
        widths: Units of each layer, multiples of 4.
        generator: The lane's generator for this purpose; the masks lie on its device.
    """
    dropped = [round(rate * _LEVELS) for rate in rates]
    least: Tensor | int = dropped[0] - _LEVELS // 2
    scale: Tensor | float = _LEVELS / (_LEVELS - dropped[0])
    if any(other != dropped[0] for other in dropped):
        by_step = torch.tensor(dropped).repeat_interleave(torch.tensor(rows))[:, None].to(generator.device)
        least = (by_step - _LEVELS // 2).to(torch.int16)
        scale = _LEVELS / (_LEVELS - by_step).float()
    return tuple(_mask(least, scale, (sum(rows), width), generator) for width in widths)


def _mask(
    least: Tensor | int, scale: Tensor | float, shape: tuple[int, int], generator: torch.Generator
) -> Tensor:
    rows, width = shape
    bits = torch.empty((rows, width // 4), dtype=torch.int64, device=generator.device)
    bits.random_(-(2**63), None, generator=generator)
    # In place: there is no fast way from a mask of booleans to numbers (measured, six times as long).
    return bits.view(torch.int16).ge_(least).float().mul_(scale)
