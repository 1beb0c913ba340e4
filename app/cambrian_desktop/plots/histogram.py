"""A distribution the size of a table's cell."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from cambrian_desktop.plots.ink import brush
from cambrian_desktop.theme import Tokens


def mini_histogram(
    counts: Sequence[float], size: QSize, tokens: Tokens, *, ratio: float = 1.0, ink: str = ""
) -> QPixmap:
    """Bars of equal width from left to right; a count above zero is at least a pixel high.

    Args:
        counts: Not negative; none or all zero gives an empty picture.
        size: Of the picture, in pixels of the layout.
        tokens: The colours.
        ratio: Pixels of the screen per pixel of the layout.
        ink: `#RRGGBB` of the bars; the accent if empty.
    """
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    highest = max(counts, default=0)
    if highest <= 0:
        return picture
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width, height = size.width() / len(counts), size.height()
    gap = 1.0 if width >= 4 else 0.0
    for place, count in enumerate(counts):
        if count > 0:
            tall = max(1.0, height * count / highest)
            bar = QRectF(place * width, height - tall, max(0.5, width - gap), tall)
            painter.fillRect(bar, brush(ink or tokens.accent, 0.6))
    painter.end()
    return picture
