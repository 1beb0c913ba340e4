"""The one writer of a run's database.

Every method is a transaction, or part of the one that `atomic()` has open. What fails leaves nothing behind,
so the caller can do the same again (`StoreBlockedError`, of which `StoreFullError` is one). The writer
belongs to one thread; that only one process writes is `lock.RunLock`'s affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from cambrian.errors import RunError
from cambrian.records import EpochRecord, Evaluation, Individual, Objective, Outcome, RunEvent, RunState
from cambrian.store.columns import finite_or_null, to_json, utc_now
from cambrian.store.connection import connect, copy_database, damaged, faults_of, remove_leftovers
from cambrian.store.migrations import migrate, upgrade
from cambrian.store.rows import RungRow, WorkerRow
from cambrian.store.statements import (
    INSERT_INDIVIDUAL,
    RUN_FIELDS,
    UPSERT_EPOCH,
    UPSERT_EVALUATION,
    UPSERT_FITNESS,
    UPSERT_RUNG,
    UPSERT_WORKER,
    EvaluationKey,
    evaluation_columns,
    individual_columns,
)


class RunWriter:
    """Writes one run's database; made by `create` or `open`.

    Commits are durable when a method (or the outermost `atomic()`) returns: WAL with `synchronous=FULL`.
    """

    def __init__(self, path: Path, db: Database, objectives: Sequence[str]) -> None:
        self.path = path
        self.migrated_from: Path | None = None
        self._db = db
        self._objectives = tuple(objectives)
        self._evaluation_ids: dict[EvaluationKey, int] = {}
        self._last_evaluation_id: int | None = None

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        run_id: str,
        seed: int,
        experiment_toml: str,
        versions: Mapping[str, Any],
        objectives: Sequence[Objective] = (),
    ) -> Self:
        """Make the database of a new run, complete at once: nobody ever meets half of it.

        Raises:
            RunError: There is a file already, or the folder cannot be written to.
            StoreFullError: No room.
        """
        if path.exists():
            raise RunError(f"There is a run database at {path} already.", "Give the new run another id.")
        now = utc_now()
        with Database(memory=True, execute_plugins=False) as db:
            migrate(db)
            with db.atomic():
                db.conn.execute(
                    "INSERT INTO run (id, state, heartbeat, created, seed, versions, experiment)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        run_id,
                        RunState.PREPARING.value,
                        now,
                        now,
                        seed,
                        to_json("versions", dict(versions)),
                        experiment_toml,
                    ),
                )
                db.conn.executemany(
                    "INSERT INTO objectives (position, name, direction) VALUES (?, ?, ?)",
                    [(place, each.name, each.direction) for place, each in enumerate(objectives)],
                )
            copy_database(db.conn, path)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the database of a run to go on writing it; an older schema is brought up to date after a copy.

        `migrated_from` is the copy's path then. Take the `RunLock` first.

        Raises:
            RunError: Missing, damaged, a stranger's, of a newer program, or on a disk that cannot carry it.
        """
        connection = connect(path, "rw")
        remove_leftovers(path)
        db = Database(connection, execute_plugins=False)
        try:
            with faults_of(path):
                sound = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                if sound != "ok":
                    raise damaged(path, sound)
                copy = upgrade(db, path)
                _make_durable(db, path)
                rows = connection.execute("SELECT name FROM objectives ORDER BY position").fetchall()
        except BaseException:  # Ctrl-C too must leave no open connection behind
            db.close()
            raise
        writer = cls(path, db, [name for (name,) in rows])
        writer.migrated_from = copy
        return writer

    def close(self) -> None:
        """Close the database; the write-ahead log is folded in if no reader is open."""
        self._db.close()

    def __enter__(self) -> Self:
        """The writer itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """One transaction: everything inside is committed together, or nothing if it raises.

        An error must be let out of the outermost block before the work is done again.

        Raises:
            StoreFullError: The disk is full; nothing was written and the same can be done again.
            StoreBlockedError: A stranger's program holds the write lock; likewise.
        """
        outermost = not self._db.conn.in_transaction
        try:
            with faults_of(self.path), self._db.atomic():
                if outermost:
                    # db.atomic() begins deferred; this takes the write lock before the first read, because a
                    # transaction that reads and then writes fails at once if somebody wrote in between
                    self._db.conn.execute("UPDATE run SET id = id WHERE 0")
                yield
        except BaseException:  # whatever ended the block undid it, and with it ids that were given inside
            self._evaluation_ids.clear()
            self._last_evaluation_id = None
            raise

    def update_run(self, **fields: Any) -> None:
        """Set columns of the run; the heartbeat is set with them.

        A state in which nobody executes the run ends its workers too, in the same transaction.

        state, started, finished, champion, experiment, error, used_seconds, stop; as JSON: versions,
        resolved, baselines, search, repeats, choice, result.

        Raises:
            ValueError: No such column, or a value that its column cannot hold.
        """
        unknown = sorted(set(fields) - set(RUN_FIELDS))
        if unknown:
            raise ValueError(f"run has no column {unknown[0]!r} to set; there are {', '.join(RUN_FIELDS)}")
        encoded = {name: None if value is None else RUN_FIELDS[name](value) for name, value in fields.items()}
        encoded["heartbeat"] = utc_now()
        sets = ", ".join(f"{name} = ?" for name in encoded)
        with self.atomic():
            self._execute(f"UPDATE run SET {sets}", tuple(encoded.values()))
            if "state" in fields and not RunState(fields["state"]).live:
                self._execute("UPDATE workers SET pid = NULL, state = 'ended', job = NULL")

    def count_test_look(self) -> int:
        """Count a look at the test part, before it is taken; give how many there were with it."""
        with self.atomic():
            self._db.conn.execute("UPDATE run SET test_looks = test_looks + 1")
            return int(self._db.conn.execute("SELECT test_looks FROM run").fetchone()[0])

    def set_objectives(self, objectives: Sequence[Objective]) -> None:
        """Say what is optimised, once it is known and before any fitness is written."""
        with self.atomic():
            self._execute("DELETE FROM objectives")
            self._execute_many(
                "INSERT INTO objectives (position, name, direction) VALUES (?, ?, ?)",
                [(place, each.name, each.direction) for place, each in enumerate(objectives)],
            )
        self._objectives = tuple(each.name for each in objectives)

    def begin_generation(
        self,
        generation: int,
        individuals: Sequence[Individual],
        strategy_state: Mapping[str, Any],
        evaluations: Sequence[Evaluation],
    ) -> None:
        """Commit what was asked, with the strategy's state after the ask, before any of it is trained.

        Earlier generations let go of their copy of the state, else a long run would grow by its square.
        """
        state = to_json("strategy", strategy_state)
        rows = [individual_columns(each) for each in individuals]
        parents = [
            (each.number + 1, position, parent + 1)
            for each in individuals
            for position, parent in enumerate(each.parents)
        ]
        with self.atomic():
            self._execute("UPDATE generations SET strategy = NULL WHERE strategy IS NOT NULL")
            self._execute(
                "INSERT INTO generations (id, state, started, strategy) VALUES (?, 'asked', ?, ?)",
                (generation, utc_now(), state),
            )
            self._execute_many(INSERT_INDIVIDUAL, rows)
            self._execute_many(
                "INSERT INTO parents (individual_id, position, parent_id) VALUES (?, ?, ?)", parents
            )
            self._evaluation_ids.clear()  # earlier generations are done: memory stays flat over a long run
            self.save_evaluations(evaluations)

    def finish_generation(
        self,
        generation: int,
        outcomes: Sequence[Outcome],
        ranks: Sequence[int],
        strategy_state: Mapping[str, Any],
    ) -> None:
        """Commit what a generation came to, and the strategy's state after the tell, together."""
        state = to_json("strategy", strategy_state)
        placed = [
            (each.rung, rank, each.individual.number + 1) for each, rank in zip(outcomes, ranks, strict=True)
        ]
        fitness = [
            (each.individual.number + 1, objective, finite_or_null(value))
            for each in outcomes
            if each.values is not None
            for objective, value in zip(self._objectives, each.values, strict=True)
        ]
        with self.atomic():
            self._execute_many("UPDATE individuals SET rung = ?, rank = ? WHERE id = ?", placed)
            self._execute_many(UPSERT_FITNESS, fitness)
            self._execute(
                "UPDATE generations SET state = 'complete', finished = ?, strategy = ? WHERE id = ?",
                (utc_now(), state, generation),
            )

    def save_evaluations(self, evaluations: Sequence[Evaluation]) -> None:
        """Insert evaluations, or overwrite those with the same individual, fold and seed.

        One that is complete is overwritten by a complete one alone.
        """
        columns = [evaluation_columns(each) for each in evaluations]
        with self.atomic():
            rows = [(self._id_to_write(key), key[0] + 1, *key[1:], *rest) for key, rest in columns]
            self._execute_many(UPSERT_EVALUATION, rows)

    def start_evaluations(self, keys: Sequence[EvaluationKey]) -> None:
        """Say that these saved evaluations (individual, fold, seed) are being trained.

        One that is complete stays so.
        """
        ids = [(self._evaluation_id(key),) for key in keys]
        self._execute_many(
            "UPDATE evaluations SET state = 'running' WHERE id = ? AND state != 'complete'", ids
        )

    def prune_open_evaluations(self) -> None:
        """Close what the end of the budget left waiting or running: nothing trains it any more."""
        self._execute("UPDATE evaluations SET state = 'pruned' WHERE state IN ('waiting', 'running')")

    def save_epochs(self, epochs: Sequence[tuple[int, int, int, EpochRecord]]) -> None:
        """Insert (individual, fold, seed, epoch); a repeated epoch overwrites its row.

        Raises:
            ValueError: An evaluation was never saved.
        """
        with self.atomic():
            rows = [
                (
                    self._evaluation_id((individual, fold, seed)),
                    record.epoch,
                    record.train_loss,
                    record.validation_loss,
                    record.learning_rate,
                    record.seconds,
                )
                for individual, fold, seed, record in epochs
            ]
            self._execute_many(UPSERT_EPOCH, rows)

    def save_rungs(self, rungs: Sequence[RungRow]) -> None:
        """Insert what lanes had at rungs, or overwrite it.

        Raises:
            ValueError: An evaluation was never saved, or a value is not finite.
        """
        values = [to_json("values", each.values) for each in rungs]
        with self.atomic():
            rows = [
                (
                    self._evaluation_id((each.individual, each.fold, each.seed)),
                    each.rung,
                    encoded,
                    each.epochs,
                    int(each.ended),
                )
                for each, encoded in zip(rungs, values, strict=True)
            ]
            self._execute_many(UPSERT_RUNG, rows)

    def add_event(self, event: RunEvent) -> int:
        """Store an event with the present time; give its id."""
        row = (utc_now(), event.kind, event.message, to_json("data", event.data))
        with self.atomic():
            cursor = self._db.conn.execute(
                "INSERT INTO events (time, kind, message, data) VALUES (?, ?, ?, ?)", row
            )
            return int(cursor.lastrowid or 0)

    def save_workers(self, workers: Sequence[WorkerRow]) -> None:
        """Insert workers, or overwrite those in the same place."""
        self._execute_many(UPSERT_WORKER, [tuple(asdict(each).values()) for each in workers])

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        with self.atomic():
            self._db.conn.execute(statement, values)

    def _execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.atomic():
            self._db.conn.executemany(statement, rows)

    def _id_to_write(self, key: EvaluationKey) -> int:
        found = self._stored_id(key)
        if found is not None:
            return found
        if self._last_evaluation_id is None:
            row = self._db.conn.execute("SELECT coalesce(max(id), 0) FROM evaluations").fetchone()
            self._last_evaluation_id = int(row[0])
        self._last_evaluation_id += 1
        self._evaluation_ids[key] = self._last_evaluation_id
        return self._last_evaluation_id

    def _evaluation_id(self, key: EvaluationKey) -> int:
        found = self._stored_id(key)
        if found is None:
            raise ValueError(
                f"individual {key[0]}, fold {key[1]}, seed {key[2]}: no such evaluation was saved"
            )
        return found

    def _stored_id(self, key: EvaluationKey) -> int | None:
        found = self._evaluation_ids.get(key)
        if found is None:
            row = self._db.conn.execute(
                "SELECT id FROM evaluations WHERE individual_id = ? AND fold = ? AND seed = ?",
                (key[0] + 1, key[1], key[2]),
            ).fetchone()
            if row is None:
                return None
            found = self._evaluation_ids[key] = int(row[0])
        return found


def _make_durable(db: Database, path: Path) -> None:
    mode = db.conn.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise RunError(
            f"The disk that holds {path} cannot carry a write-ahead log.",
            "Put the workspace on a local disk (--workspace).",
        )
    db.conn.execute("PRAGMA synchronous = FULL")
    db.conn.execute("PRAGMA foreign_keys = ON")
    # A log that a slow reader made grow shrinks again.
    db.conn.execute(f"PRAGMA journal_size_limit = {2**26}")
