"""What the page Live says of a run: true in every state."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from live_pictures import AUC, RMSE, event, individual, picture, run_row

from cambrian.records import Change
from cambrian.run.facts import ENDED_UNEXPECTEDLY
from cambrian_desktop.views import live_words
from cambrian_desktop.views.live_series import Series, lineage

pytestmark = pytest.mark.usefixtures("app")


def test_the_best_is_compared_with_the_baseline() -> None:
    seen = picture([(4.0,), (5.0,), (6.0,), None], baseline=("boosting", 5.0))
    figures = live_words.best_figures(seen)
    assert (figures.number, figures.comparison, figures.tone) == (
        "4.000",
        "20% below gradient boosting (5.000)",
        "good",
    )
    worse = live_words.best_figures(replace(seen, baseline=("linear", 2.0)))
    assert (worse.comparison, worse.tone) == ("100% above linear model (2.000)", "warn")
    assert live_words.best_figures(replace(seen, baseline=("linear", 4.0))).comparison.startswith("equal to")


def test_higher_is_better_is_a_difference_not_a_percentage() -> None:
    seen = picture([(0.9,), (0.8,), (0.7,), (0.6,)], (AUC,), baseline=("linear", 0.85))
    figures = live_words.best_figures(seen)
    assert figures.comparison == "0.0500 above linear model (0.8500)"
    assert figures.tone == "good"


def test_without_a_value_it_says_so() -> None:
    assert live_words.best_figures(picture([])).comparison == "known after the first generation"
    assert live_words.best_figures(picture([None] * 4)).comparison == "no network has a value so far"


@pytest.mark.parametrize(
    ("changes", "title", "line"),
    [
        ({"state": "running"}, "Generation 0", "Running"),
        ({"state": "paused"}, "Generation 0", "Paused"),
        ({"state": "running", "run": run_row(stop="stop")}, "Generation 0", "Stops after this generation"),
        ({"state": "running", "run": run_row(stop="stop-now")}, "Generation 0", "Stops now"),
        ({"state": "preparing", "generations": ()}, "Preparing", "Reads the data"),
        ({"state": "finishing"}, "Finishing", "Trains the finalists again"),
        ({"state": "complete"}, "Complete", "minimise RMSE"),
        ({"state": "failed"}, "Failed", "minimise RMSE"),
        ({"state": ENDED_UNEXPECTEDLY}, "Ended unexpectedly", "minimise RMSE"),
        ({"events": (event(1, "pausing"),)}, "Generation 0", "Pausing"),
        ({"events": (event(1, "pausing"), event(2, "resumed"))}, "Generation 0", "Running"),
    ],
)
def test_every_state_is_said(changes: dict[str, object], title: str, line: str) -> None:
    seen = replace(picture([(4.0,)] * 4), **changes)  # type: ignore[arg-type]
    assert live_words.title(seen) == title
    assert live_words.state_line(seen).startswith(line)
    assert "genetic, population 4 · seed 7" in live_words.state_line(seen)


def test_time_is_left_used_or_stands_still() -> None:
    seen = picture([(4.0,)] * 4)
    figures = live_words.time_figures(seen)
    assert (figures.caption, figures.number) == ("Time left", "12:40")
    assert figures.comparison.startswith("ends 14:32 · 26 generation")
    assert "paused" in live_words.time_figures(replace(seen, state="paused")).comparison
    over = live_words.time_figures(replace(seen, state="complete"))
    assert (over.caption, over.number) == ("Time used", "1:30")
    assert live_words.duration(3 * 3600 + 5) == "3:00:05"


def test_workers_are_not_said_to_work_where_none_lives() -> None:
    seen = replace(picture([(4.0,)] * 4), state=ENDED_UNEXPECTEDLY)
    assert live_words.workers_figures(seen).comparison == "no process executes the run"


def test_metrics_in_words() -> None:
    assert [live_words.inline(each) for each in ("Log-loss", "RMSE", "Brier score", "R²", "F1")] == [
        "log-loss",
        "RMSE",
        "Brier score",
        "R²",
        "F1",
    ]


def test_the_hover_tells_what_changed_from_step_to_step() -> None:
    rows = [
        individual(0, (5.0,)),
        individual(1, (4.0,), parents=(0,), operator="mutation", changed=(Change("lr", 0.1, 0.2),)),
        individual(2, None, parents=(1, 0), operator="crossover", changed=(Change("dropout", 0.0, 0.5),)),
    ]
    seen = replace(picture([]), individuals=tuple(rows), settled=3)
    said = live_words.ancestry_text(seen, 2).split("\n")
    assert said[0] == "Individual 2, place 3 in generation 0"
    assert said[1] == "it failed"
    assert said[2].startswith("from 1, 0: dropout 0 → 0.5")
    assert said[3].startswith("from 0: lr 0.1 → 0.2")
    assert live_words.ancestry_text(seen, 99) == ""


def test_the_series_takes_each_generation_once_and_begins_anew_for_another_run() -> None:
    series = Series()
    first = picture([(4.0,), (3.0,), (5.0,), None])
    assert series.take(first)
    assert not series.take(first)
    more = replace(first, individuals=(*first.individuals, individual(4, (2.0,), parents=(1, 0))), settled=5)
    assert series.take(more)
    assert series.arrays.links.tolist() == [[4, 1], [4, 0]]
    assert series.arrays.best_so_far(0, RMSE) == [(0, 3.0), (1, 2.0)]
    assert series.arrays.failed == 1
    other = picture([(9.0,)] * 4)
    assert series.take(other)
    assert series.arrays.values[:, 0].tolist() == [9.0] * 4


def test_only_the_highest_rung_compares() -> None:
    rows = (
        individual(0, (4.0,)),
        individual(1, (0.1,), rung=0),
        individual(2, (3.0,)),
        individual(3, (math.nan,)),
        individual(4, (0.2,), rung=1),
    )
    series = Series()
    series.take(replace(picture([]), individuals=rows, settled=5))
    assert series.arrays.full.tolist() == [True, False, True, False, False]
    assert series.arrays.best_so_far(0, RMSE) == [(0, 3.0), (1, 3.0)]
    assert (series.arrays.culled, series.arrays.failed) == (2, 1)


def test_the_lineage_follows_the_better_parents() -> None:
    rows = (individual(0, (1.0,)), individual(1, (1.0,)), individual(2, (1.0,), parents=(1, 0)))
    assert lineage(rows, 2) == (2, 1)
    assert lineage(rows, -1) == ()
    assert lineage((individual(0, (1.0,), parents=(0,)),), 0) == (0,)
