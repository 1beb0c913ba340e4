"""What the end of a run needs of a budget in minutes: to park, the finalists' repeats, delivery, a margin.

The search gets the rest. Its share by `resolve.SEARCH_SHARE` is the least: where the finalists need more
than is left after it, fewer of them are repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cambrian.records import Evaluation, Individual, Outcome
from cambrian.run.dispatch import STOP_GRACE
from cambrian.run.lanes import LaneId, LaneReport
from cambrian.run.packs import ROUND_SECONDS
from cambrian.run.resolve import Resolved

REPEATS = (1, 2)
"""Seeds of a finalist beside the search's own (seed 0)."""
_IN_PLACE_OF_THE_SEARCHS = 3
CAUTION, _RESERVED = 1.1, 1.2
"""Predicted time of the repeats is taken this many times: a finalist that does not finish is wasted.

More is reserved for them than they need to begin, so that a search that ends late takes none of them away.
"""
_LANE_SECONDS = 0.05
"""To judge and write a network, beside its training."""
_MARGIN_SHARE, _MOST_MARGIN = 0.03, 5.0
"""Of the budget, kept back for what nothing predicts; in seconds at most."""
_DELIVERY_SECONDS = 1.0
# Measured: 5 s for 40,000 test rows of two classes, where the bootstrap begins to draw fewer resamples
# (`results.bootstrap`), three networks, on a machine with other work; half as much again is reserved.
_SECONDS_A_VALUE, _ALL_RESAMPLES, _SECONDS_A_VALUE_OF_LEAST = 1.5e-4, 50_000, 7.5e-6
"""For the bootstrap of a test row and class: up to so many values, and where the resamples are the fewest."""


def slowest_round(evaluations: Iterable[Evaluation]) -> float:
    """Seconds until the workers of these lanes have parked, once asked: a round of epochs of a whole pack.

    The seconds of a lane are its share of its pack's, so a round takes those of all its lanes together.
    """
    packs: dict[str | None, list[float]] = {}
    for each in evaluations:
        if each.epochs:
            packs.setdefault(each.pack, []).append(each.seconds / each.epochs)
    return max((_round_seconds(sum(shares), max(shares)) for shares in packs.values()), default=0.0)


def _round_seconds(together: float, slowest: float) -> float:
    """Seconds of a round of lanes of which no more train at once than a worker may; one it may always."""
    return max(slowest, min(together, ROUND_SECONDS))


def repeats_of(individual: Individual) -> tuple[int, ...]:
    """Seeds with which a finalist trains again, always from scratch.

    One that inherited weights has one more, in place of the search's own: finalists are compared, and one is
    delivered, by equally many lanes from scratch.
    """
    return REPEATS if individual.inherited is None else (*REPEATS, _IN_PLACE_OF_THE_SEARCHS)


def repeat_seconds(
    individual: Individual, folds: int, known: Mapping[LaneId, LaneReport], *, workers: int
) -> float:
    """Predicted seconds until the repeats of a finalist that are not known yet are done.

    A repeat takes as long as the search's own lane of its fold; from scratch it has more epochs than an heir.
    """
    heir = individual.inherited
    longer = 1.0 if heir is None else int(individual.genome["epochs"]) / heir.epochs
    seeds = repeats_of(individual)
    repeats = [LaneId(individual.number, fold, seed) for seed in seeds for fold in range(folds)]
    searched = [known.get(lane._replace(seed=0)) for lane in repeats if lane not in known]
    seconds = [longer * report.seconds + _LANE_SECONDS for report in searched if report is not None]
    # All lanes run side by side, yet none can be shorter than its own longest.
    return max(sum(seconds) / workers, max(seconds, default=0.0))


@dataclass(frozen=True, slots=True)
class Reserve:
    """When the stages of a run with a budget in minutes end, as its leaders change.

    Attributes:
        resolved: The settings; `search_until` in it is the least the search gets.
        limit: The budget in seconds; None without one, then no stage ends by time.
        workers: Worker processes.
        test_rows: Rows that the delivered model is scored on.
    """

    resolved: Resolved
    limit: float | None
    workers: int
    test_rows: int

    def search_until(
        self, finalists: Sequence[Outcome], known: Mapping[LaneId, LaneReport], *, slowest_round: float
    ) -> float | None:
        """Running time in seconds at which the search ends.

        Args:
            finalists: Those there would be if it ended now; as long as nobody has values, the share holds.
            known: What the lanes of the finalists reported.
            slowest_round: Seconds that a worker may still train after it was asked to park.
        """
        share, end = self.resolved.search_until, self.finalists_until(known)
        if share is None or end is None or not known:
            return share
        repeats = sum(
            repeat_seconds(each.individual, self.resolved.folds, known, workers=self.workers)
            for each in finalists
        )
        return max(share, end - _RESERVED * repeats - min(slowest_round, STOP_GRACE))

    def finalists_until(self, known: Mapping[LaneId, LaneReport]) -> float | None:
        """Running time in seconds at which the finalists are asked to park; the delivery follows."""
        if self.limit is None or self.resolved.finalists_until is None:
            return None
        margin = min(_MARGIN_SHARE * self.limit, _MOST_MARGIN)
        last = self.limit - self._delivery_seconds(known.values()) - self._parking_seconds(known.values())
        return min(max(self.resolved.finalists_until, last - margin), last)

    def _parking_seconds(self, known: Collection[LaneReport]) -> float:
        """Predicted seconds until the finalists' repeats have parked: a round of those that a worker has."""
        shares = [report.seconds / report.epochs for report in known if report.epochs]
        together = len(REPEATS) * sum(shares) / self.workers
        return min(_round_seconds(together, max(shares, default=0.0)), STOP_GRACE)

    def _delivery_seconds(self, known: Collection[LaneReport]) -> float:
        """Predicted seconds of the delivery: the bootstrap, and the champion's networks on the test rows."""
        epochs = [report.seconds / report.epochs for report in known if report.epochs]
        rows = min(self.resolved.rows, self.resolved.rows_per_epoch)
        networks = self.resolved.folds * (1 + len(REPEATS))
        # An epoch trains on its rows, which takes three times as long as predicting them.
        predicting = networks * max(epochs, default=0.0) / 3 * self.test_rows / rows
        values = self.test_rows * max(self.resolved.outputs, 2)
        scoring = max(
            _SECONDS_A_VALUE * min(values, _ALL_RESAMPLES),
            _SECONDS_A_VALUE_OF_LEAST * values,
        )
        return _DELIVERY_SECONDS + predicting + scoring
