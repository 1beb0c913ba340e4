from __future__ import annotations

import math
import random
from dataclasses import replace
from statistics import mean, median

import numpy as np
from search_driver import LOSS, TWO, Driver

from cambrian.records import Individual, Outcome
from cambrian.search.genetic import Genetic
from cambrian.search.screen import LATEST, LEAST, Screen
from cambrian.search.strategy import make_strategy, restore_strategy


def alike(genome):
    return 1.0


def told(space, fitness, n, *, seed=0, first=0):
    """Outcomes of `n` draws, all at the top rung, where those that fail come to nothing."""
    rng = np.random.default_rng(seed)
    genomes = [space.draw(rng) for _ in range(n)]
    values = [fitness(genome) for genome in genomes]
    return [
        Outcome(Individual(first + number, 0, genome, "test"), -1 if value is None else 2, value)
        for number, (genome, value) in enumerate(zip(genomes, values, strict=True))
    ]


def culled(outcomes):
    """The same after two rungs: of every three the worst stay at the first, the best comes to the top."""
    order = sorted(outcomes, key=lambda each: each.values)
    third = len(order) // 3
    rungs = {each.individual.number: 2 - place // third for place, each in enumerate(order[: 3 * third])}
    return [replace(each, rung=rungs.get(each.individual.number, 0)) for each in outcomes]


def learnt(space, outcomes, *, objectives=LOSS, seed=0, work=alike):
    screen = Screen(space, objectives, seed, work)
    screen.learn(outcomes)
    screen.prepare()
    return screen


def ranks_of_picks(screen, space, fitness, *, picks=40, of=10):
    """Where the picked genome stands among its fellows, 0 the best."""
    rng, draws = np.random.default_rng(7), np.random.default_rng(8)
    ranks = []
    for _ in range(picks):
        genomes = [space.draw(draws) for _ in range(of)]
        costs = [fitness(genome)[0] for genome in genomes]
        ranks.append(sorted(costs).index(costs[screen.pick(genomes, rng)]))
    return ranks


def test_picks_what_turns_out_well(space, bowl):
    """Of ten draws chance picks rank 4.5 in the mean."""
    screen = learnt(space, told(space, bowl, 200))
    assert mean(ranks_of_picks(screen, space, bowl)) < 2.5


def test_learns_from_what_was_culled(space, bowl):
    """A region whose networks never came to the top rung is a bad one, not an unknown one."""
    screen = learnt(space, culled(told(space, bowl, 200)))
    assert mean(ranks_of_picks(screen, space, bowl)) < 2.5


def test_equal_values_say_nothing(space):
    """However late they were told: all cost the same, so what is picked depends on no gene."""
    outcomes = told(space, lambda genome: (0.5,), 200)
    outcomes.sort(key=lambda each: each.individual.genome["init"] == "orthogonal")
    renumbered = [
        replace(each, individual=replace(each.individual, number=number))
        for number, each in enumerate(outcomes)
    ]
    screen, rng = learnt(space, renumbered), np.random.default_rng(0)
    base = space.default()
    genomes = [space.genome({**base, "init": init}) for init in ("orthogonal", "xavier")]
    assert screen.pick(genomes, rng) == 0
    assert screen.pick(genomes[::-1], rng) == 0


def test_without_enough_outcomes_the_first_is_picked(space, bowl):
    screen = learnt(space, told(space, bowl, LEAST - 1))
    draws, rng = np.random.default_rng(8), np.random.default_rng(0)
    before = rng.bit_generator.state
    assert {screen.pick([space.draw(draws) for _ in range(10)], rng) for _ in range(20)} == {0}
    assert rng.bit_generator.state == before


def test_of_equals_the_cheaper_is_picked(space):
    """Every genome of the same fitness: work alone decides."""
    screen = learnt(space, told(space, lambda genome: (1.0,), 64), work=lambda genome: genome["batch_size"])
    rng = np.random.default_rng(0)
    base = space.default()
    sizes = space.gene("batch_size").cells
    genomes = [space.genome({**base, "batch_size": size}) for size in reversed(sizes)]
    assert screen.pick(genomes, rng) == len(genomes) - 1


def test_what_failed_counts_as_bad(space):
    """Genomes with dropout fail: those without are picked."""

    def fitness(genome):
        return None if genome["dropout"] > 0 else (1.0,)

    screen = learnt(space, told(space, fitness, 200))
    rng, draws = np.random.default_rng(7), np.random.default_rng(8)
    picked = []
    for _ in range(30):
        genomes = [space.draw(draws) for _ in range(10)]
        picked.append(genomes[screen.pick(genomes, rng)]["dropout"] == 0)
    assert mean(picked) > 0.9


def test_values_that_are_no_numbers_are_kept_as_failures(space):
    outcomes = told(space, lambda genome: (math.nan,), 20)
    assert {each["values"] for each in learnt(space, outcomes).to_json()} == {None}


def test_two_objectives(space):
    """Little dropout and few layers: hardly any of ten draws is better than the picked one in both."""

    def fitness(genome):
        return -float(genome["dropout"]), float(genome["layers"])

    screen = learnt(space, told(space, fitness, 300), objectives=TWO)
    rng, draws = np.random.default_rng(7), np.random.default_rng(8)
    better = []
    for _ in range(40):
        genomes = [space.draw(draws) for _ in range(10)]
        values = [fitness(genome) for genome in genomes]
        dropout, layers = values[screen.pick(genomes, rng)]
        better.append(sum(a > dropout and b < layers for a, b in values))
    assert mean(better) < 0.5


def test_goes_on_from_its_state(space, bowl):
    first = learnt(space, told(space, bowl, 100), seed=3)
    second = Screen(space, LOSS, 3, alike)
    second.restore(first.to_json())
    second.prepare()
    assert second.to_json() == first.to_json()
    assert ranks_of_picks(first, space, bowl) == ranks_of_picks(second, space, bowl)


def test_the_latest_are_remembered(space, bowl):
    screen = Screen(space, LOSS, 0, alike)
    for first in (0, LATEST - 10):
        screen.learn(told(space, bowl, LATEST - 10, first=first))
    assert [each["number"] for each in screen.to_json()] == list(range(LATEST - 20, 2 * LATEST - 20))


def test_global_random_states_do_not_matter(space, bowl):
    found = []
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)
        found.append(ranks_of_picks(learnt(space, told(space, bowl, 100)), space, bowl))
    assert found[0] == found[1]


def test_a_search_with_a_model_needs_fewer_networks(space, settings, bowl):
    """Six generations of 32 without known-good starting points: better with the model in the median."""
    best = {1: [], 16: []}
    for seed in range(4):
        for candidates, found in best.items():
            strategy = make_strategy(
                "genetic", space, settings(population=32, seed=seed, known_good=(), candidates=candidates)
            )
            found.append(Driver(strategy, bowl).run(6, 32).best)
    assert median(best[16]) < median(best[1])


def test_without_candidates_nothing_is_learnt(space, settings, bowl):
    strategy = Genetic(space, settings(candidates=1))
    Driver(strategy, bowl).run(3, 16)
    assert strategy.state()["screen"] == []


def test_a_state_of_a_version_without_a_model(space, settings, bowl):
    driver = Driver(make_strategy("genetic", space, settings()), bowl).run(2, 16)
    state = driver.strategy.state()
    del state["screen"]
    driver.strategy = restore_strategy("genetic", space, settings(), state)
    assert len(driver.step(16)) == 16
    assert len(driver.strategy.state()["screen"]) == 16
