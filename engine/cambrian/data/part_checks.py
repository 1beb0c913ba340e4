"""What is to be said about the parts of a split: rows they share, and whether they are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cambrian.data.duplicates import TELLING, mixed_in, row_keys, shared_finding
from cambrian.data.findings import DataWarning
from cambrian.data.reference import Reference, sampled
from cambrian.data.schema import Columns, Floats, TableSchema
from cambrian.data.shift import Compared, column_shifts, target_shift
from cambrian.data.split import fold_rows
from cambrian.data.two_sample import classifier_shift

Target = NDArray[np.int64] | Floats

TEST = Compared(
    "the test part", "the training part", "The test score tells of other rows than those that train."
)
TEST_FILE = Compared(
    "the test file",
    "the training file",
    "Check that both files were made alike; the test score tells of the test file.",
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A split table.

    Attributes:
        schema: Features and target.
        train: Features of the training part.
        y: Its target.
        test: Features of the test part.
        test_y: Its target.
        fold_of: For each row of the training part the fold that validates on it, or -1.
        n_folds: Folds.
        from_file: Whether the test part is a file of its own.
    """

    schema: TableSchema
    train: Columns
    y: Target
    test: Columns
    test_y: Target
    fold_of: NDArray[np.int8]
    n_folds: int
    from_file: bool


def part_findings(parts: Parts) -> tuple[DataWarning, ...]:
    """Rows shared by training and test, and shifts from training to test and from fold to fold.

    No score is computed: of the test part only features and the distribution of the target are looked at.
    """
    compared = TEST_FILE if parts.from_file else TEST
    found = _shared(parts)
    found += target_shift(parts.test_y, parts.y, parts.schema, compared)
    found += column_shifts(Reference.of(parts.train), parts.test, parts.schema, compared)
    found += classifier_shift(parts.test, parts.train, compared)
    return found + _fold_shifts(parts)


def _shared(parts: Parts) -> tuple[DataWarning, ...]:
    train, test = row_keys(parts.train), row_keys(parts.test)
    telling = len(np.unique(train)) >= TELLING * len(train)
    return shared_finding(
        mixed_in(test, np.asarray(parts.test_y)),
        mixed_in(train, np.asarray(parts.y)),
        from_file=parts.from_file,
        telling=telling,
    )


def _fold_shifts(parts: Parts) -> tuple[DataWarning, ...]:
    """The findings of the first fold that has any: a split by chance gives none."""
    for fold in range(parts.n_folds):
        train, validation = fold_rows(parts.fold_of, fold)
        name = "the validation rows" if parts.n_folds == 1 else f"the validation rows of fold {fold + 1}"
        compared = Compared(
            name, "its training rows", "The networks are chosen on rows unlike those they train on."
        )
        here, there = sampled(parts.train, validation), sampled(parts.train, train)
        found = column_shifts(Reference.of(there), here, parts.schema, compared, tests=parts.n_folds)
        if not fold:
            found += classifier_shift(here, there, compared)
        if found:
            return found
    return ()
