"""The noise that a lane adds to its inputs on a CPU."""

from __future__ import annotations

import pytest
import torch
from toy_tables import toy_rows, toy_spec

from cambrian.training.live import LiveLane

torch.set_num_threads(1)

BATCH, STEPS, WIDTH = 500, 3, 20


def loaded(std: float) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Two epochs' batches as a step sees them, with this noise, and what of that is noise."""
    rows = toy_rows("regression", rows=2000, width=WIDTH)
    lanes = [
        LiveLane(0, toy_spec("regression", batch_size=BATCH, input_noise=value, dropout=0.0), rows)
        for value in (std, 0.0)
    ]
    assert lanes[0].plan.steps == STEPS
    seen: list[list[torch.Tensor]] = [[], []]
    for _ in range(2):
        for lane, batches in zip(lanes, seen, strict=True):
            lane.begin_epoch([512] * STEPS)
            for step in range(STEPS):
                x, target = torch.empty(BATCH, lane.rows.padded.shape[1]), torch.empty(BATCH, 16)
                lane.load(step, x, target, None)
                batches.append(x)
    noisy, plain = seen
    return noisy, [a - b for a, b in zip(noisy, plain, strict=True)]


@pytest.mark.parametrize("std", [0.05, 0.2])
def test_noise_has_its_standard_deviation_and_is_fresh_each_step(std: float) -> None:
    state = torch.get_rng_state()
    batches, noise = loaded(std)
    for batch, each in zip(batches, noise, strict=True):
        real = each[:, :WIDTH]
        assert real.mean().item() == pytest.approx(0.0, abs=0.05 * std)
        assert real.std().item() == pytest.approx(std, rel=0.05)
        assert not batch[:, WIDTH:].any()  # the padding stays 0
    values = torch.stack([each[:, :WIDTH].flatten() for each in noise])
    between = torch.corrcoef(values) - torch.eye(len(noise))
    assert between.abs().max().item() < 0.06  # 10,000 values each: six deviations of chance
    assert torch.equal(torch.get_rng_state(), state)
