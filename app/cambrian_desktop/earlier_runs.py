"""What earlier runs of the workspace tell of this machine's speed: figures of their searches."""

from __future__ import annotations

from dataclasses import dataclass

from cambrian.errors import RunError
from cambrian.run.facts import asked
from cambrian.run.workspace import RunFolder, Workspace
from cambrian.store.connection import StoreBlockedError
from cambrian.store.reader import RunReader

_LATEST = 12
"""Runs that are looked at, the latest first."""
_LEAST_LANE_EPOCHS = 50
"""A search that trained less tells nothing of the speed."""


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """The figures of one search.

    Attributes:
        id: The run's.
        file: Its table, in full.
        target: Its target.
        rows: Training rows of a fold, at most those of an epoch.
        inputs: Inputs of the networks.
        lane_epochs: Epochs of single networks that it trained.
        worker_seconds: Seconds of all workers together.
    """

    id: str
    file: str
    target: str
    rows: int
    inputs: int
    lane_epochs: int
    worker_seconds: float

    @property
    def epoch_seconds(self) -> float:
        """Seconds that one worker needed for one epoch of one network."""
        return self.worker_seconds / self.lane_epochs


def earlier_runs(workspace: Workspace) -> list[EarlierRun]:
    """The latest runs whose search tells of the speed, the latest first; unreadable ones are left out.

    Opens databases: not for the thread of the window.
    """
    found = [_figures(folder) for folder in reversed(workspace.folders()[-_LATEST:])]
    return [run for run in found if run is not None]


def _figures(folder: RunFolder) -> EarlierRun | None:
    try:
        with RunReader(folder.database) as reader:
            row = reader.run()
    except (RunError, StoreBlockedError):
        return None
    search, resolved = row.search or {}, row.resolved or {}
    data = asked(row).get("data", {})
    try:
        run = EarlierRun(
            id=folder.id,
            file=str(data.get("file", "")),
            target=str(data.get("target", "")),
            rows=min(int(resolved["rows"]), int(resolved["rows_per_epoch"])),
            inputs=int(resolved.get("inputs") or 0),
            lane_epochs=int(search["lane_epochs"]),
            worker_seconds=float(search["worker_seconds"]),
        )
    except (KeyError, TypeError, ValueError):  # its search has not begun, or its database is damaged
        return None
    return run if run.lane_epochs >= _LEAST_LANE_EPOCHS and run.worker_seconds > 0 else None
