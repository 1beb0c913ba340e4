"""Numbers as a reader of the window's language writes them."""

from __future__ import annotations

import math

from PySide6.QtCore import QLocale

MISSING = "–"
"""What stands where there is no number."""


def figure(value: float | None, digits: int = 4) -> str:
    """A measured value with so many significant digits: `529.4`, `0.0123`, `1,204`, `1.2e-07`."""
    if value is None or not math.isfinite(value):
        return MISSING
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if not -4 <= size < 9:
        return QLocale().toString(float(value), "g", digits)
    return QLocale().toString(float(value), "f", max(0, digits - 1 - size))


def whole(value: float) -> str:
    """A count with the separators of thousands."""
    return QLocale().toString(round(value))


def tick(value: float, spacing: float) -> str:
    """A number at an axis, with as many decimals as its neighbours need to differ from it."""
    size = max(abs(value), abs(spacing))
    if value and not 1e-4 <= size < 1e7:
        return QLocale().toString(float(value), "g", 3)
    places = max(0, -math.floor(math.log10(spacing) + 1e-9)) if spacing > 0 else 0
    return QLocale().toString(float(value), "f", places)
