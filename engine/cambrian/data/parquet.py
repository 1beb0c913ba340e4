"""Reading a Parquet file into the column types that a table has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cambrian.data.findings import DataWarning
from cambrian.errors import DataError

_COPY_AGAIN = "Copy or export the file again."


@dataclass(frozen=True)
class StoredColumn:
    """A column as stored, brought to one of the types of a table, with the order of its categories if any."""

    values: pa.Array
    order: tuple[str, ...] = ()


def read_parquet(data: bytes, path: Path) -> pa.Table:
    """Read a Parquet file, checking page checksums where it has them.

    Raises:
        DataError: It is not Parquet, cut short or damaged; names the file.
    """
    if not data.startswith(b"PAR1"):
        raise DataError(
            f"{path} is not a Parquet file (it does not begin with PAR1).",
            "If it is text, name it .csv; else export it again.",
        )
    if not data.endswith(b"PAR1"):
        raise DataError(f"{path} is a damaged or incomplete Parquet file: its end is missing.", _COPY_AGAIN)
    try:
        table = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True).read()
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path} is a damaged Parquet file ({reason}).", _COPY_AGAIN) from error
    return table


def stored_column(column: pa.ChunkedArray) -> StoredColumn | None:
    """Bring a stored column to a table's types; None if its type (a list, a struct) has no place there."""
    values = _combined(column)
    if pa.types.is_dictionary(values.type):
        order = _order(values)
        decoded = stored_column(pa.chunked_array([values.cast(values.type.value_type)]))
        return None if decoded is None else StoredColumn(decoded.values, order)
    for applies, convert in _CONVERSIONS:
        if applies(values.type):
            return StoredColumn(convert(values))
    return None


def unsupported(name: str, kind: pa.DataType) -> DataWarning:
    """The warning for a column that was not read because of its type."""
    message = f"`{name}` is left out: cells of type {kind} have no place in a table of rows."
    return DataWarning("unsupported_type", name, message, "Store it as numbers, text or times.")


def _combined(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined


def _order(values: pa.DictionaryArray) -> tuple[str, ...]:
    if not values.type.ordered:
        return ()
    return tuple(str(value) for value in values.dictionary.to_pylist())


def _text(values: pa.Array) -> pa.Array:
    text = values.cast(pa.string())
    blank = pc.equal(pc.utf8_trim_whitespace(text), "")
    return pc.if_else(pc.fill_null(blank, False), pa.scalar(None, pa.string()), text)


def _number(values: pa.Array) -> pa.Array:
    numbers = values.cast(pa.float64(), safe=False)
    return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)


def _unsigned(values: pa.Array) -> pa.Array:
    try:
        return values.cast(pa.int64())
    except pa.ArrowInvalid:  # above 2^63: as text, like integers of that size in a CSV
        return values.cast(pa.string())


def _time(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type) and values.type.tz:
        values = pc.local_timestamp(values)
    return values.cast(pa.timestamp("us"), safe=False)


def _seconds(values: pa.Array) -> pa.Array:
    wide = pa.types.is_time32(values.type)
    counts = values.cast(pa.int32()).cast(pa.int64()) if wide else values.cast(pa.int64())
    return pc.divide(counts.cast(pa.float64()), _UNITS[values.type.unit])


_UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
_Test = Callable[[pa.DataType], bool]
_CONVERSIONS: tuple[tuple[_Test, Callable[[pa.Array], pa.Array]], ...] = (
    (pa.types.is_boolean, lambda values: values),
    (pa.types.is_uint64, _unsigned),
    (pa.types.is_integer, lambda values: values.cast(pa.int64())),
    (pa.types.is_floating, _number),
    (pa.types.is_decimal, _number),
    (lambda kind: pa.types.is_timestamp(kind) or pa.types.is_date(kind), _time),
    (lambda kind: pa.types.is_time(kind) or pa.types.is_duration(kind), _seconds),
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), _text),
    (pa.types.is_string_view, _text),
    (pa.types.is_null, lambda values: values.cast(pa.string())),
)
