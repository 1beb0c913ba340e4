"""The finalists: the best few are trained again with further seeds over all folds; the best mean wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cambrian.records import Outcome, RunEvent, State
from cambrian.run.generation import Lanes, mean_values
from cambrian.run.lanes import LaneId, LaneReport, LaneTask
from cambrian.run.leaders import FINALISTS, front_by_first
from cambrian.run.searching import SearchParts
from cambrian.search.ranking import best_first
from cambrian.store.reader import RunReader

REPEATS = (1, 2)
"""Seeds of a finalist beside the search's own (seed 0)."""
_CAUTION = 1.3
"""Predicted time of the repeats is taken this many times: a finalist that does not finish is wasted."""


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


class FinalistStage:
    """Repeats the finalists as far as the time allows and chooses the champion."""

    def __init__(self, parts: SearchParts, lanes: Lanes, *, workers: int) -> None:
        self._parts = parts
        self._lanes = lanes
        self._workers = workers
        self._top = len(parts.resolved.rungs) - 1
        self._folds = range(parts.resolved.folds)

    def run(self, finalists: Sequence[Outcome]) -> Champion:
        """The champion among the finalists, the best first; at least one."""
        known = self._known(finalists)
        reached_top = [each for each in finalists if each.rung == self._top]
        repeated = self._affordable(reached_top, known)
        self._parts.control.stage(self._parts.resolved.finalists_until, stoppable=True)
        tasks = [
            self._lanes.task(each.individual, fold=fold, seed=seed, rung=self._top)
            for seed in REPEATS
            for each in repeated
            for fold in self._folds
        ]
        missing = [task for task in tasks if task.id not in known]
        if missing:
            self._parts.tell(
                RunEvent(
                    "finalists",
                    f"{len(repeated)} finalists train again over {self._parts.resolved.folds} folds and "
                    f"{len(REPEATS)} further seeds ({len(missing)} networks)",
                    {"finalists": [each.individual.number for each in repeated], "networks": len(missing)},
                )
            )
            fresh, _ = self._parts.dispatcher.run(missing)
            known = {**known, **fresh}
        return self._choose(finalists, known)

    def _known(self, finalists: Sequence[Outcome]) -> dict[LaneId, LaneReport]:
        """Lanes of the finalists that are complete, by the database."""
        reader = RunReader(self._parts.folder.database)
        known = {}
        try:
            for outcome in finalists:
                values = {
                    LaneId(row.individual, row.fold, row.seed): row.values
                    for row in reader.rungs(individual=outcome.individual.number)
                    if row.rung == self._top
                }
                for row in reader.evaluations(individual=outcome.individual.number):
                    each = row.evaluation
                    lane = LaneId(each.individual, each.fold, each.seed)
                    if each.state is State.COMPLETE and lane in values:
                        known[lane] = LaneReport(
                            lane, None, each.epochs, each.best_epoch, values[lane], seconds=each.seconds
                        )
        finally:
            reader.close()
        return known

    def _affordable(
        self, finalists: Sequence[Outcome], known: Mapping[LaneId, LaneReport]
    ) -> Sequence[Outcome]:
        """As many finalists as the time allows, judged by how long their lanes of the search took."""
        until = self._parts.resolved.finalists_until
        if until is None:
            return finalists[:FINALISTS]
        left = until - self._parts.clock.tick()
        chosen: list[Outcome] = []
        for each in finalists:
            # A repeat takes as long as the search's own lane of its fold; an earlier execution may have some.
            lanes = [LaneId(each.individual.number, fold, seed) for seed in REPEATS for fold in self._folds]
            searched = [known.get(lane._replace(seed=0)) for lane in lanes if lane not in known]
            missing = [report.seconds for report in searched if report is not None]
            # All lanes run side by side, yet none can be shorter than its own longest.
            seconds = _CAUTION * max(sum(missing) / self._workers, max(missing, default=0.0))
            if seconds > left:
                break
            left -= seconds
            chosen.append(each)
        return chosen

    def _choose(self, finalists: Sequence[Outcome], known: Mapping[LaneId, LaneReport]) -> Champion:
        """The best mean over folds and seeds; ties go to the earlier individual.

        With several objectives, of those that no other dominates the best by the first.
        """
        candidates: dict[int, tuple[Outcome, list[LaneReport]]] = {}
        for outcome in finalists:
            number = outcome.individual.number
            reports = [
                report
                for lane, report in sorted(known.items())
                if lane.individual == number and not report.failed
            ]
            reports = _whole_seeds(reports, self._parts.resolved.folds)
            if reports:
                candidates[number] = (outcome, reports)
        if not candidates:
            return self._as_it_stands(finalists[0])
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

    def _as_it_stands(self, best: Outcome) -> Champion:
        """Without any complete lane: the best network at the rung it reached, trained on fold 0 alone."""
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
