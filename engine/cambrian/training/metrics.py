"""The measures by which a model is judged and a search is steered. numpy; scikit-learn is imported on use.

Every metric takes weights of the rows: a row of weight 2 counts as the same row twice. Three rules hold for
every metric. A prediction that is not finite gives NaN. So does a `y` without rows. And
a class that is absent from `y` never raises: a metric that is a mean over classes takes those on which it is
defined, and a metric that has none left (the ROC-AUC of one class) is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cambrian.errors import SettingError
from cambrian.records import Direction, Objective
from cambrian.training.spec import Task

Array = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]
Weights = NDArray[np.float64] | None

_CLASSIFICATION: tuple[Task, ...] = ("binary", "multiclass")
_BINARY: tuple[Task, ...] = ("binary",)
_REGRESSION: tuple[Task, ...] = ("regression",)


class Compute(Protocol):
    """What computes a metric."""

    def __call__(self, y: Any, prediction: Any, weights: Weights = None, /) -> float:
        """Its value."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A measure of predictions against the truth.

    Attributes:
        direction: Whether less or more of it is better.
        tasks: The tasks on which it is defined.
        help: What it measures, in one sentence.
        compute: `(y, prediction, weights) -> value`, on at least one row of finite predictions; two columns
            are those of a binary task, for a multiclass one has three classes or more. The weights are above
            0; None, the default: all alike.
    """

    direction: Direction
    tasks: tuple[Task, ...]
    help: str
    compute: Compute


def score(
    task: Task,
    y: NDArray[Any],
    prediction: Array,
    names: Iterable[str] | None = None,
    *,
    weights: Weights = None,
) -> dict[str, float]:
    """The metrics of a prediction.

    Args:
        task: Decides what `prediction` is.
        y: Class indices `(n,)`, or target values `(n,)` in their own unit.
        prediction: Probabilities `(n, classes)` (binary: 2 columns, index 1 is the positive class), or values
            `(n,)`.
        names: Which metrics; all that the task has if None.
        weights: How much each row counts, above 0; None: all alike.

    Raises:
        SettingError: A name is not a metric of this task; lists those that are.
    """
    known = metric_names(task)
    chosen = known if names is None else tuple(names)
    for name in chosen:
        if name not in known:
            raise _unknown("metric", name, task, known)
    if not len(y) or not np.isfinite(prediction).all():
        return dict.fromkeys(chosen, math.nan)
    return {name: METRICS[name].compute(y, prediction, weights) for name in chosen}


def metric_names(task: Task) -> tuple[str, ...]:
    """The metrics of a task, in the order in which they are shown."""
    return tuple(name for name, metric in METRICS.items() if task in metric.tasks)


def objective_names(task: Task) -> tuple[str, ...]:
    """What can be optimised for a task: its metrics, then the measures of the model itself."""
    return metric_names(task) + tuple(_MODEL_OBJECTIVES)


def objective(name: str, task: Task) -> Objective:
    """The objective of that name.

    Raises:
        SettingError: The task has no such objective; lists those it has.
    """
    allowed = objective_names(task)
    if name not in allowed:
        raise _unknown("objective", name, task, allowed)
    return Objective(name, _MODEL_OBJECTIVES.get(name) or METRICS[name].direction)


def check_objectives(names: Sequence[str], task: Task | None = None) -> None:
    """Refuse objectives that a run cannot have.

    Args:
        names: As the user gave them.
        task: What is learnt, or None as long as the data is not known.

    Raises:
        SettingError: One is given twice, or is no objective of the task, or of any.
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingError(f"The objective {twice[0]!r} is given twice.", "Name each objective once.")
    allowed = (*METRICS, *_MODEL_OBJECTIVES) if task is None else objective_names(task)
    for name in names:
        if name not in allowed:
            raise _unknown("objective", name, task, allowed)


def default_objective(task: Task) -> Objective:
    """RMSE for regression, log-loss for classification: what every epoch is judged by, too."""
    return objective("rmse" if task == "regression" else "log_loss", task)


def log_loss(y: Labels, prediction: Array, weights: Weights = None) -> float:
    """Mean negative natural logarithm of the true class's probability, clipped to the type's precision."""
    eps = np.finfo(prediction.dtype).eps
    true = prediction[np.arange(len(y)), y]
    return _mean(-np.log(np.clip(true, eps, 1 - eps), dtype=np.float64), weights)


def brier(y: Labels, prediction: Array, weights: Weights = None) -> float:
    """Mean squared error of the probabilities: of the positive class (binary), or summed over the classes."""
    error = prediction.astype(np.float64)
    error[np.arange(len(y)), y] -= 1.0
    total = _mean((error**2).sum(axis=1), weights)
    return total / 2.0 if prediction.shape[1] == 2 else total


def accuracy(y: Labels, prediction: Array, weights: Weights = None) -> float:
    """Part of the rows whose most probable class (the first among equals) is the true one."""
    return _mean(prediction.argmax(axis=1) == y, weights)


def balanced_accuracy(y: Labels, prediction: Array, weights: Weights = None) -> float:
    """Mean recall over the classes that occur in `y`."""
    hit = prediction.argmax(axis=1) == y
    rows = np.bincount(y, weights)
    right = np.bincount(y, weights=hit if weights is None else hit * weights)
    return float((right[rows > 0] / rows[rows > 0]).mean())


def macro_f1(y: Labels, prediction: Array, weights: Weights = None) -> float:
    """Mean F1 over the classes that occur in `y` or are predicted."""
    from sklearn.metrics import f1_score

    guess = prediction.argmax(axis=1)
    return float(f1_score(y, guess, average="macro", zero_division=0.0, sample_weight=weights))


def f1(y: Labels, prediction: Array, weights: Weights = None) -> float:
    """F1 of the positive class; 0 where nothing is positive, nor predicted so."""
    from sklearn.metrics import f1_score

    guess = prediction.argmax(axis=1)
    return float(f1_score(y, guess, zero_division=0.0, sample_weight=weights))


def precision(y: Labels, prediction: Array, weights: Weights = None) -> float:
    """Part of the rows predicted positive that are; 0 where none is predicted so."""
    from sklearn.metrics import precision_score

    guess = prediction.argmax(axis=1)
    return float(precision_score(y, guess, zero_division=0.0, sample_weight=weights))


def recall(y: Labels, prediction: Array, weights: Weights = None) -> float:
    """Part of the positive rows that are predicted so; NaN where none is positive."""
    from sklearn.metrics import recall_score

    guess = prediction.argmax(axis=1)
    return float(recall_score(y, guess, zero_division=np.nan, sample_weight=weights))


def roc_auc(y: Labels, prediction: Array, weights: Weights = None) -> float:
    """Area under the ROC curve; for several classes the mean of one against the rest."""
    from sklearn.metrics import roc_auc_score

    return _over_classes(y, prediction, roc_auc_score, weights)


def average_precision(y: Labels, prediction: Array, weights: Weights = None) -> float:
    """Area under the precision-recall curve as a sum of steps; for several classes the mean of each one's."""
    from sklearn.metrics import average_precision_score

    return _over_classes(y, prediction, average_precision_score, weights)


def rmse(y: Array, prediction: Array, weights: Weights = None) -> float:
    """Root of the mean squared error, in the target's unit."""
    return math.sqrt(_mean(np.square(np.subtract(y, prediction, dtype=np.float64)), weights))


def mae(y: Array, prediction: Array, weights: Weights = None) -> float:
    """Mean absolute error, in the target's unit."""
    return _mean(np.abs(np.subtract(y, prediction, dtype=np.float64)), weights)


def r2(y: Array, prediction: Array, weights: Weights = None) -> float:
    """Part of the variance explained; NaN where the target does not vary."""
    error = np.square(np.subtract(y, prediction, dtype=np.float64))
    if weights is None:
        spread = np.square(y - np.mean(y, dtype=np.float64)).sum()
    else:
        error, spread = error * weights, np.square(y - np.average(y, weights=weights)) @ weights
    error = error.sum()
    return float(1.0 - error / spread) if np.ptp(y) > 0 and spread > 0 else math.nan


def _mean(values: NDArray[Any], weights: Weights) -> float:
    return float(values.mean() if weights is None else np.average(values, weights=weights))


def _over_classes(y: Labels, prediction: Array, binary: Callable[..., float], weights: Weights) -> float:
    """The mean of a binary metric over the classes that have rows inside and outside (binary: class 1)."""
    classes = (1,) if prediction.shape[1] == 2 else range(prediction.shape[1])
    values = [
        float(binary(y == c, prediction[:, c], sample_weight=weights))
        for c in classes
        if (y == c).any() and not (y == c).all()
    ]
    return math.fsum(values) / len(values) if values else math.nan


def _unknown(kind: str, name: str, task: Task | None, allowed: tuple[str, ...]) -> SettingError:
    of = "any" if task is None else f"a {task}"
    return SettingError(f"{name!r} is no {kind} of {of} task.", f"Choose among {', '.join(allowed)}.")


_MODEL_OBJECTIVES: dict[str, Direction] = {"parameters": "minimize"}

METRICS: dict[str, Metric] = {
    "log_loss": Metric(
        "minimize",
        _CLASSIFICATION,
        "Mean negative log-probability of the true class (natural logarithm).",
        log_loss,
    ),
    "brier": Metric("minimize", _CLASSIFICATION, "Mean squared error of the probabilities.", brier),
    "accuracy": Metric("maximize", _CLASSIFICATION, "Part of the rows classified right.", accuracy),
    "balanced_accuracy": Metric(
        "maximize", _CLASSIFICATION, "Mean over the classes of the part classified right.", balanced_accuracy
    ),
    "macro_f1": Metric("maximize", _CLASSIFICATION, "Mean F1 over the classes.", macro_f1),
    "f1": Metric("maximize", _BINARY, "Harmonic mean of precision and recall.", f1),
    "precision": Metric("maximize", _BINARY, "Part of the predicted positives that are positive.", precision),
    "recall": Metric("maximize", _BINARY, "Part of the positives that are found.", recall),
    "roc_auc": Metric(
        "maximize",
        _CLASSIFICATION,
        "Area under the ROC curve (several classes: one against the rest).",
        roc_auc,
    ),
    "average_precision": Metric(
        "maximize", _CLASSIFICATION, "Area under the precision-recall curve.", average_precision
    ),
    "rmse": Metric("minimize", _REGRESSION, "Root of the mean squared error, in the target's unit.", rmse),
    "mae": Metric("minimize", _REGRESSION, "Mean absolute error, in the target's unit.", mae),
    "r2": Metric("maximize", _REGRESSION, "Part of the target's variance explained.", r2),
}
"""Every metric by its name."""
