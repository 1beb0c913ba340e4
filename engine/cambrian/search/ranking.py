"""Who is better: by rung reached, then by value, or by NSGA-II where there are several objectives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from deap import base
from deap.tools import emo

from cambrian.records import Objective, Outcome


def rank(outcomes: Sequence[Outcome], objectives: Sequence[Objective]) -> list[int]:
    """The rank of each outcome, in the order given: 0 is the best, every rank occurs once.

    A higher rung beats a lower one; within a rung one objective goes by value, several by NSGA-II
    (non-dominated rank, then crowding distance; Deb et al. 2002). Failed outcomes come last, whatever rung
    they reached. Ties go by individual number, so who is better does not depend on the order given.
    """
    ranks = [0] * len(outcomes)
    for place, index in enumerate(best_first(outcomes, objectives)):
        ranks[index] = place
    return ranks


def best_first(outcomes: Sequence[Outcome], objectives: Sequence[Objective]) -> list[int]:
    """Indices of the outcomes, the best first, by the rule of `rank`."""
    order: list[int] = []
    for _, indices in _by_rung(outcomes):
        if len(objectives) == 1:
            order += sorted(indices, key=lambda i: (_costs(outcomes[i], objectives), _number(outcomes[i])))
        else:
            order += [i for front in _fronts(outcomes, indices, objectives) for i in front]
    failed = [i for i, outcome in enumerate(outcomes) if has_failed(outcome)]
    return order + sorted(failed, key=lambda i: _number(outcomes[i]))


def pareto_front(outcomes: Sequence[Outcome], objectives: Sequence[Objective]) -> list[Outcome]:
    """The non-dominated outcomes of the highest rung that anybody reached, in the order of their rank.

    With one objective these are the outcomes that share the best value.
    """
    for _, indices in _by_rung(outcomes):
        return [outcomes[i] for i in _fronts(outcomes, indices, objectives)[0]]
    return []


def has_failed(outcome: Outcome) -> bool:
    """Whether the outcome has no fitness to go by: none at all, or a value that is NaN or infinite."""
    return outcome.values is None or not all(map(math.isfinite, outcome.values))


def _by_rung(outcomes: Sequence[Outcome]) -> Iterable[tuple[int, list[int]]]:
    """Indices of the outcomes that have not failed, by rung, the highest rung first, then by number."""
    alive = [i for i, outcome in enumerate(outcomes) if not has_failed(outcome)]
    alive.sort(key=lambda i: (-outcomes[i].rung, _number(outcomes[i])))
    for rung, indices in groupby(alive, key=lambda i: outcomes[i].rung):
        yield rung, list(indices)


def _fronts(
    outcomes: Sequence[Outcome], indices: Sequence[int], objectives: Sequence[Objective]
) -> list[list[int]]:
    """Non-dominated fronts of the outcomes at `indices`, each by falling crowding distance, then number."""
    points = [_Point(i, _costs(outcomes[i], objectives)) for i in indices]
    fronts: list[list[_Point]] = emo.sortNondominated(points, len(points))
    for front in fronts:
        front.sort(key=lambda point: _number(outcomes[point.index]))  # crowding breaks ties by position
        emo.assignCrowdingDist(front)
        front.sort(key=lambda point: -point.fitness.crowding_dist)  # stable: ties stay by number
    return [[point.index for point in front] for front in fronts if front]


def _costs(outcome: Outcome, objectives: Sequence[Objective]) -> tuple[float, ...]:
    values = outcome.values or ()
    return tuple(objective.cost(value) for objective, value in zip(objectives, values, strict=True))


def _number(outcome: Outcome) -> int:
    return outcome.individual.number


class _Costs(base.Fitness):  # type: ignore[misc]  # DEAP has no types
    """Costs as DEAP wants them: wvalues are maximised, their number may vary."""

    weights = (-1.0,)
    crowding_dist = 0.0

    def __init__(self, costs: tuple[float, ...]) -> None:
        super().__init__()
        self.wvalues = tuple(-cost for cost in costs)

    @property
    def values(self) -> tuple[float, ...]:
        """The costs themselves; DEAP's own property divides by the weights."""
        return tuple(-value for value in self.wvalues)


class _Point:
    """An outcome as DEAP's sorting sees it."""

    __slots__ = ("fitness", "index")

    def __init__(self, index: int, costs: tuple[float, ...]) -> None:
        self.index = index
        self.fitness = _Costs(costs)
