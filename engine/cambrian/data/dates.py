"""Dates in text: which of year-month-day, day-month-year, month-day-year a column holds, and their times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Order = Literal["ymd", "dmy", "mdy"]
ORDERS: tuple[Order, ...] = ("ymd", "dmy", "mdy")
_TIME = (
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>\.\d+)?)?"
    r" ?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?$"
)
_YEAR_FIRST = r"^(?P<a>\d{4})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{1,2})" + _TIME
_YEAR_LAST = r"^(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{4}|\d{2})" + _TIME
TWO_DIGIT_PIVOT = 70
"""Two-digit years below it are 20xx, the others 19xx (POSIX)."""

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Dates:
    """The dates of a column.

    Attributes:
        times: `timestamp[us]`, null where missing, not a date, or an impossible date.
        order: The order of the parts, one for the whole column.
        shaped: Cells that have the shape of a date, possible or not.
        ambiguous: No cell tells day from month (no number above 12).
        zoned: Some cells carry a zone; it was dropped and the local time kept.
    """

    times: pa.Array
    order: Order
    shaped: int
    ambiguous: bool
    zoned: bool


def read_dates(cells: pa.Array, order: Order | None = None) -> Dates | None:
    """Read a text column as dates; None if no cell has the shape of one.

    With `order` None the order that makes more cells possible dates wins, day before month on a tie.
    """
    year_first = order == "ymd" or (
        order is None and _shaped(cells, _YEAR_FIRST) >= _shaped(cells, _YEAR_LAST)
    )
    parts = pc.extract_regex(cells, _YEAR_FIRST if year_first else _YEAR_LAST)
    shaped = len(parts) - parts.null_count
    if not shaped:
        return None
    a, b, c = (_integers(parts, name) for name in "abc")
    seconds = _integers(parts, "hour", 0) * 3600 + _integers(parts, "minute", 0) * 60
    seconds += _integers(parts, "second", 0)
    micros = seconds * 1_000_000 + _fraction(parts)
    in_day = (_integers(parts, "hour", 0) < 24) & (_integers(parts, "minute", 0) < 60) & (seconds < 86_400)
    zoned = bool(pc.any(pc.not_equal(_part(parts, "zone"), "")).as_py())
    if year_first:
        order, ambiguous = "ymd", False
        days, possible = _days(a, b, c)
    else:
        order, ambiguous, (days, possible) = _day_and_month(a, b, _full_years(parts, c), order)
    missing = ~(possible & in_day & np.asarray(parts.is_valid()))
    times = pa.array(days * 86_400_000_000 + micros, pa.timestamp("us"), mask=missing)
    return Dates(times, order, shaped, ambiguous, zoned)


def _day_and_month(
    a: Ints, b: Ints, year: Ints, order: Order | None
) -> tuple[Order, bool, tuple[Ints, Bools]]:
    day_first, month_first = _days(year, b, a), _days(year, a, b)
    if order is None:
        order = "dmy" if day_first[1].sum() >= month_first[1].sum() else "mdy"
    ambiguous = not bool(((a > 12) | (b > 12)).any())
    return order, ambiguous, day_first if order == "dmy" else month_first


def _shaped(cells: pa.Array, pattern: str) -> int:
    return pc.sum(pc.match_substring_regex(cells, pattern)).as_py() or 0


def _part(parts: pa.Array, name: str) -> pa.Array:
    return pc.fill_null(pc.struct_field(parts, name), "")


def _integers(parts: pa.Array, name: str, missing: int = -1) -> Ints:
    text = _part(parts, name)
    filled = pc.if_else(pc.equal(text, ""), str(missing), text)
    return np.array(pc.cast(filled, pa.int64()))


def _fraction(parts: pa.Array) -> Ints:
    text = pc.binary_join_element_wise("0", _part(parts, "fraction"), "")
    seconds = np.array(pc.cast(text, pa.float64()))
    result: Ints = np.floor(seconds * 1_000_000 + 0.5).astype(np.int64)
    return result


def _full_years(parts: pa.Array, year: Ints) -> Ints:
    short = np.asarray(pc.equal(pc.utf8_length(_part(parts, "c")), 2))
    return np.where(short, np.where(year < TWO_DIGIT_PIVOT, 2000, 1900) + year, year)


def _days(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Bools]:
    """Days since 1970 and whether the date exists."""
    possible = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(possible, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[D]").astype(np.int64) - first
    possible &= day <= length
    return first + day - 1, possible
