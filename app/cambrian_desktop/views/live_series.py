"""What the plots of a run draw, as arrays that grow with its generations."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cambrian.records import Objective
from cambrian.store.rows import IndividualRow
from cambrian_desktop.run_picture import RunPicture

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Arrays:
    """The individuals of complete generations in the order of their numbers.

    Attributes:
        values: NaN where one failed, (individuals, objectives).
        rungs: How far each was trained; -1 where it failed.
        places: In its generation, 1 the best.
        links: Number of child and parent, (links, 2).
    """

    generations: Ints
    values: Floats
    rungs: Ints
    places: Ints
    links: Ints

    @property
    def full(self) -> NDArray[np.bool_]:
        """Whether each reached the highest rung that anybody reached: only their values compare."""
        alive = np.isfinite(self.values).all(axis=1) if self.values.size else np.zeros(len(self.rungs), bool)
        highest = int(self.rungs[alive].max()) if alive.any() else 0
        made: NDArray[np.bool_] = self.rungs >= highest
        return made

    def of_objective(self, place: int) -> Floats:
        """Values of one objective; none while no generation is complete."""
        return self.values[:, place] if self.values.size else np.empty(0)

    @property
    def failed(self) -> int:
        """How many have no value."""
        return int(np.count_nonzero(self.rungs < 0))

    @property
    def culled(self) -> int:
        """How many have a value of less training than the best."""
        return int(np.count_nonzero(~self.full)) - self.failed

    def best_so_far(self, place: int, objective: Objective) -> list[tuple[int, float]]:
        """Generation and best value up to it, of those that reached the highest rung."""
        values = self.of_objective(place)
        chosen = self.full & np.isfinite(values)
        if not chosen.any():
            return []
        sign = 1.0 if objective.direction == "minimize" else -1.0
        count = int(self.generations.max()) + 1
        best = np.full(count, np.inf)
        np.minimum.at(best, self.generations[chosen], sign * values[chosen])
        best = np.minimum.accumulate(best)
        return [(number, sign * float(cost)) for number, cost in enumerate(best) if math.isfinite(cost)]


class Series:
    """Takes up the individuals of each complete generation once."""

    def __init__(self) -> None:
        self.arrays = _arrays([], 0)
        self._objectives: tuple[Objective, ...] = ()
        self._first: IndividualRow | None = None
        self._generations: list[int] = []
        self._values: list[tuple[float, ...]] = []
        self._rungs: list[int] = []
        self._places: list[int] = []
        self._links: list[tuple[int, int]] = []

    def take(self, picture: RunPicture) -> bool:
        """Take up what a picture has more than the last; whether there was any."""
        rows, count = picture.individuals, len(self._generations)
        first = rows[0] if picture.settled else None
        same_run = first is self._first and picture.objectives == self._objectives
        if not same_run or picture.settled < count:
            self._forget()
            count = 0
        if picture.settled == count:
            return not same_run
        self._first, self._objectives = first, picture.objectives
        for row in rows[count : picture.settled]:
            self._add(row, len(picture.objectives))
        self.arrays = Arrays(
            np.array(self._generations, np.int64),
            np.array(self._values, np.float64).reshape(len(self._values), -1),
            np.array(self._rungs, np.int64),
            np.array(self._places, np.int64),
            np.array(self._links, np.int64).reshape(-1, 2),
        )
        return True

    def _forget(self) -> None:
        for each in (self._generations, self._values, self._rungs, self._places, self._links):
            each.clear()
        self._first, self._objectives = None, ()
        self.arrays = _arrays([], 0)

    def _add(self, row: IndividualRow, objectives: int) -> None:
        values = row.values if row.values and all(map(math.isfinite, row.values)) else None
        self._generations.append(row.generation)
        self._values.append(values or (math.nan,) * objectives)
        self._rungs.append(-1 if row.rung is None or values is None else row.rung)
        self._places.append(1 + (row.rank or 0))
        self._links += [(row.number, parent) for parent in row.parents if parent < row.number]


def lineage(rows: tuple[IndividualRow, ...], champion: int) -> tuple[int, ...]:
    """An individual and its better parents, one after another."""
    found = []
    number: int | None = champion if 0 <= champion < len(rows) else None
    while number is not None:
        found.append(number)
        parents = rows[number].parents
        number = parents[0] if parents and parents[0] < number else None
    return tuple(found)


def _arrays(generations: list[int], objectives: int) -> Arrays:
    none = np.array(generations, np.int64)
    return Arrays(none, np.empty((0, objectives)), none, none, np.empty((0, 2), np.int64))
