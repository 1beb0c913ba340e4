"""Pens and brushes from the theme's colours."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from cambrian_desktop.theme import Tokens

SUBJECT = 2.5
"""Width of the line a plot is about, in pixels; `COMPANY` of the others: Qt draws it 20 times as fast."""
COMPANY = 1.0


def colour(name: str, strength: float = 1.0) -> QColor:
    """A colour of the theme, `strength` (0 to 1) of it opaque."""
    made = QColor(name)
    made.setAlphaF(strength)
    return made


def pen(
    name: str,
    width: float = COMPANY,
    *,
    strength: float = 1.0,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> QPen:
    """A pen of a width in pixels, whatever the scale of the plot."""
    made = QPen(colour(name, strength), width, style)
    made.setCosmetic(True)
    made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return made


def brush(name: str, strength: float = 1.0) -> QBrush:
    """A brush of a colour of the theme."""
    return QBrush(colour(name, strength))


def fitness_colours(tokens: Tokens, count: int) -> list[QColor]:
    """Colours from the worst to the best: viridis without the end that the background swallows."""
    first, last = (0.2, 1.0) if tokens.dark else (0.0, 0.9)
    return [QColor(*map(int, each)) for each in _viridis(first, last, count)]


@cache
def _viridis(first: float, last: float, count: int) -> tuple[tuple[int, ...], ...]:
    places = np.linspace(first, last, count)
    table = pyqtgraph.colormap.get("viridis").map(places, mode="byte")
    return tuple(tuple(int(part) for part in row) for row in table)
