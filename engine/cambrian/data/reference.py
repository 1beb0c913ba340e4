"""What a later table is compared with: quantiles and category counts of the training part, no row of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cambrian.data.feature import MISSING
from cambrian.data.mapped import GATHERED_ROWS, take_rows
from cambrian.data.schema import Columns, TableSchema

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

STEPS = 33
"""Quantiles of a number column: between two of them lie 3% of its values."""
MOST_COUNTED = 1000
"""Categories whose rows are counted; the schema has them commonest first."""
SAMPLED_ROWS = 50_000
SAMPLED_CELLS = 10_000_000
"""Rows and cells that are looked at: of more an even choice, 80 MB at most."""


@dataclass(frozen=True, slots=True)
class NumberSummary:
    """One column of `Columns.numeric`.

    Attributes:
        missing: Rows without a value.
        edges: At most 35 values that occur, ascending, from the smallest to the largest; empty without any.
        shares: For every edge the share of the values that are at most as large.
    """

    missing: int
    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CategorySummary:
    """One column of `Columns.codes`.

    Attributes:
        missing: Rows without a value.
        counts: Rows of the first 1,000 categories.
        single: Categories with one row: their share tells how many new values chance alone brings.
    """

    missing: int
    counts: tuple[int, ...]
    single: int


@dataclass(frozen=True, slots=True)
class Reference:
    """The distribution of every feature over some rows, apart from one another.

    Attributes:
        rows: How many rows were looked at.
        numbers: In the order of `TableSchema.numeric`.
        categories: In the order of `TableSchema.categorical`.
    """

    rows: int
    numbers: tuple[NumberSummary, ...]
    categories: tuple[CategorySummary, ...]

    @classmethod
    def of(cls, columns: Columns, rows: Rows | None = None) -> Reference:
        """Summarise the features of some rows (None: all), of many rows an even choice and all bounds."""
        sample = sampled(columns, rows)
        lows, highs = _bounds(columns, rows)
        return cls(
            rows=len(sample),
            numbers=tuple(map(_number_summary, sample.numeric.T, lows, highs)),
            categories=tuple(_category_summary(codes) for codes in sample.codes.T),
        )

    def fits(self, schema: TableSchema) -> bool:
        """Whether it has a summary for every column of the schema."""
        return len(self.numbers) == len(schema.numeric) and len(self.categories) == len(schema.categorical)

    def to_json(self) -> dict[str, Any]:
        """The reference as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reference:
        """The reference that `to_json` wrote."""
        numbers = tuple(
            NumberSummary(int(each["missing"]), tuple(map(float, each["edges"])), tuple(each["shares"]))
            for each in value["numbers"]
        )
        categories = tuple(
            CategorySummary(int(each["missing"]), tuple(map(int, each["counts"])), int(each["single"]))
            for each in value["categories"]
        )
        return cls(int(value["rows"]), numbers, categories)


def row_blocks(count: int, rows: Rows | None) -> Iterator[Rows | slice]:
    """The given rows (None: all of `count`), so many at a time as mapped arrays bear."""
    for start in range(0, count if rows is None else len(rows), GATHERED_ROWS):
        block = slice(start, start + GATHERED_ROWS)
        yield block if rows is None else rows[block]


def sampled(columns: Columns, rows: Rows | None = None, *, most: int = SAMPLED_ROWS) -> Columns:
    """The given rows (None: all), or an even choice of at most `most` of them; a function of their number."""
    width = columns.numeric.shape[1] + columns.codes.shape[1]
    most = min(most, max(1, SAMPLED_CELLS // max(width, 1)))
    count = len(columns) if rows is None else len(rows)
    chosen = np.arange(count)
    if count > most:
        chosen = np.sort(np.random.default_rng(0).choice(count, most, replace=False))
    return columns.take(chosen if rows is None else rows[chosen])


def _bounds(columns: Columns, rows: Rows | None) -> tuple[Floats, Floats]:
    """The smallest and largest number of every numeric column."""
    width = columns.numeric.shape[1]
    low, high = np.full(width, np.inf), np.full(width, -np.inf)
    for some in row_blocks(len(columns), rows):
        part = take_rows(columns.numeric, some)
        low = np.minimum(low, np.where(np.isnan(part), np.inf, part).min(axis=0))
        high = np.maximum(high, np.where(np.isnan(part), -np.inf, part).max(axis=0))
    return low, high


def _number_summary(values: Floats, low: float, high: float) -> NumberSummary:
    known = np.sort(values[np.isfinite(values)])
    if not len(known):
        return NumberSummary(len(values), (), ())
    places = np.linspace(0, len(known) - 1, STEPS).round().astype(np.int64)
    edges = np.unique([low, *known[places], high])
    shares = np.searchsorted(known, edges, side="right") / len(known)
    return NumberSummary(len(values) - len(known), tuple(edges.tolist()), tuple(shares.tolist()))


def _category_summary(codes: NDArray[np.int32]) -> CategorySummary:
    known = codes[codes >= 0]
    counts = np.bincount(known, minlength=1)
    missing, single = int((codes == MISSING).sum()), int((counts == 1).sum())
    return CategorySummary(missing, tuple(counts[:MOST_COUNTED].tolist()), single)
