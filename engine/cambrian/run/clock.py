"""The run's clock counts running time: neither a suspended machine, a pause nor a resume costs minutes."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

KNOWS_SUSPENSION = hasattr(time, "CLOCK_BOOTTIME") or hasattr(time, "CLOCK_UPTIME_RAW")
"""Whether `time.monotonic` leaves out a suspension of the machine (Linux, macOS: another clock counts it)."""
LONGEST_TICK = 5.0
"""Seconds that are counted at most between two ticks where a suspension may lie between them."""
SIGNAL_SECONDS = 0.2
"""How long a late tick waits for the signal that says why: any thread may be the one that receives it."""
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
        self._stopped = False
        self.seconds = used
        self.limit = None if minutes is None else minutes * 60.0

    def tick(self) -> float:
        """Count the time since the last tick and return the seconds in all.

        What keeps the run from its ticks, such as a disk that stalls, is time that the user waits: it counts.
        """
        now = time.monotonic()
        passed = now - self._last
        if passed > LONGEST_TICK and not self._stopped:
            time.sleep(SIGNAL_SECONDS)
        if self._stopped or not KNOWS_SUSPENSION:
            passed = min(passed, LONGEST_TICK)
        if not self._stands:
            self.seconds += passed
        self._last, self._stopped = now, False
        return self.seconds

    def continued(self) -> None:
        """The process had been stopped (SIGSTOP, Ctrl-Z) and goes on; safe in a signal handler."""
        self._stopped = True

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
