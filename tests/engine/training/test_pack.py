"""Lanes in a pack: training, stopping, isolation, and going on elsewhere."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toy_tables import CPU, ToyEncoded, ToyTable, curve, differing, toy_rows, toy_shape, toy_spec, trained

from cambrian.data.encode import Prep
from cambrian.errors import RunError
from cambrian.models.mlp import MLP
from cambrian.records import LaneStatus
from cambrian.training.lanes import LaneState, load_lane, save_lane
from cambrian.training.pack import PackTrainer
from cambrian.training.prediction import best_network, predict
from cambrian.training.rows import TrainingRows, held_bytes, limited, mapped_tensor
from cambrian.training.spec import TrainingShape
from real_runs import environment_with

torch.set_num_threads(1)

VARIANTS: list[dict[str, Any]] = [
    {},
    {"normalisation": "batch", "dropout": 0.3, "dropout_schedule": "flat_cosine", "input_noise": 0.1},
    {"optimizer": "sgd_nesterov", "schedule": "plateau", "ema": True, "ema_decay": 0.9},
    {"optimizer": "rmsprop", "normalisation": "layer", "parametric": True, "residual": True},
    {"layers": 0, "optimizer": "sgd", "batch_size": 1000},
]
IDS = ["defaults", "batch-norm", "plateau-ema", "rmsprop", "linear"]


@pytest.mark.parametrize("rows_per_epoch", [2**18, 70], ids=["whole", "parts"])
@pytest.mark.parametrize("genes", VARIANTS, ids=IDS)
def test_going_on_equals_never_having_stopped(
    genes: dict[str, Any], rows_per_epoch: int, tmp_path: Path
) -> None:
    rows, spec = toy_rows(rows_per_epoch=rows_per_epoch), toy_spec(**genes)
    whole = trained(spec, rows, 6)
    state: LaneState | Any = spec
    for epochs in (1, 2, 3):
        state = trained(state, rows, epochs)
        save_lane(tmp_path / "lane.safetensors", state)
        state = load_lane(tmp_path / "lane.safetensors")
    assert differing(whole, state) == []
    assert whole.status is LaneStatus.FINISHED


def test_going_on_in_another_process_equals_never_having_stopped(tmp_path: Path) -> None:
    genes = {**VARIANTS[1], "ema": True, "batch_momentum": 0.2}
    spec = toy_spec("regression", **genes)
    rows = toy_rows("regression", rows_per_epoch=70)
    save_lane(tmp_path / "before", trained(spec, rows, 2))
    program = (
        "import sys, torch; torch.set_num_threads(1); from toy_tables import *\n"
        "from cambrian.training.lanes import load_lane, save_lane; from pathlib import Path\n"
        "padding = torch.randn(12345)\n"  # another history of allocations
        "state = trained(load_lane(Path(sys.argv[1])), toy_rows('regression', rows_per_epoch=70), 3)\n"
        "save_lane(Path(sys.argv[2]), state)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "before"), str(tmp_path / "after")]
    subprocess.run(command, check=True, env=environment_with(Path(__file__).parent), timeout=120)
    assert differing(trained(spec, rows, 5), load_lane(tmp_path / "after")) == []


def test_training_twice_gives_equal_bits_and_another_seed_or_fold_does_not() -> None:
    rows = toy_rows()
    state = trained(toy_spec(dropout=0.2), rows, 3)
    assert differing(state, trained(toy_spec(dropout=0.2), toy_rows(), 3)) == []
    assert curve(state) != curve(trained(toy_spec(dropout=0.2, seed=2), rows, 3))
    assert curve(state) != curve(trained(toy_spec(dropout=0.2, fold=1), rows, 3))


def test_the_global_generator_is_neither_read_nor_moved() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = trained(toy_spec(dropout=0.2, input_noise=0.1, bias_init="he5"), toy_rows(), 2)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    second = trained(toy_spec(dropout=0.2, input_noise=0.1, bias_init="he5"), toy_rows(), 2)
    assert differing(first, second) == []


def test_a_lane_in_company_equals_the_lane_alone() -> None:
    rows = toy_rows()
    specs = [toy_spec(seed=seed, **genes) for seed, genes in enumerate(VARIANTS)]
    trainer = PackTrainer(specs[:3], rows, CPU)
    trainer.advance(2)
    second = trainer.remove(1)
    handles = [trainer.add(spec) for spec in specs[3:]]
    assert handles == [3, 4]
    trainer.advance()
    assert trainer.add(second) == 5
    trainer.advance(6)
    alone = [trained(spec, rows, 6) for spec in specs]
    together = [trainer.remove(handle) for handle in (0, 5, 2, 3, 4)]
    assert [differing(a, b) for a, b in zip(alone, together, strict=True)] == [[]] * 5


@pytest.mark.parametrize("normalisation", ["none", "batch"])
def test_a_diverging_neighbour_is_recorded_and_changes_nothing(normalisation: str) -> None:
    rows = toy_rows("regression")
    bad = toy_spec(
        "regression",
        optimizer="sgd",
        lr_sgd=1e30,
        gradient_clip="none",
        activation="relu",
        normalisation=normalisation,
        schedule="constant",
    )
    good = toy_spec("regression", seed=2)
    trainer = PackTrainer([bad, good], rows, CPU)
    records = trainer.advance(4)
    assert trainer.live == (1,)
    last = [record for record in records if record.lane == 0][-1]
    assert last.status is LaneStatus.DIVERGED
    assert not (math.isfinite(last.train_loss) and math.isfinite(last.validation_loss))
    diverged = trainer.remove(0)
    assert diverged.status is LaneStatus.DIVERGED
    assert diverged.epoch == last.epoch
    assert differing(trainer.remove(1), trained(good, rows, 4)) == []
    again = PackTrainer([diverged], rows, CPU)
    assert again.live == ()
    assert again.advance(3) == []
    assert differing(again.remove(0), diverged) == []


def test_a_lane_without_a_best_epoch_cannot_predict() -> None:
    never = PackTrainer([toy_spec()], toy_rows(), CPU).remove(0)
    with pytest.raises(RunError, match="cannot predict"):
        predict([never], np.zeros((2, 5), dtype=np.float32))


def test_early_stopping_keeps_the_best_epoch() -> None:
    rows = toy_rows(rows=120, noise=2.0)  # noise: it overfits soon
    spec = toy_spec(epochs=200, lr=1e-2, patience=4, schedule="constant", dropout=0.0)
    state = trained(spec, rows, 200)
    assert state.status is LaneStatus.STOPPED
    assert state.epoch == state.best_epoch + 4
    losses = [record.validation_loss for record in state.curve]
    assert min(losses) == losses[state.best_epoch - 1] == state.best_value
    table = rows.table(0, spec.genes)
    probability = predict([state], table.validation_x.numpy())[0]
    picked = probability[np.arange(len(probability)), table.validation_target.numpy()]
    assert -np.log(picked).mean() == pytest.approx(state.best_value, rel=1e-5)
    best = trained(spec, rows, state.best_epoch).group("weights")
    assert all(torch.equal(tensor, best[name]) for name, tensor in state.group("best").items())


def test_the_best_epoch_is_the_latest_among_ties_and_patience_counts_from_the_first() -> None:
    # A learning rate that rounds to nothing: every epoch has the same validation loss.
    spec = toy_spec(epochs=50, optimizer="sgd", lr_sgd=1e-30, weight_decay=0.0, patience=5)
    state = trained(spec, toy_rows(), 50)
    assert (state.best_epoch, state.improved_epoch, state.epoch) == (6, 1, 6)
    assert state.status is LaneStatus.STOPPED


def test_an_ended_lane_idles_until_it_is_removed() -> None:
    rows = toy_rows()
    trainer = PackTrainer([toy_spec(epochs=2), toy_spec(epochs=4, seed=2)], rows, CPU)
    records = trainer.advance(6)
    assert [(r.epoch, r.lane) for r in records] == [(1, 0), (1, 1), (2, 0), (2, 1), (3, 1), (4, 1)]
    assert [r.status for r in records if r.lane == 0] == [LaneStatus.RUNNING, LaneStatus.FINISHED]
    ended = trainer.remove(0)
    assert trainer.add(ended) == 2
    assert trainer.advance() == []
    assert differing(trainer.remove(2), ended) == []
    with pytest.raises(KeyError):
        trainer.remove(0)


def test_a_step_equals_torchs_own_loop() -> None:
    """Two epochs against torch.optim.AdamW on a plain network, in the lane's own order of rows."""
    spec = toy_spec(dropout=0.0, schedule="constant", weight_decay=0.1, gradient_clip="norm", clip_norm=0.3)
    rows = toy_rows()
    table = rows.table(0, spec.genes)
    start = PackTrainer([spec], rows, CPU).remove(0)
    network = MLP(spec.genes, 5, 1)
    network.load_state_dict(start.group("weights"))
    decayed = [p for name, p in network.named_parameters() if name in network.decayed]
    rest = [p for name, p in network.named_parameters() if name not in network.decayed]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=spec.genes["lr"])
    generator = torch.Generator()
    generator.set_state(start.group("generator")["shuffle"])
    for _ in range(2):
        order = table.train[torch.randperm(len(table.train), generator=generator)]
        for chosen in order.split(32):
            logit = network(table.x[chosen], ())[:, 0]
            target = table.target[chosen].float()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, target)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 0.3)
            optimizer.step()
    weights = trained(spec, rows, 2).group("weights")
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(weights[name], parameter.detach(), rtol=1e-4, atol=1e-6)


def test_the_average_of_the_weights_is_the_bias_corrected_one() -> None:
    decay, rows = 0.8, toy_rows()
    spec = toy_spec(ema=True, ema_decay=decay, batch_size=1000, epochs=20)
    plain = [trained(spec, rows, epochs).group("weights")["head.weight"] for epochs in range(1, 6)]
    shares = [(1 - decay) * decay**age for age in range(4, -1, -1)]
    expected = sum(share * weight for share, weight in zip(shares, plain, strict=True)) / sum(shares)
    state = trained(spec, rows, 5)
    torch.testing.assert_close(state.group("average")["head.weight"], expected)
    assert torch.equal(state.group("best")["head.weight"], state.group("average")["head.weight"])
    raw = trained(toy_spec(batch_size=1000, epochs=20), rows, 5)
    assert [r.train_loss for r in raw.curve] == [r.train_loss for r in state.curve]
    assert [r.validation_loss for r in raw.curve] != [r.validation_loss for r in state.curve]


@pytest.mark.parametrize("batch_size", [1, 149, 150, 4096])
@pytest.mark.parametrize("normalisation", ["none", "batch", "layer"])
def test_extreme_batches_train(batch_size: int, normalisation: str) -> None:
    spec = toy_spec(
        batch_size=batch_size, normalisation=normalisation, epochs=3, dropout=0.0, activation="relu"
    )
    state = trained(spec, toy_rows(), 3)
    assert state.status is LaneStatus.FINISHED
    left_out = normalisation == "batch" and batch_size == 149
    assert state.step == 3 * {1: 150, 149: 1 if left_out else 2, 150: 1, 4096: 1}[batch_size]
    assert state.curve[-1].train_loss < state.curve[0].train_loss


def test_an_epoch_is_limited_and_the_row_order_goes_on() -> None:
    rows = toy_rows(rows_per_epoch=64)
    state = trained(toy_spec(epochs=8), rows, 2)
    assert (state.step, state.position) == (4, 128)
    state = trained(state, rows, 1)
    assert (state.step, state.position) == (6, 192 - 150)
    # Two epochs of 64 rows make the steps of one of 128: nothing happens to the order at an epoch's end.
    genes = {"batch_size": 64, "dropout": 0.0}
    longer = trained(toy_spec(epochs=8, **genes), toy_rows(rows_per_epoch=128), 2)
    shorter = trained(toy_spec(epochs=16, **genes), toy_rows(rows_per_epoch=64), 4)
    assert torch.equal(longer.group("weights")["head.weight"], shorter.group("weights")["head.weight"])


def test_validation_rows_are_limited_alike_for_every_lane() -> None:
    table = ToyTable("binary")
    rows = TrainingRows(table, TrainingShape("binary", 1, 150, 20, 2**18), CPU)
    kept = rows.table(0, toy_spec().genes)
    assert kept.validation_x.shape == (20, 5)
    assert np.isin(limited(np.arange(50), 20), np.arange(50)).all()
    assert np.array_equal(limited(np.arange(50), 20), np.unique(limited(np.arange(50), 20)))
    assert 5 <= np.sum(limited(np.arange(1000), 100) >= 900) <= 20  # a sample, and not the first rows
    assert rows.table(0, toy_spec(seed=2, lr=1e-2).genes) is kept
    assert rows.table(1, toy_spec().genes) is not kept


def test_tables_are_kept_up_to_a_limit_and_the_last_one_always(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = toy_rows()
    first = rows.table(0, toy_spec().genes)
    monkeypatch.setattr("cambrian.training.rows._CACHED_BYTES_CPU", 2 * held_bytes([first]))
    rows.table(1, toy_spec().genes)
    assert rows.table(0, toy_spec().genes) is first
    rows.table(2, toy_spec().genes)
    assert rows.table(0, toy_spec().genes) is first
    monkeypatch.setattr("cambrian.training.rows._CACHED_BYTES_CPU", 1)
    last = rows.table(3, toy_spec().genes)
    assert rows.table(3, toy_spec().genes) is last
    assert rows.table(0, toy_spec().genes) is not first


def test_read_only_arrays_are_mapped_without_copy_or_warning(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    np.save(tmp_path / "x.npy", np.ones((10, 3), dtype=np.float32))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    tensor = mapped_tensor(mapped)
    assert tensor.data_ptr() == mapped.ctypes.data
    assert not recwarn.list


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_separable_problem_is_learnt(task: Any) -> None:
    rows = toy_rows(task, rows=1600, width=4, noise=0.0)
    state = trained(toy_spec(task, epochs=40, lr=5e-3, dropout=0.0), rows, 40)
    assert state.curve[-1].train_loss < 0.3 * state.curve[0].train_loss
    table = rows.table(0, state.spec.genes)
    chances = predict([state], table.validation_x.numpy())[0]
    assert chances.shape == (400, 2 if task == "binary" else 3)
    assert np.allclose(chances.sum(axis=1), 1.0)
    assert (chances.argmax(axis=1) == table.validation_target.numpy()).mean() > 0.95


@pytest.mark.parametrize("transform", ["none", "log"])
def test_a_regression_is_learnt_and_predicts_in_the_targets_unit(transform: str) -> None:
    rows = toy_rows("regression", rows=1600, width=4, noise=0.0)
    spec = toy_spec("regression", epochs=30, lr=5e-3, dropout=0.0, target_transform=transform)
    state = trained(spec, rows, 30)
    table = rows.table(0, state.spec.genes)
    x, y = table.validation_x.numpy(), table.validation_target.numpy()
    values = predict([state, state], x)
    assert values.shape == (2, 400)
    assert np.array_equal(values[0], values[1])
    assert math.sqrt(((values[0] - y) ** 2).mean()) == pytest.approx(state.best_value, rel=1e-5)
    assert state.best_value < 0.35 * y.std()
    far = predict([state], 1e3 * x)[0]
    assert state.scale is not None
    assert far.min() >= state.scale.low
    assert far.max() <= state.scale.high


def test_a_best_network_evaluates_as_it_did(tmp_path: Path) -> None:
    state = trained(toy_spec(normalisation="batch"), toy_rows(), 6)
    save_lane(tmp_path / "lane", state)
    network = best_network(load_lane(tmp_path / "lane"))
    x = torch.randn(9, 5, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        chance = torch.sigmoid(network(x)[:, 0]).numpy()
    assert np.allclose(predict([state], x.numpy())[0, :, 1], chance)


def test_folds_train_in_one_program_though_their_rows_differ() -> None:
    table = ToyTable("binary", rows=201)
    sizes = [len(table.fold(fold)[0]) for fold in range(4)]
    assert len(set(sizes)) == 2
    shape = TrainingShape("binary", 1, min(sizes), len(table.fold(0)[1]), min(sizes))
    trainer = PackTrainer([toy_spec(fold=fold) for fold in range(4)], TrainingRows(table, shape, CPU), CPU)
    records = trainer.advance(2)
    assert len(records) == 8
    assert (trainer.lane_epochs, trainer.program_epochs) == (8, 2)


class EncodedUnlike(ToyTable):
    """A table with as many features as the preprocessing has one-hot columns at most."""

    def reduced(self, prep: Prep) -> Prep:
        return Prep("standard", prep.max_one_hot)

    def encoded(self, fold: int, prep: Prep, widest: int | None = None) -> ToyEncoded:
        return ToyEncoded(self.x[:, : prep.max_one_hot].copy(), widest or 0)


@pytest.mark.parametrize(("widest", "programs"), [(60, 1), (0, 2)])
def test_unlike_preprocessings_train_in_one_program_and_as_alone(widest: int, programs: int) -> None:
    """Rows are padded towards the widest preprocessing of the space; without one, to their own width."""
    table = EncodedUnlike("multiclass", width=60)
    rows = TrainingRows(table, replace(toy_shape(table), inputs=widest), CPU)
    genes, widths = {"input_noise": 0.1, "l1": 1e-3, "dropout": 0.1}, (33, 40, 60)
    specs = [
        toy_spec("multiclass", seed=width, max_one_hot=width, bias_init="he5", **genes) for width in widths
    ]
    trainer = PackTrainer(specs, rows, CPU)
    trainer.advance(3)
    assert (trainer.lane_epochs, trainer.program_epochs) == (9, 3 * programs)
    together = [trainer.remove(handle) for handle in range(3)]
    assert [differing(a, trained(b, rows, 3)) for a, b in zip(together, specs, strict=True)] == [[]] * 3
    for state, width in zip(together, widths, strict=True):
        assert state.group("weights")["hidden.0.weight"].shape == (32, width)


def test_inputs_of_zeros_change_a_lane_by_rounding_alone() -> None:
    table = EncodedUnlike("binary", width=100)
    spec = toy_spec(max_one_hot=20, optimizer="sgd", dropout=0.0, epochs=3)
    narrow, wide = (
        trained(spec, TrainingRows(table, replace(toy_shape(table), inputs=inputs), CPU), 3)
        for inputs in (20, 39)
    )
    for name, tensor in narrow.group("weights").items():
        torch.testing.assert_close(wide.group("weights")[name], tensor, rtol=1e-4, atol=1e-6)
