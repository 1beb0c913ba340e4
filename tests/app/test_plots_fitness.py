"""Fitness per generation: what is drawn is read back from the items."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cambrian_desktop.plots.fitness import FitnessPlot


@pytest.fixture
def plot(app: QApplication, qtbot: QtBot) -> FitnessPlot:
    made = FitnessPlot()
    qtbot.addWidget(made)
    made.resize(640, 320)
    made.show()
    app.processEvents()
    return made


def _points(item: object) -> list[tuple[float, float]]:
    x, y = item.getData()  # type: ignore[attr-defined]
    return list(zip(x.tolist(), y.tolist(), strict=True))


def test_each_individual_is_a_point_near_its_generation(plot: FitnessPlot) -> None:
    generations, values = [0, 0, 1, 1], [4.0, 3.0, 2.5, 2.0]
    plot.show(generations, values, unit="RMSE")
    drawn = _points(plot.points_item)
    assert [y for _, y in drawn] == values
    assert [round(x) for x, _ in drawn] == generations
    assert len({x for x, _ in drawn}) == 4, "points of a generation hide one another"


def test_best_median_and_quartiles_are_those_of_the_generation(plot: FitnessPlot) -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    best = [(0, 1.0), (1, 1.0)]
    plot.show([0] * 5 + [1] * 5, values, best=best, unit="RMSE")
    assert _points(plot.median_item) == [(0, 3.0), (1, 6.0)]
    assert _points(plot.low_item) == [(0, 2.0), (1, 4.0)]
    assert _points(plot.high_item) == [(0, 4.0), (1, 8.0)]
    assert _points(plot.best_item) == [(0, 1.0), (1, 1.0)]
    assert {label.text for label in plot.labels.labels} == {"best", "median"}


def test_who_was_culled_is_fainter_and_does_not_count(plot: FitnessPlot) -> None:
    values = [1.0, 2.0, 3.0, 100.0, 0.5]
    plot.show([0] * 5, values, full=[True, True, True, False, False], best=[(0, 1.0)], unit="RMSE")
    assert [y for _, y in _points(plot.points_item)] == [1.0, 2.0, 3.0]
    assert _points(plot.median_item)[0][1] == 2.0
    assert 0.5 in [y for _, y in _points(plot.faint_item)]
    assert plot.faint_item.opts["brush"].color().alphaF() < plot.points_item.opts["brush"].color().alphaF()
    assert "faint: 2 culled early" in plot.notes


def test_outliers_are_outside_and_said(plot: FitnessPlot) -> None:
    values = np.concatenate([np.linspace(500, 700, 60), [9e9, 8e9, 1e12]])
    plot.show(np.zeros(63, int), values, unit="RMSE")
    low, high = plot.view.viewRange()[1]
    assert low < 500
    assert 700 < high < 1500
    assert "3 beyond the range" in plot.notes
    assert sum(low < y < high for _, y in _points(plot.points_item)) == 60


def test_the_baseline_is_named_at_its_line(plot: FitnessPlot) -> None:
    plot.show([0, 0, 0], [5.0, 6.0, 7.0], baseline=("linear model", 6.5), unit="RMSE")
    assert plot.baseline_item.isVisible()
    assert plot.baseline_item.value() == 6.5
    assert [each.text for each in plot.labels.labels if "linear model" in each.text] == ["linear model 6.500"]


@pytest.mark.parametrize("baseline", [6.5, 6.05, 6.0, 5.1, 4.9])
def test_no_name_covers_another(app: QApplication, plot: FitnessPlot, baseline: float) -> None:
    values = [5.0, 6.0, 7.0, 5.0, 6.0, 7.0]
    plot.show(
        [0, 0, 0, 1, 1, 1],
        values,
        best=[(0, 5.0), (1, 5.0)],
        baseline=("linear model", baseline),
        unit="RMSE",
    )
    app.processEvents()
    items = [item for item in plot.labels._items if item.isVisible()]
    boxes = [item.mapRectToScene(item.boundingRect()).adjusted(0, 2, 0, -2) for item in items]
    assert len(boxes) == 3
    assert not any(one.intersects(other) for number, one in enumerate(boxes) for other in boxes[:number])


def test_names_near_the_edge_stay_inside(app: QApplication, plot: FitnessPlot) -> None:
    plot.resize(640, 240)
    values = [0.02, 0.6, 0.03, 0.01, 0.5, 0.02]
    best = [(0, 0.02), (1, 0.01)]
    plot.show([0, 0, 0, 1, 1, 1], values, best=best, baseline=("linear model", 0.03), unit="log-loss")
    app.processEvents()
    inside = plot.view.mapRectToScene(plot.view.boundingRect()).adjusted(0, -2, 0, 2)
    items = [item for item in plot.labels._items if item.isVisible()]
    boxes = [item.mapRectToScene(item.boundingRect()) for item in items]
    assert len(boxes) == 3
    assert all(inside.top() <= box.top() and box.bottom() <= inside.bottom() for box in boxes)
    boxes = [box.adjusted(0, 2, 0, -2) for box in boxes]
    assert not any(one.intersects(other) for number, one in enumerate(boxes) for other in boxes[:number])


def test_a_baseline_far_away_is_named_at_the_edge(plot: FitnessPlot) -> None:
    plot.show([0, 0, 0], [5.0, 6.0, 7.0], baseline=("always the mean", 5000.0), unit="RMSE")
    assert not plot.baseline_item.isVisible()
    assert any(each.text == "always the mean 5,000 ↑" for each in plot.labels.labels)
    assert plot.view.viewRange()[1][1] < 10


def test_higher_is_better(plot: FitnessPlot) -> None:
    best = [(0, 0.8), (1, 0.9)]
    plot.show([0, 0, 1, 1], [0.8, 0.7, 0.6, 0.9], best=best, unit="ROC AUC", direction="maximize")
    assert [y for _, y in _points(plot.best_item)] == [0.8, 0.9]
    assert plot.axis("left").labelText == "ROC AUC"


def test_generation_0_alone_is_a_line_as_wide_as_its_points(plot: FitnessPlot) -> None:
    plot.show([0] * 4, [1.0, 2.0, 3.0, 4.0], best=[(0, 1.0)], unit="RMSE")
    (x0, y0), (x1, y1) = _points(plot.median_item)
    assert x0 < 0 < x1
    assert y0 == y1 == 2.5
    assert len(_points(plot.best_item)) == 2


def test_one_individual(plot: FitnessPlot) -> None:
    plot.show([0], [2.0], best=[(0, 2.0)], unit="RMSE")
    low, high = plot.view.viewRange()[1]
    assert low < 2.0 < high
    assert not plot.is_empty


def test_failures_are_counted_not_drawn(plot: FitnessPlot) -> None:
    plot.show([0] * 4, [1.0, math.nan, 2.0, math.inf], unit="RMSE")
    assert len(_points(plot.points_item)) == 2
    assert "2 failed" in plot.notes


def test_where_all_failed_it_says_so(plot: FitnessPlot) -> None:
    plot.show([0] * 3, [math.nan] * 3, unit="RMSE")
    assert plot.is_empty
    assert "3 networks" in plot.empty_text
    plot.show([0] * 4, [math.nan] * 3 + [1.0], unit="RMSE")
    assert not plot.is_empty


def test_three_decades_make_it_logarithmic_and_said(plot: FitnessPlot) -> None:
    values = np.geomspace(0.001, 100, 40)
    plot.show(np.zeros(40, int), values, best=[(0, 0.001)], unit="Log-loss")
    assert plot.y_scale.log
    assert "logarithmic scale" in plot.notes
    assert [y for _, y in _points(plot.points_item)] == pytest.approx(np.log10(values).tolist())
    ticks = plot.axis("left").tickStrings([-2.0, 1.0], 1.0, 1.0)
    assert ticks == ["0.01", "10"]


def test_negative_values_are_never_logarithmic(plot: FitnessPlot) -> None:
    plot.show(np.zeros(40, int), np.linspace(-1000, 1, 40), unit="R²", direction="maximize")
    assert not plot.y_scale.log


def test_the_same_values_are_not_drawn_again(plot: FitnessPlot, app: QApplication) -> None:
    drawn = []
    plot.points_item.sigPlotChanged.connect(drawn.append)
    for _ in range(3):
        plot.show([0, 0, 1], [1.0, 2.0, 3.0], best=[(0, 1.0)], unit="RMSE")
    assert len(drawn) == 1
    plot.show([0, 0, 1, 1], [1.0, 2.0, 3.0, 4.0], best=[(0, 1.0)], unit="RMSE")
    assert len(drawn) == 2


def test_points_that_come_are_added_to_those_that_are_drawn(plot: FitnessPlot) -> None:
    plot.show([0, 0, 0], [1.0, 2.0, 9.0], full=[True, True, False], unit="RMSE")
    plot.show([0, 0, 0, 1, 1], [1.0, 2.0, 9.0, 0.5, 7.0], full=[True, True, False, True, False], unit="RMSE")
    assert [y for _, y in _points(plot.points_item)] == [1.0, 2.0, 0.5]
    assert [y for _, y in _points(plot.faint_item)] == [9.0, 7.0]
    # a rung higher than any before: what seemed fully trained was not
    plot.show([0, 0, 0, 1, 1], [1.0, 2.0, 9.0, 0.5, 7.0], full=[False] * 3 + [True, False], unit="RMSE")
    assert [y for _, y in _points(plot.points_item)] == [0.5]
    # an axis of another kind: every point has another place
    values = [1.0, 2.0, 9.0, 0.5, 7.0, *np.geomspace(1e-4, 1e4, 40)]
    plot.show([0, 0, 0, 1, 1, *[2] * 40], values, unit="RMSE")
    assert plot.y_scale.log
    assert [y for _, y in _points(plot.points_item)] == pytest.approx(np.log10(values).tolist())


def test_another_run_replaces_the_values(plot: FitnessPlot) -> None:
    plot.show([0, 0, 1, 1], [1.0, 2.0, 3.0, 4.0], unit="RMSE")
    plot.show([0, 0, 1, 1], [5.0, 6.0, 7.0, 8.0], unit="RMSE")
    assert [y for _, y in _points(plot.median_item)] == [5.5, 7.5]


def test_the_pointer_tells_of_an_individual_and_of_its_generation(plot: FitnessPlot) -> None:
    plot.show(
        [0, 0, 1, 1], [1.0, 2.0, 3.0, 8.0], full=[True, True, True, False], best=[(0, 1.0)], unit="RMSE"
    )
    x, y = _points(plot.points_item)[2]
    where = plot.to_pixels(x, y)
    assert plot.hover_text(where) == "Individual 2, generation 1: RMSE 3.000"
    assert plot.picked_at(where) == 2
    x, y = _points(plot.faint_item)[0]
    assert "culled early" in plot.hover_text(plot.to_pixels(x, y))
    said = plot.hover_text(plot.to_pixels(0.45, 7.9))
    assert said.startswith("Generation 0")
    assert "median 1.500" in said


def test_a_click_picks_the_individual(plot: FitnessPlot, qtbot: QtBot) -> None:
    plot.show([0, 0, 1, 1], [1.0, 2.0, 3.0, 8.0], unit="RMSE")
    x, y = _points(plot.points_item)[3]
    with qtbot.waitSignal(plot.picked) as signal:
        qtbot.mouseClick(
            plot.canvas.viewport(), Qt.MouseButton.LeftButton, pos=plot.to_pixels(x, y).toPoint()
        )
    assert signal.args == [3]


def test_20000_points_are_a_bounded_number_of_items(plot: FitnessPlot) -> None:
    plot.show([0, 0], [1.0, 2.0], unit="RMSE")
    few = len(plot.canvas.scene().items())
    values = np.random.default_rng(0).gamma(2, 1, 20_000)
    generations = np.arange(20_000) // 64
    plot.show(generations, values, full=np.arange(20_000) % 3 > 0, unit="RMSE")
    assert len(plot.canvas.scene().items()) <= few + 1
    assert len(plot.points_item.data) + len(plot.faint_item.data) > 18_000


def test_the_table_has_every_individual(plot: FitnessPlot) -> None:
    plot.show([0, 0, 1], [1.5, math.nan, 3.0], full=[True, False, False], unit="RMSE")
    headers, rows = plot.table()
    assert headers == ("individual", "generation", "RMSE", "fully_trained")
    assert rows == [(0, 0, 1.5, 1), (1, 0, "", 0), (2, 1, 3.0, 0)]
