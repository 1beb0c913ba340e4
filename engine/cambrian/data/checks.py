"""Findings about single columns, and about the table's shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from cambrian.data.alike import alike, alike_text
from cambrian.data.cells import numbers
from cambrian.data.column_facts import ColumnFacts
from cambrian.data.extremes import extreme_findings
from cambrian.data.findings import DataWarning, named, option, or_drop
from cambrian.data.read import Table
from cambrian.data.reading.number_text import NUMBER
from cambrian.data.reading.text_types import shortened
from cambrian.data.roles import Role

MOST_OF_A_KIND = 10
MANY_CATEGORIES = 100
ORDERED_TIMES = 20
"""Different times from which on it is no chance that rows stand in their order."""
LOOKED_AT = 200
"""Categories that are looked at for whether they are numbers."""
_NUMBER_AND_MORE = re.compile(
    r"(?P<before>[(<>~≈]? ?[$€£¥₹]? ?[-+\u2212\u2013]? ?[$€£¥₹]?) ?"
    r"\d+(?:[.,'\u00a0\u202f ]\d{3})*(?:[.,]\d*)?(?:[eE][-+]?\d+)?"
    r"(?P<after> ?(?:[%‰$€£¥₹°)]|[^\W\d_]{1,4})?[²³)]?)"
)
"""A sign, a currency, digits of any script, a unit."""
_PLAIN = re.compile(NUMBER, re.ASCII)
MOST_UNITS = 4
"""Ways in which the numbers of one column are written: with a sign or without, say."""
ALIKE_AMONG = 10_000
"""Categories among which those that differ only by case or blanks are looked for."""


def column_findings(table: Table, facts: ColumnFacts, role: Role, *, chosen: bool) -> tuple[DataWarning, ...]:
    """What is to be said about one feature or left-out column (`chosen`: its role was set by the user)."""
    found = () if chosen else _left_out(facts, role)
    if facts.infinite:
        values = "1 infinite value" if facts.infinite == 1 else f"{facts.infinite} infinite values"
        where = _first_infinite(table, facts)
        message = f"{named(facts.name)} holds {values}{where}; infinite cells count as missing."
        remedy = f"Mend these cells. {or_drop(facts.name)}"
        found += (DataWarning("infinite", facts.name, message, remedy),)
    if role in (Role.NUMERIC, Role.DATETIME):
        found += extreme_findings(facts, table.place)
    if role is Role.CATEGORICAL and facts.distinct <= ALIKE_AMONG:
        found += _alike(facts)
    if role is Role.CATEGORICAL and facts.distinct > min(MANY_CATEGORIES, max(20, facts.valid / 2)):
        once = int((facts.counts == 1).sum())
        message = (
            f"{named(facts.name)} has {facts.distinct} categories in {facts.valid} rows; {once} occur once."
        )
        remedy = f"Merge rare ones. {or_drop(facts.name)}"
        found += (DataWarning("high_cardinality", facts.name, message, remedy), *_number_like(facts))
    return found


def time_order(facts: ColumnFacts) -> tuple[DataWarning, ...]:
    """A finding if the rows stand in the order of a time, by which they could be split."""
    if facts.values is None or facts.distinct < ORDERED_TIMES:
        return ()
    steps = np.diff(facts.values[~np.isnan(facts.values)])
    if not ((steps >= 0).all() or (steps <= 0).all()):
        return ()
    message = (
        f"The rows stand in the order of {named(facts.name)}, but the split is by chance: it tests rows "
        "whose neighbours in time were trained on."
    )
    remedy = f"If later rows are to be predicted, split by it: {option('--time', facts.name)}."
    return (DataWarning("time_order", facts.name, message, remedy),)


def _number_like(facts: ColumnFacts) -> tuple[DataWarning, ...]:
    """The warning if most of many categories are numbers with a unit, a currency or foreign signs."""
    some = [str(level).strip() for level in facts.levels[:: max(1, facts.distinct // LOOKED_AT)]]
    found = [match for match in map(_NUMBER_AND_MORE.fullmatch, some) if match]
    odd = [match[0] for match in found if not _PLAIN.fullmatch(match[0])]  # a plain one is a code
    ways = {(match["before"], match["after"]) for match in found}
    if len(found) < 0.9 * len(some) or len(odd) < 0.1 * len(some) or len(ways) > MOST_UNITS:
        return ()
    message = (
        f"The categories of {named(facts.name)} look like numbers with something beside them "
        f"({shortened(odd[0])!r}), which are not read as numbers."
    )
    remedy = "Write bare numbers, with the unit in the column's name."
    return (DataWarning("number_like", facts.name, message, remedy),)


def _first_infinite(table: Table, facts: ColumnFacts) -> str:
    """Where the first infinite cell stands; nothing of a table of which a sample was looked at."""
    if len(facts.codes) < facts.rows:
        return ""
    row = int(np.flatnonzero(np.isinf(numbers(table, facts.name, keep_infinite=True)))[0])
    return f", {'in' if facts.infinite == 1 else 'the first in'} {table.place(row)}"


def _alike(facts: ColumnFacts) -> tuple[DataWarning, ...]:
    groups = alike(str(level) for level in facts.levels)
    if not groups:
        return ()
    some = alike_text(groups)
    message = f"Categories of {named(facts.name)} differ only by case or blanks: {some}. They are kept apart."
    remedy = "If they mean the same, write them alike in the file."
    return (DataWarning("categories_alike", facts.name, message, remedy),)


def _left_out(facts: ColumnFacts, role: Role) -> tuple[DataWarning, ...]:
    name = facts.name
    if role is Role.EMPTY:
        return (DataWarning("empty", name, f"{named(name)} is left out: it has no value in any row."),)
    if role is Role.CONSTANT:
        value = shortened(facts.label(0))
        return (DataWarning("constant", name, f"{named(name)} is left out: its value is always {value!r}."),)
    if role is Role.IDENTIFIER:
        what = (
            "its numbers only number the rows"
            if facts.values is not None
            else "nearly every row has its own value"
        )
        counted = f"({facts.distinct} values in {facts.rows} rows)"
        message = f"{named(name)} is left out as an identifier: {what} {counted}."
        meaning = "numeric" if facts.values is not None else "categorical"
        remedy = f"If it means something: {option('--role', name, meaning)}."
        return (DataWarning("identifier", name, message, remedy),)
    return ()


def table_findings(features: int, columns: int, rows: int) -> tuple[DataWarning, ...]:
    """Findings about the table as a whole; `rows` are those with a target."""
    if features <= rows or not rows:
        return ()
    message = (
        f"There are more features ({features} of {columns} columns) than rows ({rows}); "
        "most of them can only fit noise."
    )
    return (DataWarning("many_features", "", message, "Leave columns out by --drop, or add rows."),)


def bounded(findings: Iterable[DataWarning]) -> Iterator[DataWarning]:
    """The findings in their order, of every kind at most ten columns; the rest of a kind are counted."""
    kinds: dict[str, list[DataWarning]] = {}
    for each in findings:
        kinds.setdefault(each.code, []).append(each)
        if len(kinds[each.code]) <= MOST_OF_A_KIND or not each.column:
            yield each
    for code, found in kinds.items():
        rest = [each.column for each in found[MOST_OF_A_KIND:] if each.column]
        if rest:
            columns = "1 more column has" if len(rest) == 1 else f"{len(rest)} more columns have"
            message = f"{columns} a finding of the kind {code.replace('_', ' ')!r}: {some_names(rest)}."
            yield DataWarning(code, "", message, "The table of columns shows all.")


def some_names(names: list[str]) -> str:
    """The first five column names for a message, and how many are not shown."""
    shown = ", ".join(named(name) for name in names[:5])
    return f"{shown} and {len(names) - 5} others" if len(names) > 5 else shown
