"""The finalists: the best few are trained again with further seeds over all folds; the best mean wins.

Only lanes from scratch count and are delivered: what a network with inherited weights scores it owes in part
to epochs of its ancestors, which its own genome does not tell.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from cambrian.records import Outcome, RunEvent
from cambrian.run.generation import Lanes, mean_values
from cambrian.run.history import ended_lanes
from cambrian.run.lanes import LaneId, LaneReport, LaneTask, inheritance_of
from cambrian.run.leaders import FINALISTS, front_by_first
from cambrian.run.reserve import CAUTION, repeat_seconds, repeats_of
from cambrian.run.searching import SearchParts
from cambrian.search.ranking import best_first


@dataclass(frozen=True, slots=True)
class Champion:
    """The individual that is delivered.

    Attributes:
        outcome: Its outcome in the search.
        values: Mean of each objective over all its lanes.
        lanes: Its trained lanes, whose weights are kept: every fold and seed.
        finalists: Numbers of the individuals that were repeated, in the order of their means.
    """

    outcome: Outcome
    values: tuple[float, ...]
    lanes: tuple[LaneId, ...]
    finalists: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """The choice as JSON values, without what the database knows of the individual."""
        return {
            "individual": self.outcome.individual.number,
            "values": list(self.values),
            "lanes": [list(lane) for lane in self.lanes],
            "finalists": list(self.finalists),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any], outcomes: Sequence[Outcome]) -> Self:
        """The champion that `to_json` wrote.

        Args:
            value: What it wrote.
            outcomes: Those of the search, the champion's among them.
        """
        (outcome,) = (each for each in outcomes if each.individual.number == value["individual"])
        lanes = tuple(LaneId(*each) for each in value["lanes"])
        return cls(outcome, tuple(value["values"]), lanes, tuple(value["finalists"]))


class FinalistStage:
    """Repeats the finalists as far as the time allows and chooses the champion."""

    def __init__(self, parts: SearchParts, lanes: Lanes) -> None:
        self._parts = parts
        self._lanes = lanes
        self._top = len(parts.resolved.rungs) - 1
        self._folds = range(parts.resolved.folds)

    def run(
        self,
        finalists: Sequence[Outcome],
        repeats: Collection[int] | None = None,
        stand_in: Outcome | None = None,
    ) -> Champion:
        """The champion among the finalists.

        Args:
            finalists: The best first; at least one.
            repeats: Numbers of those that an earlier execution chose to repeat, if it came to that.
            stand_in: The best that inherited nothing: champion where no finalist has a lane from scratch,
                because all are heirs and the time ended before any was trained again, or none could be.
        """
        parts = self._parts
        numbers = [each.individual.number for each in (*finalists, *([stand_in] if stand_in else []))]
        known: Mapping[LaneId, LaneReport] = ended_lanes(parts.folder.database, numbers, top=self._top)
        until = parts.reserve.finalists_until(known)
        parts.control.stage(until, stoppable=True)
        reached_top = [each for each in finalists if each.rung == self._top]
        chosen = [each for each in reached_top if each.individual.number in (repeats or ())]
        halted = parts.control.stop_now
        while not halted:
            known, halted = self._repeat(chosen, known)
            rest = [each for each in reached_top if each not in chosen]
            more = [] if halted else self._affordable(rest, known, until)
            if not more:
                break
            chosen += more  # where these take less time than was feared, it is for the next
        if found := self._choose(finalists, known):
            return found
        without = (each for each in finalists if each.individual.inherited is None)
        return self._standing_in(next(without, stand_in) or finalists[0], known)

    def _repeat(
        self, chosen: Sequence[Outcome], known: Mapping[LaneId, LaneReport]
    ) -> tuple[Mapping[LaneId, LaneReport], bool]:
        """Train what is missing of the repeats; what is known then, and whether the stage was ended early."""
        parts = self._parts
        numbers = [each.individual.number for each in chosen]
        parts.store.write(lambda writer: writer.update_run(repeats=numbers))
        tasks = [
            self._lanes.task(each.individual, fold=fold, seed=seed, rung=self._top)
            for each in chosen
            for seed in repeats_of(each.individual)
            for fold in self._folds
        ]
        missing = [task for task in tasks if task.id not in known]
        if not missing:
            return known, False
        again = [number for number in numbers if any(task.id.individual == number for task in missing)]
        parts.tell(
            RunEvent(
                "finalists",
                f"{len(again)} finalists train again over {parts.resolved.folds} folds with further seeds, "
                f"from scratch ({len(missing)} networks)",
                {"finalists": again, "networks": len(missing)},
            )
        )
        fresh, halted = parts.dispatcher.run(missing)
        return {**known, **fresh}, halted

    def _affordable(
        self, finalists: Sequence[Outcome], known: Mapping[LaneId, LaneReport], until: float | None
    ) -> Sequence[Outcome]:
        """As many finalists as the time allows, judged by how long their lanes of the search took."""
        if until is None:
            return finalists[:FINALISTS]
        left = until - self._parts.clock.tick()
        chosen: list[Outcome] = []
        for each in finalists:
            workers = self._parts.reserve.workers
            left -= CAUTION * repeat_seconds(each.individual, len(self._folds), known, workers=workers)
            if left < 0:
                break
            chosen.append(each)
        return chosen

    def _choose(self, finalists: Sequence[Outcome], known: Mapping[LaneId, LaneReport]) -> Champion | None:
        """The best mean over folds and seeds; ties go to the earlier individual; None without any whole seed.

        With several objectives, of those that no other dominates the best by the first.
        """
        candidates: dict[int, tuple[Outcome, list[LaneReport]]] = {}
        for outcome in finalists:
            number = outcome.individual.number
            reports = [
                report
                for lane, report in sorted(known.items())
                if lane.individual == number and not report.failed
                if inheritance_of(outcome.individual, lane.seed) is None
            ]
            reports = _whole_seeds(reports, self._parts.resolved.folds)
            if reports:
                candidates[number] = (outcome, reports)
        if not candidates:
            return None
        # Who was repeated is judged by more lanes than who was not: only those with the most are compared.
        most = max(len(reports) for _, reports in candidates.values())
        judged = [
            Outcome(outcome.individual, outcome.rung, mean_values(reports))
            for outcome, reports in candidates.values()
            if len(reports) == most
        ]
        objectives = self._parts.resolved.objectives
        order = [judged[index] for index in best_first(judged, objectives)]
        winner = front_by_first(judged, objectives)[0]
        outcome, reports = candidates[winner.individual.number]
        return Champion(
            outcome,
            winner.values or (),
            tuple(report.id for report in reports),
            tuple(each.individual.number for each in order),
        )

    def _standing_in(self, best: Outcome, known: Mapping[LaneId, LaneReport]) -> Champion:
        """Without any whole seed of a finalist: the best from scratch, by its lanes of the search.

        Where nobody has a complete lane, the best network at the rung it reached, trained on fold 0 alone.
        """
        if found := self._choose([best], known):
            return found
        return Champion(best, best.values or (), (LaneId(best.individual.number, 0, 0),), ())


def _whole_seeds(reports: Sequence[LaneReport], folds: int) -> list[LaneReport]:
    """The lanes of those seeds that are complete on every fold."""
    seeds = {report.id.seed for report in reports}
    whole = {seed for seed in seeds if sum(report.id.seed == seed for report in reports) == folds}
    return [report for report in reports if report.id.seed in whole]


def lanes_to_retrain(champion: Champion, weights: Mapping[LaneId, bool], lanes: Lanes) -> list[LaneTask]:
    """Tasks for those of the champion's lanes whose weights are missing or damaged.

    They end at the rung that the champion reached: where time ended below the top, there is none for more.
    """
    individual, rung = champion.outcome.individual, champion.outcome.rung
    return [
        replace(lanes.task(individual, fold=lane.fold, seed=lane.seed, rung=rung), final=True)
        for lane in champion.lanes
        if not weights.get(lane, False)
    ]
