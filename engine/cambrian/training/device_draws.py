"""Dropout masks and input noise of all lanes of a step, from counters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from cambrian.training.counter_draws import (
    dropped_levels,
    fill_bits,
    fill_masks,
    mask_columns,
    normal_numbers,
    step_keys,
)
from cambrian.training.live import LiveLane


class DeviceDraws:
    """What the lanes of a bucket draw; each lane by its own seeds.

    Args:
        lanes: The lanes, the deepest first.
        steps: Steps of an epoch.
        device: Where they train.
    """

    def __init__(self, lanes: Sequence[LiveLane], steps: int, device: torch.device) -> None:
        self._device = device
        self._steps = steps
        self._dropping = [lane for lane in lanes if lane.genes["dropout"]]
        noisy = [place for place, lane in enumerate(lanes) if lane.genes["input_noise"]]
        self._noisy = [lanes[place] for place in noisy]
        self._noisy_places = torch.tensor(noisy, dtype=torch.int64, device=device)
        self._mask_keys = self._table(len(self._dropping), 2, dtype=torch.int32)
        self._noise_keys = self._table(len(self._noisy), 2, dtype=torch.int32)
        self._least = self._table(len(self._dropping), 1, dtype=torch.int16)
        self._scale = self._table(len(self._dropping), 1, dtype=torch.float32)
        self._widths = lanes[0].layout.widths
        self._deviations = torch.zeros(len(noisy), 1, lanes[0].layout.inputs)
        for row, lane in zip(self._deviations, self._noisy, strict=True):
            row[:, : lane.rows.x.shape[1]] = float(lane.genes["input_noise"])
        self._deviations = self._deviations.to(device)

    def mask_shapes(self, rows: int) -> list[tuple[int, int, int]]:
        """The shape of each hidden layer's masks, `(lanes with dropout that have the layer, rows, width)`."""
        depths = [len(lane.layout.widths) for lane in self._dropping]
        return [
            (sum(depth > index for depth in depths), rows, width) for index, width in enumerate(self._widths)
        ]

    def begin_epoch(self) -> None:
        """Give the epoch's steps their keys and dropout rates."""
        if self._dropping:
            self._mask_keys.copy_(self._keys(self._dropping, "dropout"))
            rates = np.asarray([lane.epoch_dropout() for lane in self._dropping])
            dropped = dropped_levels(rates.T)
            least, scale = mask_columns(dropped)
            self._least[:, :, 0].copy_(torch.from_numpy(np.ascontiguousarray(least)))
            self._scale[:, :, 0].copy_(torch.from_numpy(np.ascontiguousarray(scale)))
        if self._noisy:
            self._noise_keys.copy_(self._keys(self._noisy, "noise"))

    def fill_masks(self, step: Tensor, masks: Sequence[Tensor], bits: Tensor) -> None:
        """Draw the masks of a step.

        Args:
            step: Its number in the epoch, `(1,)`.
            masks: To be filled, of `mask_shapes`.
            bits: Room for the bits of the largest, half as many int32.
        """
        if not self._dropping:
            return
        keys, least, scale = (
            table.index_select(0, step)[0] for table in (self._mask_keys, self._least, self._scale)
        )
        first = 0
        for mask in masks:
            count, per_lane = len(mask), mask[0].numel() // 2 if len(mask) else 0
            if count:
                room = bits[: count * per_lane].view(count, per_lane)
                fill_bits(room, keys[:count], first)
                fill_masks(mask, room, least[:count], scale[:count])
            first += per_lane

    def add_noise(self, step: Tensor, x: Tensor) -> None:
        """Add the step's noise to the real features of `(lanes, real rows, padded inputs)`."""
        if not self._noisy:
            return
        count, (_, rows, width) = len(self._noisy), x.shape
        bits = torch.empty(count, rows * width, dtype=torch.int32, device=self._device)
        fill_bits(bits, self._noise_keys.index_select(0, step)[0])
        noise = normal_numbers(bits).view(count, rows, width).mul_(self._deviations)
        x.index_add_(0, self._noisy_places, noise)

    def _table(self, lanes: int, columns: int, dtype: torch.dtype) -> Tensor:
        return torch.zeros(self._steps, lanes, columns, dtype=dtype, device=self._device)

    def _keys(self, lanes: Sequence[LiveLane], purpose: str) -> Tensor:
        seeds = [lane.seed_for(purpose) for lane in lanes]
        return torch.from_numpy(step_keys(seeds, [lane.steps_done for lane in lanes], self._steps))
