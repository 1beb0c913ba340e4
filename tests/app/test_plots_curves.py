"""Learning curves, of one individual and of all that train; scores beside one another."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cambrian_desktop.plots.curves import FoldCurve, LearningCurves, last_epoch, lone_points
from cambrian_desktop.plots.scores import Score, ScoresPlot
from cambrian_desktop.plots.training import Lane, TrainingPlot


@pytest.fixture
def training(app: QApplication, qtbot: QtBot) -> TrainingPlot:
    made = TrainingPlot()
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    app.processEvents()
    return made


@pytest.fixture
def curves(app: QApplication, qtbot: QtBot) -> LearningCurves:
    made = LearningCurves()
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    app.processEvents()
    return made


@pytest.fixture
def scores(app: QApplication, qtbot: QtBot) -> ScoresPlot:
    made = ScoresPlot()
    qtbot.addWidget(made)
    made.resize(500, 240)
    made.show()
    app.processEvents()
    return made


def _lines(item: object) -> list[list[float]]:
    """The lines that one item draws, by their values."""
    _, y = item.getData()  # type: ignore[attr-defined]
    if y is None:
        return []
    breaks = np.flatnonzero(~np.isfinite(y))
    return [part[np.isfinite(part)].tolist() for part in np.split(y, breaks) if np.isfinite(part).any()]


def test_culled_lanes_fade_and_the_best_is_bold_and_named(training: TrainingPlot) -> None:
    lanes = [
        Lane(7, 0, "alive", (1, 2, 3, 4), (4.0, 3.0, 2.0, 1.5)),
        Lane(8, 0, "alive", (1, 2, 3, 4), (4.0, 3.5, 3.0, 2.5)),
        Lane(9, 0, "culled", (1, 2), (5.0, 0.5)),
    ]
    training.show(lanes, (2, 8), "validation RMSE")
    assert _lines(training.alive_item) == [[4.0, 3.0, 2.0, 1.5], [4.0, 3.5, 3.0, 2.5]]
    assert _lines(training.culled_item) == [[5.0, 0.5]]
    assert _lines(training.best_item) == [[4.0, 3.0, 2.0, 1.5]], "trained less is not better"
    pens = {item.opts["pen"].widthF() for item in (training.best_item, training.alive_item)}
    assert max(pens) == training.best_item.opts["pen"].widthF() == 2.5
    assert [each.text for each in training.labels.labels] == ["no. 7"]


def test_rungs_are_hairlines_where_they_were_reached(training: TrainingPlot) -> None:
    training.show([Lane(1, 0, "alive", (1, 2, 3), (3.0, 2.0, 1.0))], (2, 8, 32), "x")
    x, _ = training.rung_item.getData()
    assert set(x.tolist()) == {2.0}


def test_a_first_epoch_is_a_point(training: TrainingPlot) -> None:
    training.show([Lane(1, 0, "alive", (1,), (3.0,))], (), "x")
    assert not training.is_empty
    assert training.start_item.getData()[0].tolist() == [1.0]


def test_diverged_lanes_are_counted(training: TrainingPlot) -> None:
    lanes = [Lane(1, 0, "alive", (1, 2), (3.0, 2.0)), Lane(2, 0, "failed", (1, 2), (3.0, math.nan))]
    training.show(lanes, (), "x")
    assert "1 failed" in training.notes
    training.show([Lane(2, 0, "failed", (1,), (math.nan,))], (), "x")
    assert training.is_empty


def test_the_pointer_tells_whose_curve_it_is(training: TrainingPlot) -> None:
    lanes = [Lane(7, 2, "alive", (1, 2), (4.0, 3.0)), Lane(9, 0, "culled", (1, 2), (2.0, 1.0))]
    training.show(lanes, (), "x")
    where = training.to_pixels(2, 1.0)
    assert training.hover_text(where) == "Individual 9, fold 1, epoch 2: 1.000\nculled at epoch 2"
    assert training.picked_at(where) == 9


def test_many_lanes_are_few_items(training: TrainingPlot) -> None:
    few = len(training.canvas.scene().items())
    epochs = tuple(range(1, 65))
    lanes = [
        Lane(number, fold, "alive", epochs, tuple(1 / epoch + number for epoch in epochs))
        for number in range(64)
        for fold in range(5)
    ]
    training.show(lanes, (4, 16), "x")
    assert len(training.canvas.scene().items()) <= few + 2
    assert len(_lines(training.alive_item)) == 320


def test_each_fold_has_its_line_and_its_kept_epoch(curves: LearningCurves) -> None:
    drawn = [
        FoldCurve("fold 1", (1, 2, 3), (3.0, 2.0, 2.5), 0, best_epoch=2),
        FoldCurve("fold 2", (1, 2, 3), (3.5, 2.5, 2.2), 1, best_epoch=3),
    ]
    curves.show(drawn, (2,), "validation RMSE")
    assert [_lines(item) for item in curves.line_items[:3]] == [[[3.0, 2.0, 2.5]], [[3.5, 2.5, 2.2]], []]
    assert curves.best_items[0].getData()[0].tolist() == [2.0]
    assert curves.best_items[1].getData()[1].tolist() == [2.2]
    assert {each.text for each in curves.labels.labels} == {"fold 1", "fold 2"}
    places = sorted(each.pos().y() / curves.pixel()[1] for each in curves.labels._items[:2])
    assert places[1] - places[0] >= 10, "names at the ends of lines overlap"
    assert curves.axis("left").labelText == "validation RMSE"


def test_a_curve_that_diverged_is_drawn_to_its_end_and_said(curves: LearningCurves) -> None:
    curves.show([FoldCurve("fold 1", (1, 2, 3), (3.0, 2.0, math.nan))], (), "x")
    assert _lines(curves.line_items[0]) == [[3.0, 2.0]]
    assert "1 diverged" in curves.notes
    curves.show([FoldCurve("fold 1", (1,), (math.nan,))], (), "x")
    assert curves.is_empty
    assert "diverged" in curves.empty_text


def test_scores_stand_beside_one_another_with_their_errors(scores: ScoresPlot) -> None:
    rows = [Score("ensemble", 5.0, 0.5, True), Score("boosting", 6.0, 0.4), Score("linear", 7.0)]
    scores.show(rows, unit="RMSE", direction="minimize", note="bars: standard error")
    assert scores.dot_items[True].getData()[0].tolist() == [5.0]
    assert scores.dot_items[False].getData()[0].tolist() == [6.0, 7.0]
    x, _ = scores.error_items[False].getData()
    assert x[:2].tolist() == [5.6, 6.4]
    names = [name for _, name in scores.axis("left")._names or []]
    assert names == ["ensemble", "boosting", "linear"]
    assert "smaller is better" in scores.axis("bottom").labelText
    assert scores.notes == "bars: standard error"
    assert scores.hover_text(scores.to_pixels(6.0, 1.0)) == "boosting: RMSE 6.000 ± 0.40"


def test_a_rival_far_away_leaves_the_subject_legible(scores: ScoresPlot) -> None:
    rows = [Score("ensemble", 5.0, 0.5, True), Score("boosting", 6.0, 0.4), Score("mean", 5000.0, 1.0)]
    scores.show(rows, unit="RMSE")
    low, high = scores.view.viewRange()[0]
    assert high - low < 20
    assert scores.dot_items[False].getData()[0].tolist() == [6.0]
    assert any(each.text.endswith("→") for each in scores.labels.labels)


def test_a_model_without_a_score_keeps_its_row(scores: ScoresPlot) -> None:
    scores.show([Score("ensemble", 5.0, None, True), Score("boosting", math.nan)], unit="RMSE")
    assert [each.text for each in scores.labels.labels] == ["5.000", "–"]
    scores.show([Score("boosting", math.nan)], unit="RMSE")
    assert scores.is_empty


def test_markup_in_names_is_text(scores: ScoresPlot) -> None:
    scores.show([Score("<b>bold</b>", 5.0, None, True)], unit="<i>x</i>")
    assert "&lt;i&gt;" in scores.axis("bottom").labelText
    assert scores.hover_text(scores.to_pixels(5.0, 0.0)).startswith("<b>bold</b>")


def test_a_value_alone_between_gaps_is_a_point() -> None:
    nan = math.nan
    lines = [
        ((1,), np.array([3.0])),
        ((1, 2), np.array([4.0, nan])),
        ((1, 2, 3), np.array([nan, 5.0, nan])),
        ((1, 2, 3), np.array([nan, 6.0, 7.0])),
        ((1, 2), np.array([nan, nan])),
    ]
    x, y = lone_points(lines)
    assert list(zip(x.tolist(), y.tolist(), strict=True)) == [(1.0, 3.0), (1.0, 4.0), (2.0, 5.0)]
    assert [x.tolist() for x in lone_points([])] == [[], []]
    assert last_epoch((1, 2, 3), (1.0, 2.0, nan)) == 2.0
