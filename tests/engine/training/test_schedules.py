"""The closed forms at known points and against torch's schedulers; the plateau against ReduceLROnPlateau."""

from __future__ import annotations

import json
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cambrian.training.schedules import Plateau, dropout_factor, learning_rate_factor

GENES = {
    "time_k": 2.0,
    "step_gamma": 0.5,
    "step_every": 0.1,
    "exponential_ratio": 0.01,
    "cycle_warmup": 0.25,
    "power_s": 0.25,
    "power_c": 2.0,
    "warmup": 0.1,
    "plateau_patience": 2,
    "plateau_factor": 0.5,
}
SCHEDULES = [
    "constant",
    "time",
    "step",
    "exponential",
    "plateau",
    "one_cycle",
    "power",
    "cosine",
    "coslog4",
    "flat_cosine",
]


def factor(schedule: str, t: float, **genes: float) -> float:
    return learning_rate_factor(GENES | {"schedule": schedule} | genes, t)


@pytest.mark.parametrize(
    ("schedule", "t", "expected"),
    [
        ("constant", 0.7, 1.0),
        ("plateau", 0.7, 1.0),
        ("time", 0.5, 0.5),
        ("step", 0.09, 1.0),
        ("step", 0.3, 0.125),  # 0.3 / 0.1 is 2.9999999999999996
        ("exponential", 0.0, 1.0),
        ("exponential", 0.5, 0.1),
        ("one_cycle", 0.0, 0.04),
        ("one_cycle", 0.125, 0.52),
        ("one_cycle", 0.25, 1.0),
        ("one_cycle", 1.0, 1e-5),
        ("power", 0.25, 0.25),
        ("cosine", 0.0, 0.0),
        ("cosine", 0.05, 0.5),
        ("cosine", 0.1, 1.0),
        ("cosine", 0.55, 0.5),
        ("cosine", 1.0, 0.0),
        ("coslog4", 0.0, 0.0),
        ("coslog4", (math.sqrt(2) - 1) / 15, 1.0),
        ("coslog4", 1 / 15, 0.0),
        ("coslog4", 1.0, 0.0),
        ("flat_cosine", 0.5, 1.0),
        ("flat_cosine", 0.75, 0.5),
        ("flat_cosine", 1.0, 0.0),
    ],
)
def test_known_points(schedule: str, t: float, expected: float) -> None:
    assert factor(schedule, t) == pytest.approx(expected, abs=1e-12)


def test_cosine_without_warmup_starts_at_the_full_rate() -> None:
    assert factor("cosine", 0.0, warmup=0.0) == 1.0


@pytest.mark.parametrize("schedule", SCHEDULES)
@given(t=st.floats(-0.5, 1.5), part=st.floats(0.0, 1.0))
def test_a_factor_stays_within_its_bounds(schedule: str, t: float, part: float) -> None:
    genes = {"warmup": 0.1 * part, "cycle_warmup": 0.1 + 0.2 * part, "step_every": 0.05 + 0.45 * part}
    assert 0.0 <= factor(schedule, t, **genes) <= 1.0


@pytest.mark.parametrize(
    ("schedule", "scheduler"),
    [
        ("step", lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=10, gamma=0.5)),
        ("exponential", lambda o: torch.optim.lr_scheduler.ExponentialLR(o, gamma=0.01 ** (1 / 100))),
        ("cosine", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=100)),
        (
            "one_cycle",
            lambda o: torch.optim.lr_scheduler.OneCycleLR(
                # torch's warm-up of 101 steps ends at step 0.25 * 101 - 1, its last step is 100
                o,
                max_lr=1.0,
                total_steps=101,
                pct_start=26 / 101,
                div_factor=25,
                final_div_factor=0.04 / 1e-5,
            ),
        ),
    ],
)
def test_against_torch(schedule: str, scheduler: object) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    reference = scheduler(optimizer)  # type: ignore[operator]
    for step in range(100):
        assert factor(schedule, step / 100, warmup=0.0) == pytest.approx(
            optimizer.param_groups[0]["lr"], rel=1e-9
        )
        optimizer.step()
        reference.step()


@given(
    losses=st.lists(st.floats(0.0, 10.0) | st.just(math.nan), max_size=60),
    patience=st.integers(2, 5),
    reduction=st.floats(0.1, 0.9),
)
def test_plateau_follows_torch(losses: list[float], patience: int, reduction: float) -> None:
    genes = GENES | {"plateau_patience": patience, "plateau_factor": reduction}
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    reference = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, patience=patience, factor=reduction, eps=0.0
    )
    plateau = Plateau()
    for loss in losses:
        plateau = plateau.step(loss, genes)
        reference.step(loss)
        assert plateau.factor == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)


@given(losses=st.lists(st.floats(0.0, 10.0), max_size=12))
def test_plateau_survives_json(losses: list[float]) -> None:
    plateau = Plateau()
    for loss in losses:
        plateau = plateau.step(loss, GENES)
    text = json.dumps(plateau.to_json(), allow_nan=False)
    assert Plateau.from_json(json.loads(text)) == plateau


def test_dropout_follows_its_own_schedule() -> None:
    flat = {"dropout_schedule": "flat_cosine"}
    assert [dropout_factor(flat, t) for t in (0.0, 0.5, 0.75, 1.0)] == pytest.approx([1, 1, 0.5, 0])
    assert dropout_factor({"dropout_schedule": "constant"}, 1.0) == 1.0
