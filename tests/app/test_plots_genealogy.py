"""The genealogy: places, colours, lines, what lights up, and that it draws without making the window wait."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cambrian_desktop.plots import export
from cambrian_desktop.plots.genealogy import GenealogyPlot

GENERATIONS = [0, 0, 0, 1, 1, 1, 2, 2, 2]
PLACES = [1, 2, 3, 2, 1, 3, 1, 3, 2]
VALUES = [3.0, 4.0, 5.0, 2.5, 2.0, 6.0, 1.0, math.nan, 1.5]
LINKS = [(3, 0), (4, 0), (4, 1), (5, 2), (6, 4), (7, 4), (8, 3)]


@pytest.fixture
def plot(app: QApplication, qtbot: QtBot) -> GenealogyPlot:
    made = GenealogyPlot()
    qtbot.addWidget(made)
    made.resize(560, 300)
    made.show()
    app.processEvents()
    return made


def _family(plot: GenealogyPlot) -> None:
    plot.show(
        GENERATIONS, PLACES, VALUES, LINKS, lineage=(6, 4, 0), unit="RMSE", describe=lambda each: f"no {each}"
    )


def _ends(item: object) -> set[tuple[float, float, float, float]]:
    """Beginning and end of every curve of an item."""
    x, y = item.getData()  # type: ignore[attr-defined]
    if x is None or not len(x):
        return set()
    pieces = [(x[a : a + 9], y[a : a + 9]) for a in range(0, len(x), 10)]
    return {(px[0], py[0], px[-1], py[-1]) for px, py in pieces}


def test_individuals_stand_by_generation_and_place_and_the_best_is_at_the_top(plot: GenealogyPlot) -> None:
    _family(plot)
    assert plot.marks.x.tolist() == GENERATIONS
    assert plot.marks.y.tolist() == PLACES
    assert plot.view.yInverted()
    assert plot.last_generation == 2
    assert plot.best_item.getData()[0].tolist() == [0, 1, 2]


def test_colours_go_by_who_is_better_and_failures_are_grey(plot: GenealogyPlot) -> None:
    _family(plot)
    inks = plot.marks.inks
    alive = [number for number, value in enumerate(VALUES) if not math.isnan(value)]
    by_value = sorted(alive, key=lambda number: VALUES[number])
    assert [inks[each] for each in by_value] == sorted((inks[each] for each in alive), reverse=True)
    assert inks[7] == -1
    assert "1 failed" in plot.notes


def test_who_was_trained_longer_is_brighter_whatever_the_value(plot: GenealogyPlot) -> None:
    plot.show([0, 0, 0], [1, 2, 3], [9.0, 1.0, 2.0], [], rungs=[2, 1, 1], unit="RMSE")
    inks = plot.marks.inks.tolist()
    assert inks[0] > inks[1] > inks[2]


def test_higher_is_brighter_where_higher_is_better(plot: GenealogyPlot) -> None:
    plot.show([0, 0], [1, 2], [0.9, 0.5], [], unit="ROC AUC", direction="maximize")
    assert plot.marks.inks[0] > plot.marks.inks[1]


def test_the_lineage_is_bold_and_lit_ancestors_are_the_right_ones(plot: GenealogyPlot) -> None:
    _family(plot)
    assert _ends(plot.lineage_item) == {(0, 1, 1, 1), (1, 1, 2, 1)}
    where = plot.to_pixels(1, 1)
    assert plot.hover_text(where) == "no 4"
    assert _ends(plot.lit_item) == {(0, 1, 1, 1), (0, 2, 1, 1), (1, 1, 2, 1), (1, 1, 2, 3)}
    assert plot.picked_at(where) == 4
    plot.hover_left()
    assert _ends(plot.lit_item) == set()


def test_a_replay_hides_what_comes_later(plot: GenealogyPlot) -> None:
    _family(plot)
    plot.show_until(1)
    assert plot.best_item.getData()[0].tolist() == [0, 1]
    assert _ends(plot.lineage_item) == {(0, 1, 1, 1)}
    assert plot.picked_at(plot.to_pixels(2, 1)) is None
    plot.show_until(None)
    assert _ends(plot.lineage_item) == {(0, 1, 1, 1), (1, 1, 2, 1)}


def _columns(picture: QImage, plot: GenealogyPlot, generation: int) -> set[int]:
    """Colours near a generation."""
    x = round(plot.to_pixels(generation, 1).x())
    return {picture.pixel(x + shift, y) for shift in (-1, 0, 1) for y in range(30, picture.height() - 60)}


def test_points_and_curves_are_in_the_picture(plot: GenealogyPlot, qtbot: QtBot) -> None:
    _family(plot)
    plot.grab()
    qtbot.waitUntil(lambda: plot.picture.drawn_links == len(LINKS))
    picture = plot.canvas.grab().toImage()
    assert len(_columns(picture, plot, 1)) > 8
    middle = round(plot.to_pixels(1.5, 1).x())
    background = QColor(picture.pixel(3, 3)).lightness()
    seen = {QColor(picture.pixel(middle, y)).lightness() for y in range(20, 200)}
    assert any(abs(each - background) > 3 for each in seen)
    plot.show_until(0)
    hidden = plot.canvas.grab().toImage()
    assert len(_columns(hidden, plot, 1)) < 6


def test_generations_that_come_are_added_to_the_picture(plot: GenealogyPlot, qtbot: QtBot) -> None:
    values = [each if math.isfinite(each) else 9.0 for each in VALUES]
    plot.show(GENERATIONS[:6], PLACES[:6], values[:6], LINKS[:4], unit="RMSE")
    plot.grab()
    qtbot.waitUntil(lambda: plot.picture.drawn_links == 4)
    key = plot.picture._key
    plot.show(GENERATIONS, PLACES, values, LINKS, unit="RMSE")
    plot.grab()
    assert plot.picture._key == key, "everything was drawn anew"
    qtbot.waitUntil(lambda: plot.picture.drawn_links == len(LINKS))


def test_20000_individuals_are_few_items_drawn_between_events(plot: GenealogyPlot, qtbot: QtBot) -> None:
    _family(plot)
    few = len(plot.canvas.scene().items())
    generations = np.arange(20_000) // 64
    children = np.arange(64, 20_000)
    first = np.column_stack([children, (generations[64:] - 1) * 64 + children * 7 % 20])
    second = np.column_stack([children, (generations[64:] - 1) * 64 + children * 11 % 20])
    links = np.concatenate([first, second])
    places = np.arange(20_000) % 64 + 1
    plot.show(generations, places, places * 1.0, links, lineage=(19_999, 19_000), unit="RMSE")
    assert len(plot.canvas.scene().items()) == few
    plot.canvas.grab()
    assert plot.picture.drawn_links < len(links), "the first painting waited for all curves"
    qtbot.waitUntil(lambda: plot.picture.drawn_links == len(links), timeout=60_000)
    plot.light(19_000)
    x, _ = plot.lit_item.getData()
    assert 0 < len(x) < 10_000


def test_a_saved_drawing_has_every_curve(plot: GenealogyPlot) -> None:
    _family(plot)
    assert export.svg(plot).count(b"<path") >= 2
    assert not plot.picture.exact


def test_without_a_complete_generation_it_says_so(plot: GenealogyPlot) -> None:
    plot.show([], [], [], [])
    assert plot.is_empty
    assert "generation" in plot.empty_text
    plot.show([0], [1], [2.0], [], lineage=(0,))
    assert not plot.is_empty


def test_all_failed(plot: GenealogyPlot) -> None:
    plot.show([0, 0], [1, 2], [math.nan, math.nan], [])
    assert plot.marks.inks.tolist() == [-1, -1]
    assert "2 failed" in plot.notes
