"""Rows of a table that occur more than once, or that contradict one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cambrian.data.findings import DataWarning

Keys = NDArray[np.uint64]

SHARE = 0.01
"""Repeated rows below this share of a table are not worth a word."""
BLOCK = 2**20
"""Rows mixed at once: bounds the memory of a long table."""
ROOM = 10
"""Different rows that the features allow, for every row: with fewer a row is alike others by chance."""
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def mixed_in(keys: Keys, values: NDArray[Any]) -> Keys:
    """Keys of rows `(rows,)` with one more column taken in (the finaliser of SplitMix64, Steele 2014).

    Equal rows have equal keys; of 10 million different ones two share a key with probability 3 in 10^6.

    Args:
        keys: Keys so far; zeros to begin with.
        values: Whole numbers, or floats (-0.0 is 0.0, every NaN the same).
    """
    mixed = np.empty_like(keys)
    for start in range(0, len(keys), BLOCK):
        block = slice(start, start + BLOCK)
        mixed[block] = _mixed(keys[block], _bits(values[block]))
    return mixed


def _bits(values: NDArray[Any]) -> Keys:
    if values.dtype.kind != "f":
        return np.asarray(values.astype(np.int64).view(np.uint64))
    plain = np.where(np.isnan(values), np.nan, values.astype(np.float64) + 0.0)
    return np.asarray(plain.view(np.uint64))


def _mixed(keys: Keys, bits: Keys) -> Keys:
    with np.errstate(over="ignore"):
        mixed = keys * _MIX[0] + bits + _MIX[0]
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[1]
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[2]
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def repeated_rows(keys: Keys) -> int:
    """How many rows repeat an earlier one."""
    return len(keys) - sum(len(np.unique(share)) for (share,) in _shares(keys))


def among(keys: Keys, others: Keys) -> int:
    """How many rows are alike one of the others."""
    return sum(int(np.isin(mine, theirs).sum()) for mine, theirs in _shares(keys, others))


def _shares(*keys: Keys) -> Iterator[tuple[Keys, ...]]:
    """The keys a share at a time, which bounds the memory of what follows; equal ones fall into one share."""
    count = max(map(len, keys)) // (4 * BLOCK) + 1
    for number in range(count):
        yield tuple(each[each % np.uint64(count) == number] for each in keys)


def tells_rows_apart(distinct: Iterable[int], rows: int) -> bool:
    """Whether features with so many different values leave room enough for every row to be another.

    Where they do not, equal rows are no sign of copies.
    """
    room = 1
    for count in distinct:
        room *= max(1, count)
        if room >= ROOM * rows:
            return True
    return False


def copied(copies: int, rows: int, *, target: bool) -> tuple[DataWarning, ...]:
    """A finding if many of the rows repeat an earlier one; `target`: that too is alike."""
    if copies < max(1, SHARE * rows):
        return ()
    message = f"{copies} of {rows} rows repeat an earlier row in every feature{' and the target' * target}."
    return (DataWarning("duplicate_rows", "", message, "If they are copies, remove them from the file."),)


def contradictions(features: Keys, classes: NDArray[np.int64]) -> tuple[DataWarning, ...]:
    """A finding if rows alike in every feature are of different classes (-1: rows without one)."""
    features, classes = features[classes >= 0], classes[classes >= 0]
    if not len(features):
        return ()
    _, first, counts = np.unique(mixed_in(features, classes), return_index=True, return_counts=True)
    order = np.argsort(features[first], kind="stable")
    alike = features[first][order]
    begins = np.flatnonzero(np.append(True, alike[1:] != alike[:-1]))
    best = np.maximum.reduceat(counts[order], begins)  # rows of the commonest class
    wrong = len(features) - int(best.sum())
    if wrong < max(1, SHARE * len(features)):
        return ()
    message = (
        f"Rows alike in every feature are of different classes: no model gets more than "
        f"{1 - wrong / len(features):.1%} of these {len(features)} rows right."
    )
    remedy = "Check their labels, or add a column that tells them apart."
    return (DataWarning("contradictions", "", message, remedy),)
