"""What a search took, over all executions of its run: a resume goes on counting where the last beat was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from cambrian.run.clock import RunClock
from cambrian.run.packed import Packed


@dataclass(frozen=True, slots=True)
class SearchTimes:
    """Running time of a search.

    Attributes:
        seconds: Of the run.
        worker_seconds: Of all workers together.
        busy_seconds: Of these, while they had a job.
    """

    seconds: float = 0.0
    worker_seconds: float = 0.0
    busy_seconds: float = 0.0

    @classmethod
    def from_json(cls, search: Mapping[str, Any] | None) -> Self:
        """Those of the figures that `SearchMeter` made; none before the first."""
        return cls(*(float((search or {}).get(name, 0.0)) for name in cls.__slots__))


class SearchMeter:
    """Measures a search from now on, on top of what earlier executions stored.

    Args:
        stored: The figures in the database; None before the search began.
        clock: The run's clock.
        busy_seconds: Seconds that the workers of this execution had a job.
        workers: How many there are.
    """

    def __init__(
        self,
        stored: Mapping[str, Any] | None,
        *,
        clock: RunClock,
        busy_seconds: Callable[[], float],
        workers: int,
    ) -> None:
        self._before = SearchTimes.from_json(stored)
        self._clock = clock
        self._busy_seconds = busy_seconds
        self._workers = workers
        self._began = clock.tick(), busy_seconds()

    def figures(self, *, ended: str | None, individuals: int, packed: Packed) -> dict[str, Any]:
        """The figures up to now, as JSON.

        Args:
            ended: Why the search ended; None while it goes on.
            individuals: Those that were evaluated.
            packed: How well they trained together, in earlier executions too.
        """
        seconds = self._clock.tick() - self._began[0]
        times = SearchTimes(
            self._before.seconds + seconds,
            self._before.worker_seconds + seconds * self._workers,
            self._before.busy_seconds + self._busy_seconds() - self._began[1],
        )
        return {
            "ended": ended,
            "individuals": individuals,
            **asdict(times),
            "busy": times.busy_seconds / max(times.worker_seconds, 1e-9),
            **asdict(packed),
            "lanes_per_program": packed.lanes_per_program,
        }
