"""Who goes on at a rung: about the best third, and one that luck picks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cambrian.records import Objective, Outcome, derive_seed


@dataclass(frozen=True, slots=True)
class Cull:
    """The decision of a rung, as individual numbers.

    Attributes:
        kept: Those that go on to the next rung, the best first, the wildcard last.
        culled: Those that stay at this rung, the best first. Failed ones stand in neither list.
        wildcard: The one kept against its rank; None when nobody was left to draw from.
    """

    kept: tuple[int, ...]
    culled: tuple[int, ...]
    wildcard: int | None


def survivor_count(cohort: int) -> int:
    """How many of a cohort a rung keeps: a third, rounded up, and the wildcard."""
    return min(cohort, _best_third(cohort) + 1)


def survivors(
    cohort: Sequence[Outcome], objectives: Sequence[Objective], *, seed_parts: Sequence[object]
) -> Cull:
    """Keep ceil(n / 3) of the n that have not failed, by rank, and one wildcard drawn from the rest.

    A lane that has ended stays in every later cohort it was kept for: pass it in with its value. The
    decision depends on the cohort and `seed_parts` (such as run seed, generation, rung), not on the order.
    """
    from cambrian.search.ranking import best_first, has_failed  # DEAP; who only counts survivors needs none

    alive = [index for index in best_first(cohort, objectives) if not has_failed(cohort[index])]
    numbers = [cohort[index].individual.number for index in alive]
    cut = _best_third(len(numbers))
    kept, rest = numbers[:cut], numbers[cut:]
    if not rest:
        return Cull(tuple(kept), (), None)
    rng = np.random.default_rng(derive_seed("wildcard", *seed_parts))
    wildcard = rest.pop(int(rng.integers(len(rest))))
    return Cull((*kept, wildcard), tuple(rest), wildcard)


def _best_third(cohort: int) -> int:
    return -(-cohort // 3)
