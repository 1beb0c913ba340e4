"""The leaderboard, kept up as generations end: the order of the database's own view, without asking it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from cambrian.records import Objective
from cambrian.store.rows import IndividualRow, LeaderboardRow

_LEADERS = 20
_Key = tuple[int, float, int]
"""What places are given by: rungs from the highest, then the cost, then the number."""


class Ranking:
    """Places of the individuals of complete generations.

    Attributes:
        leaders: The first 20.
        best: The best individual of each generation that has one.
    """

    def __init__(self) -> None:
        self.leaders: tuple[LeaderboardRow, ...] = ()
        self.best: tuple[LeaderboardRow, ...] = ()
        self._objective: Objective | None = None
        self._taken = 0
        self._keys: list[_Key] = []
        self._rows: dict[int, IndividualRow] = {}
        self._best: dict[int, _Key] = {}

    def take(self, settled: Sequence[IndividualRow], objective: Objective | None) -> None:
        """Take up the individuals that came since the last call; `settled` only ever grows."""
        if objective is None or len(settled) == self._taken:
            return
        self._objective = objective
        fresh = [row for row in settled[self._taken :] if row.values and not math.isnan(row.values[0])]
        self._taken = len(settled)
        for row in fresh:
            key = _key(row, objective)
            self._rows[row.number] = row
            self._keys.append(key)
            self._best[row.generation] = min(key, self._best.get(row.generation, key))
        self._keys.sort()
        self.leaders = tuple(self._line(place, key) for place, key in enumerate(self._keys[:_LEADERS], 1))
        self.best = tuple(
            self._line(bisect_left(self._keys, key) + 1, key) for _, key in sorted(self._best.items())
        )

    def placed(self, number: int) -> LeaderboardRow | None:
        """An individual's own line; None if it is not on the leaderboard."""
        row = self._rows.get(number)
        if row is None or self._objective is None:
            return None
        key = _key(row, self._objective)
        return self._line(bisect_left(self._keys, key) + 1, key)

    def _line(self, place: int, key: _Key) -> LeaderboardRow:
        row, objective = self._rows[key[2]], self._objective
        return LeaderboardRow(
            place=place,
            individual=row.number,
            generation=row.generation,
            rung=-key[0],
            objective=objective.name if objective else "",
            value=row.values[0] if row.values else math.nan,
            species=row.species,
            operator=row.operator,
            key=row.key,
            genome=row.genome,
        )


def _key(row: IndividualRow, objective: Objective) -> _Key:
    rung = -1 if row.rung is None else row.rung
    cost = objective.cost(row.values[0]) if row.values else math.inf
    return -rung, cost, row.number
