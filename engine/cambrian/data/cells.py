"""Taking values out of a table as numbers, labels, booleans or times, however the column was typed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cambrian.data.read import Table
from cambrian.data.reading.dates import parse_dates
from cambrian.data.reading.number_tally import TextRules
from cambrian.data.reading.text_types import TextColumn, type_column
from cambrian.data.roles import FALSE_WORDS, TRUE_WORDS

Floats = np.ndarray[Any, np.dtype[np.float64]]
Times = np.ndarray[Any, np.dtype[np.datetime64]]


def typed_values(table: Table, name: str) -> pa.Array:
    """The column as one Arrow array `(rows,)` of its own type."""
    return _combined(table.columns.column(name))


def kind(table: Table, name: str) -> str:
    """How the column was typed: "number", "text", "boolean" or "time"."""
    stored = table.columns.schema.field(name).type
    if pa.types.is_string(stored):
        return "text"
    if pa.types.is_boolean(stored):
        return "boolean"
    return "time" if pa.types.is_timestamp(stored) else "number"


def numbers(table: Table, name: str, *, keep_infinite: bool = False) -> Floats:
    """The column as float64 `(rows,)`: missing, infinite and not-a-number cells are NaN.

    Booleans become 0 and 1, times seconds since 1970; of text, cells that read as numbers. With
    `keep_infinite` infinities stay.
    """
    values, what = typed_values(table, name), kind(table, name)
    if what == "text":
        # With a decimal point: what a cell is must not depend on the others, of which a part holds some.
        rules = TextRules(decimal=".")
        values = type_column(TextColumn(name, values, table.place), "number", rules).values
    elif what == "boolean":
        values = values.cast(pa.int8())
    elif what == "time":
        return _seconds(values)
    floats = pc.fill_null(values.cast(pa.float64(), safe=False), np.nan)
    result = np.array(floats, dtype=np.float64)
    if not keep_infinite:
        result[np.isinf(result)] = np.nan
    return result


def labels(table: Table, name: str, *, as_typed: bool = False) -> pa.Array:
    """The column as text `(rows,)`, null where missing: text as in the file, whole numbers without ".0".

    Cells that typing took as missing ('?' among numbers) keep their text, unless `as_typed`: class labels of
    a target are taken as typed, and an infinite number is no class.
    """
    values = typed_values(table, name)
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.equal(values, 0.0), 0.0, values)  # -0.0 is 0
        if as_typed:
            values = pc.if_else(pc.is_inf(values), pa.scalar(None, pa.float64()), values)
    text = values.cast(pa.string())
    if name in table.originals and not as_typed:
        text = pc.coalesce(text, _combined(table.originals[name]))
    return text


def booleans(table: Table, name: str) -> Floats:
    """The column as 0.0, 1.0 and NaN (missing or not a boolean): true/yes/y/t/on/1 are 1, in any case."""
    words = pc.utf8_lower(pc.utf8_trim_whitespace(labels(table, name)))
    is_true = pc.fill_null(pc.is_in(words, pa.array(sorted(TRUE_WORDS))), False)
    is_false = pc.fill_null(pc.is_in(words, pa.array(sorted(FALSE_WORDS))), False)
    return np.where(np.asarray(is_true), 1.0, np.where(np.asarray(is_false), 0.0, np.nan))


def timestamps(table: Table, name: str) -> Times:
    """The column as `datetime64[us]` `(rows,)`, NaT where missing or not a time; numbers are not times."""
    values, what = typed_values(table, name), kind(table, name)
    if what == "text":
        order = table.date_order(name)
        values = None if order is None else parse_dates(pc.utf8_trim_whitespace(values), order)
    elif what != "time":
        values = None
    if values is None:
        return np.full(table.rows, np.datetime64("NaT", "us"))
    return _micros(values).astype("datetime64[us]")


def _combined(cells: pa.Array | pa.ChunkedArray) -> pa.Array:
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells


def _micros(values: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    # The smallest int64 is how numpy stores NaT.
    return np.array(pc.fill_null(values.cast(pa.int64()), np.iinfo(np.int64).min))


def _seconds(values: pa.Array) -> Floats:
    micros = _micros(values)
    return np.where(micros == np.iinfo(np.int64).min, np.nan, micros / 1e6)
