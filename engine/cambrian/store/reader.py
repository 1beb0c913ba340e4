"""Reading a run's database while it is written: the window, `show`, and a run that goes on.

A reader never writes, never keeps a cursor open (the write-ahead log would grow without end) and never
checkpoints. To follow a run, poll `data_version()`; when it changed, ask for what came after the last
row seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from cambrian.errors import RunError
from cambrian.records import Change, Evaluation, Inheritance, Objective, Reason, RunState, State
from cambrian.store.columns import from_json, metrics_from_json, number
from cambrian.store.connection import connect, damaged, faults_of
from cambrian.store.rows import (
    Counts,
    EpochRow,
    EvaluationRow,
    EventRow,
    GenerationRow,
    IndividualRow,
    LeaderboardRow,
    RungRow,
    RunRow,
    WorkerRow,
)

_ANCESTORS = """WITH RECURSIVE ancestors(id) AS (
    VALUES (?) UNION SELECT parent_id FROM ancestors JOIN parents ON individual_id = ancestors.id
)"""
_EVALUATION = (
    "SELECT evaluations.id, individual_id - 1, fold, evaluations.seed, evaluations.state, reason, error,"
    " attempt, pack, evaluations.rung, epochs, best_epoch, seconds, predicted_bytes, measured_bytes, metrics"
    " FROM evaluations"
)
_EPOCH = "SELECT rowid, evaluation_id, epoch, train_loss, validation_loss, learning_rate, seconds FROM epochs"
_PLACED = "place, individual, generation, rung, objective, value, species, operator, key, genome"


class RunReader:
    """Reads one run's database; any number of readers may be open, each in one thread.

    Raises:
        RunError: On opening or in any method: the file is missing, damaged, a stranger's, of another version.
        StoreBlockedError: In any method: another program kept the whole file locked; try again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = connect(path, "ro")

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def __enter__(self) -> Self:
        """The reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def data_version(self) -> int:
        """A number that changes whenever somebody else has committed something."""
        with self._reading():
            return int(self._fetch("PRAGMA data_version")[0][0])

    def run(self) -> RunRow:
        """The run itself."""
        with self._reading():
            rows = self._fetch(
                "SELECT id, state, heartbeat, created, started, finished, seed, champion, error,"
                " used_seconds, experiment, versions, resolved, baselines, result, stop, search, repeats,"
                " choice, test_looks FROM run"
            )
            if len(rows) != 1:
                raise damaged(self.path, f"it holds {len(rows)} runs")
            return _run(rows[0])

    def objectives(self) -> tuple[Objective, ...]:
        """The objectives in their order."""
        with self._reading():
            rows = self._fetch("SELECT name, direction FROM objectives ORDER BY position")
            return tuple(Objective(name, direction) for name, direction in rows)

    def generations(self) -> list[GenerationRow]:
        """Every generation, without the strategy's state."""
        with self._reading():
            rows = self._fetch("SELECT id, state, started, finished, NULL FROM generations ORDER BY id")
            return [_generation(row) for row in rows]

    def last_generation(self) -> GenerationRow | None:
        """The latest generation with the strategy's state after its ask or, once complete, its tell."""
        with self._reading():
            rows = self._fetch(
                "SELECT id, state, started, finished, strategy FROM generations ORDER BY id DESC LIMIT 1"
            )
            return _generation(rows[0]) if rows else None

    def individuals(self, after: int = 0, *, generation: int | None = None) -> list[IndividualRow]:
        """Individuals in their order, the first `after` of the run left out; of one generation if given."""
        if generation is None:
            return self._individuals("individuals.id > ?", (after,))
        return self._individuals("individuals.id > ? AND individuals.generation = ?", (after, generation))

    def individual(self, number: int) -> IndividualRow:
        """One individual.

        Raises:
            RunError: There is none of that number.
        """
        rows = self._individuals("individuals.id = ?", (number + 1,))
        if not rows:
            raise RunError(
                f"The run has no individual {number}.", "`cambrian show` lists the individuals there are."
            )
        return rows[0]

    def lineage(self, number: int) -> list[IndividualRow]:
        """The individual and all its ancestors, each once, youngest first."""
        rows = self._individuals("individuals.id IN (SELECT id FROM ancestors)", (number + 1,), _ANCESTORS)
        return rows[::-1]

    def evaluations(
        self, *, after: int = 0, individual: int | None = None, generation: int | None = None
    ) -> list[EvaluationRow]:
        """Evaluations with an id above `after`, of one individual or generation if given, in order of id.

        A row's state changes while its id stays: to follow a run, ask for its last generation anew.
        """
        where, values = "evaluations.id > ?", [after]
        if individual is not None:
            where, values = f"{where} AND individual_id = ?", [*values, individual + 1]
        if generation is not None:
            where = f"{where} AND individual_id IN (SELECT id FROM individuals WHERE generation = ?)"
            values = [*values, generation]
        with self._reading():
            rows = self._fetch(f"{_EVALUATION} WHERE {where} ORDER BY evaluations.id", values)
            return [_evaluation(row) for row in rows]

    def epochs(self, evaluation_id: int) -> list[EpochRow]:
        """The learning curve of one evaluation."""
        with self._reading():
            rows = self._fetch(f"{_EPOCH} WHERE evaluation_id = ? ORDER BY epoch", (evaluation_id,))
            return [_epoch(row) for row in rows]

    def epochs_after(self, rowid: int, *, limit: int = -1) -> list[EpochRow]:
        """Epochs of all evaluations in the order in which they came, from above `rowid`, at most `limit`."""
        with self._reading():
            rows = self._fetch(f"{_EPOCH} WHERE rowid > ? ORDER BY rowid LIMIT ?", (rowid, limit))
            return [_epoch(row) for row in rows]

    def rungs(self, *, generation: int | None = None, individual: int | None = None) -> list[RungRow]:
        """What lanes of a generation or individual had at each rung, by individual, fold, seed, rung."""
        column, value = ("generation", generation) if individual is None else ("number", individual)
        with self._reading():
            rows = self._fetch(
                'SELECT individual_id - 1, fold, evaluations.seed, rungs.rung, rungs."values", rungs.epochs,'
                " ended FROM individuals JOIN evaluations ON individual_id = individuals.id"
                " JOIN rungs ON evaluation_id = evaluations.id"
                f" WHERE individuals.{column} = ? ORDER BY individual_id, fold, evaluations.seed, rungs.rung",
                (value,),
            )
            return [
                RungRow(individual, fold, seed, rung, tuple(json.loads(values)), epochs, bool(ended))
                for individual, fold, seed, rung, values, epochs, ended in rows
            ]

    def events(self, after: int = 0) -> list[EventRow]:
        """Events with an id above `after`."""
        with self._reading():
            rows = self._fetch(
                "SELECT id, time, kind, message, data FROM events WHERE id > ? ORDER BY id", (after,)
            )
            return [EventRow(*(*plain, json.loads(data))) for *plain, data in rows]

    def workers(self) -> list[WorkerRow]:
        """The workers by their place."""
        with self._reading():
            rows = self._fetch(
                "SELECT worker, pid, device, state, job, busy_seconds, started, updated"
                " FROM workers ORDER BY worker"
            )
            return [WorkerRow(*row) for row in rows]

    def leaderboard(self, limit: int = 20) -> list[LeaderboardRow]:
        """The best individuals of all complete generations; failed ones are not among them."""
        with self._reading():
            rows = self._fetch(f"SELECT {_PLACED} FROM leaderboard ORDER BY place LIMIT ?", (limit,))
            return [_placed(row) for row in rows]

    def placed(self, number: int) -> LeaderboardRow | None:
        """The individual's own line of the leaderboard; None if it is not on it."""
        with self._reading():
            rows = self._fetch(f"SELECT {_PLACED} FROM leaderboard WHERE individual = ?", (number,))
            return _placed(rows[0]) if rows else None

    def best_per_generation(self) -> list[LeaderboardRow]:
        """The best individual of each complete generation that has one."""
        with self._reading():
            rows = self._fetch(f"SELECT {_PLACED} FROM best_per_generation ORDER BY generation")
            return [_placed(row) for row in rows]

    def counts(self) -> Counts:
        """How many rows there are."""
        with self._reading(), self._snapshot():
            states = self._fetch("SELECT state, count(*) FROM evaluations GROUP BY state ORDER BY state")
            rest = self._fetch(
                "SELECT (SELECT count(*) FROM generations), (SELECT count(*) FROM individuals),"
                # no epoch is ever deleted, so the last row id is their number: a million need no counting
                " (SELECT coalesce(max(rowid), 0) FROM epochs), (SELECT count(*) FROM events)"
            )[0]
        return Counts(rest[0], rest[1], dict(states), rest[2], rest[3])

    def _individuals(self, where: str, values: Sequence[Any], prefix: str = "") -> list[IndividualRow]:
        chosen = f"SELECT individuals.id FROM individuals WHERE {where}"
        with self._reading(), self._snapshot():
            rows = self._fetch(
                f"{prefix} SELECT number, generation, genome, key, species, operator, changed, rung, rank,"
                " inherited"
                f" FROM individuals WHERE {where} ORDER BY id",
                values,
            )
            parents = self._fetch(
                f"{prefix} SELECT individual_id - 1, parent_id - 1 FROM parents"
                f" WHERE individual_id IN ({chosen}) ORDER BY individual_id, position",
                values,
            )
            fitness = self._fetch(
                f"{prefix} SELECT individual_id - 1, value FROM fitness"
                " JOIN objectives ON objectives.name = objective"
                f" WHERE individual_id IN ({chosen}) ORDER BY individual_id, objectives.position",
                values,
            )
            parents_of = _grouped(parents)
            values_of = _grouped(fitness)
            return [_individual(row, parents_of, values_of) for row in rows]

    def _fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            with faults_of(self.path):
                yield
        except (KeyError, RecursionError, TypeError, ValueError) as error:
            raise damaged(self.path, error) from error

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Several queries see the same moment; ends at once, as nothing is read slowly inside."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()


def _run(row: Sequence[Any]) -> RunRow:
    decided, (stop, *ended, looks) = map(from_json, row[11:15]), row[15:]
    parts: list[Any] = [row[0], RunState(row[1]), *row[2:11], *decided, stop, *map(from_json, ended), looks]
    return RunRow(*parts)


def _grouped(pairs: Sequence[tuple[int, Any]]) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = {}
    for owner, value in pairs:
        groups.setdefault(owner, []).append(value)
    return groups


def _generation(row: Sequence[Any]) -> GenerationRow:
    return GenerationRow(row[0], row[1] == "complete", row[2], row[3], from_json(row[4]))


def _individual(
    row: Sequence[Any], parents_of: dict[int, list[int]], values_of: dict[int, list[float | None]]
) -> IndividualRow:
    values = values_of.get(row[0])
    return IndividualRow(
        number=row[0],
        generation=row[1],
        genome=json.loads(row[2]),
        key=row[3],
        species=row[4],
        operator=row[5],
        changed=tuple(Change(each["gene"], each["before"], each["after"]) for each in json.loads(row[6])),
        parents=tuple(parents_of.get(row[0], ())),
        rung=row[7],
        rank=row[8],
        values=None if values is None else tuple(number(value) for value in values),
        inherited=None if row[9] is None else Inheritance.from_json(json.loads(row[9])),
    )


def _evaluation(row: Sequence[Any]) -> EvaluationRow:
    number_of_row, individual, fold, seed, state, reason, *plain, metrics = row
    found = None if reason is None else Reason(reason)
    parts: list[Any] = [individual, fold, seed, State(state), found, *plain, metrics_from_json(metrics)]
    return EvaluationRow(number_of_row, Evaluation(*parts))


def _epoch(row: Sequence[Any]) -> EpochRow:
    return EpochRow(row[0], row[1], row[2], *(number(value) for value in row[3:]))


def _placed(row: Sequence[Any]) -> LeaderboardRow:
    *plain, genome = row
    return LeaderboardRow(*(*plain, json.loads(genome)))
