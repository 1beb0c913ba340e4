"""SQLite databases: a table, a view or a query, opened read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from cambrian.data.findings import DataWarning
from cambrian.data.reading.files import Progress
from cambrian.data.reading.limits import batch_rows
from cambrian.data.reading.options import Reading
from cambrian.data.reading.source import Batch, check_width, chosen_name
from cambrian.data.reading.stored_types import unsupported
from cambrian.data.reading.text_cells import cell_text, text_batch
from cambrian.errors import DataError

_ALLOWED = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
"""What a query may do: look. ATTACH could make files, PRAGMA change settings."""


class SqliteSource:
    """A table or query of an SQLite database; see `Source`.

    Types are loose in SQLite (whatever a column is declared as, a cell may hold text): cells are read as
    text and typed by their values, like those of a CSV. Columns with bytes are left out.
    """

    types: tuple[pa.DataType, ...] | None = None
    unit = "row"
    first_place = 1

    def __init__(self, path: Path, reading: Reading, earlier: Reading | None) -> None:
        self.path = path
        self.size = path.stat().st_size
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise DataError(f"{path} is not an SQLite database.", "Give a database, or name it as it is.")
        table = ""
        before = earlier or Reading()
        query = reading.query or ("" if reading.table else before.query)
        with self._connected() as connection:
            if not query:
                found = connection.execute(
                    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
                )
                names = [str(name) for (name,) in found]
                table = chosen_name(path, "table", names, reading.table, before.table)
            self._select = query.rstrip("; \n\t") or f"SELECT * FROM {_quoted(table)}"
            connection.set_authorizer(_only_looking)
            given = [str(column[0]) for column in connection.execute(self._select).description or ()]
            check_width(path, len(given))
            bytes_in = self._columns_of_bytes(connection, len(given))
            (self._rows,) = connection.execute(f"SELECT count(*) FROM ({self._select}\n)").fetchone()
        self._kept = [index for index in range(len(given)) if index not in bytes_in]
        self.names = tuple(given[index] for index in self._kept)
        self.width = len(self.names)
        self.reading = reading.model_copy(update={"format": "sqlite", "table": table, "query": query})
        self.notes: tuple[str, ...] = ("SQLite", "query" if query else f"table {table}")
        self.warnings: tuple[DataWarning, ...] = tuple(
            unsupported(given[index], "bytes") for index in sorted(bytes_in)
        )
        if not self.names:
            raise DataError(f"{path} has no column of numbers or text to read.", "Choose another table.")

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """All rows in order; see `Source`."""
        done, most = 0, batch_rows(self.width)
        with self._connected() as connection:
            connection.set_authorizer(_only_looking)
            cursor = connection.execute(self._select)
            while rows := cursor.fetchmany(most):
                texts = [[cell_text(row[index]) for index in self._kept] for row in rows]
                yield text_batch(texts, list(range(done + 1, done + len(rows) + 1)))
                done += len(rows)
                if progress is not None:
                    progress(min(1.0, done / max(1, self._rows)))

    def _columns_of_bytes(self, connection: sqlite3.Connection, width: int) -> set[int]:
        names = [f"c{index}" for index in range(width)]
        found: set[int] = set()
        for start in range(0, width, 500):  # SQLite takes at most 2,000 results
            some = ", ".join(f"max(typeof({name}) = 'blob')" for name in names[start : start + 500])
            query = (
                f'WITH "all of it"({", ".join(names)}) AS ({self._select}\n) SELECT {some} FROM "all of it"'
            )
            row = connection.execute(query).fetchone()
            found |= {start + index for index, blob in enumerate(row) if blob}
        return found

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
            try:
                yield connection
            finally:
                connection.close()
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            raise DataError(
                f"{self.path} cannot be read as asked: {error}.",
                "Check --table or --query (one SELECT), and that the database is whole.",
            ) from error


def _only_looking(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
