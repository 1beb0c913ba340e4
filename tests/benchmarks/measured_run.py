"""One run of Cambrian, a process of its own as a user starts it, and what is seen of it from outside."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
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
    look: Callable[[int, float], None] = lambda process, seconds: None,
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


def lanes_a_pack(shown: Mapping[str, Any]) -> float:
    """The mean number of networks in a tensor program of the search, weighted by epochs."""
    return float(shown["search"]["lanes_per_program"] or 0.0)


def query(database: Path, statement: str) -> list[tuple[Any, ...]]:
    """Rows of a run's database; no cursor stays open."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1.0)) as connection:
        return connection.execute(statement).fetchall()
