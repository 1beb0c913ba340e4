"""Dealing whole groups of rows to the parts of a split, with the target spread as evenly as groups allow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

PINNED = -1
"""The part of groups that are dealt to none: they train."""


def deal_groups(
    groups: Rows, strata: Rows, shares: tuple[float, ...], rng: np.random.Generator
) -> NDArray[np.int8]:
    """The part of every row; rows of one group are in one part.

    The largest groups come first, equally large ones in an order drawn by `rng`; each goes where it lessens
    most (or adds least to) the sum over strata of (rows - wanted rows)^2 / wanted rows, wanted being the
    part's share. That is the greedy rule of scikit-learn's `StratifiedGroupKFold`, for parts of any size.

    Args:
        groups: The group of each row, numbers from 0 without a gap. No part is empty if they are as many.
        strata: The stratum of each row, numbers from 0.
        shares: The parts' shares of the rows; they sum to 1.
        rng: Draws the order.
    """
    members, kinds, rows = _contents(groups, strata)
    sizes = np.bincount(groups)
    wanted = np.outer(shares, np.bincount(strata))
    held = np.zeros_like(wanted)
    part_of = np.zeros(len(sizes), dtype=np.int8)
    order = rng.permutation(len(sizes))
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        span = slice(members[group], members[group + 1])
        which, added = kinds[span], rows[span]
        lack = wanted[:, which] - held[:, which]
        cost = (added * (added - 2.0 * lack) / wanted[:, which]).sum(axis=1)
        part = int(np.argmin(cost))
        held[part, which] += added
        part_of[group] = part
    _fill_empty(part_of, sizes, len(shares))
    return part_of[groups]


def last_of_a_class(y: Rows, groups: Rows) -> NDArray[np.bool_]:
    """Rows of groups that hold all rows of some class: without them it could not be learnt."""
    (labels, theirs), _ = _pairs(y, groups)
    found, counts = np.unique(labels, return_counts=True)
    return np.isin(groups, theirs[np.isin(labels, found[counts == 1])])


def spare_classes(y: Rows, groups: Rows, part_of: NDArray[np.int8], parts: tuple[int, ...]) -> None:
    """Where one of these parts has all rows of a class, take the smallest of its groups there out of it."""
    (labels, _), _ = _pairs(y, part_of.astype(np.int64) - PINNED)
    labels, counts = np.unique(labels, return_counts=True)
    for label in labels[counts == 1]:
        mine = np.flatnonzero(y == label)
        if part_of[mine[0]] in parts:
            candidates = np.unique(groups[mine])
            sizes = np.bincount(groups)[candidates]
            part_of[groups == candidates[int(np.argmin(sizes))]] = PINNED


def _contents(groups: Rows, strata: Rows) -> tuple[Rows, Rows, Rows]:
    """Where each group begins in the two lists that follow: strata it has rows of, and how many."""
    (members, kinds), counts = _pairs(groups, strata)
    begins = np.searchsorted(members, np.arange(int(groups.max()) + 2))
    return begins.astype(np.int64), kinds, counts


def _pairs(first: Rows, second: Rows) -> tuple[tuple[Rows, Rows], Rows]:
    """The different pairs, sorted, and how often each occurs; the numbers are 0 or more."""
    count = int(second.max()) + 1
    keys, times = np.unique(first * count + second, return_counts=True)
    return (keys // count, keys % count), times


def _fill_empty(part_of: NDArray[np.int8], sizes: Rows, parts: int) -> None:
    """Give a part without a group the smallest one of the part that has most groups."""
    for part in range(parts):
        groups_of = np.bincount(part_of, minlength=parts)
        if not groups_of[part] and groups_of.max() > 1:
            donor = int(np.argmax(groups_of))
            theirs = np.flatnonzero(part_of == donor)
            part_of[theirs[int(np.argmin(sizes[theirs]))]] = part
