"""A clock that counts running time: it stands still while the machine or the process group is suspended."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_STEP = 1.0
"""Seconds that one tick counts at most: a longer gap means suspension, or that nobody looked."""


class RunningClock:
    """Seconds of running time since it was made; tick it at least once a second while work is going on.

    Args:
        source: The clock underneath, in seconds; monotonic.
    """

    def __init__(self, source: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._last = source()
        self._seconds = 0.0

    @property
    def seconds(self) -> float:
        """Running time up to the last tick."""
        return self._seconds

    def tick(self) -> float:
        """Count the time since the last tick, at most `LONGEST_STEP`, and return the running time."""
        now = self._source()
        self._seconds += min(max(now - self._last, 0.0), LONGEST_STEP)
        self._last = now
        return self._seconds
