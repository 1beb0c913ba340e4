"""The runs of a workspace, each read again when its files changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from cambrian.errors import RunError
from cambrian.run.facts import UNREADABLE, RunSummary, asked, bytes_on_disk
from cambrian.run.workspace import RunFolder, Workspace
from cambrian.store.connection import StoreBlockedError
from cambrian.store.reader import RunReader
from cambrian.store.rows import LeaderboardRow, RunRow
from cambrian_desktop.run_reading import Abandoned, breathe, state_now

_FIRST_LISTS = 0.3
"""Seconds between two lists while a workspace of many runs is read for the first time."""
_SIZE_EVERY = 5.0
_REST_FACTOR = 10.0
"""A run that is long to read is read again after so many times the seconds that it took."""


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A run as the list of runs shows it.

    Attributes:
        spark: Best value of the first objective so far, after each generation.
        direction: Of the first objective; empty before it is known.
        bytes: Of all its files.
        result_sentence: The verdict of a complete run, in English; empty before.
        result: The run's result as it was stored; None before.
        task: What is learnt; empty before it is known.
        error: Why it failed; empty otherwise.
        remedy: What to do where it cannot be read.
    """

    summary: RunSummary
    folder: RunFolder
    spark: tuple[float, ...] = ()
    direction: str = ""
    bytes: int = 0
    result_sentence: str = ""
    result: dict[str, Any] | None = None
    task: str = ""
    error: str = ""
    remedy: str = ""


@dataclass(slots=True)
class _Known:
    """What is known of a run, and of which files; `row` is None where they cannot be read."""

    marks: tuple[object, ...]
    entry: RunEntry
    row: RunRow | None
    again: float
    sized: float


class WorkspaceReading:
    """Follows a workspace; belongs to one thread.

    Args:
        workspace: The workspace.
        going: Asked between two runs; False ends a reading with `Abandoned`.
    """

    def __init__(self, workspace: Workspace, going: Callable[[], bool] = lambda: True) -> None:
        self._workspace = workspace
        self._going = going
        self._known: dict[str, _Known] = {}
        self._told: list[RunEntry] | None = None

    def poll(self) -> Iterator[list[RunEntry]]:
        """The list, the latest run first, if it changed; the first time in growing parts.

        Raises:
            Abandoned: `going` said so.
        """
        folders = self._folders()
        told = time.monotonic()
        for count, folder in enumerate(folders):
            if not self._going():
                raise Abandoned
            self._look_at(folder)
            if self._told is None and time.monotonic() - told > _FIRST_LISTS and count + 1 < len(folders):
                told = time.monotonic()
                yield [self._known[each.id].entry for each in folders[: count + 1]]
        ids = {folder.id for folder in folders}
        self._known = {name: known for name, known in self._known.items() if name in ids}
        entries = [self._known[folder.id].entry for folder in folders]
        if entries != self._told:
            self._told = entries
            yield entries

    def _folders(self) -> list[RunFolder]:
        try:
            return self._workspace.folders()[::-1]
        except OSError:  # the disk was taken away: there is no run to be seen
            return []

    def _look_at(self, folder: RunFolder) -> None:
        known, now = self._known.get(folder.id), time.monotonic()
        marks = _marks(folder)
        if known is None or (known.marks != marks and now >= known.again):
            entry, row = entry_of(folder)
            seconds = time.monotonic() - now
            fresh = known is None or now - known.sized > _SIZE_EVERY
            size = bytes_on_disk(folder) if fresh or known is None else known.entry.bytes
            self._known[folder.id] = _Known(
                marks=marks,
                entry=replace(entry, bytes=size),
                row=row,
                again=now + _REST_FACTOR * seconds,
                sized=now if fresh or known is None else known.sized,
            )
            breathe()
        elif known.row is not None and known.row.state.live:
            state = state_now(folder, known.row)
            if state != known.entry.summary.state:
                known.entry = replace(known.entry, summary=replace(known.entry.summary, state=state))


def entry_of(folder: RunFolder) -> tuple[RunEntry, RunRow | None]:
    """A run as the list shows it, without its size, and its row; one that cannot be read says why."""
    try:
        with RunReader(folder.database) as reader:
            row, objectives = reader.run(), reader.objectives()
            generations = len(reader.generations())
            individuals = reader.counts().individuals
            best = reader.best_per_generation()
        state = state_now(folder, row)
    except RunError as error:
        return _unreadable(folder, error.problem, error.remedy), None
    except StoreBlockedError as error:
        return _unreadable(folder, str(error), "Close the program that holds the file."), None
    except Exception as error:  # noqa: BLE001  # whatever a file holds, its user gets a sentence
        problem = f"The run {folder.id} cannot be read: {error}."
        return _unreadable(folder, problem, "Check its folder and its rights."), None
    spark = _best_so_far(best)
    data = asked(row).get("data", {})
    summary = RunSummary(
        id=folder.id,
        state=state,
        file=str(data.get("file", "")),
        target=str(data.get("target", "")),
        generations=generations,
        individuals=individuals,
        objective=objectives[0].name if objectives else "",
        best=spark[-1] if spark else None,
        created=row.created,
    )
    entry = RunEntry(
        summary=summary,
        folder=folder,
        spark=spark,
        direction=objectives[0].direction if objectives else "",
        result_sentence=str((row.result or {}).get("verdict") or ""),
        result=row.result,
        task=str((row.resolved or {}).get("task", "")),
        error=row.error or "",
    )
    return entry, row


def _best_so_far(best: list[LeaderboardRow]) -> tuple[float, ...]:
    """Values of those who led after each generation; who leads is told by the leaderboard's places."""
    values: list[float] = []
    leader: LeaderboardRow | None = None
    for each in best:
        if leader is None or each.place < leader.place:
            leader = each
        values.append(leader.value)
    return tuple(values)


def _unreadable(folder: RunFolder, problem: str, remedy: str) -> RunEntry:
    return RunEntry(RunSummary(folder.id, UNREADABLE, problem=problem), folder, remedy=remedy)


def _marks(folder: RunFolder) -> tuple[object, ...]:
    """What changes whenever something is committed."""
    found: list[object] = []
    for name in ("run.db", "run.db-wal"):
        try:
            facts = (folder.path / name).stat()
            found.append((facts.st_ino, facts.st_mtime_ns, facts.st_size))
        except OSError:
            found.append(None)
    return tuple(found)
