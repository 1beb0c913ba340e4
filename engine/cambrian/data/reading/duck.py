"""DuckDB databases: a table, a view or a query, opened read-only; needs the package `duckdb`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from cambrian.data.findings import DataWarning
from cambrian.data.reading.files import Progress
from cambrian.data.reading.limits import batch_rows
from cambrian.data.reading.options import Reading
from cambrian.data.reading.source import Batch, check_width, chosen_name
from cambrian.errors import DataError


class DuckdbSource:
    """A table or query of a DuckDB database; see `Source`. A query can reach no other file."""

    warnings: tuple[DataWarning, ...] = ()
    unit = "row"
    first_place = 1

    def __init__(self, path: Path, reading: Reading, earlier: Reading | None) -> None:
        self.path = path
        self.size = path.stat().st_size
        before = earlier or Reading()
        table, query = "", reading.query or ("" if reading.table else before.query)
        with self._connected() as connection:
            if not query:
                found = connection.execute(
                    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
                )
                names = [str(name) for (name,) in found.fetchall()]
                table = chosen_name(path, "table", names, reading.table, before.table)
            quoted = '"' + table.replace('"', '""') + '"'
            self._select = query.rstrip("; \n\t") or f"SELECT * FROM {quoted}"
            schema = connection.sql(f"SELECT * FROM ({self._select}\n) LIMIT 0").to_arrow_table().schema
            self._rows = connection.execute(f"SELECT count(*) FROM ({self._select}\n)").fetchall()[0][0]
        self.width = check_width(path, len(schema.names))
        self.names = tuple(schema.names)
        self.types: tuple[pa.DataType, ...] | None = tuple(schema.types)
        self.reading = reading.model_copy(update={"format": "duckdb", "table": table, "query": query})
        self.notes: tuple[str, ...] = ("DuckDB", "query" if query else f"table {table}")

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """All rows in order; see `Source`."""
        done = 0
        with self._connected() as connection:
            for batch in connection.sql(self._select).to_arrow_reader(batch_rows(self.width)):
                yield Batch(batch.columns)
                done += batch.num_rows
                if progress is not None:
                    progress(min(1.0, done / max(1, self._rows)))

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        try:
            import duckdb
        except ImportError as error:
            raise DataError(
                f"{self.path}: reading DuckDB needs the package duckdb, which is not installed.",
                "Install it (pip install 'cambrian[duckdb]'), or export the table as Parquet.",
            ) from error
        # One thread keeps the rows in one order; the file may hold no more than it says.
        config: dict[str, Any] = {"enable_external_access": "false", "threads": "1"}
        try:
            connection = duckdb.connect(str(self.path), read_only=True, config=config)
            try:
                yield connection
            finally:
                connection.close()
        except (duckdb.Error, pa.ArrowException) as error:
            reason = str(error).splitlines()[0]
            raise DataError(
                f"{self.path} cannot be read as asked: {reason}",
                "Check --table or --query (one SELECT), and that the file is a DuckDB database.",
            ) from error
