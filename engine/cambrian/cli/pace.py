"""How long a search counted in generations or individuals will still take, judged by its pace so far."""

from __future__ import annotations

from cambrian.records import RunEvent


class SearchPace:
    """Follows a run's events and estimates when its search ends; pauses do not count.

    The pace is that of this execution alone: what an earlier one did before a resume took no time of it.
    Minutes are no matter of pace: the run's own clock counts them down.
    """

    def __init__(self) -> None:
        self._limits: tuple[int | None, int | None] = (None, None)
        self._began: float | None = None
        self._first = (0, 0)
        self._done = (0, 0)
        self._open = (0, 0)
        self._finished: float | None = None
        self._paused: float | None = None
        self._over = False

    def take(self, event: RunEvent, now: float) -> None:
        """Take an event that came at `now`, in seconds of a monotonic clock."""
        data = event.data
        if event.kind == "run-started":
            self._limits = (data["budget"]["generations"], data["budget"]["evaluations"])
        elif event.kind == "generation-started":
            if self._began is None:
                self._began = now
                self._first = (data["generation"], data["first"])
            self._open = (data["generation"] + 1, data["first"] + data["individuals"])
        elif event.kind == "generation-finished":
            self._done, self._finished = self._open, now
        elif event.kind == "paused":
            self._paused = now
        elif event.kind == "resumed":
            self._go_on(now)
        elif event.kind in ("stopping", "search-finished"):
            self._over = True

    def left(self, now: float) -> float | None:
        """Seconds that the search will still take; None: no such budget, too early, or ending."""
        if self._began is None or self._finished is None or self._over:
            return None
        spent = self._finished - self._began
        ends = [
            spent * (limit - done) / (done - first)
            for limit, done, first in zip(self._limits, self._done, self._first, strict=True)
            if limit is not None and done > first
        ]
        since = (now if self._paused is None else self._paused) - self._finished
        return max(0.0, min(ends) - since) if ends else None

    def _go_on(self, now: float) -> None:
        """Leave the time of a pause out, wherever in a generation it fell."""
        pause = 0.0 if self._paused is None else now - self._paused
        self._paused = None
        self._began = None if self._began is None else self._began + pause
        self._finished = None if self._finished is None else self._finished + pause
