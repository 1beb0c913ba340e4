"""Faults 1 and 2: the run's process, or its whole group, is killed at random moments; nothing is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from hostile_line import SETTINGS, HostileLine, always, events, nobody_left, sound

from real_runs import query, reproducible, wait_for

TABLES = ("individuals", "evaluations", "epochs", "rungs", "fitness", "events")
SECONDS = 6.0
"""A resumed run gets at most this long: it reads, prepares, fits baselines, and trains with naps for 12 s."""


@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=[pytest.mark.long, pytest.mark.timeout(3000)])])
def test_a_run_killed_again_and_again_ends_as_an_undisturbed_one(
    tmp_path: Path, table: Path, undisturbed: Path, kills: int
) -> None:
    chance = random.Random(11)
    done = 0
    while done < kills:
        line = HostileLine(tmp_path / f"workspace-{done}", {number: always("nap") for number in range(24)})
        folder = line.folder("killed")
        process = line.start("run", table, *SETTINGS, "--run-id", "killed")
        wait_for((folder / "run.db").exists)
        while done < kills:
            committed = _kill_after(chance.uniform(0, SECONDS), process, folder, group=chance.random() < 0.5)
            done += 1
            if committed["result"]:
                break  # it had ended before the kill: the next one begins
            process = line.start("resume", "killed")
        else:
            process.kill()
            nobody_left(process)
        line("resume", "killed")
        assert reproducible(folder) == reproducible(undisturbed)
        sound(folder)


MOMENTS = {
    "generation": "SELECT count(*) FROM events WHERE kind = 'stopping'",
    "repeats": "SELECT count(*) FROM events WHERE kind = 'finalists'",
    "delivery": "SELECT test_looks FROM run",
}
"""When a stopped run is killed: as soon as this is not 0."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_stopped_run_that_is_killed_searches_no_further(tmp_path: Path, table: Path, moment: str) -> None:
    line = HostileLine(
        tmp_path / "workspace", {0: always("wait")} | {each: always("nap") for each in range(1, 12)}
    )
    folder = line.folder("stopped")
    process = line.start("run", table, *SETTINGS, "--generations", 50, "--run-id", "stopped")
    line.held(0)
    line("stop", "stopped")
    if moment != "generation":
        line.let_go(0)
    wait_for(lambda: query(folder, MOMENTS[moment])[0][0], what=f"for {moment}")
    process.kill()
    process.communicate()
    nobody_left(process)
    line.let_go(0)
    assert query(folder, "SELECT result, stop FROM run") == [(None, "stop")]
    choice = query(folder, "SELECT repeats, choice, champion FROM run")
    done = "SELECT * FROM evaluations WHERE state = 'complete' ORDER BY id"
    kept = query(folder, done)
    if moment == "delivery":
        lost = folder / "weights" / f"i{choice[0][2]}-f1-s2.safetensors"
        lost.unlink()

    line("resume", "stopped")

    assert query(folder, "SELECT state, (SELECT count(*) FROM generations) FROM run") == [("complete", 1)]
    result = json.loads(query(folder, "SELECT result FROM run")[0][0])
    assert result["search"]["ended"] == "stopped"
    assert result["search"]["individuals"] == 12
    assert len(events(folder, "search-finished")) == 1
    if moment == "delivery":
        assert query(folder, "SELECT repeats, choice, champion FROM run") == choice
        assert len(events(folder, "retrained")) == 1
        assert lost.exists()
        assert [_told(row) for row in query(folder, done)] == [_told(row) for row in kept]
    assert result["test_looks"] == query(folder, "SELECT test_looks FROM run")[0][0]
    assert result["test_looks"] == (2 if moment == "delivery" else 1)
    sound(folder)


def _told(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """An evaluation without what another training of the same network may change: pack, seconds, memory."""
    return *row[:8], *row[9:12], row[13], *row[15:]


def _kill_after(seconds: float, process: Popen[str], folder: Path, *, group: bool) -> dict[str, int]:
    """Kill the run; give what it had committed just before, all of which must still be there."""
    time.sleep(seconds)
    before = _counts(folder)
    if group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
    nobody_left(process)
    after = _counts(folder)
    assert all(after[name] >= count for name, count in before.items()), (before, after)
    assert query(folder, "PRAGMA integrity_check") == [("ok",)]
    return after


def _counts(folder: Path) -> dict[str, int]:
    counts = {name: query(folder, f"SELECT count(*) FROM {name}")[0][0] for name in TABLES}
    return counts | {"result": query(folder, "SELECT result IS NOT NULL FROM run")[0][0]}


def test_a_resumed_run_tells_nothing_twice(tmp_path: Path, table: Path) -> None:
    line = HostileLine(tmp_path / "workspace", {number: always("nap") for number in range(12)})
    folder = line.folder("told")
    process = line.start("run", table, *SETTINGS, "--run-id", "told")
    wait_for(lambda: events(folder, "rung"), what="for the first rung")
    process.kill()
    process.communicate()
    nobody_left(process)
    assert events(folder, "generation-finished") == []
    line("resume", "told")
    told = query(
        folder,
        "SELECT kind, json_extract(data, '$.generation'), json_extract(data, '$.rung'), count(*) FROM events"
        " WHERE kind IN ('generation-started', 'rung') GROUP BY 1, 2, 3",
    )
    assert told == [
        ("generation-started", 0, None, 1),
        ("generation-started", 1, None, 1),
        ("rung", 0, 0, 1),
        ("rung", 1, 0, 1),
    ]
