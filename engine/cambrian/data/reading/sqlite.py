"""SQLite databases: a table, a view or a query, opened read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from cambrian.data.findings import DataWarning
from cambrian.data.reading.files import Progress
from cambrian.data.reading.limits import CELL_BYTES, MOST_QUERY_ROWS, batch_rows
from cambrian.data.reading.options import Reading
from cambrian.data.reading.source import Batch, check_width, chosen_name
from cambrian.data.reading.stored_types import unsupported
from cambrian.data.reading.text_cells import cell_text, text_batch
from cambrian.errors import DataError

_ALLOWED = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
"""What a query may do: look. ATTACH could make files, PRAGMA change settings."""
_STEPS = 1_000_000
"""Instructions of SQLite between two looks at signals: some hundredths of a second."""
_CELL_SIZE = 8
"""Bytes of a cell of a view, at the least, by which many rows of a small file are known as a large table."""


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
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise DataError(f"{path} is not an SQLite database.", "Give a database, or name it as it is.")
        table = ""
        before = earlier or Reading()
        query = reading.query or ("" if reading.table else before.query)
        with self._connected() as connection:
            views: set[str] = set()
            if not query:
                found = connection.execute(
                    "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') "
                    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
                ).fetchall()
                names = [str(name) for name, _ in found]
                views = {str(name) for name, kind in found if kind == "view"}
                table = chosen_name(path, "table", names, reading.table, before.table)
            self._select = query.rstrip("; \n\t") or f"SELECT * FROM {_quoted(table)}"
            connection.set_authorizer(_only_looking)
            given = [str(column[0]) for column in connection.execute(self._select).description or ()]
            check_width(path, len(given))
            self._rows = self._counted(connection, endless=bool(query) or table in views)
            bytes_in = self._columns_of_bytes(connection, len(given))
        self._kept = [index for index in range(len(given)) if index not in bytes_in]
        self.names = tuple(given[index] for index in self._kept)
        self.width = len(self.names)
        self.size = max(path.stat().st_size, _CELL_SIZE * self._rows * self.width)
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

    def _counted(self, connection: sqlite3.Connection, *, endless: bool) -> int:
        """The rows; of a view or query no more than the limit are looked at."""
        some = f" LIMIT {MOST_QUERY_ROWS + 1}" if endless else ""
        (rows,) = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM ({self._select}\n){some})"
        ).fetchone()
        if endless and rows > MOST_QUERY_ROWS:
            raise DataError(
                f"{self.path} gives more than {MOST_QUERY_ROWS:,} rows, the limit for a view or a query.",
                "Add a LIMIT, or store its rows in a table.",
            )
        return int(rows)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, CELL_BYTES)
            connection.set_progress_handler(lambda: 0, _STEPS)  # so that Ctrl-C is heeded inside a query
            try:
                yield connection
            finally:
                connection.close()
        except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeDecodeError) as error:
            if str(error) == "interrupted":
                raise KeyboardInterrupt from error
            raise DataError(
                f"{self.path} cannot be read as asked: {error}.",
                "Check --table or --query (one SELECT), and that the database is whole.",
            ) from error


def _only_looking(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
