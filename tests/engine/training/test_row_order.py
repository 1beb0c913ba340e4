"""The order of rows, the cutting of an epoch, and what is drawn for its steps."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from toy_tables import toy_rows, toy_spec

from cambrian.training.draws import dropout_masks
from cambrian.training.live import LiveLane
from cambrian.training.order import RowOrder
from cambrian.training.plan import EpochPlan

torch.set_num_threads(1)

ROWS = torch.arange(100, 123)


def order(seed: int = 1) -> RowOrder:
    return RowOrder(ROWS, torch.Generator().manual_seed(seed))


@given(pieces=st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_pieces_are_one_row_order_however_it_is_cut(pieces: list[int]) -> None:
    cut = order()
    taken = torch.cat([cut.take(count) for count in pieces])
    assert torch.equal(taken, order().take(sum(pieces)))
    for start in range(0, len(taken) - len(ROWS) + 1, len(ROWS)):
        assert taken[start : start + len(ROWS)].sort().values.equal(ROWS)


@given(before=st.integers(0, 60), after=st.integers(1, 60))
def test_the_order_goes_on_from_a_saved_position(before: int, after: int) -> None:
    first = order()
    if before:
        first.take(before)
    generator = torch.Generator()
    generator.set_state(first.drawn_from)
    assert torch.equal(RowOrder(ROWS, generator, first.position).take(after), first.take(after))


@pytest.mark.parametrize(
    ("rows", "most", "batch", "normalisation", "plan"),
    [
        (100, 1000, 32, "none", (100, 32, 4)),
        (97, 1000, 32, "none", (97, 32, 4)),
        (97, 1000, 32, "layer", (97, 32, 4)),
        (97, 1000, 32, "batch", (96, 32, 3)),
        (98, 1000, 32, "batch", (98, 32, 4)),
        (100, 40, 32, "batch", (40, 32, 2)),
        (100, 1000, 4096, "batch", (100, 100, 1)),
        (100, 1000, 1, "batch", (100, 1, 100)),
        (1, 1000, 32, "batch", (1, 1, 1)),
    ],
)
def test_an_epoch_leaves_out_only_a_single_row_of_batch_norm(
    rows: int, most: int, batch: int, normalisation: str, plan: tuple[int, int, int]
) -> None:
    genes = {"batch_size": batch, "normalisation": normalisation, "layers": 2}
    assert EpochPlan.of(genes, rows, most) == EpochPlan(*plan)
    assert EpochPlan.of({**genes, "layers": 0}, rows, most).rows == min(rows, most)


def test_masks_keep_the_expected_value_and_follow_the_rate_of_each_step() -> None:
    generator = torch.Generator().manual_seed(5)
    masks = dropout_masks([0.5, 0.1, 0.0], [300, 300, 200], [64, 32], generator)
    assert [tuple(mask.shape) for mask in masks] == [(800, 64), (800, 32)]
    for mask in masks:
        for (start, stop), rate in zip([(0, 300), (300, 600), (600, 800)], [0.5, 0.1, 0.0], strict=True):
            part = mask[start:stop]
            assert part.mean().item() == pytest.approx(1.0, abs=0.04)
            assert (part == 0).float().mean().item() == pytest.approx(rate, abs=0.02)
            assert part.max().item() == pytest.approx(1 / (1 - rate), rel=1e-4)
    assert torch.equal(masks[0][600:], torch.ones(200, 64))


def test_masks_of_a_constant_rate_are_those_of_equal_rates() -> None:
    def draw(rates: list[float]) -> torch.Tensor:
        return dropout_masks(rates, [16, 16], [32], torch.Generator().manual_seed(1))[0]

    assert torch.equal(draw([0.3, 0.3])[:16] > 0, draw([0.3, 0.2])[:16] > 0)
    assert not torch.equal(draw([0.3, 0.3])[:16] > 0, draw([0.3, 0.3])[16:] > 0)


def test_a_lanes_noise_has_its_standard_deviation_and_its_own_generator() -> None:
    def batch(noise: float) -> torch.Tensor:
        lane = LiveLane(0, toy_spec(input_noise=noise, batch_size=1024), toy_rows(rows=2000, width=20))
        lane.begin_epoch([1024, 480])
        x = torch.zeros(1024, 32)
        lane.load(0, x=x, target=torch.zeros(1024, 16), row_weights=None)
        return x

    state = torch.get_rng_state()
    noise = batch(0.2) - batch(0.0)
    assert noise[:, :20].mean().item() == pytest.approx(0.0, abs=0.01)
    assert noise[:, :20].std().item() == pytest.approx(0.2, abs=0.01)
    assert not noise[:, 20:].any()
    assert torch.equal(torch.get_rng_state(), state)


def test_masks_leave_the_global_generator_alone() -> None:
    state = torch.get_rng_state()
    dropout_masks([0.3], [16], [32], torch.Generator().manual_seed(1))
    assert torch.equal(torch.get_rng_state(), state)


def test_looking_ahead_takes_nothing_and_changes_nothing() -> None:
    """A lane parked between looking ahead and taking goes on as if it had not looked."""
    rows = torch.arange(10)
    plain, ahead = (RowOrder(rows, torch.Generator().manual_seed(4)) for _ in range(2))
    for _ in range(5):
        before = ahead.position, ahead.drawn_from.clone()
        ahead.look_ahead(7)
        assert ahead.position == before[0]
        assert torch.equal(ahead.drawn_from, before[1])
        generator = torch.Generator()
        generator.set_state(ahead.drawn_from)
        parked = RowOrder(rows, generator, ahead.position).take(7)
        taken = ahead.take(7)
        assert torch.equal(taken, plain.take(7))
        assert torch.equal(taken, parked)
        assert ahead.position == plain.position
