"""Versions of the schema, and what people see in a plain SQLite shell."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from cambrian.errors import RunError
from cambrian.records import Inheritance
from cambrian.store import connection, migrations
from cambrian.store.connection import SCHEMA_VERSION, VIEWS_OF_VERSION, StoreFullError
from cambrian.store.migrations import STEPS
from cambrian.store.reader import RunReader
from cambrian.store.writer import RunWriter

BEST_PER_GENERATION = "SELECT generation, individual, value FROM best_per_generation;"
PARENTS_OF = """
SELECT parent.number, parent.generation, parent.operator
FROM individuals AS child
JOIN parents ON parents.individual_id = child.id
JOIN individuals AS parent ON parent.id = parents.parent_id
WHERE child.number = 4
ORDER BY parents.position;
"""
CURVE_OF_CHAMPION = """
SELECT evaluations.fold, evaluations.seed, epoch, train_loss, validation_loss, learning_rate
FROM run
JOIN individuals ON individuals.number = run.champion
JOIN evaluations ON evaluations.individual_id = individuals.id
JOIN epochs ON epochs.evaluation_id = evaluations.id
ORDER BY evaluations.seed, evaluations.fold, epoch;
"""


def test_the_three_queries_of_the_readme(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as plain:
        assert plain.execute(BEST_PER_GENERATION).fetchall() == [(0, 1, 0.4), (1, 5, 0.3)]
        assert plain.execute(PARENTS_OF).fetchall() == [(1, 0, "mate"), (3, 0, "mate")]
        curve = plain.execute(CURVE_OF_CHAMPION).fetchall()
    assert [(fold, seed, epoch, loss) for fold, seed, epoch, _, loss, _ in curve] == [
        (0, 0, 1, 1.0),
        (0, 0, 2, 0.5),
        (0, 0, 3, 1 / 3),
    ]


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="no sqlite3 shell here")
def test_the_queries_in_the_sqlite3_shell(filled: Path) -> None:
    script = BEST_PER_GENERATION + PARENTS_OF + CURVE_OF_CHAMPION
    done = subprocess.run(
        ["sqlite3", "-readonly", str(filled)], input=script, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:4] == ["0|1|0.4", "1|5|0.3", "1|0|mate", "3|0|mate"]


def test_lineage_of_the_champion_else_of_the_first(filled: Path, writer: RunWriter) -> None:
    statement = "SELECT individual, parents, value FROM lineage"
    with closing(sqlite3.connect(filled)) as plain:
        assert plain.execute(statement).fetchall() == [(4, "1 3", 0.35), (3, None, 0.8), (1, None, 0.4)]
        writer.update_run(champion=None)
        assert [row[0] for row in plain.execute(statement).fetchall()] == [5, 1, 0]


def test_views_of_an_empty_run_are_empty(path: Path, writer: RunWriter) -> None:
    with closing(sqlite3.connect(path)) as plain:
        for view in ("leaderboard", "best_per_generation", "lineage"):
            assert plain.execute(f"SELECT * FROM {view}").fetchall() == []


def test_the_newest_version_is_one_number_everywhere(path: Path, writer: RunWriter) -> None:
    assert len(STEPS) == SCHEMA_VERSION == max(VIEWS_OF_VERSION)
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert plain.execute("PRAGMA application_id").fetchone() == (0x43414D42,)
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []


def test_foreign_keys_hold(writer: RunWriter, make) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        writer.begin_generation(0, [make.individual(0, 0, (77,))], {}, [])
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        writer.save_evaluations(make.waiting(5))


@pytest.mark.parametrize("opener", [RunReader, RunWriter.open])
def test_a_newer_database_is_refused_naming_both_versions(path: Path, make, opener) -> None:
    make.create(path).close()
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(RunError, match=f"version 99, this program knows up to version {SCHEMA_VERSION}"):
        opener(path)
    assert path.read_bytes() == before


def _next(db: Database) -> None:
    db.conn.execute("ALTER TABLE individuals ADD COLUMN note TEXT")
    db.conn.execute("UPDATE individuals SET note = 'old'")
    db.conn.execute("DROP VIEW lineage")


def _versions(found: int) -> str:
    return f"schema version {found}; this program reads version {found + 1}"


@pytest.fixture
def newer_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose schema is one version on: a new column, a view gone."""
    views = {name: sql for name, sql in VIEWS_OF_VERSION[SCHEMA_VERSION].items() if name != "lineage"}
    monkeypatch.setattr(migrations, "STEPS", (*STEPS, _next))
    monkeypatch.setattr(connection, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setitem(VIEWS_OF_VERSION, SCHEMA_VERSION + 1, views)


def test_an_older_database_is_migrated_after_a_copy(path: Path, make, request: pytest.FixtureRequest) -> None:
    with make.create(path) as writer:
        make.fill(writer)
    request.getfixturevalue("newer_program")
    with pytest.raises(RunError, match=_versions(SCHEMA_VERSION)):
        RunReader(path)
    with RunWriter.open(path) as writer:
        copy = writer.migrated_from
    assert copy == path.with_name(f"run.version{SCHEMA_VERSION}.db")
    for file, version in ((copy, SCHEMA_VERSION), (path, SCHEMA_VERSION + 1)):
        with closing(sqlite3.connect(file)) as plain:
            assert plain.execute("PRAGMA user_version").fetchone() == (version,)
            assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert plain.execute("SELECT count(*) FROM individuals").fetchone() == (8,)
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("SELECT DISTINCT note FROM individuals").fetchall() == [("old",)]
    with RunReader(path) as reader:
        assert len(reader.individuals()) == 8
    with RunWriter.open(path) as writer:
        assert writer.migrated_from is None


def test_a_failed_migration_leaves_the_old_version(
    path: Path, make, newer_program: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(migrations, "STEPS", STEPS)
        older.setattr(connection, "SCHEMA_VERSION", SCHEMA_VERSION)
        with make.create(path) as writer:
            make.fill(writer)

    def broken(db: Database) -> None:
        _next(db)
        raise StoreFullError("no room")

    with monkeypatch.context() as context:
        context.setattr(migrations, "STEPS", (*STEPS, broken))
        with pytest.raises(StoreFullError):
            RunWriter.open(path)
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        columns = [row[1] for row in plain.execute("PRAGMA table_info(individuals)").fetchall()]
    assert "note" not in columns
    RunWriter.open(path).close()


def test_a_run_of_version_1_goes_on_and_nobody_in_it_inherited(path: Path, make) -> None:
    """Its database as that version made it: without the column of what was inherited."""
    with make.create(path) as writer:
        make.fill(writer)
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("ALTER TABLE individuals DROP COLUMN inherited")
        plain.execute("PRAGMA user_version = 1")
        plain.execute("DELETE FROM _sqlite_migrations WHERE name != '0001'")
        plain.commit()
    with pytest.raises(RunError, match="schema version 1"):
        RunReader(path)
    with RunWriter.open(path) as writer:
        assert writer.migrated_from == path.with_name("run.version1.db")
        heir = replace(make.individual(8, 2, (5,)), inherited=Inheritance(5, 3, ("a", "b")))
        writer.begin_generation(2, [heir], {}, [])
    with RunReader(path) as reader:
        individuals = reader.individuals()
    assert [each.inherited for each in individuals] == [None] * 8 + [heir.inherited]
    assert individuals[8].key == heir.key == f"{heir.genome.key}+{heir.inherited.key}"
