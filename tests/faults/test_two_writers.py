"""Faults 20 and 21: two processes want one run, or one workspace; a dead writer's lock is taken over."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from hostile_line import SETTINGS, HostileLine, always, ended, nobody_left, sound, state

from real_runs import CommandLine, query, reproducible, wait_for


def test_one_process_is_the_run_and_a_dead_one_is_succeeded(
    tmp_path: Path, table: Path, undisturbed: Path
) -> None:
    line = HostileLine(tmp_path / "workspace", {0: always("wait")})
    folder = line.folder("wanted")
    first = line.start("run", table, *SETTINGS, "--run-id", "wanted")
    line.held(0)
    holder = json.loads((folder / "run.holder.json").read_text())
    assert holder["pid"] == first.pid
    refused = line("resume", "wanted", expect=2, timeout=30)
    assert f"Run wanted is held by process {first.pid} on host {holder['host']}" in refused.err
    assert f"since {holder['since']}" in refused.err
    refused = line("repair", "wanted", expect=2, timeout=30)
    assert f"Run wanted is held by process {first.pid} on host {holder['host']}" in refused.err
    again = line("run", table, *SETTINGS, "--run-id", "wanted", expect=2, timeout=30)
    assert "The run wanted exists already" in again.err
    assert first.poll() is None
    assert state(folder) == "running"
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    nobody_left(first)
    assert json.loads((folder / "run.holder.json").read_text()) == holder  # left behind
    line.let_go(0)
    # Two successors at once: one becomes the run, the other is told who that is.
    both = [line.start("resume", "wanted") for _ in range(2)]
    results = [ended(process, within=120) for process in both]
    assert sorted(status for status, _ in results) == [0, 2]
    winner = both[[status for status, _ in results].index(0)]
    loser = next(out for status, out in results if status == 2)
    assert f"held by process {winner.pid}" in loser
    assert not (folder / "run.holder.json").exists()
    assert reproducible(folder) == reproducible(undisturbed)
    sound(folder)


def test_two_runs_in_one_workspace_at_once(tmp_path: Path, table: Path, undisturbed: Path) -> None:
    line = CommandLine(tmp_path / "workspace")
    processes = [line.start("run", table, *SETTINGS, "--run-id", name) for name in ("left", "right")]
    wait_for(lambda: all(state(line.folder(name)) == "running" for name in ("left", "right")))
    for process in processes:
        status, out = ended(process, within=120)
        assert status == 0, out
    for name in ("left", "right"):
        assert reproducible(line.folder(name)) == reproducible(undisturbed)
        sound(line.folder(name))


def test_of_two_that_make_one_run_at_once_one_is_refused(tmp_path: Path, table: Path) -> None:
    line = CommandLine(tmp_path / "workspace")
    short = ("--target", "label", "--generations", 1, "--population", 4, "--epochs", 1, "--folds", 2)
    processes = [line.start("run", table, *short, "--run-id", "same") for _ in range(2)]
    results = [ended(process, within=120) for process in processes]
    assert sorted(status for status, _ in results) == [0, 2], results
    loser = next(out for status, out in results if status == 2)
    assert "exists already" in loser or "is held by process" in loser
    assert query(line.folder("same"), "SELECT state FROM run") == [("complete",)]
    sound(line.folder("same"))
