"""Metrics against scikit-learn, their rules for absent classes, and the registry of objectives."""

from __future__ import annotations

import math
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from cambrian.errors import SettingError
from cambrian.space.families.mlp_training import ACCURACY_LIKE
from cambrian.training.metrics import (
    METRICS,
    default_objective,
    metric_names,
    objective,
    objective_names,
    score,
)

Arrays = tuple[np.ndarray, np.ndarray]


def classification(classes: int, n: int = 200, seed: int = 0) -> Arrays:
    rng = np.random.default_rng(seed)
    y = rng.integers(classes, size=n)
    raw = rng.gamma(1.0, size=(n, classes)) + 1.5 * (rng.random((n, 1)) < 0.5) * np.eye(classes)[y]
    return y, raw / raw.sum(axis=1, keepdims=True)


def label(p: np.ndarray) -> np.ndarray:
    return p.argmax(axis=1)


BOTH: dict[str, Callable[..., float]] = {
    "log_loss": lambda y, p: reference.log_loss(y, p, labels=range(p.shape[1])),
    "accuracy": lambda y, p: reference.accuracy_score(y, label(p)),
    "balanced_accuracy": lambda y, p: reference.balanced_accuracy_score(y, label(p)),
    "macro_f1": lambda y, p: reference.f1_score(y, label(p), average="macro"),
}
BINARY: dict[str, Callable[..., float]] = BOTH | {
    "brier": lambda y, p: reference.brier_score_loss(y, p[:, 1]),
    "f1": lambda y, p: reference.f1_score(y, label(p)),
    "precision": lambda y, p: reference.precision_score(y, label(p)),
    "recall": lambda y, p: reference.recall_score(y, label(p)),
    "roc_auc": lambda y, p: reference.roc_auc_score(y, p[:, 1]),
    "average_precision": lambda y, p: reference.average_precision_score(y, p[:, 1]),
}
MULTICLASS: dict[str, Callable[..., float]] = BOTH | {
    "brier": lambda y, p: float(((p - np.eye(p.shape[1])[y]) ** 2).sum(axis=1).mean()),
    "roc_auc": lambda y, p: reference.roc_auc_score(y, p, multi_class="ovr"),
    "average_precision": lambda y, p: reference.average_precision_score(np.eye(p.shape[1])[y], p),
}
REGRESSION: dict[str, Callable[..., float]] = {
    "rmse": reference.root_mean_squared_error,
    "mae": reference.mean_absolute_error,
    "r2": reference.r2_score,
}


@pytest.mark.parametrize(
    ("task", "classes", "expected"), [("binary", 2, BINARY), ("multiclass", 4, MULTICLASS)]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_classification_against_scikit_learn(task: Any, classes: int, expected: Any, dtype: Any) -> None:
    y, p = classification(classes)
    p = p.astype(dtype)
    got = score(task, y, p)
    assert set(got) == set(expected)
    for name, function in expected.items():
        assert got[name] == pytest.approx(function(y, p), rel=1e-6), name


def test_regression_against_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(100, 5, 80)
    prediction = y + rng.normal(0, 2, 80)
    got = score("regression", y, prediction)
    assert set(got) == set(REGRESSION)
    for name, function in REGRESSION.items():
        assert got[name] == pytest.approx(function(y, prediction), rel=1e-9), name


def test_log_loss_clips_certain_predictions_as_scikit_learn_does() -> None:
    y, p = np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]], dtype=np.float32)
    expected = reference.log_loss(y, p)
    assert score("binary", y, p, ["log_loss"])["log_loss"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("task", "classes"), [("binary", 2), ("multiclass", 4)])
@given(data=st.data())
def test_absent_classes_never_raise_nor_warn(task: Any, classes: int, data: st.DataObject) -> None:
    y = np.array(data.draw(st.lists(st.integers(0, classes - 1), min_size=1, max_size=6)))
    raw = data.draw(st.lists(st.integers(0, 3), min_size=len(y) * classes, max_size=len(y) * classes))
    p = np.array(raw, dtype=float).reshape(len(y), classes) + 0.01
    p /= p.sum(axis=1, keepdims=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = score(task, y, p)
    always = [name for name in got if name not in ("roc_auc", "average_precision", "recall")]
    assert all(math.isfinite(got[name]) for name in always)


def test_what_one_class_leaves_defined() -> None:
    p = np.array([[0.8, 0.2], [0.4, 0.6]])
    negatives = score("binary", np.array([0, 0]), p)
    assert math.isnan(negatives["roc_auc"])
    assert math.isnan(negatives["recall"])
    assert math.isnan(negatives["average_precision"])
    assert negatives["f1"] == negatives["precision"] == 0.0
    assert negatives["balanced_accuracy"] == 0.5
    positives = score("binary", np.array([1, 1]), p)
    assert math.isnan(positives["roc_auc"])
    assert positives["recall"] == 0.5


def test_the_mean_over_classes_takes_those_that_occur() -> None:
    y, p = classification(3)
    wide = np.column_stack([p, np.zeros(len(y))])
    for name in ("roc_auc", "average_precision", "balanced_accuracy", "macro_f1", "log_loss"):
        assert score("multiclass", y, wide, [name])[name] == pytest.approx(
            score("multiclass", y, p, [name])[name]
        )


def test_no_rows_and_predictions_that_are_no_numbers_give_nan() -> None:
    y, p = classification(2, n=5)
    p[2, 0] = math.nan
    assert all(math.isnan(value) for value in score("binary", y, p).values())
    assert all(math.isnan(v) for v in score("regression", np.array([1.0]), np.array([math.inf])).values())
    assert all(math.isnan(v) for v in score("regression", np.empty(0), np.empty(0)).values())


def test_r2_of_a_constant_target_is_undefined() -> None:
    assert math.isnan(score("regression", np.ones(3), np.array([1.0, 1.0, 2.0]))["r2"])


def test_only_what_is_asked_is_computed() -> None:
    y, p = classification(2)
    assert list(score("binary", y, p, ["roc_auc", "log_loss"])) == ["roc_auc", "log_loss"]


def test_a_metric_of_another_task_is_refused_with_the_list() -> None:
    y, p = classification(3)
    with pytest.raises(SettingError) as caught:
        score("multiclass", y, p, ["precision"])
    assert "precision" in caught.value.problem
    assert "macro_f1" in caught.value.remedy


def test_objectives() -> None:
    assert objective("parameters", "regression").direction == "minimize"
    assert objective("roc_auc", "binary").direction == "maximize"
    assert default_objective("regression") == objective("rmse", "regression")
    assert default_objective("multiclass") == objective("log_loss", "multiclass")
    with pytest.raises(SettingError) as caught:
        objective("rmse", "binary")
    for name in objective_names("binary"):
        assert name in caught.value.remedy


def test_every_metric_says_what_it_is() -> None:
    for metric in METRICS.values():
        assert metric.help.endswith(".")
        assert metric.direction in ("minimize", "maximize")
    assert metric_names("regression") == ("rmse", "mae", "r2")


def test_torch_is_never_loaded_and_scikit_learn_only_when_needed() -> None:
    code = """
import sys, numpy as np
from cambrian.training.metrics import score, objective
half = np.full((2, 2), 0.5)
score("binary", np.array([0, 1]), half, ["log_loss", "brier", "accuracy", "balanced_accuracy"])
score("regression", np.zeros(2), np.zeros(2))
sys.exit("torch" in sys.modules or "sklearn" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_search_space_knows_the_metrics_that_see_only_the_predicted_class() -> None:
    """Those that stay as they are when the probabilities change, and their order, but not the classes."""
    found, rng = set(), np.random.default_rng(0)
    for task, classes in (("binary", 2), ("multiclass", 3)):
        y, p = classification(classes)
        share = rng.random((len(p), 1))
        surer = share * p + (1 - share) * np.eye(classes)[p.argmax(axis=1)]
        before, after = score(task, y, p), score(task, y, surer)
        found |= {name for name in before if before[name] == after[name]}
    assert found == ACCURACY_LIKE
