"""Predicted costs: the parameter count against a counted network, the others against what must hold."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from cambrian.models.mlp import MLP
from cambrian.space.build import SpaceFacts, build_space
from cambrian.training.cost import parameter_count, predicted_work, work_of_epochs
from cambrian.training.spec import LaneSpec, TrainingShape

SHAPE = TrainingShape("multiclass", outputs=5, rows=10_000, validation_rows=2_500, rows_per_epoch=2**18)
SPACE = build_space(SpaceFacts("multiclass", rows=10_000, objectives=("accuracy",)))
DEFAULT = SPACE.default().to_json()


def genes(**values: Any) -> dict[str, Any]:
    return DEFAULT | {"dropout": 0.0} | values


@pytest.mark.parametrize("seed", range(25))
def test_the_parameter_count_is_the_networks(seed: int) -> None:
    genome = SPACE.draw(np.random.default_rng(seed))
    network = MLP(genome, 23, SHAPE.outputs)
    assert parameter_count(genome, 23, SHAPE) == sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize("seed", range(10))
def test_predictions_are_positive_and_grow_with_the_epochs(seed: int) -> None:
    genome = SPACE.draw(np.random.default_rng(seed))
    once = work_of_epochs(genome, 23, SHAPE, 1)
    assert 0 < once < 60
    assert work_of_epochs(genome, 23, SHAPE, 7) == pytest.approx(7 * once)
    assert predicted_work(LaneSpec(genome, 0, 0, 7), 23, SHAPE) == pytest.approx(7 * once)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"width_1": 64}, {"width_1": 256}),
        ({"layers": 1}, {"layers": 6}),
        ({"batch_size": 1024}, {"batch_size": 32}),
        ({"normalisation": "none"}, {"normalisation": "batch"}),
        ({"dropout": 0.0}, {"dropout": 0.2}),
        ({"activation": "relu"}, {"activation": "mish"}),
        ({"parametric": False}, {"parametric": True}),
        ({"input_noise": 0.0}, {"input_noise": 0.1}),
    ],
)
def test_what_takes_longer(less: dict[str, Any], more: dict[str, Any]) -> None:
    assert work_of_epochs(genes(**less), 23, SHAPE, 1) < work_of_epochs(genes(**more), 23, SHAPE, 1)


def test_an_epoch_is_no_longer_than_its_rows() -> None:
    shape = TrainingShape("binary", outputs=1, rows=10**7, validation_rows=1000, rows_per_epoch=2**18)
    capped = TrainingShape("binary", outputs=1, rows=2**18, validation_rows=1000, rows_per_epoch=2**18)
    assert work_of_epochs(genes(), 23, shape, 1) == work_of_epochs(genes(), 23, capped, 1)


def test_torch_is_never_loaded() -> None:
    code = "import sys, cambrian.training.cost; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
