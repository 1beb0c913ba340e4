"""Fault 6 in a long job: a lane hangs after some epochs; its silence gives it away, whatever is predicted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hostile_line import HostileLine, ended, experiment_file, rows, sound

from real_runs import CommandLine, query, reproducible, wait_for

TOP = 17
"""First epoch after the last cull at epoch 16 of 64: those who get there train in jobs of two whole lanes."""
LATE = TOP + 2
FLOOR, FACTOR = 12.0, 500.0
"""Seconds that innocents need less of on the busiest machine; so often the predicted seconds of such a job
would be minutes, those of a round of its epochs are less than the floor."""


@pytest.fixture
def experiment(tmp_path: Path, table: Path) -> Path:
    sizes = {"population": 8, "epochs": 64, "generations": 1}
    limits = {"timeout_seconds": FLOOR, "timeout_factor": FACTOR}
    return experiment_file(tmp_path / "long.toml", table, **sizes, **limits)


@pytest.fixture
def calm(tmp_path: Path, experiment: Path) -> Path:
    """The folder of the same run when nobody misbehaves."""
    line = CommandLine(tmp_path / "calm")
    line("run", "--experiment", experiment, "--run-id", "calm")
    return line.folder("calm")


def late_individuals(folder: Path) -> list[int]:
    """Those of whom every lane trains on after the epoch of the hang."""
    found = query(
        folder,
        "SELECT individual_id - 1 FROM evaluations WHERE seed = 0 GROUP BY individual_id"
        f" HAVING count(*) = 2 AND min(epochs) > {LATE} ORDER BY 1",
    )
    return [number for (number,) in found]


def others_epochs(folder: Path, number: int) -> int:
    """Epochs that are written of all individuals but this one."""
    join = "epochs JOIN evaluations ON evaluation_id = evaluations.id"
    (count,) = query(folder, f"SELECT count(*) FROM {join} WHERE individual_id != {number + 1}")[0]
    return int(count)


def test_a_lane_that_hangs_late_is_found_by_its_silence_while_the_others_work_on(
    tmp_path: Path, experiment: Path, calm: Path
) -> None:
    hanging, slow, *_ = late_individuals(calm)
    plan = {
        hanging: {"do": "hang_deaf", "times": 1, "epoch": LATE},
        slow: {"do": "nap", "times": 20, "epoch": TOP, "every": True},  # 10 s, in another job
    }
    line = HostileLine(tmp_path / "workspace", plan)
    folder = line.folder("silent")
    process = line.start("run", "--experiment", experiment, "--run-id", "silent")
    line.acted(hanging)
    before = others_epochs(folder, hanging)
    log = folder / "run.log"
    wait_for(lambda: "gave no sign of life" in log.read_text(), what="for the silence to be noticed")
    assert others_epochs(folder, hanging) > before
    status, out = ended(process, within=120)
    assert status == 0, out
    lost = re.findall(r"\((\S+, \S+)\) was lost: gave no sign of life for (\S+) s", log.read_text())
    assert log.read_text().count(" was lost: ") == len(lost) == 1
    lanes, limit = lost[0]
    assert set(lanes.split(", ")) == {f"i{hanging}-f{fold}-s0" for fold in range(2)}
    assert float(limit) == FLOOR
    attempts = [(row["seed"], row["attempt"]) for row in rows(folder, hanging)]
    assert {attempt for seed, attempt in attempts if seed == 0} == {2}
    assert reproducible(folder) == reproducible(calm)
    sound(folder)
