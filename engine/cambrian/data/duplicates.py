"""Rows that occur more than once: in a table, and in two parts of it that should not know one another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cambrian.data.findings import DataWarning
from cambrian.data.mapped import GATHERED_ROWS, take_rows
from cambrian.data.schema import Columns

Keys = NDArray[np.uint64]

SHARE = 0.01
"""Repeated rows below this share of a table are not worth a word."""
TELLING = 0.5
"""If fewer rows than this share are different from one another, the features are too coarse to tell a copied
row from a row that is alike by chance."""
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def mixed_in(keys: Keys, values: NDArray[Any]) -> Keys:
    """Keys of rows `(rows,)` with one more column taken in (the finaliser of SplitMix64, Steele 2014).

    Equal rows have equal keys; of 10 million different ones two share a key with probability 3 in 10^6.

    Args:
        keys: Keys so far; zeros to begin with.
        values: Whole numbers, or floats (-0.0 is 0.0, every NaN the same).
    """
    if values.dtype.kind == "f":
        plain = np.where(np.isnan(values), np.nan, values.astype(np.float64) + 0.0)
        bits: Keys = plain.view(np.uint64)
    else:
        bits = values.astype(np.int64).view(np.uint64)
    with np.errstate(over="ignore"):
        mixed = keys * _MIX[0] + bits + _MIX[0]
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[1]
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[2]
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def row_keys(columns: Columns) -> Keys:
    """A key for the features of every row `(rows,)`."""
    parts = []
    for start in range(0, len(columns), GATHERED_ROWS):
        rows = slice(start, start + GATHERED_ROWS)
        numeric, codes = take_rows(columns.numeric, rows), take_rows(columns.codes, rows)
        keys = np.zeros(len(numeric), dtype=np.uint64)
        for values in (*numeric.T, *codes.T):
            keys = mixed_in(keys, values)
        parts.append(keys)
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint64)


def repeated_rows(keys: Keys) -> int:
    """How many rows repeat an earlier one."""
    return len(keys) - len(np.unique(keys))


def duplicate_findings(features: Keys, target: NDArray[Any] | None) -> tuple[DataWarning, ...]:
    """What is to be said about copies and contradictions within a table.

    Args:
        features: Keys of the features of every row.
        target: Classes (-1 missing) or numbers of the same rows (NaN missing); None without a target.
    """
    rows = len(features)
    if len(np.unique(features)) < TELLING * rows:
        return ()
    whole = features if target is None else mixed_in(features, target)
    copies = repeated_rows(whole)
    found: tuple[DataWarning, ...] = ()
    if copies >= max(1, SHARE * rows):
        beside = "" if target is None else " and the target"
        message = f"{copies} of {rows} rows repeat an earlier row in every feature{beside}."
        found += (
            DataWarning("duplicate_rows", "", message, "If they are copies, remove them from the file."),
        )
    if target is not None and target.dtype.kind == "i":
        found += _contradictions(features[target >= 0], target[target >= 0])
    return found


def _contradictions(features: Keys, classes: NDArray[np.int64]) -> tuple[DataWarning, ...]:
    """A finding if rows alike in every feature are of different classes."""
    _, group = np.unique(features, return_inverse=True)
    pairs, counts = np.unique(np.stack([group, classes]), axis=1, return_counts=True)
    best = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(best, pairs[0], counts)
    wrong = len(features) - int(best.sum())
    if wrong < max(1, SHARE * len(features)):
        return ()
    message = (
        f"Rows alike in every feature are of different classes: no model gets more than "
        f"{1 - wrong / len(features):.1%} of these {len(features)} rows right."
    )
    remedy = "Check their labels, or add a column that tells them apart."
    return (DataWarning("contradictions", "", message, remedy),)


def shared_rows(here: Keys, there: Keys) -> int:
    """How many rows of one part also stand in the other."""
    return int(np.isin(here, there).sum())


def shared_finding(test: Keys, train: Keys, *, from_file: bool, telling: bool) -> tuple[DataWarning, ...]:
    """A finding if rows of the test part also train.

    Args:
        test: Keys of the test part's features and target.
        train: Keys of the training part's.
        from_file: Whether the test part is a file of its own.
        telling: Whether the features tell rows apart (see `TELLING`).
    """
    shared = shared_rows(test, train)
    if not telling or shared < max(1, SHARE * len(test)):
        return ()
    which = (
        "of the test file stand" if from_file else "of the test part, which was split off by chance, stand"
    )
    message = (
        f"{shared} of {len(test)} rows {which} in the training part too, alike in every feature and the "
        "target: the test score is better than on rows never seen."
    )
    remedy = "Remove them from one of the two files." if from_file else "Remove the copies from the file."
    return (DataWarning("shared_rows", "", message, remedy),)
