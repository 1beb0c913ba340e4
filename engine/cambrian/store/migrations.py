"""The numbered steps from an empty file to the newest schema; a step that has been released never changes.

`PRAGMA user_version` is the number of the last step and is written in that step's own transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from cambrian.store.connection import copy_database, schema_version
from cambrian.store.schema import APPLICATION_ID, INDICES, TABLES, VIEWS


def _first(db: Database) -> None:
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in (*TABLES, *INDICES, *VIEWS.values()):
        db.conn.execute(statement)


def _inheritance(db: Database) -> None:
    """What an individual's lanes began with: JSON {"parent", "epochs", "lanes"}; NULL: from scratch."""
    db.conn.execute("ALTER TABLE individuals ADD COLUMN inherited TEXT")


STEPS: tuple[Callable[[Database], None], ...] = (_first, _inheritance)
"""Step n makes schema version n + 1 of version n. `connection.SCHEMA_VERSION` is their number."""


def migrate(db: Database, last: int | None = None) -> None:
    """Apply every step that the database lacks, each in a transaction of its own.

    Args:
        db: The database.
        last: Schema version to stop at; None: the newest.
    """
    migrations = Migrations("cambrian")
    for version, step in enumerate(STEPS[:last], start=1):
        migrations(name=f"{version:04d}")(_numbered(version, step))
    migrations.apply(db)


def upgrade(db: Database, path: Path) -> Path | None:
    """Bring an older database up to date after a copy was made beside it; give the copy's path.

    Raises:
        StoreFullError: No room for the copy; the database is untouched.
    """
    version = schema_version(db.conn)
    if version == len(STEPS):
        return None
    copy = path.with_name(f"{path.stem}.version{version}{path.suffix}")
    copy_database(db.conn, copy)
    migrate(db)
    return copy


def _numbered(version: int, step: Callable[[Database], None]) -> Callable[[Database], None]:
    def numbered(db: Database, /) -> None:
        step(db)
        db.conn.execute(f"PRAGMA user_version = {version}")

    return numbered
