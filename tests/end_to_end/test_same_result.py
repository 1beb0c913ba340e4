"""Same seed, same result: whatever the number of workers, and after every kind of kill and resume."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from real_runs import CommandLine, query, reproducible, session_processes, wait_for, write_table

SETTINGS = ("--generations", 4, "--population", 12, "--epochs", 8, "--seed", 7)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(tmp_path_factory.mktemp("same") / "workspace")


@pytest.fixture(
    scope="module",
    params=[pytest.param(300, id="small"), pytest.param(6000, id="mid", marks=pytest.mark.long)],
)
def table(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("same") / "table.csv", rows=request.param)


@pytest.fixture(scope="module")
def undisturbed(line: CommandLine, table: Path) -> Path:
    run_id = f"undisturbed-{table.parent.name}"
    line("run", table, "--target", "label", *SETTINGS, "--workers", 2, "--run-id", run_id)
    return line.folder(run_id)


def test_the_reference_run_has_everything(undisturbed: Path) -> None:
    facts = reproducible(undisturbed)
    assert len(facts["individuals"]) == 48
    assert facts["epochs"]
    assert facts["test"]["scores"]["champion"]["log_loss"]["value"] > 0


def test_one_worker_gives_the_same_as_two(line: CommandLine, table: Path, undisturbed: Path) -> None:
    run_id = f"one-{table.parent.name}"
    line("run", table, "--target", "label", *SETTINGS, "--workers", 1, "--run-id", run_id)
    assert reproducible(line.folder(run_id)) == reproducible(undisturbed)


@pytest.mark.parametrize("group", [False, True], ids=["process", "group"])
def test_a_killed_run_ends_as_an_undisturbed_one(
    line: CommandLine, table: Path, undisturbed: Path, group: bool
) -> None:
    run_id = f"killed-{group}-{table.parent.name}"
    folder = line.folder(run_id)
    process = line.start("run", table, "--target", "label", *SETTINGS, "--workers", 2, "--run-id", run_id)
    wait_for(
        lambda: query(
            folder,
            "SELECT 1 FROM rungs JOIN evaluations ON evaluation_id = evaluations.id"
            " JOIN individuals ON individual_id = individuals.id WHERE generation = 2",
        ),
        timeout=180,
        what="for the third generation",
    )
    if group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
    wait_for(lambda: not session_processes(process.pid), timeout=15, what="for the workers to go")
    assert query(folder, "SELECT result FROM run") == [(None,)]
    assert query(folder, "PRAGMA integrity_check") == [("ok",)]
    line("resume", run_id)
    assert reproducible(folder) == reproducible(undisturbed)
    assert not list(folder.rglob("*.tmp"))
