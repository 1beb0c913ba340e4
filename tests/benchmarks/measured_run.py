"""One run of Cambrian, a process of its own as a user starts it, and what is seen of it from outside."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUN_ID = "measured"
LOOK = 0.05
"""Seconds between two looks into the database of a run."""


@dataclass
class SeenRun:
    """A run that ended.

    Attributes:
        status: Its exit status.
        seconds: From the start of its process to its end.
        events: Each with the seconds after the start at which it came.
        shown: What `cambrian show --json` says of it; empty if there is nothing to show.
        database: Its database.
    """

    status: int
    seconds: float
    events: list[tuple[float, dict[str, Any]]]
    shown: Mapping[str, Any]
    database: Path

    def at(self, kind: str) -> float:
        """When the first event of this kind came; the end of the run if none did."""
        return next((seconds for seconds, event in self.events if event["event"] == kind), self.seconds)


def database_of(workspace: Path) -> Path:
    """Where the run of a workspace writes its facts."""
    return workspace / "runs" / RUN_ID / "run.db"


def measured_run(
    table: Path,
    settings: Sequence[object],
    workspace: Path,
    *,
    look: Callable[[int, float], None],
    every: float = LOOK,
    may_fail: bool = False,
) -> SeenRun:
    """Run Cambrian on a table and look at it until it ends.

    Args:
        table: The file.
        settings: Options of `cambrian run`, the target among them.
        workspace: A folder for the run alone.
        look: Called with the id of the run's process and the seconds since its start.
        every: Seconds between two looks.
        may_fail: Whether a run that fails is a result too.

    Raises:
        SystemExit: The run failed, and may not.
    """
    environment = {**os.environ, "CAMBRIAN_WORKSPACE": str(workspace)}
    command = [sys.executable, "-m", "cambrian"]
    asked = ["run", str(table), *map(str, settings), "--run-id", RUN_ID, "--json"]
    started = time.monotonic()
    process = subprocess.Popen(
        [*command, *asked], env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    events: list[tuple[float, dict[str, Any]]] = []
    listener = threading.Thread(target=_listen, args=(process, started, events))
    listener.start()
    try:
        _look_until_end(process, started, look, every)
    finally:
        if process.poll() is None:
            process.terminate()
        status = process.wait()
        listener.join()
    seconds = time.monotonic() - started
    if status != 0 and not may_fail:
        raise SystemExit(f"`cambrian {' '.join(asked)}` ended with status {status}")
    show = [*command, "show", RUN_ID, "--json"]
    shown = subprocess.run(
        show, env=environment, check=not may_fail, capture_output=True, text=True, encoding="utf-8"
    )
    return SeenRun(status, seconds, events, json.loads(shown.stdout or "{}"), database_of(workspace))


def _listen(
    process: subprocess.Popen[str], started: float, events: list[tuple[float, dict[str, Any]]]
) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        events.append((time.monotonic() - started, json.loads(line)))


def _look_until_end(
    process: subprocess.Popen[str], started: float, look: Callable[[int, float], None], every: float
) -> None:
    due = time.monotonic()
    while process.poll() is None:
        look(process.pid, time.monotonic() - started)
        due = max(due + every, time.monotonic())  # a look that took longer is not made up for
        with suppress(subprocess.TimeoutExpired):
            process.wait(due - time.monotonic())


class PackWatch:
    """Which lanes of a search trained together, seen while the run writes its database.

    The database keeps of a lane only its latest pack, so each rung must be seen before the next is reported.
    A pack here is a job of a worker: lanes of one species, sent together.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._packs: dict[tuple[int, int], str] = {}

    def look(self, process: int = 0, seconds: float = 0.0) -> None:
        """Note the packs of the lanes of the last two generations."""
        with suppress(sqlite3.Error):  # it is not made yet
            rows = query(
                self._database,
                "SELECT id, rung, pack FROM evaluations WHERE pack IS NOT NULL AND seed = 0"
                " AND individual_id >= (SELECT min(id) FROM individuals"
                " WHERE generation >= (SELECT max(id) FROM generations) - 1)",
            )
            self._packs |= {(lane, rung): pack for lane, rung, pack in rows}

    def facts(self) -> dict[str, float]:
        """`lanes_a_pack`, the mean over the epochs of all packs that were seen.

        `packs_seen` says which part of the search's epochs they trained.
        """
        trained = lane_epochs(self._database)
        packs: defaultdict[str, list[int]] = defaultdict(list)
        for part, epochs in trained.items():
            if part in self._packs:
                packs[self._packs[part]].append(epochs)
        seen = sum(sum(epochs) for epochs in packs.values())
        return {
            "lanes_a_pack": seen / max(1, sum(max(epochs) for epochs in packs.values())),
            "packs_seen": seen / max(1, sum(trained.values())),
        }


def lane_epochs(database: Path) -> dict[tuple[int, int], int]:
    """Epochs that each lane of a search trained for each rung it reached, by evaluation and rung."""
    rows = query(
        database,
        "SELECT evaluation_id, rungs.rung, rungs.epochs FROM rungs"
        " JOIN evaluations ON evaluations.id = evaluation_id WHERE seed = 0 ORDER BY 1, 2",
    )
    before: dict[int, int] = {}
    trained = {}
    for lane, rung, epochs in rows:
        trained[lane, rung] = epochs - before.get(lane, 0)
        before[lane] = epochs
    return trained


def query(database: Path, statement: str) -> list[tuple[Any, ...]]:
    """Rows of a run's database; no cursor stays open."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1.0)) as connection:
        return connection.execute(statement).fetchall()
