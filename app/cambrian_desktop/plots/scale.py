"""From values to an axis: linear or logarithmic, and which values an axis leaves out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_FEW = 8
"""Below so many values none is taken as an outlier."""
_DECADES = 3
_STRETCH = 3.0
"""A value that would stretch the axis more than so many times stays outside it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis of values.

    Attributes:
        low: Its ends, in values; `high` above `low`.
        log: Whether it is logarithmic: places on it are decadic logarithms.
        beyond: How many finite values lie outside it.
    """

    low: float
    high: float
    log: bool = False
    beyond: int = 0

    def place(self, values: ArrayLike) -> Floats:
        """Where the values stand on the axis; NaN for what has no place on it."""
        array = np.asarray(values, dtype=np.float64)
        if not self.log:
            return array
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(array > 0, np.log10(np.where(array > 0, array, 1.0)), np.nan)

    def value(self, place: float) -> float:
        """The value at a place of the axis."""
        return float(10.0**place) if self.log else place

    def counting(self, values: ArrayLike) -> Scale:
        """The same axis, that says how many of these values lie outside it."""
        found = np.asarray(values, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            outside = np.isfinite(found) & ((found < self.low) | (found > self.high))
        return Scale(self.low, self.high, self.log, int(np.count_nonzero(outside)))

    def holds(self, value: float) -> bool:
        """Whether the value lies between the ends."""
        return self.low <= value <= self.high


def scale_for(values: ArrayLike, keep: Sequence[float] = (), near: Sequence[float] = ()) -> Scale:
    """An axis on which the bulk of the values can be read.

    Outliers are those further from the middle four fifths than 1.5 times their width. Logarithmic where
    all values are positive and nine tenths of them span three decades.

    Args:
        values: What is drawn; not finite ones are left out.
        keep: Values that must be on the axis.
        near: Values that are on it unless they would stretch it to more than three times its length.
    """
    found = np.asarray(values, dtype=np.float64).ravel()
    found = found[np.isfinite(found)]
    kept = [float(each) for each in keep if math.isfinite(each)]
    everything = np.concatenate([found, kept])
    if not len(everything):
        return Scale(0.0, 1.0)
    log = _spans_decades(everything)
    axis = Scale(0.0, 1.0, log)
    low, high = _bulk(axis.place(everything))
    if kept:
        low, high = min(low, *axis.place(kept)), max(high, *axis.place(kept))
    low, high = _stretched(axis, low, high, near)
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 0.5
    return Scale(axis.value(low - margin), axis.value(high + margin), log).counting(found)


def nice_step(span: float, pixels: float, apart: float, *, whole: bool = False) -> float:
    """A step of 1, 2 or 5 times a power of ten at which ticks are at least `apart` pixels apart."""
    least = span * apart / max(pixels, 1.0)
    if not math.isfinite(least) or least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= least * (1 - 1e-9))
    return max(1.0, step) if whole else step


def _spans_decades(values: Floats) -> bool:
    if np.any(values <= 0):
        return False
    low, high = np.quantile(values, (0.05, 0.95))
    return bool(high / low >= 10.0**_DECADES)


def _bulk(places: Floats) -> tuple[float, float]:
    places = places[np.isfinite(places)]
    low, high = float(places.min()), float(places.max())
    if len(places) < _FEW:
        return low, high
    inner_low, inner_high = (float(each) for each in np.quantile(places, (0.1, 0.9)))
    reach = 1.5 * (inner_high - inner_low)
    if reach == 0:  # nearly all are one value
        reach = max(abs(inner_low) * 0.1, 1e-12)
    return max(low, inner_low - reach), min(high, inner_high + reach)


def _stretched(axis: Scale, low: float, high: float, near: Sequence[float]) -> tuple[float, float]:
    for place in axis.place(list(near)) if near else ():
        wider = max(high, float(place)) - min(low, float(place))
        if math.isfinite(wider) and wider <= _STRETCH * (high - low or abs(high) or 1.0):
            low, high = min(low, float(place)), max(high, float(place))
    return low, high
