"""Three ways of dealing rows to the parts of a split: each drawn for itself, whole groups, or cut by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from cambrian.data.group_split import PINNED, deal_groups, last_of_a_class, spare_classes
from cambrian.data.strata import Target, dealt, drawn, is_classes, quantiles
from cambrian.errors import DataError

Rows = NDArray[np.int64]
Bools = NDArray[np.bool_]
Kind = Literal["rows", "groups", "time"]

HOLDOUT = 0.2
FIRST_WINDOW = 0.5
"""Of the training part in time: the rows that every fold trains on."""


@dataclass(frozen=True, slots=True)
class SplitBy:
    """What a split keeps together (groups) or in order (time).

    Attributes:
        kind: Which of the two.
        column: The column, for messages.
        values: A sortable value for every row of the table.
    """

    kind: Literal["groups", "time"]
    column: str
    values: NDArray[Any]


class RowDealer:
    """Draws rows, stratified: each class or quantile in its share."""

    kind: Kind = "rows"

    def __init__(self, y: Target) -> None:
        self.y = y

    def of(self, rows: Bools) -> Self:
        """The dealer of some of the rows."""
        return type(self)(self.y[rows])

    def test(self, fraction: float, rng: np.random.Generator) -> Bools:
        """A stratified draw."""
        return drawn(self.y, fraction, rng)

    def folds(self, count: int, rng: np.random.Generator) -> NDArray[np.int8]:
        """Dealt round and round over the strata; of a holdout a fifth is drawn."""
        if count > 1:
            return dealt(self.y, count, rng)
        return drawn(self.y, HOLDOUT, rng).astype(np.int8) - np.int8(1)


class GroupDealer:
    """Deals whole groups.

    Args:
        y: The target.
        groups: The group of each row: any sortable values.
        column: Where they stand.
    """

    kind: Kind = "groups"

    def __init__(self, y: Target, groups: NDArray[Any], column: str) -> None:
        self.y, self._column = y, column
        self._groups: Rows = np.unique(groups, return_inverse=True)[1].astype(np.int64)
        pinned = last_of_a_class(_class_numbers(y), self._groups) if is_classes(y) else np.zeros(len(y), bool)
        self._free = ~pinned

    @property
    def most_folds(self) -> int:
        """One for every group that need not train in all of them."""
        free = len(np.unique(self._groups[self._free]))
        return free if free > 1 else 0

    def of(self, rows: Bools) -> Self:
        """The dealer of some of the rows."""
        return type(self)(self.y[rows], self._groups[rows], self._column)

    def test(self, fraction: float, rng: np.random.Generator) -> Bools:
        """Groups with about that part of the rows."""
        return np.asarray(self._dealt((fraction, 1.0 - fraction), rng, spared=(0,)) == 0)

    def folds(self, count: int, rng: np.random.Generator) -> NDArray[np.int8]:
        """Equal parts as far as groups allow; of a holdout a fifth validates."""
        if count > 1:
            return self._dealt((1.0 / count,) * count, rng, spared=range(count))
        validates = self._dealt((HOLDOUT, 1.0 - HOLDOUT), rng, spared=(0,)) == 0
        return np.where(validates, 0, PINNED).astype(np.int8)

    def too_few(self, folds: int, *, test_part: bool) -> DataError:
        """The error where there are fewer groups than folds."""
        count, need = len(np.unique(self._groups)), max(2, folds)
        what = "folds" if folds > 1 else "a holdout"
        beside = " that the test part leaves" if test_part else ""
        alone = len(np.unique(self._groups[~self._free]))
        must = f" ({alone} of them always train: they alone have some class)" if alone else ""
        return DataError(
            f"`{self._column}` has {count} groups{beside}{must}, too few for "
            f"{f'{folds} ' if folds > 1 else ''}{what}: at least {need} that may validate are needed.",
            "Ask for fewer folds." if folds > 2 and self.most_folds else "Add rows of other groups.",
        )

    def _dealt(self, shares: tuple[float, ...], rng: np.random.Generator, *, spared: Any) -> NDArray[np.int8]:
        """The part of each row, -1 of groups not dealt; no `spared` part holds all of a class."""
        part_of = np.full(len(self.y), PINNED, dtype=np.int8)
        free = self._free
        if not free.any():
            return part_of
        groups = np.unique(self._groups[free], return_inverse=True)[1].astype(np.int64)
        part_of[free] = deal_groups(groups, _strata(self.y)[free], shares, rng)
        if is_classes(self.y):
            spare_classes(_class_numbers(self.y), self._groups, part_of, tuple(spared))
        return part_of


class TimeDealer:
    """Cuts rows by their time: what is later validates, and what is latest tests; equal times stay together.

    Args:
        y: The target.
        times: The time of each row: any sortable values.
        column: Where they stand.
    """

    kind: Kind = "time"

    def __init__(self, y: Target, times: NDArray[Any], column: str) -> None:
        self.y, self._column = y, column
        self._times, counts = np.unique(times, return_inverse=True, return_counts=True)[1:]
        self._before = np.cumsum(counts)

    @property
    def most_folds(self) -> int:
        """One for every time but the first."""
        return len(self._before) - 1

    def of(self, rows: Bools) -> Self:
        """The dealer of some of the rows."""
        return type(self)(self.y[rows], self._times[rows], self._column)

    def test(self, fraction: float, rng: np.random.Generator) -> Bools:
        """The latest rows; no generator is needed."""
        if not self.most_folds:
            return np.zeros(len(self._times), dtype=bool)
        return np.asarray(self._times >= self._cuts([1.0 - fraction])[0])

    def folds(self, count: int, rng: np.random.Generator) -> NDArray[np.int8]:
        """The later half in equal parts one after another; of a holdout the last fifth."""
        later = 1.0 - FIRST_WINDOW
        shares = [FIRST_WINDOW + later * fold / count for fold in range(count)]
        cuts = self._cuts(shares if count > 1 else [1.0 - HOLDOUT])
        return (np.searchsorted(cuts, self._times, side="right") - 1).astype(np.int8)

    def too_few(self, folds: int, *, test_part: bool) -> DataError:
        """The error where there are fewer times than folds."""
        count = len(self._before)
        beside = " that the test part leaves" if test_part else ""
        what = f"{folds} folds" if folds > 1 else "a holdout"
        return DataError(
            f"`{self._column}` has {count} different times{beside}, too few for {what}: rows of one time "
            f"stay together, and at least {folds + 1} are needed.",
            "Ask for fewer folds." if self.most_folds else "Name a column with more different times.",
        )

    def _cuts(self, shares: list[float]) -> Rows:
        """First times of the parts that begin nearest to these shares of the rows; each has one at least."""
        last, count = len(self._before), len(shares)
        cuts: list[int] = []
        for place, share in enumerate(shares):
            wanted = share * self._before[-1]
            nearest = 1 + int(np.argmin(np.abs(self._before - wanted)))
            earliest = cuts[-1] + 1 if cuts else 1
            cuts.append(max(earliest, min(nearest, last - count + place)))
        return np.array(cuts, dtype=np.int64)


def dealer(y: Target, by: SplitBy | None, rows: Bools) -> RowDealer | GroupDealer | TimeDealer:
    """The dealer for these rows of a table, whose target is `y`."""
    if by is None:
        return RowDealer(y)
    made = GroupDealer if by.kind == "groups" else TimeDealer
    return made(y, by.values[rows], by.column)


def _strata(y: Target) -> Rows:
    """The stratum of each row: its class, or its block of the sorted values."""
    if is_classes(y):
        return _class_numbers(y)
    return quantiles(y).astype(np.int64)


def _class_numbers(y: Target) -> Rows:
    return np.asarray(y, dtype=np.int64)
