"""The pace of a run and its end, told from rows alone; what stood still does not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cambrian.records import RunState
from cambrian.store.rows import Counts, EventRow, GenerationRow, RunRow
from cambrian_desktop.run_pace import PaceFacts, pace_of
from cambrian_desktop.run_picture import Pace

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
RUN = RunRow(
    id="run",
    state=RunState.RUNNING,
    heartbeat="",
    created="",
    started="",
    finished=None,
    seed=0,
    champion=None,
    error=None,
    used_seconds=100.0,
    experiment="",
    versions={},
    resolved={"population": 64},
    baselines=None,
    result=None,
    stop=None,
    search=None,
    repeats=None,
    choice=None,
    test_looks=0,
)


def at(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).isoformat()


def event(number: int, seconds: float, kind: str) -> EventRow:
    return EventRow(number, at(seconds), kind, "", {})


def pace(
    *ends: tuple[float, float],
    budget: dict[str, Any],
    now: float,
    events: tuple[EventRow, ...] = (),
    run: RunRow = RUN,
    runs: bool = True,
    open_done: int = 0,
) -> Pace:
    """Of a run whose complete generations of 64 began and ended at these seconds; a further one trains."""
    complete = [GenerationRow(place, True, at(a), at(b), None) for place, (a, b) in enumerate(ends)]
    training = GenerationRow(len(ends), False, at(ends[-1][1] if ends else 0), None, None)
    facts = PaceFacts(
        run=run,
        counts=Counts(
            len(ends) + 1, 64 * (len(ends) + 1), {"pruned": 40, "failed": 2, "infeasible": 1}, 0, 0
        ),
        generations=[*complete, training],
        sizes=[64] * (len(ends) + 1),
        events=events,
        open_done=open_done,
        training=5,
        busy=0.9,
        runs=runs,
        budget=budget,
    )
    return pace_of(facts, BEGIN + timedelta(seconds=now))


def test_nothing_is_told_before_the_first_generation_ended() -> None:
    found = pace(budget={"generations": 10}, now=5, open_done=3)
    assert (found.per_minute, found.left_seconds, found.ends) == (None, None, None)
    assert (found.evaluated, found.culled, found.failed) == (3, 40, 3)
    assert found.generations_left == 9


def test_generations_are_counted_down_by_their_pace() -> None:
    found = pace((0, 20), (20, 40), budget={"generations": 10}, now=45, open_done=6)
    assert found.per_minute == pytest.approx(64 * 60 / 20)
    assert found.left_seconds == pytest.approx(8 * 20 - 5)
    assert found.ends == BEGIN + timedelta(seconds=45 + 155)
    assert (found.generations_left, found.evaluated) == (7, 134)


def test_individuals_are_counted_down_by_their_pace() -> None:
    found = pace((0, 20), (20, 40), budget={"evaluations": 320}, now=40)
    assert found.left_seconds == pytest.approx((320 - 128) * 20 / 64)
    assert found.generations_left == 2


def test_minutes_are_the_clocks_own_and_the_first_limit_counts() -> None:
    assert pace(budget={"minutes": 10}, now=5).left_seconds == pytest.approx(500)
    both = pace((0, 20), budget={"minutes": 10, "generations": 3}, now=20)
    assert both.left_seconds == pytest.approx(40)
    searched = replace(RUN, resolved={"population": 64, "search_until": 180.0})
    assert pace((0, 20), budget={"minutes": 10}, now=20, run=searched).generations_left == 4


def test_a_pause_and_the_time_between_two_executions_do_not_count() -> None:
    events = (
        event(1, 0, "run-started"),
        event(2, 10, "paused"),
        event(3, 60, "resumed"),
        event(4, 70, "generation-started"),
        event(5, 500, "run-started"),
    )
    found = pace((0, 70), (70, 520), budget={"generations": 4}, now=525, events=events)
    assert found.per_minute == pytest.approx(2 * 64 * 60 / 40)  # 20 s each
    assert found.left_seconds == pytest.approx(2 * 20 - 5)


def test_a_run_that_stands_has_no_end_and_keeps_what_is_left() -> None:
    events = (event(1, 0, "run-started"), event(2, 25, "paused"))
    found = pace((0, 20), budget={"generations": 3}, now=5000, events=events, runs=False)
    assert found.ends is None
    assert found.left_seconds == pytest.approx(2 * 20 - 5)


@pytest.mark.parametrize(
    "run",
    [
        replace(RUN, stop="stop-now"),
        replace(RUN, search={"ended": "stopped"}),
        replace(RUN, search={"ended": "budget"}),
        replace(RUN, state=RunState.COMPLETE),
        replace(RUN, state=RunState.FAILED),
    ],
)
def test_a_search_that_is_over_before_its_time_leaves_no_time_to_tell(run: RunRow) -> None:
    budget = {"minutes": 600, "generations": 50}
    assert pace((0, 20), budget=budget, now=25, run=run).left_seconds is None


def test_only_the_latest_generations_tell_the_pace() -> None:
    slow = [(place * 100.0, place * 100.0 + 100) for place in range(10)]
    fast = [(1000 + place * 50.0, 1050 + place * 50.0) for place in range(6)]
    assert pace(*slow, *fast, budget={}, now=1300).per_minute == pytest.approx(64 * 60 / 50)
