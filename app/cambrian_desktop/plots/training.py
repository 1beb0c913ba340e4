"""What trains now: a curve for each lane of the generation."""

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
from cambrian_desktop.plots.curves import draw_rungs, joined, lone_points, set_epochs
from cambrian_desktop.plots.ink import SUBJECT, pen
from cambrian_desktop.plots.labels import GAP, EndLabels, Label
from cambrian_desktop.plots.scale import scale_for
from cambrian_desktop.theme import Tokens

ALIVE, CULLED, FAILED = "alive", "culled", "failed"


@dataclass(frozen=True, slots=True)
class Lane:
    """A training.

    Attributes:
        individual: Its number.
        fold: Which part of the data judges it; counted from 0.
        state: `alive` (it trains, waits for its rung, or is done), `culled` or `failed`.
        epochs: Rising.
        values: Validation losses; NaN where it diverged.
    """

    individual: int
    fold: int
    state: str
    epochs: Sequence[int]
    values: Sequence[float]


class TrainingPlot(Plot):
    """The learning curves of a generation; the item count does not grow with the lanes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, whole_x=True)
        self.lanes: tuple[Lane, ...] = ()
        self._rungs: tuple[int, ...] = ()
        self._unit = ""
        self.rung_item = pyqtgraph.PlotCurveItem(connect="finite")
        self.culled_item = pyqtgraph.PlotCurveItem(connect="finite")
        self.alive_item = pyqtgraph.PlotCurveItem(connect="finite")
        self.best_item = pyqtgraph.PlotCurveItem(connect="finite")
        self.start_item = pyqtgraph.ScatterPlotItem(size=5, pen=None, pxMode=True)
        for height, item in enumerate(
            (self.rung_item, self.culled_item, self.alive_item, self.start_item, self.best_item)
        ):
            item.setZValue(height)
            self.plot_item.addItem(item, ignoreBounds=True)
        self.labels = EndLabels(self.plot_item)
        self.begin()

    def show(
        self, curves: Sequence[Lane] | None = None, rung_epochs: Sequence[int] = (), unit: str = ""
    ) -> None:
        """Draw these lanes; without arguments make the widget visible.

        Args:
            curves: The lanes of the generation that trains.
            rung_epochs: Epochs of the rungs.
            unit: What the values measure.
        """
        if curves is None:
            super().show()
            return
        if (tuple(curves), tuple(rung_epochs), unit) == (self.lanes, self._rungs, self._unit):
            return
        self.lanes, self._rungs, self._unit = tuple(curves), tuple(rung_epochs), unit
        drawable = any(math.isfinite(value) for lane in self.lanes for value in lane.values)
        self.set_drawn(drawable)
        if drawable:
            self._redraw()
        self.retranslate()

    @property
    def best(self) -> Lane | None:
        """Among the lanes trained longest that still count, the one with the smallest loss."""
        alive = [lane for lane in self.lanes if lane.state == ALIVE and lane.values]
        alive = [lane for lane in alive if math.isfinite(lane.values[-1])]
        longest = max((lane.epochs[-1] for lane in alive), default=0)
        return min(
            (lane for lane in alive if lane.epochs[-1] == longest),
            key=lambda lane: lane.values[-1],
            default=None,
        )

    def _redraw(self) -> None:
        everything = np.concatenate([np.asarray(lane.values, np.float64) for lane in self.lanes])
        best = self.best
        self.set_y_scale(scale_for(everything, [best.values[-1]] if best else []))
        for item, state in ((self.alive_item, ALIVE), (self.culled_item, None)):
            chosen = [lane for lane in self.lanes if (lane.state == ALIVE) == (state == ALIVE)]
            item.setData(*joined([(lane.epochs, self.y_scale.place(lane.values)) for lane in chosen]))
        lines = [(best.epochs, self.y_scale.place(best.values))] if best else []
        self.best_item.setData(*joined(lines))
        self.start_item.setData(
            *lone_points([(lane.epochs, self.y_scale.place(lane.values)) for lane in self.lanes])
        )
        self.arrange()

    def arrange(self) -> None:
        """Leave room for the name of the best, and place it."""
        if self.is_empty:
            return
        tokens, font, best = theme.current(), small_font(self), self.best
        last = max(lane.epochs[-1] for lane in self.lanes if lane.epochs)
        names = [self._name(best)] if best else []
        set_epochs(self, last, self.labels.width(names, font) + GAP)
        draw_rungs(self, self.rung_item, self._rungs, last)
        pixel = self.pixel()
        labels = [
            Label(
                names[0],
                best.epochs[-1] + GAP * pixel[0],
                float(self.y_scale.place(best.values[-1])),
                tokens.accent,
            )
            for _ in names
            if best
        ]
        self.labels.show(labels, pixel, font)

    def _name(self, lane: Lane) -> str:
        return self.tr("no. {number}").format(number=lane.individual)

    def recolour(self, tokens: Tokens) -> None:
        """Lines in the theme's colours; those that no longer train are faint."""
        self.rung_item.setPen(pen(tokens.line, 1.0))
        self.culled_item.setPen(pen(tokens.muted, 1.0, strength=0.3))
        self.alive_item.setPen(pen(tokens.accent, strength=0.7))
        self.best_item.setPen(pen(tokens.accent, SUBJECT))
        self.start_item.setBrush(pyqtgraph.mkBrush(tokens.accent))
        self.arrange()

    def retranslate(self) -> None:
        """Set the texts."""
        self.axis("bottom").set_text(self.tr("Epoch"))
        self.axis("left").set_text(self._unit)
        self.set_empty_text(self.tr("The learning curves of the networks in training appear here."))
        if not self.is_empty:
            failed = sum(lane.state == FAILED for lane in self.lanes)
            self.set_notes(
                *self.scale_notes(self.y_scale), self.tr("%n failed", "", failed) if failed else ""
            )

    def _nearest(self, position: QPointF) -> tuple[Lane, int] | None:
        at, (width, height) = self.to_view(position), self.pixel()
        nearest, found = NEAR, None
        for lane in self.lanes:
            if not lane.values:
                continue
            x, y = np.asarray(lane.epochs, np.float64), self.y_scale.place(lane.values)
            distances = np.hypot((x - at.x()) / width, (y - at.y()) / height)
            place = int(np.argmin(np.where(np.isfinite(distances), distances, np.inf)))
            if distances[place] < nearest:
                nearest, found = float(distances[place]), (lane, place)
        return found

    def picked_at(self, position: QPointF) -> int | None:
        """The individual whose curve is at a position."""
        found = self._nearest(position)
        return None if found is None else found[0].individual

    def hover_text(self, position: QPointF) -> str:
        """The nearest point of a curve."""
        found = self._nearest(position)
        if found is None:
            return ""
        lane, place = found
        said = self.tr("Individual {number}, fold {fold}, epoch {epoch}: {value}").format(
            number=lane.individual,
            fold=lane.fold + 1,
            epoch=lane.epochs[place],
            value=figure(lane.values[place]),
        )
        if lane.state == CULLED:
            said += "\n" + self.tr("culled at epoch {epoch}").format(epoch=lane.epochs[-1])
        if lane.state == FAILED:
            said += "\n" + self.tr("failed at epoch {epoch}").format(epoch=lane.epochs[-1])
        return said

    def table(self) -> Table:
        """A row for each epoch of each lane."""
        return ("individual", "fold", "state", "epoch", self._unit), [
            (lane.individual, lane.fold, lane.state, epoch, value if math.isfinite(value) else "")
            for lane in self.lanes
            for epoch, value in zip(lane.epochs, lane.values, strict=True)
        ]
