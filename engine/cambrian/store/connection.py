"""Opening a run's database: checked before it is trusted, and its faults told in our words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from cambrian.config import flush_folder, temporary_beside
from cambrian.errors import CambrianError, RunError
from cambrian.store.schema import APPLICATION_ID, VIEWS

SCHEMA_VERSION = 2
VIEWS_OF_VERSION = {1: VIEWS, 2: VIEWS}
"""The views of each schema version, word for word."""

_LONGEST_VALUE = 2**28  # bytes; a strategy's state stays far below, a stranger's blob need not
_WRITER_TIMEOUT = 30.0  # seconds to wait for a stranger's program that holds the write lock
_READER_TIMEOUT = 10.0

# SQLite says FULL for ENOSPC only: an exceeded quota or file size limit is a failed write or flush.
_FULL_CODES = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    }
)
_BLOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NOT_OURS = ("no such table", "no such column", "Could not decode to UTF-8")
"""How errors without a code of their own begin that a damaged or foreign file causes."""
_UNREACHABLE = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM}
)


class StoreBlockedError(CambrianError):
    """The database cannot be written at the moment; nothing of the transaction was: try again."""


class StoreFullError(StoreBlockedError):
    """The disk (or quota) that holds the database is full."""


@contextmanager
def faults_of(path: Path) -> Iterator[None]:
    """Tell SQLite's faults in our words.

    Raises:
        StoreFullError: No room for the transaction.
        StoreBlockedError: Another program holds the database's write lock.
        RunError: The file is damaged, is no database, or cannot be opened, read or written.
        sqlite3.Error: Anything else, a fault of the program (a broken constraint, a wrong statement).
    """
    try:
        yield
    except sqlite3.Error as error:
        ours = _translated(error, path)
        if ours is None:
            raise
        raise ours from error


def damaged(path: Path, why: object) -> RunError:
    """The error for a file that is no sound database."""
    return RunError(
        f"{path} is damaged or not the database of a run: {why}.",
        f"Put back a copy of it; `cambrian repair {path.parent.name}` recovers what it can into a new file.",
    )


def _translated(error: sqlite3.Error, path: Path) -> CambrianError | None:
    code = getattr(error, "sqlite_errorcode", 0)
    primary = code & 0xFF
    if code in _FULL_CODES:
        return StoreFullError(f"The disk that holds {path} is full: {error}.")
    if primary in _BLOCKED:
        return StoreBlockedError(f"Another program holds {path}: {error}.")
    if primary in _DAMAGED or str(error).startswith(_NOT_OURS):
        return damaged(path, error)
    if primary in _UNREACHABLE:
        return RunError(
            f"{path} cannot be used: {error}.", "Check that its folder is there and may be written to."
        )
    return None


def connect(path: Path, mode: Literal["ro", "rw"]) -> sqlite3.Connection:
    """Open an existing database and check that it is a run's, without executing anything it holds.

    A reader's connection (`ro`) never writes and never checkpoints: the writer alone does. It may belong to
    an older schema version when `mode` is `rw`.

    Raises:
        RunError: Missing, damaged, a stranger's or of a newer program; names the file and what to do.
    """
    if not path.is_file():
        raise RunError(f"There is no run database at {path}.", "`cambrian runs` lists the runs there are.")
    timeout = _READER_TIMEOUT if mode == "ro" else _WRITER_TIMEOUT
    if not path.stat().st_size:  # SQLite would take it for a new database, and delete its log
        raise damaged(path, "it is empty")
    with faults_of(path):
        uri = f"file:{quote(str(path.resolve()))}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=timeout)
    try:
        with faults_of(path):
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            if mode == "ro":
                connection.execute("PRAGMA query_only = ON")
            version = _checked_version(connection, path)
            _refuse_strangers(connection, path, version)
            if mode == "ro" and version < SCHEMA_VERSION:
                raise RunError(
                    f"{path} has schema version {version}; this program reads version {SCHEMA_VERSION}.",
                    "`cambrian resume` brings it up to date, after keeping a copy.",
                )
    except BaseException:  # Ctrl-C too must leave no open connection behind
        connection.close()
        raise
    return connection


def schema_version(connection: sqlite3.Connection) -> int:
    """The schema version that the database says it has."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _checked_version(connection: sqlite3.Connection, path: Path) -> int:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID:
        raise damaged(path, "it does not bear Cambrian's mark")
    version = schema_version(connection)
    if version > SCHEMA_VERSION:
        raise RunError(
            f"{path} has schema version {version}, this program knows up to version {SCHEMA_VERSION}.",
            "Use the newer Cambrian that wrote it.",
        )
    return version


def _refuse_strangers(connection: sqlite3.Connection, path: Path, version: int) -> None:
    known = VIEWS_OF_VERSION.get(version, {})
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    for kind, name, sql in rows:
        virtual = str(sql).lstrip().upper().startswith("CREATE VIRTUAL")
        if kind == "trigger" or virtual or (kind == "view" and known.get(name) != sql):
            what = "virtual table" if virtual else kind
            raise RunError(
                f"{path} holds the {what} {name!r}, which Cambrian did not make.",
                "Do not open it unless you know where it comes from; without it the run can be opened.",
            )


def copy_database(connection: sqlite3.Connection, path: Path) -> None:
    """Write a sound copy of the open database to `path`, atomically (`VACUUM INTO`, not a copy of the file).

    Raises:
        StoreFullError: No room; nothing is left behind and an older file at `path` stays.
        RunError: The folder is missing or may not be written to.
    """
    try:
        descriptor, temporary = temporary_beside(path)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error}.", "Check the folder and its rights.") from error
    try:
        try:
            with faults_of(path):
                connection.execute("VACUUM INTO ?", (str(temporary),))  # the empty file there is allowed
            os.fsync(descriptor)  # VACUUM INTO does not flush
        finally:
            os.close(descriptor)  # Windows moves no file that is open
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    flush_folder(path.parent)


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files of `path` that a killed process left; only who holds the run may."""
    for leftover in path.parent.glob(f".{path.name}.*.tmp"):
        leftover.unlink(missing_ok=True)
