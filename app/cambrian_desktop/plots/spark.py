"""A line the size of a word."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPixmap

from cambrian_desktop.plots.ink import brush, pen
from cambrian_desktop.theme import Tokens

_MARGIN = 3.0


def sparkline(values: Sequence[float], size: QSize, tokens: Tokens, *, ratio: float = 1.0) -> QPixmap:
    """Values from left to right with a dot at the last; empty where none is finite.

    Args:
        values: Not finite ones are left out.
        size: Of the picture, in pixels of the layout.
        tokens: The colours.
        ratio: Pixels of the screen per pixel of the layout.
    """
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    points = _points(values, size)
    if not points:
        return picture
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen(tokens.accent, 1.5))
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush(tokens.accent))
    painter.drawEllipse(points[-1], 2.2, 2.2)
    painter.end()
    return picture


def _points(values: Sequence[float], size: QSize) -> list[QPointF]:
    kept = [(place, value) for place, value in enumerate(values) if math.isfinite(value)]
    if not kept:
        return []
    low, high = min(value for _, value in kept), max(value for _, value in kept)
    width, height = size.width() - 2 * _MARGIN, size.height() - 2 * _MARGIN
    steps = max(1, len(values) - 1)

    def up(value: float) -> float:
        return 0.5 if high == low else (value - low) / (high - low)

    return [
        QPointF(_MARGIN + width * place / steps, _MARGIN + height * (1 - up(value))) for place, value in kept
    ]
