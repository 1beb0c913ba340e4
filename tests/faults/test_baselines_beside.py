"""The baselines are fitted beside the search: slow ones keep nobody waiting, killed ones come back."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import Popen

import pytest
from hostile_line import SETTINGS, HostileLine, ended, events, nobody_left, sound, state

from real_runs import kill_quietly, query, reproducible, wait_for

FINISHED = "SELECT count(*) FROM events WHERE kind = 'search-finished'"
NAMES = ["boosting", "linear", "majority"]


def _searched(line: HostileLine, folder: Path, table: Path) -> Popen[str]:
    """A run whose search is over while a worker still holds the baselines."""
    line.environment["CAMBRIAN_HELD_BASELINES"] = "1"
    process = line.start("run", table, *SETTINGS, "--run-id", folder.name)
    wait_for((line.acts / "baselines.pid").exists, what="for the baselines")
    wait_for(lambda: query(folder, FINISHED)[0][0], what="for the end of the search")
    assert not events(folder, "baselines")
    return process


def _fitted(folder: Path) -> list[str]:
    ((text,),) = query(folder, "SELECT baselines FROM run")
    facts = json.loads(text or "{}")
    return sorted(name for name, each in facts.items() if "error" not in each)


@pytest.fixture
def line(tmp_path: Path) -> HostileLine:
    return HostileLine(tmp_path / "workspace", {})


def test_the_search_does_not_wait_for_the_baselines_and_the_delivery_does(
    line: HostileLine, table: Path, undisturbed: Path
) -> None:
    folder = line.folder("beside")
    process = _searched(line, folder, table)
    assert state(folder) != "complete"
    (line.acts / "baselines.go").touch()
    status, out = ended(process, within=90)
    assert status == 0, out
    assert len(events(folder, "baselines")) == 1
    assert _fitted(folder) == NAMES
    assert reproducible(folder) == reproducible(undisturbed)
    sound(folder)


def test_a_run_killed_before_its_baselines_were_there_fits_them_when_it_goes_on(
    line: HostileLine, table: Path, undisturbed: Path
) -> None:
    folder = line.folder("killed")
    process = _searched(line, folder, table)
    process.kill()
    process.communicate()
    nobody_left(process)
    assert _fitted(folder) == []
    (line.acts / "baselines.go").touch()
    line("resume", "killed")
    assert _fitted(folder) == NAMES
    assert reproducible(folder) == reproducible(undisturbed)
    sound(folder)


def test_a_worker_killed_over_the_baselines_costs_nothing(
    line: HostileLine, table: Path, undisturbed: Path
) -> None:
    folder = line.folder("replaced")
    process = _searched(line, folder, table)
    kill_quietly(int((line.acts / "baselines.pid").read_text()))
    (line.acts / "baselines.go").touch()
    status, out = ended(process, within=90)
    assert status == 0, out
    assert _fitted(folder) == NAMES
    assert reproducible(folder) == reproducible(undisturbed)


def test_a_run_interrupted_while_it_waits_for_its_baselines_can_go_on(
    line: HostileLine, table: Path, undisturbed: Path
) -> None:
    folder = line.folder("interrupted")
    process = _searched(line, folder, table)
    process.terminate()
    status, out = ended(process, within=60)
    assert status == 130, out
    assert state(folder) == "interrupted"
    sound(folder)
    (line.acts / "baselines.go").touch()
    line("resume", "interrupted")
    assert reproducible(folder) == reproducible(undisturbed)
