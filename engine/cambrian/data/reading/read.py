"""Reading a table from a file: opened by its format, every column typed by us, with what was noticed."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from cambrian.data.findings import DataWarning
from cambrian.data.fingerprint import fingerprint
from cambrian.data.reading import limits
from cambrian.data.reading.files import Progress, content_hash
from cambrian.data.reading.formats import open_source
from cambrian.data.reading.names import HeaderCheck, unique_names
from cambrian.data.reading.options import Reading
from cambrian.data.reading.source import Batch, Source
from cambrian.data.reading.spool import Ints, Places, Spool, remove_spool
from cambrian.data.reading.stored_types import StoredTyper, is_supported, unsupported
from cambrian.data.reading.table import Table
from cambrian.data.reading.text_types import TextRules, TextTyper
from cambrian.errors import DataError

Typer = TextTyper | StoredTyper


def read_table(
    path: Path | str,
    reading: Reading | None = None,
    *,
    readings: Mapping[str, str] | None = None,
    earlier: Reading | None = None,
    spool: Path | None = None,
    progress: Progress | None = None,
) -> Table:
    """Read a table and type its columns.

    A table whose text has more than `limits.STREAM_FROM_BYTES` is read in bounded memory: once to decide on
    the columns' types, once more to convert them into a file that is mapped. What is read is the same.

    Args:
        path: A file of any format of `formats.SUFFIXES`, or a folder of Parquet files.
        reading: How to read it; None: everything is detected.
        readings: How to read columns (see `Table.readings`), as an earlier table of the same kind was read;
            columns not named are typed by their values. Numbers may have another decimal mark than before.
        earlier: How that earlier table was read (`Table.reading`). Words for missing values, named marks of
            numbers and the lack of a header hold for this file too, unless `reading` says otherwise; its
            format, encoding and separator are detected anew, so that another encoding or container of the
            same columns is read as well; a sheet, a table, and an encoding or separator that cannot be
            detected are as before.
        spool: Folder for the mapped file of a large table; None: a temporary one. The file goes with the
            table.
        progress: Is told what part has been read.

    Raises:
        DataError: The file cannot be read as a table; names the file and, in text, the physical line.
        SettingError: An option of `reading` says something of another format.
    """
    path = Path(path)
    source = open_source(path, (reading or Reading()).over(earlier), earlier)
    state, file_hash = _state(path), content_hash(path)
    table = _read(source, readings or {}, file_hash, spool, progress or (lambda part: None))
    if _state(path) != state:
        raise DataError(f"{path} was changed while it was read.", "Start again when it is complete.")
    return table


def give_back_memory() -> None:
    """Give back what Arrow keeps of tables that are gone: it would stay with this process for good."""
    pa.default_memory_pool().release_unused()


def _state(path: Path) -> tuple[int, int]:
    facts = os.stat(path)
    return facts.st_size, facts.st_mtime_ns


def _read(
    source: Source, readings: Mapping[str, str], file_hash: str, within: Path | None, progress: Progress
) -> Table:
    names, warnings = unique_names(source.names or [f"column_{i + 1}" for i in range(source.width)])
    typers, left_out = _typers(source, names, readings)
    header = HeaderCheck(source.names) if source.types is None and source.names else None
    places = Places(source.first_place)
    large = source.size > limits.STREAM_FROM_BYTES
    kept: list[Batch] = []
    for batch in source.batches(_share(progress, 0.0, 0.5) if large else progress):
        places.add(len(batch.columns[0]), batch.lines)
        for place, typer in typers:
            typer.look(batch.columns[place])
        if header is not None:
            header.look(batch.columns)
        if not large:
            kept.append(batch)
    if not places.rows or not typers:
        raise _empty(source, places.rows)
    for _, typer in typers:
        typer.decide()
    lines = places.lines()
    schema = _schema(typers)
    spool = Spool(within) if large else None
    if spool is None:
        stored = pa.Table.from_batches(list(_converted(kept, typers, schema)), schema).combine_chunks()
    else:
        again = _converted(source.batches(_share(progress, 0.5, 0.5)), typers, schema)
        stored, lines = _spooled(spool, again, schema, lines)
    let_go = None if spool is None else spool.let_go
    columns = stored.select(list(range(len(typers))))

    def where(row: int) -> str:
        return f"{source.unit} {row + source.first_place if lines is None else int(lines[row])}"

    how = [typer.reading for _, typer in typers]
    warnings += source.warnings + left_out
    if header is not None:
        warnings += header.finding(how)
    comma = ("decimal mark comma",) if "decimal_comma" in how else ()
    table = Table(
        columns=columns,
        source=source.path,
        fingerprint=fingerprint(columns, let_go),
        file_hash=file_hash,
        notes=source.notes + comma + _said(source.reading),
        warnings=warnings + tuple(found for _, typer in typers for found in typer.findings(where)),
        readings={typer.name: typer.reading for _, typer in typers},
        orders={
            typer.name: typer.order for _, typer in typers if isinstance(typer, StoredTyper) and typer.order
        },
        originals=_originals(stored, typers, whole=not large),
        lines=lines,
        reading=source.reading,
        unit=source.unit,
        first_place=source.first_place,
        let_go=let_go,
        scratch=None if spool is None else spool.folder,
    )
    if spool is not None:
        weakref.finalize(table, remove_spool, spool.folder)
    return table


def _spooled(
    spool: Spool, batches: Iterator[pa.RecordBatch], schema: pa.Schema, lines: Ints | None
) -> tuple[pa.Table, Ints | None]:
    """The batches and the lines of the rows, on disk; nothing is left there if that fails."""
    try:
        stored = spool.write(batches, schema)
        return stored, None if lines is None else spool.keep_lines(lines)
    except BaseException:
        remove_spool(spool.folder)
        raise


def _typers(
    source: Source, names: Sequence[str], readings: Mapping[str, str]
) -> tuple[list[tuple[int, Typer]], tuple[DataWarning, ...]]:
    """What types each column that can be read, with its place in the source."""
    said = source.reading
    rules = TextRules(said.separator == ";", said.decimal_mark, said.thousands, said.missing)
    if source.types is None:
        return [(i, TextTyper(name, rules, readings.get(name))) for i, name in enumerate(names)], ()
    typers: list[tuple[int, Typer]] = []
    left_out: list[DataWarning] = []
    for place, (name, kind) in enumerate(zip(names, source.types, strict=True)):
        if is_supported(kind):
            typers.append((place, StoredTyper(name, kind, rules, readings.get(name))))
        else:
            left_out.append(unsupported(name, kind))
    return typers, tuple(left_out)


def _schema(typers: Sequence[tuple[int, Typer]]) -> pa.Schema:
    """The typed columns, then the text of those in which cells become missing."""
    fields = [pa.field(typer.name, typer.type) for _, typer in typers]
    return pa.schema(fields + [pa.field(typer.name, pa.string()) for _, typer in typers if typer.lossy])


def _converted(
    batches: Iterable[Batch], typers: Sequence[tuple[int, Typer]], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        parts = [typer.convert(batch.columns[place]) for place, typer in typers]
        originals = [part.original for part in parts if part.original is not None]
        yield pa.RecordBatch.from_arrays([part.values for part in parts] + originals, schema=schema)


def _originals(
    stored: pa.Table, typers: Sequence[tuple[int, Typer]], *, whole: bool
) -> dict[str, pa.Array | pa.ChunkedArray]:
    lossy = [typer.name for _, typer in typers if typer.lossy]
    cells = stored.columns[len(typers) :]
    return {
        name: column.combine_chunks() if whole else column for name, column in zip(lossy, cells, strict=True)
    }


def _empty(source: Source, rows: int) -> DataError:
    path, width = source.path, source.width
    if source.types is None:
        return DataError(f"{path} has a header of {width} columns, but 0 data rows.", "Add rows to it.")
    if rows and width:
        return DataError(f"{path} has no column of numbers, text or times.", "Store its values as such.")
    return DataError(f"{path} is empty: it has {width} columns and {rows} rows.", "Export the table again.")


def _said(reading: Reading) -> tuple[str, ...]:
    """Notes on what was said of the values, not detected."""
    marks = {"decimal": reading.decimal, "thousands": reading.thousands}
    found = [f"{name} mark {mark!r}" for name, mark in marks.items() if mark not in ("auto", "none")]
    if not reading.header:
        found.append("no header")
    if reading.missing:
        found.append(f"missing: {', '.join(map(repr, reading.missing))}")
    return tuple(found)


def _share(progress: Progress, start: float, share: float) -> Progress:
    return lambda part: progress(start + share * part)
