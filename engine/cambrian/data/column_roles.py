"""The role of each column of a table: what its values speak for, or what the user says, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cambrian.data.cells import Floats, Times, booleans, labels, numbers, timestamps
from cambrian.data.column_facts import ColumnFacts, label_facts, number_facts
from cambrian.data.findings import DataWarning, named, option, or_drop
from cambrian.data.read import Table
from cambrian.data.reading.text_types import shortened
from cambrian.data.roles import (
    SETTABLE_ROLES,
    Role,
    boolean_words,
    known_order,
    mean_words,
    number_role,
    text_role,
)
from cambrian.data.row_columns import NO_COLUMNS, RowColumns
from cambrian.data.target import close_names
from cambrian.errors import SettingError

Bools = NDArray[np.bool_]

SAMPLED_VALUES = 200
"""Different values of a text column whose words are counted."""


@dataclass(frozen=True)
class ColumnChoices:
    """What the user says of the columns.

    Attributes:
        roles: Roles (column -> role).
        drop: Columns to leave out.
        orders: Categories of ordinal columns, low to high (column -> categories).
        rows: The columns that are for the rows: weights, groups, time.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    drop: Collection[str] = ()
    orders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rows: RowColumns = NO_COLUMNS

    def checked(self, table: Table, target: str | None) -> dict[str, Role]:
        """The role of every column that has one from the user, those for the rows included.

        A time is a feature too if it was given the role of one: then that role is what it has.

        Raises:
            SettingError: A setting names an unknown column or role, or one column has two purposes.
        """
        self.rows.check(target)
        for name in (*self.roles, *self.drop, *self.orders, *self.rows.roles):
            if name not in table.names:
                raise no_column(name, table.names)
        for name, role in self.roles.items():
            if role not in SETTABLE_ROLES:
                raise SettingError(
                    f"`{name}` cannot have the role '{role}'.",
                    f"Choose one of {', '.join(sorted(SETTABLE_ROLES))}.",
                )
        roles = {name: Role(role) for name, role in self.roles.items()}
        for name, order in self.orders.items():
            _check_order(name, order, roles.get(name, Role.ORDINAL))
            roles[name] = Role.ORDINAL
        self._check_purposes(roles, target)
        return {**self.rows.roles, **roles}

    def _check_purposes(self, roles: Mapping[str, Role], target: str | None) -> None:
        for name, purpose in {**self.rows.roles, **({target: Role.TARGET} if target else {})}.items():
            if name in self.drop:
                raise SettingError(
                    f"`{name}` is the {purpose} and cannot be dropped.", "Drop it, or use it as that."
                )
            if name in roles and purpose is not Role.TIME:
                raise SettingError(
                    f"`{name}` is the {purpose} and cannot have the role {roles[name]}.",
                    "Set the task instead." if purpose is Role.TARGET else "Leave one of the two out.",
                )


def no_column(name: str, names: tuple[str, ...]) -> SettingError:
    """The error for a column that a table does not have, with names that look like it."""
    close = close_names(name, names)
    return SettingError(
        f"There is no column `{name}`.", f"Did you mean {close}?" if close else "Check its name."
    )


def _check_order(name: str, order: Sequence[str], role: Role) -> None:
    if role is not Role.ORDINAL:
        raise SettingError(
            f"`{name}` has an order of categories and the role {role}.",
            "Give it the role ordinal, or leave the order out.",
        )
    if len(order) < 2 or len(set(order)) < len(order) or not all(category.strip() for category in order):
        shown = " < ".join(shortened(category) for category in order)
        raise SettingError(
            f"The order of `{name}` ({shown}) does not name two or more different categories.",
            "Name every category once, from low to high.",
        )


def natural_role(table: Table, facts: ColumnFacts) -> tuple[Role, tuple[str, ...]]:
    """The role that the values speak for, and the categories in the order that suits it."""
    if facts.kind in ("number", "time"):
        role = number_role(
            facts.name,
            distinct=facts.distinct,
            valid=facts.valid,
            rows=facts.rows,
            span=facts.span,
            whole=facts.whole and facts.kind == "number",
        )
        return (Role.DATETIME if role is Role.NUMERIC and facts.kind == "time" else role), ()
    levels = _levels(facts)
    role = text_role(_spread(levels), distinct=facts.distinct, valid=facts.valid, rows=facts.rows)
    stored = table.orders.get(facts.name, ())
    if facts.kind == "boolean" and role is Role.CATEGORICAL:
        role = Role.BOOLEAN
    if stored and facts.distinct > 1 and set(levels) <= set(stored):
        return Role.ORDINAL, tuple(level for level in stored if level in set(levels))
    if role is Role.ORDINAL:
        return role, known_order(levels)
    if role is Role.BOOLEAN:
        return role, _boolean_order(levels)
    return role, levels if role is Role.CATEGORICAL else ()


def facts_in_role(
    table: Table, facts: ColumnFacts, role: Role, order: Sequence[str] = ()
) -> tuple[ColumnFacts, tuple[str, ...]]:
    """The facts of a column in a role that the user set, and its categories.

    Args:
        table: The table.
        facts: The column's facts as it was typed.
        role: The role.
        order: The categories of an ordinal column, low to high, where the user said them.

    Raises:
        SettingError: No cell can be read in that role, or a category is not in the order.
    """
    name = facts.name
    levels: tuple[str, ...] = ()
    if role is Role.NUMERIC:
        facts = number_facts(table, name, "number", lambda part: numbers(part, name))
    elif role is Role.DATETIME:
        facts = number_facts(table, name, "time", lambda part: _seconds(timestamps(part, name)))
    else:
        facts = label_facts(table, name)
        levels = _levels(facts) if role not in (Role.IDENTIFIER, Role.TEXT) else ()
    if role is Role.ORDINAL:
        if order:
            _refuse_others(table, name, order)
        levels = tuple(order) or table.orders.get(name) or known_order(levels) or _by_value(levels)
    if role is Role.BOOLEAN:
        levels = _boolean_order(levels)
        if all(np.isnan(booleans(part, name)).all() for part in table.parts(name)):
            facts = number_facts(table, name, "number", lambda part: np.full(part.rows, np.nan))
    if not facts.valid:
        raise SettingError(f"`{name}` cannot be {role}: no cell reads as such.", "Choose another role.")
    return facts, levels


def role_findings(
    table: Table, facts: ColumnFacts, role: Role, order: Sequence[str], *, chosen: bool
) -> tuple[DataWarning, ...]:
    """What is to be said about the role itself: an order that was proposed, text, cells that are not of it.

    Args:
        table: The table.
        facts: The column's facts in this role.
        role: The role.
        order: The categories of an ordinal column, low to high.
        chosen: Whether the user set the role.
    """
    if role is Role.ORDINAL and not chosen:
        return _proposed_order(facts.name, order)
    if role is Role.TEXT:
        return _free_text(facts)
    return _unread(table, facts.name, role) if chosen else ()


def _proposed_order(name: str, order: Sequence[str]) -> tuple[DataWarning, ...]:
    shown = " < ".join(shortened(category, 20) for category in order[:12]) + (" < ..." if order[12:] else "")
    message = f"{named(name)} is taken as ordered: {shown}."
    none = option("--role", name, "categorical")
    remedy = f"Another order is set by {option('--ordinal', name, 'low<high')}, none by {none}."
    return (DataWarning("ordered", name, message, remedy),)


def _free_text(facts: ColumnFacts) -> tuple[DataWarning, ...]:
    from cambrian.data.text_features import RANK

    words = mean_words(_spread(_levels(facts)))
    counted = f"{words:.0f} words on average, {facts.distinct} different values in {facts.rows} rows"
    message = (
        f"{named(facts.name)} holds free text ({counted}); the networks see {RANK} numbers made of its "
        "letters, not its meaning."
    )
    remedy = f"Columns that say what matters in it are worth more. {or_drop(facts.name)}"
    return (DataWarning("free_text", facts.name, message, remedy),)


def _unread(table: Table, name: str, role: Role) -> tuple[DataWarning, ...]:
    """Cells that the role which the user set cannot hold; they count as missing."""
    if role not in (Role.NUMERIC, Role.DATETIME, Role.BOOLEAN):
        return ()
    count = held = 0
    first = ""
    for part in table.parts(name):
        text = labels(part, name)
        filled = text.is_valid().to_numpy(zero_copy_only=False)
        lost = filled & ~_readable(part, name, role)
        if lost.any() and not count:
            row = int(np.flatnonzero(lost)[0])
            first = f"{part.place(row)}: {shortened(text[row].as_py())!r}"
        count, held = count + int(lost.sum()), held + int(filled.sum())
    if not count:
        return ()
    lack = f"{count} of {held} cells are not and count as missing, the first in {first}"
    message = f"{named(name)} as {role}: {lack}."
    return (DataWarning("odd_values", name, message, "Mend these cells, or choose another role."),)


def _readable(table: Table, name: str, role: Role) -> Bools:
    """Where a cell reads as what the role needs; an empty one does not."""
    if role is Role.NUMERIC:
        return ~np.isnan(numbers(table, name, keep_infinite=True))
    if role is Role.DATETIME:
        return ~np.isnat(timestamps(table, name))
    return ~np.isnan(booleans(table, name))


def _refuse_others(table: Table, name: str, order: Sequence[str]) -> None:
    known: set[str | None] = {None, *order}
    others: list[str] = []
    first = ""
    for part in table.parts(name):
        text = labels(part, name)
        found = [level for level in text.unique().to_pylist() if level not in known]
        if found and not others:
            first = part.place(text.index(found[0]).as_py())
        others += found
        known.update(found)
    if not others:
        return
    some = ", ".join(repr(shortened(level)) for level in others[:5]) + (", ..." if others[5:] else "")
    raise SettingError(
        f"The order of `{name}` lacks {len(others)} of its categories: {some}; the first is in {first}.",
        "Name all of them, spelled as in the file.",
    )


def _spread(levels: tuple[str, ...]) -> tuple[str, ...]:
    """Some of the different values from all over their order."""
    return levels[:: max(1, -(-len(levels) // SAMPLED_VALUES))]


def _seconds(times: Times) -> Floats:
    return np.where(np.isnat(times), np.nan, times.astype(np.int64) / 1e6)


def _levels(facts: ColumnFacts) -> tuple[str, ...]:
    return tuple(str(level) for level in facts.levels)


def _by_value(levels: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(sorted(levels, key=float))
    except ValueError:
        return levels


def _boolean_order(levels: tuple[str, ...]) -> tuple[str, ...]:
    pair = boolean_words(levels)
    return tuple(sorted(levels, key=lambda level: pair is not None and level.strip().lower() == pair[1]))
