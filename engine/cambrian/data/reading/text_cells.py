"""Cells of programs and databases as the text that they would export."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa

from cambrian.data.reading.source import Batch


def cell_text(value: object) -> str | None:
    """A cell as text: numbers in full precision, times as ISO, a time of day in seconds; None if empty."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    if isinstance(value, datetime.time):
        return cell_text(value.hour * 3600.0 + value.minute * 60 + value.second + value.microsecond / 1e6)
    if isinstance(value, datetime.timedelta):
        return cell_text(value.total_seconds())
    return str(value)


def text_batch(rows: list[list[str | None]], places: list[int]) -> Batch:
    """Rows of text as a batch."""
    columns = [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]
    return Batch(columns, np.asarray(places, dtype=np.int64))
