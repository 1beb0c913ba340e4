"""A run that an older version made: its database is brought up to date, and the run says where it lies."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from run_parts import experiment_of

from cambrian.errors import DataError
from cambrian.records import RunEvent
from cambrian.run.run import Run, create_run
from cambrian.run.workspace import RunFolder, Workspace


def events_of(folder: RunFolder) -> list[RunEvent]:
    told: list[RunEvent] = []
    with pytest.raises(DataError):  # its table has gone: it gets no further than that
        Run(folder, listener=told.append).execute()
    return told


def test_a_migrated_run_says_where_its_old_database_lies(tmp_path: Path) -> None:
    experiment = experiment_of(execution={"workers": 1})
    folder = create_run(Workspace(tmp_path), experiment, run_id="old")
    with closing(sqlite3.connect(folder.database)) as plain:
        plain.execute("ALTER TABLE individuals DROP COLUMN inherited")
        plain.execute("PRAGMA user_version = 1")
        plain.execute("DELETE FROM _sqlite_migrations WHERE name != '0001'")
        plain.commit()
    (event,) = (each for each in events_of(folder) if each.kind == "database-migrated")
    copy = folder.path / "run.version1.db"
    assert event.data == {"copy": str(copy)}
    assert str(copy) in event.message
    assert copy.is_file()
    assert "database-migrated" not in {each.kind for each in events_of(folder)}  # that was once
