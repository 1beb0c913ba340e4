"""Random numbers that are a function of (lane's seed, step, position): all lanes' in a few calls.

A counter-based generator (Salmon et al. 2011, Random123): nothing is carried from step to step, so a lane
draws the same alone, in any company, and after it was parked. The mixing is a multiply-and-fold hash of 32
bits in torch's integers; a step's key has 63 bits: one half starts the counter, the other multiplies it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_LEVELS = 2**16
_MULTIPLIERS = (0x21F0AAAD, 0xD35A2D97 - 2**32)
"""Of the hash `triple32`'s kin found by search (Wellons, hash-prospector); the second wraps to an int32."""


def step_keys(seeds: Sequence[int], steps_done: Sequence[int], steps: int) -> NDArray[np.int32]:
    """The keys of the next steps, `(steps, lanes, 2)`: SplitMix64 of seed and step (Steele et al. 2014).

    Args:
        seeds: Of each lane, 64 bits at most.
        steps_done: Optimizer steps that each lane has done.
        steps: How many steps to give keys for.
    """
    step = np.asarray(steps_done, dtype=np.uint64)[None, :] + np.arange(steps, dtype=np.uint64)[:, None]
    mixed = np.asarray(seeds, dtype=np.uint64)[None, :] + (step + np.uint64(1)) * np.uint64(
        0x9E3779B97F4A7C15
    )
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    start, factor = mixed & np.uint64(2**32 - 1), mixed >> np.uint64(32)
    return np.stack([start, factor | np.uint64(1)], axis=2).astype(np.uint32).view(np.int32)


def fill_bits(bits: Tensor, keys: Tensor, first: int = 0) -> None:
    """Write 32 random bits into each element.

    Args:
        bits: `(lanes, count)`, int32, contiguous.
        keys: `(lanes, 2)` of the step.
        first: Position of the first element; positions that were drawn with a key are not drawn again.
    """
    counter = torch.arange(first, first + bits.shape[1], dtype=torch.int32, device=bits.device)
    torch.add(counter, keys[:, :1], out=bits)
    halves = bits.view(torch.int16).view(*bits.shape, 2)
    low, high = halves[..., 0], halves[..., 1]
    low.bitwise_xor_(high)
    bits.mul_(keys[:, 1:])
    low.bitwise_xor_(high)
    for multiplier in _MULTIPLIERS:
        bits.mul_(multiplier)
        low.bitwise_xor_(high)


def dropped_levels(rates: NDArray[np.float64]) -> NDArray[np.int64]:
    """Dropout rates in 65536ths, as the masks have them."""
    return np.round(rates * _LEVELS).astype(np.int64)


def mask_columns(dropped: NDArray[np.int64]) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
    """For rates in 65536ths: the least 16 bits (signed) that keep a unit, and the scale of a kept one."""
    return (dropped - _LEVELS // 2).astype(np.int16), (_LEVELS / (_LEVELS - dropped)).astype(np.float32)


def fill_masks(masks: Tensor, bits: Tensor, least: Tensor, scale: Tensor) -> None:
    """Write dropout masks: 0, or the scale of a kept unit; 16 bits a unit.

    Args:
        masks: `(lanes, rows, width)`, float32, contiguous.
        bits: `(lanes, rows * width / 2)`, int32.
        least: `(lanes, 1)` and
        scale: `(lanes, 1)`, of `mask_columns`.
    """
    kept = bits.view(torch.int16) >= least
    torch.mul(kept, scale, out=masks.view(len(masks), -1))


def normal_numbers(bits: Tensor) -> Tensor:
    """Standard normal numbers from 24 of each element's bits, by the inverse of the distribution function."""
    # Half a level inwards: never 1, whose inverse is infinite.
    uniform = torch.bitwise_right_shift(bits, 8).float().add_(0.5).mul_(2.0**-23)
    return uniform.erfinv_().mul_(math.sqrt(2.0))
