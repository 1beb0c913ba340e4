"""Thousands of individuals and lines of descent drawn once into pictures, bit by bit.

Drawing 40,000 curves takes a second; the window must not wait for it. Points are drawn at once, curves in
slices of a few milliseconds between events, and a repaint only copies the pictures.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from cambrian_desktop.plots.scale import Floats

_BATCH = 200
"""Curves between two looks at the clock."""
_SLICE = 0.008
"""Seconds of drawing between events."""
_REPAINT = 0.1
"""Seconds between repaints while curves are being drawn."""
_BEND = np.linspace(0.0, 1.0, 9)
_SMOOTH = _BEND * _BEND * (3 - 2 * _BEND)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is drawn.

    Attributes:
        x: Places of the individuals; `y` likewise.
        inks: Number of each one's colour; -1 for the colour of failures.
        links: Child and parent of each line, (lines, 2).
    """

    x: Floats
    y: Floats
    inks: NDArray[np.int64]
    links: NDArray[np.int64]


NOTHING = Marks(np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty((0, 2), np.int64))


class FamilyPicture(pyqtgraph.GraphicsObject):  # type: ignore[misc]
    """Points and curves of a genealogy.

    Attributes:
        marks: What is drawn.
        until: Generations after this one are hidden; None hides none.
        exact: Whether to draw everything at once and sharply, as for a file.
        drawn_links: How many of the curves stand in the picture.
    """

    def __init__(self, view: Any) -> None:
        super().__init__()
        self._view = view
        self.marks = NOTHING
        self.until: float | None = None
        self.exact = False
        self.drawn_links = 0
        self._inks: Sequence[QColor] = ()
        self._failed_ink = self._line_ink = QColor()
        self._curves = self._points = QImage()
        self._key: tuple[object, ...] = ()
        self._points_drawn = 0
        self._painted = 0.0
        self._timer = QTimer(interval=0)
        self._timer.timeout.connect(self._advance)

    def set_inks(self, inks: Sequence[QColor], failed: QColor, line: QColor) -> None:
        """Take the theme's colours; everything is drawn anew."""
        self._inks, self._failed_ink, self._line_ink = inks, failed, line
        self.forget()

    def set_marks(self, marks: Marks, *, grown: bool) -> None:
        """Draw these.

        Args:
            marks: All of them.
            grown: Whether they only follow those of before, which then stay in the picture.
        """
        self.marks = marks
        if grown:
            self.update()
        else:
            self.forget()

    def forget(self) -> None:
        """Draw everything anew at the next painting."""
        self._key = ()
        self.update()

    def set_until(self, until: float | None) -> None:
        """Hide what comes after a generation."""
        self.until = until
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        """All that is seen."""
        (x0, x1), (y0, y1) = self._view.viewRange()
        return QRectF(x0, y0, x1 - x0, y1 - y0)

    def viewRangeChanged(self) -> None:  # noqa: N802 - pyqtgraph's name
        """What is seen has changed."""
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Copy the pictures, drawing what they lack; Qt asks."""
        area = self.boundingRect()
        device = painter.worldTransform().mapRect(area)
        if device.width() < 1 or device.height() < 1:
            return
        painter.save()
        if self.until is not None:
            painter.setClipRect(
                QRectF(area.left(), area.top(), self.until + 0.5 - area.left(), area.height())
            )
        painter.resetTransform()
        if self.exact:
            painter.translate(device.topLeft())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_curves(painter, device.size().toSize(), 0, len(self.marks.links))
            self._draw_points(painter, device.size().toSize(), 0)
        else:
            self._prepare(device, painter.device().devicePixelRatio() if painter.device() else 1.0)
            painter.drawImage(device, self._curves)
            painter.drawImage(device, self._points)
        painter.restore()

    # -- pictures -----------------------------------------------------------------------------------

    def _prepare(self, device: QRectF, ratio: float) -> None:
        size = device.size().toSize()
        key = (size.width(), size.height(), ratio, tuple(map(tuple, self._view.viewRange())))
        if key != self._key:
            self._key = key
            self._curves, self._points = _empty(size, ratio), _empty(size, ratio)
            self.drawn_links = self._points_drawn = 0
        if self._points_drawn < len(self.marks.x):
            painter = QPainter(self._points)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_points(painter, size, self._points_drawn)
            painter.end()
            self._points_drawn = len(self.marks.x)
        if self.drawn_links < len(self.marks.links) and not self._timer.isActive():
            self._timer.start()

    def _advance(self) -> None:
        """Draw curves for some milliseconds."""
        if not self._key:  # forgotten meanwhile: the next painting begins anew
            self._timer.stop()
            return
        begun = time.perf_counter()
        self._draw_until(begun + _SLICE)
        done = self.drawn_links >= len(self.marks.links)
        if done:
            self._timer.stop()
        if done or begun - self._painted > _REPAINT:
            self._painted = begun
            self.update()

    def _draw_until(self, deadline: float) -> None:
        painter = QPainter(self._curves)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = QSize(int(str(self._key[0])), int(str(self._key[1])))
        while self.drawn_links < len(self.marks.links):
            last = min(self.drawn_links + _BATCH, len(self.marks.links))
            self._draw_curves(painter, size, self.drawn_links, last)
            self.drawn_links = last
            if time.perf_counter() > deadline:
                break
        painter.end()

    def _draw_curves(self, painter: QPainter, size: QSize, first: int, last: int) -> None:
        links = self.marks.links[first:last]
        if not len(links):
            return
        painter.setPen(QPen(self._line_ink, 1.0))
        painter.drawPath(_curves(*self._pixels(size), links))

    def _draw_points(self, painter: QPainter, size: QSize, first: int) -> None:
        x, y = (part[first:] for part in self._pixels(size))
        inks = self.marks.inks[first:]
        width = self._point_width(size)
        for ink in np.unique(inks):
            chosen = inks == ink
            colour = self._failed_ink if ink < 0 else self._inks[ink]
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints(arrayToQPolygonF(x[chosen], y[chosen]))

    def _point_width(self, size: QSize) -> float:
        y0, y1 = self._view.viewRange()[1]
        return float(np.clip(0.8 * size.height() / max(1.0, y1 - y0), 1.5, 6.0))

    def _pixels(self, size: QSize) -> tuple[Floats, Floats]:
        """Places in the picture, from its upper left corner."""
        (x0, x1), (y0, y1) = self._view.viewRange()
        y = (self.marks.y - y0) / (y1 - y0)
        y = y if self._view.yInverted() else 1.0 - y
        return (self.marks.x - x0) / (x1 - x0) * size.width(), y * size.height()


def curve_points(x: Floats, y: Floats, links: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Smooth curves from parents to children as points, (lines, points)."""
    child, parent = links[:, 0], links[:, 1]
    across = x[parent][:, None] + (x[child] - x[parent])[:, None] * _BEND
    along = y[parent][:, None] + (y[child] - y[parent])[:, None] * _SMOOTH
    return across, along


def _curves(x: Floats, y: Floats, links: NDArray[np.int64]) -> QPainterPath:
    across, along = curve_points(x, y, links)
    connected = np.ones(across.shape, np.int32)
    connected[:, -1] = 0
    path: QPainterPath = pyqtgraph.arrayToQPath(
        across.ravel(), along.ravel(), connect=connected.ravel(), finiteCheck=False
    )
    return path


def _empty(size: QSize, ratio: float) -> QImage:
    picture = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    return picture
