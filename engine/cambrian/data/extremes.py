"""Numbers that stand far from all others: too large to compute with, or a code for "missing"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cambrian.data.column_facts import ColumnFacts, number_text
from cambrian.data.findings import DataWarning, named, or_drop

LARGEST = 1e18
"""Beyond it a square overflows float32."""
FLOAT32 = float(np.finfo(np.float32).max)
SQUARE = float(np.sqrt(np.finfo(np.float64).max))
EXACT = 2.0**53
"""Beyond it float64 does not hold every whole number."""
FAR_OUT = 1e6
"""Interquartile ranges from the median at which a value is extreme."""
FAR = 10
"""Interquartile ranges from all others at which a few values are far."""
FAR_SHARE = 0.005
"""The largest part of the rows that are a few."""
FAR_ROWS = 50
FAR_LEVELS = 20
"""Least rows, and different numbers among the others, of a column in which values are far."""
CODE_ROWS = 2
"""Least rows of a code for "missing"."""

Place = Callable[[int], str]
"""Where row i stands ("line 5"), see `Table.place`."""


def extreme_findings(facts: ColumnFacts, place: Place, *, feature: bool = True) -> tuple[DataWarning, ...]:
    """What is to be said about the ends of a number column (a target, if it is no feature)."""
    if facts.values is None or facts.distinct < 3:
        return ()
    if facts.kind == "time":
        return _missing_code(facts, place)
    found = _extreme(facts, place, feature=feature) or _missing_code(facts, place)
    found = found or _far(facts, place, feature=feature)
    if facts.whole and facts.distinct and abs(facts.levels).max() > EXACT and not found:
        largest = number_text(float(abs(facts.levels).max()))
        name = named(facts.name)
        message = f"{name} holds whole numbers up to {largest}; beyond 2^53 some become one number here."
        remedy = "If they are codes, give it the role categorical or identifier by --role."
        found += (DataWarning("long_numbers", facts.name, message, remedy),)
    return found


def _extreme(facts: ColumnFacts, place: Place, *, feature: bool) -> tuple[DataWarning, ...]:
    levels = facts.levels
    low, middle, high = facts.quartiles()
    with np.errstate(over="ignore"):
        spread = high - low
        far = np.abs(levels - middle) > spread * FAR_OUT if spread > 0 else np.zeros(len(levels), bool)
    far |= np.abs(levels) > LARGEST
    if not far.any():
        return ()
    count, (where, first) = int(facts.counts[far].sum()), _first(facts, far, place)
    largest = float(np.abs(levels).max())
    values = "1 extreme value" if count == 1 else f"{count} extreme values"
    where = where if count > 1 else where.replace("the first ", "")
    beyond = (
        "; float64 cannot hold its square, nor float32 the number"
        if largest > SQUARE
        else "; float32 cannot hold it"
        if largest > FLOAT32
        else ""
    )
    most = f", the largest {number_text(largest)}" if largest != abs(first) else ""
    about = f"{number_text(first)} (median {middle:.6g}{most}){beyond}"
    message = f"{named(facts.name)} holds {values}{where}: {about}."
    remedy = (
        f"Check these cells; the networks see them clipped. {or_drop(facts.name)}"
        if feature
        else "Check these cells: they rule the mean and every squared error; --objective mae suffers least."
    )
    return (DataWarning("extreme_values", facts.name, message, remedy),)


def _far(facts: ColumnFacts, place: Place, *, feature: bool) -> tuple[DataWarning, ...]:
    """A finding if a few values lie farther from all others than these lie from one another."""
    levels, counts = facts.levels, facts.counts
    low, _, high = facts.quartiles()
    if facts.valid < FAR_ROWS or not high > low:
        return ()
    for ascending, number in ((levels, counts), (-levels[::-1], counts[::-1])):
        others = np.arange(1, len(levels))  # so many levels are the others
        few = facts.valid - np.cumsum(number)[:-1] <= max(1, FAR_SHARE * facts.valid)
        gap, width = np.diff(ascending), ascending[:-1] - ascending[0]
        apart = few & (others >= FAR_LEVELS) & (gap > width) & (gap > FAR * (high - low))
        if apart.any():
            border = ascending[np.flatnonzero(apart)[0] + 1]
            far = levels >= border if ascending is levels else -levels >= border
            return (_far_values(facts, far, place, feature=feature),)
    return ()


def _far_values(facts: ColumnFacts, far: np.ndarray[Any, Any], place: Place, *, feature: bool) -> DataWarning:
    count, (where, first) = int(facts.counts[far].sum()), _first(facts, far, place)
    values = "1 value" if count == 1 else f"{count} values"
    where = where if count > 1 else where.replace("the first ", "")
    low, high = facts.levels[~far][[0, -1]]
    message = (
        f"{named(facts.name)} holds {values} far from all others{where}: {first:.6g} "
        f"(the others lie between {low:.6g} and {high:.6g})."
    )
    remedy = f"Check whether they are errors. {or_drop(facts.name)}" if feature else "Check these cells."
    return DataWarning("far_values", facts.name, message, remedy)


def _missing_code(facts: ColumnFacts, place: Place) -> tuple[DataWarning, ...]:
    """A finding if the lowest or highest value is repeated, far from all others, and looks like a code."""
    levels = facts.levels
    for end, rest in ((0, levels[1:]), (-1, levels[:-1])):
        value, count = float(levels[end]), int(facts.counts[end])
        gap = abs(value - rest[0 if end == 0 else -1])
        if _is_code(facts, end) and count >= CODE_ROWS and len(rest) > 1 and gap > rest[-1] - rest[0]:
            where, _ = _first(facts, levels == value, place)
            shown = facts.label(end)
            low, high = (facts.label(level) for level in ((1, -1) if end == 0 else (0, -2)))
            message = (
                f"{named(facts.name)} is {shown} in {count} of {facts.rows} rows{where} "
                f"and between {low} and {high} in all others with a value: it may stand for a missing one."
            )
            remedy = f"If it does, say so: --missing={shown}."
            return (DataWarning("missing_code", facts.name, message, remedy),)
    return ()


def _is_code(facts: ColumnFacts, end: int) -> bool:
    """Whether a number is made of nines, or a time stands at a border that no record reaches by chance."""
    if facts.kind == "time":
        year = int(facts.label(end).lstrip("-").split("-")[0])
        return facts.label(end).startswith("-") or not 1901 < year < 2100 or facts.label(end) == "1970-01-01"
    value = float(facts.levels[end])
    return value == int(value) and set(number_text(abs(value))) == {"9"} and abs(value) >= 99


def _first(facts: ColumnFacts, chosen: np.ndarray[Any, Any], place: Place) -> tuple[str, float]:
    """Where the first row with one of the chosen levels stands (", the first in line 5"), and its value.

    Of a column of which only a sample of the rows is known, no place and the value farthest from zero.
    """
    if len(facts.codes) < facts.rows:
        values = facts.levels[chosen]
        return "", float(values[np.abs(values).argmax()])
    row = int(np.flatnonzero(np.isin(facts.codes, np.flatnonzero(chosen)))[0])
    return f", the first in {place(row)}", float(facts.levels[facts.codes[row]])
