"""Draws from counters: their statistics, their independence, and that company does not change them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
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

torch.set_num_threads(1)

SEEDS = [1, 2, 3, 2**40, 2**62 + 7]
COUNT = 2**16
Z = 4.5
"""Standard errors; the draws are fixed, so a test that passes always does."""


def bits(seeds: list[int], step: int = 0, count: int = COUNT, first: int = 0) -> Tensor:
    keys = torch.from_numpy(step_keys(seeds, [step] * len(seeds), 1))[0]
    room = torch.zeros(len(seeds), count, dtype=torch.int32)
    fill_bits(room, keys, first)
    return room


def uniform(room: Tensor) -> Any:
    """In [-1/2, 1/2), from 16 bits each."""
    return room.view(torch.int16).double().numpy() / 2**16


def correlation(first: Any, second: Any) -> float:
    """In standard errors."""
    return float((first * second).mean() * 12.0 * np.sqrt(first.size))


def test_the_bits_are_uniform() -> None:
    for lane in bits(SEEDS).view(torch.int16).numpy().astype(np.int64) + 2**15:
        for part in (lane & 255, lane >> 8):
            counts = np.bincount(part, minlength=256)
            expected = len(lane) / 256
            square = float(((counts - expected) ** 2 / expected).sum())
            assert abs(square - 255) < Z * np.sqrt(2 * 255)


def test_every_bit_is_a_fair_coin() -> None:
    room = bits(SEEDS)
    for bit in range(32):
        share = ((room >> bit) & 1).double().mean(dim=1)
        assert float((share - 0.5).abs().max()) * 2.0 * np.sqrt(COUNT) < Z


def test_lanes_steps_purposes_and_neighbours_are_independent() -> None:
    lanes = uniform(bits(SEEDS))
    steps = np.stack([uniform(bits(SEEDS[:1], step))[0] for step in range(5)])
    for group in (lanes, steps):
        for i in range(len(group)):
            for j in range(i):
                assert abs(correlation(group[i], group[j])) < Z
    for lag in (1, 2, 3, 16, 32, 64, 128, 256, 1024):
        assert abs(correlation(lanes[0][:-lag], lanes[0][lag:])) < Z


def test_steps_do_not_repeat_one_another_shifted() -> None:
    """Counters that start near each other would give the same numbers some places apart."""
    seen: set[tuple[int, ...]] = set()
    for step in range(50):
        row = bits([7], step, count=4096)[0].tolist()
        windows = {tuple(row[start : start + 3]) for start in range(len(row) - 2)}
        assert not seen & windows
        seen |= windows


def test_an_epochs_keys_are_those_of_its_steps() -> None:
    """A lane parked after 3 of its steps goes on with the fourth's."""
    whole = step_keys(SEEDS, [0] * 5, 8)
    assert whole.shape == (8, 5, 2)
    assert np.array_equal(whole[3:], step_keys(SEEDS, [3] * 5, 5))
    assert np.array_equal(whole[2:4, 1], step_keys(SEEDS[1:2], [2], 2)[:, 0])
    assert (whole[..., 1] % 2 != 0).all()


def test_a_lane_draws_the_same_alone_and_in_company() -> None:
    together = bits(SEEDS, step=9)
    for place, seed in enumerate(SEEDS):
        assert torch.equal(bits([seed], step=9)[0], together[place])


def test_positions_go_on_where_they_were_left() -> None:
    assert torch.equal(bits(SEEDS, count=100)[:, 40:], bits(SEEDS, count=60, first=40))


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.1, 0.5, 0.9])
def test_masks_drop_with_their_rate_and_keep_the_mean(rate: float) -> None:
    rows, width = 512, 256
    least, scale = mask_columns(dropped_levels(np.array([rate])))
    masks = torch.full((1, rows, width), torch.nan)
    columns = torch.from_numpy(least)[:, None], torch.from_numpy(scale)[:, None]
    fill_masks(masks, bits([3], count=rows * width // 2), *columns)
    dropped = float((masks == 0).double().mean())
    error = np.sqrt(max(rate * (1 - rate), 1e-12) / masks.numel())
    assert abs(dropped - rate) < Z * error + 2**-16
    kept = masks[masks != 0]
    assert float(kept.min()) == float(kept.max()) == pytest.approx(1.0 / (1.0 - rate), rel=1e-4)
    assert abs(float(masks.mean()) - 1.0) < Z * error / (1.0 - rate) + 2**-15
    for share in ((masks == 0).double().mean(dim=1), (masks == 0).double().mean(dim=2)):
        assert float((share - rate).abs().max()) < 6.0 * np.sqrt(max(rate * (1 - rate), 1e-12) / width) + 1e-4


def test_each_lane_has_its_own_rate() -> None:
    least, scale = mask_columns(dropped_levels(np.array([0.1, 0.6])))
    masks = torch.zeros(2, 256, 128)
    columns = torch.from_numpy(least)[:, None], torch.from_numpy(scale)[:, None]
    fill_masks(masks, bits([1, 2], count=256 * 64), *columns)
    dropped = (masks == 0).double().mean(dim=(1, 2)).tolist()
    assert dropped == pytest.approx([0.1, 0.6], abs=0.015)


def test_normal_numbers_are_normal() -> None:
    numbers = normal_numbers(bits([5], count=2**18))[0].double().numpy()
    assert np.isfinite(numbers).all()
    error = 1.0 / np.sqrt(len(numbers))
    assert abs(numbers.mean()) < Z * error
    assert abs(numbers.std() - 1.0) < Z * error
    assert abs((numbers**3).mean()) < Z * error * np.sqrt(15)
    assert abs((numbers**4).mean() - 3.0) < Z * error * np.sqrt(96)
    inside = np.abs(numbers) < 1.959964
    assert abs(inside.mean() - 0.95) < Z * error * np.sqrt(0.95 * 0.05)


def test_extreme_bits_give_finite_numbers() -> None:
    extreme = torch.tensor([[-(2**31), 2**31 - 1, 0, -1]], dtype=torch.int32)
    assert torch.isfinite(normal_numbers(extreme)).all()
