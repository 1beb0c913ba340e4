"""Typing a column of text: numbers (with odd cells, thousands separators, decimal comma), dates, or text.

A column is seen batch by batch: first all of it is counted (`look`), then its type is decided, then it is
converted. One batch or a thousand give the same values, reading and findings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cambrian.data.findings import DataWarning
from cambrian.data.reading.dates import ORDERS, DateTally, parse_dates
from cambrian.data.reading.number_tally import HALF, MOSTLY, NumberTally, TextRules
from cambrian.data.reading.number_text import (
    CODE,
    INTEGER,
    NUMBER,
    NUMBER_LIKE,
    NUMBER_WORD,
    THOUSANDS,
    THOUSANDS_BY_POINT,
    decimal_comma_pattern,
    matches,
    plain_numbers,
    thousands_marks,
)

Ints = np.ndarray[Any, np.dtype[np.int64]]


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
    """

    name: str
    cells: pa.Array
    where: Callable[[int], str]


class Converted(NamedTuple):
    """A batch of a column: its values, and its text where typing turned cells of the column into missing."""

    values: pa.Array
    original: pa.Array | None


def type_column(column: TextColumn, reading: str | None = None, rules: TextRules | None = None) -> Typed:
    """Type a column of text by its values, or as an earlier file's column was read.

    Cells that are empty or blank are missing. Numbers keep to the text where they would lose something
    (leading zeros, more than 18 digits).
    """
    typer = TextTyper(column.name, rules or TextRules(), reading)
    typer.look(column.cells)
    typer.decide()
    values, original = typer.convert(column.cells)
    return Typed(values, typer.reading, typer.findings(column.where), original)


class TextTyper:
    """Types one column of text; call `look` with every batch, `decide`, then `convert` with every batch.

    Attributes:
        name: The column.
        reading: How its cells are read, once decided.
        type: The Arrow type of its values, once decided.
        lossy: Whether cells with text become missing ones, once decided.
    """

    def __init__(self, name: str, rules: TextRules, reading: str | None = None) -> None:
        self.name = name
        self.reading = "text"
        self.type = pa.string()
        self.lossy = False
        self._rules, self._asked = rules, reading
        self._missing = pa.array(rules.missing, pa.string()) if rules.missing else None
        self._rows = self._valid = self._like = self._codes = self._plain = 0
        self._commas = self._dotted = self._decimals = 0
        self._grouped_by_comma = self._thousands_by_point = 0
        self._tallies = {
            "number": NumberTally(False, rules),
            "decimal_comma": NumberTally(True, rules),
        }
        self._dates = DateTally()
        self._thousands = self._lost = self._seen = 0
        self._first: tuple[int, str] | None = None

    def look(self, cells: pa.Array) -> None:
        """Count a batch."""
        self._rows += len(cells)
        if self._asked == "text":
            return
        counted = pc.utf8_trim_whitespace(self._with_missing(cells)).value_counts()
        values, counts = counted.field("values"), np.asarray(counted.field("counts"))
        if values.null_count:
            known = np.asarray(values.is_valid())
            values, counts = values.filter(pa.array(known)), counts[known]
        self._valid += int(counts.sum())
        number = matches(values, NUMBER)
        if self._asked not in ORDERS:
            self._count_numbers(values, counts, number)
        # No number has the shape of a date.
        if self._asked not in self._tallies and not number.all():
            self._dates.add(values.filter(pa.array(~number)), counts[~number])

    def decide(self) -> None:
        """Settle how the column is read."""
        self.reading = self._asked or "text"
        if not self._valid or self._asked == "text":
            return
        if self._asked in self._tallies:
            self._settle_number(self._notation(self._asked))
        elif self._asked in ORDERS:
            self._settle_dates(self._asked)
        else:
            number = self._number_reading()
            if number is None:
                self._settle_dates(self._dates.order)
            elif not self._rules.dates_only:
                self._settle_number(number)

    def convert(self, cells: pa.Array) -> Converted:
        """The values of a batch; batches come in the order of the rows."""
        start, self._seen = self._seen, self._seen + len(cells)
        cells = self._with_missing(cells)
        if pa.types.is_string(self.type):
            return Converted(cells, None)
        cells = pc.utf8_trim_whitespace(cells)
        if self.reading in ORDERS:
            values = parse_dates(cells, self.reading)
            odd = pc.and_(values.is_null(), cells.is_valid())
        else:
            values, odd = self._parsed(cells if self._is_plain else self._without_marks(cells))
        if self.lossy:
            self._note_lost(start, cells, odd)
        return Converted(values, cells if self.lossy else None)

    def findings(self, where: Callable[[int], str]) -> tuple[DataWarning, ...]:
        """What was found in the batches that were converted; `where` gives a row's place."""
        found: list[DataWarning] = []
        if self._thousands and self.reading == "number":
            message = (
                f"`{self.name}` has thousands separators in {self._thousands} cells; it is read as a number."
            )
            found.append(DataWarning("thousands", self.name, message))
        if self._first is not None:
            row, text = self._first
            first = f"the first in {where(row)}: {shortened(text)!r}"
            found.append(self._impossible_dates(first) if self.reading in ORDERS else self._odd_values(first))
        if (
            self.reading in ORDERS
            and not pa.types.is_string(self.type)
            and self._dates.ambiguous(self.reading)
        ):
            message = f"`{self.name}` holds dates that do not tell day from month; taken as day first."
            found.append(DataWarning("ambiguous_dates", self.name, message, "Write them as year-month-day."))
        return tuple(found)

    def _with_missing(self, cells: pa.Array) -> pa.Array:
        """The cells, null where they are empty, blank, or a word for missing."""
        trimmed = pc.utf8_trim_whitespace(cells)
        missing = pc.equal(trimmed, "")
        if self._missing is not None:
            missing = pc.or_(missing, pc.is_in(trimmed, self._missing))
        if not pc.any(missing).as_py():
            return cells
        return pc.if_else(missing, pa.scalar(None, pa.string()), cells)

    def _count_numbers(self, values: pa.Array, counts: Ints, number: np.ndarray[Any, Any]) -> None:
        self._plain += int(counts[number].sum())
        if number.all():
            self._count_plain(values, counts)
            return
        self._dotted += int(counts[matches(values, r"\.\d+$")].sum())
        like = matches(values, NUMBER_LIKE)
        if not like.all():
            for tally in self._tallies.values():
                tally.add_odd(values.filter(pa.array(~like)), counts[~like])
            values, counts = values.filter(pa.array(like)), counts[like]
        self._like += int(counts.sum())
        self._codes += int(counts[matches(values, CODE)].sum())
        self._commas += int(counts[matches(values, decimal_comma_pattern(self._rules.thousands))].sum())
        if "," in thousands_marks(False, self._rules.thousands):
            self._grouped_by_comma += int(counts[matches(values, THOUSANDS)].sum())
        self._thousands_by_point += int(counts[matches(values, THOUSANDS_BY_POINT)].sum())
        self._decimals += int(counts[matches(values, r"^[+-]?\d*\.\d+$")].sum())
        for tally in self._tallies.values():
            tally.add(values, counts)

    def _count_plain(self, values: pa.Array, counts: Ints) -> None:
        """Count cells that are all plain numbers, as most are; the same, with fewer looks."""
        total = int(counts.sum())
        self._like += total
        self._codes += int(counts[matches(values, CODE)].sum())
        dotted = counts[matches(values, r"\.\d+$")]
        by_point = 0
        if len(dotted):
            self._dotted += int(dotted.sum())
            self._decimals += int(counts[matches(values, r"^[+-]?\d*\.\d+$")].sum())
            by_point = int(counts[matches(values, THOUSANDS_BY_POINT)].sum())
            self._thousands_by_point += by_point
        if by_point:
            for tally in self._tallies.values():
                tally.add(values, counts)
            return
        whole = int(counts[matches(values, INTEGER)].sum()) if len(dotted) < len(values) else 0
        for tally in self._tallies.values():
            tally.add_plain(values, total, whole)

    def _number_reading(self) -> str | None:
        # Among fractions a long whole number is no code, but a number of many digits.
        codes = self._codes and 2 * self._decimals < self._like
        if self._like < HALF * self._valid or codes:
            return None
        if self._plain == self._valid and self._rules.decimal != ",":
            return "number"
        reading = "decimal_comma" if self._has_decimal_comma() else "number"
        return reading if self._tallies[reading].is_convincing(self._valid) else None

    def _has_decimal_comma(self) -> bool:
        if self._rules.decimal != "auto":
            return self._rules.decimal == ","
        if not self._commas:
            return False
        if self._rules.semicolons:
            return self._commas >= self._dotted
        # With another separator "1,234" is a thousand; a column is decimal only if that reading fails.
        return not self._grouped_by_comma and not self._decimals

    def _notation(self, asked: str) -> str:
        """The notation of a column of numbers: as in an earlier file, unless this one plainly has the other.

        A file of the same columns from a program of another language has another decimal mark.
        """
        if self._rules.decimal != "auto":
            return "decimal_comma" if self._rules.decimal == "," else "number"
        if asked == "decimal_comma":
            return "number" if not self._commas and self._decimals > self._thousands_by_point else asked
        number, comma = self._tallies["number"], self._tallies["decimal_comma"]
        return "decimal_comma" if self._commas and comma.odd < number.odd else asked

    def _settle_number(self, reading: str) -> None:
        tally = self._tallies[reading]
        self.reading = reading
        self.type = pa.int64() if tally.whole == tally.read else pa.float64()
        self.lossy = tally.odd > 0

    def _settle_dates(self, order: str | None) -> None:
        self.reading = "text"
        if order is None or self._dates.possible is None:
            return
        possible = self._dates.possible[order]  # type: ignore[index]
        if self._dates.shaped(order) < MOSTLY * self._valid or possible < HALF * self._valid:  # type: ignore[arg-type]
            return
        self.reading, self.type, self.lossy = order, pa.timestamp("us"), possible < self._valid

    @property
    def _is_plain(self) -> bool:
        """Whether every cell is a number with a decimal point and nothing else."""
        return self.reading == "number" and self._plain == self._valid

    def _without_marks(self, cells: pa.Array) -> pa.Array:
        plain, grouped = plain_numbers(
            cells, decimal_comma=self.reading == "decimal_comma", thousands=self._rules.thousands
        )
        self._thousands += pc.sum(grouped).as_py() or 0
        return plain

    def _parsed(self, plain: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Numbers in plain notation, with null for what is none and for NaN; and the cells that are none."""
        if not self.lossy:
            return self._cast(plain), None
        read = pc.or_(pc.match_substring_regex(plain, NUMBER), pc.match_substring_regex(plain, NUMBER_WORD))
        odd = pc.fill_null(pc.invert(read), False)
        return self._cast(pc.if_else(read, plain, pa.scalar(None, pa.string()))), odd

    def _cast(self, plain: pa.Array) -> pa.Array:
        if pa.types.is_integer(self.type):
            return pc.cast(pc.utf8_ltrim(plain, "+"), pa.int64())
        values = pc.cast(plain, pa.float64())
        return pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)

    def _note_lost(self, start: int, cells: pa.Array, lost: pa.Array) -> None:
        self._lost += pc.sum(lost).as_py() or 0
        if self._first is None:
            row = pc.index(lost, True).as_py()
            if row >= 0:
                self._first = start + row, cells[row].as_py()

    def _odd_values(self, first: str) -> DataWarning:
        others = "1 cell is not and counts" if self._lost == 1 else f"{self._lost} cells are not and count"
        numbers = f"`{self.name}` is a number in {self._valid - self._lost} of {self._rows} rows"
        message = f"{numbers}; {others} as missing, {_only(first, self._lost)}."
        remedy = "Mend these cells, or give the column the role categorical."
        return DataWarning("odd_values", self.name, message, remedy)

    def _impossible_dates(self, first: str) -> DataWarning:
        cells = (
            "1 cell that is not a possible date and counts"
            if self._lost == 1
            else f"{self._lost} cells that are not possible dates and count"
        )
        message = f"`{self.name}` holds {cells} as missing, {_only(first, self._lost)}."
        return DataWarning("impossible_dates", self.name, message, "Mend these cells.")


def _only(first: str, count: int) -> str:
    """Where the first of so many cells stands; of a single one it is not said that it is the first."""
    return first.removeprefix("the first ") if count == 1 else first


def shortened(text: str, limit: int = 40) -> str:
    """The text cut to `limit` characters for a message."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


__all__ = ["NUMBER", "TextColumn", "TextRules", "TextTyper", "Typed", "shortened", "type_column"]
