from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from run_parts import AUC, LOG_LOSS, PARAMETERS, experiment_of, resolved_of

from cambrian.data.encode import Prep
from cambrian.data.prepared import prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.errors import RunError, SettingError
from cambrian.run.resolution import (
    first_settings,
    probe_jobs,
    probe_shape,
    trial_seconds,
    with_minutes,
    with_space,
)
from cambrian.run.resolve import (
    FINALIST_SHARE,
    LADDER,
    ROWS_PER_EPOCH,
    SEARCH_SHARE,
    Pace,
    Resolved,
    fixed_pace,
    generation_epochs,
    measured_pace,
    memory_limit,
    rung_epochs,
    with_pace,
)
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.space import SearchSpace
from real_runs import SAMPLE


@pytest.mark.parametrize(
    ("epochs", "rungs"),
    [
        (1, (1,)),
        (2, (1, 2)),
        (4, (1, 4)),
        (8, (1, 2, 8)),
        (16, (1, 4, 16)),
        (64, (4, 16, 64)),
        (512, (32, 128, 512)),
    ],
)
def test_rungs_stand_at_a_sixteenth_a_quarter_and_the_whole(epochs, rungs):
    assert rung_epochs(epochs) == rungs


@pytest.mark.parametrize("epochs", range(1, 600, 7))
def test_rungs_rise_to_the_budget(epochs):
    rungs = rung_epochs(epochs)
    assert list(rungs) == sorted(set(rungs))
    assert rungs[0] >= 1
    assert rungs[-1] == epochs


@pytest.mark.parametrize("folds", [1, 3, 5])
@pytest.mark.parametrize(("population", "epochs"), [*LADDER, (1, 1), (2, 7), (4096, 3)])
def test_a_generation_costs_what_its_lanes_train(population, epochs, folds):
    """Counted lane by lane: fold 0 climbs the rungs, the survivors' other folds train from the start."""
    trained = [0] * population
    cohort = population
    for rung in rung_epochs(epochs):
        for lane in range(cohort):
            trained[lane] = rung
        at_top = cohort
        cohort = min(cohort, math.ceil(cohort / 3) + 1)
    assert generation_epochs(population, epochs, folds) == sum(trained) + at_top * (folds - 1) * epochs


@pytest.mark.parametrize("folds", [1, 3, 5])
def test_the_ladder_climbs_in_small_steps(folds):
    costs = [generation_epochs(population, epochs, folds) for population, epochs in LADDER]
    assert all(0.9 < after / before <= 1.6 for before, after in itertools.pairwise(costs))
    assert costs[1:] == sorted(costs[1:])
    assert LADDER[0] == (16, 4)
    assert LADDER[-1] == (128, 512)


def pace_of(seconds, *, epoch_seconds=0.01, workers=2, folds=5, rows=10_000, **search):
    return measured_pace(
        experiment_of(search=search),
        search_seconds=seconds,
        epoch_seconds=epoch_seconds,
        workers=workers,
        resolved=resolved_of(folds=folds, rows=rows),
    )


@pytest.mark.parametrize("seconds", [5, 20, 60, 120, 600, 3600, 30_000])
@pytest.mark.parametrize("folds", [1, 5])
def test_a_generation_takes_at_most_a_sixth_of_the_search(seconds, folds):
    pace = pace_of(seconds, folds=folds)
    cost = generation_epochs(pace.population, pace.epochs, folds) * 0.01 / 2
    assert pace.rows_per_epoch == ROWS_PER_EPOCH
    assert cost <= seconds / 6
    larger = [each for each in LADDER if generation_epochs(*each, folds) * 0.01 / 2 <= seconds / 6]
    assert cost == max(generation_epochs(*each, folds) for each in larger) * 0.01 / 2


def test_more_time_or_workers_never_shrink_the_pace():
    costs = [generation_epochs(pace.population, pace.epochs, 5) for pace in map(pace_of, range(5, 3000, 40))]
    assert costs == sorted(costs)
    assert pace_of(60, workers=2) == pace_of(30, workers=4)


def test_what_the_user_gave_is_kept():
    assert pace_of(600, population=50).population == 50
    assert pace_of(600, epochs=100).epochs == 100
    assert pace_of(600, population=3, epochs=5) == Pace(3, 5, ROWS_PER_EPOCH)
    assert pace_of(600, epochs=100).population > pace_of(60, epochs=100).population
    assert pace_of(600, population=50).epochs > pace_of(60, population=50).epochs


def test_rows_shrink_where_the_least_pace_does_not_fit():
    cheapest = min(LADDER, key=lambda each: generation_epochs(*each, 5))
    least = generation_epochs(*cheapest, 5)
    pace = pace_of(60, epoch_seconds=2 * 2 * 10 / least, rows=10_000)
    assert pace == Pace(*cheapest, 5000)
    assert pace_of(60, epoch_seconds=1e9).rows_per_epoch == 1024
    assert pace_of(60, epoch_seconds=1e9, rows=300).rows_per_epoch == 300
    assert pace_of(0).rows_per_epoch == 1024
    huge = pace_of(60, epoch_seconds=2 * 2 * 10 / least, rows=10**8)
    assert huge.rows_per_epoch == ROWS_PER_EPOCH // 2  # an epoch has no more than that anyway


def test_an_epoch_has_no_more_rows_than_the_smallest_fold():
    assert with_pace(resolved_of(rows=301), Pace(16, 16, 1000), buckets=0).rows_per_epoch == 301


def test_without_minutes_nothing_measured_enters():
    assert fixed_pace(experiment_of()) == Pace(64, 64, ROWS_PER_EPOCH)
    assert fixed_pace(experiment_of(search={"population": 5, "epochs": 7})) == Pace(5, 7, ROWS_PER_EPOCH)


@pytest.mark.parametrize(
    ("population", "asked", "buckets"), [(4, 0, 2), (64, 0, 4), (128, 0, 8), (64, 7, 7), (64, 4096, 64)]
)
def test_species_follow_the_population_and_nothing_else(population, asked, buckets):
    paced = with_pace(resolved_of(), Pace(population, 16, 300), buckets=asked)
    assert (paced.buckets, paced.rungs, paced.rows_per_epoch) == (buckets, (1, 4, 16), 300)


@pytest.mark.parametrize(
    "changes",
    [{}, {"objectives": (AUC, PARAMETERS), "search_until": 12.3, "finalists_until": 1 / 3}],
)
def test_settings_come_back_from_json(changes):
    resolved = resolved_of(**changes)
    text = json.dumps(resolved.to_json(), allow_nan=False)
    assert json.dumps(Resolved.from_json(json.loads(text)).to_json()) == text
    assert replace(Resolved.from_json(json.loads(text)), space=resolved.space) == resolved


@pytest.mark.parametrize(
    ("task", "objectives", "metric"),
    [
        ("binary", (AUC, LOG_LOSS), "roc_auc"),
        ("binary", (PARAMETERS, AUC), "roc_auc"),
        ("binary", (PARAMETERS,), "log_loss"),
        ("regression", (PARAMETERS,), "rmse"),
    ],
)
def test_the_verdicts_metric_is_the_first_objective_that_is_one(task, objectives, metric):
    assert resolved_of(task=task, objectives=objectives).metric == metric


def test_the_memory_of_a_lane_is_the_setting_or_a_part_of_the_machines():
    assert memory_limit(experiment_of(limits={"memory_mb": 3})) == 3 * 2**20
    assert memory_limit(experiment_of()) > 2**20


@pytest.fixture(scope="module")
def penguins(tmp_path_factory):
    table = read_table(SAMPLE)
    profile = profile_table(table, target="species")
    return prepare(table, profile, tmp_path_factory.mktemp("data"), split=SplitSettings(folds=3))


def test_first_settings_follow_from_experiment_and_data(penguins):
    resolved = first_settings(experiment_of(), penguins, device="cpu")
    assert (resolved.task, resolved.outputs, resolved.folds) == ("multiclass", 3, 3)
    assert resolved.rows == min(train for train, _ in penguins.fold_sizes())
    assert resolved.validation_rows == max(validation for _, validation in penguins.fold_sizes())
    assert resolved.objectives == (LOG_LOSS,)
    assert (resolved.search_until, resolved.finalists_until) == (None, None)
    assert resolved == first_settings(experiment_of(), penguins, device="cpu")


def prepared_columns(folder, names, *, rows=120, shares=(1, 1)):
    """Prepared data with the columns named: numbers, yes or no, letters of so many kinds."""
    rng = np.random.default_rng(3)
    target = [letter for letter, share in zip("pq", shares, strict=True) for _ in range(rows * share)]
    cells = {
        "number": lambda: f"{rng.normal():.4f}",
        "flag": lambda: ("yes", "no")[rng.integers(2)],
        "3 kinds": lambda: "abc"[rng.integers(3)],
        "12 kinds": lambda: "abcdefghijkl"[rng.integers(12)],
    }
    lines = [",".join([*names, "y"]), *(",".join([*(cells[n]() for n in names), y]) for y in target)]
    folder.mkdir(exist_ok=True)
    (folder / "table.csv").write_text("\n".join(lines))
    table = read_table(folder / "table.csv")
    profile = profile_table(table, target="y")
    return prepare(table, profile, folder / "data", split=SplitSettings(folds=3))


@pytest.mark.parametrize(
    ("names", "preps"),
    [
        (["number"], 3),
        (["number", "flag"], 3),
        (["flag", "3 kinds"], 1),
        (["number", "3 kinds"], 3),
        (["3 kinds", "12 kinds"], 9),
        (["number", "12 kinds"], 27),
    ],
    ids=str,
)
def test_the_space_has_each_way_of_encoding_the_table_once(tmp_path, names, preps):
    prepared = prepared_columns(tmp_path, names)
    resolved = first_settings(experiment_of(), prepared, device="cpu")
    space = SearchSpace.from_json(resolved.space)
    full = build_space(SpaceFacts("binary", resolved.rows))

    def encodings(space):
        pairs = itertools.product(space.gene("numeric_prep").cells, space.gene("max_one_hot").cells)
        return [Prep(*pair).reduced(prepared.schema).key for pair in pairs]

    assert len(encodings(space)) == len(set(encodings(space))) == preps
    assert set(encodings(space)) == set(encodings(full))
    widths = [prepared.width(Prep(max_one_hot=most)) for most in full.gene("max_one_hot").cells]
    assert resolved.shape.inputs == max(widths)


@pytest.mark.parametrize(("shares", "weighted"), [((1, 1), False), ((2, 1), True)])
def test_class_weights_are_searched_where_they_change_something(tmp_path, shares, weighted):
    prepared = prepared_columns(tmp_path, ["number"], shares=shares)
    resolved = first_settings(experiment_of(), prepared, device="cpu")
    choices = SearchSpace.from_json(resolved.space).gene("loss").choices
    assert ("class_weighted" in choices) == weighted


def test_batches_fit_into_the_epoch_that_the_minutes_leave(penguins):
    first = first_settings(experiment_of(), penguins, device="cpu")
    assert SearchSpace.from_json(first.space).gene("batch_size").high == 128
    spaced = with_space(replace(first, rows_per_epoch=100), experiment_of(), penguins, device="cpu")
    assert SearchSpace.from_json(spaced.space).gene("batch_size").high == 64


def test_objectives_are_checked(penguins):
    with pytest.raises(SettingError, match="'rmse' is no objective of a multiclass task"):
        first_settings(experiment_of(search={"objectives": ["rmse"]}), penguins, device="cpu")
    with pytest.raises(SettingError, match="'accuracy' is given twice"):
        first_settings(experiment_of(search={"objectives": ["accuracy"] * 2}), penguins, device="cpu")


def test_probes_are_the_same_few_and_short(penguins):
    resolved = first_settings(experiment_of(), penguins, device="cpu")
    space = SearchSpace.from_json(resolved.space)
    jobs = probe_jobs("folder", resolved, space, tf32=True, seconds=18.0)
    assert jobs == probe_jobs("folder", resolved, space, tf32=True, seconds=18.0)
    assert {job.limit_seconds for job in jobs} == {9.0}
    assert len({job.id for job in jobs}) == len(jobs) == 4
    for job in jobs:
        json.dumps(job.payload, allow_nan=False)
        assert job.payload["tf32"]
        shape, genes = job.payload["shape"], job.payload["spec"]["genes"]
        assert shape["rows_per_epoch"] == min(resolved.rows, 12 * genes["batch_size"])
    large = replace(resolved, rows=10**6, validation_rows=65536)
    assert probe_shape(large, {"batch_size": 256}).rows_per_epoch == 3072
    assert probe_shape(large, {"batch_size": 256}).validation_rows == 2048
    assert probe_shape(large, {"batch_size": 1024}).rows_per_epoch == 8192
    assert probe_shape(large, {"batch_size": 32768}).rows_per_epoch == 65536  # two steps


@pytest.mark.parametrize(("minutes", "used"), [(3.0, 10.0), (10.0, 590.0), (1.0, 75.0)])
def test_minutes_set_the_marks(penguins, minutes, used):
    experiment = experiment_of(budget={"minutes": minutes})
    first = first_settings(experiment, penguins, device="cpu")
    probes = [{"predicted": 1.0, "measured": each} for each in (0.5, 2.0, 2.0, 2.0, 3.0, 900.0)]
    resolved = with_minutes(first, experiment, penguins, probes=probes, used=used, workers=2)
    left = max(0.0, 60 * minutes - used)
    assert resolved.seconds_per_work == 2.0  # the median: a probe that met a burst decides nothing
    assert resolved.search_until == pytest.approx(used + SEARCH_SHARE * left)
    assert resolved.finalists_until == pytest.approx(used + (SEARCH_SHARE + FINALIST_SHARE) * left)
    assert resolved.search_until <= resolved.finalists_until <= max(60 * minutes, used)
    assert resolved.population in {population for population, _ in LADDER}
    spaced = with_space(resolved, experiment, penguins, device="cpu")
    assert SearchSpace.from_json(spaced.space).gene("epochs").high <= resolved.epochs


def test_probes_that_time_cut_short_give_the_least_pace_and_those_that_failed_end_the_run(penguins):
    experiment = experiment_of(budget={"minutes": 1.0})
    first = replace(first_settings(experiment, penguins, device="cpu"), rows=100_000)
    late = [{"error": "no end", "late": True}] * 6
    paced = with_minutes(first, experiment, penguins, probes=late, used=30.0, workers=2)
    assert (paced.population, paced.epochs, paced.rows_per_epoch) == (*LADDER[0], 1024)
    assert paced.search_until == pytest.approx(30 + SEARCH_SHARE * 30)
    one = [*late, {"predicted": 1.0, "measured": 1e-9}]
    paced = with_minutes(first, experiment, penguins, probes=one, used=30.0, workers=2)
    assert (paced.population, paced.epochs) == LADDER[-1]
    broken = [{"error": "crashed", "late": False}] * 6
    with pytest.raises(RunError, match="No network could be trained for a trial"):
        with_minutes(first, experiment, penguins, probes=broken, used=30.0, workers=2)


@pytest.mark.parametrize(
    ("minutes", "used", "seconds"),
    [(None, 5.0, math.inf), (1.0, 0.0, 18.0), (1.0, 50.0, 3.0), (1.0, 61.0, 0)],
)
def test_trials_leave_the_search_its_time(minutes, used, seconds):
    assert trial_seconds(minutes, used=used) == pytest.approx(seconds)


def test_a_slower_machine_gets_a_smaller_pace_and_no_minutes_change_nothing(penguins):
    experiment = experiment_of(budget={"minutes": 5.0})
    first = first_settings(experiment, penguins, device="cpu")
    costs = []
    for measured in (0.3, 1.0, 5.0, 30.0):
        probes = [{"predicted": 1.0, "measured": measured}] * 6
        paced = with_minutes(first, experiment, penguins, probes=probes, used=5.0, workers=2)
        costs.append(generation_epochs(paced.population, paced.epochs, 3))
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1]
    assert with_minutes(first, experiment_of(), penguins, probes=[], used=5.0, workers=2) is first
