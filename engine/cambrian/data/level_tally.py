"""The different values of a large table's column and their counts, gathered part by part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from cambrian.data.read import Table

SAMPLE_ROWS = 1 << 18
"""Rows of a large table that are looked at together, for what needs two columns of one row."""
_LEAST_PENDING = 1 << 16

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def sampled_parts(table: Table, name: str) -> Iterator[tuple[Table, Ints]]:
    """The parts of one column, each with the places in it of the rows of the sample.

    The rows are drawn once for all columns: the same for every table of so many rows.
    """
    drawn = np.unique(np.random.default_rng(0).integers(0, table.rows, SAMPLE_ROWS))
    start = 0
    for part in table.parts(name):
        first, last = np.searchsorted(drawn, [start, start + part.rows])
        yield part, drawn[first:last] - start
        start += part.rows


class LevelTally:
    """Counts different values; what was added is merged when it has grown as long as what was merged."""

    def __init__(self) -> None:
        self._levels: list[Any] = []
        self._counts: list[Ints] = []
        self._merged = 0

    def add_numbers(self, values: Floats) -> None:
        """Count numbers (none of them NaN)."""
        levels, counts = np.unique(values, return_counts=True)
        self._add(levels, counts)
        if self._is_due():
            self.numbers()

    def add_text(self, cells: pa.Array) -> None:
        """Count text; missing cells are left aside."""
        counted = cells.drop_null().value_counts()
        self._add(counted.field("values"), np.asarray(counted.field("counts")))
        if self._is_due():
            self._merge_text()

    def numbers(self) -> tuple[Floats, Ints]:
        """The different numbers, ascending, and how often each was added."""
        levels, inverse = np.unique(np.concatenate(self._levels), return_inverse=True)
        counts = np.zeros(len(levels), dtype=np.int64)
        np.add.at(counts, inverse, np.concatenate(self._counts))
        self._set(levels, counts)
        return levels, counts

    def text(self) -> tuple[np.ndarray[Any, Any], Ints]:
        """The different texts as objects, ascending by code point, and how often each was added."""
        self._merge_text()
        found = self._levels[0].to_pylist()
        order = sorted(range(len(found)), key=lambda place: found[place])
        return np.array([found[place] for place in order], dtype=object), self._counts[0][order]

    def _merge_text(self) -> None:
        pending = pa.table({"level": pa.concat_arrays(self._levels), "count": np.concatenate(self._counts)})
        merged = pending.group_by("level").aggregate([("count", "sum")]).combine_chunks()
        self._set(merged["level"].combine_chunks(), np.asarray(merged["count_sum"]).astype(np.int64))

    def _add(self, levels: Any, counts: Ints) -> None:
        self._levels.append(levels)
        self._counts.append(counts)

    def _is_due(self) -> bool:
        pending = sum(len(levels) for levels in self._levels) - self._merged
        return pending > max(self._merged, _LEAST_PENDING)

    def _set(self, levels: Any, counts: Ints) -> None:
        self._levels, self._counts, self._merged = [levels], [counts], len(levels)
