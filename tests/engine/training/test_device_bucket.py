"""The trainer of GPUs, run on the CPU: held against that of CPUs, and a lane in company against it alone."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from test_mlp_pack import PLAIN_STEP, drawn_pack, oracle
from toy_tables import CPU, ToyTable, toy_rows, toy_shape, toy_spec, trained, varied_rows

from cambrian.models.activations import ACTIVATIONS
from cambrian.records import LaneStatus
from cambrian.training.lanes import LaneState, load_lane, save_lane
from cambrian.training.pack import PackTrainer
from cambrian.training.plan import EpochPlan
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec

torch.set_num_threads(1)

TASKS = ["binary", "multiclass", "regression"]
PROMISED = 1e-5
"""Relative difference over five epochs; of tensors as a share of the largest element."""
MOMENTS = ("mean", "square", "momentum")


def device_pack(lanes: list[LaneSpec | LaneState], rows: TrainingRows) -> PackTrainer:
    return PackTrainer(lanes, rows, CPU, broadcast=True)


def steady(specs: list[LaneSpec], rows: TrainingRows) -> list[LaneSpec]:
    """The lanes without draws, and without what makes much of rounding.

    Two rows that hardly differ are normalised to -1 and 1; the absolute error's gradient jumps.
    """
    calmed = []
    for spec in specs:
        genes = dict(spec.genes) | {"dropout": 0.0, "input_noise": 0.0, "lr": 3e-4}
        genes |= {"lr_sgd": 0.01} if genes["lr_sgd"] < 1 else {}
        genes |= {"loss": "huber"} if genes["loss"] == "mae" else {}
        plan = EpochPlan.of(genes, len(rows.table(spec.fold, genes).train), 2**18)
        if genes["normalisation"] == "batch" and plan.rows - (plan.steps - 1) * plan.batch < 8:
            genes |= {"normalisation": "layer"}
        calmed.append(LaneSpec(genes, spec.fold, spec.seed, 7))
    return calmed


def losses(state: LaneState) -> list[float]:
    return [loss for record in state.curve for loss in (record.train_loss, record.validation_loss)]


def assert_close(first: LaneState, second: LaneState, *, moments: float = PROMISED) -> None:
    """Equal but for rounding: facts, curves, weights, averages, statistics, best weights, moments.

    A GPU does not promise anything of moments: there their limit is wider.
    """
    assert first.status is second.status
    assert (first.epoch, first.step, first.position) == (second.epoch, second.step, second.position)
    assert first.best_epoch == second.best_epoch
    assert first.plateau.factor == second.plateau.factor
    if first.status is LaneStatus.DIVERGED:
        return
    assert losses(first) == pytest.approx(losses(second), rel=PROMISED)
    assert [r.learning_rate for r in first.curve] == [r.learning_rate for r in second.curve]
    assert first.tensors.keys() == second.tensors.keys()
    for group in ("weights", "average", "best"):
        assert difference(first.group(group), second.group(group)) < PROMISED, (group, first.spec.genes)
    for moment in MOMENTS:
        ours, theirs = (state.group(f"optimizer.{moment}") for state in (first, second))
        assert difference(ours, theirs) < moments, (moment, first.spec.genes)
    for name, tensor in first.tensors.items():
        if name.startswith("generator.") or name == "optimizer.step":
            assert torch.equal(tensor, second.tensors[name]), name


def difference(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> float:
    """The largest difference of a group's elements over its largest element, as the lane check measures."""
    if not first:
        return 0.0
    a, b = (
        torch.cat([group[name].flatten().double() for name in sorted(first)]) for group in (first, second)
    )
    return float((a - b).abs().max() / max(float(a.abs().max()), float(b.abs().max()), 1e-30))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(6))
def test_it_trains_as_the_cpus_trainer_does(task: Any, seed: int) -> None:
    rows = varied_rows(task, 120 + seed)
    specs = steady(drawn_pack(seed, task, 64), rows)
    ours, reference = device_pack([*specs], rows), PackTrainer(specs, rows, CPU)
    ours.advance(5)
    reference.advance(5)
    for lane in range(len(specs)):
        assert_close(reference.remove(lane), ours.remove(lane))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(4))
def test_a_lane_alone_is_the_lane_in_company(task: Any, seed: int) -> None:
    """With its dropout masks and noise, and whatever else the genes ask for."""
    rows = varied_rows(task, 130 + seed)
    specs = [LaneSpec(spec.genes, spec.fold, spec.seed, 7) for spec in drawn_pack(seed, task, 64)]
    together = device_pack([*specs], rows)
    together.advance(5)
    for lane, spec in enumerate(specs):
        alone = device_pack([spec], rows)
        alone.advance(5)
        assert_close(alone.remove(0), together.remove(lane))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(12))
def test_gradients_and_statistics_are_autograds(task: Any, seed: int) -> None:
    rows = varied_rows(task, 120 + seed)
    drawn = drawn_pack(seed, task, 64)
    specs = [LaneSpec(spec.genes | PLAIN_STEP | {"dropout": 0.0}, 0, spec.seed, 7) for spec in drawn]
    trainer = device_pack([*specs], rows)
    records = trainer.advance()
    for place, spec in enumerate(specs):
        network, gradients, loss = oracle(spec, rows)
        weights = trainer.remove(place).group("weights")
        assert records[place].train_loss == pytest.approx(loss, rel=1e-5)
        for name, parameter in network.named_parameters():
            gradient = gradients[name]
            error = (parameter.detach() - weights[name] - gradient).abs().max()
            assert float(error) < 2e-4 * max(1e-2, float(gradient.abs().max())), (name, spec.genes)
        for name, statistic in network.named_buffers():
            torch.testing.assert_close(weights[name], statistic, rtol=1e-4, atol=1e-5)


def test_a_single_row_batch_normalises_as_in_evaluation() -> None:
    rows = toy_rows("regression", rows=90)
    genes = {"normalisation": "batch", "batch_size": 1, "optimizer": "sgd", "lr_sgd": 1e-3, "dropout": 0.0}
    specs = [toy_spec("regression", seed=seed, **genes) for seed in range(2)]
    ours, reference = device_pack([*specs], rows), PackTrainer(specs, rows, CPU)
    ours.advance(2)
    reference.advance(2)
    for lane in range(2):
        assert_close(reference.remove(lane), ours.remove(lane))


@pytest.mark.parametrize("steps", [(1, 2, 3), (3, 3)])
def test_a_lane_parks_and_goes_on_here_and_on_the_cpus_trainer(
    steps: tuple[int, ...], tmp_path: Path
) -> None:
    genes = {"normalisation": "batch", "optimizer": "sgd_nesterov", "lr_sgd": 0.01, "schedule": "plateau"}
    spec = toy_spec(**genes, dropout=0.0, input_noise=0.0, ema=True, ema_decay=0.9)
    rows = toy_rows(rows_per_epoch=70)
    whole = PackTrainer([spec], rows, CPU)
    whole.advance(6)
    state: Any = spec
    for turn, epochs in enumerate(steps):
        trainer = PackTrainer([state, toy_spec(**genes, seed=9)], rows, CPU, broadcast=turn % 2 == 0)
        trainer.advance(epochs)
        save_lane(tmp_path / "lane.safetensors", trainer.remove(0))
        state = load_lane(tmp_path / "lane.safetensors")
    assert_close(whole.remove(0), state)
    assert state.status is LaneStatus.FINISHED


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_parking_a_lane_with_draws_changes_nothing(optimizer: str) -> None:
    rows = toy_rows("multiclass")
    spec = toy_spec("multiclass", optimizer=optimizer, dropout=0.3, input_noise=0.1, ema=True)
    whole = device_pack([spec], rows)
    whole.advance(5)
    state: Any = spec
    for epochs in (2, 3):
        trainer = device_pack([state, toy_spec("multiclass", seed=4)], rows)
        trainer.advance(epochs)
        state = trainer.remove(0)
    assert_close(whole.remove(0), state)


def test_lanes_that_end_leave_the_others_alone_and_stay_as_they_were() -> None:
    """Two of eight end: the pack goes on as it is; a third, and the rest are composed anew."""
    rows = toy_rows("regression")
    bad = {"optimizer": "sgd", "lr_sgd": 1e30, "gradient_clip": "none", "schedule": "constant"}
    specs: list[Any] = [toy_spec("regression", seed=seed, dropout=0.2, epochs=12) for seed in range(8)]
    specs[2] = toy_spec("regression", seed=2, **bad)
    trainer = device_pack(specs, rows)
    trainer.advance(2)
    assert trainer.live == (0, 1, 3, 4, 5, 6, 7)
    removed = trainer.remove(5)
    trainer.advance(1)
    finished = trainer.remove(2)
    assert (finished.status, removed.epoch) == (LaneStatus.DIVERGED, 2)
    trainer.remove(7)
    records = trainer.advance(1)
    assert sorted(record.lane for record in records) == [0, 1, 3, 4, 6]
    for lane in (0, 1, 3, 4, 6):
        alone = device_pack([specs[lane]], rows)
        alone.advance(4)
        assert_close(alone.remove(0), trainer.remove(lane))


def test_a_lane_that_finished_idles_with_its_weights() -> None:
    rows = toy_rows()
    specs = [toy_spec(seed=seed, epochs=2 if seed == 1 else 9) for seed in range(8)]
    trainer, alone = device_pack([*specs], rows), device_pack([specs[1]], rows)
    trainer.advance(5)
    alone.advance(2)
    assert_close(alone.remove(0), trainer.remove(1))


def test_a_lane_that_joins_trains_beside_the_others() -> None:
    rows, spec = toy_rows(), toy_spec(seed=5, dropout=0.2)
    trainer, alone = device_pack([toy_spec(), toy_spec(seed=2)], rows), device_pack([spec], rows)
    trainer.advance(2)
    late = trainer.add(spec)
    trainer.advance(3)
    alone.advance(3)
    assert_close(alone.remove(0), trainer.remove(late))


@pytest.mark.parametrize("task", TASKS)
def test_tables_that_stay_in_the_hosts_memory_give_the_same(task: Any) -> None:
    toy = ToyTable(task, rows=150, width=21)
    shape = toy_shape(toy)
    resident = TrainingRows(toy, shape, CPU)
    streamed = TrainingRows(toy, shape, CPU, resident_bytes=toy.x.nbytes - 1)
    specs = [toy_spec(task, seed=seed, fold=seed % 2, input_noise=0.1, batch_size=25) for seed in range(4)]
    assert resident.table(0, specs[0].genes).resident
    assert not streamed.table(0, specs[0].genes).resident
    first, second = device_pack([*specs], resident), device_pack([*specs], streamed)
    first.advance(3)
    second.advance(3)
    for lane in range(len(specs)):
        assert losses(first.remove(lane)) == losses(second.remove(lane))


def every_activation(task: Any) -> list[LaneSpec]:
    return [
        toy_spec(task, seed=seed, activation=name, normalisation=norm, width_1=width, ema=seed % 2 == 0)
        for seed, name in enumerate(ACTIVATIONS)
        for norm in ("none", "layer")
        for width in (24, 32)
    ]


@pytest.mark.parametrize("task", TASKS)
def test_validation_is_the_cpus(task: Any) -> None:
    """Every activation with padded units, averaged weights, and folds of unequal sizes."""
    rows = varied_rows(task, 121)
    specs = [
        LaneSpec(dict(spec.genes) | {"dropout": 0.0, "input_noise": 0.0}, place % 2, spec.seed, 6)
        for place, spec in enumerate(every_activation(task))
    ]
    ours, reference = device_pack([*specs], rows), PackTrainer(specs, rows, CPU)
    for mine, other in zip(ours.advance(1), reference.advance(1), strict=True):
        assert mine.validation_loss == pytest.approx(other.validation_loss, rel=2e-5)
        assert math.isfinite(mine.validation_loss)


@pytest.mark.parametrize("broadcast", [False, True], ids=["cpu", "device"])
@pytest.mark.parametrize("task", TASKS)
def test_an_infinite_prediction_diverges(task: Any, broadcast: bool) -> None:
    """The weights are finite and so is training; one validation row's output alone is not."""
    toy = ToyTable(task)
    train, validation = toy.fold(0)
    toy.x[train, 0] = 0.0  # its weight stays as it is
    rows = TrainingRows(toy, toy_shape(toy), CPU)
    state = trained(toy_spec(task, layers=0), rows, 1)
    weight = state.tensors["weights.head.weight"].clone()
    weight[:, 0] = 0.0
    weight[-1, 0] = -10.0
    grown = replace(state, tensors={**state.tensors, "weights.head.weight": weight})
    statuses = []
    for value in (0.0, 3e38):
        toy.x[validation[0], 0] = value
        trainer = PackTrainer([grown], TrainingRows(toy, toy_shape(toy), CPU), CPU, broadcast=broadcast)
        (record,) = trainer.advance(1)
        assert math.isfinite(record.train_loss)
        statuses.append(record.status)
    assert statuses == [LaneStatus.RUNNING, LaneStatus.DIVERGED]
