from __future__ import annotations

import itertools
import math

import pytest
from run_parts import AUC, LOG_LOSS, PARAMETERS, heir, individual

from cambrian.records import Outcome
from cambrian.run.events import generation_finished
from cambrian.run.leaders import FINALISTS, Leaders, front_by_first

BOTH = (LOG_LOSS, PARAMETERS)


def outcome(number, rung, *values):
    return Outcome(individual(number), rung, values or None)


def numbers(outcomes):
    return [each.individual.number for each in outcomes]


def leaders_of(outcomes, *, objectives=(LOG_LOSS,), keep=200):
    leaders = Leaders(objectives, keep)
    leaders.add(outcomes)
    return leaders


def test_a_higher_rung_beats_a_better_value_and_failures_never_lead():
    found = leaders_of(
        [outcome(0, 0, 0.1), outcome(1, 2, 0.9), outcome(2, 2, 0.5), outcome(3, 2), outcome(4, -1)]
    )
    assert numbers(found.best) == [2, 1, 0]


def test_ties_go_to_the_earlier_and_larger_can_be_better():
    found = leaders_of([outcome(5, 1, 0.7), outcome(2, 1, 0.7), outcome(3, 1, 0.9)], objectives=(AUC,))
    assert numbers(found.best) == [3, 2, 5]


def test_the_order_of_adding_changes_nothing():
    everyone = [outcome(number, number % 2, abs(math.sin(number))) for number in range(7)]
    expected = numbers(leaders_of(everyone, keep=4).best)
    for order in itertools.islice(itertools.permutations(everyone), 0, 5040, 300):
        leaders = Leaders((LOG_LOSS,), 4)
        for each in order:
            leaders.add([each])
        assert numbers(leaders.best) == expected


@pytest.mark.parametrize(("keep", "kept"), [(1, FINALISTS), (5, 5), (200, 20)])
def test_no_more_are_remembered_than_asked_yet_never_fewer_than_the_finalists(keep, kept):
    leaders = leaders_of([outcome(number, 2, number / 100) for number in range(20)], keep=keep)
    assert len(leaders.best) == kept
    assert numbers(leaders.finalists()) == [0, 1, 2]


def test_the_leader_is_the_best_by_the_first_objective_at_the_highest_rung():
    smallest, best, dominated, lower = (
        outcome(0, 2, 0.5, 10.0),
        outcome(1, 2, 0.1, 100.0),
        outcome(2, 2, 0.2, 200.0),
        outcome(3, 1, 0.01, 1.0),
    )
    found = leaders_of([smallest, best, dominated, lower], objectives=BOTH)
    assert found.best[0].individual.number == 0  # an end of the front, and nobody's champion
    assert found.leader is best
    assert found.finalists()[0] is best
    assert leaders_of([]).leader is None


def test_the_whole_front_is_remembered():
    front = [outcome(number, 2, number / 10, 100.0 - number) for number in range(8)]
    beaten = [outcome(20 + number, 2, 5.0, 500.0 + number) for number in range(8)]
    leaders = leaders_of([*beaten, *front], objectives=BOTH, keep=4)
    assert sorted(numbers(leaders.best)) == list(range(8))


def test_finalists_stand_at_the_highest_rung_that_anybody_reached():
    outcomes = [outcome(0, 1, 0.1), outcome(1, 1, 0.2), outcome(2, 2, 0.9)]
    assert numbers(leaders_of(outcomes).finalists()) == [2]
    assert numbers(leaders_of(outcomes[:2]).finalists()) == [0, 1]
    assert leaders_of([]).finalists() == []
    assert leaders_of([outcome(0, 2)]).finalists() == []


def test_finalists_of_several_objectives_are_the_fronts_best_by_the_first():
    """The front's own order begins with its extremes: among them the tiniest network, with the worst loss."""
    front = [outcome(number, 2, 0.9 - number / 10, 10.0 + 100 * number) for number in range(8)]
    beaten = [outcome(10, 2, 0.21, 5000.0)]
    leaders = leaders_of([*beaten, *front], objectives=BOTH)
    assert numbers(leaders.finalists()) == [7, 6, 5]
    assert numbers(front_by_first([*beaten, *front], BOTH)) == [7, 6, 5, 4, 3, 2, 1, 0]


def test_weights_of_others_are_removed_and_nothing_else(tmp_path):
    names = ["i1-f0-s0.safetensors", "i1-f4-s2.npy", "i12-f0-s0.safetensors", "i2-f0-s0.npy", "notes.txt"]
    for name in [*names, "i-f0-s0.x", "ix-f0-s0.npy"]:
        (tmp_path / name).write_bytes(b"")
    leaders_of([outcome(1, 2, 0.5)]).forget_others(tmp_path)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted(["i1-f0-s0.safetensors", "i1-f4-s2.npy", "notes.txt", "i-f0-s0.x", "ix-f0-s0.npy"])


def test_the_best_that_inherited_nothing_and_possible_parents_keep_their_weights(tmp_path):
    """It stands in for heirs that could not be trained from scratch; heirs' parents are not all leaders."""
    leaders = leaders_of([outcome(1, 2, 0.9), outcome(2, 2, 0.8), outcome(3, 1, 0.1)], keep=3)
    leaders.add([Outcome(heir(number), 2, (number / 100,)) for number in (10, 11, 12)])
    assert numbers(leaders.best) == [10, 11, 12]
    assert numbers([leaders.from_scratch]) == [2]
    for number in (1, 2, 3, 10):
        (tmp_path / f"i{number}-f0-s0.npy").touch()
    leaders.forget_others(tmp_path, {3})
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"i{n}-f0-s0.npy" for n in (10, 2, 3)]
    leaders.add([outcome(13, 2, 0.7)])
    assert numbers([leaders.from_scratch]) == [13]


def test_of_several_objectives_the_first_decides_who_stands_in():
    front = [outcome(number, 2, 0.9 - number / 10, 10.0 + 100 * number) for number in range(8)]
    leaders = Leaders(BOTH, 4)
    for each in [*front, outcome(9, 1, 0.01, 1.0), Outcome(heir(10), 2, (0.05, 5.0))]:
        leaders.add([each])
    assert numbers([leaders.from_scratch]) == [7]


def test_the_best_so_far_is_the_first_finalist_not_an_end_of_the_front():
    """The front's own order begins with its extremes: here with individual 0, the smallest network."""
    outcomes = [outcome(0, 1, 0.9, 10.0), outcome(1, 1, 0.5, 50.0), outcome(2, 1, 0.1, 90.0)]
    leaders = leaders_of(outcomes, objectives=BOTH)
    assert leaders.best[0].individual.number == 0
    event = generation_finished(3, leaders, BOTH, {"evaluated": 3, "failed": 0})
    assert event.data["individual"] == leaders.finalists(1)[0].individual.number == 2
    assert event.data["best"] == {"log_loss": 0.1, "parameters": 90.0}
    assert event.message == "generation 3: best so far log_loss 0.1, parameters 90 (individual 2)"


def test_a_generation_of_failures_has_no_best():
    event = generation_finished(0, leaders_of([outcome(0, -1)]), BOTH, {"evaluated": 1, "failed": 1})
    assert event.message == "generation 0: best so far none; 1 failed"
    assert (event.data["best"], event.data["individual"], event.data["failed"]) == ({}, None, 1)
