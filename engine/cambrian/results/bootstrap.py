"""Every metric on bootstrap resamples of the test rows, the same resamples for every model.

A resample is how often each row was drawn, so a metric on it is a weighted one: computed for a block of
resamples at once, it costs a hundredth of scoring the drawn rows one resample after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cambrian.training.metrics import metric_names
from cambrian.training.spec import Task

MOST_REPEATS, LEAST_REPEATS = 1000, 50
"""The error of a standard error is 2% with 1000 resamples, 10% with 50."""
_WORK = 5e7
"""Resamples times rows times classes: some ten seconds for all metrics of four models."""
_BLOCK = 2**20
"""Rows times resamples held at once."""
_SEED = 20_241_121

Floats = npt.NDArray[np.float64]
Statistics = Callable[[Floats], dict[str, Floats]]
"""Metrics `(resamples,)` of one model from how often each row was drawn `(resamples, rows)`."""


def resampled_metrics(
    task: Task, y: npt.NDArray[Any], predictions: Mapping[str, Floats], weights: Floats | None = None
) -> dict[str, dict[str, Floats]]:
    """The task's metrics of every model on the same resamples of the rows.

    Args:
        task: Decides which metrics there are.
        y: Class indices, or values in the target's unit; shape (rows,).
        predictions: By model: probabilities (rows, classes) or values (rows,).
        weights: How much each row counts each time it is drawn; None: all alike.

    Returns:
        By model and metric `(resamples,)`, NaN where a resample leaves the metric undefined.
    """
    names = metric_names(task)
    statistics = {model: _statistics(task, y, prediction) for model, prediction in predictions.items()}
    classes = max((each.shape[1] for each in predictions.values() if each.ndim == 2), default=1)
    repeats = _repeats(len(y), classes)
    found = {model: {name: np.full(repeats, np.nan) for name in names} for model in predictions}
    for block, drawn in _draws(len(y), repeats):
        if weights is not None:
            drawn *= weights
        for model, statistic in statistics.items():
            if np.isfinite(predictions[model]).all():
                with np.errstate(all="ignore"):  # 0/0 is an undefined metric: NaN
                    for name, values in statistic(drawn).items():
                        found[model][name][block] = values
    return found


def standard_error(resampled: Floats, rows: int) -> float:
    """The standard deviation over the resamples on which the metric is defined; NaN where none tells.

    Times sqrt(n / (n - 1)): a resample of n rows varies too little by that (Efron and Tibshirani 1993, 5.12).
    """
    defined = resampled[np.isfinite(resampled)]
    if rows < 2 or len(defined) < 2:
        return float("nan")
    return float(np.std(defined) * np.sqrt(rows / (rows - 1)))


def _repeats(rows: int, classes: int) -> int:
    return int(np.clip(_WORK / max(1, rows * classes), LEAST_REPEATS, MOST_REPEATS))


def _draws(rows: int, repeats: int) -> Iterator[tuple[slice, Floats]]:
    """Blocks of resamples: which they are, and how often each draws each row `(block, rows)`."""
    rng = np.random.default_rng(_SEED)
    size = max(1, _BLOCK // max(1, rows))
    for start in range(0, repeats if rows else 0, size):
        count = min(size, repeats - start)
        drawn = rng.integers(0, rows, (count, rows)) + rows * np.arange(count)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=count * rows).reshape(count, rows)
        yield slice(start, start + count), counts.astype(np.float64)


def _statistics(task: Task, y: npt.NDArray[Any], prediction: Floats) -> Statistics:
    if task == "regression":
        return _regression(y, prediction)
    parts = [_row_means(y, prediction), _counted(task, y, prediction), _ranked(y, prediction)]
    return lambda drawn: {name: values for part in parts for name, values in part(drawn).items()}


def _regression(y: Floats, prediction: Floats) -> Statistics:
    with np.errstate(over="ignore", invalid="ignore"):
        error = prediction - y
        centred = y - y.mean()
        terms = np.stack([np.square(error), np.abs(error), centred, np.square(centred)], axis=1)

    def statistics(drawn: Floats) -> dict[str, Floats]:
        square, absolute, sums, squares = (drawn @ terms).T
        rows = drawn.sum(axis=1)
        spread = squares - np.square(sums) / rows
        # Of equal values nothing but rounding is left.
        spread[spread <= 1e-12 * squares] = np.nan
        return {"rmse": np.sqrt(square / rows), "mae": absolute / rows, "r2": 1.0 - square / spread}

    return statistics


def _row_means(y: npt.NDArray[np.int64], prediction: Floats) -> Statistics:
    """Metrics that are the mean of a loss of each row."""
    rows = np.arange(len(y))
    eps = np.finfo(prediction.dtype).eps  # the metric's own clip
    error = np.array(prediction, dtype=np.float64)
    error[rows, y] -= 1.0
    losses = {
        "log_loss": -np.log(np.clip(prediction[rows, y], eps, 1 - eps)),
        "brier": np.square(error).sum(axis=1) / (2.0 if prediction.shape[1] == 2 else 1.0),
        "accuracy": prediction.argmax(axis=1) == y,
    }
    table = np.stack([np.asarray(loss, dtype=np.float64) for loss in losses.values()], axis=1)
    return lambda drawn: dict(zip(losses, (drawn @ table).T / drawn.sum(axis=1), strict=True))


def _counted(task: Task, y: npt.NDArray[np.int64], prediction: Floats) -> Statistics:
    """Metrics of how many rows of each class there are, were predicted, and were predicted right."""
    classes = prediction.shape[1]
    guess = prediction.argmax(axis=1)
    hit = guess == y

    def per_class(labels: npt.NDArray[np.int64], drawn: Floats) -> Floats:
        return np.stack([np.bincount(labels, weights=row, minlength=classes) for row in drawn])

    def statistics(drawn: Floats) -> dict[str, Floats]:
        true, guessed = per_class(y, drawn), per_class(guess, drawn)
        right = per_class(y, drawn * hit)
        f1 = 2 * right / (true + guessed)  # NaN: neither there nor predicted
        found = {"balanced_accuracy": _mean_of_defined(right / true), "macro_f1": _mean_of_defined(f1)}
        if task == "binary":
            found["f1"] = np.nan_to_num(f1[:, 1], nan=0.0)
            found["precision"] = np.nan_to_num(right[:, 1] / guessed[:, 1], nan=0.0)
            found["recall"] = right[:, 1] / true[:, 1]
        return found

    return statistics


def _ranked(y: npt.NDArray[np.int64], prediction: Floats) -> Statistics:
    """ROC AUC and average precision, of class 1 or the mean over several classes."""
    numbers = (1,) if prediction.shape[1] == 2 else tuple(np.unique(y).tolist())
    curves = [_curve(y == number, prediction[:, number]) for number in numbers]

    def statistics(drawn: Floats) -> dict[str, Floats]:
        areas = np.array([curve(drawn) for curve in curves])  # (classes, 2, resamples)
        roc, precision = areas.transpose(1, 2, 0)
        return {"roc_auc": _mean_of_defined(roc), "average_precision": _mean_of_defined(precision)}

    return statistics


def _curve(positive: npt.NDArray[np.bool_], values: Floats) -> Callable[[Floats], tuple[Floats, Floats]]:
    """Areas under the ROC curve and (by steps) the precision-recall curve; equal values are one threshold."""
    order = np.argsort(-values, kind="stable").astype(np.int32)
    thresholds = np.append(np.flatnonzero(np.diff(values[order])), len(values) - 1)

    def areas(drawn: Floats) -> tuple[Floats, Floats]:
        ordered = drawn[:, order]
        taken = ordered.cumsum(axis=1)[:, thresholds]
        found = (ordered * positive[order]).cumsum(axis=1)[:, thresholds]
        new = np.diff(found, prepend=0.0)
        missed = taken - found
        positives, negatives = found[:, -1], missed[:, -1]
        steps = np.diff(missed, prepend=0.0)
        roc = (steps * (found - 0.5 * new)).sum(axis=1) / (positives * negatives)
        by_steps = np.where(new > 0, new * found / taken, 0.0).sum(axis=1) / positives
        by_steps[negatives == 0] = np.nan  # undefined where there is one class, as the metric
        return roc, by_steps

    return areas


def _mean_of_defined(values: Floats) -> Floats:
    """The mean over the classes `(resamples, classes)` on which a metric is defined; NaN if on none."""
    defined = np.isfinite(values)
    return np.asarray(np.where(defined, values, 0.0).sum(axis=1) / defined.sum(axis=1))
