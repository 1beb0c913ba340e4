"""What is to be said about the parts of a split: rows they share, and whether they are alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cambrian.data.duplicates import SHARE, Keys, among, mixed_in, tells_rows_apart
from cambrian.data.findings import DataWarning
from cambrian.data.mapped import take_rows
from cambrian.data.parts import PlannedParts, TestPart
from cambrian.data.prepared import Prepared
from cambrian.data.read import Table
from cambrian.data.reference import Reference, row_blocks, sampled
from cambrian.data.schema import Columns, TableSchema
from cambrian.data.shift import Compared, column_shifts, target_shift
from cambrian.data.split import Rows
from cambrian.data.strata import Target
from cambrian.data.text_features import HashedText
from cambrian.data.two_sample import classifier_shift

TEST = Compared(
    "the test part", "the training part", "The test score tells of other rows than those that train."
)
TEST_FILE = Compared(
    "the test file",
    "the training file",
    "Check that both files were made alike; the test score tells of the first.",
)
FOLD_ADVICE = "The networks are chosen on other rows than they train on."


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table; nothing of it is copied until rows are asked for.

    Attributes:
        columns: Features of all rows of the table.
        rows: The part's rows among them; None: all.
        y: The target of the part's rows.
    """

    columns: Columns
    rows: Rows | None
    y: Target

    def of(self, positions: Rows) -> Columns:
        """A sample of the rows at some positions in the part."""
        return sampled(self.columns, positions if self.rows is None else self.rows[positions])

    def keys(self) -> Keys:
        """A key for the features of every row."""
        return row_keys(self.columns, self.rows)


@dataclass(frozen=True, slots=True)
class Parts:
    """A split table.

    Attributes:
        schema: Features and target.
        train: The training part.
        test: The test part.
        fold: Gives the positions in the training part that a fold trains on and validates on.
        n_folds: Folds.
        from_file: Whether the test part is a file of its own.
        by_chance: Whether chance dealt the folds (and the test part, if it is no file of its own). No
            classifier looks for a shift then: it would cost seconds and find one in 1 of 1,000 cases.
    """

    schema: TableSchema
    train: Part
    test: Part
    fold: Callable[[int], tuple[Rows, Rows]]
    n_folds: int
    from_file: bool
    by_chance: bool

    @classmethod
    def of(cls, prepared: Prepared) -> Parts:
        """The parts of prepared data."""
        train, test = (
            Part(prepared.columns(), None, prepared.y),
            Part(prepared.test()[0], None, prepared.test()[1]),
        )
        from_file = prepared.manifest["test_source"] is not None
        by_chance = prepared.manifest["split"].get("kind", "rows") == "rows"
        return cls(prepared.schema, train, test, prepared.fold, prepared.n_folds, from_file, by_chance)

    @classmethod
    def planned(cls, table: Table, plan: PlannedParts) -> Parts:
        """The parts of a table as it will be prepared."""
        split, columns = plan.parts, plan.schema.columns(table)
        train = Part(columns, split.train, plan.y[split.train])
        other = plan.test or TestPart(columns, plan.y, split.test, plan.weights)
        test = Part(other.columns, other.rows, other.y[other.rows])
        from_file = plan.test is not None
        return cls(plan.schema, train, test, split.fold, split.n_folds, from_file, split.kind == "rows")


def part_findings(parts: Parts) -> tuple[DataWarning, ...]:
    """Rows shared by training and test, and shifts from training to test and from fold to fold.

    No score is computed: of the test part only the features and the distribution of the target are looked at.
    """
    compared = TEST_FILE if parts.from_file else TEST
    train, test = parts.train, parts.test
    reference = Reference.of(train.columns, train.rows)
    here, there = sampled(test.columns, test.rows), sampled(train.columns, train.rows)
    found = _shared(parts)
    found += target_shift(test.y, train.y, parts.schema, compared)
    found += column_shifts(reference, here, parts.schema, compared)
    if parts.from_file or not parts.by_chance:
        found += classifier_shift(here, there, compared)
    return found + _fold_shifts(parts)


def _shared(parts: Parts) -> tuple[DataWarning, ...]:
    """A finding if rows of the test part also train."""
    sample = sampled(parts.train.columns, parts.train.rows)
    texts = (_text_keys(text) for text in sample.texts)
    columns = (np.asarray(parts.train.y), *sample.numeric.T, *sample.codes.T, *texts)
    distinct = (len(np.unique(values)) for values in columns)
    if not tells_rows_apart(distinct, len(parts.train.y)):
        return ()
    train, test = (mixed_in(part.keys(), np.asarray(part.y)) for part in (parts.train, parts.test))
    shared = among(test, train)
    if shared < max(1, SHARE * len(test)):
        return ()
    which = "of the test file" if parts.from_file else "of the test part"
    if parts.by_chance and not parts.from_file:
        which += ", which chance split off,"
    message = (
        f"{shared} of {len(test)} rows {which} stand in the training part too, alike in every feature and "
        "the target: the test score flatters."
    )
    remedy = (
        "Remove them from one of the two files." if parts.from_file else "Remove the copies from the file."
    )
    return (DataWarning("shared_rows", "", message, remedy),)


def row_keys(columns: Columns, rows: Rows | None = None) -> Keys:
    """A key for the features of some rows (None: all)."""
    parts = []
    for block in row_blocks(len(columns), rows):
        numeric, codes = take_rows(columns.numeric, block), take_rows(columns.codes, block)
        keys = np.zeros(len(numeric), dtype=np.uint64)
        for values in (*numeric.T, *codes.T, *(_text_keys(text.take(block)) for text in columns.texts)):
            keys = mixed_in(keys, values)
        parts.append(keys)
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint64)


def _text_keys(text: HashedText) -> Keys:
    """A key for the n-grams of every row."""
    tokens = mixed_in(np.asarray(text.places, dtype=np.uint64), np.asarray(text.values))
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(tokens, dtype=np.uint64)])
    return np.asarray(sums[text.starts[1:]] - sums[text.starts[:-1]])


def _fold_shifts(parts: Parts) -> tuple[DataWarning, ...]:
    """The findings of the first fold that has any: a split by chance gives none.

    The classifier looks at the first fold alone: it takes longer than all else.
    """
    for fold in range(parts.n_folds):
        there, here = (parts.train.of(rows) for rows in parts.fold(fold))
        name = "the validation rows" if parts.n_folds == 1 else f"the validation rows of fold {fold + 1}"
        compared = Compared(name, "its training rows", FOLD_ADVICE)
        found = column_shifts(Reference.of(there), here, parts.schema, compared, tests=parts.n_folds)
        if not fold and not parts.by_chance:
            found += classifier_shift(here, there, compared)
        if found:
            return found
    return ()
