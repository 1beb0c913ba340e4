"""Fitness per generation: each individual a point, what the generation achieved, and what it must beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyqtgraph
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from cambrian_desktop import theme
from cambrian_desktop.figures import figure
from cambrian_desktop.plots.base import NEAR, Plot, Table, small_font
from cambrian_desktop.plots.ink import SUBJECT, brush, pen
from cambrian_desktop.plots.labels import EndLabels, Label
from cambrian_desktop.plots.scale import Floats, Scale, scale_for
from cambrian_desktop.theme import Tokens

_SPREAD = 0.22
"""Half the width over which the points of a generation are strewn."""
_GOLDEN = 0.6180339887498949
_MIDDLE = (0.25, 0.5, 0.75)
_NAME_ROOM = 0.09
"""Part of the axis that the baseline's name takes."""


class Middle(NamedTuple):
    """The middle of a generation: its number, quartiles and median."""

    generation: int
    low: float
    median: float
    high: float


class FitnessPlot(Plot):
    """How a population gets better.

    Values compare only where they come from equally long training: points of individuals that were culled
    early are fainter and count neither for the median nor for the band.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, whole_x=True)
        self._generations: NDArray[np.int64] = np.empty(0, np.int64)
        self._values: Floats = np.empty(0)
        self._full: NDArray[np.bool_] = np.empty(0, bool)
        self._drawn_points = 0
        self._log_drawn = False
        self._middles: dict[int, tuple[int, Middle | None]] = {}
        self._best: tuple[tuple[int, float], ...] = ()
        self._baseline: tuple[str, float] | None = None
        self._unit = ""
        self._direction = ""
        self._names: tuple[str, str] = ("", "")
        self._shown: tuple[object, ...] = ()
        self._make_items()
        self.labels = EndLabels(self.plot_item)
        self.begin()

    def _make_items(self) -> None:
        self.faint_item = pyqtgraph.ScatterPlotItem(size=4, pen=None, pxMode=True)
        self.points_item = pyqtgraph.ScatterPlotItem(size=5, pen=None, pxMode=True)
        self.low_item = pyqtgraph.PlotCurveItem()
        self.high_item = pyqtgraph.PlotCurveItem()
        self.band_item = pyqtgraph.FillBetweenItem(self.low_item, self.high_item)
        self.median_item = pyqtgraph.PlotCurveItem()
        self.best_item = pyqtgraph.PlotCurveItem()
        self.best_end_item = pyqtgraph.ScatterPlotItem(size=8, pen=None, pxMode=True)
        self.baseline_item = pyqtgraph.InfiniteLine(angle=0)
        order = (
            self.band_item,
            self.low_item,
            self.high_item,
            self.faint_item,
            self.points_item,
            self.baseline_item,
            self.median_item,
            self.best_item,
            self.best_end_item,
        )
        for height, item in enumerate(order):
            item.setZValue(height)
            self.plot_item.addItem(item, ignoreBounds=True)

    def show(
        self,
        generations: ArrayLike | None = None,
        values: ArrayLike = (),
        *,
        best: Sequence[tuple[int, float]] = (),
        baseline: tuple[str, float] | None = None,
        unit: str = "",
        direction: str = "minimize",
        full: ArrayLike | None = None,
    ) -> None:
        """Draw these values; without arguments make the widget visible, as of every widget.

        Args:
            generations: The generation of each individual, in the order of their numbers.
            values: Their values; NaN for those without one.
            best: Generation and value of the best so far, in the order of generations.
            baseline: Name and value of what is to be beaten.
            unit: Name of the objective.
            direction: `minimize` or `maximize`.
            full: Whether each was trained as long as the search trains its best; None: all were.
        """
        if generations is None:
            super().show()
            return
        numbers = np.asarray(generations, np.int64)
        points = np.asarray(values, np.float64)
        whole = np.ones(len(points), bool) if full is None else np.asarray(full, bool)
        same = _same_start(self._values, points) and _same_start(self._full, whole) and unit == self._unit
        if not same:
            self._middles.clear()
            self._drawn_points = 0
        shown = (len(points), tuple(best), baseline, unit, direction)
        if same and shown == self._shown:
            return
        self._generations, self._values, self._full = numbers, points, whole
        self._best, self._baseline = tuple(best), baseline
        self._unit, self._direction, self._shown = unit, direction, shown
        self._redraw()

    # -- drawing -----------------------------------------------------------------------------------

    def _redraw(self) -> None:
        drawable = bool(np.isfinite(self._values).any())
        self.set_drawn(drawable)
        if not drawable:
            self._drawn_points = 0
            self.retranslate()
            return
        middles = self._find_middles()
        lines = [value for _, value in self._best] + [each.median for each in middles]
        near = [self._baseline[1]] if self._baseline else []
        scale = self._roomy(scale_for(self._telling(), lines, near))
        self.set_y_scale(scale.counting(self._values))
        self._draw_points()
        self._draw_lines(middles)
        self.arrange()
        self.retranslate()

    def _telling(self) -> Floats:
        """The values that decide the axis: the comparable ones, and the better half of the others."""
        culled = self._values[~self._full & np.isfinite(self._values)]
        if not len(culled):
            return self._values
        middle = np.median(culled)
        better = culled <= middle if self._direction == "minimize" else culled >= middle
        return np.concatenate([self._values[self._full], culled[better]])

    def _find_middles(self) -> list[Middle]:
        """Quartiles of each generation; those of generations that did not grow are kept."""
        counts = np.bincount(self._generations)
        ends = np.cumsum(counts)
        for number, (count, end) in enumerate(zip(counts.tolist(), ends.tolist(), strict=True)):
            if count and self._middles.get(number, (0,))[0] != count:
                part = slice(end - count, end)
                self._middles[number] = (count, _middle(number, self._values[part], self._full[part]))
        return [each for _, each in self._middles.values() if each is not None]

    def _draw_points(self) -> None:
        """Add the points that came; those that are drawn stay while the axis is of one kind."""
        first = self._drawn_points if self._log_drawn is self.y_scale.log else 0
        x, y = self._places()
        new = np.isfinite(y)
        new[:first] = False
        for item, chosen in ((self.points_item, new & self._full), (self.faint_item, new & ~self._full)):
            if first == 0:
                item.setData(x[chosen], y[chosen])
            elif chosen.any():
                item.addPoints(x[chosen], y[chosen])
        self._drawn_points, self._log_drawn = len(x), self.y_scale.log

    def _draw_lines(self, middles: list[Middle]) -> None:
        table = np.array(middles, np.float64).reshape(-1, 4)
        place = self.y_scale.place
        x, low = _line(table[:, 0], place(table[:, 1]))
        self.low_item.setData(x, low)
        self.high_item.setData(*_line(table[:, 0], place(table[:, 3])))
        self.median_item.setData(*_line(table[:, 0], place(table[:, 2])))
        best = np.array(self._best, np.float64).reshape(-1, 2)
        self.best_item.setData(*_line(best[:, 0], place(best[:, 1])))
        self.best_end_item.setData(best[-1:, 0], place(best[-1:, 1]))
        on_axis = self._baseline is not None and self.y_scale.holds(self._baseline[1])
        self.baseline_item.setVisible(on_axis)
        if self._baseline is not None and on_axis:
            self.baseline_item.setValue(float(place(self._baseline[1])))

    def _places(self) -> tuple[Floats, Floats]:
        strewn = ((np.arange(len(self._values)) * _GOLDEN) % 1.0 - 0.5) * 2 * _SPREAD
        return self._generations + strewn, self.y_scale.place(self._values)

    def arrange(self) -> None:
        """Leave room for the names at the right, and place them."""
        if not len(self._generations):
            return
        tokens, font = theme.current(), small_font(self)
        last = float(self._generations.max())
        texts = list(self._names)
        room = self.labels.width(texts, font) + 8
        width = max(1.0, self.view.width())
        span = (last + 1.0) * width / max(40.0, width - room)
        self.view.setXRange(-0.5, -0.5 + span, padding=0)
        self.labels.show(self._labels(tokens, last), self.pixel(), font)

    def _labels(self, tokens: Tokens, last: float) -> list[Label]:
        pixel = self.pixel()[0]
        x = last + _SPREAD + 6 * pixel
        place = self.y_scale.place
        labels = []
        if self._best:
            labels.append(Label(self._names[1], x, float(place(self._best[-1][1])), tokens.accent))
        middles = [each for _, each in self._middles.values() if each is not None]
        if middles:
            labels.append(Label(self._names[0], x, float(place(middles[-1].median)), tokens.muted))
        if self._baseline is not None:
            labels.append(self._baseline_label(tokens))
        return labels

    def _baseline_label(self, tokens: Tokens) -> Label:
        name, value = self._baseline or ("", 0.0)
        right = self.view.viewRange()[0][1]
        low, high = (float(each) for each in self.y_scale.place([self.y_scale.low, self.y_scale.high]))
        text = f"{name} {figure(value)}"
        if value > self.y_scale.high:
            return Label(f"{text} ↑", right, high, tokens.warn, (1.0, 0.0))
        if value < self.y_scale.low:
            return Label(f"{text} ↓", right, low, tokens.warn, (1.0, 1.0))
        side = (1.0, 0.0) if self._is_under_best(value) else (1.0, 1.0)
        return Label(text, right, float(self.y_scale.place(value)), tokens.warn, side, backed=False)

    def _is_under_best(self, value: float) -> bool:
        return bool(self._best) and value < self._best[-1][1]

    def _roomy(self, scale: Scale) -> Scale:
        """The axis with room for the baseline's name on the side where the best does not run."""
        if self._baseline is None or not scale.holds(self._baseline[1]):
            return scale
        low, place, high = (float(each) for each in scale.place([scale.low, self._baseline[1], scale.high]))
        room = _NAME_ROOM * (high - low)
        if self._is_under_best(self._baseline[1]):
            low = min(low, place - room)
        else:
            high = max(high, place + room)
        return Scale(scale.value(low), scale.value(high), scale.log)

    # -- theme, language -----------------------------------------------------------------------------

    def recolour(self, tokens: Tokens) -> None:
        """Points and lines in the theme's colours."""
        self.points_item.setBrush(brush(tokens.accent, 0.38))
        self.faint_item.setBrush(brush(tokens.muted, 0.22))
        nothing = pen(tokens.accent, strength=0.0)
        self.low_item.setPen(nothing)
        self.high_item.setPen(nothing)
        self.band_item.setBrush(brush(tokens.accent, 0.14))
        self.median_item.setPen(pen(tokens.muted, 1.5, style=Qt.PenStyle.DashLine))
        self.best_item.setPen(pen(tokens.accent, SUBJECT))
        self.best_end_item.setBrush(brush(tokens.accent))
        self.baseline_item.setPen(pen(tokens.warn, 1.2, style=Qt.PenStyle.DotLine))
        if not self.is_empty:
            self.arrange()

    def retranslate(self) -> None:
        """Set the texts."""
        self._names = (self.tr("median"), self.tr("best"))
        self.axis("bottom").set_text(self.tr("Generation"))
        self.axis("left").set_text(self._unit)
        self.set_empty_text(self._what_will_come())
        if self.is_empty:
            return
        missing = int(np.count_nonzero(~np.isfinite(self._values)))
        culled = int(np.count_nonzero(np.isfinite(self._values) & ~self._full))
        self.set_notes(
            self.tr("faint: %n culled early", "", culled) if culled else "",
            *self.scale_notes(self.y_scale),
            self.tr("%n failed", "", missing) if missing else "",
        )
        self.arrange()

    def _what_will_come(self) -> str:
        if len(self._values):
            return self.tr("None of %n networks has a value so far: all failed.", "", len(self._values))
        return self.tr("Each network will be a point here, as soon as the first generation is trained.")

    # -- what is drawn ---------------------------------------------------------------------------------

    def _nearest(self, position: QPointF) -> int | None:
        x, y = self._places()
        at, (width, height) = self.to_view(position), self.pixel()
        with np.errstate(invalid="ignore"):
            distances = np.hypot((x - at.x()) / width, (y - at.y()) / height)
        if not np.isfinite(distances).any():
            return None
        found = int(np.nanargmin(distances))
        return found if distances[found] <= NEAR else None

    def picked_at(self, position: QPointF) -> int | None:
        """The individual at a position."""
        return self._nearest(position)

    def hover_text(self, position: QPointF) -> str:
        """The individual at a position, or else its generation."""
        found = self._nearest(position)
        if found is not None:
            said = self.tr("Individual {number}, generation {generation}: {unit} {value}").format(
                number=found,
                generation=int(self._generations[found]),
                unit=self._unit,
                value=figure(float(self._values[found])),
            )
            return said if self._full[found] else said + "\n" + self.tr("culled early, after less training")
        return self._generation_text(round(self.to_view(position).x()))

    def _generation_text(self, generation: int) -> str:
        middle = self._middles.get(generation, (0, None))[1]
        if middle is None:
            return ""
        lines = [self.tr("Generation {number}").format(number=generation)]
        best = dict(self._best).get(generation)
        if best is not None:
            lines.append(self.tr("best so far {value}").format(value=figure(best)))
        lines.append(self.tr("median {value}").format(value=figure(middle.median)))
        lines.append(
            self.tr("middle half {low} to {high}").format(low=figure(middle.low), high=figure(middle.high))
        )
        return "\n".join(lines)

    def table(self) -> Table:
        """A row for each individual."""
        rows = [
            (number, int(generation), float(value) if np.isfinite(value) else "", int(full))
            for number, (generation, value, full) in enumerate(
                zip(self._generations, self._values, self._full, strict=True)
            )
        ]
        return ("individual", "generation", self._unit, "fully_trained"), rows


def _same_start(before: NDArray[np.generic], now: NDArray[np.generic]) -> bool:
    """Whether values were only added."""
    if len(now) < len(before):
        return False
    return bool(np.array_equal(before, now[: len(before)], equal_nan=before.dtype.kind == "f"))


def _middle(number: int, values: Floats, full: NDArray[np.bool_]) -> Middle | None:
    compared = values[full & np.isfinite(values)]
    if not len(compared):
        return None
    low, median, high = (float(each) for each in np.quantile(compared, _MIDDLE))
    return Middle(number, low, median, high)


def _line(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """A line through points; a single point becomes as wide as its generation."""
    if len(x) == 1:
        return np.array([x[0] - _SPREAD, x[0] + _SPREAD]), np.array([y[0], y[0]])
    return x, y
