"""Bringing columns that a file stores with a type (Parquet, Arrow, DuckDB) to the types of a table."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from cambrian.data.findings import DataWarning
from cambrian.data.reading.text_types import Converted, TextRules, TextTyper


class StoredTyper:
    """Types one stored column; call `look` with every batch, `decide`, then `convert` with every batch.

    Text stays text, apart from dates; numbers that are words for missing in `rules` become missing.

    Attributes:
        name: The column.
        reading: How its cells are read: "number", "boolean", "time", "text", or an order of dates.
        type: The Arrow type of its values.
        lossy: Whether cells with text become missing ones.
        order: Ordered categories as stored, low to high.
    """

    def __init__(self, name: str, kind: pa.DataType, rules: TextRules, reading: str | None = None) -> None:
        self.name, self.lossy = name, False
        self.order: tuple[str, ...] = ()
        value = kind.value_type if pa.types.is_dictionary(kind) else kind
        self.type, self.reading = _table_type(value)
        self._too_large = False
        self._numbers = _numbers_among(rules.missing) if self.reading == "number" else None
        text_rules = TextRules(
            decimal=rules.decimal,
            thousands=rules.thousands,
            missing=rules.missing,
            dates_only=reading in (None, "text"),
        )
        self._text = TextTyper(name, text_rules, reading) if pa.types.is_string(self.type) else None
        self._unsigned = pa.types.is_uint64(value)
        self._beyond = 0

    def look(self, cells: pa.Array) -> None:
        """Count a batch."""
        if pa.types.is_dictionary(cells.type) and cells.type.ordered:
            levels = (str(value) for value in cells.dictionary.to_pylist())
            self.order = tuple(dict.fromkeys((*self.order, *levels)))
        if self._text is not None:
            self._text.look(_decoded(cells))
        elif self._unsigned:
            largest = pc.max(_plain(cells)).as_py()
            self._too_large |= largest is not None and largest >= 2**63
        elif self.reading == "time":
            self._beyond += pc.sum(_beyond(_plain(cells))).as_py() or 0

    def decide(self) -> None:
        """Settle how the column is read."""
        if self._text is not None:
            self._text.decide()
            self.type, self.reading, self.lossy = self._text.type, self._text.reading, self._text.lossy
        elif self._too_large:  # as text, like integers of that size in a CSV
            self.type = pa.string()

    def convert(self, cells: pa.Array) -> Converted:
        """The values of a batch; batches come in the order of the rows."""
        if self._text is not None:
            return self._text.convert(_decoded(cells))
        values = _converted(_plain(cells), self.type)
        if self._numbers is not None and not pa.types.is_string(self.type):
            missing = pc.is_in(values, self._numbers.cast(values.type, safe=False))
            values = pc.if_else(missing, pa.scalar(None, values.type), values)
        return Converted(values, None)

    def findings(self, where: Callable[[int], str]) -> tuple[DataWarning, ...]:
        """What was found in the batches that were converted."""
        if self._beyond:
            times = "1 time" if self._beyond == 1 else f"{self._beyond} times"
            message = f"`{self.name}` holds {times} beyond the year 290,000; they count as missing."
            return (DataWarning("impossible_dates", self.name, message, "Mend these cells."),)
        return () if self._text is None else self._text.findings(where)


def is_supported(kind: pa.DataType) -> bool:
    """Whether a stored type has a place in a table (lists, and times of an unknown zone, have none)."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(applies(value) for applies, *_ in _TYPES) and _is_known_zone(value)


def _is_known_zone(kind: pa.DataType) -> bool:
    """Whether times of the type can be shown as local times."""
    if not (pa.types.is_timestamp(kind) and kind.tz):
        return True
    try:
        pc.local_timestamp(pa.array([0], pa.int64()).cast(kind))
    except pa.ArrowInvalid:
        return False
    return True


def unsupported(name: str, kind: object) -> DataWarning:
    """The warning for a column that was not read because of its type."""
    message = f"`{name}` is left out: cells of type {kind} have no place in a table of rows."
    return DataWarning("unsupported_type", name, message, "Store it as numbers, text or times.")


def _table_type(kind: pa.DataType) -> tuple[pa.DataType, str]:
    return next((made, reading) for applies, made, reading, _ in _TYPES if applies(kind))


def _converted(values: pa.Array, made: pa.DataType) -> pa.Array:
    if pa.types.is_uint64(values.type):
        return values.cast(made)
    return next(convert for applies, _, _, convert in _TYPES if applies(values.type))(values)


def _plain(cells: pa.Array) -> pa.Array:
    return cells.cast(cells.type.value_type) if pa.types.is_dictionary(cells.type) else cells


def _decoded(cells: pa.Array) -> pa.Array:
    return _plain(cells).cast(pa.string())


def _numbers_among(words: tuple[str, ...]) -> pa.Array | None:
    """Those of the words for missing that are numbers."""
    found = []
    for word in words:
        try:
            found.append(float(word))
        except ValueError:
            continue
    return pa.array(found, pa.float64()) if found else None


def _number(values: pa.Array) -> pa.Array:
    numbers = values.cast(pa.float64(), safe=False)
    return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)


def _time(values: pa.Array) -> pa.Array:
    values = pc.if_else(_beyond(values), pa.scalar(None, values.type), values)
    if pa.types.is_timestamp(values.type) and values.type.tz:
        values = pc.local_timestamp(values)
    return values.cast(pa.timestamp("us"), safe=False)


def _beyond(values: pa.Array) -> pa.Array:
    """Which times are too far from 1970 for 64 bits of microseconds (with a day to spare for zones)."""
    unit = "day" if pa.types.is_date32(values.type) else getattr(values.type, "unit", "ms")
    counts = values.cast(pa.int32()).cast(pa.int64()) if unit == "day" else values.cast(pa.int64())
    most = min(2**63 - 1, int((2**63 - 86_400 * 10**6) / 10**6 * _UNITS[unit]))
    return pc.or_(pc.greater(counts, most), pc.less(counts, -most - 1))


def _seconds(values: pa.Array) -> pa.Array:
    wide = pa.types.is_time32(values.type)
    counts = values.cast(pa.int32()).cast(pa.int64()) if wide else values.cast(pa.int64())
    return pc.divide(counts.cast(pa.float64()), _UNITS[values.type.unit])


def _is_text(kind: pa.DataType) -> bool:
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return bool(text or pa.types.is_string_view(kind) or pa.types.is_null(kind))


_UNITS = {"day": 1 / 86_400, "s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
"""How many of a unit make a second."""
_Test = Callable[[pa.DataType], bool]
_Convert = Callable[[pa.Array], pa.Array]
_TYPES: tuple[tuple[_Test, pa.DataType, str, _Convert], ...] = (
    (pa.types.is_boolean, pa.bool_(), "boolean", lambda values: values),
    (pa.types.is_integer, pa.int64(), "number", lambda values: values.cast(pa.int64())),
    (lambda kind: pa.types.is_floating(kind) or pa.types.is_decimal(kind), pa.float64(), "number", _number),
    (
        lambda kind: pa.types.is_timestamp(kind) or pa.types.is_date(kind),
        pa.timestamp("us"),
        "time",
        _time,
    ),
    (lambda kind: pa.types.is_time(kind) or pa.types.is_duration(kind), pa.float64(), "number", _seconds),
    (_is_text, pa.string(), "text", lambda values: values.cast(pa.string())),
)
