"""What every network is compared with: majority or mean, a linear model, scikit-learn's gradient boosting."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cambrian.config import write_atomically
from cambrian.data.encode import Encoder, Prep
from cambrian.data.mapped import take_rows
from cambrian.data.prepared import Prepared
from cambrian.data.schema import Columns
from cambrian.data.text_features import RANK, TextScaler
from cambrian.log import LOGGER
from cambrian.results.evaluation import finite_or_none
from cambrian.training.metrics import score
from cambrian.training.spec import Task

_PROBE_ROWS = 4000
_PROBE_STEP = 4
_FEWEST_PROBE_ROWS = 50
_PROBE_SHARE = 0.25
"""Of a baseline's time, for the small fits that predict how long it takes."""
_FEWEST_ROUNDS = 10
_MOST_CELLS = 2**25
"""Cells of the linear model's table, 256 MB: of a table with more, a sample of the rows is fitted."""
_MOST_CATEGORIES = 254
"""scikit-learn's histogram boosting takes at most 255 values of a category; the rest becomes 'other'."""
_CHUNK = 2**16
"""Rows encoded and predicted at once."""

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Predictor = Callable[[Columns], Floats]


@dataclass(frozen=True, slots=True)
class _Effort:
    """Rows to fit, and boosting rounds or iterations of the solver at most."""

    rows: int
    rounds: int


@dataclass(frozen=True, slots=True)
class _Baseline:
    """A model to fit on rows of the training part.

    Attributes:
        fit: (data, rows, rounds) -> predictor.
        rounds: Its rounds where time allows.
        probe_rounds: Rounds of the fits by which its time is predicted.
        probe_share: The part of the time of all rounds that these take.
    """

    name: str
    fit: Callable[[Prepared, Rows, int], Predictor]
    rounds: int
    probe_rounds: int
    probe_share: float


def labels(task: Task) -> dict[str, str]:
    """The baselines by name, with what to call them after "better than"."""
    guess = "always guessing the mean" if task == "regression" else "always guessing the classes' shares"
    return {"majority": guess, "linear": "a linear model", "boosting": "gradient boosting"}


def fit_baselines(
    prepared: Prepared,
    folder: Path,
    *,
    seconds: float,
    names: Collection[str] | None = None,
    fitted: Callable[[str, dict[str, Any]], object] | None = None,
) -> dict[str, Any]:
    """Fit every baseline on the whole training part and keep its predictions for the test rows' features.

    The test rows' targets are not looked at here. Each baseline is also fitted on fold 0's training rows and
    scored on its validation rows, for comparison while the search runs. One that fails leaves the others.

    Args:
        prepared: The data.
        folder: Where `<name>.npy` is written.
        seconds: What all of this may take, loading scikit-learn apart; if it would take longer, a row
            sample is used, at worst fewer rounds too, and both are said.
        names: Those to fit; None: all.
        fitted: Called with each one's name and facts as soon as it is there.

    Returns:
        By baseline: `validation` (metrics on fold 0, None where one is undefined), `rows` fitted on of
        `of_rows`, `rounds` (of boosting, or iterations at most) of `of_rounds`, `seconds`; of one that
        failed, `error`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {}
    _load_libraries()
    deadline = time.monotonic() + seconds
    for share, baseline in zip((1.0, 0.5, 1.0), _BASELINES, strict=True):
        if names is not None and baseline.name not in names:
            continue
        left = share * max(0.0, deadline - time.monotonic())
        try:
            facts = _fit(baseline, prepared, folder, seconds=left)
        except Exception as error:  # noqa: BLE001 - logged and reported: a run can do without a baseline
            LOGGER.exception("baseline %s failed", baseline.name)
            facts = {"error": f"{type(error).__name__}: {' '.join(str(error).split())}"}
        report[baseline.name] = facts
        if fitted is not None:
            fitted(baseline.name, facts)
    return report


def _load_libraries() -> None:
    """Import what the models need: on a busy machine that takes seconds, which small tables do not."""
    for name in ("scipy.linalg", "sklearn.linear_model", "sklearn.ensemble"):
        with suppress(ImportError):  # the model that needs it says so, and leaves the others
            import_module(name)


def _fit(baseline: _Baseline, prepared: Prepared, folder: Path, *, seconds: float) -> dict[str, Any]:
    """Fit one baseline, keep its predictions and give its facts."""
    started = time.monotonic()
    test, _ = prepared.test()
    train, validation = prepared.fold(0)
    everything = np.arange(len(prepared.y))
    effort = _affordable(baseline, prepared, seconds)
    predict = baseline.fit(prepared, _sample(prepared, train, effort.rows), effort.rounds)
    prediction = _in_chunks(predict, prepared.columns().take(validation))
    weights = None if prepared.weights is None else take_rows(prepared.weights, validation)
    metrics = score(prepared.task, take_rows(prepared.y, validation), prediction, weights=weights)
    chosen = _sample(prepared, everything, effort.rows)
    prediction = _in_chunks(baseline.fit(prepared, chosen, effort.rounds), test)
    write_atomically(folder / f"{baseline.name}.npy", partial(np.save, arr=prediction))
    return {
        "validation": {name: finite_or_none(value) for name, value in metrics.items()},
        "rows": len(chosen),
        "of_rows": len(everything),
        "rounds": effort.rounds,
        "of_rounds": baseline.rounds,
        "seconds": time.monotonic() - started,
    }


def baseline_predictions(
    prepared: Prepared, folder: Path, *, names: Collection[str] | None = None
) -> dict[str, Floats]:
    """The baselines' predictions for the test rows, by name; fitted again where a file is lost or damaged.

    Args:
        prepared: The data.
        folder: Where `fit_baselines` wrote them.
        names: Those there are; None: all.
    """
    wanted = [each.name for each in _BASELINES if names is None or each.name in names]
    try:
        return {name: _load(prepared, folder, name) for name in wanted}
    except (OSError, ValueError) as error:
        LOGGER.warning("the baselines are fitted again: %s", error)
        report = fit_baselines(prepared, folder, seconds=math.inf, names=wanted)
        return {name: _load(prepared, folder, name) for name in wanted if "error" not in report[name]}


def _load(prepared: Prepared, folder: Path, name: str) -> Floats:
    path = folder / f"{name}.npy"
    found: Floats = np.load(path, allow_pickle=False)
    if len(found) != prepared.rows.test:
        raise ValueError(f"{path.name} is not about the {prepared.rows.test} test rows")
    return found


def _affordable(baseline: _Baseline, prepared: Prepared, seconds: float) -> _Effort:
    """Rows and rounds whose two fits take at most `seconds`, judged by the line through two small fits."""
    most = _most_rows(baseline, prepared)
    if not baseline.rounds or math.isinf(seconds):
        return _Effort(most, baseline.rounds)
    started = time.monotonic()
    sizes = _probe_sizes(min(most, _PROBE_ROWS))
    _fit_seconds(baseline, prepared, sizes[0], _FEWEST_ROUNDS)  # imports are no part of what is measured
    few, quick, many, slow = 0, 0.0, 0, 0.0
    for rows in sizes:
        few, quick = many, slow
        many, slow = rows, _fit_seconds(baseline, prepared, rows, baseline.probe_rounds)
        if time.monotonic() - started + _PROBE_STEP * slow > _PROBE_SHARE * seconds:
            break  # the next would take the time of the fits themselves
    slope = max(slow - quick, 0.1 * slow) / (many - few)
    left = max(0.0, seconds - (time.monotonic() - started))
    allowed = 0.5 * left * baseline.probe_share
    rows = int(np.clip(many + (allowed - slow) / slope, sizes[0], most))
    predicted = slow + slope * (rows - many)
    rounds = int(np.clip(baseline.rounds * allowed / predicted, _FEWEST_ROUNDS, baseline.rounds))
    if rows < most or rounds < baseline.rounds:
        text = "baseline %s is fitted on %d of %d rows in %d of %d rounds"
        LOGGER.info(text, baseline.name, rows, len(prepared.y), rounds, baseline.rounds)
    return _Effort(rows, rounds)


def _probe_sizes(most: int) -> list[int]:
    """Rows of the small fits, in steps up to `most`: one that is too slow is met while it is still small."""
    sizes = [most]
    while sizes[0] // _PROBE_STEP >= _FEWEST_PROBE_ROWS:
        sizes.insert(0, sizes[0] // _PROBE_STEP)
    return sizes


def _most_rows(baseline: _Baseline, prepared: Prepared) -> int:
    rows = len(prepared.y)
    return min(rows, _MOST_CELLS // prepared.width(_LINEAR_PREP)) if baseline.fit is _linear else rows


def _fit_seconds(baseline: _Baseline, prepared: Prepared, rows: int, rounds: int) -> float:
    chosen = _sample(prepared, np.arange(len(prepared.y)), rows)
    started = time.monotonic()
    baseline.fit(prepared, chosen, rounds)
    return time.monotonic() - started


def _sample(prepared: Prepared, rows: Rows, size: int) -> Rows:
    """A draw of the rows with two or more of every class: a model cannot learn of a class it never meets."""
    if size >= len(rows):
        return rows
    shuffled = np.random.default_rng(0).permutation(rows)
    if prepared.task == "regression":
        return np.sort(shuffled[:size])
    _, first, number = np.unique(take_rows(prepared.y, shuffled), return_index=True, return_inverse=True)
    again = np.setdiff1d(np.arange(len(shuffled)), first)
    second = again[np.unique(number[again], return_index=True)[1]]
    needed = np.concatenate([first, second])
    rest = np.setdiff1d(np.arange(len(shuffled)), needed)[: max(0, size - len(needed))]
    return np.sort(shuffled[np.concatenate([needed, rest])])


def _in_chunks(predict: Predictor, columns: Columns) -> Floats:
    starts = range(0, max(1, len(columns)), _CHUNK)
    return np.concatenate([predict(columns.take(slice(start, start + _CHUNK))) for start in starts])


def _majority(prepared: Prepared, rows: Rows, rounds: int) -> Predictor:
    y, weights = take_rows(prepared.y, rows), _weights(prepared, rows)
    if prepared.task == "regression":
        scaled, exponent = _scaled(y)
        middle = scaled.mean() if weights is None else np.average(scaled, weights=weights)
        mean = float(np.ldexp(middle, exponent))
        return lambda columns: np.full(len(columns), mean)
    share = np.bincount(y, weights, minlength=len(prepared.classes)) / len(y)
    return lambda columns: np.tile(share, (len(columns), 1))


_LINEAR_PREP = Prep("standard", 33)


def _linear(prepared: Prepared, rows: Rows, rounds: int) -> Predictor:
    """Ridge (alpha 1) or logistic regression (C 1) on standardised numbers and one-hot categories."""
    from scipy.linalg import LinAlgWarning
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    columns, y = prepared.columns().take(rows), take_rows(prepared.y, rows)
    weights = _weights(prepared, rows)
    encoder = Encoder.fit(columns, prepared.schema, _LINEAR_PREP)
    x = np.empty((len(columns), encoder.width))
    for start in range(0, len(columns), _CHUNK):
        part = slice(start, start + _CHUNK)
        x[part] = encoder.transform(columns.take(part))
    with warnings.catch_warnings():
        for category in (ConvergenceWarning, LinAlgWarning):
            warnings.simplefilter("ignore", category)
        if prepared.task == "regression":
            scaled, exponent = _scaled(y)
            low, high = scaled.min(), scaled.max()
            ridge = Ridge(alpha=1.0, copy_X=False).fit(x, scaled, weights)
            # The same clamp to the training range that every network gets.
            return lambda columns: np.ldexp(
                np.clip(ridge.predict(encoder.transform(columns).astype(np.float64)), low, high), exponent
            )
        model = LogisticRegression(C=1.0, max_iter=rounds).fit(x, y, weights)
    if max(model.n_iter_) >= rounds:
        LOGGER.info("the linear model's solver was stopped after %d iterations", rounds)
    return lambda columns: _all_classes(
        model.predict_proba(encoder.transform(columns).astype(np.float64)), model.classes_, prepared
    )


def _boosting(prepared: Prepared, rows: Rows, rounds: int) -> Predictor:
    """scikit-learn's histogram gradient boosting with its defaults and native categories."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    columns, y = prepared.columns().take(rows), take_rows(prepared.y, rows)
    weights, texts = _weights(prepared, rows), [TextScaler.fit(text) for text in columns.texts]
    x = _boosting_matrix(columns, texts)
    known = np.flatnonzero(~np.isnan(x).all(axis=0))
    if not len(known):
        return _majority(prepared, rows, rounds)
    if len(known) < x.shape[1]:
        x = x[:, known]  # scikit-learn cannot bin a number that no row has
    numbers = columns.numeric.shape[1]
    categorical = (known >= numbers) & (known < numbers + columns.codes.shape[1])
    settings: dict[str, Any] = {
        "categorical_features": categorical if categorical.any() else None,
        "max_iter": rounds,
        "random_state": 0,
    }
    if prepared.task == "regression":
        scaled, exponent = _scaled(y)
        regressor = HistGradientBoostingRegressor(**settings).fit(x, scaled, weights)
        return lambda columns: np.ldexp(
            regressor.predict(_boosting_matrix(columns, texts)[:, known]), exponent
        )
    counts = np.bincount(y)
    # Early stopping splits off rows of every class, and fails where there is a single one.
    early = "auto" if counts[counts > 0].min() > 1 else False
    model = HistGradientBoostingClassifier(**settings, early_stopping=early).fit(x, y, weights)
    return lambda columns: _all_classes(
        model.predict_proba(_boosting_matrix(columns, texts)[:, known]), model.classes_, prepared
    )


def _boosting_matrix(columns: Columns, texts: Sequence[TextScaler]) -> Floats:
    """Numbers as they are (infinities missing), category codes with missing as NaN and rare ones merged.

    Free text is the numbers that the networks see, missing where a cell is.
    """
    numbers = columns.numeric.shape[1]
    first_text = numbers + columns.codes.shape[1]
    x = np.empty((len(columns), first_text + RANK * len(texts)))
    x[:, :numbers] = columns.numeric
    x[:, numbers:first_text] = columns.codes
    for place, (scaler, text) in enumerate(zip(texts, columns.texts, strict=True)):
        part = x[:, first_text + RANK * place : first_text + RANK * (place + 1)]
        part[:] = scaler.transform(text)
        part[np.diff(text.starts) == 0] = np.nan
    codes = x[:, numbers:first_text]
    codes[(codes >= _MOST_CATEGORIES) | (codes == -2)] = _MOST_CATEGORIES
    codes[codes == -1] = np.nan
    x[~np.isfinite(x)] = np.nan
    return x


def _weights(prepared: Prepared, rows: Rows) -> Floats | None:
    """The rows' weights with a mean of 1, so that alpha and C mean what they do without; None: all alike."""
    if prepared.weights is None:
        return None
    weights = take_rows(prepared.weights, rows)
    return np.asarray(weights / weights.mean())


def _scaled(y: npt.NDArray[Any]) -> tuple[Floats, int]:
    """The target divided by a power of two, within [-1, 1], and the exponent.

    It changes no digit, and targets of 1e200 or 1e-200 have squares that are numbers.
    """
    exponent = int(np.frexp(np.abs(y).max())[1])
    return np.ldexp(np.asarray(y, dtype=np.float64), -exponent), exponent


def _all_classes(probabilities: Floats, present: npt.NDArray[Any], prepared: Prepared) -> Floats:
    """Probabilities for every class of the run, those the fitted rows lacked being 0."""
    full = np.zeros((len(probabilities), len(prepared.classes)))
    full[:, present.astype(int)] = probabilities
    return full


_BASELINES = (
    _Baseline("majority", _majority, 0, 0, 1.0),
    _Baseline("linear", _linear, 500, 500, 1.0),
    # Binning and the first trees are dear: 100 rounds took 5.2 to 7.2 times as long as 10 (four open tables).
    _Baseline("boosting", _boosting, 100, 10, 1 / 7),
)
