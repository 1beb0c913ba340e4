"""What every network is compared with: majority or mean, a linear model, scikit-learn's gradient boosting."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cambrian.config import write_atomically
from cambrian.data.encode import Encoder, Prep
from cambrian.data.prepared import Prepared
from cambrian.data.schema import Columns
from cambrian.log import LOGGER
from cambrian.training.metrics import score

LABELS = {
    "majority": "always the commonest class (or the mean)",
    "linear": "a linear model",
    "boosting": "gradient boosting",
}
"""The baselines and their names for people."""

_PROBE_ROWS = (1000, 4000)
_MOST_CATEGORIES = 254
"""scikit-learn's histogram boosting takes at most 255 values of a category; the rest becomes 'other'."""

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Baseline:
    """Fits on rows of the training part and predicts other rows: (rows to fit, columns) -> predictor."""

    name: str
    fit: Callable[[Prepared, npt.NDArray[np.int64]], Callable[[Columns], Floats]]


def fit_baselines(prepared: Prepared, folder: Path, *, seconds: float) -> dict[str, Any]:
    """Fit every baseline on the whole training part and keep its predictions for the test rows' features.

    The test rows' targets are not looked at here. Each baseline is also fitted on fold 0's training rows and
    scored on its validation rows, for comparison while the search runs.

    Args:
        prepared: The data.
        folder: Where `<name>.npy` is written.
        seconds: What all of this may take; if it would take longer, a row sample is used and its size said.

    Returns:
        By baseline: `validation` (metrics on fold 0), `rows` fitted on, `seconds`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    test, _ = prepared.test()
    report: dict[str, Any] = {}
    for baseline in (
        _Baseline("majority", _majority),
        _Baseline("linear", _linear),
        _Baseline("boosting", _boosting),
    ):
        started = time.monotonic()
        rows = _affordable_rows(baseline, prepared, seconds / 2)
        train, validation = prepared.fold(0)
        predict = baseline.fit(prepared, _sample(train, rows))
        metrics = score(prepared.task, prepared.y[validation], predict(prepared.columns().take(validation)))
        everything = np.arange(len(prepared.y))
        chosen = _sample(everything, rows)
        prediction = baseline.fit(prepared, chosen)(test)
        write_atomically(folder / f"{baseline.name}.npy", lambda file, p=prediction: np.save(file, p))  # type: ignore[misc]
        report[baseline.name] = {
            "validation": metrics,
            "rows": len(chosen),
            "of_rows": len(everything),
            "seconds": time.monotonic() - started,
        }
    return report


def load_predictions(folder: Path) -> dict[str, Floats]:
    """The baselines' predictions for the test rows, by name."""
    return {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in LABELS}


def _affordable_rows(baseline: _Baseline, prepared: Prepared, seconds: float) -> int:
    """Rows whose two fits take at most `seconds`, judged by the line through two small fits."""
    rows = len(prepared.y)
    if not np.isfinite(seconds) or rows <= 2 * _PROBE_ROWS[-1] or baseline.name == "majority":
        return rows
    everything = np.arange(rows)
    baseline.fit(prepared, _sample(everything, 200))  # imports are no part of what is measured
    (few, quick), (many, slow) = ((size, _fit_seconds(baseline, prepared, size)) for size in _PROBE_ROWS)
    slope = max(slow - quick, 0.1 * slow) / (many - few)
    predicted = 2 * (slow + slope * (rows - many))
    if predicted <= seconds:
        return rows
    affordable = max(many, many + int((seconds / 2 - slow) / slope))
    LOGGER.info("baseline %s is fitted on a sample of %d of %d rows", baseline.name, affordable, rows)
    return affordable


def _fit_seconds(baseline: _Baseline, prepared: Prepared, rows: int) -> float:
    chosen = _sample(np.arange(len(prepared.y)), rows)
    started = time.monotonic()
    baseline.fit(prepared, chosen)
    return time.monotonic() - started


def _sample(rows: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    if size >= len(rows):
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, size, replace=False))


def _majority(prepared: Prepared, rows: npt.NDArray[np.int64]) -> Callable[[Columns], Floats]:
    y = prepared.y[rows]
    if prepared.task == "regression":
        mean = float(np.mean(y))
        return lambda columns: np.full(len(columns.numeric), mean)
    share = np.bincount(y, minlength=len(prepared.classes)) / len(y)
    return lambda columns: np.tile(share, (len(columns.numeric), 1))


def _linear(prepared: Prepared, rows: npt.NDArray[np.int64]) -> Callable[[Columns], Floats]:
    """Ridge (alpha 1) or logistic regression (C 1) on standardised numbers and one-hot categories."""
    from sklearn.linear_model import LogisticRegression, Ridge

    encoder = Encoder.fit(prepared.columns().take(rows), prepared.schema, Prep("standard", 33, False))
    x = encoder.transform(prepared.columns().take(rows))
    y = prepared.y[rows]
    if prepared.task == "regression":
        ridge = Ridge(alpha=1.0).fit(x.astype(np.float64), y)
        low, high = float(np.min(y)), float(np.max(y))
        # The same clamp to the training range that every network gets.
        return lambda columns: np.clip(
            ridge.predict(encoder.transform(columns).astype(np.float64)), low, high
        )
    model = LogisticRegression(C=1.0, max_iter=500).fit(x, y)
    return lambda columns: _all_classes(
        model.predict_proba(encoder.transform(columns)), model.classes_, prepared
    )


def _boosting(prepared: Prepared, rows: npt.NDArray[np.int64]) -> Callable[[Columns], Floats]:
    """scikit-learn's histogram gradient boosting with its defaults and native categories."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    columns = prepared.columns().take(rows)
    x, y = _boosting_matrix(columns), prepared.y[rows]
    numbers = columns.numeric.shape[1]
    mask = np.arange(x.shape[1]) >= numbers
    kind = HistGradientBoostingRegressor if prepared.task == "regression" else HistGradientBoostingClassifier
    model = kind(categorical_features=mask if mask.any() else None, random_state=0).fit(x, y)
    if prepared.task == "regression":
        return lambda columns: np.asarray(model.predict(_boosting_matrix(columns)))
    return lambda columns: _all_classes(
        model.predict_proba(_boosting_matrix(columns)), model.classes_, prepared
    )


def _boosting_matrix(columns: Columns) -> Matrix:
    """Numbers as they are (infinities missing), category codes with missing as NaN and rare ones merged."""
    numeric = np.where(np.isfinite(columns.numeric), columns.numeric, np.nan)
    codes = columns.codes.astype(np.float64)
    codes[columns.codes >= _MOST_CATEGORIES] = _MOST_CATEGORIES
    codes[columns.codes == -2] = _MOST_CATEGORIES
    codes[columns.codes == -1] = np.nan
    return np.concatenate([numeric, codes], axis=1)


def _all_classes(probabilities: Floats, present: npt.NDArray[Any], prepared: Prepared) -> Floats:
    """Probabilities for every class of the run, those the fitted rows lacked being 0."""
    full = np.zeros((len(probabilities), len(prepared.classes)))
    full[:, present.astype(int)] = probabilities
    return full
