from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from search_driver import LOSS, TWO
from search_driver import make_outcome as make

from cambrian.search.culling import Cull, survivor_count, survivors


@pytest.mark.parametrize(("n", "third"), [(0, 0), (1, 1), (2, 1), (3, 1), (4, 2), (9, 3), (64, 22)])
def test_a_third_and_a_wildcard(n, third):
    """Values are a shuffle of 0..n-1, so the best third is known."""
    values = list(range(n))
    random.Random(n).shuffle(values)
    cull = survivors([make(number, (value,)) for number, value in enumerate(values)], LOSS, seed_parts=(1, 0))
    assert [values[number] for number in cull.kept[:third]] == list(range(third))
    assert len(cull.kept) == third + (n > 1) == survivor_count(n)
    assert (cull.wildcard is None) == (n <= 1)
    assert cull.wildcard is None or cull.kept[-1] == cull.wildcard
    assert sorted(cull.kept + cull.culled) == list(range(n))
    assert [values[number] for number in cull.culled] == sorted(values[number] for number in cull.culled)


def test_failed_lanes_neither_count_nor_go_on():
    cohort = [make(0, None), make(1, (math.nan,)), make(2, (3.0,)), make(3, (1.0,)), make(4, (2.0,))]
    cull = survivors(cohort, LOSS, seed_parts=(1, 0, 0))
    assert cull.kept[0] == 3
    assert set(cull.kept[1:] + cull.culled) == {2, 4}
    assert survivors(cohort[:2], LOSS, seed_parts=(1,)) == Cull((), (), None)


def test_the_order_given_changes_nothing_and_the_seed_does():
    cohort = [make(number, (float(number),)) for number in range(30)]
    shuffled = list(cohort)
    random.Random(3).shuffle(shuffled)
    assert survivors(cohort, LOSS, seed_parts=(5, 1, 0)) == survivors(shuffled, LOSS, seed_parts=(5, 1, 0))
    wildcards = Counter(survivors(cohort, LOSS, seed_parts=(5, g, 0)).wildcard for g in range(400))
    assert set(wildcards) == set(range(10, 30))  # each of the rest, about 20 times
    assert max(wildcards.values()) < 45


def test_two_objectives():
    cohort = [make(0, (0.9, 100.0)), make(1, (0.5, 10.0)), make(2, (0.4, 20.0)), make(3, (0.3, 30.0))]
    assert survivors(cohort, TWO, seed_parts=(0,)).kept[:2] == (0, 1)
