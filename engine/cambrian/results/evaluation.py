"""The one look at the test part: scores with standard errors, and paired differences to the baselines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cambrian.results.bootstrap import resampled_metrics, standard_error
from cambrian.training.metrics import METRICS, metric_names, score
from cambrian.training.spec import Task

CHAMPION = "champion"
"""The name under which the delivered model stands among the scored ones."""
CLEAR = 2.0
"""Standard errors beyond which a difference is called one: chance alone gets there one time in twenty."""
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

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """A metric on the test part, or a difference in one, and its bootstrap standard error; NaN: undefined."""

    value: float
    error: float

    def to_json(self) -> dict[str, float | None]:
        """As JSON values; what is undefined or infinite is null."""
        return {"value": finite_or_none(self.value), "error": finite_or_none(self.error)}


@dataclass(frozen=True, slots=True)
class TestScores:
    """What the one look at the test part showed.

    Attributes:
        rows: Rows of the test part.
        metric: The metric of the differences.
        scores: By model, then metric.
        differences: Champion minus baseline on the same rows, with the paired bootstrap's standard error.
    """

    rows: int
    metric: str
    scores: Mapping[str, Mapping[str, Score]]
    differences: Mapping[str, Score]

    def to_json(self) -> dict[str, Any]:
        """The scores as JSON values; what is undefined is null."""
        return {
            "rows": self.rows,
            "metric": self.metric,
            "scores": {
                model: {name: each.to_json() for name, each in values.items()}
                for model, values in self.scores.items()
            },
            "differences": {model: each.to_json() for model, each in self.differences.items()},
        }


def evaluate(
    task: Task,
    y: npt.NDArray[Any],
    predictions: Mapping[str, Floats],
    *,
    metric: str,
    weights: Floats | None = None,
) -> TestScores:
    """Score every model on the same rows, resampled together (bootstrap, Efron and Tibshirani 1993, ch. 6).

    Args:
        task: Decides which metrics there are.
        y: Class indices, or values in the target's unit; shape (rows,).
        predictions: By model: probabilities (rows, classes) or values (rows,); holds the champion's.
        metric: The metric of the differences: the run's first objective that is one.
        weights: How much each row counts; None: all alike.
    """
    names = metric_names(task)
    resampled = resampled_metrics(task, y, predictions, weights)
    scores: dict[str, dict[str, Score]] = {}
    for model, prediction in predictions.items():
        values = score(task, y, prediction, names, weights=weights)
        scores[model] = {
            name: Score(values[name], standard_error(resampled[model][name], len(y))) for name in names
        }
    differences = {}
    for model in predictions:
        if model != CHAMPION:
            with np.errstate(invalid="ignore"):  # infinite errors of both have no difference
                paired = resampled[CHAMPION][metric] - resampled[model][metric]
            gap = scores[CHAMPION][metric].value - scores[model][metric].value
            differences[model] = Score(gap, standard_error(paired, len(y)))
    return TestScores(len(y), metric, scores, differences)


def finite_or_none(value: float) -> float | None:
    """The value, or None where JSON has no number for it."""
    return value if math.isfinite(value) else None


def verdict(scores: TestScores, *, labels: Mapping[str, str], unit: str = "") -> str:
    """One plain sentence: how the delivered model does beside the best baseline, also when it loses.

    Args:
        scores: The look at the test part.
        labels: Names of the baselines for people, as in "better than ...".
        unit: The target's name for errors in its unit.
    """
    metric = scores.metric
    name = METRIC_LABELS.get(metric, metric.replace("_", " "))
    what = f"{name} of {unit}" if unit else name
    rows = f"{scores.rows} row{'' if scores.rows == 1 else 's'} it never saw"
    sign = 1.0 if METRICS[metric].direction == "minimize" else -1.0
    values = {model: sign * scores.scores[model][metric].value for model in scores.scores}
    baselines = [model for model in scores.differences if math.isfinite(values[model])]
    if not scores.differences and math.isfinite(values[CHAMPION]):
        value = _text(scores.scores[CHAMPION][metric])
        return f"On {rows}, the evolved network has {what} {value}; no baseline is there to compare it with."
    if not baselines or not math.isfinite(values[CHAMPION]):
        return f"On {rows}, the evolved network cannot be judged: there the {what} is not defined."
    best = min(baselines, key=lambda model: values[model])
    gap = scores.differences[best]
    if sign * gap.value < -CLEAR * gap.error:
        word = "better than"
    elif sign * gap.value > CLEAR * gap.error:
        word = "worse than"
    else:
        word = "not clearly different from"
    mine, theirs = scores.scores[CHAMPION][metric], scores.scores[best][metric]
    return (
        f"On {rows}, the evolved network is {word} {labels[best]}: "
        f"{what} {_text(mine)} against {_text(theirs)} (difference {_text(gap, sign='+')})."
    )


def _text(value: Score, *, sign: str = "") -> str:
    """Value and error with the decimals that show two digits of the error."""
    if not math.isfinite(value.error):
        return f"{value.value:{sign}.4g}"
    digits = 4 if value.error <= 0 else 1 - math.floor(math.log10(value.error))
    if digits > 8 or max(abs(value.value), value.error) >= 1e12:
        return f"{value.value:{sign}.6g} ± {value.error:.2g}"
    digits = max(digits, 0)
    return f"{value.value:{sign}.{digits}f} ± {value.error:.{digits}f}"
