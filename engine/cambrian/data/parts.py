"""How a table will be prepared: everything that can refuse it, decided before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cambrian.data.profile import Profile
from cambrian.data.read import Table
from cambrian.data.reading.text_types import shortened
from cambrian.data.row_columns import RowColumns, RowValues, row_refusals, row_values
from cambrian.data.schema import Columns, Floats, TableSchema
from cambrian.data.split import Objection, Rows, SplitRows, SplitSettings, split_rows
from cambrian.data.split_dealers import SplitBy
from cambrian.data.strata import Target
from cambrian.errors import DataError


@dataclass(frozen=True, slots=True)
class TestPart:
    """The test rows of a file of their own: features, target, its row numbers and weights."""

    columns: Columns
    y: Target
    rows: Rows
    weights: Floats | None


@dataclass(frozen=True, slots=True)
class PlannedParts:
    """How a table will be prepared.

    Attributes:
        y: Its target; missing where the row's weight is 0.
        parts: Its split.
        schema: Its schema.
        test: The part of a test file, if there is one.
        weights: Of all rows, if a column holds them.
        weightless: Rows with a target that are left out because their weight is 0.
    """

    y: Target
    parts: SplitRows
    schema: TableSchema
    test: TestPart | None
    weights: Floats | None = None
    weightless: int = 0


def plan_parts(
    table: Table,
    profile: Profile,
    *,
    split: SplitSettings,
    test_table: Table | None = None,
    objection: Objection | None = None,
) -> PlannedParts:
    """Everything that can refuse a table, without writing it; the arguments are those of `prepare`.

    Raises:
        DataError: The profile refuses, there are too few rows, or the test file does not fit the table.
    """
    if profile.refusals:
        raise DataError(profile.refusals[0].message, profile.refusals[0].remedy)
    whole = TableSchema((), profile.target, profile.classes)
    values = row_values(table, profile.row_columns)
    y, weightless = _weighed(whole.target(table), values.weights)
    by = _split_by(profile.row_columns, values)
    parts = split_rows(y, table.fingerprint, split, test_part=test_table is None, objection=objection, by=by)
    schema = TableSchema.build(profile, table, parts.train)
    test = None
    if test_table is not None:
        test, theirs = _test_part(schema, test_table, profile.row_columns)
        _refuse_overlap(profile.row_columns, test_table, (values, parts.train), (theirs, test.rows))
    return PlannedParts(y, parts, schema, test, values.weights, weightless)


def split_facts(
    settings: SplitSettings, plan: PlannedParts, targets: Mapping[str, Target], profile: Profile
) -> dict[str, Any]:
    """What the manifest says of the split; of groups, times and weights only where there are any."""
    facts: dict[str, Any] = {
        "split_seed": settings.split_seed,
        "test_fraction": settings.test_fraction,
        "folds_asked": settings.folds,
        "folds": plan.parts.n_folds,
    }
    if plan.parts.kind != "rows":
        named = profile.row_columns
        facts["kind"] = plan.parts.kind
        facts["column"] = named.group or named.time
    if profile.row_columns.weight:
        facts["weight"] = profile.row_columns.weight
        facts["rows_of_weight_0"] = plan.weightless
    if profile.classes:
        for part, target in targets.items():
            counts = np.bincount(target.astype(np.int64), minlength=len(profile.classes))
            facts[f"{part}_classes"] = counts.tolist()
    return facts


def _weighed(y: Target, weights: Floats | None) -> tuple[Target, int]:
    """The target without that of rows whose weight is 0, and how many rows these are."""
    if weights is None:
        return y, 0
    integer = np.issubdtype(y.dtype, np.integer)
    weightless = (weights == 0) & (y >= 0 if integer else np.isfinite(y))
    left = y.copy()
    left[weightless] = -1 if integer else np.nan
    return left, int(weightless.sum())


def _split_by(columns: RowColumns, values: RowValues) -> SplitBy | None:
    if values.groups is not None:
        return SplitBy("groups", columns.group, values.groups)
    return None if values.moments is None else SplitBy("time", columns.time, values.moments)


def _test_part(schema: TableSchema, table: Table, columns: RowColumns) -> tuple[TestPart, RowValues]:
    values = row_values(table, columns)
    y = schema.target(table)
    labelled = y >= 0 if schema.classes else np.isfinite(y)
    refusals = row_refusals(table, columns, labelled)
    if refusals:
        raise DataError(f"{table.source.name}: {refusals[0].message}", refusals[0].remedy)
    y, _ = _weighed(y, values.weights)
    rows = np.flatnonzero(y >= 0 if schema.classes else np.isfinite(y)).astype(np.int64)
    if not len(rows):
        raise DataError(
            f"{table.source.name} has no row with a value of {schema.target_column!r} to test with.",
            "Give a test file with targets, or none to split off test rows.",
        )
    return TestPart(schema.columns(table), y, rows, values.weights), values


def _refuse_overlap(
    columns: RowColumns, test_table: Table, ours: tuple[RowValues, Rows], theirs: tuple[RowValues, Rows]
) -> None:
    """Refuse a test file that shares a group with the table, or holds rows that are not later.

    Raises:
        DataError: It does.
    """
    (mine, train), (other, test) = ours, theirs
    if mine.groups is not None and other.groups is not None:
        both = sorted(set(mine.groups[train]) & set(other.groups[test]))
        if both:
            some = ", ".join(repr(shortened(group)) for group in both[:5]) + (", ..." if both[5:] else "")
            raise DataError(
                f"{test_table.source.name} has {len(both)} groups of `{columns.group}` that the table "
                f"to train on has too: {some}.",
                "Leave these rows out of one of the two files.",
            )
    if mine.moments is not None and other.moments is not None:
        early = test[other.moments[test] <= mine.moments[train].max()]
        if len(early):
            raise DataError(
                f"{test_table.source.name} has {len(early)} rows that by `{columns.time}` are not later than "
                f"all rows to train on, the first in {test_table.place(int(early[0]))}.",
                "Leave these rows out, or do not name a time.",
            )
