"""Typing a column of text: numbers (with odd cells, thousands separators, decimal comma), dates, or text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from cambrian.data.dates import ORDERS, Dates, read_dates
from cambrian.data.findings import DataWarning

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
INTEGER = r"^[+-]?\d{1,18}$"
CODE = r"^[+-]?(0\d+|\d{19,})$"
"""Leading zeros, or more digits than an int64 holds: a code, whose text must survive."""
NUMBER_WORD = r"(?i)^[+-]?(nan|inf|infinity)$"
NUMBER_LIKE = r"(?i)^[+-]?[.,]?\d|^[+-]?(nan|inf|infinity)$"
THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"
DECIMAL_COMMA = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)?,\d+([eE][+-]?\d+)?$"
DOTTED_THOUSANDS = r"^[+-]?\d{1,3}(\.\d{3})+$"
MISSING_WORD = (
    r"(?i)^(\?+|-+|\.+|n/?a|#n/?a|#?null!?|none|nil|missing|unknown|undefined|not available|#value!)$"
)
MOSTLY = 0.9
"""From this share of cells on, a column is of a kind and its other cells are odd ones."""
HALF = 0.5
"""The share that is enough where every odd cell is a word for missing."""
FEW_NUMBERS = 20
"""Up to so many different numbers beside other words look like categories (1, 2, 3, 4, '5 or more')."""


@dataclass(frozen=True)
class Typed:
    """A typed column: its values, how they were read, what was found, and the text if cells were lost."""

    values: pa.Array
    reading: str
    findings: tuple[DataWarning, ...] = ()
    original: pa.Array | None = None


@dataclass(frozen=True)
class TextColumn:
    """A column of text to be typed.

    Attributes:
        name: The column.
        cells: Its text.
        where: Gives a row's place ("line 7") for messages.
        semicolons: Whether semicolons separate the file's columns, as beside decimal commas.
        valid: Cells with text; counted by `type_column`.
    """

    name: str
    cells: pa.Array
    where: Callable[[int], str]
    semicolons: bool = False
    valid: int = 0


def type_column(column: TextColumn, reading: str | None = None) -> Typed:
    """Type a column of text by its values, or as an earlier file's column was read.

    Cells that are empty or blank are missing. Numbers keep to the text where they would lose something
    (leading zeros, more than 18 digits).
    """
    blank = pc.equal(pc.utf8_trim_whitespace(column.cells), "")
    if pc.any(blank).as_py():
        column = replace(column, cells=pc.if_else(blank, pa.scalar(None, pa.string()), column.cells))
    column = replace(column, valid=len(column.cells) - column.cells.null_count)
    if reading == "text" or not column.valid:
        return Typed(column.cells, reading or "text")
    trimmed = replace(column, cells=pc.utf8_trim_whitespace(column.cells))
    if reading in ("number", "decimal_comma"):
        return _as_number(trimmed, reading)
    if reading in ORDERS:
        return _as_dates(trimmed, read_dates(trimmed.cells, reading)) or Typed(column.cells, "text")
    return _number(trimmed) or _as_dates(trimmed, read_dates(trimmed.cells)) or Typed(column.cells, "text")


def _number(column: TextColumn) -> Typed | None:
    if _count(column.cells, NUMBER_LIKE) < HALF * column.valid or _count(column.cells, CODE):
        return None
    plain = _count(column.cells, NUMBER)
    if plain == column.valid:
        return Typed(_parse(column.cells), "number")
    typed = _as_number(column, "decimal_comma" if _has_decimal_comma(column) else "number")
    return typed if _is_convincing(column, typed.values) else None


def _has_decimal_comma(column: TextColumn) -> bool:
    commas = _count(column.cells, DECIMAL_COMMA)
    if not commas:
        return False
    if column.semicolons:
        return commas >= _count(column.cells, r"\.\d+$")
    # With another separator "1,234" is a thousand; a column is decimal only if that reading fails.
    return _count(column.cells, THOUSANDS) == 0 and not _count(column.cells, r"^[+-]?\d*\.\d+$")


def _as_number(column: TextColumn, reading: str) -> Typed:
    cells, findings = column.cells, []
    if reading == "decimal_comma":
        plain = pc.match_substring_regex(cells, f"{DECIMAL_COMMA}|{DOTTED_THOUSANDS}")
        dotless = pc.replace_substring(pc.replace_substring(cells, ".", ""), ",", ".")
        cells = pc.if_else(plain, dotless, cells)
    else:
        grouped = pc.match_substring_regex(cells, THOUSANDS)
        if pc.any(grouped).as_py():
            cells = pc.if_else(grouped, pc.replace_substring(cells, ",", ""), cells)
            findings.append(_thousands(column, pc.sum(grouped).as_py()))
    is_number = pc.or_(pc.match_substring_regex(cells, NUMBER), pc.match_substring_regex(cells, NUMBER_WORD))
    odd = pc.fill_null(pc.invert(is_number), False)
    original = None
    if pc.any(odd).as_py():
        findings.append(_odd_values(column, odd))
        original = column.cells
        cells = pc.if_else(is_number, cells, pa.scalar(None, pa.string()))
    return Typed(_parse(cells), reading, tuple(findings), original)


def _is_convincing(column: TextColumn, values: pa.Array) -> bool:
    words = pc.match_substring_regex(column.cells, NUMBER_WORD)
    lost = pc.and_(values.is_null(), pc.and_(column.cells.is_valid(), pc.invert(pc.fill_null(words, False))))
    odd = column.cells.filter(lost)
    share = 1 - len(odd) / column.valid
    if not len(odd):
        return bool(values.null_count < len(values))
    if _count(odd, MISSING_WORD) == len(odd):
        return share >= HALF
    return bool(share >= MOSTLY and pc.count_distinct(values).as_py() > FEW_NUMBERS)


def _parse(cells: pa.Array) -> pa.Array:
    """Text that reads as numbers to int64 if all are whole, else float64 with null for NaN."""
    if _count(cells, INTEGER) == len(cells) - cells.null_count:
        return pc.cast(pc.utf8_ltrim(cells, "+"), pa.int64())
    values = pc.cast(cells, pa.float64())
    return pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)


def _as_dates(column: TextColumn, dates: Dates | None) -> Typed | None:
    if dates is None or dates.shaped < MOSTLY * column.valid:
        return None
    possible = len(dates.times) - dates.times.null_count
    if possible < HALF * column.valid:
        return None
    findings = []
    lost = pc.and_(dates.times.is_null(), column.cells.is_valid())
    if possible < column.valid:
        findings.append(_impossible_dates(column, lost))
    if dates.ambiguous:
        message = f"`{column.name}` holds dates that do not tell day from month; taken as day first."
        findings.append(DataWarning("ambiguous_dates", column.name, message, "Write them as year-month-day."))
    original = column.cells if possible < column.valid else None
    return Typed(dates.times, dates.order, tuple(findings), original)


def _thousands(column: TextColumn, count: int) -> DataWarning:
    message = f"`{column.name}` has thousands separators in {count} cells; it is read as a number."
    return DataWarning("thousands", column.name, message)


def _odd_values(column: TextColumn, odd: pa.Array) -> DataWarning:
    count = pc.sum(odd).as_py()
    message = (
        f"`{column.name}` is a number in {column.valid - count} of {len(column.cells)} rows; {count} cells "
        f"are not and count as missing, the first {_first(column, odd)}."
    )
    remedy = "Mend these cells, or give the column the role categorical."
    return DataWarning("odd_values", column.name, message, remedy)


def _impossible_dates(column: TextColumn, lost: pa.Array) -> DataWarning:
    message = (
        f"`{column.name}` holds {pc.sum(lost).as_py()} cells that are not possible dates and count as "
        f"missing, the first {_first(column, lost)}."
    )
    return DataWarning("impossible_dates", column.name, message, "Mend these cells.")


def _first(column: TextColumn, mask: pa.Array) -> str:
    row = pc.index(mask, True).as_py()
    return f"in {column.where(row)}: {shortened(column.cells[row].as_py())!r}"


def shortened(text: str, limit: int = 40) -> str:
    """The text cut to `limit` characters for a message."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _count(cells: pa.Array, pattern: str) -> int:
    return pc.sum(pc.match_substring_regex(cells, pattern)).as_py() or 0
