"""A `cambrian run` watched from outside: when did a validation loss as low as a given one first appear?

The run is a process of its own, started as a user starts it. Its database is looked at ten times a second
for new epochs, of finished and of running evaluations alike; time counts from the start of the process to
the look that found the value.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DONE, INTERRUPTED = 0, 130
_LOOK = 0.1
_LATEST_END = 120.0
"""Seconds that a run may take to end after its budget, or after it was interrupted."""
_NEW_EPOCHS = """SELECT epochs.rowid, validation_loss, individuals.number, generation, operator, epoch
FROM epochs
JOIN evaluations ON evaluations.id = epochs.evaluation_id
JOIN individuals ON individuals.id = evaluations.individual_id
WHERE epochs.rowid > ? ORDER BY epochs.rowid"""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How Cambrian is started; a holdout, so that its objective is the loss on the rows of fold 0.

    Attributes:
        table: The file.
        target: The column to predict.
        seed: Of the run.
        seconds: Its budget, `--minutes` in seconds.
        workers: Worker processes.
        epochs: Epoch budget; None lets the run choose it.
        alteration: What `altered_cambrian.py` switches off; empty for the command line as it is.
    """

    table: Path
    target: str
    seed: int
    seconds: float
    workers: int
    epochs: int | None = None
    alteration: str = ""

    def command(self, workspace: Path) -> list[str]:
        """The command line."""
        program = (
            [str(HERE / "altered_cambrian.py"), self.alteration] if self.alteration else ["-m", "cambrian"]
        )
        budget = ["--minutes", repr(self.seconds / 60), "--workers", str(self.workers)]
        budget += ["--epochs", str(self.epochs)] if self.epochs else []
        return [
            *(sys.executable, *program, "run", str(self.table), "--target", self.target),
            *(*budget, "--folds", "1", "--split-seed", "0", "--seed", str(self.seed)),
            *("--run-id", "race", "--workspace", str(workspace)),
        ]


@dataclass
class Race:
    """What was seen of a run.

    Attributes:
        reached: Seconds to a loss as low as the target; None if it never came.
        epochs: Epochs of single networks that were seen until then.
        first_epoch: Seconds to the first of them.
        improvements: Seconds, loss, individual, generation, operator and epoch of each best value so far.
    """

    reached: float | None = None
    epochs: int = 0
    first_epoch: float | None = None
    improvements: list[list[Any]] = field(default_factory=list)


def resolve(settings: RunSettings, workspace: Path) -> tuple[Path, dict[str, Any]]:
    """Let a run prepare the data and resolve its settings, then interrupt it.

    Returns:
        The folder of the prepared data, and the settings as JSON.

    Raises:
        SystemExit: The run ended before, or failed.
    """
    with _started(settings, workspace) as (process, database, _):
        while process.poll() is None:
            for (text,) in _rows(database, "SELECT resolved FROM run WHERE resolved IS NOT NULL"):
                return database.parent / "data", json.loads(text)
            time.sleep(_LOOK)
    raise SystemExit(f"the run ended with {process.returncode} before it had resolved its settings")


def race(settings: RunSettings, workspace: Path, target: float) -> dict[str, Any]:
    """Run until the target is reached, or to the run's own end.

    Raises:
        SystemExit: The run failed.
    """
    seen, last = Race(), 0
    with _started(settings, workspace) as (process, database, started):
        while seen.reached is None:
            ended = process.poll() is not None  # before the look: it shall see what came last
            rows = _rows(database, _NEW_EPOCHS, last)
            last = rows[-1][0] if rows else last
            _look(seen, rows, time.monotonic() - started, target)
            if ended:
                break
            time.sleep(_LOOK)
    if process.returncode not in (DONE, INTERRUPTED):
        said = (workspace / "race.log").read_text(encoding="utf-8", errors="replace")[-2000:]
        raise SystemExit(f"the run ended with {process.returncode}:\n{said}")
    return _facts(seen, database)


def _look(seen: Race, rows: Sequence[tuple[Any, ...]], seconds: float, target: float) -> None:
    """Take in the epochs that are new."""
    if rows and seen.first_epoch is None:
        seen.first_epoch = seconds
    seen.epochs += len(rows)
    for _, loss, *where in rows:
        if loss is None:  # it diverged
            continue
        if not seen.improvements or loss < seen.improvements[-1][1]:
            seen.improvements.append([seconds, loss, *where])
        if loss <= target and seen.reached is None:
            seen.reached = seconds


def _facts(seen: Race, database: Path) -> dict[str, Any]:
    ((text, individuals, generations),) = _rows(
        database,
        "SELECT resolved, (SELECT count(*) FROM individuals), (SELECT count(*) FROM generations) FROM run",
    )
    resolved = json.loads(text)
    return {
        "reached": seen.reached,
        "best": seen.improvements[-1][1] if seen.improvements else None,
        "first_epoch": seen.first_epoch,
        "epochs_seen": seen.epochs,
        "individuals": individuals,
        "generations": generations,
        "resolved": {name: resolved[name] for name in ("population", "epochs", "rungs", "buckets", "folds")},
        "improvements": seen.improvements,
    }


@contextmanager
def _started(settings: RunSettings, workspace: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, float]]:
    """The run's process, its database and when it started; interrupted at the end, at last killed."""
    workspace.mkdir(parents=True, exist_ok=True)
    with (workspace / "race.log").open("wb") as log:
        started = time.monotonic()
        process = subprocess.Popen(
            settings.command(workspace), stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            yield process, workspace / "runs" / "race" / "run.db", started
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(_LATEST_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _rows(database: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query; none while the database is not made yet."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5.0)) as connection:
            return connection.execute(query, values).fetchall()
    except sqlite3.OperationalError as error:
        if any(word in str(error) for word in ("unable to open", "no such table")):
            return []
        raise
