"""Three ways of bringing numbers to a common scale, fitted per column and deaf to extreme values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from cambrian.data.mapped import take_rows

NumericMethod = Literal["standard", "robust_clip", "quantile"]
METHODS: tuple[str, ...] = get_args(NumericMethod)
Floats = NDArray[np.float64]

LARGEST_VALUE = 1e140
"""Larger values count as this one: the squares of 10 million of them still have a sum in float64."""
SMALLEST_VALUE = 1e-290
"""Of a quantile scale; smaller numbers count as 0, since slopes between them are no floats."""
LARGEST_SCALED = 1e4
"""Bound of a standardised value; training rows reach it only beyond 10^8 rows (|z| <= sqrt(rows - 1))."""
BEFORE_SMOOTH_CLIP = 1e6
"""Bound before the smooth clip, which is 3 to twelve digits there."""
QUANTILE_EDGE = 1e-7 - np.spacing(1)
"""Probability of the outermost quantile (scikit-learn's): values end at +-5.2."""


@dataclass(frozen=True, slots=True)
class NumericScaler:
    """What the three methods learn from the training rows of one fold, per column.

    - `standard`: (x - mean) / standard deviation, ended at +-10^4.
    - `robust_clip`: RealMLP's z = (x - median) / (q75 - q25), where that is 0 over half the range, then
      z / sqrt(1 + (z/3)^2), which ends at +-3 (Holzmueller et al. 2024, pytabkit).
    - `quantile`: the normal quantile of the value's rank as scikit-learn's `QuantileTransformer` takes it,
      with max(min(rows // 30, 1000), 10) quantiles (TabM's preprocessing). Values that share the smallest or
      the largest place take the middle of their ranks, which TabM reaches by adding noise.

    Missing cells are filled with the median; a constant column becomes 0 everywhere.

    Attributes:
        method: Which of the three.
        fill: Medians, `(columns,)`.
        centre: What is taken off, `(columns,)`; zeros for `quantile`.
        factor: What is multiplied, `(columns,)`; 0 for constant columns.
        quantiles: `(quantiles, columns)`, empty for the other methods.
    """

    method: NumericMethod
    fill: Floats
    centre: Floats
    factor: Floats
    quantiles: Floats

    @classmethod
    def fit(
        cls,
        values: Floats,
        method: NumericMethod,
        *,
        columns: Sequence[int] | None = None,
        rows: NDArray[np.int64] | None = None,
    ) -> NumericScaler:
        """Learn from `values` `(rows, columns)`; NaN and infinities are passed over.

        A column at a time is copied: `values` may be mapped from the disk and larger than memory.

        Args:
            values: The table.
            method: Which of the three.
            columns: The columns to learn from; None: all.
            rows: The rows to learn from; None: all.
        """
        chosen = range(values.shape[1]) if columns is None else columns
        count = len(values if rows is None else rows)
        steps = min(max(min(count // 30, 1000), 10), max(count, 2)) if method == "quantile" else 0
        fitted = np.zeros((3 + steps, len(chosen)))
        for place, column in enumerate(chosen):
            cells = np.asarray(values[:, column] if rows is None else take_rows(values[:, column], rows))
            fitted[:, place] = _fit_column(cells, method, steps)
        return cls(method, fitted[0], fitted[1], fitted[2], fitted[3:])

    def transform(self, values: Floats) -> Floats:
        """Scale `values` `(rows, columns)`; every result is finite and at most 10^4 in size."""
        filled = np.where(np.isnan(values), self.fill, values)
        x = np.clip(filled, -LARGEST_VALUE, LARGEST_VALUE)
        if self.method == "quantile":
            return self._quantile_normal(x)
        with np.errstate(over="ignore"):
            z = (x - self.centre) * self.factor
        if self.method == "standard":
            return np.clip(z, -LARGEST_SCALED, LARGEST_SCALED)
        z = np.clip(z, -BEFORE_SMOOTH_CLIP, BEFORE_SMOOTH_CLIP)
        return np.asarray(z / np.sqrt(1.0 + (z / 3.0) ** 2))

    def _quantile_normal(self, x: Floats) -> Floats:
        x = _without_the_smallest(x)
        ranks = np.linspace(0.0, 1.0, len(self.quantiles))
        out = np.zeros_like(x)
        for column in np.flatnonzero(self.factor):
            q = self.quantiles[:, column]
            upward = np.interp(x[:, column], q, ranks)
            downward = -np.interp(-x[:, column], -q[::-1], -ranks[::-1])
            out[:, column] = 0.5 * (upward + downward)  # ties take the middle of their ranks
        z = ndtri(np.clip(out, QUANTILE_EDGE, 1.0 - QUANTILE_EDGE))
        return np.asarray(np.where(self.factor > 0, z, 0.0))

    def to_json(self) -> dict[str, Any]:
        """The scaler as JSON values."""
        return {
            "method": self.method,
            "fill": self.fill.tolist(),
            "centre": self.centre.tolist(),
            "factor": self.factor.tolist(),
            "quantiles": self.quantiles.tolist(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> NumericScaler:
        """The scaler that `to_json` wrote."""
        fill = np.asarray(value["fill"], dtype=np.float64)
        steps = len(value["quantiles"])  # not -1: of a table without numbers both sides are 0
        quantiles = np.asarray(value["quantiles"], dtype=np.float64).reshape(steps, len(fill))
        centre, factor = (np.asarray(value[name], dtype=np.float64) for name in ("centre", "factor"))
        return cls(value["method"], fill, centre, factor, quantiles)


def _fit_column(values: Floats, method: NumericMethod, steps: int) -> Floats:
    """Fill, centre, factor and quantiles of one column as one vector."""
    finite = np.clip(values[np.isfinite(values)], -LARGEST_VALUE, LARGEST_VALUE)
    fitted = np.zeros(3 + steps)
    if not len(finite):
        return fitted
    fitted[0] = np.median(finite)
    if method == "quantile":
        quantiles = np.quantile(_without_the_smallest(finite), np.linspace(0.0, 1.0, steps))
        fitted[3:] = np.maximum.accumulate(quantiles)  # interpolation may dip by one rounding
        fitted[2] = float(quantiles[0] < quantiles[-1])
    elif method == "standard":
        constant = finite.min() == finite.max()  # the deviation of equal numbers may round to 1e-17
        fitted[1], fitted[2] = finite.mean(), 0.0 if constant else _inverse(float(finite.std()))
    else:
        fitted[1], fitted[2] = fitted[0], _robust_factor(finite)
    return fitted


def _without_the_smallest(values: Floats) -> Floats:
    return np.where(np.abs(values) < SMALLEST_VALUE, 0.0, values)


def _robust_factor(finite: Floats) -> float:
    q25, q75 = np.quantile(finite, [0.25, 0.75])
    if q25 != q75:
        return _inverse(float(q75 - q25))
    return _inverse(0.5 * float(finite.max() - finite.min()))


def _inverse(spread: float) -> float:
    """1 / spread; 0 where there is none, or one so small that its inverse is no number."""
    return 1.0 / spread if spread > 1e-300 else 0.0
