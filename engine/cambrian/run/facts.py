"""What is known of a run from outside: its true state, what it was asked, failures, size on disk."""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cambrian.errors import RunError
from cambrian.records import RunState, State

if TYPE_CHECKING:
    from cambrian.run.workspace import RunFolder
    from cambrian.store.reader import RunReader
    from cambrian.store.rows import RunRow

ENDED_UNEXPECTEDLY = "ended unexpectedly"
UNREADABLE = "unreadable"
_SILENCE = timedelta(seconds=60)
"""Without a heartbeat for so long a run is taken as dead where its lock cannot be asked."""
_START = timedelta(seconds=5)
"""A new run has its database before its process holds the lock."""
_NUMBER = re.compile(r"\d[\d.,]*(e[+-]?\d+)?", re.IGNORECASE)
_FAILED = (State.FAILED, State.INFEASIBLE)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A line of `cambrian runs`; `best` is the first objective's value, `problem` why it cannot be read."""

    id: str
    state: str
    file: str = ""
    target: str = ""
    generations: int = 0
    individuals: int = 0
    objective: str = ""
    best: float | None = None
    created: str = ""
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """The summary as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Evaluations that failed alike; `error` is the first one's, numbers in it may differ in the others."""

    state: str
    reason: str | None
    error: str
    count: int


def summarise(folder: RunFolder) -> RunSummary:
    """A run in a line; one whose database cannot be read says so and hides nothing else."""
    from cambrian.store.connection import StoreBlockedError
    from cambrian.store.reader import RunReader

    try:
        with RunReader(folder.database) as reader:
            row, counts, best = reader.run(), reader.counts(), reader.leaderboard(1)
    except RunError as error:
        return RunSummary(folder.id, UNREADABLE, problem=error.problem)
    except StoreBlockedError as error:
        return RunSummary(folder.id, UNREADABLE, problem=str(error))
    data = asked(row).get("data", {})
    return RunSummary(
        id=folder.id,
        state=true_state(folder, row),
        file=str(data.get("file", "")),
        target=str(data.get("target", "")),
        generations=counts.generations,
        individuals=counts.individuals,
        objective=best[0].objective if best else "",
        best=best[0].value if best else None,
        created=row.created,
    )


def true_state(folder: RunFolder, row: RunRow) -> str:
    """The state of the database, or 'ended unexpectedly' where it says alive and no process holds the run."""
    if not row.state.live or _is_alive(folder, row):
        return str(row.state)
    return ENDED_UNEXPECTEDLY


def asked(row: RunRow) -> dict[str, Any]:
    """The experiment as a nested dict; empty if its text is damaged."""
    try:
        return tomllib.loads(row.experiment)
    except tomllib.TOMLDecodeError:
        return {}


def failures(reader: RunReader) -> list[FailureGroup]:
    """Failed and infeasible evaluations grouped by error, the commonest first.

    Reads generation by generation: memory stays flat over a long run.
    """
    if not any(state in reader.counts().evaluations for state in _FAILED):
        return []
    found: Counter[tuple[str, str | None, str]] = Counter()
    examples: dict[tuple[str, str | None, str], str] = {}
    for generation in reader.generations():
        for row in reader.evaluations(generation=generation.number):
            each = row.evaluation
            if each.state in _FAILED:
                error = (each.error or "").strip() or "no error was recorded"
                reason = None if each.reason is None else str(each.reason)
                kind = (str(each.state), reason, _NUMBER.sub("#", error))
                found[kind] += 1
                examples.setdefault(kind, error)
    return [FailureGroup(*kind[:2], examples[kind], count) for kind, count in found.most_common()]


def busy_share(row: RunRow, reader: RunReader) -> float | None:
    """The part of their time that the workers trained in the search, over all executions.

    Before the search, of their time in this execution.
    """
    searched = (row.result or {}).get("search") or row.search or {}
    if "busy" in searched:
        return float(searched["busy"])
    workers = reader.workers()
    seconds = sum((moment(each.updated) - moment(each.started)).total_seconds() for each in workers)
    return min(1.0, sum(each.busy_seconds for each in workers) / seconds) if seconds > 0 else None


def bytes_on_disk(folder: RunFolder) -> int:
    """Bytes of all files of a run; those that vanish meanwhile do not count."""
    total = 0
    for parent, _, names in os.walk(folder.path):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:
                continue  # a parked lane was cleared
    return total


def moment(text: str) -> datetime:
    """A time of the database; the beginning of time if it is damaged."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _is_alive(folder: RunFolder, row: RunRow) -> bool:
    from cambrian.store.lock import RunLock

    silent = datetime.now(UTC) - moment(row.heartbeat)
    try:
        held = RunLock(folder.path).is_held()
    except OSError:  # another user's folder, or a read-only disk
        return silent < _SILENCE
    return held or (row.state is RunState.PREPARING and row.started is None and silent < _START)
