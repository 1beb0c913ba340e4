"""Faults 3 to 8: workers die, hang, stop and run out of memory; each is a row, and the run goes on."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from hostile_line import HostileLine, always, ended, events, experiment_file, once, rows, sound, state

from real_runs import query, reproducible

LIMIT = 10  # seconds; who hangs costs as many, and innocents must speak within them however busy the machine
MEMORY_MB = 200
PLAN = {
    0: always("leave"),
    1: always("segfault"),
    2: always("hang"),
    3: always("hang_deaf"),
    4: always("fill_memory"),
    5: always("kill_itself"),
    6: always("raise_error"),
}
EXPECTED = {
    0: ("failed", "crashed", "the worker ended with exit status 7"),
    1: ("failed", "crashed", "the worker was ended by SIGSEGV"),
    2: ("failed", "timeout", f"gave no sign of life for {LIMIT} s (SIGKILL)"),
    3: ("failed", "timeout", f"gave no sign of life for {LIMIT} s (SIGKILL)"),
    4: ("infeasible", None, "memory ran out: "),
    5: ("failed", "crashed", "the worker was ended by SIGKILL (from outside, or because memory ran out)"),
    6: ("failed", "crashed", "ValueError: a mistake in a network"),
}


@pytest.fixture(scope="module")
def misbehaved(tmp_path_factory: pytest.TempPathFactory, table: Path) -> Path:
    """The folder of a run in which seven of twelve individuals destroy their worker, each time they train."""
    line = HostileLine(tmp_path_factory.mktemp("workers") / "workspace", PLAN)
    limits = {"memory_mb": MEMORY_MB, "timeout_seconds": LIMIT, "timeout_factor": 1.5}
    experiment = experiment_file(line.acts / "hostile.toml", table, **limits)
    process = line.start("run", "--experiment", experiment, "--run-id", "hostile")
    status, out = ended(process, within=120)
    assert status == 0, out
    return line.folder("hostile")


@pytest.mark.parametrize("number", EXPECTED)
def test_who_destroys_a_worker_twice_is_a_row_with_the_cause(misbehaved: Path, number: int) -> None:
    (row,) = rows(misbehaved, number)
    found = row["state"], row["reason"], row["error"]
    assert found[:2] == EXPECTED[number][:2]
    assert found[2].startswith(EXPECTED[number][2])
    assert row["attempt"] == 2
    assert query(misbehaved, f"SELECT value FROM fitness WHERE individual_id = {number + 1}") == []


def test_memory_that_ran_out_says_what_was_predicted_and_measured(misbehaved: Path) -> None:
    (row,) = rows(misbehaved, 4)
    limit = MEMORY_MB * 2**20
    assert row["predicted_bytes"] < 20 * 2**20
    assert limit < row["measured_bytes"] < 3 * limit
    for value in (row["predicted_bytes"], row["measured_bytes"], limit):
        assert str(value) in row["error"]


def test_the_others_train_to_their_end(misbehaved: Path, undisturbed: Path) -> None:
    assert state(misbehaved) == "complete"
    sound(misbehaved)
    lost = query(misbehaved, "SELECT DISTINCT individual_id - 1 FROM evaluations WHERE error IS NOT NULL")
    assert sorted(number for (number,) in lost) == sorted(PLAN)
    assert len(events(misbehaved, "evaluation-failed")) == len(PLAN)
    states = query(misbehaved, "SELECT DISTINCT state FROM evaluations WHERE error IS NULL")
    assert set(states) <= {("complete",), ("pruned",)}
    assert query(misbehaved, "SELECT count(*) FROM individuals") == [(24,)]
    first_epochs = (
        "SELECT individual_id, train_loss, validation_loss, learning_rate FROM epochs"
        " JOIN evaluations ON evaluation_id = evaluations.id"
        " WHERE epoch = 1 AND fold = 0 AND seed = 0 AND individual_id BETWEEN 8 AND 12 ORDER BY 1"
    )
    assert len(query(misbehaved, first_epochs)) == 5
    assert query(misbehaved, first_epochs) == query(undisturbed, first_epochs)


def one_of_each_pack(folder: Path) -> list[int]:
    """An individual of each of the two species of each of the two generations: they never share a pack."""
    found = query(folder, "SELECT min(number) FROM individuals GROUP BY generation, species ORDER BY 1")
    numbers = [number for (number,) in found]
    assert len(numbers) == 4
    return numbers


def test_what_destroys_a_worker_once_is_tried_again_and_changes_nothing(
    tmp_path: Path, table: Path, undisturbed: Path
) -> None:
    numbers = one_of_each_pack(undisturbed)
    acts = dict(zip(numbers, ("leave", "hang_deaf", "segfault", "raise_error"), strict=True))
    line = HostileLine(tmp_path / "workspace", {number: once(act) for number, act in acts.items()})
    experiment = experiment_file(tmp_path / "hostile.toml", table, timeout_seconds=LIMIT, timeout_factor=1.5)
    line("run", "--experiment", experiment, "--run-id", "once")
    folder = line.folder("once")
    assert {int(path.name.split(".")[0]) for path in line.acts.glob("*.done-0")} == set(acts)
    assert reproducible(folder) == reproducible(undisturbed)
    sound(folder)


def test_a_worker_killed_or_stopped_from_outside_costs_nothing(
    tmp_path: Path, table: Path, undisturbed: Path
) -> None:
    first, second, third, _ = one_of_each_pack(undisturbed)
    line = HostileLine(tmp_path / "workspace", {number: once("wait") for number in (first, second, third)})
    experiment = experiment_file(tmp_path / "hostile.toml", table, timeout_seconds=LIMIT, timeout_factor=1.5)
    process = line.start("run", "--experiment", experiment, "--run-id", "outside")
    # Killed while it trains: another takes its place and its lanes.
    killed = line.held(first)
    os.kill(killed, signal.SIGKILL)
    # Stopped for less than the limit, then continued: its results count.
    slept = line.held(second)
    os.kill(slept, signal.SIGSTOP)
    time.sleep(1.5)
    os.kill(slept, signal.SIGCONT)
    line.let_go(second)
    # Stopped for longer than the limit: killed, its lanes are trained elsewhere.
    stopped = line.held(third)
    os.kill(stopped, signal.SIGSTOP)
    status, out = ended(process, within=120)
    assert status == 0, out
    folder = line.folder("outside")
    assert reproducible(folder) == reproducible(undisturbed)
    log = (folder / "run.log").read_text()
    assert "SIGKILL (from outside" in log
    assert f"gave no sign of life for {LIMIT} s" in log
    assert log.count(" was lost: ") == 2
    assert query(folder, "SELECT DISTINCT pid, state, job FROM workers") == [(None, "ended", None)]
    sound(folder)
