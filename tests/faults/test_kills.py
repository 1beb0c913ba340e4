"""Faults 1 and 2: the run's process, or its whole group, is killed at random moments; nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from subprocess import Popen

import pytest
from hostile_line import SETTINGS, HostileLine, always, nobody_left, sound

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
