"""The facts of one column, computed once: values, counts, range, histogram."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cambrian.data.cells import Floats, kind, labels, numbers
from cambrian.data.level_tally import LevelTally, sampled_parts
from cambrian.data.read import Table

BINS = 20
COMMONEST = 10
MOST_ROWS = 1 << 21
"""Of tables of up to so many rows every row's value is held; of larger ones those of a sample."""

Codes = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of a number or time column in at most 20 equal bins; `edges` has one more than `counts`.

    A column of one value has one bin without width. Times are seconds since 1970. Infinities and missing
    cells are not counted.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class ColumnFacts:
    """What a column's values say before any judgement.

    Attributes:
        name: The column.
        kind: "number", "text", "boolean" or "time".
        rows: All rows.
        missing: Rows without a finite value.
        infinite: Rows with an infinite number.
        values: Numbers `(rows,)` of a number or time column (seconds), NaN where missing or infinite;
            None for text and booleans. Of a table of more than `MOST_ROWS` rows only those of a sample, the
            same for every column; everything else is of all rows.
        codes: Index of each row's value among `levels` `(rows,)`, -1 where missing; of the sample likewise.
        levels: The different values, ascending: float64, or text as objects.
        counts: Rows of every level.
    """

    name: str
    kind: str
    rows: int
    missing: int
    infinite: int
    values: Floats | None
    codes: Codes
    levels: np.ndarray[Any, Any]
    counts: Codes

    @property
    def valid(self) -> int:
        """Rows with a finite value."""
        return self.rows - self.missing

    @property
    def distinct(self) -> int:
        """Different values."""
        return len(self.counts)

    @property
    def whole(self) -> bool:
        """Whether every number is whole."""
        return self.values is not None and bool(np.all(self.levels == np.floor(self.levels)))

    @property
    def span(self) -> float:
        """Highest minus lowest number (0 without numbers)."""
        if self.values is None or not self.distinct:
            return 0.0
        with np.errstate(over="ignore"):
            return float(self.levels[-1] - self.levels[0])

    def sampled(self) -> ColumnFacts:
        """The facts of those rows alone that `values` and `codes` are of; of a small table all."""
        if len(self.codes) == self.rows:
            return self
        missing = int((self.codes < 0).sum())
        found, codes, counts = np.unique(self.codes, return_inverse=True, return_counts=True)
        if missing:
            found, codes, counts = found[1:], codes - 1, counts[1:]
        return replace(
            self, rows=len(codes), missing=missing, codes=codes.astype(np.int64), levels=self.levels[found],
            counts=counts,
        )  # fmt: skip

    def label(self, level: int) -> str:
        """Level number `level` as text."""
        value = self.levels[level]
        if isinstance(value, str):
            return value
        return _time_text(float(value)) if self.kind == "time" else number_text(float(value))

    def commonest(self) -> tuple[tuple[str, int], ...]:
        """The commonest values with their counts, commonest first, ties in ascending order."""
        order = np.argsort(-self.counts, kind="stable")[:COMMONEST]
        return tuple((self.label(int(i)), int(self.counts[i])) for i in order)

    def bound(self, position: int) -> float | str | None:
        """The lowest (0) or highest (-1) number or time; None for text."""
        if self.values is None or not self.distinct:
            return None
        value = float(self.levels[position])
        return _time_text(value) if self.kind == "time" else value

    def quartiles(self) -> tuple[float, float, float]:
        """The lower quartile, median and upper quartile of a number or time column with a value."""
        at = np.searchsorted(np.cumsum(self.counts), np.array([0.25, 0.5, 0.75]) * self.valid)
        low, middle, high = self.levels[np.minimum(at, self.distinct - 1)]
        if self.kind != "time" and self.valid % 2 == 0:  # a time between two days would be none of the file
            upper = self.levels[np.searchsorted(np.cumsum(self.counts), self.valid // 2, side="right")]
            middle = middle if middle == upper else middle / 2 + upper / 2
        return float(low), float(middle), float(high)

    def shown_quartiles(self) -> tuple[float | str, ...]:
        """The quartiles as numbers or times; nothing for text."""
        if self.values is None or not self.distinct:
            return ()
        return tuple(_time_text(each) if self.kind == "time" else each for each in self.quartiles())

    def mean(self) -> float | None:
        """The mean of a number column."""
        if self.values is None or self.kind == "time" or not self.valid:
            return None
        return float(np.sum(self.levels * (self.counts / self.valid)))

    def histogram(self) -> Histogram | None:
        """The histogram of a number or time column; whole numbers get no more bins than their range."""
        if self.values is None or not self.distinct:
            return None
        bins = int(min(BINS, self.span + 1)) if self.whole else BINS
        # Halved twice, the widest range of float64 stays finite.
        scale = 1.0 if np.isfinite(self.span) else 0.25
        levels = self.levels * scale
        edges = np.linspace(levels[0], levels[-1], bins + 1)
        if not np.all(edges[:-1] < edges[1:]):  # one value, or too near one another for float64
            edges = levels[[0, -1]]
        of_bin = np.searchsorted(edges[1:-1], levels, side="right")
        counts = np.bincount(of_bin, self.counts, minlength=len(edges) - 1)
        return Histogram(tuple((edges / scale).tolist()), tuple(int(count) for count in counts))


def column_facts(table: Table, name: str) -> ColumnFacts:
    """Compute the facts of one column as it was typed."""
    what = kind(table, name)
    if what in ("text", "boolean"):
        return label_facts(table, name)
    return number_facts(table, name, what, lambda part: numbers(part, name, keep_infinite=True))


def label_facts(table: Table, name: str, *, as_typed: bool = False) -> ColumnFacts:
    """The facts of a column taken as categories, whatever its type (see `cells.labels`)."""
    what = kind(table, name)
    if table.rows <= MOST_ROWS:
        return _of_labels(name, what, labels(table, name, as_typed=as_typed))
    sample, missing = [], 0
    tally = LevelTally()
    for part, rows in sampled_parts(table, name):
        text = labels(part, name, as_typed=as_typed)
        missing += text.null_count
        tally.add_text(text)
        sample.append(text.take(pa.array(rows)))
    levels, counts = tally.text()
    known = pa.array(levels, pa.string())
    codes = np.asarray(pc.fill_null(pc.index_in(pa.concat_arrays(sample), known), -1)).astype(np.int64)
    return ColumnFacts(name, what, table.rows, missing, 0, None, codes, levels, counts)


def number_facts(table: Table, name: str, what: str, read: Callable[[Table], Floats]) -> ColumnFacts:
    """The facts of numbers that `read` takes out of the table or of a part of it, infinite ones counted."""
    if table.rows <= MOST_ROWS:
        raw = read(table)
        infinite = np.isinf(raw)
        raw[infinite] = np.nan
        return of_numbers(name, what, raw, int(infinite.sum()))
    sample, missing, endless = [], 0, 0
    tally = LevelTally()
    for part, rows in sampled_parts(table, name):
        raw = read(part)
        infinite = np.isinf(raw)
        raw[infinite] = np.nan
        endless += int(infinite.sum())
        missing += int(np.isnan(raw).sum())
        tally.add_numbers(raw[~np.isnan(raw)])
        sample.append(raw[rows])
    levels, counts = tally.numbers()
    values = np.concatenate(sample)
    codes = np.where(np.isnan(values), -1, np.searchsorted(levels, values))
    return ColumnFacts(name, what, table.rows, missing, endless, values, codes, levels, counts)


def of_numbers(name: str, what: str, values: Floats, infinite: int = 0) -> ColumnFacts:
    """The facts of numbers `(rows,)`, NaN where missing."""
    missing = np.isnan(values)
    levels, inverse, counts = np.unique(values[~missing], return_inverse=True, return_counts=True)
    codes = np.full(len(values), -1, dtype=np.int64)
    codes[~missing] = inverse
    return ColumnFacts(name, what, len(values), int(missing.sum()), infinite, values, codes, levels, counts)


def _of_labels(name: str, what: str, text: pa.Array) -> ColumnFacts:
    encoded = text.dictionary_encode()
    found = encoded.dictionary.to_pylist()
    order = sorted(range(len(found)), key=lambda i: found[i])
    rank = np.empty(len(found) + 1, dtype=np.int64)
    rank[order] = np.arange(len(found))
    rank[-1] = -1  # index -1, a missing cell, stays -1
    codes = rank[np.asarray(pc.fill_null(encoded.indices, -1))]
    counts = np.bincount(codes[codes >= 0], minlength=len(found))
    levels = np.array([found[i] for i in order], dtype=object)
    return ColumnFacts(name, what, len(text), text.null_count, 0, None, codes, levels, counts)


def number_text(value: float) -> str:
    """A number as a label: whole numbers without ".0"."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _time_text(seconds: float) -> str:
    moment = np.datetime64(round(seconds * 1e6), "us")
    return str(moment.astype("datetime64[s]")) if seconds % 86_400 else str(moment.astype("datetime64[D]"))
