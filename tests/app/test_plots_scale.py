"""Axes, numbers for readers, and pictures the size of a word."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QLocale, QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from cambrian_desktop import theme
from cambrian_desktop.figures import figure, tick, whole
from cambrian_desktop.plots.histogram import mini_histogram
from cambrian_desktop.plots.scale import Scale, nice_step, scale_for
from cambrian_desktop.plots.spark import sparkline


def test_few_values_are_all_on_the_axis() -> None:
    scale = scale_for([1.0, 2.0, 50.0])
    assert scale.beyond == 0
    assert scale.holds(1.0)
    assert scale.holds(50.0)


def test_the_best_is_on_the_axis_even_where_it_is_an_outlier() -> None:
    values = [*np.linspace(10, 11, 50), 1.0]
    assert not scale_for(values).holds(1.0)
    assert scale_for(values, keep=[1.0]).holds(1.0)


def test_values_of_nothing_and_of_one_kind() -> None:
    assert scale_for([]) == Scale(0.0, 1.0)
    assert scale_for([math.nan, math.inf]) == Scale(0.0, 1.0)
    same = scale_for([3.0] * 20)
    assert same.low < 3.0 < same.high
    assert scale_for([0.0] * 20).low < 0 < scale_for([0.0] * 20).high
    spoilt = scale_for([3.0] * 20 + [1e9])
    assert spoilt.beyond == 1


def test_one_giant_does_not_make_it_logarithmic() -> None:
    assert not scale_for([*np.linspace(1, 2, 100), 1e9]).log
    assert scale_for(np.geomspace(1e-3, 1e3, 100)).log


def test_places_of_a_logarithmic_axis() -> None:
    scale = Scale(0.01, 100.0, log=True)
    assert scale.place([0.1, 10.0]).tolist() == [-1.0, 1.0]
    assert np.isnan(scale.place([0.0, -1.0])).all()
    assert scale.value(2.0) == 100.0


@pytest.mark.parametrize(
    ("span", "pixels", "apart", "whole_numbers", "step"),
    [
        (10, 400, 40, False, 1.0),
        (1, 400, 40, False, 0.1),
        (3, 400, 40, True, 1.0),
        (300, 400, 50, True, 50.0),
    ],
)
def test_ticks_are_round_and_apart(
    span: float, pixels: float, apart: float, whole_numbers: bool, step: float
) -> None:
    assert nice_step(span, pixels, apart, whole=whole_numbers) == pytest.approx(step)


@pytest.fixture
def plain_digits() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale.c())
    yield
    QLocale.setDefault(before)


@pytest.mark.usefixtures("plain_digits")
def test_numbers_are_written_for_readers() -> None:
    assert [figure(each) for each in (529.38, 0.0123456, 0.0, 1e-9)] == ["529.4", "0.01235", "0", "1e-09"]
    assert figure(None) == figure(math.nan) == figure(math.inf) == "–"
    assert tick(0.1 + 0.2, 0.1) == "0.3"
    QLocale.setDefault(QLocale("de_DE"))
    assert figure(1234.2) == "1.234"
    assert figure(0.5) == "0,5000"
    assert whole(12_345) == "12.345"


def _inks(picture: QImage) -> int:
    clear = sum(
        picture.pixelColor(x, y).alpha() == 0 for x in range(picture.width()) for y in range(picture.height())
    )
    return picture.width() * picture.height() - clear


def test_a_sparkline_falls_where_the_values_fall(app: QApplication) -> None:
    tokens = theme.current()
    picture = sparkline((5.0, math.nan, 3.0, 1.0), QSize(60, 20), tokens).toImage()
    left = [y for y in range(20) if picture.pixelColor(4, y).alpha() > 60]
    right = [y for y in range(20) if picture.pixelColor(56, y).alpha() > 60]
    assert max(left) < min(right)
    assert picture.pixelColor(57, right[len(right) // 2]).name() == QColor(tokens.accent).name()
    assert _inks(sparkline((), QSize(60, 20), tokens).toImage()) == 0
    assert _inks(sparkline((math.nan,), QSize(60, 20), tokens).toImage()) == 0
    assert _inks(sparkline((2.0, 2.0), QSize(60, 20), tokens).toImage()) > 20
    assert sparkline((1.0, 2.0), QSize(60, 20), tokens, ratio=2).size() == QSize(120, 40)


def test_a_histogram_has_a_bar_for_each_count(app: QApplication) -> None:
    picture = mini_histogram((1, 4, 0, 2), QSize(40, 20), theme.current()).toImage()
    heights = [sum(picture.pixelColor(x, y).alpha() > 0 for y in range(20)) for x in (4, 14, 24, 34)]
    assert heights == [5, 20, 0, 10]
    assert _inks(mini_histogram((), QSize(40, 20), theme.current()).toImage()) == 0
    assert _inks(mini_histogram((0, 0), QSize(40, 20), theme.current()).toImage()) == 0
