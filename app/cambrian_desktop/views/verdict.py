"""The verdict in one sentence, from the figures of a run's result; in English it is the engine's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from cambrian.results.evaluation import TestScores, judge

_COUNTED = ("rows", "rounds")


def verdict_text(result: Mapping[str, Any], *, task: str, target: str) -> str:
    """How the delivered model does beside the best baseline, also when it loses.

    Args:
        result: The run's, as in `RunRow.result`.
        task: What is learnt: `binary`, `multiclass` or `regression`.
        target: The target column, for errors in its unit.
    """
    translate = QCoreApplication.translate
    scores = TestScores.from_json(result["test"])
    found = judge(scores)
    what = metric_text(scores.metric)
    if task == "regression":
        what = translate("Verdict", "{metric} of {target}").format(metric=what, target=target)
    rows = translate("Verdict", "{rows} rows").format(rows=scores.rows)
    if scores.rows == 1:
        rows = translate("Verdict", "1 row")
    if found.mine is None:
        return translate(
            "Verdict",
            "On {rows} it never saw, the evolved network cannot be judged: there the {what} is not defined.",
        ).format(rows=rows, what=what)
    if found.theirs is None or found.gap is None or found.word is None:
        return translate(
            "Verdict",
            "On {rows} it never saw, the evolved network has {what} {mine}; "
            "no baseline is there to compare it with.",
        ).format(rows=rows, what=what, mine=found.mine.text())
    return _comparison(found.word).format(
        rows=rows,
        baseline=_opponent(found.baseline, task, result.get("baselines") or {}),
        what=what,
        mine=found.mine.text(),
        theirs=found.theirs.text(),
        gap=found.gap.text(sign="+"),
    )


def metric_text(metric: str) -> str:
    """A metric's name in a sentence."""
    translate = QCoreApplication.translate
    names = {
        "rmse": translate("Verdict", "root mean squared error"),
        "mae": translate("Verdict", "mean absolute error"),
        "r2": "R²",
        "log_loss": translate("Verdict", "log-loss"),
        "roc_auc": "ROC AUC",
        "brier": translate("Verdict", "Brier score"),
        "f1": "F1",
        "macro_f1": translate("Verdict", "macro F1"),
        "accuracy": translate("Verdict", "accuracy"),
        "balanced_accuracy": translate("Verdict", "balanced accuracy"),
        "precision": translate("Verdict", "precision"),
        "recall": translate("Verdict", "recall"),
        "average_precision": translate("Verdict", "average precision"),
        "parameters": translate("Verdict", "parameters"),
    }
    return names.get(metric, metric.replace("_", " "))


def model_text(name: str) -> str:
    """What a model is called in a table of scores, as `champion`, `boosting`, `linear`, `majority`."""
    translate = QCoreApplication.translate
    names = {
        "champion": translate("Verdict", "evolved"),
        "boosting": translate("Verdict", "gradient boosting"),
        "linear": translate("Verdict", "linear model"),
        "majority": translate("Verdict", "guessing"),
    }
    return names.get(name, name)


def shortfall_text(facts: Mapping[str, Any]) -> str:
    """On how little of the data a baseline was fitted for want of time; empty if on all."""
    translate = QCoreApplication.translate
    texts = {
        "rows": translate("Verdict", "on {number} of {all} rows"),
        "rounds": translate("Verdict", "in {number} of {all} rounds"),
    }
    parts = [
        texts[unit].format(number=facts[unit], all=facts[f"of_{unit}"])
        for unit in _COUNTED
        if facts.get(unit, 0) < facts.get(f"of_{unit}", 0)
    ]
    if not parts:
        return ""
    how = parts[0]
    if len(parts) > 1:
        how = translate("Verdict", "{rows} {rounds}").format(rows=parts[0], rounds=parts[1])
    return translate("Verdict", "fitted {how}").format(how=how)


def _comparison(word: str) -> str:
    translate = QCoreApplication.translate
    return {
        "better": translate(
            "Verdict",
            "On {rows} it never saw, the evolved network is better than {baseline}: "
            "{what} {mine} against {theirs} (difference {gap}).",
        ),
        "worse": translate(
            "Verdict",
            "On {rows} it never saw, the evolved network is worse than {baseline}: "
            "{what} {mine} against {theirs} (difference {gap}).",
        ),
        "alike": translate(
            "Verdict",
            "On {rows} it never saw, the evolved network is not clearly different from {baseline}: "
            "{what} {mine} against {theirs} (difference {gap}).",
        ),
    }[word]


def _opponent(baseline: str, task: str, facts: Mapping[str, Mapping[str, Any]]) -> str:
    """A baseline as in 'better than ...'; of one that had no time for all rows that is said."""
    translate = QCoreApplication.translate
    guess = translate("Verdict", "always guessing the classes' shares")
    if task == "regression":
        guess = translate("Verdict", "always guessing the mean")
    names = {
        "majority": guess,
        "linear": translate("Verdict", "a linear model"),
        "boosting": translate("Verdict", "gradient boosting"),
    }
    name = names.get(baseline, baseline)
    short = shortfall_text(facts.get(baseline, {}))
    return f"{name} ({short})" if short else name
