"""The optimizer of all lanes at once against the optimizer of one."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
import torch

from cambrian.models.mlp_layout import MATRICES, VECTORS
from cambrian.training.broadcast_optimizer import BroadcastOptimizer, Stack, epoch_columns
from cambrian.training.optimizers import Optimizer

torch.set_num_threads(1)

CPU = torch.device("cpu")
SIZES = {MATRICES: 48, VECTORS: 16}
OPTIMIZERS = ["sgd", "sgd_nesterov", "rmsprop", "adam", "adamw"]
STEPS = 40
PROMISED = 1e-6

PLAIN: dict[str, Any] = {
    "momentum": 0.9,
    "beta1": 0.9,
    "beta2": 0.99,
    "adam_eps": 1e-8,
    "rmsprop_alpha": 0.95,
    "weight_decay": 0.0,
    "l2": 0.0,
    "l1": 0.0,
    "gradient_clip": "none",
    "clip_norm": 1.0,
    "ema": False,
    "ema_decay": 0.9,
}
REGULARISERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "no momentum": {"momentum": 0.0},
    "decay": {"weight_decay": 0.3},
    "l2": {"l2": 0.05},
    "l1": {"l1": 0.01},
    "clip": {"gradient_clip": "norm", "clip_norm": 0.1},
    "loose clip": {"gradient_clip": "norm", "clip_norm": 1e6},
    "all": {"weight_decay": 0.1, "l2": 0.02, "l1": 0.003, "gradient_clip": "norm", "ema": True},
}


def every_kind() -> list[dict[str, Any]]:
    chance = random.Random(1)
    lanes = [
        PLAIN | {"optimizer": optimizer} | each for optimizer in OPTIMIZERS for each in REGULARISERS.values()
    ]
    for genes in lanes:
        genes |= {
            "momentum": chance.uniform(0.0, 0.99) * (genes["momentum"] > 0),
            "beta1": chance.uniform(0.5, 0.99),
            "beta2": chance.uniform(0.9, 0.9999),
            "adam_eps": 10 ** chance.uniform(-10, -5),
            "rmsprop_alpha": chance.uniform(0.8, 0.999),
            "ema": genes["ema"] or chance.random() < 0.3,
            "ema_decay": chance.uniform(0.5, 0.999),
        }
    chance.shuffle(lanes)
    return lanes


class Both:
    """All lanes in one step, and each by itself, on the same gradients."""

    def __init__(self, lanes: list[dict[str, Any]]) -> None:
        generator = torch.Generator().manual_seed(1)
        self.lanes = lanes
        self.weights, self.gradients = Stack(len(lanes), SIZES, CPU), Stack(len(lanes), SIZES, CPU)
        self.weights.whole.copy_(torch.randn(self.weights.whole.shape, generator=generator))
        self.together = BroadcastOptimizer(lanes, self.weights, self.gradients, SIZES)
        self.alone = [
            {group: flat.clone() for group, flat in self.weights.lane(place, SIZES).items()}
            for place in range(len(lanes))
        ]
        self.averages = [{group: flat.clone() for group, flat in each.items()} for each in self.alone]
        for row, place in enumerate(self.together.averaged):
            self.together.average.whole[row] = self.weights.whole[place]
        self.optimizers = [
            Optimizer(genes, mine, frozenset({MATRICES}))
            for genes, mine in zip(lanes, self.alone, strict=True)
        ]
        self._generator = generator
        self.steps = 0

    def step(self, scale: float = 1.0) -> None:
        rates = [1e-3 * (1.0 + place % 7) / (1.0 + 0.1 * self.steps) for place in range(len(self.lanes))]
        drawn = torch.randn(self.gradients.whole.shape, generator=self._generator) * scale
        self.gradients.whole.copy_(drawn)
        columns = [
            torch.from_numpy(epoch_columns(genes, [rate], self.steps))
            for genes, rate in zip(self.lanes, rates, strict=True)
        ]
        for place, (optimizer, rate) in enumerate(zip(self.optimizers, rates, strict=True)):
            parts = drawn[place].split([SIZES[MATRICES], SIZES[VECTORS]])
            optimizer.step(dict(zip(SIZES, (part.clone() for part in parts), strict=True)), rate)
        self.together.step(torch.cat(columns).float())
        self.steps += 1
        for genes, average, mine in zip(self.lanes, self.averages, self.alone, strict=True):
            share = (1.0 - genes["ema_decay"]) / (1.0 - genes["ema_decay"] ** self.steps)
            for group, flat in average.items():
                flat.lerp_(mine[group], share)

    def assert_same(self, relative: float = PROMISED) -> None:
        for place, genes in enumerate(self.lanes):
            pairs = [(self.weights.lane(place, SIZES), self.alone[place])]
            moments = self.together.moments(place, SIZES)
            assert moments.keys() == self.optimizers[place].moments.keys()
            pairs += [(moments[name], flat) for name, flat in self.optimizers[place].moments.items()]
            if genes["ema"]:
                row = self.together.averaged.index(place)
                pairs.append((self.together.average.lane(row, SIZES), self.averages[place]))
            for ours, reference in pairs:
                for group, expected in reference.items():
                    error = (ours[group] - expected).abs().max() / expected.abs().max()
                    assert float(error) < relative, (genes["optimizer"], genes, group)


def test_every_optimizer_and_regulariser_steps_as_the_lane_alone_does() -> None:
    both = Both(every_kind())
    for _ in range(STEPS):
        both.step()
    both.assert_same()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("kind", REGULARISERS)
def test_one_lane_steps_as_the_optimizer_of_one(optimizer: str, kind: str) -> None:
    """Alone, nothing is computed that no lane asks for."""
    both = Both([PLAIN | {"optimizer": optimizer} | REGULARISERS[kind]])
    for _ in range(STEPS):
        both.step()
    both.assert_same()


def test_a_gradient_that_overflows_stays_in_its_lane() -> None:
    lanes = [PLAIN | {"optimizer": name} | each for name in OPTIMIZERS for each in REGULARISERS.values()]
    both = Both(lanes)
    both.step()
    both.gradients.whole.zero_()
    both.gradients.whole[3] = math.inf
    before = both.weights.whole.clone()
    columns = [torch.from_numpy(epoch_columns(genes, [1e-3], 1)) for genes in lanes]
    both.together.step(torch.cat(columns).float())
    finite = torch.isfinite(both.weights.whole).all(dim=1)
    assert [place for place, each in enumerate(finite.tolist()) if not each] == [3]
    assert not torch.equal(before, both.weights.whole)


def test_a_finite_gradient_with_an_infinite_square_is_no_trouble_to_sgd() -> None:
    both = Both([PLAIN | {"optimizer": "sgd"}, PLAIN | {"optimizer": "sgd_nesterov"}])
    both.step(scale=1e30)
    assert torch.isfinite(both.weights.whole).all()
    both.assert_same()


def test_exchanging_weights_and_averages_twice_is_nothing() -> None:
    both = Both(every_kind())
    both.step()
    both.step()
    before = both.weights.whole.clone()
    both.together.swap_average()
    averaged = both.together.averaged
    assert 0 < len(averaged) < len(before)
    assert not torch.equal(both.weights.whole[averaged], before[averaged])
    others = [place for place in range(len(before)) if place not in averaged]
    assert torch.equal(both.weights.whole[others], before[others])
    both.together.swap_average()
    assert torch.equal(both.weights.whole, before)


def test_an_unknown_optimizer_is_refused() -> None:
    with pytest.raises(ValueError, match="lion"):
        epoch_columns(PLAIN | {"optimizer": "lion"}, [1e-3], 0)
