"""The job of training lanes, called as a worker calls it: what it reports of each."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cambrian.data.prepared import prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.records import Reason, State
from cambrian.run.jobs import _Training, train
from cambrian.run.lanes import LaneReport
from cambrian.run.room import JobLane
from cambrian.run.workspace import RunFolder
from cambrian.space.build import SpaceFacts, build_space
from cambrian.training.lanes import load_lane
from cambrian.training.spec import LaneSpec, TrainingShape

ROWS = 120
GENES = dict(build_space(SpaceFacts("regression", rows=ROWS)).default()) | {
    "layers": 1, "width_1": 16, "batch_size": 32, "lr": 1e-3,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "run")
    made.create()
    x = np.random.default_rng(0).normal(size=ROWS)
    path = tmp_path / "t.csv"
    path.write_text("x,y\n" + "".join(f"{each:.4f},{2 * each + 1:.4f}\n" for each in x))
    table = read_table(path)
    prepare(table, profile_table(table, target="y"), made.data, split=SplitSettings(folds=2))
    return made


def payload_of(folder: RunFolder, *, lanes: int = 1, validation_rows: int = 20, lr: float = 1e-3) -> Any:
    genes = GENES | {"lr": lr}
    return {
        "folder": str(folder.path),
        "shape": asdict(TrainingShape("regression", 1, 48, validation_rows, 48)),
        "objectives": ["r2"],
        "lanes": [
            {
                "id": [number, 0, 0], "spec": LaneSpec(genes, 0, number, 8).to_json(), "until": 2,
                "final": False, "parent": None, "written": 0, "bytes": 1, "epoch_seconds": 0.01,
            }
            for number in range(lanes)
        ],
        "memory_bytes": 2**40,
        "room_bytes": 2**40,
        "tf32": False,
    }  # fmt: skip


def reports_of(payload: Any) -> list[LaneReport]:
    told: list[dict[str, Any]] = []
    train(payload, SimpleNamespace(worker=0, device="cpu", stopping=False, emit=told.append))
    found = [each["report"] for each in told if "report" in each]
    return [LaneReport.from_json(each, attempt=1, pack="pack-1") for each in found]


def test_a_lane_that_trains_has_values_and_no_reason(folder: RunFolder) -> None:
    (report,) = reports_of(payload_of(folder))
    assert (report.state, report.reason, report.error, report.failed) == (State.RUNNING, None, None, False)


@pytest.mark.parametrize(
    ("settings", "reason", "error"),
    [
        ({"lr": 1e30}, Reason.DIVERGED, "diverged: the loss or a weight was not finite at epoch"),
        ({"validation_rows": 1}, Reason.UNDEFINED, "an objective is not defined on fold 0: {'r2': nan"),
    ],
)
def test_a_lane_that_failed_says_why(
    folder: RunFolder, settings: dict[str, Any], reason: Reason, error: str
) -> None:
    """The variance of one row is nothing to explain a part of."""
    (report,) = reports_of(payload_of(folder, **settings))
    assert (report.state, report.reason, report.values) == (State.FAILED, reason, None)
    assert (report.error or "").startswith(error)


def test_a_lane_without_any_finite_validation_loss_diverged(folder: RunFolder) -> None:
    payload = payload_of(folder)
    reports_of(payload)
    (parked,) = folder.lanes.iterdir()
    state = replace(load_lane(parked), best_epoch=0)
    context: Any = SimpleNamespace(worker=0, device="cpu", stopping=False, emit=print)
    work = _Training(folder, TrainingShape(**payload["shape"]), ["r2"], 2**40, context, tf32=False)
    values, _, failure = work._judge(JobLane.from_json(payload["lanes"][0]), state)
    assert (values, failure) == (None, (Reason.DIVERGED, "no epoch gave a finite validation loss"))


@pytest.mark.parametrize("lanes", [1, 3])
def test_what_cannot_be_told_apart_is_not_called_measured(folder: RunFolder, lanes: int) -> None:
    """A worker's growth is that of all the job's lanes, less what earlier jobs have left behind."""
    assert [each.measured_bytes for each in reports_of(payload_of(folder, lanes=lanes))] == [None] * lanes
