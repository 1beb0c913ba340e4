"""Learning curves of one individual, fold by fold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from cambrian_desktop import theme
from cambrian_desktop.figures import figure
from cambrian_desktop.plots.base import NEAR, Plot, Table, small_font
from cambrian_desktop.plots.ink import pen
from cambrian_desktop.plots.labels import GAP, EndLabels, Label
from cambrian_desktop.plots.scale import Floats, scale_for
from cambrian_desktop.theme import Tokens

MOST_NAMES = 8
"""Above so many lines they have no names at their ends."""


@dataclass(frozen=True, slots=True)
class FoldCurve:
    """A line of learning.

    Attributes:
        name: Plain text at its end, such as 'fold 1'.
        epochs: Rising.
        values: One per epoch, NaN where the training diverged.
        ink: Number of its colour among the families' colours.
        best_epoch: The epoch whose weights were kept; None where none was.
    """

    name: str
    epochs: Sequence[int]
    values: Sequence[float]
    ink: int = 0
    best_epoch: int | None = None


class LearningCurves(Plot):
    """Validation loss over the epochs, with the rungs as hairlines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, whole_x=True)
        self.curves: tuple[FoldCurve, ...] = ()
        self._rungs: tuple[int, ...] = ()
        self._unit = ""
        self.rung_item = pyqtgraph.PlotCurveItem(connect="finite")
        self.plot_item.addItem(self.rung_item, ignoreBounds=True)
        inks = len(theme.current().families)
        self.line_items = [pyqtgraph.PlotCurveItem(connect="finite") for _ in range(inks)]
        self.best_items = [pyqtgraph.ScatterPlotItem(size=8, pxMode=True) for _ in range(inks)]
        self.lone_items = [pyqtgraph.ScatterPlotItem(size=5, pen=None, pxMode=True) for _ in range(inks)]
        for item in (*self.line_items, *self.lone_items, *self.best_items):
            self.plot_item.addItem(item, ignoreBounds=True)
        self.labels = EndLabels(self.plot_item)
        self.begin()

    def show(
        self,
        curves: Sequence[FoldCurve] | None = None,
        rung_epochs: Sequence[int] = (),
        unit: str = "",
    ) -> None:
        """Draw these curves; without arguments make the widget visible.

        Args:
            curves: Of one individual.
            rung_epochs: Epochs of the rungs.
            unit: What the values measure.
        """
        if curves is None:
            super().show()
            return
        if (tuple(curves), tuple(rung_epochs), unit) == (self.curves, self._rungs, self._unit):
            return
        self.curves, self._rungs, self._unit = tuple(curves), tuple(rung_epochs), unit
        drawable = any(math.isfinite(value) for curve in self.curves for value in curve.values)
        self.set_drawn(drawable)
        if drawable:
            self._redraw()
        self.retranslate()

    def _redraw(self) -> None:
        everything = np.array([value for curve in self.curves for value in curve.values], np.float64)
        self.set_y_scale(scale_for(everything, [curve_end(curve.values) for curve in self.curves]))
        for ink, (line, best) in enumerate(zip(self.line_items, self.best_items, strict=True)):
            mine = [curve for curve in self.curves if curve.ink % len(self.line_items) == ink]
            lines = [(curve.epochs, self.y_scale.place(curve.values)) for curve in mine]
            line.setData(*joined(lines))
            self.lone_items[ink].setData(*lone_points(lines))
            kept = [best_point(curve) for curve in mine]
            x, y = zip(*(each for each in kept if each), strict=True) if any(kept) else ((), ())
            best.setData(np.array(x, np.float64), self.y_scale.place(y))
        self.arrange()

    def arrange(self) -> None:
        """Leave room for the names at the right, and place them."""
        if self.is_empty:
            return
        tokens, font = theme.current(), small_font(self)
        named = self.curves if len(self.curves) <= MOST_NAMES else ()
        last = max((max(curve.epochs, default=1) for curve in self.curves), default=1)
        room = self.labels.width([curve.name for curve in named], font) + GAP
        set_epochs(self, last, room)
        draw_rungs(self, self.rung_item, self._rungs, last)
        pixel = self.pixel()
        labels = [
            Label(
                curve.name,
                last_epoch(curve.epochs, curve.values) + GAP * pixel[0],
                float(self.y_scale.place(curve_end(curve.values))),
                tokens.muted,
            )
            for curve in named
            if math.isfinite(curve_end(curve.values))
        ]
        self.labels.show(labels, pixel, font)

    def recolour(self, tokens: Tokens) -> None:
        """A colour of the families for each line."""
        self.rung_item.setPen(pen(tokens.line, 1.0))
        items = zip(self.line_items, self.lone_items, self.best_items, tokens.families, strict=False)
        for line, lone, best, ink in items:
            line.setPen(pen(ink, 1.8))
            best.setPen(pen(ink, 1.8))
            lone.setBrush(pyqtgraph.mkBrush(ink))
            best.setBrush(pyqtgraph.mkBrush(tokens.surface))
        self.arrange()

    def retranslate(self) -> None:
        """Set the texts."""
        self.axis("bottom").set_text(self.tr("Epoch"))
        self.axis("left").set_text(self._unit)
        diverged = sum(not all(map(math.isfinite, curve.values)) for curve in self.curves)
        if self.is_empty and diverged:
            self.set_empty_text(self.tr("The training diverged at once: there is no value to draw."))
        else:
            self.set_empty_text(self.tr("The learning curves appear here when the first epoch is trained."))
        if not self.is_empty:
            kept = any(best_point(curve) for curve in self.curves)
            self.set_notes(
                self.tr("ring: the epoch that was kept") if kept else "",
                *self.scale_notes(self.y_scale),
                self.tr("%n diverged", "", diverged) if diverged else "",
            )

    def hover_text(self, position: QPointF) -> str:
        """The nearest point of a curve."""
        at, (width, height) = self.to_view(position), self.pixel()
        nearest, said = NEAR, ""
        for curve in self.curves:
            if not curve.values:
                continue
            x, y = np.asarray(curve.epochs, np.float64), self.y_scale.place(curve.values)
            distances = np.hypot((x - at.x()) / width, (y - at.y()) / height)
            found = int(np.argmin(np.where(np.isfinite(distances), distances, np.inf)))
            if distances[found] <= nearest:
                nearest = float(distances[found])
                said = self.tr("{name}, epoch {epoch}: {value}").format(
                    name=curve.name, epoch=curve.epochs[found], value=figure(curve.values[found])
                )
        return said

    def table(self) -> Table:
        """A row for each epoch of each curve."""
        return ("curve", "epoch", self._unit), [
            (curve.name, epoch, value if math.isfinite(value) else "")
            for curve in self.curves
            for epoch, value in zip(curve.epochs, curve.values, strict=True)
        ]


def best_point(curve: FoldCurve) -> tuple[float, float] | None:
    """Epoch and value that were kept; None where none was, or where it is not in the curve."""
    if curve.best_epoch is None or curve.best_epoch not in curve.epochs:
        return None
    value = curve.values[list(curve.epochs).index(curve.best_epoch)]
    return (float(curve.best_epoch), value) if math.isfinite(value) else None


def curve_end(values: Sequence[float]) -> float:
    """The last finite value; NaN where there is none."""
    return next((value for value in reversed(values) if math.isfinite(value)), math.nan)


def last_epoch(epochs: Sequence[int], values: Sequence[float]) -> float:
    """The epoch of the last finite value; NaN where there is none."""
    ends = zip(reversed(epochs), reversed(values), strict=True)
    return next((float(epoch) for epoch, value in ends if math.isfinite(value)), math.nan)


def lone_points(lines: Sequence[tuple[Sequence[int], Floats]]) -> tuple[Floats, Floats]:
    """The finite values with none beside them, which a line alone would not show."""
    x, y = joined(lines)
    beside = np.isfinite(np.concatenate([[np.nan], y, [np.nan]]))
    alone = beside[1:-1] & ~beside[:-2] & ~beside[2:]
    return x[alone], y[alone]


def joined(lines: Sequence[tuple[Sequence[int], Floats]]) -> tuple[Floats, Floats]:
    """Many lines as one, with gaps between: one item draws them all."""
    gap = np.array([np.nan])
    x = [part for epochs, _ in lines for part in (np.asarray(epochs, np.float64), gap)]
    y = [part for _, values in lines for part in (values, gap)]
    return (np.concatenate(x), np.concatenate(y)) if x else (np.empty(0), np.empty(0))


def set_epochs(plot: Plot, last: float, room: float) -> None:
    """An axis of epochs from 0 to the last, with room in pixels at its end."""
    width = max(1.0, plot.view.width())
    span = max(1.0, last * 1.02) * width / max(60.0, width - room)
    plot.view.setXRange(0.0, span, padding=0)


def draw_rungs(plot: Plot, item: pyqtgraph.PlotCurveItem, rungs: Sequence[int], last: float) -> None:
    """Hairlines from below to above at the rungs that were reached."""
    low, high = plot.view.viewRange()[1]
    seen = [rung for rung in rungs if 0 < rung <= last]
    x = np.repeat(np.array(seen, np.float64), 3)
    y = np.tile(np.array([low, high, np.nan]), len(seen))
    item.setData(x, y)
