"""Names at the ends of lines, kept apart where lines end close together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyqtgraph
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetricsF

from cambrian_desktop import theme
from cambrian_desktop.plots.ink import brush, colour

GAP = 6.0
"""Pixels between the end of a line and its name."""


@dataclass(frozen=True, slots=True)
class Label:
    """A name at a place of the axes.

    Attributes:
        text: Plain text.
        ink: Its colour, `#RRGGBB`.
        backed: Whether hairlines under it are hidden.
        anchor: Which point of the text is there: (0, 0) its upper left, (1, 1) its lower right corner.
    """

    text: str
    x: float
    y: float
    ink: str
    anchor: tuple[float, float] = (0.0, 0.5)
    backed: bool = True


class EndLabels:
    """The texts of a plot; items are made once and used again.

    Args:
        plot_item: Where the texts are drawn.
    """

    def __init__(self, plot_item: Any) -> None:
        self._plot_item = plot_item
        self._items: list[Any] = []
        self.labels: list[Label] = []

    def width(self, texts: Sequence[str], font: QFont) -> float:
        """Pixels that the longest of the texts takes, with the gap before it."""
        metrics = QFontMetricsF(font)
        return max((metrics.horizontalAdvance(text) for text in texts), default=0.0) + GAP

    def show(self, labels: Sequence[Label], pixel: tuple[float, float], font: QFont) -> None:
        """Show these and no others.

        Args:
            labels: Those with the anchor's y at 0.5 are moved where they would overlap another or an edge.
            pixel: Length of a pixel along both axes.
            font: Of all texts.
        """
        self.labels = list(labels)
        while len(self._items) < len(labels):
            item = pyqtgraph.TextItem()
            item.textItem.document().setDocumentMargin(1)  # else the backing reaches into its neighbours
            item.setZValue(50)
            self._plot_item.addItem(item, ignoreBounds=True)
            self._items.append(item)
        height = QFontMetricsF(font).height()
        backing = brush(theme.current().surface, 0.8)
        nothing = brush(theme.current().surface, 0.0)
        movable = [each.anchor[1] == 0.5 for each in labels]
        middles = [each.y / pixel[1] + (each.anchor[1] - 0.5) * height for each in labels]
        low, high = (edge / pixel[1] for edge in self._plot_item.vb.viewRange()[1])
        apart = _apart(middles, movable, height, within=(low + height / 2, high - height / 2))
        moved = [y - (each.anchor[1] - 0.5) * height for each, y in zip(labels, apart, strict=True)]
        for item, label, y in zip(self._items, labels, moved, strict=False):
            item.setFont(font)
            item.setColor(colour(label.ink))
            item.fill = backing if label.backed else nothing
            if item.toPlainText() != label.text:
                item.setPlainText(label.text)
            item.setAnchor(label.anchor)
            item.setPos(QPointF(label.x, y * pixel[1]))
        for number, item in enumerate(self._items):
            item.setVisible(number < len(labels))


def _apart(
    heights: list[float], movable: list[bool], least: float, *, within: tuple[float, float]
) -> list[float]:
    """Heights in pixels with at least `least` between any two, moved as little as needed.

    Args:
        heights: Where they would be.
        movable: Which of them may be moved; where that leaves no room, all may.
        least: Pixels between two.
        within: The lowest and the highest, in pixels, for those that are moved.
    """
    placed = _pushed(heights, movable, least, within)
    low, high = within
    ordered = sorted(placed)
    crowded = any(upper - lower < least - 1.0 for lower, upper in pairwise(ordered))
    fits = (len(heights) - 1) * least <= high - low
    return _pushed(heights, [True] * len(heights), least, within) if crowded and fits else placed


def _pushed(
    heights: list[float], movable: list[bool], least: float, within: tuple[float, float]
) -> list[float]:
    low, high = within
    placed = list(heights)
    order = sorted(range(len(heights)), key=lambda each: heights[each])
    for _ in range(60):
        for lower, upper in pairwise(order):
            short = least - (placed[upper] - placed[lower])
            movers = movable[lower] + movable[upper]
            if short > 0.01 and movers:
                placed[lower] -= short / movers * movable[lower]
                placed[upper] += short / movers * movable[upper]
        for each in order:
            if movable[each]:
                placed[each] = min(max(placed[each], low), max(low, high))
    return placed
