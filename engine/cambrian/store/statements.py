"""The writer's statements and the columns they fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from cambrian.records import Evaluation, Individual, RunState
from cambrian.store.columns import metrics_to_json, to_json

EvaluationKey = tuple[int, int, int]
"""Individual, fold and seed: what tells one evaluation from another."""


def _upsert(table: str, columns: str, unique: str, *, unless: str = "") -> str:
    names = [name.strip() for name in columns.split(",")]
    fixed = {name.strip() for name in unique.split(",")} | {"id"}
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name not in fixed)
    places = ", ".join("?" * len(names))
    where = f" WHERE NOT ({unless})" if unless else ""
    insert = f"INSERT INTO {table} ({columns}) VALUES ({places})"
    return f"{insert} ON CONFLICT ({unique}) DO UPDATE SET {sets}{where}"


INSERT_INDIVIDUAL = (
    "INSERT INTO individuals (id, number, generation, genome, key, species, operator, changed,"
    " inherited) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
UPSERT_EVALUATION = _upsert(
    "evaluations",
    "id, individual_id, fold, seed, state, reason, error, attempt, pack, rung, epochs, best_epoch, seconds,"
    " predicted_bytes, measured_bytes, metrics",
    "individual_id, fold, seed",
    # a champion's network that was lost trains again; the result that chose it stands, whatever comes of that
    unless="evaluations.state = 'complete' AND excluded.state != 'complete'",
)
UPSERT_EPOCH = _upsert(
    "epochs",
    "evaluation_id, epoch, train_loss, validation_loss, learning_rate, seconds",
    "evaluation_id, epoch",
)
UPSERT_RUNG = _upsert("rungs", 'evaluation_id, rung, "values", epochs, ended', "evaluation_id, rung")
UPSERT_FITNESS = _upsert("fitness", "individual_id, objective, value", "individual_id, objective")
UPSERT_WORKER = _upsert(
    "workers", "worker, pid, device, state, job, busy_seconds, started, updated", "worker"
)


def _plain(value: Any) -> Any:
    return value


RUN_FIELDS: dict[str, Callable[[Any], Any]] = {
    "state": lambda state: RunState(state).value,
    "started": _plain,
    "finished": _plain,
    "champion": _plain,
    "experiment": _plain,
    "error": _plain,
    "used_seconds": float,
    "versions": partial(to_json, "versions"),
    "resolved": partial(to_json, "resolved"),
    "baselines": partial(to_json, "baselines"),
    "result": partial(to_json, "result"),
    "stop": _plain,
    "search": partial(to_json, "search"),
    "repeats": partial(to_json, "repeats"),
    "choice": partial(to_json, "choice"),
}
"""The columns of `run` that may be set, and how a value becomes one."""


def individual_columns(individual: Individual) -> tuple[Any, ...]:
    """What `INSERT_INDIVIDUAL` takes."""
    return (
        individual.number + 1,
        individual.number,
        individual.generation,
        to_json("genome", individual.genome.to_json()),
        individual.key,
        individual.species,
        individual.operator,
        to_json("changed", [asdict(change) for change in individual.changed]),
        None if individual.inherited is None else to_json("inherited", asdict(individual.inherited)),
    )


def evaluation_columns(evaluation: Evaluation) -> tuple[EvaluationKey, tuple[Any, ...]]:
    """An evaluation's key, and what `UPSERT_EVALUATION` takes after it."""
    key = (evaluation.individual, evaluation.fold, evaluation.seed)
    return key, (
        evaluation.state.value,
        None if evaluation.reason is None else evaluation.reason.value,
        evaluation.error,
        evaluation.attempt,
        evaluation.pack,
        evaluation.rung,
        evaluation.epochs,
        evaluation.best_epoch,
        evaluation.seconds,
        evaluation.predicted_bytes,
        evaluation.measured_bytes,
        metrics_to_json(evaluation.metrics),
    )
