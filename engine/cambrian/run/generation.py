"""One generation: its cohort trains rung by rung, weak lanes are culled, survivors train on every fold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from cambrian.records import Evaluation, Individual, Outcome, RunEvent, State
from cambrian.run.dispatch import Dispatcher
from cambrian.run.lanes import LaneId, LaneReport, LaneTask, inheritance_of, lane_spec
from cambrian.run.resolve import Resolved
from cambrian.run.store import Store
from cambrian.search.culling import survivors
from cambrian.space.genome import Genome
from cambrian.training.cost import predicted_work, work_of_epochs
from cambrian.training.memory import predicted_bytes

Known = Mapping[tuple[LaneId, int], LaneReport]
"""Reports of an earlier execution of the run, by lane and rung."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Makes the tasks of a run's lanes.

    Attributes:
        width: Input width of a genome's genes.
        seed: The run's seed.
    """

    resolved: Resolved
    width: Callable[[Mapping[str, object]], int]
    seed: int

    def epoch_work(self, genome: Genome) -> float:
        """Predicted seconds of one epoch of the genome's network on a nominal core."""
        return work_of_epochs(genome, self.width(genome), self.resolved.shape, 1)

    def task(self, individual: Individual, *, fold: int, seed: int, rung: int) -> LaneTask:
        """The task that trains a lane up to a rung; the last rung is final."""
        resolved = self.resolved
        spec = lane_spec(individual, fold=fold, seed=seed, run_seed=self.seed)
        width = self.width(spec.genes)
        inherited = inheritance_of(individual, seed)
        return LaneTask(
            id=LaneId(individual.number, fold, seed),
            spec=spec,
            species=individual.species,
            until=resolved.rungs[rung],
            rung=rung,
            final=rung == len(resolved.rungs) - 1,
            predicted_bytes=predicted_bytes(spec.genes, width, resolved.shape),
            predicted_work=predicted_work(spec, width, resolved.shape),
            parent=LaneId(inherited.parent, fold, 0) if inherited else None,
        )


class GenerationTrainer:
    """Trains the individuals of one generation and says what became of each.

    The decisions at a rung fall when every member of the cohort has reported or failed, in the order of the
    individuals, so neither the number of workers nor the order of arrival changes them.

    Args:
        lanes: Makes the tasks.
        dispatcher: Trains them.
        store: The run's database.
        known: What an earlier execution had of this generation's lanes.
        told: Rungs of this generation that an earlier execution told of; they are not told again.
        tell: Receives the events.
    """

    def __init__(
        self,
        lanes: Lanes,
        dispatcher: Dispatcher,
        store: Store,
        *,
        known: Known,
        told: Collection[int | None] = (),
        tell: Callable[[RunEvent], None],
    ) -> None:
        self._lanes = lanes
        self._resolved = lanes.resolved
        self._dispatcher = dispatcher
        self._store = store
        self._known = dict(known)
        self._told = told
        self._tell = tell
        self.halted = False

    def train(self, individuals: Sequence[Individual]) -> list[Outcome]:
        """The outcome of each individual, in their order.

        When the stage is ended early (`halted`), the outcomes are those of the rungs that were reached.
        """
        outcomes = {each.number: Outcome(each, -1, None) for each in individuals}
        cohort = self._feasible(individuals)
        last = len(self._resolved.rungs) - 1
        reports: dict[int, LaneReport] = {}
        for rung in range(last):
            cohort = self._rung(rung, cohort, reports, outcomes)
            if self.halted:
                return list(outcomes.values())
        self._top(cohort, outcomes)
        return list(outcomes.values())

    def first(self, individuals: Sequence[Individual]) -> list[Outcome]:
        """Train one individual after the other up to the first rung, until one of them has values.

        Returns:
            The outcomes of all, in their order; without any value if all failed, or the stage was ended.
        """
        outcomes = {each.number: Outcome(each, -1, None) for each in individuals}
        for individual in self._feasible(individuals):
            task = self._lanes.task(individual, fold=0, seed=0, rung=0)
            report = self._reports([task]).get(task.id)
            if report is not None:
                outcomes[individual.number] = Outcome(individual, 0, report.values)
            if self.halted or (report is not None and report.values is not None):
                break
        return list(outcomes.values())

    def _feasible(self, individuals: Sequence[Individual]) -> list[Individual]:
        """Record those that cannot fit in memory, and return the others."""
        limit = self._resolved.memory_bytes
        feasible, rows = [], []
        for individual in individuals:
            task = self._lanes.task(individual, fold=0, seed=0, rung=0)
            if task.predicted_bytes <= limit:
                feasible.append(individual)
                continue
            error = f"needs {task.predicted_bytes} bytes of memory by prediction, the limit is {limit}"
            row = Evaluation(individual.number, 0, 0, State.INFEASIBLE, error=error)
            rows.append(replace(row, predicted_bytes=task.predicted_bytes))
        if rows:
            self._store.write(lambda writer: writer.save_evaluations(rows))
        return feasible

    def _rung(
        self,
        rung: int,
        cohort: list[Individual],
        reports: dict[int, LaneReport],
        outcomes: dict[int, Outcome],
    ) -> list[Individual]:
        """Train the cohort up to the rung and return its survivors; the rest is culled."""
        tasks = [
            self._lanes.task(each, fold=0, seed=0, rung=rung)
            for each in cohort
            if each.number not in reports or not reports[each.number].ended
        ]
        fresh = {lane.individual: report for lane, report in self._reports(tasks).items()}
        reports.update(fresh)
        # A stage cut short leaves lanes whose last report is of an earlier rung: they have not come here.
        ended = {number for number, report in reports.items() if report.ended}
        reached = [each for each in cohort if each.number in fresh or each.number in ended]
        for each in reached:
            outcomes[each.number] = Outcome(each, rung, reports[each.number].values)
        if self.halted:
            return []
        generation = cohort[0].generation if cohort else 0
        cull = survivors(
            [outcomes[each.number] for each in reached],
            self._resolved.objectives,
            seed_parts=(self._lanes.seed, generation, rung),
        )
        self._cull(rung, [outcomes[number] for number in cull.culled], reports)
        kept = set(cull.kept)
        if rung not in self._told:
            text = (
                f"rung {rung + 1} at epoch {self._resolved.rungs[rung]}: {len(kept)} of {len(cohort)} go on"
            )
            facts = {"generation": generation, "rung": rung, "cohort": len(cohort), "kept": sorted(kept)}
            self._tell(RunEvent("rung", text, facts))
        return [each for each in cohort if each.number in kept]

    def _cull(self, rung: int, culled: Sequence[Outcome], reports: Mapping[int, LaneReport]) -> None:
        rows = []
        for outcome in culled:
            report = reports[outcome.individual.number]
            task = self._lanes.task(outcome.individual, fold=0, seed=0, rung=rung)
            rows.append(report.evaluation(task, State.PRUNED))
        self._store.write(lambda writer: writer.save_evaluations(rows))

    def _top(self, cohort: Sequence[Individual], outcomes: dict[int, Outcome]) -> None:
        """Train the survivors to the end on every fold; an individual's value is the mean over its folds."""
        rung = len(self._resolved.rungs) - 1
        folds = range(self._resolved.folds)
        tasks = [self._lanes.task(each, fold=fold, seed=0, rung=rung) for each in cohort for fold in folds]
        reports = self._reports(tasks)
        for individual in cohort:
            mine = [reports.get(LaneId(individual.number, fold, 0)) for fold in folds]
            values = mean_values([each for each in mine if each is not None])
            if any(each is not None and each.failed for each in mine):
                outcomes[individual.number] = Outcome(individual, rung, None)
            elif len([each for each in mine if each is not None]) == len(folds):
                outcomes[individual.number] = Outcome(individual, rung, values)

    def _reports(self, tasks: Sequence[LaneTask]) -> dict[LaneId, LaneReport]:
        """Reports of these tasks: those that are known, the others by training."""
        kept = {
            task.id: self._known[task.id, task.rung] for task in tasks if (task.id, task.rung) in self._known
        }
        fresh, self.halted = self._dispatcher.run([task for task in tasks if task.id not in kept])
        rungs = {task.id: task.rung for task in tasks}
        self._known |= {(lane, rungs[lane]): report for lane, report in fresh.items()}
        return {task.id: report for task in tasks if (report := kept.get(task.id) or fresh.get(task.id))}


def mean_values(reports: Sequence[LaneReport]) -> tuple[float, ...] | None:
    """The mean of each objective over lanes; None without lanes or when one failed."""
    values = [report.values for report in reports if report.values is not None]
    if not values or len(values) < len(reports):
        return None
    return tuple(fmean(each) for each in zip(*values, strict=True))
