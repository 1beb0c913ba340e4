"""The check that `cambrian doctor` makes of lanes alone and in company: what it covers; that it can fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, get_args

import pytest
import torch

from cambrian.models.activations import ACTIVATIONS
from cambrian.space.families.mlp import bucket_key
from cambrian.training.lanes import LaneState
from cambrian.training.live import LiveLane
from cambrian.training.pack import PackTrainer
from cambrian.training.selfcheck import (
    GPU_TOLERANCE,
    compare_lanes,
    grows_rounding,
    lanes_of,
    one_epoch,
    rows_of,
)
from cambrian.training.spec import Task

torch.set_num_threads(1)

CPU = torch.device("cpu")
TASKS: tuple[Any, ...] = get_args(Task)


def at_once(task: Task, states: Sequence[LaneState]) -> Sequence[LaneState]:
    """The lanes that move go on nowhere: they come back as they are."""
    return states


def test_the_lanes_are_fixed_and_varied() -> None:
    genes = [dict(spec.genes) for task in TASKS for spec in lanes_of(task)]
    assert genes == [dict(spec.genes) for task in TASKS for spec in lanes_of(task)]
    found = {name: {each.get(name) for each in genes} for name in genes[0]}
    assert found["layers"] == set(range(7))
    assert found["activation"] == set(ACTIVATIONS)
    assert found["normalisation"] == {"none", "batch", "layer"}
    assert found["optimizer"] == {"sgd", "sgd_nesterov", "rmsprop", "adam", "adamw"}
    assert found["loss"] == {"cross_entropy", "class_weighted", "focal", "mse", "mae", "huber"}
    assert found["residual"] == found["parametric"] == found["ema"] == {False, True}
    assert len(found["dropout"]) > 5
    assert len(found["batch_size"]) == 5
    shapes = [rows_of(task, CPU).shape for task in TASKS for _ in lanes_of(task)]
    assert sum(map(grows_rounding, genes, shapes)) < len(genes) // 3
    compared = [each for each, shape in zip(genes, shapes, strict=True) if not grows_rounding(each, shape)]
    batch = [each for each in compared if each["normalisation"] == "batch" and each["layers"]]
    assert sum(each["optimizer"] in ("rmsprop", "adam", "adamw") for each in batch) >= 8


@pytest.mark.parametrize("task", TASKS)
def test_lanes_of_a_bucket_share_a_program_and_last_batches_are_short(task: Task) -> None:
    specs = lanes_of(task)
    assert len({bucket_key(spec.genes) for spec in specs}) == 5
    programs = PackTrainer(specs, rows_of(task, CPU), CPU)._composed()
    # a lane of the widest bucket fills the cache by itself
    assert sum(len(program.lanes) >= 2 for program in programs) >= 4
    assert max(len(program.lanes) for program in programs) >= 4
    sizes = {lane.sizes for program in programs for lane in program.lanes}
    assert sum(last % 16 != 0 and last != full for full, last in sizes) >= 3


def reverse_batches_in_company(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same sums in another order, as another kernel of a GPU has it; alone, a lane has number 0."""
    begin = LiveLane.begin_epoch

    def begin_reversed(lane: LiveLane, rows: Sequence[int]) -> None:
        begin(lane, rows)
        if lane.handle and not lane.genes["dropout"] and not lane.genes["input_noise"]:
            lane._batches = [batch.flip(0) for batch in lane._batches]
            lane._targets = [targets.flip(0) for targets in lane._targets]

    monkeypatch.setattr(LiveLane, "begin_epoch", begin_reversed)


def test_adding_in_another_order_changes_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    reverse_batches_in_company(monkeypatch)
    assert compare_lanes(CPU, at_once).differing_lanes > 10


class Broadcast(PackTrainer):
    """The trainer of GPUs."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args, broadcast=True)


def test_a_gpus_trainer_that_adds_in_another_order_stays_within_the_tolerance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take = LiveLane.take_rows

    def take_reversed(lane: LiveLane) -> torch.Tensor:
        rows = take(lane)
        if not lane.handle or lane.genes["dropout"] or lane.genes["input_noise"]:
            return rows
        return torch.cat([batch.flip(0) for batch in torch.split(rows, lane.plan.batch)])

    monkeypatch.setattr(LiveLane, "take_rows", take_reversed)
    monkeypatch.setattr("cambrian.training.selfcheck.PackTrainer", Broadcast)
    within = compare_lanes(CPU, partial(one_epoch, device=CPU), tolerance=GPU_TOLERANCE)
    assert (within.differing_lanes, within.examples) == (0, ())
    assert 30 < within.lanes < 60
    assert 0.0 < within.largest < GPU_TOLERANCE


def test_more_than_the_tolerance_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    class Grown(PackTrainer):
        """Makes the weights of a lane that has company larger by a ten-thousandth."""

        def remove(self, handle: int) -> LaneState:
            state = super().remove(handle)
            if handle != 9:
                return state
            grown = {
                name: tensor * 1.0001 if name.startswith("weights.") else tensor
                for name, tensor in state.tensors.items()
            }
            return replace(state, tensors=grown)

    monkeypatch.setattr("cambrian.training.selfcheck.PackTrainer", Grown)
    found = compare_lanes(CPU, at_once, tolerance=GPU_TOLERANCE)
    assert found.examples == tuple(f"{task} lane 11: weights" for task in TASKS)
    assert found.largest == pytest.approx(1e-4, rel=0.01)


def test_lanes_that_company_gives_another_seed_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    class Reseeded(PackTrainer):
        def add(self, lane: Any) -> int:
            crowded = bool(self.live) and not isinstance(lane, LaneState)
            return super().add(replace(lane, seed=lane.seed + 100) if crowded else lane)

    monkeypatch.setattr("cambrian.training.selfcheck.PackTrainer", Reseeded)
    found = compare_lanes(CPU, at_once)
    assert found.differing_lanes == found.lanes - len(TASKS)  # the first of each task finds nobody there
    assert found.differing_tensors > 10 * found.differing_lanes


def test_threads_and_precision_are_left_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cambrian.training.selfcheck.lanes_of", lambda task: lanes_of(task)[:3])
    torch.set_num_threads(2)
    try:
        compare_lanes(CPU, at_once)
        assert (torch.get_num_threads(), torch.get_float32_matmul_precision()) == (2, "highest")
    finally:
        torch.set_num_threads(1)
