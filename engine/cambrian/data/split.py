"""Which rows train, validate and test: a function of the data's fingerprint and the split seed alone.

Rows are drawn, or dealt by whole groups, or cut by their time; how is `SplitRows.kind`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cambrian.data.split_dealers import GroupDealer, Kind, SplitBy, TimeDealer, dealer
from cambrian.data.strata import Target, is_classes
from cambrian.errors import DataError

Rows = NDArray[np.int64]
Objection = Callable[[Target, Rows], str]
"""What speaks against a fold, given the training part's target and the rows validated on; or nothing."""

MINIMUM_ROWS = 10
FIVE_FOLDS_TO = 20_000
THREE_FOLDS_TO = 100_000


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
        kind: Whether rows, groups or times were split; by time a fold trains on earlier rows alone.
    """

    train: Rows
    test: Rows
    fold_of: NDArray[np.int8]
    n_folds: int
    kind: Kind = "rows"

    def fold(self, fold: int) -> tuple[Rows, Rows]:
        """Training and validation rows of a fold, as positions in the training part."""
        return fold_rows(self.fold_of, fold, expanding=self.kind == "time")

    def validating(self) -> list[int]:
        """Rows that each fold validates on."""
        counts: list[int] = np.bincount(self.fold_of + np.int8(1), minlength=self.n_folds + 1)[1:].tolist()
        return counts

    @property
    def folds(self) -> tuple[tuple[Rows, Rows], ...]:
        """`fold(k)` for every fold."""
        return tuple(self.fold(fold) for fold in range(self.n_folds))


def fold_rows(fold_of: NDArray[np.int8], fold: int, *, expanding: bool = False) -> tuple[Rows, Rows]:
    """Positions that a fold trains on and validates on, both ascending.

    With `expanding` windows it trains on what earlier folds validate on, and on what none does.
    """
    validates = np.asarray(fold_of) == fold
    trains = np.asarray(fold_of) < fold if expanding else ~validates
    return np.flatnonzero(trains).astype(np.int64), np.flatnonzero(validates).astype(np.int64)


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
    by: SplitBy | None = None,
) -> SplitRows:
    """Split the labelled rows of a table into training part, folds and test part.

    Classes are spread evenly (each part holds its share of a class to within one row), a regression target
    by its quantiles. A class with one member goes to the training part, and every fold trains on it; a class
    with more is never wholly in the test part.

    With groups, whole groups are dealt, as evenly as they allow; a group that holds all rows of a class goes
    to the training part, and every fold trains on it. With times, the latest rows are the test part, and the
    later half of the rest is cut into the folds' validation rows, each trained for by everything before;
    rows of one time stay together, and nothing is stratified or drawn.

    Args:
        y: The target: class numbers (-1 missing) or numbers (NaN missing); rows without one are left out.
        fingerprint: The table's content hash.
        settings: Fractions, seed and folds.
        test_part: False when the test rows come from another file: then all labelled rows train.
        objection: Speaks against folds that cannot be judged. Then there are as many fewer as it takes,
            unless the number was asked for.
        by: The groups that stay together or the times that stay in order; None: neither.

    Raises:
        DataError: There are too few labelled rows, groups or times, or too few classes with two members; or
            no number of folds will do.
    """
    labelled = y >= 0 if is_classes(y) else np.isfinite(y)
    known = int(labelled.sum())
    n_folds = resolve_folds(settings.folds, known)
    of_labelled = y if known == len(y) else y[labelled]
    _refuse_too_few(of_labelled, n_folds)
    every = dealer(of_labelled, by, labelled)
    if isinstance(every, GroupDealer | TimeDealer) and not every.most_folds:
        raise every.too_few(1, test_part=False)
    test = np.zeros(known, dtype=bool)
    if test_part:
        test = every.test(settings.test_fraction, _generator(fingerprint, settings.split_seed, "test"))
    if test_part and not test.any():
        raise _too_few(known, "no row would be left for the test")
    training = every.of(~test)
    del every, of_labelled  # of 40 million rows 320 MB
    rows = np.flatnonzero(labelled).astype(np.int64)
    train_rows, test_rows = rows[~test], rows[test]
    del rows
    if isinstance(training, GroupDealer | TimeDealer) and training.most_folds < n_folds:
        if settings.folds or not training.most_folds:
            raise training.too_few(n_folds, test_part=test_part)
        n_folds = training.most_folds

    def split_into(count: int) -> SplitRows:
        rng = _generator(fingerprint, settings.split_seed, "folds")
        return SplitRows(train_rows, test_rows, training.folds(count, rng), count, training.kind)

    split = split_into(n_folds)
    if len(split.fold_of) == 0 or any(not 0 < count < len(train_rows) for count in split.validating()):
        raise _too_few(known, f"a fold of {n_folds} would be empty")
    return _without_objection(split, training.y, objection, split_into, fixed=bool(settings.folds))


def _without_objection(
    split: SplitRows,
    y: Target,
    objection: Objection | None,
    split_into: Callable[[int], SplitRows],
    *,
    fixed: bool,
) -> SplitRows:
    """The split, or one into as many fewer folds as it takes to be judged.

    Raises:
        DataError: No number of folds will do, or it is `fixed`.
    """
    against = _first_objection(split, y, objection)
    if not against:
        return split
    fewer = (split_into(count) for count in range(split.n_folds - 1, 0, -1))
    fit = next((each for each in fewer if not _first_objection(each, y, objection)), None)
    if fit is not None and not fixed:
        return fit
    fewer_folds = "" if fit is None else f"Ask for at most {fit.n_folds} folds, or "
    remedy = "add rows of what is missing, or choose another objective."
    raise DataError(against, fewer_folds + (remedy if fewer_folds else remedy.capitalize()))


def _first_objection(split: SplitRows, y: Target, objection: Objection | None) -> str:
    for number in range(split.n_folds):
        validation = np.flatnonzero(split.fold_of == number).astype(np.int64)
        against = "" if objection is None else objection(y, validation)
        if not against and split.kind != "rows" and is_classes(y) and _of_one_class(split, number, y):
            against = "the rows to train on are of one class alone"
        if against:
            return f"On fold {number + 1} of {split.n_folds} {against}."
    return ""


def _of_one_class(split: SplitRows, number: int, y: Target) -> bool:
    """Whether what a fold trains on is of one class; drawn by rows that cannot be."""
    train, _ = split.fold(number)
    return len(np.unique(y[train])) < 2


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
