from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_parts import task_of

from cambrian.run.dispatch import PACK_LANES, SHORTEST_JOB, cut_packs

lanes = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.floats(1e-4, 100.0), st.sampled_from([4, 16, 64]), st.integers(1, 2000)
    ),
    max_size=60,
)


def seconds_of(pack, rate):
    return sum(task.predicted_work * task.until / 64 for task in pack) * rate


@given(
    lanes=lanes,
    rate=st.sampled_from([0.01, 1.0, 7.0]),
    workers=st.integers(1, 16),
    most_bytes=st.sampled_from([1000, 2**40]),
    seed=st.integers(0, 9),
)
def test_packs(lanes, rate, workers, most_bytes, seed):
    tasks = [
        task_of(number, species=species, work=work, until=until, memory=memory)
        for number, (species, work, until, memory) in enumerate(lanes)
    ]
    packs = cut_packs(tasks, seconds_per_work=rate, workers=workers, most_bytes=most_bytes)
    # every task once
    assert sorted(task.id for pack in packs for task in pack) == [task.id for task in tasks]
    most = max(SHORTEST_JOB, seconds_of(tasks, rate) / (4 * workers))
    for pack in packs:
        assert 1 <= len(pack) <= PACK_LANES
        assert len({task.species for task in pack}) == 1
        assert len(pack) == 1 or sum(task.predicted_bytes for task in pack) <= most_bytes
        assert len(pack) == 1 or seconds_of(pack, rate) <= most * (1 + 1e-9)
    # longest first
    durations = [seconds_of(pack, rate) for pack in packs]
    assert durations == pytest.approx(sorted(durations, reverse=True))
    # the order of the tasks does not matter
    shuffled = random.Random(seed).sample(tasks, len(tasks))
    assert cut_packs(shuffled, seconds_per_work=rate, workers=workers, most_bytes=most_bytes) == packs


def test_short_lanes_of_a_species_share_a_job_and_long_ones_do_not():
    short = [task_of(number, work=0.001) for number in range(20)]
    assert [len(pack) for pack in cut_packs(short, seconds_per_work=1.0, workers=2, most_bytes=2**40)] == [
        8,
        8,
        4,
    ]
    long = [task_of(number, work=10.0) for number in range(14)]
    assert [len(pack) for pack in cut_packs(long, seconds_per_work=1.0, workers=2, most_bytes=2**40)] == [
        1
    ] * 14
    mixed = [task_of(number, work=0.001, species=str(number % 4)) for number in range(8)]
    assert [len(pack) for pack in cut_packs(mixed, seconds_per_work=1.0, workers=2, most_bytes=2**40)] == [
        2
    ] * 4


def test_folds_of_one_individual_are_tasks_of_their_own():
    tasks = [task_of(3, fold=fold, work=0.001) for fold in range(5)]
    (pack,) = cut_packs(tasks, seconds_per_work=1.0, workers=2, most_bytes=2**40)
    assert [task.id.fold for task in pack] == [0, 1, 2, 3, 4]
    assert cut_packs([], seconds_per_work=1.0, workers=2, most_bytes=2**40) == []
