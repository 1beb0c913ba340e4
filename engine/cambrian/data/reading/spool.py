"""Where the converted rows of a table go: into memory, or into files that are mapped from the disk."""

from __future__ import annotations

import mmap
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from cambrian.errors import DataError

Ints = np.ndarray[Any, np.dtype[np.int64]]


class Spool:
    """A folder of its own that holds a large table while it is used.

    Attributes:
        folder: The folder; `remove` deletes it, and the table stays readable where the system allows.
    """

    def __init__(self, within: Path | None) -> None:
        if within is not None:
            within.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="cambrian-spool-", dir=within))
        self._map: mmap.mmap | None = None

    def write(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
        """Write the rows and map them.

        Raises:
            DataError: The disk has no room.
        """
        path = self.folder / "columns.arrow"
        try:
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
        except OSError as error:
            raise DataError(
                f"{self.folder} cannot take a copy of the table: {error.strerror or error}.",
                "Make room on that disk, or set TMPDIR to another one.",
            ) from error
        with path.open("rb") as mapped:
            self._map = mmap.mmap(mapped.fileno(), 0, access=mmap.ACCESS_READ)
        # Mapped by Python, not by Arrow: so its pages can be given back.
        return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(self._map))).read_all()

    def let_go(self) -> None:
        """Give back the pages of the table that were looked at; they are read again when needed."""
        if self._map is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def keep_lines(self, lines: Ints) -> Ints:
        """The places of rows, mapped from the disk."""
        path = self.folder / "lines.npy"
        np.save(path, lines)
        mapped: Ints = np.load(path, mmap_mode="r")
        return mapped


def remove_spool(folder: Path) -> None:
    """Delete a spool's folder."""
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Places:
    """The physical places of rows, batch by batch, as steps: few where rows follow one another."""

    first_place: int

    def __post_init__(self) -> None:
        self.rows = 0
        self._starts: list[Ints] = []
        self._offsets: list[Ints] = []
        self._last = self.first_place

    def add(self, rows: int, lines: Ints | None) -> None:
        """Take note of a batch."""
        if lines is not None and rows:
            offsets = lines - np.arange(self.rows, self.rows + rows)
            steps = np.flatnonzero(np.diff(offsets, prepend=self._last))
            if len(steps):
                self._starts.append(steps + self.rows)
                self._offsets.append(offsets[steps])
            self._last = int(offsets[-1])
        self.rows += rows

    def lines(self) -> Ints | None:
        """The place of every row; None if row i stands in place i + `first_place`."""
        if not self._starts:
            return None
        starts = np.concatenate([np.zeros(1, dtype=np.int64), *self._starts])
        offsets = np.concatenate([np.array([self.first_place]), *self._offsets])
        lengths = np.diff(starts, append=self.rows)
        lines: Ints = np.repeat(offsets, lengths) + np.arange(self.rows)
        return lines
