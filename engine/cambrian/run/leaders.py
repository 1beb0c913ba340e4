"""The best individuals of the whole run: the hall of fame, the finalists, and whose weights are kept."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from pathlib import Path

from cambrian.records import Objective, Outcome
from cambrian.search.ranking import best_first, pareto_front

FINALISTS = 3


class Leaders:
    """The best `keep` outcomes so far, best first.

    Args:
        objectives: What they are ranked by.
        keep: How many are remembered; never fewer than the finalists, nor than the Pareto front.

    Attributes:
        best: The leaders.
        from_scratch: The best that inherited no weights, a leader or not, by the rule of the finalists; None
            before there is one.
    """

    def __init__(self, objectives: Sequence[Objective], keep: int) -> None:
        self._objectives = tuple(objectives)
        self._keep = max(keep, FINALISTS)
        self.best: list[Outcome] = []
        self.from_scratch: Outcome | None = None

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Take new outcomes in; failed ones are never leaders."""
        everyone = [*self.best, *(each for each in outcomes if each.values is not None and each.rung >= 0)]
        keep = self._keep
        if len(self._objectives) > 1:
            keep = max(keep, len(pareto_front(everyone, self._objectives)))
        ordered = [everyone[index] for index in best_first(everyone, self._objectives)]
        self.best = ordered[:keep]
        without = [each for each in ordered if each.individual.inherited is None]
        without += [self.from_scratch] if self.from_scratch else []
        top = max((each.rung for each in without), default=0)
        highest = [each for each in without if each.rung == top]
        self.from_scratch = next(iter(front_by_first(highest, self._objectives)), None)

    @property
    def leader(self) -> Outcome | None:
        """The best so far, as leaderboard and champion are chosen; None before there is one.

        With several objectives `best` begins with any end of the front.
        """
        return next(iter(self.finalists(1)), None)

    def finalists(self, count: int = FINALISTS) -> list[Outcome]:
        """The best few at the highest rung that anybody reached; with several objectives, of the front.

        Of the front the best by the first objective: its own order begins with the extremes, and the smallest
        network of all is nobody's champion.
        """
        if not self.best:
            return []
        top = max(each.rung for each in self.best)
        candidates = [each for each in self.best if each.rung == top]
        if len(self._objectives) > 1:
            candidates = front_by_first(candidates, self._objectives)
        return candidates[:count]

    def forget_others(self, folder: Path, parents: Collection[int] = ()) -> None:
        """Remove the weights and predictions of individuals that are no longer among the best.

        Args:
            folder: Where they lie.
            parents: Numbers of others whose weights may still be inherited.
        """
        last = [self.from_scratch] if self.from_scratch else []
        kept = {each.individual.number for each in [*self.best, *last]} | set(parents)
        for path in folder.glob("i*-f*-s*.*"):
            number = path.name[1:].split("-", 1)[0]
            if number.isdigit() and int(number) not in kept:
                path.unlink(missing_ok=True)


def front_by_first(outcomes: Sequence[Outcome], objectives: Sequence[Objective]) -> list[Outcome]:
    """The non-dominated outcomes, the best by the first objective first; ties go by number."""

    def key(outcome: Outcome) -> tuple[float, int]:
        return objectives[0].cost((outcome.values or (math.inf,))[0]), outcome.individual.number

    return sorted(pareto_front(outcomes, objectives), key=key)
