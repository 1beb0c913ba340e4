"""Reading a table from a file: CSV, TSV or Parquet, typed by us, with what was noticed on the way."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cambrian.data.csv_text import CsvText, parse_csv
from cambrian.data.findings import DataWarning
from cambrian.data.fingerprint import fingerprint
from cambrian.data.parquet import read_parquet, stored_column, unsupported
from cambrian.data.text_types import NUMBER, TextColumn, Typed, shortened, type_column
from cambrian.errors import DataError

TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")


@dataclass(frozen=True)
class Table:
    """A table as it was read: typed columns, where they came from and what was noticed.

    Every column of `columns` has one of four Arrow types: `int64` or `float64` (numbers; may hold
    infinities; missing is null, never NaN), `string` (text; an empty cell is null), `bool_`, and
    `timestamp[us]` without a zone (local wall time). Yes/no words of a CSV stay text, so that labels are
    shown as in the file. Take values out with `cambrian.data.cells` (`numbers`, `labels`, `booleans`,
    `timestamps`), which turns any column into what a role needs, also when another file's column was
    typed differently.

    Attributes:
        columns: The typed columns; names are unique and not empty.
        source: The file.
        fingerprint: SHA-256 (hex) over column names, kinds and canonical values: equal for the same table
            in CSV and Parquet where the types agree.
        file_hash: SHA-256 (hex) of the file's bytes.
        notes: What was detected (encoding, separator, decimal mark), one sentence each.
        warnings: What was found while reading and typing.
        readings: For every column how its cells were read: "text", "number", "decimal_comma", "boolean",
            "time", or for dates in text "ymd", "dmy", "mdy". Hand them to `read_table` to read a later file
            of the same columns in the same way.
        orders: For columns stored with ordered categories (Parquet dictionaries), the order, low to high.
        originals: The text of columns in which typing turned cells into missing ones.
        lines: Physical line (from 1) of every row; None when row i stands in line i + 2, or for Parquet.
    """

    columns: pa.Table
    source: Path
    fingerprint: str
    file_hash: str
    notes: tuple[str, ...] = ()
    warnings: tuple[DataWarning, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    originals: Mapping[str, pa.Array] = field(default_factory=dict)
    lines: np.ndarray[Any, np.dtype[np.int64]] | None = None

    @property
    def rows(self) -> int:
        """Number of data rows."""
        return int(self.columns.num_rows)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in the order of the file."""
        return tuple(self.columns.column_names)

    def place(self, row: int) -> str:
        """Where row `row` (from 0) stands, for messages: its physical line in text, else its row number."""
        if self.source.suffix.lower() in PARQUET_SUFFIXES:
            return f"row {row + 1}"
        return f"line {row + 2 if self.lines is None else int(self.lines[row])}"


def read_table(path: Path | str, *, header: bool = True, readings: Mapping[str, str] | None = None) -> Table:
    """Read a table and type its columns.

    Args:
        path: A CSV, TSV or Parquet file.
        header: Whether the first line of a CSV holds the names; if not they are `column_1`, `column_2`, ...
        readings: How to read columns (see `Table.readings`), as an earlier table of the same kind was read;
            columns not named are typed by their values.

    Raises:
        DataError: The file cannot be read as a table; names the file and, in text, the physical line.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in TEXT_SUFFIXES + PARQUET_SUFFIXES and not os.path.isdir(path):
        raise DataError(
            f"{path}: files of type '{suffix or 'none'}' cannot be read as a table.",
            "Export it as CSV (.csv, .tsv, .txt) or Parquet (.parquet).",
        )
    data = _bytes(path)
    file_hash = hashlib.sha256(data).hexdigest()
    if suffix in PARQUET_SUFFIXES:
        return _from_parquet(data, path, readings or {}, file_hash)
    text = parse_csv(data, path, header=header)
    del data  # a large file need not be in memory three times
    return _from_csv(text, path, readings or {}, file_hash)


def give_back_memory() -> None:
    """Give back what Arrow keeps of tables that are gone: it would stay with this process for good."""
    pa.default_memory_pool().release_unused()


def _bytes(path: Path) -> bytes:
    if os.path.isdir(path):  # not `Path.is_dir`, which raises where the path may not be looked at
        raise DataError(f"{path} is a folder, not a file.", "Name the file in it.")
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist.", "Check the path.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if not data:
        raise DataError(f"{path} is empty (0 bytes).", "Export the table again.")
    return data


def _from_csv(text: CsvText, path: Path, readings: Mapping[str, str], file_hash: str) -> Table:
    given = text.names or tuple(f"column_{i + 1}" for i in range(len(text.columns)))
    names, warnings = _unique_names(given)
    empty = Table(pa.table({}), path, "", "", lines=text.lines)
    if not len(text.columns[0]):
        raise DataError(f"{path} has a header of {len(names)} columns, but 0 data rows.", "Add rows to it.")
    typed: dict[str, Typed] = {}
    for name, cells in zip(names, text.columns, strict=True):
        column = TextColumn(name, cells, empty.place, semicolons=text.separator == ";")
        typed[name] = type_column(column, readings.get(name))
    if text.names:
        warnings += _header_like_data(text, typed)
    notes = text.notes
    if any(column.reading == "decimal_comma" for column in typed.values()):
        notes += ("decimal mark comma",)
    return _table(typed, path, file_hash, notes=notes, warnings=warnings, lines=text.lines)


def _from_parquet(data: bytes, path: Path, readings: Mapping[str, str], file_hash: str) -> Table:
    stored = read_parquet(data, path)
    if not stored.num_rows or not stored.num_columns:
        found = f"{stored.num_columns} columns and {stored.num_rows} rows"
        raise DataError(f"{path} is empty: it has {found}.", "Export the table again.")
    names, warnings = _unique_names(stored.column_names)
    typed: dict[str, Typed] = {}
    orders: dict[str, tuple[str, ...]] = {}
    for name, column in zip(names, stored.columns, strict=True):
        converted = stored_column(column)
        if converted is None:
            warnings += (unsupported(name, column.type),)
            continue
        typed[name] = _typed_stored(name, converted.values, readings.get(name))
        if converted.order:
            orders[name] = converted.order
    if not typed:
        raise DataError(f"{path} has no column of numbers, text or times.", "Store its values as such.")
    return _table(typed, path, file_hash, notes=("Parquet",), warnings=warnings, orders=orders)


def _typed_stored(name: str, values: pa.Array, reading: str | None) -> Typed:
    if pa.types.is_string(values.type):
        # The writer chose text: numbers in it stay text, but a date has no reason to be a category.
        typed = type_column(TextColumn(name, values, lambda row: f"row {row + 1}"), reading)
        asked = reading not in (None, "text")
        return typed if asked or pa.types.is_timestamp(typed.values.type) else Typed(values, "text")
    if pa.types.is_boolean(values.type):
        return Typed(values, "boolean")
    return Typed(values, "time" if pa.types.is_timestamp(values.type) else "number")


def _table(typed: Mapping[str, Typed], path: Path, file_hash: str, **rest: Any) -> Table:
    columns = pa.table({name: column.values for name, column in typed.items()})
    rest["warnings"] += tuple(finding for column in typed.values() for finding in column.findings)
    return Table(
        columns=columns,
        source=path,
        fingerprint=fingerprint(columns),
        file_hash=file_hash,
        readings={name: column.reading for name, column in typed.items()},
        originals={name: column.original for name, column in typed.items() if column.original is not None},
        **rest,
    )


def _unique_names(given: Iterable[str]) -> tuple[tuple[str, ...], tuple[DataWarning, ...]]:
    given = list(given)
    names: list[str] = []
    warnings: list[DataWarning] = []
    taken = set(given)
    seen: set[str] = set()
    for position, name in enumerate(given, start=1):
        if name.strip() and name not in seen:
            names.append(name)
            seen.add(name)
            continue
        new = _free_name(name if name.strip() else f"column_{position}", taken)
        warnings.append(_renamed(name, new, position))
        taken.add(new)
        seen.add(new)
        names.append(new)
    return tuple(names), tuple(warnings)


def _free_name(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _renamed(name: str, new: str, position: int) -> DataWarning:
    if name.strip():
        called = f"the one in place {position} is called `{shortened(new)}` here"
        message = f"`{shortened(name)}` names two columns; {called}."
        return DataWarning("duplicate_name", new, message, "Give every column its own name.")
    message = f"The column in place {position} has no name; it is called `{new}` here."
    return DataWarning("empty_name", new, message, "Name it in the header.")


def _header_like_data(text: CsvText, typed: Mapping[str, Typed]) -> tuple[DataWarning, ...]:
    """A finding if the header line is probably the first data row.

    Numbers as names of number columns may be years; they are data if they have decimals or if the names of
    the text columns occur among those columns' values.
    """
    names = pa.array(text.names, pa.string())
    numeric = np.asarray(pc.match_substring_regex(names, NUMBER))
    columns = list(typed.values())
    if not numeric.any():
        return ()
    is_text = np.array([column.reading == "text" for column in columns])
    if not (numeric | is_text).all():
        return ()
    repeated = [
        pc.index(cells, name).as_py() >= 0
        for name, cells, check in zip(text.names, text.columns, is_text, strict=True)
        if check
    ]
    decimals = pc.any(pc.match_substring_regex(names, r"^[+-]?\d*\.\d+$")).as_py()
    if not (all(repeated) if repeated else decimals):
        return ()
    shown = ", ".join(shortened(name, 20) for name in text.names[:5])
    message = f"The file seems to have no header: its first line looks like data ({shown})."
    return (
        DataWarning("no_header", "", message, "Add a line of column names, or read it without a header."),
    )
