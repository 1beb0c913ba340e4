"""How much a run will get done: arithmetic on rough figures, rounded so that it promises nothing exact.

The seconds of an epoch come from the earlier run that is nearest to the table, else from a rule of thumb that
was fitted by eye to `tests/benchmarks/open_tables.json` (two cores of a virtual machine): 0.05 s, and 4 µs a
row and 0.05 µs a row and input, for one epoch of one network by one worker, networks being trained several at
a time. From there on the rules are the run's own (`cambrian.run.resolve`): 70% of the minutes are searched,
and a generation is planned by trial networks that train alone, which cost about three times as much.
Experience with the same tables: right within a factor of three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cambrian.experiment import Experiment
from cambrian.run.resolve import LADDER, SEARCH_SHARE, fixed_pace, generation_epochs
from cambrian_desktop.earlier_runs import EarlierRun

_EPOCH, _ROW, _ROW_INPUT = 0.05, 4e-6, 5e-8
_ALONE = 3.0
_OVERHEAD = 10.0
"""Seconds for reading, preparing and baselines."""


@dataclass(frozen=True, slots=True)
class TableSize:
    """What of a table the estimate goes by: rows with a target, and inputs of a network, roughly."""

    rows: int
    inputs: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run is expected to do.

    Attributes:
        networks: Networks that are tried, rounded; exact where `exact`.
        exact: Whether the budget itself says the networks.
        minutes: The budget in minutes, or the expected ones; None where nothing is known.
        source: Id of the earlier run that told the speed; empty: the size of the table did.
    """

    networks: int
    exact: bool
    minutes: float | None
    source: str


def table_size(profile: Mapping[str, Any]) -> TableSize:
    """The size of a table as `inspect` described it; a category counts as up to 8 inputs."""
    inputs = 0
    for column in profile["columns"]:
        if column["used"]:
            many = {"categorical": min(8, int(column["distinct"])), "text": 16, "datetime": 4}
            inputs += many.get(column["role"], 1)
    return TableSize(int(profile["target_rows"] or profile["rows"]), max(1, inputs))


def estimate(
    experiment: Experiment, size: TableSize, *, workers: int, earlier: Sequence[EarlierRun] = ()
) -> Estimate:
    """What a run of the experiment is expected to do on this machine."""
    folds = _folds(experiment, size.rows)
    rows = min(int(size.rows * (1 - experiment.split.test_fraction) * _training_part(folds)), 2**18)
    epoch, source = _epoch_seconds(experiment, max(1, rows), size.inputs, earlier)
    budget = experiment.budget
    population, epochs = fixed_pace(experiment).population, fixed_pace(experiment).epochs
    search_seconds = 0.0
    if budget.minutes is not None:
        search_seconds = max(1.0, SEARCH_SHARE * (budget.minutes * 60 - _OVERHEAD))
        population, epochs = _pace(experiment, search_seconds, epoch * _ALONE, workers, folds, rows)
    lane_epochs = generation_epochs(population, epochs, folds) / population
    counted = [budget.generations * population] if budget.generations else []
    counted += [budget.evaluations] if budget.evaluations else []
    if budget.minutes is None:
        networks = min(counted) if counted else 0
        seconds = networks * lane_epochs * epoch / max(1, workers) / SEARCH_SHARE + _OVERHEAD
        return Estimate(networks, exact=True, minutes=_rough(seconds / 60), source=source)
    fit = search_seconds * max(1, workers) / epoch / max(lane_epochs, 1e-9)
    if counted and min(counted) <= fit:
        return Estimate(min(counted), exact=True, minutes=budget.minutes, source=source)
    return Estimate(max(1, int(_rough(fit))), exact=False, minutes=budget.minutes, source=source)


def _pace(
    experiment: Experiment, search_seconds: float, epoch: float, workers: int, folds: int, rows: int
) -> tuple[int, int]:
    """Population and epoch budget, as the run would choose them."""
    search = experiment.search
    ladder = [(search.population or population, search.epochs or epochs) for population, epochs in LADDER]
    allowed = search_seconds / 6 * max(1, workers)
    fitting = [pace for pace in ladder if _cost(pace, folds) * epoch <= allowed]
    return max(fitting or ladder[:1], key=lambda pace: _cost(pace, folds))


def _cost(pace: tuple[int, int], folds: int) -> int:
    population, epochs = pace
    return generation_epochs(population, epochs, folds)


def _folds(experiment: Experiment, rows: int) -> int:
    """The folds of the search, as `Split.folds` says of 0."""
    if experiment.split.folds:
        return experiment.split.folds
    return 5 if rows <= 20_000 else 3 if rows <= 100_000 else 1


def _training_part(folds: int) -> float:
    return 0.8 if folds == 1 else (folds - 1) / folds


def _epoch_seconds(
    experiment: Experiment, rows: int, inputs: int, earlier: Sequence[EarlierRun]
) -> tuple[float, str]:
    """Seconds of an epoch, and the earlier run that told them."""
    run = _nearest(experiment, rows, inputs, earlier)
    if run is None:
        return _rule(rows, inputs), ""
    # Its own figure, carried over to this size of table by the rule.
    return run.epoch_seconds * _rule(rows, inputs) / _rule(run.rows, run.inputs or inputs), run.id


def _nearest(
    experiment: Experiment, rows: int, inputs: int, earlier: Sequence[EarlierRun]
) -> EarlierRun | None:
    """The latest run of the same table and target; else that whose epochs are nearest to these in size."""
    data = experiment.data
    same = [run for run in earlier if (run.file, run.target) == (data.file, data.target)]
    if same or not earlier:
        return same[0] if same else None
    wanted = _rule(rows, inputs)

    def distance(run: EarlierRun) -> float:
        other = _rule(run.rows, run.inputs or inputs)
        return max(wanted, other) / min(wanted, other)

    return min(earlier, key=distance)


def _rule(rows: int, inputs: int) -> float:
    return _EPOCH + rows * (_ROW + _ROW_INPUT * inputs)


def _rough(value: float) -> float:
    """The value with one significant figure, with two below two of its kind (1.5, 15, but 30)."""
    text = f"{value:.1e}"
    return float(text) if text[0] == "1" else float(f"{value:.0e}")
