"""The run's clock counts running time: neither a suspended machine, a pause nor a resume costs minutes."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

LONGEST_TICK = 5.0
"""Seconds between two ticks above which the machine must have been suspended; no more are counted."""
LONGEST_START = 5.0
"""Seconds from the start of a process to a run at most; more means that a shell became the process."""


def seconds_since_start() -> float:
    """How long this process has lived: interpreter and imports are part of a user's wait."""
    lived = time.time() - float(psutil.Process().create_time())
    return min(max(0.0, lived), LONGEST_START)


class RunClock:
    """Seconds this run has been running, over all its executions.

    Args:
        used: Seconds used before: by earlier executions, and by the start of this process.
        minutes: The budget, or None.
    """

    def __init__(self, *, used: float, minutes: float | None) -> None:
        self._last = time.monotonic()
        self._stands = False
        self.seconds = used
        self.limit = None if minutes is None else minutes * 60.0

    def tick(self) -> float:
        """Count the time since the last tick and return the seconds in all."""
        now = time.monotonic()
        if not self._stands:
            self.seconds += min(now - self._last, LONGEST_TICK)
        self._last = now
        return self.seconds

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Count nothing inside the block."""
        self.tick()
        self._stands = True
        try:
            yield
        finally:
            self.tick()
            self._stands = False

    def left(self) -> float:
        """Seconds left of the budget in minutes; infinite without one."""
        return math.inf if self.limit is None else self.limit - self.tick()
