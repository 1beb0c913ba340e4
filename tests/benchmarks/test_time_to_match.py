"""The race against Optuna: the same space, the same training, and one small race from end to end."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.run import resolve
from cambrian.run.run import Run
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.families.registry import known_good
from cambrian.space.genes import Gene, Kind
from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace
from cambrian.training import pack
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, Task, TrainingShape
from real_runs import write_table

pytest.importorskip("optuna", reason="the race needs optuna, of the extra `dev`")

import altered_cambrian
import optuna
import racing_run
import time_to_match
from optuna_space import SCALES, parameters, suggest
from plain_loop import PlainLoop
from racing_run import RunSettings

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
CPU = torch.device("cpu")

torch.set_num_threads(1)
optuna.logging.set_verbosity(optuna.logging.WARNING)


def space_of(task: Task) -> SearchSpace:
    return build_space(SpaceFacts(task, rows=160, positive_target=True, epochs=16, objectives=("accuracy",)))


def random_study() -> optuna.Study:
    return optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3))


def enqueued(study: optuna.Study, genome: Genome, space: SearchSpace) -> Genome:
    study.enqueue_trial(parameters(genome, space))
    return suggest(study.ask(), space)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[Task, TrainingRows]:
    """The rows of a small table, for each task with a target of its own."""
    folder = tmp_path_factory.mktemp("race")
    table = read_table(write_table(folder / "table.csv", rows=260))
    found: dict[Task, TrainingRows] = {}
    for task, target in zip(TASKS, ("label", "colour", "size"), strict=True):
        profile = profile_table(table, target=target)
        assert profile.task == task
        prepared = prepare(table, profile, folder / task, split=SplitSettings(folds=1))
        train, validation = prepared.fold(0)
        outputs = len(prepared.classes) if task == "multiclass" else 1
        shape = TrainingShape(task, outputs, len(train), len(validation), 2**18)
        found[task] = TrainingRows(prepared, shape, CPU)
    return found


def test_every_kind_of_gene_has_a_scale() -> None:
    assert set(SCALES) == set(get_args(Kind))


def test_what_is_0_or_near_1_is_suggested_over_its_whole_range_and_enqueued() -> None:
    gene = Gene("momentum", "zero_or_one_minus_log", 0.9, 0.9, 0.999, p_zero=0.5)
    space, study = SearchSpace([gene]), random_study()
    found = [suggest(study.ask(), space)["momentum"] for _ in range(400)]
    assert 120 < found.count(0.0) < 280
    others = [value for value in found if value]
    assert 0.9 <= min(others) < 0.91
    assert 0.99 < max(others) <= 0.999
    for value in (0.0, 0.95):
        study.enqueue_trial(parameters(space.genome({"momentum": value}), space))
        assert suggest(study.ask(), space)["momentum"] == pytest.approx(value)


@pytest.mark.parametrize("task", TASKS)
def test_every_gene_is_suggested_over_its_whole_range(task: Task) -> None:
    space, study = space_of(task), random_study()
    genomes = [suggest(study.ask(), space) for _ in range(400)]
    for genome in genomes:
        assert genome == space.genome(dict(genome))  # raises where a value is not allowed
    for gene in space.genes:
        values = [genome[gene.name] for genome in genomes if gene.name in genome.active]
        assert values, gene.name
        if gene.fixed:
            assert set(values) == {gene.default}
        elif gene.cells is not None and len(gene.cells) <= 10:
            assert set(values) == set(gene.cells), gene.name
        else:
            assert (0.0 in values) == (gene.p_zero > 0), gene.name
            shares = [(gene.encode(value) - gene.p_zero) / (1 - gene.p_zero) for value in values if value]
            assert min(shares) < 0.4, gene.name
            assert max(shares) > 0.6, gene.name


@pytest.mark.parametrize("task", TASKS)
def test_an_inactive_gene_is_not_asked_for(task: Task) -> None:
    space, study = space_of(task), random_study()
    for _ in range(50):
        trial = study.ask()
        genome = suggest(trial, space)
        assert set(trial.params) == set(parameters(genome, space))


@pytest.mark.parametrize("task", TASKS)
def test_an_enqueued_genome_is_suggested_as_it_is(task: Task) -> None:
    space, study = space_of(task), random_study()
    rng = np.random.default_rng(5)
    genomes = [genome for _, genome in known_good(space)] + [space.draw(rng) for _ in range(40)]
    assert len(genomes) > 45
    for genome in genomes:
        assert enqueued(study, genome, space) == genome


@pytest.mark.parametrize(
    "gene",
    [
        Gene("narrow", "zero_or_log", 0.0, 0.01, 0.01, p_zero=0.5),
        Gene("never_zero", "zero_or_linear", 0.2, 0.1, 0.4),
        Gene("stepped", "integer", 16, 16, 64, step=16),
        Gene("grid", "integer_log", 8, choices=(8, 16, 32)),
        Gene("end", "one_minus_log", 0.9, 0.7, 0.999),
    ],
    ids=lambda gene: gene.name,
)
def test_the_ends_of_a_range_are_allowed(gene: Gene) -> None:
    space, study = SearchSpace([gene]), random_study()
    for value in (gene.low, gene.high, gene.default):
        genome = space.genome({gene.name: value})
        assert enqueued(study, genome, space) == genome


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("task", TASKS)
def test_the_plain_loop_trains_what_a_lane_trains(
    tables: dict[Task, TrainingRows], task: Task, number: int
) -> None:
    """Dropout apart, whose masks a lane draws for its padded shape."""
    space = space_of(task)
    drawn = dict(space.draw(np.random.default_rng(number)))
    schedule = ("plateau", "one_cycle", "flat_cosine", "step")[number]
    # Rates at which rounding does not grow to something visible in a few epochs.
    calm = {"dropout": 0.0, "lr": 1e-3, "lr_sgd": 0.01, "momentum": 0.8, "epochs": 8}
    genome = space.genome(drawn | calm | {"ema": number % 2 == 1, "schedule": schedule})
    trainer = PackTrainer([LaneSpec(genome.to_json(), 0, 11, 8)], tables[task], CPU)
    lane = [record.validation_loss for record in trainer.advance(8)]
    loop = list(PlainLoop(genome, tables[task], fold=0, seed=11).validation_losses())
    assert loop == pytest.approx(lane, rel=1e-3)
    assert len(set(loop)) == len(loop)  # it trains


def test_the_plain_loop_draws_dropout_and_has_patience(tables: dict[Task, TrainingRows]) -> None:
    space = build_space(SpaceFacts("binary", rows=160, epochs=64))
    overfitting = {"layers": 2, "epochs": 64, "patience": 4, "lr": 1e-2, "schedule": "constant"}

    def losses(dropout: float) -> list[float]:
        genome = space.genome(overfitting | {"dropout": dropout})
        return list(PlainLoop(genome, tables["binary"], fold=0, seed=1).validation_losses())

    plain = losses(0.0)
    assert len(plain) < 64
    assert plain.index(min(plain)) == len(plain) - 1 - 4
    assert losses(0.5)[0] != plain[0]
    assert losses(0.5) == losses(0.5)


def race(command: list[str]) -> list[str]:
    """Run a race of few seconds; where the machine is too busy for an epoch in them, of more.

    Returns:
        The command that was run.
    """
    short, long = ["--seconds", "8", "--limit", "25"], ["--seconds", "60", "--limit", "120"]
    try:
        assert time_to_match.main([*command, *short]) == 0
    except SystemExit:
        assert time_to_match.main([*command, *long]) == 0
        return [*command, *long]
    return [*command, *short]


@pytest.mark.timeout(600)  # on a machine that is busy with other things
def test_a_race_from_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_table(tmp_path / "tiny.csv", rows=200)
    monkeypatch.setattr(time_to_match, "TABLES", {"tiny": ("tiny.csv", "label")})
    results = tmp_path / "results.json"
    command = ["--data", str(tmp_path), "--results", str(results), "--workers", "2"]
    command += ["--cells", "tiny:median:0"]
    command = race(command)
    kept = json.loads(results.read_text(encoding="utf-8"))
    found, raced = kept["optuna"]["tiny:median:0"], kept["cambrian"]["tiny:median:0"]

    assert found["processes"] == 2
    assert found["best"] == min(value for _, value, *_ in found["improvements"])
    assert 0 < found["best_seconds"] <= found["seconds"]
    assert found["epochs"] >= found["trials"] - 2 > 0
    assert raced["target"] == found["best"]
    assert raced["resolved"]["folds"] == 1
    assert raced["resolved"]["epochs"] == found["epoch_budget"]
    assert raced["epochs_seen"] > 0
    if raced["reached"] is None:
        assert raced["best"] > found["best"]
    else:
        assert 0 < raced["first_epoch"] <= raced["reached"] <= raced["limit"] + 1
        assert raced["best"] <= found["best"]

    assert "tiny:median:0" in capsys.readouterr().out
    assert time_to_match.main(command) == 0  # nothing is missing: nothing runs, nothing changes
    assert json.loads(results.read_text(encoding="utf-8")) == kept


def test_sides_are_run_in_order_and_only_once() -> None:
    found, raced = {"seconds": 300, "limit": 300}, {"limit": 300}
    kept = {"optuna": {"spam:median:0": found}, "cambrian": {"spam:median:0": raced}}
    names = ("spam:median:0", "spam:median:0:unpacked", "spam:median:1")

    def steps(seconds: float = 300, limit: float = 300) -> list[tuple[str, str]]:
        cells = [time_to_match.Cell.parse(name) for name in names]
        missing = time_to_match.missing_steps(cells, kept, seconds, limit)
        return [(side, cell.optuna if side == "optuna" else cell.cambrian) for side, cell in missing]

    other = [("optuna", "spam:median:1"), ("cambrian", "spam:median:1")]
    assert steps() == [("cambrian", "spam:median:0:unpacked"), *other]
    again = [
        ("optuna", "spam:median:0"),
        ("cambrian", "spam:median:0"),
        ("cambrian", "spam:median:0:unpacked"),
    ]
    assert steps(seconds=60) == steps(limit=60) == [*again, *other]
    nothing: dict[str, Any] = {"optuna": {}, "cambrian": {}}
    every = time_to_match.missing_steps(time_to_match.all_cells(), nothing, 300, 300)
    assert sum(side == "optuna" for side, _ in every) == 12
    assert sum(side == "cambrian" for side, _ in every) == 21


def test_a_new_search_of_optuna_discards_the_races_against_the_old() -> None:
    mine, others = ["spam:median:0", "spam:median:0:unpacked"], ["spam:median:1", "diamonds:median:0"]
    kept: dict[str, Any] = {"optuna": {}, "cambrian": {name: {"target": 0.2} for name in (*mine, *others)}}
    cell = time_to_match.Cell.parse(mine[0])
    time_to_match.keep("optuna", cell, {"best": 0.1}, kept)
    assert set(kept["cambrian"]) == set(others)
    time_to_match.keep("cambrian", cell, {"target": 0.1}, kept)
    assert kept["optuna"] == {mine[0]: {"best": 0.1}}
    assert kept["cambrian"][mine[0]] == {"target": 0.1}


@pytest.mark.parametrize(
    "name", ["spam", "spam:median", "moon:median:0", "spam:median:0:blind", "spam:best:0"]
)
def test_a_cell_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SystemExit, match="is no cell"):
        time_to_match.Cell.parse(name)


def test_packs_can_be_switched_off(tables: dict[Task, TrainingRows], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack, "_MOST_LANES", pack._MOST_LANES)  # put back afterwards
    genes = space_of("binary").default().to_json()

    def programs() -> list[int]:
        trainer = PackTrainer([LaneSpec(genes, 0, seed, 2) for seed in range(3)], tables["binary"], CPU)
        return [len(bucket.lanes) for bucket in trainer._composed()]

    assert programs() == [3]
    monkeypatch.setattr(Run.__init__, "__kwdefaults__", dict(Run.__init__.__kwdefaults__))
    altered_cambrian.unpack()
    module, name = Run.__init__.__kwdefaults__["handlers"].split(":")
    assert "train" in getattr(importlib.import_module(module), name)
    assert programs() == [1, 1, 1]


def test_rungs_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "rung_epochs", resolve.rung_epochs)  # put back afterwards
    assert resolve.generation_epochs(9, 32, 1) < 9 * 32
    altered_cambrian.one_rung()
    assert resolve.generation_epochs(9, 32, 1) == 9 * 32


@pytest.mark.parametrize("alteration", sorted(altered_cambrian.ALTERATIONS))
def test_an_altered_command_line_works_with_its_workers(tmp_path: Path, alteration: str) -> None:
    table = write_table(tmp_path / "tiny.csv", rows=200)
    settings = RunSettings(table, "label", seed=0, seconds=60, workers=1, epochs=32, alteration=alteration)
    data, resolved = racing_run.resolve(settings, tmp_path / "workspace")
    assert Prepared.open(data).n_folds == 1
    assert resolved["rungs"] == ([32] if alteration == "one-rung" else [2, 8, 32])
