"""The run's clock: running time only, so that neither a suspended machine nor a resume costs minutes."""

from __future__ import annotations

import math
import time

import psutil

LONGEST_TICK = 5.0
"""Seconds between two ticks above which the machine must have been suspended; no more are counted."""


class RunClock:
    """Seconds this run has been running, over all its resumes, from the start of the process.

    Args:
        used: Seconds used by earlier executions of the run.
        minutes: The budget, or None.
    """

    def __init__(self, *, used: float, minutes: float | None) -> None:
        self._last = time.monotonic()
        # The budget counts from the start of the process: interpreter and imports are part of the wait.
        started = max(0.0, time.time() - psutil.Process().create_time())
        self.seconds = used + min(started, 30.0)
        self.limit = None if minutes is None else minutes * 60.0

    def tick(self) -> float:
        """Count the time since the last tick and return the seconds in all."""
        now = time.monotonic()
        self.seconds += min(now - self._last, LONGEST_TICK)
        self._last = now
        return self.seconds

    def left(self) -> float:
        """Seconds left of the budget in minutes; infinite without one."""
        return math.inf if self.limit is None else self.limit - self.tick()
