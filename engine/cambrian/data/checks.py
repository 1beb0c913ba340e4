"""Findings about features that need the target or the whole table: leaks, extremes, too many columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from cambrian.data.cells import Floats
from cambrian.data.column_facts import Codes, ColumnFacts, number_text
from cambrian.data.findings import DataWarning
from cambrian.data.reading.text_types import shortened
from cambrian.data.roles import Role

Bools = np.ndarray[Any, np.dtype[np.bool_]]

LARGEST = 1e18
"""Beyond it a square overflows float32."""
FAR_OUT = 1e6
"""Interquartile ranges from the median at which a value is extreme."""
MANY_CATEGORIES = 100
LEAK_ROWS = 20
ROWS_A_LEVEL = 5
MEMBERS = 8
"""Least rows of every class before a number that separates all classes is more than luck."""
LEAK_ERROR = 0.01
"""A feature leaks if it alone leaves at most this part of the error of guessing the commonest class."""
LEAK_CORRELATION = 0.9999


def column_findings(facts: ColumnFacts, role: Role, *, chosen: bool) -> tuple[DataWarning, ...]:
    """What is to be said about one feature or left-out column (`chosen`: its role was set by the user)."""
    found = () if chosen else _left_out(facts, role)
    if facts.infinite:
        message = f"`{facts.name}` holds {facts.infinite} infinite values; they count as missing."
        found += (DataWarning("infinite", facts.name, message, "Mend these cells."),)
    if role is Role.NUMERIC and facts.values is not None:
        found += _extreme(facts)
    if role is Role.CATEGORICAL and facts.distinct > min(MANY_CATEGORIES, max(20, facts.valid / 2)):
        message = f"`{facts.name}` has {facts.distinct} categories in {facts.valid} rows."
        found += (
            DataWarning("high_cardinality", facts.name, message, "Merge rare ones, or leave the column out."),
        )
    return found


def _left_out(facts: ColumnFacts, role: Role) -> tuple[DataWarning, ...]:
    name = facts.name
    if role is Role.EMPTY:
        return (DataWarning("empty", name, f"`{name}` is left out: it has no value in any row."),)
    if role is Role.CONSTANT:
        value = shortened(facts.label(0))
        return (DataWarning("constant", name, f"`{name}` is left out: its value is always {value!r}."),)
    if role is Role.IDENTIFIER:
        what = (
            "its numbers only number the rows"
            if facts.values is not None
            else "nearly every row has its own value"
        )
        message = (
            f"`{name}` is left out as an identifier: {what} ({facts.distinct} values in {facts.rows} rows)."
        )
        remedy = "If it means something, give it the role numeric or categorical."
        return (DataWarning("identifier", name, message, remedy),)
    return ()


def _extreme(facts: ColumnFacts) -> tuple[DataWarning, ...]:
    if facts.distinct < 3:
        return ()
    levels = facts.levels
    low, middle, high = _quartiles(levels, facts.counts)
    with np.errstate(over="ignore"):
        distance = np.maximum(middle - levels[0], levels[-1] - middle)
        spread = high - low
    largest = max(levels[0], levels[-1], key=abs)
    if abs(largest) <= LARGEST and not (0 < spread < distance / FAR_OUT):
        return ()
    message = (
        f"`{facts.name}` holds extreme values, up to {number_text(float(largest))} (median {middle:.6g})."
    )
    remedy = "Check these cells; the networks see them clipped."
    return (DataWarning("extreme_values", facts.name, message, remedy),)


def _quartiles(levels: Floats, counts: Codes) -> tuple[float, float, float]:
    at = np.searchsorted(np.cumsum(counts), np.array([0.25, 0.5, 0.75]) * counts.sum())
    low, middle, high = levels[np.minimum(at, len(levels) - 1)]
    return float(low), float(middle), float(high)


def leak(facts: ColumnFacts, target: ColumnFacts, task: str) -> tuple[DataWarning, ...]:
    """A warning if this feature alone decides the target (facts of the same rows)."""
    both = (facts.codes >= 0) & (target.codes >= 0)
    rows = int(both.sum())
    if rows < max(LEAK_ROWS, 0.5 * target.valid) or facts.distinct < 2:
        return ()
    if task == "regression":
        decides = _correlates(facts, target, both)
    else:
        decides = _separates(facts, target, both) or _is_pure(facts, target, both)
    if not decides:
        return ()
    message = (
        f"`{facts.name}` alone decides the target `{target.name}`; it may be the target under another name."
    )
    return (DataWarning("leak", facts.name, message, "Leave it out if it is not known at prediction time."),)


def _correlates(facts: ColumnFacts, target: ColumnFacts, rows: Bools) -> bool:
    if facts.values is None or target.values is None:
        return False
    with np.errstate(all="ignore"):
        x, y = facts.values[rows], target.values[rows]
        x, y = x - x.mean(), y - y.mean()
        correlation = float(x @ y / np.sqrt((x @ x) * (y @ y)))
    return bool(np.isfinite(correlation)) and abs(correlation) > LEAK_CORRELATION


def _separates(facts: ColumnFacts, target: ColumnFacts, rows: Bools) -> bool:
    """Whether the classes occupy ranges of the number that do not touch."""
    if facts.values is None or target.distinct < 2 or target.counts.min() < MEMBERS:
        return False
    x, y = facts.values[rows], target.codes[rows]
    low, high = np.full(target.distinct, np.inf), np.full(target.distinct, -np.inf)
    np.minimum.at(low, y, x)
    np.maximum.at(high, y, x)
    order = np.argsort(low)
    return bool(np.all(high[order][:-1] < low[order][1:]))


def _is_pure(facts: ColumnFacts, target: ColumnFacts, rows: Bools) -> bool:
    """Whether each of the feature's few values belongs to one class."""
    if facts.distinct * ROWS_A_LEVEL > rows.sum() or facts.distinct * target.distinct > 1_000_000:
        return False
    pairs = facts.codes[rows] * target.distinct + target.codes[rows]
    table = np.bincount(pairs, minlength=facts.distinct * target.distinct)
    table = table.reshape(facts.distinct, target.distinct)
    wrong = rows.sum() - table.max(axis=1).sum()
    guessed_wrong = rows.sum() - table.sum(axis=0).max()
    return bool(wrong <= LEAK_ERROR * guessed_wrong)


def table_findings(features: int, columns: int, rows: int) -> tuple[DataWarning, ...]:
    """Findings about the table as a whole; `rows` are those with a target."""
    if features <= rows or not rows:
        return ()
    message = (
        f"There are more features ({features} of {columns} columns) than rows ({rows}); "
        "most of them can only fit noise."
    )
    return (DataWarning("many_features", "", message, "Leave columns out, or add rows."),)
