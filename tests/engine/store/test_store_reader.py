"""What a reader gives, and what it refuses to open."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cambrian.errors import RunError
from cambrian.records import Objective, Outcome
from cambrian.store.reader import RunReader
from cambrian.store.writer import RunWriter


def test_individuals_with_parents_and_fitness(filled: Path, make) -> None:
    with RunReader(filled) as reader:
        rows = reader.individuals()
        assert [row.number for row in rows] == list(range(8))
        assert rows[4].parents == (1, 3)
        assert rows[4].changed == make.individual(4, 1, (1, 3)).changed
        assert rows[4].values == (0.35, 1004.0)
        assert reader.individuals(after=6) == rows[6:]
        assert reader.individuals(generation=1) == rows[4:]
        assert reader.individual(4) == rows[4]
        with pytest.raises(RunError, match="no individual 99"):
            reader.individual(99)


def test_leaderboard_best_and_lineage(filled: Path) -> None:
    with RunReader(filled) as reader:
        board = reader.leaderboard(3)
        assert [(row.place, row.individual, row.value) for row in board] == [
            (1, 5, 0.3),
            (2, 4, 0.35),
            (3, 1, 0.4),
        ]
        assert board[0].objective == "log_loss"
        assert board[0].genome == reader.individual(5).genome
        assert len(reader.leaderboard(100)) == 7
        assert [(row.generation, row.individual) for row in reader.best_per_generation()] == [(0, 1), (1, 5)]
        assert [row.number for row in reader.lineage(4)] == [4, 3, 1]
        assert [row.number for row in reader.lineage(0)] == [0]


def test_a_higher_rung_stands_above_a_better_value(path: Path, writer: RunWriter, make) -> None:
    individuals = [make.individual(number) for number in range(3)]
    writer.begin_generation(0, individuals, {}, [])
    values = ((0, (0.1, 1.0)), (2, (0.9, 1.0)), (2, (0.9, 1.0)))
    outcomes = [Outcome(each, *rest) for each, rest in zip(individuals, values, strict=True)]
    writer.finish_generation(0, outcomes, [2, 0, 1], {})
    with RunReader(path) as reader:
        assert [row.individual for row in reader.leaderboard()] == [1, 2, 0]


def test_a_maximised_objective_is_turned(path: Path, make) -> None:
    with RunWriter.create(
        path, run_id="r", seed=0, experiment_toml="", versions={}, objectives=[Objective("r2", "maximize")]
    ) as writer:
        individuals = [make.individual(number) for number in range(2)]
        writer.begin_generation(0, individuals, {}, [])
        outcomes = [Outcome(individuals[0], 0, (0.5,)), Outcome(individuals[1], 0, (0.9,))]
        writer.finish_generation(0, outcomes, [1, 0], {})
        with RunReader(path) as reader:
            assert [row.individual for row in reader.leaderboard()] == [1, 0]


def test_counts(filled: Path) -> None:
    with RunReader(filled) as reader:
        counts = reader.counts()
    assert (counts.generations, counts.individuals, counts.epochs, counts.events) == (2, 8, 24, 0)
    assert counts.evaluations == {"waiting": 16}


def test_a_reader_cannot_write(filled: Path) -> None:
    with RunReader(filled) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM individuals")


def test_readers_keep_the_log_bounded(path: Path, writer: RunWriter, make) -> None:
    """A reader that left a cursor open would pin the log: it would hold all of the 20 MB written."""
    writer.begin_generation(0, [make.individual(0)], {}, make.waiting(0))
    with RunReader(path) as reader:
        for round_ in range(20):
            writer.update_run(result={"text": f"{round_}" * 1_000_000})
            assert reader.run().result is not None
            reader.individuals()
            reader.counts()
    assert path.with_name("run.db-wal").stat().st_size < 10_000_000


@pytest.mark.parametrize("opener", [RunReader, RunWriter.open])
@pytest.mark.parametrize(
    ("content", "match"),
    [
        (None, "no run database"),
        (b"", "it is empty"),
        (b"a,b,c\n1,2,3\n" * 500, "damaged or not the database"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "damaged or not the database"),
    ],
)
def test_what_is_no_database_is_refused_by_name(
    path: Path, opener, content: bytes | None, match: str
) -> None:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match=match) as caught:
        opener(path)
    assert str(path) in caught.value.problem
    assert caught.value.remedy
    assert content is None or path.read_bytes() == content


def test_another_programs_database_is_refused(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE run (id TEXT)")
    connection.close()
    with pytest.raises(RunError, match="Cambrian's mark"):
        RunReader(path)


def read_everything(path: Path) -> None:
    with RunReader(path) as reader:
        for read in (reader.run, reader.individuals, reader.evaluations, reader.counts, reader.leaderboard):
            read()


@pytest.mark.parametrize("damage", ["truncated", "overwritten"])
def test_a_damaged_database_is_refused(path: Path, make, damage: str) -> None:
    with make.create(path) as writer:
        make.fill(writer)
        writer.update_run(result={"text": "x" * 200_000})
    content = bytearray(path.read_bytes())
    if damage == "truncated":
        del content[len(content) // 3 :]
    else:
        content[4096 * 2 : 4096 * 20] = b"\xa5" * 4096 * 18
    path.write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        RunWriter.open(path)
    with pytest.raises(RunError, match="damaged"):
        read_everything(path)
    assert path.read_bytes() == content


def test_values_that_make_no_sense_are_damage(path: Path, make) -> None:
    with make.create(path) as writer:
        make.fill(writer)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE individuals SET genome = '{'")
    connection.execute("UPDATE evaluations SET state = 'flying'")
    connection.execute("UPDATE run SET versions = ?", ("[" * 100_000,))
    connection.commit()
    connection.close()
    with RunReader(path) as reader:
        for read in (reader.run, reader.individuals, reader.evaluations):
            with pytest.raises(RunError, match="damaged"):
                read()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER UPDATE ON run BEGIN DELETE FROM individuals; END",
        "CREATE VIEW innocent AS SELECT load_extension('evil')",
        "CREATE VIRTUAL TABLE words USING fts5(text)",
        "DROP VIEW leaderboard; CREATE VIEW leaderboard AS SELECT 1 AS place",
        "DROP TABLE workers; CREATE VIEW workers AS SELECT zeroblob(1000000000)",
    ],
)
@pytest.mark.parametrize("opener", [RunReader, RunWriter.open])
def test_a_strangers_triggers_and_views_are_refused(path: Path, make, opener, statement: str) -> None:
    make.create(path).close()
    connection = sqlite3.connect(path)
    connection.executescript(statement)
    connection.close()
    with pytest.raises(RunError, match="did not make"):
        opener(path)


def test_an_index_or_table_of_the_users_own_is_welcome(path: Path, make) -> None:
    make.create(path).close()
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE notes (text); CREATE INDEX mine ON epochs(validation_loss)")
    connection.close()
    with RunWriter.open(path) as writer, RunReader(path) as reader:
        writer.update_run(error="written")
        assert reader.run().error == "written"


def test_paths_with_odd_names(tmp_path: Path, make) -> None:
    folder = tmp_path / "a b%20?#'\";é表"
    folder.mkdir()
    make.create(folder / "run.db").close()
    with RunReader(folder / "run.db") as reader:
        assert reader.run().id == "amber-fox"
