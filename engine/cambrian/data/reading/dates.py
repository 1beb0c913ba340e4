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


@dataclass
class DateTally:
    """How many cells of a column, seen batch by batch, read as dates in each order.

    Attributes:
        year_first: Cells of the shape year-month-day, possible or not.
        year_last: Cells of the shape day-month-year or month-day-year.
        days: For "dmy" and "mdy" the cells whose day exists, whatever the time beside it.
        possible: For each order the cells that are a possible date and time.
        telling: Whether a cell tells day from month (a number above 12).
    """

    year_first: int = 0
    year_last: int = 0
    days: dict[Order, int] | None = None
    possible: dict[Order, int] | None = None
    telling: bool = False

    def add(self, cells: pa.Array, counts: Ints) -> None:
        """Take note of different cells, each of which stands `counts` times."""
        self.days = self.days or dict.fromkeys(ORDERS, 0)
        self.possible = self.possible or dict.fromkeys(ORDERS, 0)
        for orders, pattern in ((ORDERS[:1], _YEAR_FIRST), (ORDERS[1:], _YEAR_LAST)):
            parts = pc.extract_regex(cells, pattern)
            shaped = np.asarray(parts.is_valid())
            if not shaped.any():
                continue
            if "ymd" in orders:
                self.year_first += int(counts[shaped].sum())
            else:
                self.year_last += int(counts[shaped].sum())
                a, b = _integers(parts, "a"), _integers(parts, "b")
                self.telling |= bool(((a > 12) | (b > 12)).any())
            in_day = _in_day(parts)
            for order in orders:
                exists = _days(parts, order)[1] & shaped
                self.days[order] += int(counts[exists].sum())
                self.possible[order] += int(counts[exists & in_day].sum())

    @property
    def order(self) -> Order | None:
        """The order that makes more cells possible dates, day before month on a tie; None without a date."""
        if not (self.year_first or self.year_last) or self.days is None:
            return None
        if self.year_first >= self.year_last:
            return "ymd"
        return "dmy" if self.days["dmy"] >= self.days["mdy"] else "mdy"

    def shaped(self, order: Order) -> int:
        """Cells that have the shape of a date in that order, possible or not."""
        return self.year_first if order == "ymd" else self.year_last

    def ambiguous(self, order: Order) -> bool:
        """Whether no cell tells day from month."""
        return order != "ymd" and not self.telling


def date_order(cells: pa.Array | pa.ChunkedArray) -> Order | None:
    """The order of the dates in a column of text; None if no cell has the shape of one."""
    tally = DateTally()
    chunks = cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells]
    for chunk in chunks:
        counted = pc.utf8_trim_whitespace(chunk).value_counts()
        tally.add(counted.field("values"), np.asarray(counted.field("counts")))
    return tally.order


def parse_dates(cells: pa.Array, order: Order) -> pa.Array:
    """Text as `timestamp[us]`: null where missing, not a date in that order, or an impossible one.

    A zone is dropped and the local time kept.
    """
    parts = pc.extract_regex(cells, _YEAR_FIRST if order == "ymd" else _YEAR_LAST)
    days, exists = _days(parts, order)
    micros = _seconds(parts) * 1_000_000 + _fraction(parts)
    missing = ~(exists & _in_day(parts) & np.asarray(parts.is_valid()))
    return pa.array(days * 86_400_000_000 + micros, pa.timestamp("us"), mask=missing)


def _seconds(parts: pa.Array) -> Ints:
    seconds = _integers(parts, "hour", 0) * 3600 + _integers(parts, "minute", 0) * 60
    return seconds + _integers(parts, "second", 0)


def _in_day(parts: pa.Array) -> Bools:
    hours, minutes = _integers(parts, "hour", 0), _integers(parts, "minute", 0)
    return (hours < 24) & (minutes < 60) & (_seconds(parts) < 86_400)


def _days(parts: pa.Array, order: Order) -> tuple[Ints, Bools]:
    """Days since 1970 and whether the date exists."""
    a, b, c = (_integers(parts, name) for name in "abc")
    if order == "ymd":
        return _calendar_days(a, b, c)
    year = _full_years(parts, c)
    return _calendar_days(year, b, a) if order == "dmy" else _calendar_days(year, a, b)


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


def _calendar_days(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Bools]:
    possible = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(possible, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[D]").astype(np.int64) - first
    possible &= day <= length
    return first + day - 1, possible
