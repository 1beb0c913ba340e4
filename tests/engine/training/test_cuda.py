"""What only a CUDA device can show: graphs, memory, streams, a lane in company there. Skipped without one."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from test_device_bucket import assert_close, losses, steady
from test_mlp_pack import drawn_pack
from toy_tables import CPU, ToyTable, toy_shape, toy_spec

from cambrian.training.device_batches import DeviceBatches
from cambrian.training.device_bucket import DeviceBucketTrainer
from cambrian.training.device_memory import CHUNK_VALUES, lane_bytes
from cambrian.training.device_step import DeviceStep
from cambrian.training.lanes import LaneState
from cambrian.training.live import LiveLane
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device here")

GPU = torch.device("cuda:0")
TASKS = ["binary", "multiclass", "regression"]


def gpu_rows(task: Any, rows: int = 150, resident_bytes: int | None = None) -> TrainingRows:
    toy = ToyTable(task, rows=rows, width=21)
    return TrainingRows(toy, toy_shape(toy), GPU, resident_bytes=resident_bytes)


def cpu_rows(task: Any, rows: int = 150) -> TrainingRows:
    toy = ToyTable(task, rows=rows, width=21)
    return TrainingRows(toy, toy_shape(toy), CPU)


def mixed(task: Any, lanes: int, **genes: Any) -> list[LaneSpec]:
    """Lanes of one bucket that differ in whatever need not split it."""
    chance = random.Random(lanes)
    return [
        toy_spec(
            task,
            seed=seed,
            fold=seed % 2,
            epochs=9,
            **{
                "normalisation": chance.choice(["none", "layer", "batch"]),
                "activation": chance.choice(["relu", "gelu", "mish", "sigmoid"]),
                "optimizer": chance.choice(["sgd", "adamw", "rmsprop"]),
                "dropout": chance.choice([0.0, 0.2]),
                "input_noise": chance.choice([0.0, 0.1]),
                "lr_sgd": 0.01,
                "batch_size": 25,
                **genes,
            },
        )
        for seed in range(lanes)
    ]


def after(specs: list[LaneSpec], rows: TrainingRows, epochs: int, **options: Any) -> list[LaneState]:
    trainer = PackTrainer(specs, rows, rows.device, **options)
    trainer.advance(epochs)
    return [trainer.remove(lane) for lane in range(len(specs))]


@pytest.mark.parametrize("task", TASKS)
def test_steps_are_recorded_and_replayed(task: Any) -> None:
    """As eager steps would have gone: the same trainer with its recordings refused."""
    rows, specs = gpu_rows(task), mixed(task, 12)
    found = []
    for refusal in ("", "asked for by this test"):
        lanes = [LiveLane(handle, spec, rows) for handle, spec in enumerate(specs)]
        trainer = DeviceBucketTrainer(lanes, rows.shape, GPU)
        for recording in trainer.recordings:
            recording.refusal = refusal
        for _ in range(5):
            trainer.epoch()
        assert [recording.recorded for recording in trainer.recordings] == [not refusal] * 2
        found.append([losses(lane.state()) for lane in lanes])
    for recorded, eager in zip(*found, strict=True):
        assert recorded == pytest.approx(eager, rel=1e-5)


def test_what_cannot_be_recorded_is_run_plainly_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    values = torch.ones(3, device=GPU)
    seen: list[float] = []
    step = DeviceStep(lambda: seen.append(float(values.sum())), GPU)
    with caplog.at_level("WARNING"):
        for _ in range(5):
            step.run()
    assert seen == [3.0] * 5
    assert step.refusal
    assert len([record for record in caplog.records if "not recorded" in record.message]) == 1


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(3))
def test_a_lane_alone_is_the_lane_in_company(task: Any, seed: int) -> None:
    rows, host = gpu_rows(task, 130 + seed), cpu_rows(task, 130 + seed)
    specs = steady(drawn_pack(seed, task, 64), host)
    together = after(specs, rows, 5)
    for spec, state in zip(specs, together, strict=True):
        assert_close(after([spec], rows, 5)[0], state, moments=1e-3)


@pytest.mark.parametrize("task", TASKS)
def test_it_trains_as_on_the_cpu(task: Any) -> None:
    specs = steady(mixed(task, 6), cpu_rows(task))
    on_gpu, on_cpu = after(specs, gpu_rows(task), 5), after(specs, cpu_rows(task), 5)
    for ours, reference in zip(on_gpu, on_cpu, strict=True):
        assert losses(ours) == pytest.approx(losses(reference), rel=1e-4)


def test_draws_are_those_of_the_cpu() -> None:
    """The hash is integer arithmetic: dropout lanes train alike on both, but for rounding."""
    specs = mixed("binary", 4, dropout=0.3, input_noise=0.1, normalisation="none", optimizer="sgd")
    on_gpu = after(specs, gpu_rows("binary"), 3)
    on_cpu = after(specs, cpu_rows("binary"), 3, broadcast=True)
    for ours, reference in zip(on_gpu, on_cpu, strict=True):
        assert losses(ours) == pytest.approx(losses(reference), rel=1e-4)


def test_a_lane_goes_on_across_devices() -> None:
    specs = steady(mixed("regression", 3), cpu_rows("regression"))
    whole = after(specs, cpu_rows("regression"), 6)
    states: Any = after(specs, gpu_rows("regression"), 3)
    moved = after(states, cpu_rows("regression"), 3)
    for ours, reference in zip(moved, whole, strict=True):
        assert losses(ours) == pytest.approx(losses(reference), rel=1e-4)


def test_the_host_waits_once_an_epoch() -> None:
    rows, specs = gpu_rows("multiclass"), mixed("multiclass", 8)
    lanes = [LiveLane(handle, spec, rows) for handle, spec in enumerate(specs)]
    trainer = DeviceBucketTrainer(lanes, rows.shape, GPU)
    for _ in range(3):
        trainer.epoch()
    with torch.no_grad():
        trainer.begin_epoch()
        torch.cuda.set_sync_debug_mode("error")
        try:
            for step in range(lanes[0].plan.steps):
                trainer.take_step(step)
        finally:
            torch.cuda.set_sync_debug_mode("default")


def test_streamed_tables_give_the_same() -> None:
    specs = mixed("binary", 6)
    resident, streamed = gpu_rows("binary"), gpu_rows("binary", resident_bytes=0)
    assert streamed.table(0, specs[0].genes).x.device.type == "cpu"
    for first, second in zip(after(specs, resident, 5), after(specs, streamed, 5), strict=True):
        assert losses(first) == pytest.approx(losses(second), rel=1e-5)


def test_streaming_overtakes_nothing() -> None:
    """A slow device: the host is many batches ahead and must not overwrite one that is still needed."""
    rows, spec = gpu_rows("regression", 4000, resident_bytes=0), toy_spec("regression", batch_size=50)
    lane = LiveLane(0, spec, rows)
    batches = DeviceBatches([lane], GPU)
    batches.begin_epoch([0])
    x = torch.zeros(1, 64, 32, device=GPU)
    columns, found = torch.arange(50, device=GPU), []
    for step in range(lane.plan.steps):
        batches.stage(step, 50)
        torch.cuda._sleep(10_000_000)
        batches.load(columns + step * 50, x)
        found.append(x[0, :50, :21].clone())
    reference = LiveLane(0, spec, gpu_rows("regression", 4000))
    expected = lane.rows.x[reference.take_rows()]
    assert torch.equal(torch.cat(found).cpu(), expected[: len(found) * 50])


@pytest.mark.parametrize("width", [64, 256])
@pytest.mark.parametrize("batch", [64, 512])
def test_predicted_memory_is_the_measured(width: int, batch: int) -> None:
    """Tables and the chunk of validation apart."""
    rows = gpu_rows("multiclass", 4000)
    specs = mixed("multiclass", 32, width_1=width, layers=3, batch_size=batch)
    lanes = [LiveLane(handle, spec, rows) for handle, spec in enumerate(specs)]
    predicted = sum(
        lane_bytes(
            lane.genes,
            lane.layout,
            batch=lane.plan.batch,
            epoch_rows=lane.plan.rows,
            steps=lane.plan.steps,
        )
        for lane in lanes
    )
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats(GPU)
    before = torch.cuda.memory_allocated(GPU)
    trainer = DeviceBucketTrainer(lanes, rows.shape, GPU)
    for _ in range(4):
        trainer.epoch()
    taken = torch.cuda.max_memory_allocated(GPU) - before
    assert taken - 4 * CHUNK_VALUES <= predicted <= 1.4 * taken


def test_a_generation_wider_than_a_program_is_cut() -> None:
    rows = gpu_rows("binary")
    trainer = PackTrainer(mixed("binary", 700, width_1=32), rows, GPU)
    records = trainer.advance()
    assert [record.lane for record in records] == list(range(700))
