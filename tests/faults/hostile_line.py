"""The command line with workers that misbehave on purpose, and what a disturbed run must keep."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from pathlib import Path
from subprocess import Popen
from typing import Any

from real_runs import CommandLine, assert_no_fault, environment_with, query, session_processes, wait_for

HERE = Path(__file__).parent
SETTINGS = (
    *("--target", "label", "--generations", 2, "--population", 12, "--epochs", 4),
    *("--folds", 2, "--seed", 7, "--workers", 2),
)
EXPERIMENT = """
seed = 7
data = {{ file = "{table}", target = "label" }}
split = {{ folds = 2 }}
search = {{ population = {population}, epochs = {epochs} }}
budget = {{ generations = {generations} }}
execution = {{ workers = 2 }}
limits = {{ {limits} }}
"""
"""By default the same as `SETTINGS`, with limits."""

Plan = dict[int, dict[str, Any]]


def always(act: str) -> dict[str, Any]:
    return {"do": act}


def once(act: str) -> dict[str, Any]:
    return {"do": act, "times": 1}


class HostileLine(CommandLine):
    """`cambrian` whose workers follow a plan: individual -> how it misbehaves (see `hostile_jobs`)."""

    def __init__(self, workspace: Path, plan: Plan) -> None:
        super().__init__(workspace)
        self.acts = workspace.parent / f"{workspace.name}-acts"
        self.acts.mkdir(parents=True, exist_ok=True)
        self.environment |= {
            "PYTHONPATH": environment_with(HERE)["PYTHONPATH"],
            "CAMBRIAN_HOSTILE": json.dumps(plan),
            "CAMBRIAN_HOSTILE_FOLDER": str(self.acts),
        }

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, str(HERE / "hostile_run.py"), *map(str, arguments)]

    def held(self, number: int) -> int:
        """Wait until the individual waits in a worker; give the worker's pid."""
        path = self.acts / f"{number}.pid"
        pid = int(wait_for(path.read_text, what=f"for individual {number}"))
        path.unlink()
        return pid

    def let_go(self, number: int) -> None:
        (self.acts / f"{number}.go").touch()

    def acted(self, number: int, times: int = 1) -> None:
        """Wait until the individual has misbehaved so often."""
        wait_for(
            lambda: len(list(self.acts.glob(f"{number}.done-*"))) >= times, what=f"for individual {number}"
        )


def experiment_file(
    path: Path, table: Path, *, population: int = 12, epochs: int = 4, generations: int = 2, **limits: float
) -> Path:
    text = ", ".join(f"{name} = {value}" for name, value in limits.items())
    sizes = {"population": population, "epochs": epochs, "generations": generations}
    path.write_text(EXPERIMENT.format(table=table, limits=text, **sizes))
    return path


def ended(process: Popen[str], *, within: float) -> tuple[int, str]:
    """Exit status and output of a command that must end soon, and with it every process of its session."""
    started = time.monotonic()
    try:
        out, _ = process.communicate(timeout=within)
    finally:
        process.kill()
    assert time.monotonic() - started <= within
    nobody_left(process)
    assert_no_fault(out or "")
    return process.returncode, out or ""


def nobody_left(process: Popen[str]) -> None:
    wait_for(lambda: not session_processes(process.pid), timeout=15, what="for the workers to go")


def sound(folder: Path) -> None:
    """The database is whole and nothing temporary lies about."""
    assert query(folder, "PRAGMA integrity_check") == [("ok",)]
    assert query(folder, "PRAGMA foreign_key_check") == []
    assert not [
        path for path in folder.rglob("*") if path.name.endswith(".tmp") or ".unfinished-" in path.name
    ]


def state(folder: Path) -> str:
    return str(query(folder, "SELECT state FROM run")[0][0])


def rows(folder: Path, number: int) -> list[sqlite3.Row]:
    """The evaluations of an individual, fold by fold."""
    with sqlite3.connect(f"file:{folder / 'run.db'}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(
            "SELECT * FROM evaluations WHERE individual_id = ? ORDER BY fold, seed", (number + 1,)
        ).fetchall()


def events(folder: Path, kind: str) -> list[str]:
    """Messages of the events of a kind."""
    return [message for found, message in query(folder, "SELECT kind, message FROM events") if found == kind]
