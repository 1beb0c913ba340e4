"""What becomes of a column's cells if they are read as numbers; counted batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cambrian.data.reading.number_text import (
    INTEGER,
    MISSING_WORD,
    NUMBER,
    NUMBER_WORD,
    matches,
    plain_numbers,
)

MOSTLY = 0.9
"""From this share of cells on, a column is of a kind and its other cells are odd ones."""
HALF = 0.5
"""The share that is enough where every odd cell is a word for missing."""
FEW_NUMBERS = 20
"""Up to so many different numbers beside other words look like categories (1, 2, 3, 4, '5 or more')."""

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class TextRules:
    """What is known of a file's text before its columns are looked at.

    Attributes:
        semicolons: Whether semicolons separate the file's columns, as beside decimal commas.
        decimal: The decimal mark that the user named, or "auto".
        thousands: The mark between thousands that the user named, "none" or "auto".
        missing: Words that stand for a missing value.
        dates_only: The writer of the file chose text: numbers in it stay text, but a date has no reason to
            be a category.
    """

    semicolons: bool = False
    decimal: str = "auto"
    thousands: str = "auto"
    missing: tuple[str, ...] = ()
    dates_only: bool = False


@dataclass
class NumberTally:
    """What becomes of cells if a column is read as numbers in one of the two notations."""

    decimal_comma: bool
    rules: TextRules
    read: int = 0
    whole: int = 0
    not_numbers: int = 0
    odd: int = 0
    words: int = 0

    def __post_init__(self) -> None:
        self.levels: set[float] = set()

    def add(self, cells: pa.Array, counts: Ints) -> None:
        """Take note of different cells, each of which stands `counts` times."""
        plain, _ = plain_numbers(cells, decimal_comma=self.decimal_comma, thousands=self.rules.thousands)
        number, special = matches(plain, NUMBER), matches(plain, NUMBER_WORD)
        read = number | special
        self.read += int(counts[read].sum())
        self.whole += int(counts[matches(plain, INTEGER)].sum())
        if special.any():
            self.not_numbers += int(counts[special & matches(plain, r"(?i)nan$")].sum())
        self.add_odd(cells.filter(pa.array(~read)), counts[~read])
        self._note_levels(plain.filter(pa.array(read)))

    def add_plain(self, cells: pa.Array, total: int, whole: int) -> None:
        """Take note of different cells that are plain numbers, `total` altogether, so many of them whole."""
        self.read += total
        self.whole += whole
        self._note_levels(cells)

    def add_odd(self, cells: pa.Array, counts: Ints) -> None:
        """Take note of different cells that are no numbers in this notation."""
        self.odd += int(counts.sum())
        self.words += int(counts[matches(cells, MISSING_WORD)].sum())

    def _note_levels(self, cells: pa.Array) -> None:
        if len(self.levels) <= FEW_NUMBERS:
            values = np.asarray(pc.cast(cells, pa.float64()))
            levels = np.unique(values[~np.isnan(values)])
            self.levels.update(levels[: len(self.levels) + FEW_NUMBERS + 1].tolist())

    def is_convincing(self, valid: int) -> bool:
        """Whether the column is one of numbers and its other cells are odd ones."""
        share = 1 - self.odd / valid
        if not self.odd:
            return self.read > self.not_numbers
        if self.words == self.odd:
            return share >= HALF
        return share >= MOSTLY and len(self.levels) > FEW_NUMBERS
