"""The axes of a plot: few ticks at round numbers, in the reader's way of writing numbers."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph
from PySide6.QtGui import QFont

from cambrian_desktop.figures import tick
from cambrian_desktop.plots.ink import colour, pen
from cambrian_desktop.plots.scale import nice_step
from cambrian_desktop.theme import Tokens

_APART = {"left": 34.0, "bottom": 52.0}
"""Least distance of two ticks in pixels."""


class Axis(pyqtgraph.AxisItem):  # type: ignore[misc]
    """An axis without tick marks; the left one draws hairlines across the plot.

    Args:
        side: `left` or `bottom`.
        whole: Whether only whole numbers are marked.
    """

    def __init__(self, side: str, *, whole: bool = False) -> None:
        super().__init__(side)
        self._side = side
        self._whole = whole
        self._logarithmic = False
        self._names: list[tuple[float, str]] | None = None
        self.enableAutoSIPrefix(False)
        self.setStyle(tickLength=0, tickTextOffset=6, hideOverlappingLabels=False)

    def mark_log(self, logarithmic: bool) -> None:
        """Say whether places on the axis are decadic logarithms."""
        if logarithmic != self._logarithmic:
            self._logarithmic = logarithmic
            self.picture = None
            self.update()

    def mark_names(self, names: Sequence[tuple[float, str]]) -> None:
        """Mark these places with names in place of numbers; without hairlines."""
        self._names = list(names)
        self.picture = None
        self.update()

    def set_text(self, text: str) -> None:
        """What the axis measures; plain text."""
        self.setLabel(html.escape(text))
        self.showLabel(bool(text))

    def recolour(self, tokens: Tokens, font: QFont) -> None:
        """Draw in the theme's colours."""
        self.setStyle(tickFont=font)
        self.setPen(pen(tokens.line, 1.0))
        self.setTickPen(pen(tokens.line, 1.0))
        self.setTextPen(colour(tokens.muted))
        self.label.setFont(font)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[Any]:  # noqa: N802, N803
        """One level of ticks at round numbers; pyqtgraph asks."""
        low, high = sorted((minVal, maxVal))
        if self._names is not None:
            return [(1.0, [place for place, _ in self._names if low <= place <= high])]
        if self._logarithmic:
            return [(1.0, _log_ticks(low, high, size, _APART[self._side]))]
        step = nice_step(high - low, size, _APART[self._side], whole=self._whole)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return [(step, [step * each for each in range(first, min(last, first + 200) + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802 - its name
        """The ticks as text; pyqtgraph asks."""
        if self._names is not None:
            known = dict(self._names)
            return [known[value] for value in values]
        if self._logarithmic:
            return [tick(10.0**value, 10.0 ** math.floor(value + 1e-9)) for value in values]
        return [tick(value + 0.0, spacing) for value in values]

    def generateDrawSpecs(self, p: Any) -> Any:  # noqa: N802 - its name
        """Lines and texts; names stand without hairlines, and the lowest hairline would double the axis."""
        specs = super().generateDrawSpecs(p)
        if specs is not None and self._names is not None:
            axis, _, texts = specs
            return axis, [], texts
        return specs


def _log_ticks(low: float, high: float, size: float, apart: float) -> list[float]:
    """Decades; between them 2 and 5 where there is room, and every so many where there is none."""
    per_decade = size / max(high - low, 1e-9)
    if per_decade >= 3 * apart:
        parts: tuple[float, ...] = (0.0, math.log10(2), math.log10(5))
        step = 1
    else:
        parts, step = (0.0,), max(1, math.ceil(apart / per_decade))
    decades = range(math.floor(low), math.ceil(high) + 1)
    places = [decade + part for decade in decades if decade % step == 0 for part in parts]
    return [place for place in places if low <= place <= high]
