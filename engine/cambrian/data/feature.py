"""One feature column: what the training part knows of it, and how its cells become numbers or codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cambrian.data import cells
from cambrian.data.read import Table

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Kind = Literal["numeric", "boolean", "ordinal", "datetime", "categorical", "text"]

MISSING = -1
UNSEEN = -2
DATE_PARTS = ("days", "weekday", "month")
"""Days since 1970-01-01 with the time of day as a fraction; 0 (Monday) to 6; 1 to 12."""
HOUR_PART = "hour"
"""Hours since midnight with minutes as a fraction; only if a time other than midnight trains."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature column.

    Attributes:
        name: The column.
        kind: What it is taken as.
        missing: Whether the training part has rows without a value.
        categories: Of a categorical feature the training part's values, commonest first, equally common ones
            by text; of an ordinal feature the training part's values, low to high.
        parts: Of a date-time what it is taken apart into.
    """

    name: str
    kind: Kind
    missing: bool
    categories: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def feature_of(
    table: Table, name: str, kind: Kind, rows: NDArray[np.int64], profiled: Sequence[str]
) -> Feature:
    """A feature as the training part has it.

    Args:
        table: The table.
        name: The column.
        kind: What it is taken as.
        rows: Row numbers of the training part, ascending.
        profiled: The categories of an ordinal column, low to high.
    """
    parts = _rows_of_parts(table, name, rows)
    if kind == "categorical":
        counts, missing = _label_counts(parts, name)
        return Feature(name, kind, missing, tuple(sorted(counts, key=lambda text: (-counts[text], text))))
    if kind == "text":
        return Feature(name, kind, any(_has_missing(part, name, places) for part, places in parts))
    if kind == "ordinal":
        counts, missing = _label_counts(parts, name)
        levels = tuple(level for level in profiled if level in counts)
        return Feature(name, kind, missing or len(counts) > len(levels), levels)
    if kind == "datetime":
        timed, missing = False, False
        for part, places in parts:
            times = cells.timestamps(part, name)[places]
            known = times[~np.isnat(times)]
            timed |= bool((known != known.astype("datetime64[D]")).any())
            missing |= len(known) < len(times)
        return Feature(name, kind, missing, parts=(*DATE_PARTS, HOUR_PART) if timed else DATE_PARTS)
    plain = Feature(name, kind, False)
    numbers = (next(feature_numbers(part, plain))[places] for part, places in parts)
    return replace(plain, missing=any(np.isnan(values).any() for values in numbers))


def _has_missing(part: Table, name: str, rows: NDArray[np.int64]) -> bool:
    return bool(cells.labels(part, name).take(pa.array(rows)).null_count)


def _rows_of_parts(
    table: Table, name: str, rows: NDArray[np.int64]
) -> Iterator[tuple[Table, NDArray[np.int64]]]:
    """The parts of a column, each with the places in it of the given rows (ascending)."""
    start = 0
    for part in table.parts(name):
        first, last = np.searchsorted(rows, [start, start + part.rows])
        yield part, rows[first:last] - start
        start += part.rows


def _label_counts(parts: Iterable[tuple[Table, NDArray[np.int64]]], name: str) -> tuple[Counter[str], bool]:
    """The labels of the given rows with their counts, and whether some have none."""
    counts: Counter[str] = Counter()
    missing = False
    for part, places in parts:
        labels = cells.labels(part, name).take(pa.array(places))
        missing |= labels.null_count > 0
        counted = labels.drop_null().value_counts()
        counts.update(
            dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))
        )
    return counts, missing


def feature_numbers(table: Table, feature: Feature) -> Iterator[Floats]:
    """The numeric columns of one feature, for every row of a table."""
    if feature.kind == "datetime":
        yield from _date_parts(cells.timestamps(table, feature.name), feature.parts)
    elif feature.kind == "boolean":
        yield cells.booleans(table, feature.name)
    elif feature.kind == "ordinal":
        ranks = coded(cells.labels(table, feature.name), feature.categories).astype(np.float64)
        yield np.where(ranks < 0, np.nan, ranks)
    else:
        yield cells.numbers(table, feature.name)


def _date_parts(times: cells.Times, parts: Sequence[str]) -> Iterator[Floats]:
    missing = np.isnat(times)
    days = times.astype("datetime64[D]")
    day_number = days.astype(np.int64)
    of_day = (times - days) / np.timedelta64(1, "D")
    values = {
        "days": day_number + of_day,
        "weekday": (day_number + 3) % 7,  # 1970-01-01 was a Thursday
        "month": times.astype("datetime64[M]").astype(np.int64) % 12 + 1,
        HOUR_PART: of_day * 24.0,
    }
    for part in parts:
        yield np.where(missing, np.nan, values[part])


def coded(labels: pa.Array, categories: Sequence[str]) -> Codes:
    """Each label's index among the categories, -1 missing, -2 none of them."""
    found = pc.index_in(labels, value_set=pa.array(categories, type=pa.string()))
    codes: Codes = found.fill_null(UNSEEN).to_numpy(zero_copy_only=False).astype(np.int32)
    codes[labels.is_null().to_numpy(zero_copy_only=False)] = MISSING
    return codes
