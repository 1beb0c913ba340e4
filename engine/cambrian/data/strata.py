"""Stratified draws of rows, the same for every way of counting: at most twelve bytes a row at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Target = NDArray[np.int64] | NDArray[np.float64]

QUANTILE_BINS = 10
_CHUNK_ROWS = 1 << 20
_FEW_STRATA = 64
"""Up to so many strata are gathered one after the other, which needs no room; more are sorted."""


def is_classes(y: Target) -> bool:
    """Whether a target holds class numbers."""
    return bool(np.issubdtype(y.dtype, np.integer))


def drawn(y: Target, fraction: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A stratified draw of `round(fraction * rows)` rows, as a mask."""
    order = dealing_order(y, rng)
    mask = np.zeros(len(y), dtype=bool)
    for start in range(0, len(order), _CHUNK_ROWS):
        chunk = order[start : start + _CHUNK_ROWS]
        steps = np.floor(np.arange(start, start + len(chunk) + 1) * fraction + 0.5)
        mask[chunk[np.diff(steps) > 0]] = True
    if is_classes(y) and fraction > 0.5:  # above a half two neighbours can both be drawn: a class of two
        for label in np.unique(y[order]):
            members = np.flatnonzero(y == label)
            if mask[members].all():
                mask[members[0]] = False
    return mask


def dealt(y: Target, n_folds: int, rng: np.random.Generator) -> NDArray[np.int8]:
    """The fold of each row, -1 of those that are not dealt.

    Dealt round and round over the strata: folds and each class in them differ by one row at most.
    """
    fold_of = np.full(len(y), -1, dtype=np.int8)
    order = dealing_order(y, rng)
    for start in range(0, len(order), _CHUNK_ROWS):
        chunk = order[start : start + _CHUNK_ROWS]
        fold_of[chunk] = np.arange(start, start + len(chunk)) % n_folds
    return fold_of


def dealing_order(y: Target, rng: np.random.Generator) -> NDArray[Any]:
    """The rows that may be drawn, shuffled within their stratum, stratum after stratum.

    A stratum is a class with at least two members, or a block of a regression target's sorted values.
    """
    # The draws of a permutation of 8-byte numbers; then half the room is enough.
    shuffled = rng.permutation(len(y)).astype(_narrow(len(y)))
    if is_classes(y):
        counts = np.bincount(y) if len(y) else np.zeros(0, dtype=np.int64)
        stratum_of = y.astype(_narrow(len(counts)))
        if (counts == 1).any():
            shuffled = shuffled[counts[stratum_of[shuffled]] > 1]
    else:
        stratum_of = quantiles(y)
    return _by_stratum(shuffled, stratum_of[shuffled])


def quantiles(y: Target) -> NDArray[Any]:
    """The block of the sorted values that each row is in, as even as can be."""
    bins = max(1, min(QUANTILE_BINS, len(y) // QUANTILE_BINS))
    order = np.argsort(y, kind="stable")
    stratum_of = np.empty(len(y), dtype=np.uint8)
    for start in range(0, len(y), _CHUNK_ROWS):
        chunk = order[start : start + _CHUNK_ROWS]
        stratum_of[chunk] = np.arange(start, start + len(chunk)) * bins // len(y)
    return stratum_of


def _by_stratum(rows: NDArray[Any], strata: NDArray[Any]) -> NDArray[Any]:
    """The rows stratum after stratum, in their order within each: a stable sort."""
    found = np.flatnonzero(np.bincount(strata)) if len(strata) else np.zeros(0, dtype=np.int64)
    if len(found) > _FEW_STRATA:
        return np.asarray(rows[np.argsort(strata, kind="stable")])
    ordered = np.empty_like(rows)
    start = 0
    for stratum in found:
        members = rows[strata == stratum]
        ordered[start : start + len(members)] = members
        start += len(members)
    return ordered


def _narrow(count: int) -> Any:
    """The narrowest unsigned type of numbers below `count`."""
    return next(kind for kind in (np.uint8, np.uint16, np.uint32, np.int64) if count <= np.iinfo(kind).max)
