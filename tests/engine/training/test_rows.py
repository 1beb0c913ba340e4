"""Tables share the tensors that are equal, and have the values they would have alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from toy_tables import CPU, ToyTable, differing, toy_shape, toy_spec, trained

from cambrian.data.encode import Prep
from cambrian.data.mapped import let_go
from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import FoldRows, TrainingRows, held_bytes
from cambrian.training.spec import LaneSpec, TrainingShape


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    """A regression with two numbers and a feature of three categories."""
    rng = np.random.default_rng(0)
    lines = ["size,weight,colour,price"]
    for size, weight, colour in zip(
        rng.normal(10, 3, 120), rng.lognormal(1, 0.5, 120), rng.choice(["r", "g", "b"], 120), strict=True
    ):
        lines.append(f"{size:.4f},{weight:.4f},{colour},{abs(size) + weight:.4f}")
    (tmp_path / "table.csv").write_text("\n".join(lines) + "\n")
    table = read_table(tmp_path / "table.csv")
    return prepare(
        table, profile_table(table, target="price"), tmp_path / "data", split=SplitSettings(folds=3)
    )


def rows_of(prepared: Prepared) -> TrainingRows:
    train, validation = prepared.fold_sizes()[0]
    return TrainingRows(prepared, TrainingShape("regression", 1, train, validation - 5, 2**18), CPU)


def genes(numeric: str = "standard", most: int = 9, transform: str = "none") -> dict[str, Any]:
    return {"numeric_prep": numeric, "max_one_hot": most, "target_transform": transform}


def values(table: FoldRows) -> list[Any]:
    tensors = (table.x, table.target, table.train, table.validation_x, table.validation_target)
    return [*(tensor.numpy().tobytes() for tensor in tensors), table.scale]


def test_preprocessings_that_encode_alike_share_one_table(prepared: Prepared) -> None:
    rows = rows_of(prepared)
    first = rows.table(0, genes(most=9))
    assert rows.table(0, genes(most=33)) is first  # there are three categories
    assert rows.table(0, genes(most=2)) is not first


def test_equal_tensors_exist_once(prepared: Prepared) -> None:
    rows = rows_of(prepared)
    plain, log = rows.table(0, genes()), rows.table(0, genes(transform="log"))
    scaled = rows.table(0, genes("quantile"))
    assert plain.x is log.x
    assert plain.validation_x is log.validation_x
    assert plain.target is scaled.target
    assert plain.validation_target is log.validation_target is scaled.validation_target
    assert plain.train is scaled.train
    assert plain.target is not log.target
    assert held_bytes([plain, plain]) == held_bytes([plain])
    assert held_bytes([plain, scaled]) == held_bytes([plain]) + scaled.validation_x.nbytes


def test_a_shared_table_is_the_one_that_it_would_be_alone(prepared: Prepared) -> None:
    rows = rows_of(prepared)
    every = [
        (fold, genes(numeric, most, transform))
        for fold in range(3)
        for numeric in ("standard", "quantile")
        for most in (2, 9)
        for transform in ("none", "log")
    ]
    for fold, chosen in every:
        rows.table(fold, chosen)
    for fold, chosen in every:
        assert values(rows.table(fold, chosen)) == values(rows_of(prepared).table(fold, chosen))
    table = rows.table(1, genes(transform="log"))
    encoded = prepared.encoded(1, Prep("standard", 9)).x
    _, validation = prepared.fold(1)
    kept = np.flatnonzero(np.isin(prepared.y, table.validation_target.numpy()))
    assert np.isin(kept, validation).all()
    assert len(table.validation_target) == rows.shape.validation_rows
    assert torch.equal(table.validation_x, torch.from_numpy(encoded[kept]))
    scale = prepared.target_scale(1, log=True)
    assert np.array_equal(table.target.numpy(), scale.forward(prepared.y).astype(np.float32))


class UnevenFold(ToyTable):
    """Its fold validates on most rows of the last class: elsewhere the classes have other shares."""

    def fold(self, fold: int) -> tuple[Any, Any]:
        most = np.isin(np.arange(len(self.y)), np.flatnonzero(self.y == self.y.max())[5:])
        return np.flatnonzero(~most), np.flatnonzero(most)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_class_weights_are_learnt_from_the_folds_training_rows(task: Any) -> None:
    toy = UnevenFold(task)
    rows = TrainingRows(toy, toy_shape(toy), CPU)
    seen, classes = toy.y[toy.fold(0)[0]], np.unique(toy.y)
    expected = compute_class_weight("balanced", classes=classes, y=seen)
    weights = rows.table(0, toy_spec(task).genes).class_weights
    assert weights is not None
    np.testing.assert_allclose(weights.numpy(), expected, rtol=1e-6)


def test_what_no_table_has_any_more_is_let_go(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(prepared)
    rows.table(0, genes())
    monkeypatch.setattr("cambrian.training.rows._CACHED_BYTES_CPU", 1)
    rows.table(1, genes(transform="log"))
    assert {key[1] for key in rows._shared} == {1}


def test_rows_are_padded_to_what_a_program_wants(prepared: Prepared) -> None:
    table = rows_of(prepared).table(0, genes())
    width = prepared.width(Prep("standard", 9))
    assert table.x.shape[1] == width < table.padded.shape[1] == 16
    assert torch.equal(table.padded[:, :width], table.x)
    assert not table.padded[:, width:].any()
    assert table.validation_x.is_contiguous()
    assert table.padded.data_ptr() == table.x.data_ptr()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how many pages a process holds")
def test_tables_larger_than_a_process_may_hold_are_let_go(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = toy_spec("regression", epochs=2, batch_size=8)
    spec = LaneSpec({**spec.genes, **genes()}, 0, 0, 2)
    expected = trained(spec, rows_of(prepared), 2)
    monkeypatch.setattr("cambrian.data.mapped.MOST_BYTES", -(2**40))  # any page is too many
    monkeypatch.setattr("cambrian.data.mapped.GATHERED_ROWS", 16)
    monkeypatch.setattr("cambrian.training.rows.GATHERED_ROWS", 16)
    given: list[int] = []

    def counted(array: Any) -> None:
        given.append(array.nbytes)
        let_go(array)

    monkeypatch.setattr("cambrian.data.mapped.let_go", counted)
    rows = rows_of(prepared)
    assert differing(trained(spec, rows, 2), expected) == []
    looks = 2 * -(-rows.shape.rows // 16) + -(-rows.shape.validation_rows // 16)
    assert given.count(rows.table(0, spec.genes).padded.nbytes) >= looks


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how many pages a process holds")
@pytest.mark.parametrize("lanes", [1, 4])
def test_tables_streamed_to_a_device_are_let_go(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch, lanes: int
) -> None:
    """Every 8 rows, whether a step gathers fewer (4) or more (16); the losses stay what they were."""
    monkeypatch.setattr("cambrian.data.mapped.MOST_BYTES", -(2**40))
    monkeypatch.setattr("cambrian.data.mapped.GATHERED_ROWS", 8)
    monkeypatch.setattr("cambrian.training.rows.GATHERED_ROWS", 8)
    spec = toy_spec("regression", epochs=2, batch_size=4)
    specs = [LaneSpec({**spec.genes, **genes()}, 0, seed, 2) for seed in range(lanes)]
    train, validation = prepared.fold_sizes()[0]
    shape = TrainingShape("regression", 1, train, validation, 2**18)
    given: list[int] = []

    def counted(array: Any) -> None:
        given.append(array.nbytes)
        let_go(array)

    monkeypatch.setattr("cambrian.data.mapped.let_go", counted)
    found = []
    for resident_bytes in (None, 0):
        rows = TrainingRows(prepared, shape, CPU, resident_bytes=resident_bytes)
        table = rows.table(0, specs[0].genes)
        assert table.resident is (resident_bytes is None)
        trainer = PackTrainer(specs, rows, CPU, broadcast=True)
        given.clear()
        found.append([(each.train_loss, each.validation_loss) for each in trainer.advance(2)])
    assert found[0] == found[1]
    assert given.count(table.padded.nbytes) >= 2 * lanes * train // 8
