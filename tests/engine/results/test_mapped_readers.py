"""Whoever reads rows of mapped arrays says so: nothing else bounds the pages that the process holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from result_tables import CPU, mixed_columns, prepared_of, trained_lanes

from cambrian.data.encode import Prep
from cambrian.data.mapped import MappedArrays
from cambrian.data.prepared import Prepared
from cambrian.results.baselines import fit_baselines
from cambrian.results.champion import save_champion
from cambrian.training.lanes import load_lane
from cambrian.training.pack import PackTrainer
from cambrian.training.prediction import predict
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import TrainingShape

PREP = Prep("standard", 9)


@pytest.fixture(params=["binary", "regression"])
def prepared(request: pytest.FixtureRequest, tmp_path: Path) -> Prepared:
    return prepared_of(tmp_path, mixed_columns(request.param))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], int]:
    """The rows that some work says it read."""

    def counted(work: Callable[[], object]) -> int:
        seen: list[int] = []
        monkeypatch.setattr(MappedArrays, "gathered", lambda self, rows: seen.append(rows))
        work()
        monkeypatch.undo()
        return sum(seen)

    return counted


def shape_of(prepared: Prepared) -> TrainingShape:
    train, validation = prepared.fold_sizes()[0]
    return TrainingShape(prepared.task, 1, train, validation, 2**18)


def test_encoding_and_fitting_the_encoder(prepared: Prepared, read) -> None:
    train, _ = prepared.fold(0)
    numbers = 2
    assert read(lambda: prepared.encoded(0, PREP)) >= numbers * len(train) + 2 * prepared.rows.train


def test_training_and_its_tables(prepared: Prepared, tmp_path: Path, read) -> None:
    (path,) = trained_lanes(prepared, tmp_path, [{}])
    spec, shape = load_lane(path).spec, shape_of(prepared)
    rows = TrainingRows(prepared, shape, CPU)
    begun = read(lambda: rows.table(0, spec.genes))
    assert begun >= 2 * shape.validation_rows + shape.rows  # features and targets; scale or class weights
    trainers: list[PackTrainer] = []
    assert read(lambda: trainers.append(PackTrainer([spec] * 3, rows, CPU))) == 3 * shape.rows
    assert read(lambda: trainers[0].advance(2)) == 3 * 2 * 2 * shape.rows  # a row and its target


def test_prediction(prepared: Prepared, tmp_path: Path, read) -> None:
    (path,) = trained_lanes(prepared, tmp_path, [{}])
    state, (_, validation) = load_lane(path), prepared.fold(0)
    x = prepared.encoded(0, PREP).x
    assert read(lambda: predict([state], x)) == len(x)
    assert read(lambda: predict([state], x, rows=validation)) == len(validation)


@pytest.mark.parametrize("name", ["majority", "linear", "boosting"])
def test_baselines(prepared: Prepared, tmp_path: Path, name: str, read) -> None:
    train, validation = prepared.fold(0)
    least = 2 * len(validation) + len(train) + prepared.rows.train + prepared.rows.test
    if name != "majority":
        least += len(train) + prepared.rows.train  # features besides the targets
    assert read(lambda: fit_baselines(prepared, tmp_path, seconds=math.inf, names=[name])) >= least


def test_delivery(prepared: Prepared, tmp_path: Path, read) -> None:
    lanes = trained_lanes(prepared, tmp_path, [{}])
    champion = save_champion(tmp_path / "champion", prepared, lanes, facts={})
    columns, _ = prepared.test()
    assert read(lambda: champion.predict(columns)) >= prepared.rows.test
