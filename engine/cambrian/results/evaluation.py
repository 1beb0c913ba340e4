"""The one look at the test part: scores with standard errors, and paired differences to the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cambrian.training.metrics import METRICS, score
from cambrian.training.spec import Task

REPEATS = 1000
METRIC_LABELS = {
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
    "r2": "R²",
    "log_loss": "log-loss",
    "roc_auc": "ROC AUC",
    "brier": "Brier score",
    "f1": "F1",
    "macro_f1": "macro F1",
}
_ROW_METRICS = ("log_loss", "brier", "accuracy", "rmse", "mae")
_WORK = 2_000_000
"""Rows times repeats that a metric which must be computed anew for every resample may take."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """A metric on the test part and its bootstrap standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Model minus baseline in a metric on the same rows, with the paired bootstrap's standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class TestScores:
    """What the one look at the test part showed; `scores` is by model, then metric."""

    rows: int
    metric: str
    scores: Mapping[str, Mapping[str, Score]]
    differences: Mapping[str, Difference]

    def to_json(self) -> dict[str, Any]:
        """The scores as JSON values."""
        return asdict(self)


def evaluate(
    task: Task,
    y: npt.NDArray[Any],
    predictions: Mapping[str, Floats],
    *,
    metric: str,
    model: str = "champion",
) -> TestScores:
    """Score every model on the same rows, resampled together (bootstrap, Efron and Tibshirani 1993, ch. 6).

    Args:
        task: Decides which metrics there are.
        y: Class indices, or values in the target's unit; shape (rows,).
        predictions: By model: probabilities (rows, classes) or values (rows,); holds `model`.
        metric: The metric of the differences: the run's first objective that is one.
        model: The delivered model.
    """
    names = [name for name, each in METRICS.items() if task in each.tasks]
    scores: dict[str, dict[str, Score]] = {each: {} for each in predictions}
    resampled: dict[str, dict[str, Floats]] = {each: {} for each in predictions}
    for each, prediction in predictions.items():
        values = score(task, y, prediction, names)
        for name in names:
            spread = _resampled(task, y, prediction, name)
            resampled[each][name] = spread
            scores[each][name] = Score(values[name], float(np.nanstd(spread)))
    differences = {
        each: Difference(
            scores[model][metric].value - scores[each][metric].value,
            float(np.nanstd(resampled[model][metric] - resampled[each][metric])),
        )
        for each in predictions
        if each != model
    }
    return TestScores(len(y), metric, scores, differences)


def _resampled(task: Task, y: npt.NDArray[Any], prediction: Floats, name: str) -> Floats:
    """The metric on bootstrap resamples; the same seed draws the same rows for every model."""
    rng = np.random.default_rng(20_241_121)
    rows = len(y)
    losses = _row_losses(task, y, prediction, name)
    if losses is not None:
        means = np.array(
            [losses[rng.integers(0, rows, rows)].mean() for _ in range(_repeats(rows, fast=True))]
        )
        return np.sqrt(means) if name == "rmse" else means
    values = []
    for _ in range(_repeats(rows, fast=False)):
        sample = rng.integers(0, rows, rows)
        values.append(score(task, y[sample], prediction[sample], [name])[name])
    return np.asarray(values, dtype=float)


def _repeats(rows: int, *, fast: bool) -> int:
    if fast:
        return int(np.clip(20 * _WORK // max(rows, 1), 100, REPEATS))
    return int(np.clip(_WORK // max(rows, 1), 20, 200))


def _row_losses(task: Task, y: npt.NDArray[Any], prediction: Floats, name: str) -> Floats | None:
    """The per-row terms whose mean is the metric (RMSE: its square); None if it has none."""
    if name not in _ROW_METRICS:
        return None
    return np.asarray(_terms(task, y, prediction, name), dtype=np.float64)


def _terms(task: Task, y: npt.NDArray[Any], prediction: Floats, name: str) -> Any:
    if task == "regression":
        error = prediction - y
        return np.abs(error) if name == "mae" else np.square(error)
    rows = np.arange(len(y))
    if name == "accuracy":
        return prediction.argmax(axis=1) == y
    if name == "log_loss":
        return -np.log(np.clip(prediction[rows, y], 1e-15, 1.0))
    if task == "binary":
        return np.square(prediction[:, 1] - y)
    target = np.zeros_like(prediction)
    target[rows, y] = 1.0
    return np.square(prediction - target).sum(axis=1)


def verdict(scores: TestScores, *, labels: Mapping[str, str], unit: str = "") -> str:
    """One plain sentence: how the delivered model does beside the best baseline, also when it loses.

    Args:
        scores: The look at the test part.
        labels: Names of the models for people.
        unit: The target's name for errors in its unit.
    """
    metric = scores.metric
    minimise = METRICS[metric].direction == "minimize"
    baselines = [each for each in scores.differences if each != "majority"]
    best = (min if minimise else max)(baselines, key=lambda each: scores.scores[each][metric].value)
    gap = scores.differences[best]
    lead = -gap.value if minimise else gap.value
    if lead > gap.error:
        word = "better than"
    elif lead < -gap.error:
        word = "worse than"
    else:
        word = "not clearly different from"
    mine, theirs = scores.scores["champion"][metric], scores.scores[best][metric]
    name = METRIC_LABELS.get(metric, metric.replace("_", " "))
    what = f"{name} of {unit}" if unit else name
    return (
        f"On {scores.rows} rows it never saw, the evolved network is {word} {labels[best]}: "
        f"{what} {_plain(mine)} against {_plain(theirs)} (difference {_signed(gap)})."
    )


def _plain(value: Score) -> str:
    digits = _digits(value.error)
    return f"{value.value:.{digits}f} ± {value.error:.{digits}f}"


def _signed(value: Difference) -> str:
    digits = _digits(value.error)
    return f"{value.value:+.{digits}f} ± {value.error:.{digits}f}"


def _digits(error: float) -> int:
    """Decimals that show two digits of the error."""
    if not np.isfinite(error) or error <= 0:
        return 4
    return int(np.clip(1 - np.floor(np.log10(error)), 0, 8))


def model_order(scores: TestScores) -> Sequence[str]:
    """The models from best to worst in the scores' metric."""
    sign = 1 if METRICS[scores.metric].direction == "minimize" else -1
    return sorted(scores.scores, key=lambda each: sign * scores.scores[each][scores.metric].value)
