from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from search_driver import LOSS, TWO, Driver, make_outcome

from cambrian.records import Individual, Outcome
from cambrian.search.genetic import PIONEERS, Genetic
from cambrian.search.population import AGE_LIMIT, Member, candidates
from cambrian.search.strategy import make_strategy
from cambrian.space.families import mlp


def test_beats_random_search(space, settings, bowl):
    """Without known-good starting points, 8 generations of 32: better in the median and nearly always."""
    best = {name: [] for name in ("genetic", "random")}
    for seed in range(5):
        for name, found in best.items():
            strategy = make_strategy(name, space, settings(population=32, seed=seed, known_good=()))
            found.append(Driver(strategy, bowl).run(8, 32).best)
    assert median(best["genetic"]) < 0.7 * median(best["random"])
    assert sum(g < r for g, r in zip(best["genetic"], best["random"], strict=True)) >= 4


def test_opening(space, settings, bowl):
    known = mlp.known_good(space)
    driver = Driver(make_strategy("genetic", space, settings(population=64)), bowl)
    proposals = driver.step(64)
    operators = Counter(each.operator.split(":")[0] for each in proposals)
    assert operators["known-good"] + operators["known-good mutated"] == operators["space-filling"] == 32
    assert [each.operator for each in proposals[: len(known)]] == [f"known-good: {name}" for name, _ in known]
    assert proposals[0].genome == known[0][1]
    assert sorted(Counter(each.species for each in proposals).values()) == [16] * 4
    assert all(each.parents == () and each.changed == () for each in proposals)


def test_twenty_generations(space, settings, bowl):
    """Species never exceed the buckets, nothing comes twice, children say what changed."""
    driver = Driver(make_strategy("genetic", space, settings(population=32)), bowl).run(20, 32)
    proposals = [each for generation in driver.generations for each in generation]
    assert len(proposals) == 20 * 32
    assert len({each.genome.key for each in proposals}) == len(proposals)
    for generation in driver.generations:
        assert len({each.species for each in generation}) <= 4
    assert all(each.species == mlp.species(each.genome) for each in proposals)
    genomes = [each.genome for each in proposals]
    children = [each for each in proposals if each.parents]
    for child in children:
        better = genomes[child.parents[0]]
        assert child.changed
        for change in child.changed:
            assert change.gene in child.genome.active
            assert change.after == child.genome[change.gene]
            assert change.before == (better[change.gene] if change.gene in better.active else None)
            assert change.before != change.after
        named = {change.gene for change in child.changed}
        assert all(child.genome[n] == better[n] for n in child.genome.active - named)
    operators = Counter(each.operator for generation in driver.generations[1:] for each in generation)
    assert set(operators) == {"crossover", "mutation", "immigrant"}
    assert 0.08 < operators["immigrant"] / (19 * 32) < 0.13
    assert 0.84 < operators["crossover"] / (operators["crossover"] + operators["mutation"]) < 0.96
    assert all(len(each.parents) == (2 if each.operator == "crossover" else 1) for each in children)


def test_the_better_parent_comes_first_and_gives_the_species(space, settings, bowl):
    driver = Driver(make_strategy("genetic", space, settings(population=64, buckets=4)), bowl)
    driver.run(2, 64)
    home = 0
    crossed = [each for each in driver.generations[1] if each.operator == "crossover"]
    for child in crossed:
        first, second = (driver.outcomes[number] for number in child.parents)
        assert first.values <= second.values
        home += child.species == first.individual.species
    assert 0.75 < home / len(crossed) <= 1.0  # 0.1 migrate, few come from a species that closed


def test_children_are_bred_into_new_species(space, settings, bowl):
    """Children of good parents judge a new species' bucket genes; draws would be bad for other reasons."""
    strategy = make_strategy("genetic", space, settings(population=32, buckets=4))
    driver = Driver(strategy, bowl)
    driver.step(32)
    filled = 0
    for _ in range(12):
        unfilled = strategy.state()["species"]["unfilled"]
        children = Counter(each.species for each in driver.step(32) if each.parents)
        for name in unfilled:
            filled += 1
            assert children[name] >= int(PIONEERS * 32)
    assert filled


@pytest.mark.parametrize(("population", "buckets"), [(4, 4), (6, 3), (32, 32)])
def test_new_species_leave_room_for_children_of_the_others(population, buckets, space, settings, bowl):
    """However many are new; and in a small generation too each new one gets a child while there is room."""
    strategy = make_strategy("genetic", space, settings(population=population, buckets=buckets))
    driver = Driver(strategy, bowl)
    driver.step(population)
    for _ in range(6):
        unfilled = strategy.state()["species"]["unfilled"]
        children = Counter(each.species for each in driver.step(population) if each.parents)
        assert sum(name in children for name in unfilled) >= min(len(unfilled), int(0.4 * population))
        assert sum(children[name] for name in unfilled) <= population // 2 + 0.3 * population


def test_nobody_is_a_parent_for_more_than_the_age_limit(space, settings):
    """Without an age limit the first generation, told to be the best, would stay for ever."""
    strategy = make_strategy("genetic", space, settings())
    driver = Driver(strategy, lambda genome: (1.0 if len(driver.generations) else 0.0,))
    driver.step(16)
    for generation in range(1, 8):
        parents = {number for each in driver.step(16) for number in each.parents}
        assert (min(parents) < 16) == (generation <= AGE_LIMIT)


def test_candidates(space):
    genome = space.default()
    old = [Member(n, genome, 2, (1.0,), born) for n, born in ((0, 1), (1, 2), (2, 5))]
    told = [
        make_outcome(3, (0.5,)),
        make_outcome(4, None),
        make_outcome(5, (math.nan,)),
        make_outcome(2, (0.7,)),
    ]
    found = candidates(old, told, generation=5)
    assert [(each.number, each.values, each.born) for each in found] == [
        (1, (1.0,), 2),
        (2, (0.7,), 5),
        (3, (0.5,), 5),
    ]
    assert candidates(old[:1], told[1:3], generation=9) == old[:1]


def test_failures_never_become_parents(space, settings, bowl):
    driver = Driver(
        make_strategy("genetic", space, settings()), lambda g: None if g["dropout"] == 0 else bowl(g)
    )
    driver.run(6, 16)
    failed = {each.individual.number for each in driver.outcomes if each.values is None}
    parents = {number for generation in driver.generations for each in generation for number in each.parents}
    assert failed
    assert parents
    assert not failed & parents


def test_generations_that_fail_altogether(space, settings, bowl):
    """First ones: the search opens anew. Later ones: the parents stay, however old."""
    failing = True
    driver = Driver(
        make_strategy("genetic", space, settings()), lambda genome: None if failing else bowl(genome)
    )
    driver.step(16)
    driver.step(16)
    failing = False
    third = driver.step(16)
    assert len(third) == 16
    assert not any(each.parents for each in third)
    failing = True
    for _ in range(AGE_LIMIT + 2):
        assert any(each.parents for each in driver.step(16))
    assert len(driver.seen) == 16 * len(driver.generations)


def test_other_numbers_than_the_population(space, settings, bowl):
    driver = Driver(make_strategy("genetic", space, settings()), bowl)
    for n in (1, 50, 0, 3, 1, 40, 2, 16):
        assert len(driver.step(n)) == n
    assert len(driver.seen) == 113


def test_two_objectives(space, settings):
    """The parents approach the front between small and accurate, and keep both ends."""

    def fitness(genome):
        widths = mlp.layer_widths(genome)
        return 1 - 1 / (1 + sum(widths) / 64) - genome["dropout"], float(sum(widths))

    strategy = make_strategy("genetic", space, settings(population=32, objectives=TWO, known_good=()))
    Driver(strategy, fitness).run(10, 32)
    values = np.array([member["values"] for member in strategy.state()["parents"]])
    accuracy = 1 - 1 / (1 + values[:, 1] / 64)  # the front: no dropout
    assert np.median(accuracy - values[:, 0]) < 0.05
    sizes = values[:, 1]
    assert sizes.min() <= 32
    assert sizes.max() >= 500


def test_injected_individuals_become_parents(space, settings, bowl):
    strategy = make_strategy("genetic", space, settings(population=8, buckets=2))
    driver = Driver(strategy, bowl)
    driver.step(8)
    genome = space.genome({"batch_size": 64, "shape": "free", "width_1": 32, "width_2": 256})
    strategy.tell([Outcome(Individual(999, 1, genome, "injected", mlp.species(genome)), 2, (-1.0,))])
    driver.seen.add(genome.key)
    children = [each for each in driver.step(32) if 999 in each.parents]
    assert children
    assert all(each.parents[0] == 999 for each in children)


def test_ask_is_quick(space, settings, bowl):
    """Without the model, whose forest alone takes a quarter of a second and more."""
    strategy = make_strategy("genetic", space, settings(population=64, buckets=0, candidates=1))
    driver = Driver(strategy, bowl).run(3, 64)
    times = []
    for _ in range(3):
        start = time.process_time()
        driver.strategy.ask(64, progress=0.5, seen=driver.seen)
        times.append(time.process_time() - start)
    assert min(times) < 0.15  # about 50 ms on a shared core


def test_known_good_may_be_missing(space, settings, bowl):
    proposals = Genetic(space, settings(known_good=(), objectives=LOSS)).ask(16, progress=0, seen=set())
    assert {each.operator for each in proposals} == {"space-filling"}


def test_hash_randomisation_changes_nothing():
    """Sets of names stand behind species and active genes; their order differs from process to process."""
    script = """
from search_driver import LOSS, Driver
from cambrian.search.strategy import StrategySettings, make_strategy
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.families import mlp
space = build_space(SpaceFacts("binary", 5000, epochs=64))
settings = StrategySettings(16, 4, LOSS, 1, known_good=mlp.known_good(space), candidates=4)
driver = Driver(make_strategy("genetic", space, settings), lambda genome: (genome["lr"] + genome["dropout"],))
driver.run(12, 16)
print([[each.genome.key, each.species, each.parents] for found in driver.generations for each in found])
"""
    folder = Path(__file__).parent
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
