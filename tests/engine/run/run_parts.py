"""Real parts of a run for the tests of this folder: settings, individuals, tasks, a database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from cambrian.experiment import Experiment, make_experiment
from cambrian.records import Individual, Inheritance, Objective
from cambrian.run.lanes import LaneId, LaneTask
from cambrian.run.resolve import Pace, Resolved, with_pace
from cambrian.space.build import SpaceFacts, build_space
from cambrian.store.writer import RunWriter
from cambrian.training.spec import LaneSpec

LOG_LOSS = Objective("log_loss", "minimize")
AUC = Objective("roc_auc", "maximize")
PARAMETERS = Objective("parameters", "minimize")

SPACE = build_space(
    SpaceFacts(
        task="binary", rows=400, positive_target=False, epochs=64, device="cpu", objectives=("log_loss",)
    )
)


def experiment_of(**sections: Any) -> Experiment:
    return make_experiment({"data": {"file": "table.csv", "target": "y"}} | sections)


def resolved_of(*, pace: Pace = Pace(16, 64, 2**18), **changes: Any) -> Resolved:  # noqa: B008 - frozen
    resolved = Resolved(
        task="binary",
        outputs=1,
        rows=400,
        folds=2,
        objectives=(LOG_LOSS,),
        population=0,
        epochs=0,
        rungs=(),
        buckets=0,
        rows_per_epoch=0,
        validation_rows=100,
        memory_bytes=2**30,
        search_until=None,
        finalists_until=None,
        seconds_per_work=1.0,
        space=SPACE.to_json(),
    )
    return replace(with_pace(resolved, pace, buckets=0), **changes)


def individual(number: int, generation: int = 0) -> Individual:
    genome = SPACE.genome(dict(SPACE.default()) | {"lr": 1e-3 * (1 + number / 1000)})
    return Individual(number, generation, genome, "draw", "b32 128")


def heir(number: int, parent: int = 90) -> Individual:
    """An individual whose lanes inherited weights and trained a quarter of their epochs."""
    child = individual(number)
    inherited = Inheritance(parent, int(child.genome["epochs"]) // 4, ("a" * 16, "b" * 16))
    return replace(child, operator="crossover", parents=(parent,), inherited=inherited)


def task_of(number: int, *, fold: int = 0, memory: int = 1, **changes: Any) -> LaneTask:
    """A task by hand (`species`, `work`, `until`); its genes play no part."""
    until = changes.get("until", 64)
    return LaneTask(
        id=LaneId(number, fold, 0),
        spec=LaneSpec({}, fold, 0, 64),
        species=changes.get("species", "a"),
        until=until,
        rung=0,
        final=until == 64,
        predicted_bytes=memory,
        predicted_work=changes.get("work", 1.0),
    )


def database(path: Path, objectives: tuple[Objective, ...] = (LOG_LOSS,)) -> RunWriter:
    return RunWriter.create(
        path, run_id="amber-fox", seed=0, experiment_toml="", versions={}, objectives=objectives
    )
