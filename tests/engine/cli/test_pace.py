"""The estimate of the time that a search counted in generations or individuals still takes."""

from __future__ import annotations

import pytest

from cambrian.cli.pace import SearchPace
from cambrian.experiment import Budget
from cambrian.records import RunEvent


def event(kind: str, **data: object) -> RunEvent:
    return RunEvent(kind, kind, data)


def following(budget: Budget) -> SearchPace:
    pace = SearchPace()
    pace.take(event("run-started", budget=budget.model_dump()), 0.0)
    return pace


def generation(pace: SearchPace, number: int, *, begins: float, ends: float, individuals: int = 10) -> None:
    started = event("generation-started", generation=number, first=10 * number, individuals=individuals)
    pace.take(started, begins)
    pace.take(event("generation-finished"), ends)


@pytest.mark.parametrize("budget", [Budget(generations=6), Budget(evaluations=60)])
def test_it_goes_by_the_pace_so_far_and_counts_down(budget: Budget) -> None:
    pace = following(budget)
    assert pace.left(3.0) is None
    generation(pace, 0, begins=5.0, ends=9.0)
    generation(pace, 1, begins=9.0, ends=13.0)
    assert pace.left(13.0) == pytest.approx(16.0)
    assert pace.left(18.0) == pytest.approx(11.0)
    assert pace.left(1000.0) == 0.0
    generation(pace, 2, begins=13.0, ends=23.0)
    assert pace.left(23.0) == pytest.approx(18.0)
    pace.take(event("search-finished"), 23.0)
    assert pace.left(23.0) is None


def test_the_limit_that_comes_first_decides() -> None:
    pace = following(Budget(generations=100, evaluations=30))
    generation(pace, 0, begins=0.0, ends=2.0)
    assert pace.left(2.0) == pytest.approx(4.0)


def test_a_resumed_run_is_judged_by_what_it_did_itself() -> None:
    pace = following(Budget(generations=10))
    generation(pace, 7, begins=1.0, ends=4.0)
    assert pace.left(4.0) == pytest.approx(6.0)


def test_a_pause_does_not_count() -> None:
    pace = following(Budget(generations=3))
    generation(pace, 0, begins=0.0, ends=4.0)
    pace.take(event("paused"), 5.0)
    assert pace.left(50.0) == pytest.approx(7.0)
    pace.take(event("resumed"), 105.0)
    assert pace.left(105.0) == pytest.approx(7.0)
    generation(pace, 1, begins=104.0, ends=108.0)
    assert pace.left(108.0) == pytest.approx(4.0)


def test_without_such_a_budget_and_once_it_stops_nothing_is_said() -> None:
    pace = following(Budget(minutes=3.0))
    generation(pace, 0, begins=0.0, ends=4.0)
    assert pace.left(4.0) is None
    pace = following(Budget(generations=9))
    generation(pace, 0, begins=0.0, ends=4.0)
    pace.take(event("stopping"), 5.0)
    assert pace.left(5.0) is None
