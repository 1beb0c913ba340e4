"""How tasks are cut into jobs: few species are divided, workers get equal shares, the order never matters."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_parts import task_of

from cambrian.run.packs import SHORTEST_JOB, cut_packs

lanes = st.lists(st.tuples(st.sampled_from("abcde"), st.floats(1e-4, 100.0)), max_size=60)


def seconds_of(task):
    return task.predicted_work


def total(tasks):
    return sum(map(seconds_of, tasks))


@given(lanes=lanes, workers=st.integers(1, 16), seed=st.integers(0, 9))
def test_packs(lanes, workers, seed):
    tasks = [task_of(number, species=species, work=work) for number, (species, work) in enumerate(lanes)]
    packs = cut_packs(tasks, seconds_of=seconds_of, workers=workers)
    # every task once, none of two species in one job
    assert sorted(task.id for pack in packs for task in pack) == [task.id for task in tasks]
    assert all(len({task.species for task in pack}) == 1 for pack in packs)
    # few species are divided
    species = {task.species for task in tasks}
    assert len(packs) <= len(species) + workers - 1 or not tasks
    # no job that could be divided takes much longer than a worker's share
    share = max(SHORTEST_JOB, total(tasks) / workers)
    for pack in packs:
        assert len(pack) == 1 or total(pack) <= 1.2 * share + 2 * max(map(seconds_of, pack))
    # longest first
    durations = [total(pack) for pack in packs]
    assert durations == pytest.approx(sorted(durations, reverse=True))
    # the order of the tasks does not matter
    shuffled = random.Random(seed).sample(tasks, len(tasks))
    assert cut_packs(shuffled, seconds_of=seconds_of, workers=workers) == packs


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_species_is_divided_evenly_among_the_workers(workers):
    tasks = [task_of(number, work=1.0) for number in range(16)]
    packs = cut_packs(tasks, seconds_of=seconds_of, workers=workers)
    assert [len(pack) for pack in packs] == [16 // workers] * workers


def test_species_that_balance_stay_whole():
    tasks = [task_of(number, work=1.0, species="abc"[number % 3]) for number in range(12)]
    packs = cut_packs(tasks, seconds_of=seconds_of, workers=3)
    assert sorted(pack[0].species for pack in packs) == ["a", "b", "c"]


def test_very_short_lanes_are_not_divided_among_the_workers():
    tasks = [task_of(number, work=0.001) for number in range(20)]
    assert [len(pack) for pack in cut_packs(tasks, seconds_of=seconds_of, workers=4)] == [20]


def test_folds_of_one_individual_are_tasks_of_their_own():
    tasks = [task_of(3, fold=fold, work=0.001) for fold in range(5)]
    (pack,) = cut_packs(tasks, seconds_of=seconds_of, workers=2)
    assert [task.id.fold for task in pack] == [0, 1, 2, 3, 4]
    assert cut_packs([], seconds_of=seconds_of, workers=2) == []
