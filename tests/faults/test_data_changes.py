"""Faults 27 and 28: files change or are damaged while a run is at work, or between two executions of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from hostile_line import SETTINGS, HostileLine, always, ended, events, sound, state

from cambrian.training.lanes import load_lane, save_lane
from real_runs import CommandLine, query, reproducible


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory, table: Path) -> Path:
    """A folder with a workspace whose run was interrupted in its first generation, and the run's table."""
    home = tmp_path_factory.mktemp("interrupted")
    shutil.copy(table, home / "data.csv")
    line = HostileLine(home / "workspace", {0: always("wait")})
    process = line.start("run", home / "data.csv", *SETTINGS, "--run-id", "begun")
    line.held(0)
    os.kill(process.pid, signal.SIGINT)
    assert ended(process, within=10)[0] == 130
    return home


@pytest.fixture
def begun(interrupted: Path, tmp_path: Path) -> CommandLine:
    """A copy of that workspace; the table lies where it was."""
    shutil.copytree(interrupted / "workspace", tmp_path / "workspace")
    return CommandLine(tmp_path / "workspace")


@pytest.fixture
def source(interrupted: Path, table: Path) -> Path:
    """The file that the run was made from; whole again for every test."""
    shutil.copy(table, interrupted / "data.csv")
    return interrupted / "data.csv"


def test_a_table_that_is_overwritten_during_a_run_changes_nothing(
    tmp_path: Path, table: Path, undisturbed: Path
) -> None:
    path = shutil.copy(table, tmp_path / "data.csv")
    line = HostileLine(tmp_path / "workspace", {0: always("wait")})
    process = line.start("run", path, *SETTINGS, "--run-id", "overwritten")
    line.held(0)
    Path(path).write_text("something,else\n1,2\n")
    line.let_go(0)
    assert ended(process, within=120)[0] == 0
    assert reproducible(line.folder("overwritten")) == reproducible(undisturbed)


def test_a_source_that_changed_is_said_at_the_resume(
    begun: CommandLine, source: Path, undisturbed: Path
) -> None:
    source.write_text("something,else\n1,2\n")
    done = begun("resume", "begun")
    assert "data.csv has changed since this run began; the run keeps its own copy" in done.out
    assert events(begun.folder("begun"), "source-changed")
    assert reproducible(begun.folder("begun")) == reproducible(undisturbed)


def test_parked_lanes_are_a_cache_and_a_vanished_source_is_said(
    begun: CommandLine, source: Path, undisturbed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.unlink()
    parked = set((begun.folder("begun") / "lanes").glob("*.safetensors"))
    goes_on = query(undisturbed, "SELECT number FROM individuals WHERE generation = 0 AND rung > 0")
    flipped, cut, gone, older, *_ = (
        path for (number,) in goes_on for path in parked if path.name == f"i{number}-f0-s0.safetensors"
    )
    state_of_older = load_lane(older)
    monkeypatch.setattr("cambrian.training.lanes.LANE_VERSION", 1)
    save_lane(older, state_of_older)
    _flip(flipped, flipped.stat().st_size // 2)
    os.truncate(cut, 100)
    gone.unlink()
    for other in parked - {flipped, cut, gone, older}:
        shutil.copy(flipped, other)  # another lane's file under this one's name
    done = begun("resume", "begun")
    assert "data.csv has vanished since this run began" in done.out
    log = (begun.folder("begun") / "run.log").read_text()
    for lane, what in ((flipped, "is missing or damaged"), (cut, "is missing"), (older, "has version 1")):
        assert re.search(rf"{re.escape(lane.name)} {what}.*; the lane starts anew", log)
    assert reproducible(begun.folder("begun")) == reproducible(undisturbed)
    sound(begun.folder("begun"))


def test_damaged_data_is_prepared_again_from_the_same_source(
    begun: CommandLine, source: Path, undisturbed: Path
) -> None:
    _flip(begun.folder("begun") / "data" / "numeric.npy", -10)
    done = begun("resume", "begun")
    assert "the prepared data was damaged and is made again from the source" in done.out
    assert reproducible(begun.folder("begun")) == reproducible(undisturbed)


def test_damaged_data_without_its_source_is_refused(begun: CommandLine, source: Path) -> None:
    _flip(begun.folder("begun") / "data" / "target.npy", -3)
    source.write_text(source.read_text() + "1,2,red,yes\n")
    done = begun("resume", "begun", expect=2)
    assert "The prepared data of run begun is damaged" in done.err
    assert "target.npy is damaged: its checksum differs" in done.err
    assert "data.csv is not the file it was made from" in done.err
    assert "Put the original file back, or start a new run." in done.err
    assert state(begun.folder("begun")) == "failed"


def _flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    path.write_bytes(data)
