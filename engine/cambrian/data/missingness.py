"""Cells whose being missing hangs together with the target: a fact about the rows, or a leak."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtrc

from cambrian.data.column_facts import ColumnFacts, number_text
from cambrian.data.findings import DataWarning, named, option, percent
from cambrian.data.reading.text_types import shortened

CHANCE = 1e-6
"""Probability of such a table of a column by chance; 1,000 columns give a false finding in 1 of 1,000."""
LEAST_DIFFERENCE = 0.1
LEAST_ROWS = 20
"""Of missing cells, of present ones, and of the rows of a class whose share is told."""


def missing_by_target(facts: ColumnFacts, target: ColumnFacts, task: str) -> tuple[DataWarning, ...]:
    """A finding if a feature is missing much more often for some targets than for others.

    A regression target is cut at its median.
    """
    rows = target.codes >= 0
    if not LEAST_ROWS <= facts.missing <= facts.rows - LEAST_ROWS:
        return ()
    gone = facts.codes[rows] < 0
    groups, names = _groups(target, rows, task)
    table = np.stack(
        [np.bincount(groups[~gone], minlength=len(names)), np.bincount(groups[gone], minlength=len(names))]
    )
    sizes = table.sum(axis=0)
    told = sizes >= LEAST_ROWS
    if told.sum() < 2 or table[:, told].sum(axis=1).min() < LEAST_ROWS:
        return ()
    mine = table[1] / np.maximum(sizes, 1)
    others = (table[1].sum() - table[1]) / np.maximum(sizes.sum() - sizes, 1)
    at = int(np.where(told, np.abs(mine - others), 0.0).argmax())
    table, sizes = table[:, told], sizes[told]
    expected = table.sum(axis=1, keepdims=True) * sizes / sizes.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    if abs(mine[at] - others[at]) < LEAST_DIFFERENCE or chdtrc(len(sizes) - 1, statistic) >= CHANCE:
        return ()
    shares = f"in {percent(mine[at])} of the rows {names[at]} and in {percent(others[at])} of the others"
    message = f"{named(facts.name)} is missing {shares}: that it is missing tells of the target."
    remedy = (
        "If cells are missing for another reason at prediction time, leave it out: "
        f"{option('--drop', facts.name)}."
    )
    return (DataWarning("missing_by_target", facts.name, message, remedy),)


def _groups(
    target: ColumnFacts, rows: np.ndarray[Any, Any], task: str
) -> tuple[np.ndarray[Any, Any], list[str]]:
    codes = target.codes[rows]
    if task != "regression":
        names = [f"of class {shortened(target.label(i))!r}" for i in range(target.distinct)]
        return codes, names
    middle = int(np.searchsorted(np.cumsum(target.counts), target.valid / 2))
    median = number_text(float(target.levels[middle]))
    return (codes > middle).astype(np.int64), [
        f"whose {named(target.name)} is at most {median}",
        f"whose {named(target.name)} is above {median}",
    ]
