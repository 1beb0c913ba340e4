"""What the run decided for itself: rungs, population, epochs and time marks, resolved once and stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import psutil

from cambrian.experiment import Experiment
from cambrian.records import Objective
from cambrian.search.culling import survivor_count
from cambrian.search.settings import species_at_a_time
from cambrian.training.metrics import check_objectives, default_objective, metric_names, objective
from cambrian.training.spec import Task, TrainingShape

ROWS_PER_EPOCH = 2**18
VALIDATION_ROWS = 2**16
SHARED = 0.75
"""Of the machine's memory: what the packs of all workers take; the rest is the programs' and others'."""
DEFAULT_POPULATION = 64
DEFAULT_EPOCHS = 64
SEARCH_SHARE, FINALIST_SHARE = 0.7, 0.2
"""Of the time that reading, preparing and baselines leave; the last tenth is the end's."""

# Population and epoch budget grow together: the time of a generation rises by at most 1.6 a step.
LADDER = (
    (16, 4),
    (16, 6),
    (16, 8),
    (16, 12),
    (24, 12),
    (24, 16),
    (32, 16),
    (32, 24),
    (32, 32),
    (48, 32),
    (48, 48),
    (64, 48),
    (64, 64),
    (64, 96),
    (96, 96),
    (96, 128),
    (128, 128),
    (128, 192),
    (128, 256),
    (128, 384),
    (128, 512),
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings a run works with; JSON in its database, the same after a resume.

    Attributes:
        rows: Training rows of the smallest fold.
        rungs: Epochs at which lanes are culled, the last being the epoch budget.
        memory_bytes: What one lane may be predicted to need.
        search_until: Running time in seconds at which the search ends, or None without `--minutes`.
        finalists_until: Likewise for the finalists.
        seconds_per_work: Measured seconds for a second of predicted work on this machine.
        space: The search space with its resolved ranges.
        inputs: Inputs under the preprocessing of the space that has most.
        batch_size: Rows of every network's batches where the user asked for `fit`; None: each has its own.
    """

    task: Task
    outputs: int
    rows: int
    folds: int
    objectives: tuple[Objective, ...]
    population: int
    epochs: int
    rungs: tuple[int, ...]
    buckets: int
    rows_per_epoch: int
    validation_rows: int
    memory_bytes: int
    search_until: float | None
    finalists_until: float | None
    seconds_per_work: float
    space: Mapping[str, Any]
    inputs: int = 0
    batch_size: int | None = None

    @property
    def shape(self) -> TrainingShape:
        """What training needs to know of the data."""
        return TrainingShape(
            self.task, self.outputs, self.rows, self.validation_rows, self.rows_per_epoch, self.inputs
        )

    @property
    def metric(self) -> str:
        """The metric of verdict and baselines: the first objective that is one, else the task's default."""
        return first_metric(self.objectives, self.task)

    def to_json(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Resolved:
        """The settings that `to_json` wrote."""
        objectives = tuple(Objective(**each) for each in value["objectives"])
        return cls(**{**value, "objectives": objectives, "rungs": tuple(value["rungs"])})


def first_metric(objectives: Iterable[Objective], task: Task) -> str:
    """The first objective that is a metric, else the task's default."""
    names = metric_names(task)
    return next((each.name for each in objectives if each.name in names), default_objective(task).name)


def named_objectives(experiment: Experiment, task: Task) -> tuple[Objective, ...]:
    """The experiment's objectives, or the task's default.

    Raises:
        SettingError: An objective is none of the task's, or is given twice.
    """
    names = experiment.search.objectives
    check_objectives(names, task)
    return tuple(objective(name, task) for name in names) or (default_objective(task),)


def rung_epochs(epochs: int) -> tuple[int, ...]:
    """The epochs of the rungs: 1/16, 1/4 and all of the epoch budget, at least one each."""
    levels = (max(1, round(epochs / 16)), max(1, round(epochs / 4)), epochs)
    return tuple(sorted(set(levels)))


def generation_epochs(population: int, epochs: int, folds: int) -> int:
    """Lane-epochs that a generation costs at most: every rung on fold 0, the other folds at the top."""
    total, done, cohort = 0, 0, population
    rungs = rung_epochs(epochs)
    for rung in rungs:
        total += cohort * (rung - done)
        done = rung
        if rung != rungs[-1]:
            cohort = survivor_count(cohort)
    return total + cohort * (folds - 1) * epochs


def memory_limit(experiment: Experiment) -> int:
    """Bytes one lane may be predicted to need: the setting, or a quarter of the machine's memory."""
    if experiment.limits.memory_mb:
        return experiment.limits.memory_mb * 2**20
    return int(psutil.virtual_memory().total // 4)


def room_bytes(resolved: Resolved, workers: int) -> int:
    """Bytes that the lanes of one worker may be predicted to need together.

    The limit of one lane, or less where that for every worker exceeds `SHARED` of the machine's memory.
    What decides whether a lane is trained at all is the limit alone, whatever the number of workers.
    """
    return min(resolved.memory_bytes, int(SHARED * psutil.virtual_memory().total) // max(1, workers))


@dataclass(frozen=True, slots=True)
class Pace:
    """Population, epoch budget and rows per epoch."""

    population: int
    epochs: int
    rows_per_epoch: int


def fixed_pace(experiment: Experiment) -> Pace:
    """Without a budget in minutes nothing measured enters."""
    search = experiment.search
    return Pace(search.population or DEFAULT_POPULATION, search.epochs or DEFAULT_EPOCHS, ROWS_PER_EPOCH)


def measured_pace(
    experiment: Experiment, *, search_seconds: float, epoch_seconds: float, workers: int, resolved: Resolved
) -> Pace:
    """The largest pace of the ladder whose generation takes at most a sixth of the search time.

    Args:
        experiment: Its own population or epochs, where given, are kept.
        search_seconds: Seconds the search may take.
        epoch_seconds: Mean seconds of one epoch of one lane over the space, measured by probes.
        workers: Worker processes.
        resolved: For folds and rows.
    """
    allowed = search_seconds / 6 * workers
    search = experiment.search
    ladder = [(search.population or population, search.epochs or epochs) for population, epochs in LADDER]

    def cost(pace: tuple[int, int]) -> float:
        return generation_epochs(pace[0], pace[1], resolved.folds) * epoch_seconds

    fitting = [pace for pace in ladder if cost(pace) <= allowed]
    if fitting:
        population, epochs = max(fitting, key=cost)
        return Pace(population, epochs, ROWS_PER_EPOCH)
    cheapest = min(ladder, key=cost)  # not always the first: short budgets have one rung less to cull at
    rows = min(resolved.rows, ROWS_PER_EPOCH)
    least = min(rows, 1024)
    return Pace(*cheapest, max(least, int(rows * allowed / cost(cheapest))))


def with_pace(resolved: Resolved, pace: Pace, *, buckets: int) -> Resolved:
    """The settings at this pace."""
    return replace(
        resolved,
        population=pace.population,
        epochs=pace.epochs,
        rungs=rung_epochs(pace.epochs),
        rows_per_epoch=min(pace.rows_per_epoch, resolved.rows),
        buckets=species_at_a_time(buckets, pace.population),
    )
