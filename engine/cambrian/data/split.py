"""Which rows train, validate and test: a function of the data's fingerprint and the split seed alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cambrian.data.strata import Target, dealt, drawn, is_classes
from cambrian.errors import DataError

Rows = NDArray[np.int64]
Objection = Callable[[Target, Rows], str]
"""What speaks against a fold, given the training part's target and the rows validated on; or nothing."""

MINIMUM_ROWS = 10
FIVE_FOLDS_TO = 20_000
THREE_FOLDS_TO = 100_000
HOLDOUT = 0.2


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

    def validating(self) -> list[int]:
        """Rows that each fold validates on."""
        counts: list[int] = np.bincount(self.fold_of + np.int8(1), minlength=self.n_folds + 1)[1:].tolist()
        return counts

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
    labelled = y >= 0 if is_classes(y) else np.isfinite(y)
    known = int(labelled.sum())
    n_folds = resolve_folds(settings.folds, known)
    of_labelled = y if known == len(y) else y[labelled]
    _refuse_too_few(of_labelled, n_folds)
    test = np.zeros(known, dtype=bool)
    if test_part:
        rng = _generator(fingerprint, settings.split_seed, "test")
        test = drawn(of_labelled, settings.test_fraction, rng)
    del of_labelled  # of 40 million rows 320 MB
    rows = np.flatnonzero(labelled).astype(np.int64)
    train_rows, test_rows = rows[~test], rows[test]
    del rows
    if test_part and not len(test_rows):
        raise _too_few(known, "no row would be left for the test")

    def split_into(count: int) -> SplitRows:
        rng = _generator(fingerprint, settings.split_seed, "folds")
        return SplitRows(train_rows, test_rows, _fold_numbers(y[train_rows], count, rng), count)

    split = split_into(n_folds)
    if len(split.fold_of) == 0 or any(not 0 < count < len(train_rows) for count in split.validating()):
        raise _too_few(known, f"a fold of {n_folds} would be empty")
    against = _first_objection(split, y[train_rows], objection)
    if not against:
        return split
    fewer = (split_into(count) for count in range(n_folds - 1, 0, -1))
    fit = next((each for each in fewer if not _first_objection(each, y[train_rows], objection)), None)
    if fit is not None and not settings.folds:
        return fit
    fewer_folds = "" if fit is None else f"Ask for at most {fit.n_folds} folds, or "
    remedy = "add rows of what is missing, or choose another objective."
    raise DataError(against, fewer_folds + (remedy if fewer_folds else remedy.capitalize()))


def _first_objection(split: SplitRows, y: Target, objection: Objection | None) -> str:
    if objection is None:
        return ""
    for number in range(split.n_folds):
        against = objection(y, np.flatnonzero(split.fold_of == number).astype(np.int64))
        if against:
            return f"On fold {number + 1} of {split.n_folds} {against}."
    return ""


def _fold_numbers(y: Target, n_folds: int, rng: np.random.Generator) -> NDArray[np.int8]:
    if n_folds > 1:
        return dealt(y, n_folds, rng)
    return drawn(y, HOLDOUT, rng).astype(np.int8) - np.int8(1)


def _refuse_too_few(y: Target, n_folds: int) -> None:
    if len(y) < max(MINIMUM_ROWS, 2 * n_folds):
        raise _too_few(len(y), f"at least {max(MINIMUM_ROWS, 2 * n_folds)} are needed")
    if is_classes(y) and int((np.bincount(y.astype(np.int64)) > 1).sum()) < 2:
        raise DataError(
            "Fewer than two classes of the target have two rows or more: nothing can be validated.",
            "Add rows of the other classes, or choose another target.",
        )


def _too_few(rows: int, why: str) -> DataError:
    return DataError(
        f"{rows} rows have a target value, too few to train, validate and test: {why}.",
        "Add rows, ask for fewer folds, or check that the target column is the right one.",
    )


def _generator(fingerprint: str, split_seed: int, purpose: str) -> np.random.Generator:
    text = f"cambrian split\x1f{fingerprint}\x1f{split_seed}\x1f{purpose}"
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest(), "big"))
