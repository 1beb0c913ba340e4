"""How fast a run goes and when it ends, from the rows of its database alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cambrian.records import RunState, State
from cambrian.run.facts import moment
from cambrian.store.rows import Counts, EventRow, GenerationRow, RunRow
from cambrian_desktop.run_picture import Pace

_WINDOW = 300.0
"""Seconds of running time whose generations tell the pace."""
_NO_RESULT_YET = frozenset({State.WAITING, State.RUNNING})


@dataclass(frozen=True, slots=True)
class PaceFacts:
    """What the pace is told from.

    Attributes:
        sizes: Individuals of each generation, as many as `generations`.
        open_done: Individuals of the generation that trains which train no further.
        training: Lanes that train now.
        busy: Part of their time that workers train.
        runs: Whether the run goes on now, neither paused nor ended.
        budget: Section `budget` of the experiment.
    """

    run: RunRow
    counts: Counts
    generations: Sequence[GenerationRow]
    sizes: Sequence[int]
    events: Sequence[EventRow]
    open_done: int
    training: int
    busy: float | None
    runs: bool
    budget: dict[str, Any]


def pace_of(facts: PaceFacts, now: datetime) -> Pace:
    """The pace at a moment; what stood still (pauses, the time between two executions) does not count."""
    complete = [(row, size) for row, size in zip(facts.generations, facts.sizes, strict=True) if row.finished]
    evaluated = sum(size for _, size in complete) + facts.open_done
    rate = _Rate.of(complete, _standing(facts.events))
    left = _left(facts, rate, evaluated, now)
    counted = facts.counts.evaluations
    return Pace(
        evaluated=evaluated,
        per_minute=None if rate is None else rate.per_minute,
        culled=counted.get(State.PRUNED, 0),
        failed=counted.get(State.FAILED, 0) + counted.get(State.INFEASIBLE, 0),
        used_seconds=facts.run.used_seconds,
        left_seconds=left,
        ends=now.astimezone() + timedelta(seconds=left) if left is not None and facts.runs else None,
        generations_left=_generations_left(facts, rate, evaluated),
        busy=facts.busy,
        training=facts.training,
    )


@dataclass(frozen=True, slots=True)
class _Rate:
    """Seconds of running time and individuals of the latest generations; `until` is when the last ended."""

    seconds: float
    generations: int
    individuals: int
    until: datetime

    @classmethod
    def of(
        cls, complete: Sequence[tuple[GenerationRow, int]], standing: Sequence[tuple[datetime, datetime]]
    ) -> _Rate | None:
        seconds, generations, individuals = 0.0, 0, 0
        for row, size in reversed(complete):
            if seconds >= _WINDOW:
                break
            begin, end = moment(row.started), moment(row.finished or "")
            seconds += max(0.0, (end - begin).total_seconds() - _overlap(begin, end, standing))
            generations, individuals = generations + 1, individuals + size
        if seconds <= 0:
            return None
        return cls(seconds, generations, individuals, moment(complete[-1][0].finished or ""))

    @property
    def per_minute(self) -> float:
        return 60.0 * self.individuals / self.seconds

    @property
    def per_generation(self) -> float:
        return self.seconds / self.generations


def _standing(events: Iterable[EventRow]) -> list[tuple[datetime, datetime]]:
    """The times in which the run stood still, of those that are over."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    last: datetime | None = None
    for event in events:
        at = moment(event.time)
        if event.kind == "paused":
            since = at
        elif event.kind in ("resumed", "stopping") and since is not None:
            found.append((since, at))
            since = None
        elif event.kind == "run-started" and last is not None:
            found.append((since or last, at))
            since = None
        last = at
    return found


def _overlap(begin: datetime, end: datetime, spans: Sequence[tuple[datetime, datetime]]) -> float:
    return sum(max(0.0, (min(end, last) - max(begin, first)).total_seconds()) for first, last in spans)


def _left(facts: PaceFacts, rate: _Rate | None, evaluated: int, now: datetime) -> float | None:
    """Seconds until the end: counted down by a budget in minutes, else told from the pace of the search."""
    ended = (facts.run.search or {}).get("ended")
    if not facts.run.state.live and facts.run.state != RunState.INTERRUPTED:
        return None
    if facts.run.stop is not None or ended not in (None, "time"):
        return None  # finalists, test and model still come; nothing tells how long they take
    ends: list[float] = []
    if (minutes := facts.budget.get("minutes")) is not None:
        ends.append(60.0 * minutes - facts.run.used_seconds)
    if rate is not None and ended is None:
        if (generations := facts.budget.get("generations")) is not None:
            done = sum(row.complete for row in facts.generations)
            ends.append((generations - done) * rate.per_generation - _since(facts, rate, now))
        if (evaluations := facts.budget.get("evaluations")) is not None:
            ends.append((evaluations - evaluated) * 60.0 / rate.per_minute)
    return max(0.0, min(ends)) if ends else None


def _since(facts: PaceFacts, rate: _Rate, now: datetime) -> float:
    """Seconds since the last generation ended, as far as the run went on in them."""
    if not facts.runs:
        now = moment(facts.events[-1].time) if facts.events else rate.until
    standing = _overlap(rate.until, now, _standing(facts.events))
    return max(0.0, (now - rate.until).total_seconds() - standing)


def _generations_left(facts: PaceFacts, rate: _Rate | None, evaluated: int) -> int | None:
    if (facts.run.search or {}).get("ended") is not None or not facts.run.state.live:
        return None
    if facts.run.stop is not None:
        return 0
    left: list[int] = []
    resolved = facts.run.resolved or {}
    if (generations := facts.budget.get("generations")) is not None:
        left.append(generations - len(facts.generations))
    if (evaluations := facts.budget.get("evaluations")) is not None and resolved.get("population"):
        asked = sum(facts.sizes)
        left.append(-(-(evaluations - asked) // int(resolved["population"])))
    if (until := resolved.get("search_until")) is not None and rate is not None:
        left.append(int((until - facts.run.used_seconds) / rate.per_generation))
    return max(0, min(left)) if left else None


def done_of(states: Iterable[tuple[int, State]]) -> int:
    """How many individuals have no lane that waits or trains, of (individual, state) of their lanes."""
    open_ones, all_ones = set(), set()
    for individual, state in states:
        all_ones.add(individual)
        if state in _NO_RESULT_YET:
            open_ones.add(individual)
    return len(all_ones - open_ones)
