"""Recovering what can still be read of a damaged database into a new one; the old file is never touched."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlite_utils import Database

from cambrian.errors import RunError
from cambrian.store.connection import connect, copy_database, faults_of, schema_version
from cambrian.store.migrations import STEPS, migrate
from cambrian.store.reader import RunReader
from cambrian.store.schema import APPLICATION_ID

_MOST_PROBES = 20_000
"""Ranges of a table that may turn out unreadable before the rest of it is given up."""
_LARGEST_KEY = 2**40
_SCRATCH = ".repair-"

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a repair came to.

    Attributes:
        path: The new database, of the schema version that the damaged one has.
        rows: Rows of each table that were recovered.
        incomplete: Tables that may lack rows: some part could not be read, or read rows were left out.
        left_out: By table, rows that could be read and break its rules (a number that must be there is
            not): nobody could work with them.
    """

    path: Path
    rows: dict[str, int]
    incomplete: tuple[str, ...]
    left_out: Mapping[str, int]


def recover(path: Path, to: Path) -> Recovery | None:
    """Write every row that can be read to a new database; only who holds the run may.

    Returns:
        What was recovered; None where the database is sound: nothing was written then.

    Raises:
        RunError: There is a file at `to` already, no row can be read, the database is another program's or
            of a newer version of this one, or it is sound and its contents are not.
        StoreFullError: No room for the new one.
    """
    if not path.stat().st_size:  # SQLite would take it for a new database, and delete its log
        raise _hopeless(path, "it is empty")
    if to.exists():
        raise RunError(f"{to} is there already.", "Move it away: it may hold what an earlier repair saved.")
    for left in path.parent.glob(f"{_SCRATCH}*"):  # by a repair that was killed
        shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(dir=path.parent, prefix=_SCRATCH) as scratch:
        # A copy, for SQLite writes to what it opens: it would fold the log into the damaged file.
        copy = _copied(path, Path(scratch))
        if _is_sound(copy):
            _refuse_senseless(copy, path)
            return None
        with closing(sqlite3.connect(copy)) as source:
            version = _opened(source, path)
            new = Path(scratch) / "new.db"
            with faults_of(new), Database(new, execute_plugins=False) as db:
                migrate(db, version)
                recovery = _copy_tables(source, db, to)
                if not any(recovery.rows.values()):
                    raise _hopeless(path, "no row of it can be read")
                copy_database(db.conn, to)
    return recovery


def _hopeless(path: Path, why: object) -> RunError:
    return RunError(
        f"{path} is damaged or not the database of a run: {why}. Nothing of it can be recovered.",
        "Put back a copy of it, or run the experiment again.",
    )


def _is_sound(copy: Path) -> bool:
    """Whether a repair has nothing to do: no fault in a page, a row or an index, and all text is text."""
    try:
        with closing(connect(copy, "rw")) as connection:
            if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                return False
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                for _ in connection.execute(f'SELECT * FROM "{table}"'):
                    pass  # fetching decodes
            return True
    except (RunError, sqlite3.DatabaseError):
        return False


def _refuse_senseless(copy: Path, path: Path) -> None:
    """Say so where the database is sound and what stands in it is not: no command can read it then."""
    try:
        with RunReader(copy) as reader:
            for read in (reader.run, reader.objectives, reader.last_generation, reader.individuals):
                read()
            for generation in reader.generations():
                reader.evaluations(generation=generation.number)
                reader.rungs(generation=generation.number)
            reader.events()
    except RunError as error:
        if error.__cause__ is None:
            return  # of an older schema version, which a resume brings up to date
        raise RunError(
            f"{path} is a sound database, yet what stands in it makes no sense: {error.__cause__}.",
            "No repair mends that: put back a copy of it, or run the experiment again.",
        ) from error


def _copied(path: Path, folder: Path) -> Path:
    copy = folder / "damaged.db"
    try:
        shutil.copyfile(path, copy)
        log = path.with_name(f"{path.name}-wal")
        if log.exists():
            shutil.copyfile(log, folder / "damaged.db-wal")
    except OSError as error:
        raise RunError(
            f"{path} cannot be copied for a repair: {error}.", "Make room there, or check its rights."
        ) from error
    return copy


def _opened(source: sqlite3.Connection, path: Path) -> int:
    """Make a damaged database readable as far as it goes; give its schema version."""
    try:
        # So SQLite takes a file that is shorter than its header says.
        source.execute("PRAGMA writable_schema = ON")
        source.execute("PRAGMA trusted_schema = OFF")
        source.execute("PRAGMA cell_size_check = ON")
        application = source.execute("PRAGMA application_id").fetchone()[0]
        version = schema_version(source)
    except sqlite3.DatabaseError as error:
        raise _hopeless(path, error) from error
    if application != APPLICATION_ID or version < 1:
        raise _hopeless(path, "it does not bear Cambrian's mark")
    if version > len(STEPS):
        raise RunError(
            f"{path} has schema version {version}, this program knows up to version {len(STEPS)}.",
            "Use the newer Cambrian that wrote it.",
        )
    return version


def _copy_tables(source: sqlite3.Connection, db: Database, to: Path) -> Recovery:
    rows: dict[str, int] = {}
    left_out: dict[str, int] = {}
    incomplete = []
    with db.atomic():
        for table in db.table_names():
            if table.startswith(("_", "sqlite_")):
                continue
            reading = _Reading(source, db.conn, table)
            broken = {row for row in reading.rows() if not _insert(db.conn, table, reading.columns, row)}
            if broken:
                left_out[table] = len(broken)
            rows[table] = int(db.conn.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])
            if broken or not reading.whole or not _pages_are_sound(source, table):
                incomplete.append(table)
    return Recovery(to, rows, tuple(incomplete), left_out)


def _insert(new: sqlite3.Connection, table: str, columns: Sequence[str], row: Row) -> bool:
    """Insert a row, once however often it is read; false: it breaks the table's rules and is left out."""
    marks = ", ".join("?" * len(columns))
    try:
        if new.execute(f'INSERT OR IGNORE INTO "{table}" VALUES ({marks})', row).rowcount == 1:
            return True
    except sqlite3.IntegrityError:  # text where a row's number belongs is not ignored
        return False
    same = " AND ".join(f'"{name}" IS ?' for name in columns)
    return new.execute(f'SELECT 1 FROM "{table}" WHERE {same}', row).fetchone() is not None


def _pages_are_sound(source: sqlite3.Connection, table: str) -> bool:
    """Whether SQLite finds no fault in a table's pages: an overwritten one can look like one without rows.

    A fault of an index alone costs no row.
    """
    try:
        found = [text for (text,) in source.execute(f'PRAGMA integrity_check("{table}")')]
    except sqlite3.DatabaseError:
        return False
    return all(text == "ok" or " index " in text for text in found)


class _Reading:
    """Reads a table around its damaged pages; `whole` is false once a part was met that cannot be read."""

    def __init__(self, source: sqlite3.Connection, new: sqlite3.Connection, table: str) -> None:
        self._source = source
        self._table = table
        facts = new.execute(f'PRAGMA table_info("{table}")').fetchall()
        self.columns = [name for _, name, *_ in facts]
        key = sorted((place, name) for _, name, *_, place in facts if place)
        try:  # by row id where there is one: an index may be damaged too
            new.execute(f'SELECT rowid FROM "{table}" LIMIT 0')
            self._key = ["rowid"]
        except sqlite3.OperationalError:
            self._key = [name for _, name in key]
        self._probes = 0
        self.whole = True

    def rows(self) -> Iterator[Row]:
        """From the front to the first damage, from the end to the last, then what is between; some twice."""
        first = yield from self._part("ASC")
        if self.whole:
            return
        last = yield from self._part("DESC")
        yield from self._between(first or 0, _LARGEST_KEY if last is None else last)

    def _part(self, direction: str) -> Generator[Row, None, int | None]:
        """Rows from one end on until the first that cannot be read; gives the last key that could."""
        reached = None
        try:
            for key, *row in self._select(direction):
                yield tuple(row)
                reached = key
        except sqlite3.DatabaseError:
            self.whole = False
        return reached

    def _between(self, low: int, high: int) -> Iterator[Row]:
        """Halve a range of keys until its parts can be read or are a single key, the low ones first."""
        ranges = [(low, high)]
        while ranges and self._probes < _MOST_PROBES:
            low, high = ranges.pop()
            try:
                found = self._select("ASC", f"WHERE {self._key[0]} BETWEEN ? AND ?", (low, high)).fetchall()
                yield from (row for _, *row in found)
            except sqlite3.DatabaseError:
                self._probes += 1
                middle = (low + high) // 2
                if low < high:
                    ranges += [(middle + 1, high), (low, middle)]

    def _select(self, direction: str, where: str = "", values: Row = ()) -> sqlite3.Cursor:
        # With the table's name: SQLite takes a quoted name that is no column for text.
        columns = ", ".join(f'"{self._table}"."{name}"' for name in self.columns)
        order = ", ".join(f"{name} {direction}" for name in self._key)
        return self._source.execute(
            f'SELECT {self._key[0]}, {columns} FROM "{self._table}" {where} ORDER BY {order}', values
        )
