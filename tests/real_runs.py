"""What tests of whole runs share: data, the command line as a real process, what two runs have in common.

Not a conftest: a test module can import it by a name that no other folder has.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SAMPLE = ROOT / "resources" / "samples" / "penguins.csv"

# Facts of a run that depend on (experiment, data, seed, versions) alone; seconds, memory and packs do not.
REPRODUCIBLE = {
    "individuals": "SELECT number, generation, genome, key, species, operator, changed, rung, rank, inherited"
    " FROM individuals ORDER BY number",
    "parents": "SELECT individual_id, position, parent_id FROM parents ORDER BY 1, 2",
    "evaluations": "SELECT individual_id, fold, seed, state, reason, error, rung, epochs, best_epoch,"
    " predicted_bytes, metrics FROM evaluations ORDER BY 1, 2, 3",
    "epochs": "SELECT individual_id, fold, seed, epoch, train_loss, validation_loss, learning_rate"
    " FROM epochs JOIN evaluations ON evaluation_id = evaluations.id ORDER BY 1, 2, 3, 4",
    "rungs": 'SELECT individual_id, fold, seed, rungs.rung, rungs."values", rungs.epochs, ended'
    " FROM rungs JOIN evaluations ON evaluation_id = evaluations.id ORDER BY 1, 2, 3, 4",
    "fitness": "SELECT individual_id, objective, value FROM fitness ORDER BY 1, 2",
    "champion": "SELECT champion FROM run",
}


def assert_no_fault(text: str) -> None:
    """Neither a traceback nor the sentence that stands for one."""
    assert "Traceback" not in text, text
    assert "unexpected error" not in text, text


def environment_with(folder: Path) -> dict[str, str]:
    """The environment in which a child finds a folder's modules, and ours wherever this process did."""
    places = filter(None, [str(folder), os.environ.get("PYTHONPATH")])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class CommandLine:
    """Runs `cambrian` as a user does: as a process of its own, in a workspace of the test."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.environment = {
            **os.environ,
            "CAMBRIAN_WORKSPACE": str(workspace),
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "200",
        }

    def __call__(self, *arguments: object, expect: int | None = 0, timeout: float = 240) -> Finished:
        done = subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert_no_fault(done.stdout + done.stderr)
        if expect is not None:
            assert done.returncode == expect, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return Finished(done.returncode, done.stdout, done.stderr)

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "cambrian", *map(str, arguments)]

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        """Start a command in a session of its own; the caller ends it."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            text=True,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=options.pop("stderr", subprocess.STDOUT),
            **options,
        )

    def folder(self, run_id: str) -> Path:
        return self.workspace / "runs" / run_id


def write_table(path: Path, *, rows: int, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    size, weight = rng.normal(10, 3, rows), rng.lognormal(1, 0.5, rows)
    colour = rng.choice(["red", "green", "blue", ""], rows, p=[0.4, 0.3, 0.2, 0.1])
    score = 0.6 * (size - 10) + np.where(colour == "red", 1.5, -0.5) + np.sin(weight)
    label = np.where(rng.random(rows) < 1 / (1 + np.exp(-2 * score)), "yes", "no")
    with path.open("w", encoding="utf-8") as file:
        file.write("size,weight,colour,label\n")
        for row in zip(size, weight, colour, label, strict=True):
            file.write(f"{row[0]:.4f},{row[1]:.4f},{row[2]},{row[3]}\n")
    return path


def reproducible(folder: Path) -> dict[str, Any]:
    """What two runs of one experiment and seed must have in common."""
    with sqlite3.connect(f"file:{folder / 'run.db'}?mode=ro", uri=True) as connection:
        facts: dict[str, Any] = {
            name: connection.execute(query).fetchall() for name, query in REPRODUCIBLE.items()
        }
        (result,) = connection.execute("SELECT result FROM run").fetchone()
    facts["test"] = json.loads(result)["test"] if result else None
    return facts


def query(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """Rows of a run's database."""
    with sqlite3.connect(f"file:{folder / 'run.db'}?mode=ro", uri=True) as connection:
        return connection.execute(statement).fetchall()


def wait_for(condition: Any, *, timeout: float = 60, what: str = "") -> Any:
    """Wait until the condition gives something true, and return that."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            if value := condition():
                return value
        except (sqlite3.OperationalError, FileNotFoundError, TypeError):
            pass  # not made yet
        time.sleep(0.02)
    raise AssertionError(f"waited {timeout} s in vain {what}")


def session_processes(session: int) -> list[int]:
    """Living processes of a session, zombies left out."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            found.append(int(path.parent.name))
    return found


def kill_quietly(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
