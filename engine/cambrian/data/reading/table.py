"""A table as it was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from cambrian.data.findings import DataWarning
from cambrian.data.reading.dates import Order, date_order
from cambrian.data.reading.options import Reading

PART_ROWS = 1 << 18
"""Rows of a part; a column of numbers takes 2 MB of them."""


@dataclass(frozen=True)
class Table:
    """A table as it was read: typed columns, where they came from and what was noticed.

    Every column of `columns` has one of four Arrow types: `int64` or `float64` (numbers; may hold
    infinities; missing is null, never NaN), `string` (text; an empty cell is null), `bool_`, and
    `timestamp[us]` without a zone (local wall time). Yes/no words of a CSV stay text, so that labels are
    shown as in the file. Take values out with `cambrian.data.cells` (`numbers`, `labels`, `booleans`,
    `timestamps`), which turns any column into what a role needs, also when another file's column was
    typed differently. A large table's columns are mapped from the disk, in many chunks: go through it by
    `parts()`.

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
        lines: Physical line (from 1) of every row; None when row i stands in line i + `first_place`.
        reading: How the file was read, with everything that was detected.
        unit: What a place is counted in: "line" of a text, "row" of anything else.
        first_place: Where row 0 stands if `lines` is None.
        let_go: Gives back the memory of what was looked at, where the columns are mapped from the disk.
        scratch: Folder for further arrays of a table that large; None: they fit in memory.
        whole: Of a part, the columns of the table that it is a part of.
        date_orders: What `date_order` found.
    """

    columns: pa.Table
    source: Path
    fingerprint: str
    file_hash: str
    notes: tuple[str, ...] = ()
    warnings: tuple[DataWarning, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    originals: Mapping[str, pa.Array | pa.ChunkedArray] = field(default_factory=dict)
    lines: np.ndarray[Any, np.dtype[np.int64]] | None = None
    reading: Reading = field(default_factory=Reading)
    unit: str = "line"
    first_place: int = 2
    let_go: Callable[[], None] | None = None
    scratch: Path | None = None
    whole: pa.Table | None = None
    date_orders: dict[str, Order | None] = field(default_factory=dict)

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
        return f"{self.unit} {row + self.first_place if self.lines is None else int(self.lines[row])}"

    def date_order(self, name: str) -> Order | None:
        """The order of dates in a text column, by all of its rows also in a part; None if it has no dates."""
        if name not in self.date_orders:
            columns = self.columns if self.whole is None else self.whole
            self.date_orders[name] = date_order(columns.column(name))
        return self.date_orders[name]

    def parts(self, *names: str) -> Iterator[Table]:
        """The table a part of rows at a time, in order: itself if it is small.

        Args:
            names: The columns to look at; none: all.
        """
        columns = self.columns.select(list(names)) if names else self.columns
        originals = {name: cells for name, cells in self.originals.items() if not names or name in names}
        whole = replace(self, columns=columns, originals=originals, let_go=None, scratch=None)
        if self.rows <= PART_ROWS:
            yield whole
            return
        for start in range(0, self.rows, PART_ROWS):
            yield replace(
                whole,
                whole=self.columns,
                columns=columns.slice(start, PART_ROWS),
                originals={name: cells.slice(start, PART_ROWS) for name, cells in originals.items()},
                lines=None if self.lines is None else self.lines[start : start + PART_ROWS],
                first_place=self.first_place + start,
            )
            if self.let_go is not None:
                self.let_go()
