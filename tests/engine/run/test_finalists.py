"""The choice of the champion from what a real database holds; nothing here needs a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest
from run_parts import AUC, LOG_LOSS, PARAMETERS, database, experiment_of, heir, individual, resolved_of

from cambrian.records import Evaluation, Outcome, RunEvent, State
from cambrian.run.clock import RunClock
from cambrian.run.control import RunControl
from cambrian.run.dispatch import Dispatcher
from cambrian.run.finalists import Champion, FinalistStage, lanes_to_retrain
from cambrian.run.generation import Lanes
from cambrian.run.history import ended_lanes
from cambrian.run.lanes import LaneId
from cambrian.run.reserve import REPEATS, Reserve, repeats_of
from cambrian.run.searching import SearchParts
from cambrian.run.store import Store
from cambrian.run.workspace import RunFolder
from cambrian.store.reader import RunReader
from cambrian.store.rows import RungRow

TOP = 2
FOLDS = 2
ALL_SEEDS = (0, *REPEATS)


class Run:
    """A run whose search has ended: a real database, and a stage that may train nothing."""

    def __init__(self, path: Any, objectives: tuple[Any, ...] = (LOG_LOSS,), **changes: Any) -> None:
        self.folder = RunFolder(path / "amber-fox")
        self.folder.create()
        self.resolved = resolved_of(folds=FOLDS, objectives=objectives, **changes)
        self.writer = database(self.folder.database, objectives)
        self.events: list[RunEvent] = []
        self.lanes = Lanes(self.resolved, lambda genes: 5, 0)

    def search(self, *numbers: int) -> None:
        individuals = [individual(number) for number in numbers]
        waiting = [Evaluation(number, 0, 0, State.WAITING) for number in numbers]
        self.writer.begin_generation(0, individuals, {}, waiting)

    def trained(self, number: int, lanes: Mapping[tuple[int, int], Any], *, seconds: float = 1.0) -> None:
        """Lanes (fold, seed) -> values; None: it failed."""
        for (fold, seed), values in lanes.items():
            state = State.FAILED if values is None else State.COMPLETE
            self.writer.save_evaluations([Evaluation(number, fold, seed, state, rung=TOP, seconds=seconds)])
            if values is not None:
                row = RungRow(number, fold, seed, TOP, _values(values), 64, True)
                self.writer.save_rungs([row])

    def stage(self) -> FinalistStage:
        clock = RunClock(used=100.0, minutes=1.0 if self.resolved.finalists_until else None)
        control = RunControl(self.folder.requests, clock, beat=lambda: None, tell=self.events.append)
        parts = SearchParts(
            folder=self.folder,
            experiment=experiment_of(),
            resolved=self.resolved,
            store=Store(self.writer, _give_up),
            dispatcher=cast(Dispatcher, None),  # it would fail loudly: these stages have nothing to train
            control=control,
            clock=clock,
            reserve=Reserve(self.resolved, clock.limit, workers=2, test_rows=100),
            tell=self.events.append,
        )
        return FinalistStage(parts, self.lanes)

    def champion(self, *outcomes: Outcome) -> Champion:
        return self.stage().run(outcomes)

    def affordable(self, finalists: list[Outcome], until: float | None) -> Any:
        numbers = [each.individual.number for each in finalists]
        known = ended_lanes(self.folder.database, numbers, top=TOP)
        return self.stage()._affordable(finalists, known, until)


def _give_up(error: Exception) -> None:
    raise error


def _values(values: Any) -> tuple[float, ...]:
    return values if isinstance(values, tuple) else (values,)


def outcome(number: int, *values: float, rung: int = TOP) -> Outcome:
    return Outcome(individual(number), rung, values)


def every(value: Any, seeds: tuple[int, ...] = ALL_SEEDS) -> dict[tuple[int, int], Any]:
    return {(fold, seed): value for seed in seeds for fold in range(FOLDS)}


@pytest.fixture
def make(tmp_path):
    runs = []

    def call(*arguments: Any, **changes: Any) -> Run:
        runs.append(Run(tmp_path, *arguments, **changes))
        return runs[-1]

    yield call
    for run in runs:
        run.writer.close()


def test_the_champion_has_the_best_mean_over_folds_and_seeds(make):
    run = make()
    run.search(0, 1, 2)
    run.trained(0, every(0.30, (0,)) | every(0.50, REPEATS))  # its search was lucky
    run.trained(1, every(0.40))
    run.trained(2, every(0.45))
    found = run.champion(outcome(0, 0.30), outcome(1, 0.40), outcome(2, 0.45))
    assert found.outcome.individual.number == 1
    assert found.values == pytest.approx((0.40,))
    assert found.finalists == (1, 0, 2)
    assert found.lanes == tuple(LaneId(1, fold, seed) for fold in range(FOLDS) for seed in ALL_SEEDS)
    assert run.events == []


def test_larger_can_be_better(make):
    run = make((AUC,))
    run.search(0, 1)
    run.trained(0, every(0.8))
    run.trained(1, every(0.9))
    assert run.champion(outcome(1, 0.9), outcome(0, 0.8)).outcome.individual.number == 1


def test_ties_go_to_the_earlier_individual(make):
    run = make()
    run.search(0, 1)
    run.trained(0, every(0.5))
    run.trained(1, every(0.5))
    assert run.champion(outcome(1, 0.5), outcome(0, 0.5)).outcome.individual.number == 0


@pytest.mark.parametrize("broken", [{(1, 2): None}, {}])
def test_a_seed_counts_only_with_all_its_folds_and_unequal_ones_are_not_compared(make, broken):
    """Time ended, or a repeat diverged: means over other lanes are no comparison."""
    run = make(finalists_until=50.0)
    run.search(0, 1)
    run.trained(0, every(0.2, (0, 1)) | {(0, 2): 0.01} | broken)
    run.trained(1, every(0.4))
    found = run.champion(outcome(0, 0.2), outcome(1, 0.4))
    assert found.outcome.individual.number == 1
    assert len(found.lanes) == 6
    assert found.finalists == (1,)


def test_without_time_the_best_of_the_search_is_delivered(make):
    run = make(finalists_until=50.0)
    run.search(0, 1)
    run.trained(0, every(0.3, (0,)), seconds=10.0)
    run.trained(1, every(0.4, (0,)), seconds=10.0)
    found = run.champion(outcome(0, 0.3), outcome(1, 0.4))
    assert found.outcome.individual.number == 0
    assert found.lanes == (LaneId(0, 0, 0), LaneId(0, 1, 0))
    assert run.events == []


@pytest.mark.parametrize(
    ("until", "seconds", "repeated"),
    [
        (None, 1e9, 3),
        (100.0, 0.1, 0),
        # two workers; 4 repeats of 10 s: 22 s with caution
        (100.0 + 20.0, 10.0, 0),
        (100.0 + 25.0, 10.0, 1),
        (100.0 + 50.0, 10.0, 2),
        (100.0 + 75.0, 10.0, 3),
    ],
)
def test_as_many_finalists_are_repeated_as_the_time_allows(make, until, seconds, repeated):
    run = make()
    run.search(0, 1, 2)
    finalists = [outcome(number, 0.1 * number) for number in range(3)]
    for number in range(3):
        run.trained(number, every(0.1 * number, (0,)), seconds=seconds)
    assert run.affordable(finalists, until) == finalists[:repeated]


def test_what_an_earlier_execution_has_repeated_costs_nothing(make):
    """Two of four repeats are there: 11 s are left to do, not 22."""
    run = make()
    run.search(0)
    run.trained(0, every(0.1, (0, 1)), seconds=10.0)
    finalists = [outcome(0, 0.1)]
    assert run.affordable(finalists, 115.0) == finalists


@pytest.mark.parametrize(("until", "repeated"), [(115.0, 0), (123.0, 1)])
def test_no_lane_is_shorter_than_itself(make, until, repeated):
    """One lane of 20 s beside short ones is left: two workers do not make it 10, which would fit."""
    run = make()
    run.search(0)
    run.trained(0, {(0, 0): 0.1, (0, 1): 0.1}, seconds=20.0)
    run.trained(0, {(1, 0): 0.1}, seconds=0.1)
    finalists = [outcome(0, 0.1)]
    assert run.affordable(finalists, until) == finalists[:repeated]


def test_a_failed_repeat_stays_failed(make):
    """Nothing is trained here: a lane that were tried again would fail loudly."""
    run = make()
    run.search(0, 1)
    run.trained(0, every(0.2) | {(1, 2): None})
    run.trained(1, every(0.4))
    assert run.champion(outcome(0, 0.2), outcome(1, 0.4)).outcome.individual.number == 1


def test_an_earlier_execution_has_chosen_whom_to_repeat(make):
    """Its time is over now: what it chose is completed, not judged anew."""
    run = make(finalists_until=50.0)
    run.search(0, 1)
    run.trained(0, every(0.3, (0,)))
    run.trained(1, every(0.4))
    finalists = [outcome(0, 0.3), outcome(1, 0.4)]
    found = run.stage().run(finalists, [1])
    assert found.outcome.individual.number == 1
    assert run.events == []
    assert Champion.from_json(found.to_json(), finalists) == found


def test_the_choice_to_repeat_is_stored_before_anything_is_repeated(make):
    run = make(finalists_until=50.0)
    run.search(0)
    run.trained(0, every(0.3, (0,)))
    with RunReader(run.folder.database) as reader:
        assert reader.run().repeats is None
        run.champion(outcome(0, 0.3))
        assert reader.run().repeats == []


def test_of_several_objectives_the_first_decides_among_those_nobody_dominates(make):
    run = make((LOG_LOSS, PARAMETERS))
    run.search(0, 1, 2)
    run.trained(0, every((0.9, 10.0)))  # tiny, and bad
    run.trained(1, every((0.3, 5000.0)))
    run.trained(2, every((0.3, 6000.0)))
    found = run.champion(*(outcome(number, 0.5, 1.0) for number in range(3)))
    assert found.outcome.individual.number == 1
    assert found.values == (0.3, 5000.0)


def test_without_any_complete_lane_the_best_is_delivered_as_it_stands(make):
    """Time ended below the top: one network, at the rung it reached, and no more epochs than that."""
    run = make(finalists_until=50.0)
    run.search(0, 1)
    found = run.champion(outcome(1, 0.6, rung=1), outcome(0, 0.7, rung=1))
    assert found.outcome.individual.number == 1
    assert found.values == (0.6,)
    assert found.lanes == (LaneId(1, 0, 0),)
    (task,) = lanes_to_retrain(found, {}, run.lanes)
    assert (task.until, task.rung, task.final) == (run.resolved.rungs[1], 1, True)


def test_only_lost_networks_are_trained_again(make):
    run = make()
    run.search(0)
    run.trained(0, every(0.4))
    found = run.champion(outcome(0, 0.4))
    assert lanes_to_retrain(found, dict.fromkeys(found.lanes, True), run.lanes) == []
    weights = dict.fromkeys(found.lanes, True) | {found.lanes[2]: False}
    del weights[found.lanes[4]]
    tasks = lanes_to_retrain(found, weights, run.lanes)
    assert [task.id for task in tasks] == [found.lanes[2], found.lanes[4]]
    assert all((task.until, task.rung, task.final) == (64, TOP, True) for task in tasks)


HEIRS_SEEDS = repeats_of(heir(0))


def heir_outcome(number: int, value: float) -> Outcome:
    return Outcome(heir(number), TOP, (value,))


def test_of_an_heir_only_lanes_from_scratch_count_and_are_delivered(make):
    run = make()
    run.search(0, 1)
    run.trained(0, every(0.40))
    run.trained(1, every(0.1, (0,)) | every(0.35, HEIRS_SEEDS))
    found = run.champion(heir_outcome(1, 0.1), outcome(0, 0.40))
    assert found.outcome.individual.number == 1
    assert found.values == pytest.approx((0.35,))
    assert found.outcome.values == (0.1,)
    assert found.lanes == tuple(LaneId(1, fold, seed) for fold in range(FOLDS) for seed in HEIRS_SEEDS)
    run.trained(1, every(0.45, HEIRS_SEEDS))  # from scratch it is worse than who inherited nothing
    found = run.champion(heir_outcome(1, 0.1), outcome(0, 0.40))
    assert found.outcome.individual.number == 0
    assert found.finalists == (0, 1)


@pytest.mark.parametrize("repeats", [{}, {(0, 1): None, (1, 1): 0.2}])
def test_without_an_heir_from_scratch_the_best_that_inherited_nothing_is_delivered(make, repeats):
    """Time ended, or the repeats failed: the weights that an heir inherited are never delivered."""
    run = make(finalists_until=50.0)
    run.search(0, 1)
    run.trained(0, every(0.40, (0,)))
    run.trained(1, every(0.1, (0,)) | repeats, seconds=100.0)
    found = run.stage().run([heir_outcome(1, 0.1)], stand_in=outcome(0, 0.40))
    assert found.outcome.individual.number == 0
    assert found.values == (0.40,)
    assert found.lanes == (LaneId(0, 0, 0), LaneId(0, 1, 0))


def test_lanes_of_an_heir_inherit_in_the_search_alone(make):
    run = make()
    child = heir(1)
    epochs = int(child.genome["epochs"])
    searched = [run.lanes.task(child, fold=fold, seed=0, rung=TOP) for fold in range(FOLDS)]
    repeated = run.lanes.task(child, fold=1, seed=1, rung=TOP)
    assert [task.parent for task in searched] == [LaneId(90, 0, 0), LaneId(90, 1, 0)]
    assert [task.spec.inherited for task in searched] == list(child.inherited.lanes)
    assert {task.spec.epochs for task in searched} == {epochs // 4}
    assert (repeated.parent, repeated.spec.inherited, repeated.spec.epochs) == (None, None, epochs)
    assert repeated.spec == run.lanes.task(individual(1), fold=1, seed=1, rung=TOP).spec
    scratch = run.lanes.task(individual(1), fold=0, seed=0, rung=TOP)
    assert searched[0].spec.seed != scratch.spec.seed
    assert searched[0].predicted_work < scratch.predicted_work
