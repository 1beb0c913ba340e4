"""Which rows train, validate and test: a function of the data's fingerprint and the split seed alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cambrian.errors import DataError

Rows = NDArray[np.int64]
Target = NDArray[np.int64] | NDArray[np.float64]
Objection = Callable[[Target, Rows], str]
"""What speaks against a fold, given the training part's target and the rows validated on; or nothing."""

MINIMUM_ROWS = 10
FIVE_FOLDS_TO = 20_000
THREE_FOLDS_TO = 100_000
HOLDOUT = 0.2
QUANTILE_BINS = 10


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """How the rows are split.

    Attributes:
        test_fraction: Part of the labelled rows kept for the test; without meaning beside a test file.
        split_seed: Seed of the split; the run's own seed never enters.
        folds: Folds of the training part; 1 is a holdout of 20%, 0 lets the number of rows decide.
    """

    test_fraction: float = 0.2
    split_seed: int = 0
    folds: int = 0


@dataclass(frozen=True, slots=True)
class SplitRows:
    """The split of one table.

    Attributes:
        train: Row numbers of the training part in the table, ascending.
        test: Row numbers of the test part, ascending; empty beside a test file.
        fold_of: For each row of the training part the fold that validates on it, or -1 when every fold
            trains on it (the only member of a class; the training side of a holdout).
        n_folds: Number of folds; 1 is a holdout.
    """

    train: Rows
    test: Rows
    fold_of: NDArray[np.int8]
    n_folds: int

    def fold(self, fold: int) -> tuple[Rows, Rows]:
        """Training and validation rows of a fold, as positions in the training part."""
        return fold_rows(self.fold_of, fold)

    @property
    def folds(self) -> tuple[tuple[Rows, Rows], ...]:
        """`fold(k)` for every fold."""
        return tuple(self.fold(fold) for fold in range(self.n_folds))


def fold_rows(fold_of: NDArray[np.int8], fold: int) -> tuple[Rows, Rows]:
    """Positions that a fold trains on and validates on, both ascending."""
    validates = np.asarray(fold_of) == fold
    return np.flatnonzero(~validates).astype(np.int64), np.flatnonzero(validates).astype(np.int64)


def resolve_folds(folds: int, rows: int) -> int:
    """The number of folds: as set, or 5 up to 20,000 labelled rows, 3 up to 100,000, then 1."""
    if folds:
        return folds
    if rows <= FIVE_FOLDS_TO:
        return 5
    return 3 if rows <= THREE_FOLDS_TO else 1


def split_rows(
    y: Target,
    fingerprint: str,
    settings: SplitSettings,
    *,
    test_part: bool = True,
    objection: Objection | None = None,
) -> SplitRows:
    """Split the labelled rows of a table into training part, folds and test part.

    Classes are spread evenly (each part holds its share of a class to within one row), a regression target
    by its quantiles. A class with one member goes to the training part, and every fold trains on it; a class
    with more is never wholly in the test part.

    Args:
        y: The target: class numbers (-1 missing) or numbers (NaN missing); rows without one are left out.
        fingerprint: The table's content hash.
        settings: Fractions, seed and folds.
        test_part: False when the test rows come from another file: then all labelled rows train.
        objection: Speaks against folds that cannot be judged. Then there are as many fewer as it takes,
            unless the number was asked for.

    Raises:
        DataError: There are too few labelled rows, or too few classes with two members; or no number of folds
            will do.
    """
    labelled = np.flatnonzero(y >= 0 if _is_classes(y) else np.isfinite(y)).astype(np.int64)
    n_folds = resolve_folds(settings.folds, len(labelled))
    _refuse_too_few(y[labelled], n_folds)
    test = np.zeros(len(labelled), dtype=bool)
    if test_part:
        rng = _generator(fingerprint, settings.split_seed, "test")
        test = _drawn(y[labelled], settings.test_fraction, rng)
    train_rows, test_rows = labelled[~test], labelled[test]
    if test_part and not len(test_rows):
        raise _too_few(len(labelled), "no row would be left for the test")

    def dealt(count: int) -> SplitRows:
        rng = _generator(fingerprint, settings.split_seed, "folds")
        return SplitRows(train_rows, test_rows, _fold_numbers(y[train_rows], count, rng), count)

    split = dealt(n_folds)
    if any(not len(train) or not len(validation) for train, validation in split.folds):
        raise _too_few(len(labelled), f"a fold of {n_folds} would be empty")
    against = _first_objection(split, y[train_rows], objection)
    if not against:
        return split
    fewer = (dealt(count) for count in range(n_folds - 1, 0, -1))
    fit = next((each for each in fewer if not _first_objection(each, y[train_rows], objection)), None)
    if fit is not None and not settings.folds:
        return fit
    fewer_folds = "" if fit is None else f"Ask for at most {fit.n_folds} folds, or "
    remedy = "add rows of what is missing, or choose another objective."
    raise DataError(against, fewer_folds + (remedy if fewer_folds else remedy.capitalize()))


def _first_objection(split: SplitRows, y: Target, objection: Objection | None) -> str:
    if objection is None:
        return ""
    for number, (_, validation) in enumerate(split.folds):
        against = objection(y, validation)
        if against:
            return f"On fold {number + 1} of {split.n_folds} {against}."
    return ""


def _fold_numbers(y: Target, n_folds: int, rng: np.random.Generator) -> NDArray[np.int8]:
    fold_of = np.full(len(y), -1, dtype=np.int8)
    if n_folds == 1:
        fold_of[_drawn(y, HOLDOUT, rng)] = 0
        return fold_of
    order = _dealing_order(y, rng)
    # Dealt round and round over the strata: folds and each class in them differ by one row at most.
    fold_of[order] = np.arange(len(order)) % n_folds
    return fold_of


def _drawn(y: Target, fraction: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A stratified draw of `round(fraction * rows)` rows, as a mask."""
    order = _dealing_order(y, rng)
    steps = np.floor(np.arange(len(order) + 1) * fraction + 0.5)
    drawn = np.zeros(len(y), dtype=bool)
    drawn[order[np.diff(steps) > 0]] = True
    if _is_classes(y) and fraction > 0.5:  # above a half two neighbours can both be drawn: a class of two
        for label in np.unique(y[order]):
            members = np.flatnonzero(y == label)
            if drawn[members].all():
                drawn[members[0]] = False
    return drawn


def _dealing_order(y: Target, rng: np.random.Generator) -> Rows:
    """The rows that may be drawn, shuffled within their stratum, stratum after stratum.

    A stratum is a class with at least two members, or a block of a regression target's sorted values.
    """
    shuffled = rng.permutation(len(y)).astype(np.int64)
    if _is_classes(y):
        strata = np.asarray(y, dtype=np.int64)
        counts = np.bincount(strata) if len(strata) else np.zeros(0, dtype=np.int64)
        shuffled = shuffled[counts[strata[shuffled]] > 1]
    else:
        bins = max(1, min(QUANTILE_BINS, len(y) // QUANTILE_BINS))
        strata = np.empty(len(y), dtype=np.int64)
        strata[np.argsort(y, kind="stable")] = np.arange(len(y)) * bins // max(1, len(y))
    return shuffled[np.argsort(strata[shuffled], kind="stable")]


def _refuse_too_few(y: Target, n_folds: int) -> None:
    if len(y) < max(MINIMUM_ROWS, 2 * n_folds):
        raise _too_few(len(y), f"at least {max(MINIMUM_ROWS, 2 * n_folds)} are needed")
    if _is_classes(y) and int((np.bincount(y.astype(np.int64)) > 1).sum()) < 2:
        raise DataError(
            "Fewer than two classes of the target have two rows or more: nothing can be validated.",
            "Add rows of the other classes, or choose another target.",
        )


def _too_few(rows: int, why: str) -> DataError:
    return DataError(
        f"{rows} rows have a target value, too few to train, validate and test: {why}.",
        "Add rows, ask for fewer folds, or check that the target column is the right one.",
    )


def _is_classes(y: Target) -> bool:
    return bool(np.issubdtype(y.dtype, np.integer))


def _generator(fingerprint: str, split_seed: int, purpose: str) -> np.random.Generator:
    text = f"cambrian split\x1f{fingerprint}\x1f{split_seed}\x1f{purpose}"
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest(), "big"))
