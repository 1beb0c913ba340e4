"""The search: generation after generation is asked, committed, trained, told and committed again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cambrian.errors import RunError
from cambrian.experiment import Experiment
from cambrian.records import Evaluation, Individual, Outcome, RunEvent, State
from cambrian.run import events
from cambrian.run.clock import RunClock
from cambrian.run.control import Halt, RunControl
from cambrian.run.dispatch import Dispatcher
from cambrian.run.generation import GenerationTrainer, Lanes
from cambrian.run.heirs import Heirs
from cambrian.run.history import History, ended_lanes
from cambrian.run.leaders import Leaders
from cambrian.run.packed import Packed
from cambrian.run.reserve import Reserve, slowest_round
from cambrian.run.resolve import Resolved
from cambrian.run.store import Store
from cambrian.run.workspace import RunFolder
from cambrian.search.ranking import rank
from cambrian.search.settings import StrategySettings
from cambrian.search.strategy import Strategy, make_strategy, restore_strategy
from cambrian.space.families.registry import known_good
from cambrian.space.space import SearchSpace
from cambrian.store.reader import RunReader


@dataclass(frozen=True, slots=True)
class SearchParts:
    """What the search works with."""

    folder: RunFolder
    experiment: Experiment
    resolved: Resolved
    store: Store
    dispatcher: Dispatcher
    control: RunControl
    clock: RunClock
    reserve: Reserve
    tell: Callable[[RunEvent], None]


class SearchStage:
    """Runs the strategy until the budget ends; everything it decides is in the database before it acts on it.

    Args:
        parts: What it works with.
        lanes: Makes tasks.
        history: What earlier executions of the run left.
        heirs: Decides who inherits weights; None: nobody does.
    """

    def __init__(
        self, parts: SearchParts, lanes: Lanes, history: History, heirs: Heirs | None = None
    ) -> None:
        self._parts = parts
        self._lanes = lanes
        self._space = SearchSpace.from_json(parts.resolved.space)
        self._seen = set(history.keys)
        self.asked = history.individuals
        self._history = history
        self._heirs = heirs
        self._strategy = self._make_strategy(history.strategy_state)
        self.leaders = Leaders(parts.resolved.objectives, parts.experiment.execution.keep)
        self.leaders.add(history.outcomes)
        self.evaluated = len(history.outcomes)
        self._packed = history.packed
        parts.dispatcher.packed = history.packed_open
        self._hopeless = False
        self._until: float | None = None
        self._slowest_round = 0.0

    @property
    def packed(self) -> Packed:
        """How well lanes trained together so far, in earlier executions too."""
        return self._packed.plus(asdict(self._parts.dispatcher.packed))

    def _make_strategy(self, state: dict[str, Any] | None) -> Strategy:
        resolved, experiment = self._parts.resolved, self._parts.experiment
        settings = StrategySettings(
            population=resolved.population,
            buckets=resolved.buckets,
            objectives=resolved.objectives,
            seed=experiment.seed,
            candidates=experiment.search.candidates,
            epoch_work=self._lanes.epoch_work,
            known_good=known_good(self._space),
        )
        name = experiment.search.strategy
        if state is None:
            return make_strategy(name, self._space, settings)
        return restore_strategy(name, self._space, settings, state)

    def run(self) -> str | None:
        """Search until there is a reason to end.

        Returns:
            Why the search ended: 'budget' (generations or evaluations are used up), 'time', 'stopped',
            'exhausted' (every genome was asked) or 'hopeless'; None: it was interrupted and has not ended.

        Raises:
            RunError: Every individual of a generation failed, now or in an earlier execution.
        """
        control = self._parts.control
        self._refuse_failed_past()
        generation = self._history.next_generation
        earlier = [row for number in (generation - 1, generation) for row in self._evaluations(number)]
        self._slowest_round = slowest_round(earlier)
        self._set_end()
        if self._history.unfinished is not None:
            self._train(generation, self._history.unfinished, self._history)
            generation += 1
        while True:
            # a generation that was cut short has its reason in `halt`, which a new stage would forget
            if control.halt is None:
                self._set_end()
            why = self._halted()
            if control.interrupted:
                return None
            if why and self.leaders.best:
                return why
            # Without any network yet the time may be over, and a result always comes: one is asked then.
            hurried = control.halt is not None
            individuals, exhausted = self._ask(generation, most=1 if hurried else None)
            if not individuals:
                return exhausted
            self._train(generation, individuals, hurried=hurried)
            generation += 1

    def _halted(self) -> str | None:
        """Why no further generation begins."""
        control = self._parts.control
        if control.halt is None:
            control.poll()
        if self._hopeless:
            return "hopeless"
        if control.stopping:
            return "stopped"
        return None if control.halt is None else str(control.halt)

    def _set_end(self) -> None:
        """The search ends when the rest of the time is needed; that follows from who leads now."""
        parts = self._parts
        if parts.resolved.search_until is not None:
            finalists = self.leaders.finalists()
            numbers = [each.individual.number for each in finalists]
            known = ended_lanes(parts.folder.database, numbers, top=len(parts.resolved.rungs) - 1)
            self._until = parts.reserve.search_until(finalists, known, slowest_round=self._slowest_round)
        parts.control.stage(self._until, stoppable=True)

    def _ask(self, generation: int, *, most: int | None) -> tuple[list[Individual], str]:
        """The next generation, committed before any of it is trained; why there is none where it is empty."""
        size = self._next_size(generation)
        size = size if most is None else min(size, most)
        if size == 0:
            return [], "budget"
        proposals = self._strategy.ask(size, progress=self._progress(generation), seen=self._seen)
        individuals = [
            Individual(
                number=self.asked + position,
                generation=generation,
                genome=each.genome,
                operator=each.operator,
                species=each.species,
                parents=each.parents,
                changed=each.changed,
            )
            for position, each in enumerate(proposals)
        ]
        if not individuals:
            self._parts.tell(RunEvent("space-exhausted", "every genome of the search space was evaluated"))
            return [], "exhausted"
        if self._heirs is not None:
            individuals = self._heirs.endowed(individuals)
        self.asked += len(individuals)
        self._seen |= {each.genome.key for each in individuals}
        waiting = [Evaluation(each.number, 0, 0, State.WAITING) for each in individuals]
        state = self._strategy.state()
        self._parts.store.write(
            lambda writer: writer.begin_generation(generation, individuals, state, waiting)
        )
        return individuals, ""

    def _next_size(self, generation: int) -> int:
        budget, population = self._parts.experiment.budget, self._parts.resolved.population
        if budget.generations is not None and generation >= budget.generations:
            return 0
        if budget.evaluations is not None:
            return max(0, min(population, budget.evaluations - self.asked))
        return population

    def _progress(self, generation: int) -> float:
        """The part of the budget that is used, in [0, 1]; the largest of its limits."""
        budget = self._parts.experiment.budget
        parts = [0.0]
        if budget.generations is not None:
            parts.append(generation / budget.generations)
        if budget.evaluations is not None:
            parts.append(self.asked / budget.evaluations)
        if self._until is not None:
            parts.append(self._parts.clock.tick() / self._until)
        return min(1.0, max(parts))

    def _train(
        self,
        generation: int,
        individuals: Sequence[Individual],
        past: History = History(),  # noqa: B008 - frozen
        *,
        hurried: bool = False,
    ) -> None:
        """Train a generation; one that is `hurried`, or cut short before any value, for its first network."""
        parts = self._parts
        if ("generation-started", None) not in past.told:
            parts.tell(
                RunEvent(
                    "generation-started",
                    f"generation {generation}: {len(individuals)} individuals",
                    {
                        "generation": generation,
                        "individuals": len(individuals),
                        "first": individuals[0].number,
                        "species": dict(Counter(each.species for each in individuals)),
                    },
                )
            )
        trainer = GenerationTrainer(
            self._lanes,
            parts.dispatcher,
            parts.store,
            known=past.known,
            told=[rung for kind, rung in past.told if kind == "rung"],
            tell=parts.tell,
        )
        outcomes = [] if hurried else trainer.train(individuals)
        cut = hurried or trainer.halted
        nothing = not self.leaders.best and all(each.values is None for each in outcomes)
        if cut and nothing and parts.control.halt is not Halt.INTERRUPTED:
            outcomes = self._first_network(trainer, individuals)
        if trainer.halted and parts.control.halt is Halt.INTERRUPTED:
            return  # the generation stays open; a resume goes on with it
        self._finish(generation, outcomes, complete=not cut)

    def _first_network(self, trainer: GenerationTrainer, individuals: Sequence[Individual]) -> list[Outcome]:
        """Train one network to its first rung, whatever clock and requests say: a result always comes."""
        control = self._parts.control
        halt = control.halt
        control.stage(None)
        outcomes = trainer.first(individuals)
        control.halt = control.halt or halt
        return outcomes

    def _finish(self, generation: int, outcomes: Sequence[Outcome], *, complete: bool) -> None:
        parts = self._parts
        rows = self._evaluations(generation)
        self._slowest_round = slowest_round(rows)
        if complete or not self.leaders.best:
            self._refuse_hopeless(generation, outcomes, rows)
        if complete:
            self._strategy.tell(outcomes)
        self._store_outcomes(generation, outcomes)
        self.leaders.add(outcomes)
        self.leaders.forget_others(parts.folder.weights, self._strategy.parents() if self._heirs else ())
        if complete:  # a champion whose time ended goes on from where it was parked
            parts.folder.clear_lanes()
        failed = {row.individual for row in rows if row.state in (State.FAILED, State.INFEASIBLE)}
        reached = {each.individual.number for each in outcomes if each.rung >= 0}
        self.evaluated += len(reached | failed)
        self._report(generation, failed=len(failed))

    def _store_outcomes(self, generation: int, outcomes: Sequence[Outcome]) -> None:
        ranks, state = rank(outcomes, self._parts.resolved.objectives), self._strategy.state()
        self._parts.store.write(lambda writer: writer.finish_generation(generation, outcomes, ranks, state))

    def _report(self, generation: int, *, failed: int) -> None:
        packed, self._parts.dispatcher.packed = self._parts.dispatcher.packed, Packed()
        self._packed = self._packed.plus(asdict(packed))
        figures = {"evaluated": self.evaluated, "failed": failed, **asdict(packed)}
        objectives = self._parts.resolved.objectives
        self._parts.tell(events.generation_finished(generation, self.leaders, objectives, figures))

    def _refuse_hopeless(
        self, generation: int, outcomes: Sequence[Outcome], rows: Sequence[Evaluation]
    ) -> None:
        """End a search whose whole generation failed; without an earlier success it ends the run."""
        if any(each.values is not None for each in outcomes):
            return
        if self.leaders.best:
            self._hopeless = True
            text = f"all {len(outcomes)} individuals of generation {generation} failed; the search ends here"
            self._parts.tell(RunEvent("search-hopeless", text, {"generation": generation}))
            return
        self._store_outcomes(generation, outcomes)
        raise self._all_failed(generation, len(outcomes), rows)

    def _refuse_failed_past(self) -> None:
        """End a run that goes on after a generation which failed as a whole, as it ended then.

        Raises:
            RunError: The same as then: nothing that failed has changed, for a run keeps its settings.
        """
        generation = self._history.next_generation - 1
        asked = [each for each in self._history.outcomes if each.individual.generation == generation]
        if self.leaders.best or self._history.unfinished is not None or not asked:
            return
        rows = self._evaluations(generation)
        failed = {row.individual for row in rows if row.state in (State.FAILED, State.INFEASIBLE)}
        if len(failed) == len(asked):
            raise self._all_failed(generation, len(asked), rows)

    def _all_failed(self, generation: int, count: int, rows: Sequence[Evaluation]) -> RunError:
        """What to say of a generation of `count` individuals that failed as a whole."""
        infeasible = [row for row in rows if row.state is State.INFEASIBLE and row.predicted_bytes]
        if len(infeasible) == count:
            least = min(row.predicted_bytes or 0 for row in infeasible)
            return RunError(
                f"None of the {count} individuals of generation {generation} fits the memory limit "
                f"of {self._parts.resolved.memory_bytes} bytes; the smallest needs {least} bytes.",
                f"Begin a new run with `--memory-mb {math.ceil(least / 2**20)}` or more "
                "(limits.memory_mb): a run keeps its settings.",
                exit_code=1,
            )
        causes = Counter(row.error or str(row.state) for row in rows)
        cause, often = causes.most_common(1)[0] if causes else ("unknown", 0)
        return RunError(
            f"All {count} individuals of generation {generation} failed; the commonest error "
            f"({often} of them): {cause}.",
            f"`cambrian show {self._parts.folder.id}` lists them; check the data and the search space, "
            "then begin a new run: this one keeps its data and settings.",
            exit_code=1,
        )

    def _evaluations(self, generation: int) -> list[Evaluation]:
        with RunReader(self._parts.folder.database) as reader:
            return [row.evaluation for row in reader.evaluations(generation=generation)]
