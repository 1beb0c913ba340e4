"""A pack: lanes that train together, epoch by epoch, each as if it were alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from cambrian.records import EpochRecord, LaneStatus
from cambrian.training.lanes import LaneState
from cambrian.training.live import LiveLane
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec


class PackTrainer:
    """Trains lanes together; rungs, refilling, resuming, copying and inheriting are made of its three verbs.

    A lane's weights and records depend neither on its neighbours nor on how often it was removed and added.

    Args:
        lanes: Lanes to begin with, numbered from 0 in this order.
        rows: Gives each (fold, preprocessing) its rows, on `device`.
        device: Where the lanes live.

    Raises:
        ValueError: The rows lie on another device.
    """

    def __init__(
        self, lanes: Sequence[LaneSpec | LaneState], rows: TrainingRows, device: torch.device
    ) -> None:
        if rows.device != device:
            raise ValueError(f"the rows lie on {rows.device}, not on {device}")
        self._rows = rows
        self._lanes: dict[int, LiveLane] = {}
        self._next = 0
        for lane in lanes:
            self.add(lane)

    @property
    def live(self) -> tuple[int, ...]:
        """The lanes that train on; an ended one idles until it is removed."""
        return tuple(handle for handle, lane in self._lanes.items() if lane.status is LaneStatus.RUNNING)

    def add(self, lane: LaneSpec | LaneState) -> int:
        """Take in a lane from its first epoch or from where it stood; its number is never used again."""
        handle = self._next
        self._next += 1
        self._lanes[handle] = LiveLane(handle, lane, self._rows)
        return handle

    def advance(self, epochs: int = 1) -> list[EpochRecord]:
        """Train every live lane for `epochs` epochs; records come epoch by epoch, lanes in order.

        A lane that diverges gets its record like any other (a loss may be NaN or infinite there) and idles.
        """
        return [self._lanes[handle].epoch() for _ in range(epochs) for handle in self.live]

    def remove(self, handle: int) -> LaneState:
        """Take a lane out; the state continues it bit for bit, here or in another process.

        Raises:
            KeyError: There is no such lane, or it was removed before.
        """
        return self._lanes.pop(handle).state()
