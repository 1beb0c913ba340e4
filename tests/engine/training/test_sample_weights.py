"""Weights of rows: in every loss, in validation, in every metric; and weights of 1 change not one bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from toy_tables import CPU, ToyTable, differing, toy_shape, toy_spec

from cambrian.data.encode import TargetScale
from cambrian.results.bootstrap import resampled_metrics
from cambrian.training.losses import balanced_class_weights
from cambrian.training.metrics import metric_names, score
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows

TASKS = ("binary", "multiclass", "regression")
LOSSES = [
    ("binary", "cross_entropy"),
    ("binary", "class_weighted"),
    ("binary", "focal"),
    ("multiclass", "cross_entropy"),
    ("multiclass", "class_weighted"),
    ("multiclass", "focal"),
    ("regression", "mse"),
    ("regression", "mae"),
    ("regression", "huber"),
]


def scale(fold, log):
    """A regression's target has its unit from the rows, whatever they weigh: one for both tables."""
    return TargetScale(log, 1.0, 0.5, 0.1, 6.0)


def weighted_rows(task, weights, rows=200):
    """A toy table whose rows have these weights."""
    table = ToyTable(task, rows=rows)
    table.weights = None if weights is None else np.asarray(weights, dtype=np.float64)
    table.target_scale = scale
    return TrainingRows(table, toy_shape(table), CPU)


def repeated_rows(task, times, rows=200):
    """A toy table in which rows stand several times, in both parts of the fold."""
    table = ToyTable(task, rows=rows)
    train, validation = table.fold(0)
    parts = [np.repeat(part, times[part]) for part in (train, validation)]
    order = np.concatenate(parts)
    table.target_scale = scale
    table.x, table.y = table.x[order], table.y[order]
    table.fold = lambda _: (np.arange(len(parts[0])), np.arange(len(parts[0]), len(order)))
    return TrainingRows(table, toy_shape(table), CPU)


def trained(specs, rows, epochs=4, *, broadcast=False):
    trainer = PackTrainer(specs, rows, CPU, broadcast=broadcast)
    trainer.advance(epochs)
    return [trainer.remove(handle) for handle in range(len(specs))]


@pytest.mark.parametrize(("task", "loss"), LOSSES)
def test_equal_weights_change_not_one_bit(task, loss):
    spec = toy_spec(task, loss=loss, dropout=0.1)
    (plain,) = trained([spec], weighted_rows(task, None))
    (weighted,) = trained([spec], weighted_rows(task, np.full(200, 8.0)))
    # Sums over rows are divided by a sum of weights in another order: validation agrees to rounding.
    names = [
        name for name in differing(plain, weighted) if name.partition(".")[0] in ("weights", "optimizer")
    ]
    assert names == []
    for first, second in zip(plain.curve, weighted.curve, strict=True):
        assert first.train_loss == second.train_loss
        assert first.validation_loss == pytest.approx(second.validation_loss, rel=1e-12)


@pytest.mark.parametrize("broadcast", [False, True])
@pytest.mark.parametrize(("task", "loss"), LOSSES)
def test_a_row_of_weight_2_is_the_row_twice(task, loss, broadcast):
    """With full batches and no draws both descend alike: within float32's rounding."""
    times = np.random.default_rng(1).integers(1, 4, 200)
    genes = {
        "loss": loss, "batch_size": 4096, "dropout": 0.0, "input_noise": 0.0, "normalisation": "none",
        "layers": 1, "init": "xavier", "bias_init": "zeros", "optimizer": "sgd", "schedule": "constant",
    }  # fmt: skip
    spec = toy_spec(task, **genes)
    rows = weighted_rows(task, times)
    start = PackTrainer([spec], rows, CPU).remove(0)  # initial weights are drawn after as many rows
    (weighted,) = trained([start], rows, broadcast=broadcast)
    (repeated,) = trained([start], repeated_rows(task, times), broadcast=broadcast)
    for first, second in zip(weighted.curve, repeated.curve, strict=True):
        assert first.validation_loss == pytest.approx(second.validation_loss, rel=2e-5)
    for name, tensor in weighted.group("weights").items():
        torch.testing.assert_close(tensor, repeated.group("weights")[name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("task", TASKS)
def test_weights_change_what_is_learnt(task):
    spec = toy_spec(task)
    weights = np.where(np.arange(200) % 3 == 0, 10.0, 0.1)
    (plain,), (weighted,) = (trained([spec], weighted_rows(task, each)) for each in (None, weights))
    assert any(name.startswith("weights.") for name in differing(plain, weighted))


@pytest.mark.parametrize(("task", "loss"), LOSSES)
def test_a_weighted_lane_is_the_same_alone_and_in_company(task, loss):
    rows = weighted_rows(task, np.random.default_rng(2).gamma(1.0, size=200) + 0.01)
    specs = [toy_spec(task, loss=loss, seed=1), toy_spec(task, seed=2), toy_spec(task, fold=1, seed=3)]
    together = trained(specs, rows)
    for spec, state in zip(specs, together, strict=True):
        (alone,) = trained([spec], rows)
        assert differing(alone, state) == []


@pytest.mark.parametrize(("task", "loss"), LOSSES)
def test_the_device_program_weighs_alike(task, loss):
    rows = weighted_rows(task, np.random.default_rng(2).gamma(1.0, size=200) + 0.01)
    specs = [
        toy_spec(task, loss=loss, seed=seed, fold=seed % 2, dropout=0.0, input_noise=0.0) for seed in (1, 2)
    ]
    for first, second in zip(trained(specs, rows), trained(specs, rows, broadcast=True), strict=True):
        for one, other in zip(first.curve, second.curve, strict=True):
            assert one.train_loss == pytest.approx(other.train_loss, rel=1e-4)
            assert one.validation_loss == pytest.approx(other.validation_loss, rel=1e-4)


def predictions(task, rows=150, seed=0):
    rng = np.random.default_rng(seed)
    if task == "regression":
        y = rng.normal(size=rows)
        return y, y + rng.normal(size=rows)
    classes = 2 if task == "binary" else 4
    y = rng.integers(classes, size=rows)
    raw = rng.gamma(1.0, size=(rows, classes)) + np.eye(classes)[y]
    return y, raw / raw.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("task", TASKS)
def test_a_metric_counts_a_row_of_weight_3_thrice(task):
    y, prediction = predictions(task)
    times = np.random.default_rng(5).integers(1, 5, len(y))
    weighted = score(task, y, prediction, weights=times.astype(float))
    repeated = score(task, np.repeat(y, times), np.repeat(prediction, times, axis=0))
    assert weighted == pytest.approx(repeated, rel=1e-12)
    assert score(task, y, prediction, weights=np.ones(len(y))) == pytest.approx(score(task, y, prediction))


@pytest.mark.parametrize("task", TASKS)
def test_resampled_metrics_are_weighted_alike(task):
    """The mean over resamples of the weighted metric lies where the weighted metric itself does."""
    y, prediction = predictions(task, rows=600)
    weights = np.random.default_rng(5).gamma(2.0, size=len(y)) + 3.0 * (np.arange(len(y)) % 2)
    found = resampled_metrics(task, y, {"m": prediction}, weights)["m"]
    expected = score(task, y, prediction, weights=weights)
    for name in metric_names(task):
        assert np.mean(found[name]) == pytest.approx(expected[name], abs=0.3 * np.std(found[name]))


def test_balanced_class_weights_balance_sums_of_weights():
    weights = balanced_class_weights(torch.tensor([0.5, 1.5, 0.0], dtype=torch.float64))
    torch.testing.assert_close(weights, torch.tensor([2 / 1.5, 2 / 4.5, 0.0]))
