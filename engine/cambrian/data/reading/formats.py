"""Which format a file has, and the source that reads it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from cambrian.data.reading.csv_text import CsvSource
from cambrian.data.reading.duck import DuckdbSource
from cambrian.data.reading.excel import ExcelSource
from cambrian.data.reading.feather import FeatherSource
from cambrian.data.reading.files import check_file, compression, inner_suffix
from cambrian.data.reading.json_lines import JsonSource
from cambrian.data.reading.options import Format, Reading
from cambrian.data.reading.parquet import ParquetSource
from cambrian.data.reading.source import Source
from cambrian.data.reading.sqlite import SqliteSource
from cambrian.errors import DataError, SettingError

SUFFIXES: dict[str, Format] = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt"), "csv"),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), "json"),
    **dict.fromkeys((".xlsx", ".xlsm"), "excel"),
    **dict.fromkeys((".sqlite", ".sqlite3", ".db"), "sqlite"),
    **dict.fromkeys((".duckdb", ".ddb"), "duckdb"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".feather", ".arrow", ".arrows", ".ipc"), "feather"),
}
_OPEN: dict[str, Callable[[Path, Reading, Reading | None], Source]] = {
    "csv": CsvSource,
    "json": JsonSource,
    "excel": ExcelSource,
    "sqlite": SqliteSource,
    "duckdb": DuckdbSource,
    "parquet": lambda path, reading, earlier: ParquetSource(path, reading),
    "feather": lambda path, reading, earlier: FeatherSource(path, reading),
}
_USES = {
    "encoding": ("csv", "json"),
    "separator": ("csv",),
    "quote": ("csv",),
    "sheet": ("excel",),
    "table": ("sqlite", "duckdb"),
    "query": ("sqlite", "duckdb"),
}
"""Options that say something of some formats only."""


def open_source(path: Path, reading: Reading, earlier: Reading | None) -> Source:
    """Open a table.

    Args:
        path: A file, or a folder of Parquet files.
        reading: How to read it.
        earlier: How an earlier table of the same columns was read; asked where the file itself does not tell
            (its sheet or table, an encoding that is not detected).

    Raises:
        DataError: It is of no format that is read, cannot be read, or is not what its name says.
        SettingError: An option says something of another format.
    """
    form = reading.format
    if form == "auto":
        form = _format(path)
    if form != "parquet" and os.path.isdir(path):
        raise DataError(f"{path} is a folder, not a file.", "Name the file in it.")
    if not os.path.isdir(path):  # not `Path.is_dir`, which raises where the path may not be looked at
        check_file(path)
    for option, forms in _USES.items():
        if (
            form not in forms
            and option in reading.model_fields_set
            and getattr(reading, option) not in ("", "auto")
        ):
            raise SettingError(
                f"--{option} says nothing of {path.name}, which is read as {form}.", "Leave it out."
            )
    return _OPEN[form](path, reading, earlier)


def _format(path: Path) -> Format:
    if os.path.isdir(path):
        return "parquet"
    form = SUFFIXES.get(inner_suffix(path))
    if form is None or (compression(path) and form not in ("csv", "json")):
        suffix = path.suffix.lower()
        remedy = (
            "Save it as .xlsx."
            if suffix == ".xls"
            else "Export it as CSV (.csv, .tsv, .txt, or packed as .csv.gz), Parquet (.parquet), Feather, "
            "Excel (.xlsx), SQLite, DuckDB or JSON lines (.jsonl)."
        )
        raise DataError(f"{path}: files of type '{suffix or 'none'}' cannot be read as a table.", remedy)
    if inner_suffix(path) == ".db" and _begins(path, 12)[8:] == b"DUCK":
        return "duckdb"
    return form


def _begins(path: Path, count: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError:
        return b""  # `check_file` says why
