from __future__ import annotations

import math
import random

from hypothesis import given
from hypothesis import strategies as st
from search_driver import LOSS, TWO
from search_driver import make_outcome as make

from cambrian.records import Objective
from cambrian.search.ranking import best_first, pareto_front, rank


def numbers(outcomes, order):
    return [outcomes[i].individual.number for i in order]


def test_rung_beats_value_and_failures_come_last():
    outcomes = [
        make(0, (0.1,), 0),
        make(1, (0.9,), 2),
        make(2, None, 2),
        make(3, (math.nan,), 2),
        make(4, (0.5,), 2),
        make(5, (math.inf,), 1),
        make(6, (3.0,), 1),
    ]
    assert numbers(outcomes, best_first(outcomes, LOSS)) == [4, 1, 6, 0, 2, 3, 5]


def test_direction_and_ties_by_number():
    outcomes = [make(7, (0.5,)), make(3, (0.5,)), make(1, (0.9,))]
    assert numbers(outcomes, best_first(outcomes, LOSS)) == [3, 7, 1]
    assert numbers(outcomes, best_first(outcomes, [Objective("auc", "maximize")])) == [1, 3, 7]


def test_nsga2_by_hand():
    """Front 0: 0, 1, 2 (ends first, then the crowded middle ones); front 1: 4; front 2: 5."""
    outcomes = [
        make(0, (0.9, 100.0)),
        make(1, (0.8, 50.0)),
        make(2, (0.5, 10.0)),
        make(3, (0.78, 48.0)),
        make(4, (0.7, 60.0)),
        make(5, (0.4, 70.0)),
        make(6, (0.9, math.nan)),
    ]
    # Crowding of 1: (0.9-0.78)/0.4/2 + (100-48)/90/2 = 0.439; of 3: (0.8-0.5)/0.4/2 + (50-10)/90/2 = 0.597.
    assert numbers(outcomes, best_first(outcomes, TWO)) == [0, 2, 3, 1, 4, 5, 6]
    assert [each.individual.number for each in pareto_front(outcomes, TWO)] == [0, 2, 3, 1]


def test_front_of_the_highest_rung_only():
    outcomes = [make(0, (0.99, 1.0), 1), make(1, (0.5, 9.0), 2), make(2, (0.6, 20.0), 2), make(3, None, 3)]
    assert [each.individual.number for each in pareto_front(outcomes, TWO)] == [1, 2]
    assert pareto_front([make(0, None)], TWO) == []
    assert pareto_front([], LOSS) == []
    assert [each.individual.number for each in pareto_front([make(1, (1.0,)), make(0, (2.0,))], LOSS)] == [1]


points = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.one_of(st.none(), st.tuples(st.sampled_from([0.0, 0.5, 1.0, math.nan]), st.floats(-9, 9))),
    ),
    max_size=25,
)


@given(points, st.randoms(use_true_random=False))
def test_a_permutation_that_does_not_depend_on_the_order(points, shuffle: random.Random):
    outcomes = [make(number, values, rung) for number, (rung, values) in enumerate(points)]
    order = best_first(outcomes, TWO)
    assert sorted(order) == list(range(len(outcomes)))
    assert [order[place] for place in rank(outcomes, TWO)] == list(range(len(outcomes)))
    shuffled = list(outcomes)
    shuffle.shuffle(shuffled)
    assert numbers(shuffled, best_first(shuffled, TWO)) == numbers(outcomes, order)


@given(points)
def test_nobody_is_dominated_by_one_behind(points):
    outcomes = [make(number, values, 0) for number, (_, values) in enumerate(points)]
    ranked = [outcomes[i] for i in best_first(outcomes, TWO)]
    alive = [each.values for each in ranked if each.values is not None and not math.isnan(each.values[0])]
    for place, (accuracy, size) in enumerate(alive):
        for other_accuracy, other_size in alive[place + 1 :]:
            assert not (
                other_accuracy >= accuracy
                and other_size <= size
                and (other_accuracy, other_size) != (accuracy, size)
            )
