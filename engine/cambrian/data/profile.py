"""The profile of a table: what every column is, the task, and what speaks against training on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from cambrian.data.checks import bounded, column_findings, table_findings, time_order
from cambrian.data.column_facts import Codes, ColumnFacts, Histogram, column_facts
from cambrian.data.column_roles import ColumnChoices, facts_in_role, natural_role, no_column, role_findings
from cambrian.data.duplicates import Keys, contradictions, copied, mixed_in, repeated_rows, tells_rows_apart
from cambrian.data.findings import DataWarning
from cambrian.data.leak import leak
from cambrian.data.missingness import missing_by_target
from cambrian.data.read import Table
from cambrian.data.roles import FEATURE_ROLES, ROW_ROLES, Role
from cambrian.data.row_columns import NO_COLUMNS, RowColumns, labelled_rows, row_refusals
from cambrian.data.target import LEAST_ROWS, Target, Task, describe_target

MOST_CATEGORIES = 10_000


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What one column holds.

    Attributes:
        name: The column.
        role: Its role; a column that is left out keeps its role and has `used` false.
        kind: How it was typed: "number", "text", "boolean" or "time".
        reading: How its cells were read (see `Table.readings`).
        used: Whether it is a feature.
        missing: Rows without a value (infinities of a feature count as missing).
        distinct: Different values.
        low: Smallest value: a number, or an ISO time.
        high: Largest value.
        mean: Mean of a number column.
        quartiles: Lower quartile, median and upper quartile of a number or time column; else empty.
        commonest: Up to 10 commonest values with their counts, commonest first.
        categories: All values of a categorical (sorted), ordinal (low to high) or boolean column (false,
            true) and of a classification target (the order of the classes); at most 10,000.
        histogram: Of a number or time column.
        warnings: What was found about this column.
    """

    name: str
    role: Role
    kind: str
    reading: str
    used: bool
    missing: int
    distinct: int
    low: float | str | None = None
    high: float | str | None = None
    mean: float | None = None
    quartiles: tuple[float | str, ...] = ()
    commonest: tuple[tuple[str, int], ...] = ()
    categories: tuple[str, ...] = ()
    histogram: Histogram | None = None
    warnings: tuple[DataWarning, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The column's profile as a JSON object (no NaN, no infinities)."""
        return asdict(self)


@dataclass(frozen=True)
class Profile:
    """What a table holds and whether one can learn from it.

    Attributes:
        rows: Data rows of the table.
        columns: One profile a column, in the order of the file.
        target: The target column, empty if none was named or the file lacks it.
        task: What is learnt; empty without a usable target.
        classes: Class labels as in the file; of a binary task index 1 is the positive class; of a
            multiclass task sorted (by value if all are numbers). Empty for regression.
        class_counts: Rows of every class.
        target_rows: Rows with a usable target: those that train and test.
        missing_target: Rows without a target (kept for prediction).
        infinite_target: Rows whose regression target is infinite (left out).
        duplicates: Rows that repeat an earlier one in every feature and the target, among those whose values
            are known one by one (see `ColumnFacts.codes`).
        fingerprint: The table's.
        warnings: What was found, of the table first, then column by column; of a kind at most ten columns,
            the rest counted. A column's own `warnings` hold all.
        refusals: Why a run would refuse to train; empty if it would not.
        notes: What reading detected.
        row_columns: The columns of weights, groups and times.
    """

    rows: int
    columns: tuple[ColumnProfile, ...]
    target: str = ""
    task: Task = ""
    classes: tuple[str, ...] = ()
    class_counts: tuple[int, ...] = ()
    target_rows: int = 0
    missing_target: int = 0
    infinite_target: int = 0
    duplicates: int = 0
    fingerprint: str = ""
    warnings: tuple[DataWarning, ...] = ()
    refusals: tuple[DataWarning, ...] = ()
    notes: tuple[str, ...] = ()
    row_columns: RowColumns = NO_COLUMNS

    @property
    def features(self) -> tuple[ColumnProfile, ...]:
        """The columns that are used as features, in the order of the file."""
        return tuple(column for column in self.columns if column.used)

    def column(self, name: str) -> ColumnProfile:
        """The profile of one column.

        Raises:
            SettingError: The table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise no_column(name, tuple(column.name for column in self.columns))

    def with_findings(self, findings: tuple[DataWarning, ...]) -> Profile:
        """The profile with more warnings, also with the columns that they are about."""
        columns = tuple(
            replace(column, warnings=column.warnings + tuple(f for f in findings if f.column == column.name))
            for column in self.columns
        )
        return replace(self, columns=columns, warnings=self.warnings + findings)

    def to_json(self) -> dict[str, Any]:
        """The whole profile as a JSON object (no NaN, no infinities)."""
        return asdict(self)


def profile_table(
    table: Table,
    *,
    target: str | None = None,
    task: str = "auto",
    positive: str = "",
    roles: Mapping[str, str] | None = None,
    drop: Collection[str] = (),
    orders: Mapping[str, Sequence[str]] | None = None,
    rows: RowColumns = NO_COLUMNS,
) -> Profile:
    """Find out what every column is, what the task is, and what speaks against training.

    Args:
        table: The table.
        target: The column to predict; None only describes the columns.
        task: "auto", "binary", "multiclass" or "regression".
        positive: The positive class of a binary target, as in the file; empty: the rarer one.
        roles: Roles set by the user (column -> role).
        drop: Columns to leave out.
        orders: Categories of ordinal columns, low to high (column -> categories).
        rows: The columns of weights, groups and times, which are no features.

    Raises:
        SettingError: A setting names an unknown column, role, task or class; or a role that a column's cells
            cannot have.
    """
    choices = ColumnChoices(roles or {}, drop, orders or {}, rows)
    chosen = choices.checked(table, target)
    aim = describe_target(table, target, task=task, positive=positive) if target else Target()
    columns: list[ColumnProfile] = []
    keys: Keys | None = None
    for name in table.names:
        if name == target and aim.facts is not None:
            columns.append(_target_column(table, aim, aim.facts))
            continue
        column, codes = _column(table, name, aim, chosen.get(name), choices)
        columns.append(column)
        if column.used:
            keys = mixed_in(np.zeros(len(codes), np.uint64) if keys is None else keys, codes)
    duplicates, of_rows = _duplicates(keys, aim, [column.distinct for column in columns if column.used])
    features = [column.name for column in columns if column.used]
    usable = aim.facts.valid if aim.facts is not None else table.rows
    # Of no column that is left: what reading renamed away or could not take.
    whole = tuple(found for found in table.warnings if found.column not in table.names)
    whole += table_findings(len(features), len(table.names), usable) + of_rows
    return Profile(
        rows=table.rows,
        columns=tuple(columns),
        target=target if target and aim.facts is not None else "",
        task=aim.task,
        classes=aim.classes,
        class_counts=aim.class_counts,
        target_rows=aim.facts.valid if aim.facts is not None else 0,
        missing_target=aim.missing,
        infinite_target=aim.infinite,
        duplicates=duplicates,
        fingerprint=table.fingerprint,
        warnings=whole + tuple(bounded(found for column in columns for found in column.warnings)),
        refusals=_refusals(table, aim, features, rows),
        notes=table.notes,
        row_columns=rows,
    )


def _refusals(table: Table, aim: Target, features: list[str], rows: RowColumns) -> tuple[DataWarning, ...]:
    found = tuple(warning for warning in table.warnings if warning.code == "no_header") + aim.refusals
    if not features:
        message = (
            "No column is left to learn from: all are empty, constant, identifiers, dropped or the target."
        )
        found += (
            DataWarning("no_features", "", message, "Add columns that say something about the target."),
        )
    if aim.facts is not None:
        found += row_refusals(table, rows, labelled_rows(table, aim.facts.name)) if rows.roles else ()
    elif table.rows < LEAST_ROWS:
        few = "1 row" if table.rows == 1 else f"{table.rows} rows"
        message = f"{few} cannot be split into training, validation and test."
        found += (DataWarning("too_few_rows", "", message, f"At least {LEAST_ROWS} rows are needed."),)
    return found


def _target_column(table: Table, aim: Target, facts: ColumnFacts) -> ColumnProfile:
    warnings = _of_column(table, facts.name) + aim.warnings
    return _profile(table, facts, Role.TARGET, used=False, categories=aim.classes, warnings=warnings)


def _duplicates(keys: Keys | None, aim: Target, distinct: list[int]) -> tuple[int, tuple[DataWarning, ...]]:
    """Rows that repeat an earlier one, and what is to be said about them."""
    if keys is None:
        return 0, ()
    whole: Keys = keys
    found: tuple[DataWarning, ...] = ()
    if aim.facts is not None:
        whole = mixed_in(keys, aim.facts.codes)
        if aim.task != "regression" and tells_rows_apart(distinct, len(keys)):
            found = contradictions(keys, aim.facts.codes)
        distinct = [*distinct, aim.facts.distinct]
    copies = repeated_rows(whole)
    told = tells_rows_apart(distinct, len(keys))
    return copies, (copied(copies, len(keys), target=aim.facts is not None) if told else ()) + found


def _column(
    table: Table, name: str, aim: Target, chosen: Role | None, choices: ColumnChoices
) -> tuple[ColumnProfile, Codes]:
    """The profile of a column that is not the target, and its values as codes."""
    facts, dropped = column_facts(table, name), name in choices.drop
    warnings = _of_column(table, name)
    if chosen in ROW_ROLES:
        return _profile(table, facts, chosen, used=False, categories=(), warnings=warnings), facts.codes
    role, order = natural_role(table, facts)
    if chosen is not None and role not in (Role.EMPTY, Role.CONSTANT):
        facts, order = facts_in_role(table, facts, chosen, choices.orders.get(name, ()))
        role = chosen
    used = role in FEATURE_ROLES and not dropped
    if not dropped:
        warnings += role_findings(table, facts, role, order, chosen=chosen is not None)
        warnings += column_findings(table, facts, role, chosen=chosen is Role.IDENTIFIER)
        if facts.kind == "time" and aim.facts is not None and not (choices.rows.time or choices.rows.group):
            warnings += time_order(facts)
    if used and aim.facts is not None and not aim.refusals:
        known, target = facts.sampled(), aim.facts.sampled()
        warnings += leak(known, target, aim.task) + missing_by_target(known, target, aim.task)
    return _profile(table, facts, role, used=used, categories=order, warnings=warnings), facts.codes


def _of_column(table: Table, name: str) -> tuple[DataWarning, ...]:
    return tuple(found for found in table.warnings if found.column == name)


def _profile(
    table: Table, facts: ColumnFacts, role: Role, *, used: bool, categories: tuple[str, ...],
    warnings: tuple[DataWarning, ...],
) -> ColumnProfile:  # fmt: skip
    return ColumnProfile(
        name=facts.name,
        role=role,
        kind=facts.kind,
        reading=table.readings.get(facts.name, "text"),
        used=used,
        missing=facts.missing,
        distinct=facts.distinct,
        low=facts.bound(0),
        high=facts.bound(-1),
        mean=facts.mean(),
        quartiles=facts.shown_quartiles(),
        commonest=facts.commonest(),
        categories=categories[:MOST_CATEGORIES],
        histogram=facts.histogram(),
        warnings=warnings,
    )


__all__ = ["ColumnProfile", "Histogram", "Profile", "Task", "profile_table"]
