"""Which lanes a worker takes in: on a CPU by time and memory, on a GPU by its memory, seldom and many."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.run import jobs
from cambrian.run.lanes import LaneId
from cambrian.run.room import ROUND_SECONDS, DeviceRoom, HostRoom, JobLane
from cambrian.run.workspace import RunFolder
from cambrian.space.build import SpaceFacts, build_space
from cambrian.training.device_bucket import DeviceBucketTrainer
from cambrian.training.device_memory import CHUNK_VALUES, MOST_LANES, bucket_and_bytes, most_device_lanes
from cambrian.training.lanes import LaneState
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, TrainingShape

torch.set_num_threads(1)

CPU = torch.device("cpu")
PLENTY = 2**40
DEFAULT = dict(build_space(SpaceFacts("regression", rows=150)).default())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run's folder with a prepared regression of 120 rows in two folds, and no lane yet."""
    path = tmp_path_factory.mktemp("runs") / "amber-fox"
    for name in ("lanes", "weights"):
        (path / name).mkdir(parents=True)
    chance = np.random.default_rng(0)
    lines = ["size,weight,price"]
    for size, weight in zip(chance.normal(10, 3, 120), chance.lognormal(1, 0.5, 120), strict=True):
        lines.append(f"{size:.4f},{weight:.4f},{abs(size) + weight:.4f}")
    (path / "table.csv").write_text("\n".join(lines) + "\n")
    table = read_table(path / "table.csv")
    profile = profile_table(table, target="price")
    prepare(table, profile, RunFolder(path).data, split=SplitSettings(folds=2))
    return RunFolder(path)


@pytest.fixture
def rows(folder: RunFolder) -> TrainingRows:
    prepared = Prepared.open(folder.data)
    train, validation = prepared.fold_sizes()[0]
    return TrainingRows(prepared, TrainingShape("regression", 1, train, validation, 2**18), CPU)


def lane(number: int, *, until: int = 4, epoch_seconds: float = 0.0, size: int = 1, **genes: Any) -> JobLane:
    small = {"layers": 2, "width_1": 32, "batch_size": 32}
    spec = LaneSpec(DEFAULT | small | genes, number % 2, number, 20)
    return JobLane(LaneId(number, number % 2, 0), spec, until, False, 0, size, epoch_seconds, None)


def lane_size(rows: TrainingRows, one: JobLane) -> int:
    """What a lane takes of a GPU."""
    table = rows.table(one.spec.fold, one.spec.genes)
    return bucket_and_bytes(one.spec.genes, table.x.shape[1], len(table.train), rows.shape)[1]


def free_for(size: int, lanes: int, programs: int = 1) -> float:
    """Free memory that just suffices for so many lanes of a size."""
    return (lanes * size + programs * 4 * CHUNK_VALUES + 1) / 0.8


def test_a_cpus_lanes_are_bounded_by_memory_and_time() -> None:
    room, long = HostRoom(10, lambda lanes: sum(each.bytes for each in lanes)), ROUND_SECONDS / 2
    assert room.fits(lane(0, size=100, epoch_seconds=100.0), [])
    assert room.fits(lane(1, size=5, epoch_seconds=long), [lane(0, size=5, epoch_seconds=long)])
    assert not room.fits(lane(1, size=6), [lane(0, size=5)])
    assert not room.fits(lane(1, epoch_seconds=1.1 * long), [lane(0, epoch_seconds=long)])
    room.filled(8)
    assert room.opens(7)
    unlike = HostRoom(10, lambda lanes: 2 * sum(each.bytes for each in lanes))
    assert unlike.fits(lane(1, size=2), [lane(0, size=3)])
    assert not unlike.fits(lane(1, size=3), [lane(0, size=3)])


def test_a_gpus_lanes_are_bounded_by_its_memory_alone(rows: TrainingRows) -> None:
    lanes = [lane(number, size=PLENTY, epoch_seconds=60.0) for number in range(7)]
    size = lane_size(rows, lanes[0])
    assert lane_size(rows, lanes[1]) == size
    tables = rows.device_bytes(())
    assert tables > 0
    room = DeviceRoom(rows, 2**30, free=tables + free_for(size, 6))
    assert room.fits(lanes[5], lanes[:5])
    assert not room.fits(lanes[6], lanes[:6])
    assert most_device_lanes(size, free_for(size, 6)) == 6  # what `cambrian doctor` prints


def test_the_first_lane_is_always_tried(rows: TrainingRows) -> None:
    assert DeviceRoom(rows, 0, free=0.0).fits(lane(0), [])


def test_tables_and_further_programs_take_of_the_same_memory(rows: TrainingRows) -> None:
    one, other = lane(0), lane(2, width_1=64)
    sizes = lane_size(rows, one), lane_size(rows, other)
    free = rows.device_bytes(()) + free_for(sum(sizes), 1, programs=2)
    assert DeviceRoom(rows, 2**30, free=free).fits(other, [one])
    assert not DeviceRoom(rows, 2**30, free=free - 4).fits(other, [one])


def test_the_deepest_lane_decides_for_all_of_its_bucket(rows: TrainingRows) -> None:
    flat, deep = lane(0, layers=1), lane(2, layers=6)
    assert lane_size(rows, flat) < lane_size(rows, deep)
    free = rows.device_bytes(()) + free_for(lane_size(rows, deep), 2)
    assert DeviceRoom(rows, 2**30, free=free).fits(deep, [flat])
    assert not DeviceRoom(rows, 2**30, free=free - 4).fits(deep, [flat])


def test_a_program_has_a_most_and_row_orders_a_limit(rows: TrainingRows) -> None:
    wide, lanes = DeviceRoom(rows, 2**30), [lane(number) for number in range(MOST_LANES + 1)]
    assert wide.fits(lanes[-2], lanes[:-2])
    assert not wide.fits(lanes[-1], lanes[:-1])
    of_three = 3 * 20 * len(rows.table(0, lanes[0].spec.genes).train)
    assert DeviceRoom(rows, of_three).fits(lanes[2], lanes[:2])
    assert not DeviceRoom(rows, of_three - 1).fits(lanes[2], lanes[:2])


def test_a_gpu_is_refilled_when_what_trains_on_is_composed_anew(rows: TrainingRows) -> None:
    room = DeviceRoom(rows, 2**30)
    assert room.opens(0)
    room.filled(10)
    assert [held for held in range(11) if room.opens(held)] == list(range(7))


class Context:
    """What a handler needs of its worker."""

    device = "cpu"
    stopping = False

    def __init__(self) -> None:
        self.reports: deque[dict[str, Any]] = deque()

    def emit(self, data: dict[str, Any]) -> None:
        if "report" in data:
            self.reports.append(data["report"])


def payload_of(
    folder: RunFolder, rows: TrainingRows, lanes: list[JobLane], *, room_bytes: int
) -> dict[str, Any]:
    return {
        "folder": str(folder.path),
        "shape": rows.shape.to_json(),
        "objectives": ["rmse"],
        "memory_bytes": 2**33,
        "room_bytes": room_bytes,
        "tf32": False,
        "lanes": [
            {
                "id": list(each.id),
                "spec": each.spec.to_json(),
                "until": each.until,
                "final": False,
                "written": 0,
                "bytes": each.bytes,
                "epoch_seconds": each.epoch_seconds,
                "parent": None,
            }
            for each in lanes
        ],
    }


@pytest.mark.parametrize("waits", [False, True])
def test_a_job_composes_seldom_on_a_gpu(
    folder: RunFolder, rows: TrainingRows, monkeypatch: pytest.MonkeyPatch, *, waits: bool
) -> None:
    """Twenty lanes of which ten fit, ending one after another: the trainer of GPUs, on the CPU."""
    folder.clear_lanes()
    lanes = [replace(lane(number, until=1 + number % 10), bytes=2**20) for number in range(20)]
    size = max(lane_size(rows, each) for each in lanes)
    widths: list[int] = []
    begin = DeviceBucketTrainer.__init__

    def counted(trainer: DeviceBucketTrainer, lanes: Any, *args: Any) -> None:
        widths.append(len(lanes))
        begin(trainer, lanes, *args)

    def room_on(used: TrainingRows, memory_bytes: int, width: Any) -> DeviceRoom:
        tables = [rows.table(fold, lanes[0].spec.genes) for fold in (0, 1)]
        room = DeviceRoom(used, memory_bytes, free=rows.device_bytes(tables) + free_for(size, 10))
        if not waits:
            monkeypatch.setattr(room, "opens", lambda held: True)
        return room

    monkeypatch.setattr(DeviceBucketTrainer, "__init__", counted)
    monkeypatch.setattr(jobs, "PackTrainer", partial(PackTrainer, broadcast=True))
    monkeypatch.setattr(jobs, "room_on", room_on)
    context: Any = Context()
    jobs.train(payload_of(folder, rows, lanes, room_bytes=2**33), context)
    assert sorted((each["id"][0], each["epochs"]) for each in context.reports) == [
        (each.id.individual, each.until) for each in lanes
    ]
    assert max(widths) == 10
    assert (len(widths) <= 8) is waits  # without waiting almost every epoch


class CountedPack(PackTrainer):
    """Remembers how many lanes it had at most."""

    held = most = 0

    def add(self, *lane: Any) -> int:
        type(self).held += 1
        type(self).most = max(self.most, self.held)
        return super().add(*lane)

    def remove(self, handle: int) -> LaneState:
        type(self).held -= 1
        return super().remove(handle)


@pytest.mark.parametrize(("share", "fitting"), [(2**10, 1), (2**21, 2), (5 * 2**20, 5)])
def test_a_job_packs_what_its_workers_share_of_memory_takes(
    folder: RunFolder, rows: TrainingRows, monkeypatch: pytest.MonkeyPatch, share: int, fitting: int
) -> None:
    """A lane of more than the share trains alone: that it may is the run's limit to say."""
    folder.clear_lanes()
    monkeypatch.setattr(jobs, "PackTrainer", CountedPack)
    CountedPack.held = CountedPack.most = 0
    lanes = [lane(number, size=2**20) for number in range(7)]
    context: Any = Context()
    jobs.train(payload_of(folder, rows, lanes, room_bytes=share), context)
    assert CountedPack.most == fitting
    assert {each["epochs"] for each in context.reports} == {4}
    assert len(context.reports) == 7


def test_a_workers_gpu_is_made_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[Any] = []
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    context: Any = Context()
    for context.device in ("cpu", "mps", "cuda:1"):
        jobs.start(context)
    assert chosen == ["cuda:1"]
