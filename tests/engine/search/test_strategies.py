"""The contract of a strategy, held by each of them."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from search_driver import LOSS, Driver

from cambrian.errors import SettingError
from cambrian.search.strategy import STRATEGIES, StrategySettings, make_strategy, restore_strategy

pytestmark = pytest.mark.parametrize("name", sorted(STRATEGIES))


def keys(generations):
    return [[each.genome.key for each in generation] for generation in generations]


def test_same_seed_same_proposals(name, space, settings, bowl):
    runs = [Driver(make_strategy(name, space, settings(seed=seed)), bowl).run(6, 16) for seed in (3, 3, 4)]
    assert runs[0].generations == runs[1].generations
    assert keys(runs[0].generations)[1] != keys(runs[2].generations)[1]


def test_goes_on_from_its_state(name, space, settings, bowl):
    """At every generation, so in every stage of the ranges, through JSON text."""
    whole = Driver(make_strategy(name, space, settings()), bowl)
    split = Driver(make_strategy(name, space, settings()), bowl)
    for generation in range(12):
        text = json.dumps(split.strategy.state(), allow_nan=False)
        split.strategy = restore_strategy(name, space, settings(), json.loads(text))
        assert json.dumps(split.strategy.state()) == text
        assert split.step(16, progress=generation / 12) == whole.step(16, progress=generation / 12)


def test_a_state_between_ask_and_tell(name, space, settings, bowl):
    first = make_strategy(name, space, settings())
    first.ask(16, progress=0.0, seen=set())
    second = restore_strategy(name, space, settings(), json.loads(json.dumps(first.state())))
    assert first.ask(16, progress=0.0, seen=set()) == second.ask(16, progress=0.0, seen=set())


def test_global_random_states_neither_matter_nor_change(name, space, settings, bowl):
    calm = Driver(make_strategy(name, space, settings()), bowl).run(5, 16)
    noisy = Driver(make_strategy(name, space, settings()), bowl)
    random.seed(5)
    np.random.seed(5)
    expected, legacy = random.Random(5), np.random.RandomState(5)
    for generation in range(5):
        noisy.step(16, progress=generation / 5)
        assert random.random() == expected.random()
        assert np.random.rand() == legacy.rand()
    assert noisy.generations == calm.generations


def test_every_proposal_is_new_and_species_are_few(name, space, settings, bowl):
    driver = Driver(make_strategy(name, space, settings(buckets=3)), bowl).run(10, 16)
    found = [key for generation in keys(driver.generations) for key in generation]
    assert len(found) == len(set(found)) == 160
    assert all(len({each.species for each in generation}) <= 3 for generation in driver.generations)


def test_what_was_seen_elsewhere_is_not_proposed(name, space, settings):
    """Keys of a run's injected genomes, say: the first opening again, all of it seen."""
    first = make_strategy(name, space, settings()).ask(16, progress=0.0, seen=set())
    seen = {each.genome.key for each in first}
    second = make_strategy(name, space, settings()).ask(16, progress=0.0, seen=seen)
    assert len(second) == 16
    assert not seen & {each.genome.key for each in second}


def test_only_parents_that_were_announced_are_named(name, space, settings, bowl):
    """The weights of all others may be gone by the time the children are asked."""
    driver = Driver(make_strategy(name, space, settings()), bowl)
    for generation in range(8):
        announced = driver.strategy.parents()
        named = {number for each in driver.step(16, progress=generation / 8) for number in each.parents}
        assert named <= announced
        assert len(announced) <= 16


@pytest.mark.parametrize("buckets", [1, 2, 5])
def test_a_small_space_is_searched_to_its_end(name, buckets, tiny_space):
    strategy = make_strategy(name, tiny_space, StrategySettings(4, buckets, LOSS, 1))
    driver = Driver(strategy, lambda genome: (float(genome["b"]),))
    for _ in range(20):
        driver.step(4)
    assert tiny_space.size() == 28
    assert len(driver.seen) == 28
    assert driver.step(4) == []
    sizes = [len(generation) for generation in driver.generations]
    assert sum(sizes) == 28
    if buckets > 1:  # a single species ends in the middle of a generation
        assert sizes[:6] == [4] * 6


def test_settings_and_names_are_checked(name, space, settings):
    with pytest.raises(SettingError, match="genetic, random"):
        make_strategy("annealing", space, settings())
    with pytest.raises(SettingError, match="belongs to"):
        restore_strategy(name, space, settings(), {"strategy": "other"})
    for wrong in ({"population": 1}, {"buckets": -1}, {"objectives": ()}):
        with pytest.raises(SettingError):
            settings(**wrong)
    assert settings(population=64, buckets=0).species_at_a_time == 4
    assert settings(population=16, buckets=0).species_at_a_time == 2
    assert settings(population=16, buckets=4096).species_at_a_time == 16


def test_as_many_buckets_as_individuals_are_no_limit(name, space, settings, bowl):
    """Known-good genomes share a few species; the others of the first generation have one each."""
    driver = Driver(make_strategy(name, space, settings(population=32, buckets=4096)), bowl).run(4, 32)
    species = [len({each.species for each in generation}) for generation in driver.generations]
    assert species[0] > 16
    assert min(species) > 8, species  # max(2, 32 // 16) would allow 2
