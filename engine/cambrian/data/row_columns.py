"""Columns that say something of the rows and are no features: weights, groups, and the order in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from cambrian.data import cells
from cambrian.data.findings import DataWarning
from cambrian.data.read import Table
from cambrian.data.reading.text_types import shortened
from cambrian.data.roles import Role
from cambrian.errors import DataError, SettingError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RowColumns:
    """The columns that the user named for the rows; empty: none.

    Attributes:
        weight: How much a row counts in the training loss, the metrics and the baselines; a number of 0 or
            more. A row of weight 0 is left out like one without a target.
        group: Rows of equal values stand in one part of the split: never a patient in training and test.
        time: A number or time by which the split goes: later rows validate and test.
    """

    weight: str = ""
    group: str = ""
    time: str = ""

    @property
    def roles(self) -> dict[str, Role]:
        """Column to role, of those that are named."""
        named = {self.weight: Role.WEIGHT, self.group: Role.GROUP, self.time: Role.TIME}
        return {column: role for column, role in named.items() if column}

    def check(self, target: str | None) -> None:
        """Refuse what cannot go together; whether the columns exist the profile says.

        Raises:
            SettingError: A column has two purposes, or rows were to be split in two ways.
        """
        if self.group and self.time:
            raise SettingError(
                f"The rows cannot be split by the groups of `{self.group}` and by the time `{self.time}`.",
                "Name one of the two.",
            )
        named = [column for column in (self.weight, self.group, self.time, target or "") if column]
        twice = next((column for column in named if named.count(column) > 1), None)
        if twice is not None:
            raise SettingError(
                f"`{twice}` is named for two purposes: it can be one of target, weight, group and time.",
                "Name another column for one of them.",
            )


NO_COLUMNS = RowColumns()


@dataclass(frozen=True, slots=True)
class RowValues:
    """What those columns hold for every row of a table; None where no column is named.

    Attributes:
        weights: NaN where missing or no number.
        groups: The group's label as text, None where missing; objects.
        moments: The times, as microseconds or numbers, NaN where missing.
    """

    weights: Floats | None = None
    groups: NDArray[Any] | None = None
    moments: Floats | None = None


def row_values(table: Table, columns: RowColumns) -> RowValues:
    """The values of the named columns.

    Raises:
        DataError: The table lacks one.
    """
    for name, role in columns.roles.items():
        if name not in table.names:
            raise DataError(f"{table.source.name} has no column {name!r}, the {role}.", "Add the column.")
    weights = groups = moments = None
    if columns.weight:
        parts = table.parts(columns.weight)
        weights = np.concatenate([cells.numbers(part, columns.weight, keep_infinite=True) for part in parts])
    if columns.group:
        groups = np.concatenate([_groups(part, columns.group) for part in table.parts(columns.group)])
    if columns.time:
        moments = np.concatenate([_moments(part, columns.time) for part in table.parts(columns.time)])
    return RowValues(weights, groups, moments)


def labelled_rows(table: Table, target: str) -> Bools:
    """Which rows have a target: a label, or a finite number."""
    if cells.kind(table, target) == "number":
        return np.concatenate([np.isfinite(cells.numbers(part, target)) for part in table.parts(target)])
    known = (cells.labels(part, target, as_typed=True).is_valid() for part in table.parts(target))
    return np.concatenate([np.asarray(part) for part in known])


def row_refusals(table: Table, columns: RowColumns, labelled: Bools) -> tuple[DataWarning, ...]:
    """Why the named columns cannot be used; `labelled` are the rows with a target.

    A weight must be finite and 0 or more, and a row with a target must have a group and a time.
    """
    values, found = row_values(table, columns), []
    if columns.time and cells.kind(table, columns.time) not in ("time", "number"):
        message = f"`{columns.time}` cannot order the rows in time: it holds neither times nor numbers."
        found.append(DataWarning("bad_time", columns.time, message, "Write times as year-month-day."))
    elif values.moments is not None:
        wrong = labelled & np.isnan(values.moments)
        found += _refused(table, columns.time, wrong, ("bad_time", "no time"))
    if values.groups is not None:
        wrong = labelled & np.array([group is None for group in values.groups], dtype=bool)
        found += _refused(table, columns.group, wrong, ("bad_group", "no group"))
    if values.weights is not None:
        usable = np.isfinite(values.weights) & (np.nan_to_num(values.weights) >= 0)
        found += _refused(table, columns.weight, labelled & ~usable, ("bad_weight", "no weight of 0 or more"))
        if usable[labelled].all() and not (values.weights[labelled] > 0).any():
            message = f"All weights in `{columns.weight}` are 0."
            found.append(DataWarning("bad_weight", columns.weight, message, "Name another column."))
    return tuple(found)


def _refused(table: Table, column: str, wrong: Bools, about: tuple[str, str]) -> list[DataWarning]:
    if not wrong.any():
        return []
    code, lacks = about
    row = int(np.flatnonzero(wrong)[0])
    cell = cells.labels(table, column)[row].as_py()
    holds = "an empty cell" if cell is None else repr(shortened(cell))
    count = int(wrong.sum())
    rows = "1 row with a target has" if count == 1 else f"{count} rows with a target have"
    message = f"`{column}`: {rows} {lacks}, the first in {table.place(row)}: {holds}."
    return [DataWarning(code, column, message, "Mend these cells, or leave the rows out of the file.")]


def _groups(table: Table, name: str) -> NDArray[Any]:
    """A group's label for each row; rows of one group share the text, which saves its room."""
    encoded = cells.labels(table, name).dictionary_encode()
    found = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    return np.asarray(found[np.asarray(pc.fill_null(encoded.indices, len(found) - 1))])


def _moments(table: Table, name: str) -> Floats:
    if cells.kind(table, name) == "time":
        # Microseconds are whole in a float64 up to the year 2255; later ones may tie within some of them.
        times = cells.timestamps(table, name)
        return np.where(np.isnat(times), np.nan, times.astype(np.int64).astype(np.float64))
    if cells.kind(table, name) == "number":
        return cells.numbers(table, name)
    return np.full(table.rows, np.nan)
