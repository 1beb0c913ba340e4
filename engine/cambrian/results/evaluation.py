"""The one look at the test part: scores with standard errors, and paired differences to the baselines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

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

_WORDS = {"better": "better than", "worse": "worse than", "alike": "not clearly different from"}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """A metric on the test part, or a difference in one, and its bootstrap standard error; NaN: undefined."""

    value: float
    error: float

    def to_json(self) -> dict[str, float | None]:
        """As JSON values; what is undefined or infinite is null."""
        return {"value": finite_or_none(self.value), "error": finite_or_none(self.error)}

    @classmethod
    def from_json(cls, value: Mapping[str, float | None]) -> Self:
        """The score that `to_json` wrote; what was infinite is NaN."""
        number, error = value["value"], value["error"]
        return cls(math.nan if number is None else number, math.nan if error is None else error)

    def text(self, *, sign: str = "") -> str:
        """Value and error with the decimals that show two digits of the error.

        Args:
            sign: "+" where a difference is to show that it is one.
        """
        if not math.isfinite(self.error):
            return f"{self.value:{sign}.4g}"
        digits = 4 if self.error <= 0 else 1 - math.floor(math.log10(self.error))
        if digits > 8 or max(abs(self.value), self.error) >= 1e12:
            return f"{self.value:{sign}.6g} ± {self.error:.2g}"
        digits = max(digits, 0)
        return f"{self.value:{sign}.{digits}f} ± {self.error:.{digits}f}"


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

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The scores that `to_json` wrote."""
        scores = {
            model: {name: Score.from_json(each) for name, each in values.items()}
            for model, values in value["scores"].items()
        }
        differences = {model: Score.from_json(each) for model, each in value["differences"].items()}
        return cls(value["rows"], value["metric"], scores, differences)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the delivered model does beside the best baseline.

    Attributes:
        mine: The delivered model's score; None where it is not defined, or no baseline's is.
        word: better, worse or alike (not clearly different); None without any baseline, or without `mine`.
        baseline: The best baseline; empty likewise.
        theirs: Its score.
        gap: The difference of the two.
    """

    mine: Score | None
    word: Literal["better", "worse", "alike"] | None = None
    baseline: str = ""
    theirs: Score | None = None
    gap: Score | None = None


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


def judge(scores: TestScores) -> Judgement:
    """Compare the delivered model with the best of the baselines, by the metric of the differences."""
    metric = scores.metric
    sign = 1.0 if METRICS[metric].direction == "minimize" else -1.0
    values = {model: sign * scores.scores[model][metric].value for model in scores.scores}
    mine = scores.scores[CHAMPION][metric]
    if not scores.differences and math.isfinite(mine.value):
        return Judgement(mine)
    baselines = [model for model in scores.differences if math.isfinite(values[model])]
    if not baselines or not math.isfinite(mine.value):
        return Judgement(None)
    best = min(baselines, key=lambda model: values[model])
    gap = scores.differences[best]
    word: Literal["better", "worse", "alike"] = "alike"
    if abs(gap.value) > CLEAR * gap.error:
        word = "better" if sign * gap.value < 0 else "worse"
    return Judgement(mine, word, best, scores.scores[best][metric], gap)


def verdict(scores: TestScores, *, labels: Mapping[str, str], unit: str = "") -> str:
    """One plain sentence: how the delivered model does beside the best baseline, also when it loses.

    Args:
        scores: The look at the test part.
        labels: Names of the baselines for people, as in "better than ...".
        unit: The target's name for errors in its unit.
    """
    name = METRIC_LABELS.get(scores.metric, scores.metric.replace("_", " "))
    what = f"{name} of {unit}" if unit else name
    rows = f"{scores.rows} row{'' if scores.rows == 1 else 's'} it never saw"
    found = judge(scores)
    if found.mine is None:
        return f"On {rows}, the evolved network cannot be judged: there the {what} is not defined."
    if found.theirs is None or found.gap is None or found.word is None:
        value = found.mine.text()
        return f"On {rows}, the evolved network has {what} {value}; no baseline is there to compare it with."
    return (
        f"On {rows}, the evolved network is {_WORDS[found.word]} {labels[found.baseline]}: "
        f"{what} {found.mine.text()} against {found.theirs.text()} (difference {found.gap.text(sign='+')})."
    )
