"""The best individuals of the whole run: the hall of fame, the finalists, and whose weights are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cambrian.records import Objective, Outcome
from cambrian.search.ranking import best_first, pareto_front

FINALISTS = 3


class Leaders:
    """The best `keep` outcomes so far, best first.

    Args:
        objectives: What they are ranked by.
        keep: How many are remembered.
    """

    def __init__(self, objectives: Sequence[Objective], keep: int) -> None:
        self._objectives = tuple(objectives)
        self._keep = keep
        self.best: list[Outcome] = []

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Take new outcomes in; failed ones are never leaders."""
        everyone = [*self.best, *(each for each in outcomes if each.values is not None and each.rung >= 0)]
        self.best = [everyone[index] for index in best_first(everyone, self._objectives)][: self._keep]

    def finalists(self, count: int = FINALISTS) -> list[Outcome]:
        """The best few at the highest rung that anybody reached; with several objectives, of the front."""
        if not self.best:
            return []
        top = max(each.rung for each in self.best)
        candidates = [each for each in self.best if each.rung == top]
        if len(self._objectives) > 1:
            front = {each.individual.number for each in pareto_front(candidates, self._objectives)}
            candidates = [each for each in candidates if each.individual.number in front]
        return candidates[:count]

    def forget_others(self, folder: Path) -> None:
        """Remove the weights and predictions of individuals that are no longer among the best."""
        kept = {each.individual.number for each in self.best}
        for path in folder.glob("i*-f*-s*.*"):
            number = path.name[1:].split("-", 1)[0]
            if number.isdigit() and int(number) not in kept:
                path.unlink(missing_ok=True)
