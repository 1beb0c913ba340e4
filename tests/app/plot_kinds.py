"""Every kind of plot with something to draw that differs from call to call."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cambrian_desktop.plots.base import Plot
from cambrian_desktop.plots.curves import FoldCurve, LearningCurves
from cambrian_desktop.plots.fitness import FitnessPlot
from cambrian_desktop.plots.genealogy import GenealogyPlot
from cambrian_desktop.plots.scores import Score, ScoresPlot
from cambrian_desktop.plots.training import Lane, TrainingPlot

SIZE = 8


def draw_fitness(plot: Plot, call: int) -> None:
    assert isinstance(plot, FitnessPlot)
    generations = np.repeat(np.arange(3 + call % 5), SIZE)
    values = 10.0 + np.arange(len(generations)) % SIZE + 0.01 * call
    full = np.arange(len(values)) % 2 == 0
    best = [(number, 10.0 + 0.01 * call) for number in range(3 + call % 5)]
    plot.show(generations, values, best=best, baseline=("linear model", 12.0), unit="RMSE", full=full)


def draw_training(plot: Plot, call: int) -> None:
    assert isinstance(plot, TrainingPlot)
    epochs = tuple(range(1, 4 + call % 7))
    lanes = [
        Lane(number, 0, state, epochs, tuple(1.0 / epoch + 0.1 * number + 0.001 * call for epoch in epochs))
        for number, state in enumerate(("alive", "alive", "culled", "failed"))
    ]
    plot.show(lanes, (2, 4), "validation log-loss")


def draw_curves(plot: Plot, call: int) -> None:
    assert isinstance(plot, LearningCurves)
    epochs = tuple(range(1, 4 + call % 7))
    curves = [
        FoldCurve(f"fold {fold + 1}", epochs, tuple(1.0 / epoch + 0.01 * call for epoch in epochs), fold, 2)
        for fold in range(3)
    ]
    plot.show(curves, (2, 4), "validation log-loss")


def draw_scores(plot: Plot, call: int) -> None:
    assert isinstance(plot, ScoresPlot)
    rows = [
        Score("ensemble", 5.0 + 0.01 * call, 0.3, True),
        Score("gradient boosting", 5.6, 0.3),
        Score("linear model", 7.0),
    ]
    plot.show(rows, unit="RMSE", direction="minimize")


def draw_genealogy(plot: Plot, call: int) -> None:
    assert isinstance(plot, GenealogyPlot)
    generations = np.repeat(np.arange(2 + call % 5), SIZE)
    places = np.tile(np.arange(SIZE), 2 + call % 5) + 1
    children = np.arange(SIZE, len(generations))
    links = np.column_stack([children, children - SIZE])
    plot.show(generations, places, 10.0 + places + call, links, lineage=(SIZE, 0), unit="RMSE")


KINDS: dict[type[Plot], Callable[[Plot, int], None]] = {
    FitnessPlot: draw_fitness,
    TrainingPlot: draw_training,
    LearningCurves: draw_curves,
    ScoresPlot: draw_scores,
    GenealogyPlot: draw_genealogy,
}
