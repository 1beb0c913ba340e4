"""Scores beside one another: a dot with its error for each model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from cambrian_desktop import theme
from cambrian_desktop.figures import figure
from cambrian_desktop.plots.base import Plot, Table, small_font
from cambrian_desktop.plots.ink import SUBJECT, brush, pen
from cambrian_desktop.plots.labels import GAP, EndLabels, Label
from cambrian_desktop.plots.scale import Floats, Scale, scale_for
from cambrian_desktop.theme import Tokens


@dataclass(frozen=True, slots=True)
class Score:
    """A model's score.

    Attributes:
        name: Plain text.
        value: NaN where it has none.
        error: Half the length of its interval in the value's unit; None where it is not known.
        subject: Whether the plot is about it.
    """

    name: str
    value: float
    error: float | None = None
    subject: bool = False


class ScoresPlot(Plot):
    """Models from top to bottom in the order given, their scores from left to right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Score, ...] = ()
        self._unit = ""
        self._better = ""
        self._note = ""
        self.x_scale = Scale(0.0, 1.0)
        self.error_items = {subject: pyqtgraph.PlotCurveItem(connect="finite") for subject in (False, True)}
        self.dot_items = {
            subject: pyqtgraph.ScatterPlotItem(size=11 if subject else 8, pen=None, pxMode=True)
            for subject in (False, True)
        }
        self.subject_line = pyqtgraph.InfiniteLine(angle=90)
        for item in (self.subject_line, *self.error_items.values(), *self.dot_items.values()):
            self.plot_item.addItem(item, ignoreBounds=True)
        self.labels = EndLabels(self.plot_item)
        self.begin()

    def show(
        self, rows: Sequence[Score] | None = None, *, unit: str = "", direction: str = "", note: str = ""
    ) -> None:
        """Draw these scores; without arguments make the widget visible.

        Args:
            rows: From top to bottom.
            unit: Name of the measure.
            direction: `minimize` or `maximize`, said at the axis; empty says nothing.
            note: What the errors are, in the user's language.
        """
        if rows is None:
            super().show()
            return
        if (tuple(rows), unit, direction, note) == (self.rows, self._unit, self._better, self._note):
            return
        self.rows, self._unit, self._better, self._note = tuple(rows), unit, direction, note
        drawable = any(math.isfinite(row.value) for row in self.rows)
        self.set_drawn(drawable)
        if drawable:
            self._redraw()
        self.retranslate()

    def _redraw(self) -> None:
        places = range(len(self.rows) - 1, -1, -1)
        self.x_scale = _scale(self.rows)
        self.axis("bottom").mark_log(self.x_scale.log)
        for subject in (False, True):
            chosen = [(row, y) for row, y in zip(self.rows, places, strict=True) if row.subject is subject]
            self.dot_items[subject].setData(*(np.array(part, np.float64) for part in self._dots(chosen)))
            self.error_items[subject].setData(*self._bars(chosen))
        of_subject = [row.value for row in self.rows if row.subject and math.isfinite(row.value)]
        self.subject_line.setVisible(bool(of_subject))
        if of_subject:
            self.subject_line.setValue(float(self.x_scale.place(of_subject[0])))
        self.axis("left").mark_names([(float(y), row.name) for row, y in zip(self.rows, places, strict=True)])
        self.view.setYRange(-0.6, len(self.rows) - 0.4, padding=0)
        self.arrange()

    def _dots(self, chosen: Sequence[tuple[Score, int]]) -> tuple[list[float], list[float]]:
        seen = [(row, y) for row, y in chosen if self.x_scale.holds(row.value)]
        return [float(self.x_scale.place(row.value)) for row, _ in seen], [float(y) for _, y in seen]

    def _bars(self, chosen: Sequence[tuple[Score, int]]) -> tuple[Floats, Floats]:
        x, y = [], []
        for row, place in chosen:
            if row.error and self.x_scale.holds(row.value):
                x += [row.value - row.error, row.value + row.error, math.nan]
                y += [float(place), float(place), math.nan]
        return self.x_scale.place(x), np.array(y)

    def arrange(self) -> None:
        """Leave room for the figures at the right, and place them."""
        if self.is_empty:
            return
        tokens, font = theme.current(), small_font(self)
        texts = [self._figures(row) for row in self.rows]
        low, high = (float(each) for each in self.x_scale.place([self.x_scale.low, self.x_scale.high]))
        width = max(1.0, self.view.width())
        room = self.labels.width(texts, font) + 2 * GAP
        end = low + (high - low) * width / max(60.0, width - room)
        self.view.setXRange(low, end, padding=0)
        pixel = self.pixel()
        labels = [
            Label(
                text,
                end - GAP * pixel[0],
                float(y),
                tokens.accent if row.subject else tokens.muted,
                (1.0, 0.5),
            )
            for row, text, y in zip(self.rows, texts, range(len(self.rows) - 1, -1, -1), strict=True)
        ]
        self.labels.show(labels, pixel, font)

    def _figures(self, row: Score) -> str:
        text = figure(row.value) if row.error is None else f"{figure(row.value)} ± {figure(row.error, 2)}"
        if not math.isfinite(row.value):
            return text
        if row.value > self.x_scale.high:
            return f"{text} →"
        return f"← {text}" if row.value < self.x_scale.low else text

    def recolour(self, tokens: Tokens) -> None:
        """Dots and errors in the theme's colours."""
        for subject, name in ((False, tokens.muted), (True, tokens.accent)):
            self.dot_items[subject].setBrush(brush(name))
            self.error_items[subject].setPen(pen(name, SUBJECT if subject else 1.5))
        self.subject_line.setPen(pen(tokens.accent, 1.0, strength=0.5, style=Qt.PenStyle.DotLine))
        self.arrange()

    def retranslate(self) -> None:
        """Set the texts."""
        better = {"minimize": self.tr("smaller is better"), "maximize": self.tr("larger is better")}
        said = better.get(self._better, "")
        self.axis("bottom").set_text(f"{self._unit} · {said}" if self._unit and said else self._unit or said)
        self.axis("left").set_text("")
        self.set_empty_text(self.tr("The scores will stand here when the run is complete."))
        if not self.is_empty:
            self.set_notes(self._note, *self.scale_notes(self.x_scale.counting(())))

    def hover_text(self, position: QPointF) -> str:
        """The model in the row under the pointer."""
        place = len(self.rows) - 1 - round(self.to_view(position).y())
        if not 0 <= place < len(self.rows):
            return ""
        row = self.rows[place]
        return f"{row.name}: {self._unit} {self._figures(row).strip('← →')}"

    def table(self) -> Table:
        """A row for each model."""
        return ("model", self._unit, "error"), [
            (row.name, row.value if math.isfinite(row.value) else "", "" if row.error is None else row.error)
            for row in self.rows
        ]


def _scale(rows: Sequence[Score]) -> Scale:
    """An axis on which the subject and its nearest rivals can be told apart; far ones may lie outside."""
    known = [row for row in rows if math.isfinite(row.value)]
    subjects = [row for row in known if row.subject] or known[:1]
    rivals = sorted(
        (row for row in known if row not in subjects), key=lambda row: abs(row.value - subjects[0].value)
    )
    first = subjects + rivals[:1]
    return scale_for([], _ends(first), [end for row in rivals[1:] for end in _ends([row])])


def _ends(rows: Sequence[Score]) -> list[float]:
    return [row.value + sign * (row.error or 0.0) for row in rows for sign in (-1, 1)]
