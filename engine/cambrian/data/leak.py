"""A feature that alone decides the target: the target under another name, or what followed from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from cambrian.data.cells import Floats
from cambrian.data.column_facts import Codes, ColumnFacts
from cambrian.data.findings import DataWarning, named, option

Bools = np.ndarray[Any, np.dtype[np.bool_]]

LEAK_ROWS = 20
ROWS_A_LEVEL = 5
MEMBERS = 8
"""Least rows of every class before a number that separates all classes is more than luck."""
LEAK_ERROR = 0.01
"""A feature leaks if it alone leaves at most this part of the error of guessing."""
LEAK_CORRELATION = 0.9999

FITTED_ROWS = 2000
"""Rows of the one-feature model: 0.3 ms a feature."""
LEAST_ERRORS = 20
"""Errors of guessing below which a model without any may be luck."""
MODEL_ERROR = 0.02
"""Of the one-feature model, which meets rows that it was not fitted on. Honest features stay far above: carat
leaves 0.14 of the ranks of the diamonds' price."""
NEIGHBOURS = 3


def leak(facts: ColumnFacts, target: ColumnFacts, task: str) -> tuple[DataWarning, ...]:
    """A warning if this feature alone decides the target, or nearly so (facts of the same rows)."""
    both = (facts.codes >= 0) & (target.codes >= 0)
    rows = int(both.sum())
    if rows < max(LEAK_ROWS, 0.5 * target.valid) or facts.distinct < 2 or target.distinct < 2:
        return ()
    said = _decides(facts, target, both, task) or _predicts(facts, target, both, task)
    if not said:
        return ()
    message = f"{named(facts.name)} alone {said}; it may be the target under another name."
    remedy = f"If it is not known at prediction time, leave it out: {option('--drop', facts.name)}."
    return (DataWarning("leak", facts.name, message, remedy),)


def _decides(facts: ColumnFacts, target: ColumnFacts, both: Bools, task: str) -> str:
    rows, name = int(both.sum()), target.name
    if task == "regression":
        correlation = _correlation(facts, target, both)
        exact = abs(correlation) > LEAK_CORRELATION
        return f"decides the target {named(name)} (correlation {correlation:.6f})" if exact else ""
    right = rows if _separates(facts, target, both) else _right_if_pure(facts, target, both)
    return f"decides the target {named(name)} ({right} of {rows} rows follow from it)" if right else ""


def _correlation(facts: ColumnFacts, target: ColumnFacts, rows: Bools) -> float:
    if facts.values is None or target.values is None:
        return 0.0
    with np.errstate(all="ignore"):
        x, y = facts.values[rows], target.values[rows]
        x, y = x - x.mean(), y - y.mean()
        correlation = float(x @ y / np.sqrt((x @ x) * (y @ y)))
    return correlation if np.isfinite(correlation) else 0.0


def _separates(facts: ColumnFacts, target: ColumnFacts, rows: Bools) -> bool:
    """Whether the classes occupy ranges of the number that do not touch."""
    if facts.values is None or target.counts.min() < MEMBERS:
        return False
    x, y = facts.values[rows], target.codes[rows]
    low, high = np.full(target.distinct, np.inf), np.full(target.distinct, -np.inf)
    np.minimum.at(low, y, x)
    np.maximum.at(high, y, x)
    order = np.argsort(low)
    return bool(np.all(high[order][:-1] < low[order][1:]))


def _right_if_pure(facts: ColumnFacts, target: ColumnFacts, rows: Bools) -> int:
    """Rows of the commonest class of their value, if each of the few values belongs to one class; else 0."""
    if facts.distinct * ROWS_A_LEVEL > rows.sum() or facts.distinct * target.distinct > 1_000_000:
        return 0
    pairs = facts.codes[rows] * target.distinct + target.codes[rows]
    table = np.bincount(pairs, minlength=facts.distinct * target.distinct)
    table = table.reshape(facts.distinct, target.distinct)
    right = int(table.max(axis=1).sum())
    guessed_wrong = rows.sum() - table.sum(axis=0).max()
    return right if rows.sum() - right <= LEAK_ERROR * guessed_wrong else 0


def _predicts(facts: ColumnFacts, target: ColumnFacts, both: Bools, task: str) -> str:
    """What a model of this feature alone achieves on rows it was not fitted on, if that is suspicious.

    Twice half of at most 2,000 rows predict the other half: of a column with few values by the rows of the
    same value, of any other by the three nearest numbers. A regression target is taken by its ranks, so that
    neither a curve nor a long tail hides a relation.
    """
    rng, rows = np.random.default_rng(0), np.flatnonzero(both)
    by_value = facts.distinct * ROWS_A_LEVEL <= len(rows)
    if facts.values is None and not by_value:
        return ""
    rows = rng.permutation(rows)[:FITTED_ROWS]
    x = facts.codes[rows] if by_value or facts.values is None else facts.values[rows]
    first, second = np.array_split(np.arange(len(rows)), 2)
    pairs = ((first, second), (second, first))
    nearest = [(held, fitted, _nearest(x[fitted], x[held], rng, by_value=by_value)) for held, fitted in pairs]
    if task == "regression":
        ranks = (np.cumsum(target.counts) - (target.counts + 1) / 2)[target.codes[rows]]
        return _rank_words(target.name, ranks, nearest)
    return _class_words(target, target.codes[rows], nearest)


def _nearest(
    fitted: Floats | Codes, held: Floats | Codes, rng: np.random.Generator, *, by_value: bool
) -> Codes:
    """Three places in `fitted` `(held, 3)`: of the nearest numbers, or of equal ones (-1: there are none)."""
    order = np.lexsort((rng.random(len(fitted)), fitted))
    left, right = (np.searchsorted(fitted[order], held, side=side) for side in ("left", "right"))
    at = left + (rng.random(len(held)) * (right - left)).astype(np.int64)  # ties are in no order
    around = (at[:, None] + np.arange(-NEIGHBOURS, NEIGHBOURS)).clip(0, len(fitted) - 1)
    if by_value:
        around = around.clip(left[:, None], np.maximum(left, right - 1)[:, None]).clip(0, len(fitted) - 1)
    candidates = order[around]
    with np.errstate(over="ignore"):
        distances = np.abs(fitted[candidates] - held[:, None])
    found = np.take_along_axis(candidates, distances.argsort(axis=1, kind="stable")[:, :NEIGHBOURS], axis=1)
    if by_value:
        found[left == right] = -1
    return np.asarray(found)


def _rank_words(name: str, y: Floats, nearest: list[tuple[Codes, Codes, Codes]]) -> str:
    left, guessing = 0.0, 0.0
    for held, fitted, near in nearest:
        mean = y[fitted].mean()
        predicted = np.where(near < 0, mean, y[fitted][near]).mean(axis=1)
        left += float(((y[held] - predicted) ** 2).sum())
        guessing += float(((y[held] - mean) ** 2).sum())
    if not guessing or left > MODEL_ERROR * guessing or len(y) < 2 * LEAST_ERRORS:
        return ""
    return (
        f"explains {1 - left / guessing:.1%} of the variance of the ranks of {named(name)} in rows held out"
    )


def _class_words(target: ColumnFacts, y: Codes, nearest: list[tuple[Codes, Codes, Codes]]) -> str:
    wrong = guessed_wrong = 0
    for held, fitted, near in nearest:
        commonest = int(np.bincount(y[fitted]).argmax())
        votes = np.zeros((len(held), target.distinct))
        for place in near.T:
            voted = np.where(place < 0, commonest, y[fitted][place])
            votes[np.arange(len(held)), voted] += 1
        wrong += int((votes.argmax(axis=1) != y[held]).sum())
        guessed_wrong += int((y[held] != commonest).sum())
    if guessed_wrong < LEAST_ERRORS or wrong > MODEL_ERROR * guessed_wrong:
        return ""
    right, guessed = 1 - wrong / len(y), 1 - guessed_wrong / len(y)
    return f"tells the class {named(target.name)} of {right:.1%} of rows held out (guessing: {guessed:.1%})"
