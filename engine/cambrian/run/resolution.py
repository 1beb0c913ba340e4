"""Resolves population, epochs and time marks once, with probes where the budget is in minutes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

import numpy as np

from cambrian.data.encode import Prep
from cambrian.data.mapped import take_rows
from cambrian.data.prepared import Prepared
from cambrian.errors import RunError
from cambrian.experiment import Experiment
from cambrian.records import derive_seed
from cambrian.run.batch_fit import fitting_batch_size
from cambrian.run.resolve import (
    DEFAULT_EPOCHS,
    FINALIST_SHARE,
    ROWS_PER_EPOCH,
    SEARCH_SHARE,
    VALIDATION_ROWS,
    Resolved,
    fixed_pace,
    measured_pace,
    memory_limit,
    named_objectives,
    with_pace,
)
from cambrian.space.build import SpaceFacts, build_space, epochs_asked
from cambrian.space.families.registry import known_good
from cambrian.space.space import SearchSpace
from cambrian.training.cost import work_of_epochs
from cambrian.training.memory import predicted_bytes
from cambrian.training.spec import LaneSpec, TrainingShape
from cambrian.workers.protocol import Job

PROBES = 4
PROBE_STEPS, PROBE_ROWS = 12, 8192
"""An epoch of a probe: so many steps, or fewer that have so many rows, but two at least."""
_PROBE_VALIDATION_ROWS = 2048
BASELINE_SHARE = 0.1
"""Of the minutes; baselines that would take longer are fitted on a row sample."""
_LATE_BASELINES, _MOST_TRIAL_SHARE = 3.0, 0.3
"""Baselines and probes are killed after so many shares of the baselines, or this part of what is left."""
_DRAWS = 64


def first_settings(experiment: Experiment, prepared: Prepared, *, device: str) -> Resolved:
    """What follows from experiment and data alone; pace and time marks are those without minutes.

    Raises:
        SettingError: An objective is none of the task's, or is given twice.
    """
    task = prepared.task
    sizes = prepared.fold_sizes()
    rows = min(training for training, _ in sizes)  # then every fold's epoch has as many steps: folds pack
    validation = max(validating for _, validating in sizes)
    resolved = Resolved(
        task=task,
        outputs=len(prepared.classes) if task == "multiclass" else 1,
        rows=rows,
        folds=prepared.n_folds,
        objectives=named_objectives(experiment, task),
        population=0,
        epochs=0,
        rungs=(),
        buckets=0,
        rows_per_epoch=min(ROWS_PER_EPOCH, rows),
        validation_rows=min(validation, VALIDATION_ROWS),
        memory_bytes=memory_limit(experiment),
        search_until=None,
        finalists_until=None,
        seconds_per_work=1.0,
        space={},
    )
    pace = fixed_pace(_with_epochs_of_gene(experiment))
    resolved = with_pace(resolved, pace, buckets=experiment.search.buckets)
    return with_space(resolved, experiment, prepared, device=device)


def with_space(resolved: Resolved, experiment: Experiment, prepared: Prepared, *, device: str) -> Resolved:
    """The settings with the search space for their epoch budget."""
    facts = SpaceFacts(
        task=resolved.task,
        rows=resolved.rows,
        positive_target=prepared.positive_target,
        epochs=resolved.epochs or DEFAULT_EPOCHS,
        device="cpu" if device == "cpu" else "gpu",
        objectives=tuple(each.name for each in resolved.objectives),
        most_categories=prepared.schema.most_categories,
        scaled_numbers=prepared.schema.has_scaled_numbers,
        balanced_classes=_balanced(prepared),
        rows_per_epoch=resolved.rows_per_epoch,
    )
    space = build_space(facts, preset=experiment.search.preset, genes=experiment.search.genes)
    # Every other preprocessing gives as many inputs or fewer.
    widest = Prep(max_one_hot=int(space.gene("max_one_hot").high))
    resolved = replace(resolved, space=space.to_json(), inputs=prepared.width(widest), batch_size=None)
    if experiment.search.batch_size == "search":
        return resolved

    def price(genes: Mapping[str, Any]) -> int:
        return predicted_bytes(genes, input_width(prepared, genes), resolved.shape)

    size = fitting_batch_size(space, price, resolved.memory_bytes)
    return replace(resolved, space=space.fix({"batch_size": size}).to_json(), batch_size=size)


def _with_epochs_of_gene(experiment: Experiment) -> Experiment:
    """The experiment with the most epochs that its gene is asked for as the budget, where it gives none."""
    asked = epochs_asked(experiment.search.genes)
    if experiment.search.epochs or asked is None:
        return experiment
    return experiment.changed(search={"epochs": asked})


def _balanced(prepared: Prepared) -> bool:
    """Whether the classes have equally many rows in every fold's training part; of weighted rows never."""
    if prepared.task == "regression" or prepared.weights is not None:
        return False
    for fold in range(prepared.n_folds):
        training, _ = prepared.fold(fold)
        counts = np.bincount(take_rows(prepared.y, training), minlength=len(prepared.classes))
        if counts.min() < counts.max():
            return False
    return True


def input_width(prepared: Prepared, genes: Mapping[str, Any]) -> int:
    """The input width of a genome on this data."""
    return prepared.width(Prep.from_genes(genes))


def input_kind(prepared: Prepared, genes: Mapping[str, Any]) -> tuple[Prep, bool]:
    """What a genome makes of this data's inputs and target: equal where networks see the same."""
    prep = Prep.from_genes(genes)
    return prepared.reduced(prep), prep.log_target


def trial_seconds(minutes: float | None, *, used: float) -> float:
    """Running time that baselines and probes have until they are killed; the search must keep its own.

    Args:
        minutes: The budget, or None.
        used: Running time so far, in seconds.
    """
    if minutes is None:
        return math.inf
    seconds = minutes * 60.0
    return max(0.0, min(_LATE_BASELINES * BASELINE_SHARE * seconds, _MOST_TRIAL_SHARE * (seconds - used)))


def probe_jobs(
    folder: str, resolved: Resolved, space: SearchSpace, *, tf32: bool, seconds: float
) -> list[Job]:
    """Jobs that time a few genomes: an epoch of a dozen steps at most, after a warm-up one.

    Args:
        folder: The run's.
        resolved: Its settings so far.
        space: What genomes are drawn from.
        tf32: Whether products are rounded as the run's will be.
        seconds: What all of them may take; one that is stuck leaves half of it to the others.
    """
    rng = np.random.default_rng(derive_seed("probes"))
    genomes = [genome for _, genome in known_good(space)][: PROBES // 2]
    genomes += [space.draw(rng) for _ in range(PROBES - len(genomes))]
    jobs = []
    for number, genome in enumerate(genomes):
        shape = probe_shape(resolved, genome)
        spec = LaneSpec(genome.to_json(), 0, number, 4)
        payload = {"folder": folder, "shape": shape.to_json(), "spec": spec.to_json(), "tf32": tf32}
        jobs.append(Job(f"probe-{number}", "probe", payload, limit_seconds=min(120.0, seconds / 2)))
    return jobs


def probe_shape(resolved: Resolved, genes: Mapping[str, Any]) -> TrainingShape:
    """The run's shape with the epoch of a probe."""
    batch = int(genes["batch_size"])
    rows = min(resolved.rows, max(2 * batch, min(PROBE_STEPS * batch, PROBE_ROWS)))
    validation = min(resolved.validation_rows, _PROBE_VALIDATION_ROWS)
    return replace(resolved.shape, rows_per_epoch=rows, validation_rows=validation)


def with_minutes(
    resolved: Resolved,
    experiment: Experiment,
    prepared: Prepared,
    *,
    probes: Sequence[Mapping[str, Any]],
    used: float,
    workers: int,
) -> Resolved:
    """The settings for a budget in minutes.

    Args:
        resolved: The settings without it.
        experiment: For the minutes.
        prepared: For input widths.
        probes: Results of the probe jobs: `predicted` and `measured` seconds of an epoch, or why there are
            none. If time ended before any of them did, the pace is the least there is.
        used: Running time so far, in seconds.
        workers: Worker processes.
    """
    minutes = experiment.budget.minutes
    if minutes is None:
        return resolved
    timed = [probe for probe in probes if "error" not in probe]
    if not timed and not any(probe["late"] for probe in probes):
        why = f": {probes[0]['error']}" if probes else ""
        raise RunError(
            f"No network could be trained for a trial{why}.", "The run's log has the details.", exit_code=1
        )
    left = max(minutes * 60.0 - used, 0.0)
    search_seconds = SEARCH_SHARE * left
    factor, epoch_seconds = resolved.seconds_per_work, math.inf
    if timed:
        # The median ratio: one probe that met another process's burst must not decide the population.
        factor = float(np.median([probe["measured"] / probe["predicted"] for probe in timed]))
        epoch_seconds = factor * _mean_epoch_work(resolved, prepared)
    pace = measured_pace(
        _with_epochs_of_gene(experiment),
        search_seconds=search_seconds,
        epoch_seconds=epoch_seconds,
        workers=workers,
        resolved=resolved,
    )
    marked = replace(
        resolved,
        search_until=used + search_seconds,
        finalists_until=used + (SEARCH_SHARE + FINALIST_SHARE) * left,
        seconds_per_work=factor,
    )
    return with_pace(marked, pace, buckets=experiment.search.buckets)


def _mean_epoch_work(resolved: Resolved, prepared: Prepared) -> float:
    """The mean predicted work of an epoch over draws from the space."""
    space = SearchSpace.from_json(resolved.space)
    rng = np.random.default_rng(derive_seed("pace"))
    draws = [space.draw(rng) for _ in range(_DRAWS)]
    return fmean(work_of_epochs(genome, input_width(prepared, genome), resolved.shape, 1) for genome in draws)
