"""What every format gives: names, and batches of rows whose cells are text or typed columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from cambrian.data.findings import DataWarning
from cambrian.data.reading.files import Progress
from cambrian.data.reading.limits import MOST_COLUMNS
from cambrian.data.reading.options import Reading
from cambrian.errors import DataError


class Batch(NamedTuple):
    """Some rows: one array a column; `lines` are their places, None where rows follow one another."""

    columns: Sequence[pa.Array]
    lines: np.ndarray[Any, np.dtype[np.int64]] | None = None


class Source(Protocol):
    """A table in a file, opened: what was detected is settled, no row has been read.

    Attributes:
        path: The file.
        names: The names as they stand in the file; empty without a header.
        width: Columns.
        types: The stored type of every column; None where every cell is text, to be typed by the values.
        reading: The options with everything that was detected.
        notes: What was detected, one sentence each.
        warnings: What was found so far.
        unit: What a row's place is counted in: "line" or "row".
        first_place: The place of the first data row where rows follow one another.
        size: Bytes of the table, unpacked, about as many as its text has.
    """

    path: Path
    names: tuple[str, ...]
    width: int
    types: tuple[pa.DataType, ...] | None
    reading: Reading
    notes: tuple[str, ...]
    warnings: tuple[DataWarning, ...]
    unit: str
    first_place: int
    size: int

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """All rows in order, as often as asked; each time the same.

        Raises:
            DataError: A row is not well-formed; names its place.
        """
        ...


def check_width(path: Path, width: int) -> int:
    """The number of columns, if it is within the limit.

    Raises:
        DataError: There are more.
    """
    if width > MOST_COLUMNS:
        raise DataError(
            f"{path} has {width} columns; at most {MOST_COLUMNS} are read.",
            "Leave columns out, or check that its separator is the right one.",
        )
    return width


def chosen_name(path: Path, what: str, names: Sequence[str], said: str, earlier: str) -> str:
    """The sheet or table to read: as named, else as in an earlier file, else the only one.

    Raises:
        DataError: There is none of that name, or several and none was named; names them.
    """
    shown = ", ".join(repr(name) for name in names[:20]) + (", ..." if len(names) > 20 else "")
    if said:
        if said not in names:
            raise DataError(
                f"{path} has no {what} {said!r}; it has {shown or 'none'}.", f"Name one of its {what}s."
            )
        return said
    if earlier in names:
        return earlier
    if len(names) == 1:
        return names[0]
    if not names:
        raise DataError(f"{path} has no {what} to read.", "Export the table again.")
    raise DataError(
        f"{path} has {len(names)} {what}s: {shown}.", f"Say which one to read: --{what} {_option(names[0])}."
    )


def _option(name: str) -> str:
    return name if name.isidentifier() else f"'{name}'"
