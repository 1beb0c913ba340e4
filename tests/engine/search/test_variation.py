from __future__ import annotations

import json
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cambrian.search.deap_random import DeapRandom
from cambrian.search.variation import LEAST_KEPT, MUTATED, Variation
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.genes import Gene
from cambrian.space.space import SearchSpace

SPACES = {
    task: build_space(
        SpaceFacts(task, 10_000, positive_target=True, epochs=64, device=device, objectives=("accuracy",))
    )
    for task, device in (("multiclass", "cpu"), ("regression", "gpu"))
} | {
    "no effect": build_space(  # of genes that are free elsewhere
        SpaceFacts("binary", 10_000, most_categories=2, scaled_numbers=False, balanced_classes=True)
    )
}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(SPACES.values())), st.integers(0, 2**32), st.sampled_from([0.0, 0.4, 0.7]))
def test_every_product_is_a_genome_of_the_space(space, seed, progress):
    """Values come out of every operator inside their bounds: `space.genome` refuses any other."""
    variation = Variation(space, seed)
    variation.refine(progress, variation.space_filling(8))
    first, second = variation.draw(), variation.draw()
    corner = space.decode(np.round(variation.rng.random(len(space))))  # every gene at an end of its range
    for better, worse in ((first, second), (corner, first), (second, corner), (first, first)):
        child = variation.cross(better, worse)
        assert space.genome(child).to_json() == child
        mutant = variation.mutate(child, at_least=3)
        assert space.genome(mutant).to_json() == mutant


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(SPACES.values())), st.integers(0, 2**32))
def test_groups_move_together_in_crossover(space, seed):
    variation = Variation(space, seed)
    better, worse = variation.draw(), variation.draw()
    child = variation.cross(better, worse)
    for group in {gene.group for gene in space.genes}:
        names = [gene.name for gene in space.genes if gene.group == group]
        choices = [gene.name for gene in space.genes if gene.group == group and not gene.numeric]
        apart = [n for n in choices if better[n] != worse[n] and (n in better.active or n in worse.active)]
        if apart:
            whole = [{n: parent[n] for n in names} for parent in (better, worse)]
            assert {n: child[n] for n in names} in whole


def test_crossover_exchanges_half_and_blends_between_the_parents():
    space = SPACES["multiclass"]
    variation = Variation(space, 4)
    low, high = (
        space.nearest({"lr": lr, "activation": a, "l1": l1})
        for lr, a, l1 in ((2e-4, "relu", 0.0), (5e-3, "tanh", 1e-4))
    )
    children = [variation.cross(low, high) for _ in range(1000)]
    taken = Counter(child["activation"] for child in children)
    assert 430 < taken["tanh"] < 570
    zero = Counter(child["l1"] for child in children)
    assert set(zero) == {0.0, 1e-4}  # a zero is exchanged, not blended
    assert 430 < zero[0.0] < 570
    rates = np.array([child["lr"] for child in children])
    unchanged = np.mean(rates == low["lr"])
    assert 0.44 < unchanged < 0.56  # DEAP crosses each gene with probability 0.5
    gene = space.gene("lr")
    positions = np.array([gene.encode(rate) for rate in rates])
    ends = sorted((gene.encode(2e-4), gene.encode(5e-3)))
    spread = np.minimum(abs(positions - ends[0]), abs(positions - ends[1])) / (ends[1] - ends[0])
    assert 0.04 < np.median(spread[rates != low["lr"]]) < 0.1  # eta 3: around the parents
    assert positions.mean() == pytest.approx(ends[0] + 0.25 * (ends[1] - ends[0]), abs=0.03)


def test_mutation_changes_three_active_genes_on_average():
    space = SPACES["multiclass"]
    variation = Variation(space, 5)
    genome = space.default()
    counts, changed = [], Counter()
    for _ in range(3000):
        mutant = variation.mutate(genome)
        different = [name for name in genome if mutant[name] != genome[name]]
        assert set(different) <= genome.active
        counts.append(len(different))
        changed.update(different)
    assert np.mean(counts) == pytest.approx(MUTATED, abs=0.1)
    free = [gene.name for gene in space.genes if gene.name in genome.active and not gene.fixed]
    expected = MUTATED * 3000 / len(free)
    assert set(changed) == set(free)
    assert all(abs(count - expected) < 6 * expected**0.5 for count in changed.values())
    forced = [variation.mutate(genome, at_least=1) for _ in range(300)]
    assert all(space.genome(mutant) != genome for mutant in forced)


@pytest.mark.parametrize("free", [1, 2, 3, 8, 16])
def test_a_small_space_keeps_good_choices(free):
    """One gene in the mean, or none of the good choices of a parent would ever be left."""
    genes = [Gene(f"g{number}", "categorical", "a", choices=("a", "b", "c")) for number in range(free)]
    space = SearchSpace(genes)
    variation, genome = Variation(space, 5), space.default()
    mutants = [variation.mutate(genome) for _ in range(600)]
    counts = [sum(mutant[name] != "a" for name in space.names) for mutant in mutants]
    assert np.mean(counts) == pytest.approx(max(1, free / LEAST_KEPT), abs=0.2)


def test_how_each_kind_mutates():
    space = SearchSpace(
        [
            Gene("whole", "integer", 5, 0, 10),
            Gene("wide", "integer", 128, 16, 256, step=16),
            Gene("power", "integer_log", 64, 8, 512, choices=(8, 16, 32, 64, 128, 256, 512)),
            Gene("epochs", "integer_log", 64, 8, 512),
            Gene("choice", "categorical", "b", choices=("a", "b", "c")),
            Gene("rate", "log", 1e-3, 1e-4, 1e-2),
            Gene("spike", "zero_or_log", 1e-4, 1e-7, 1e-2, p_zero=0.5),
            Gene("fixed", "linear", 1.0, 1.0, 1.0),
        ]
    )
    variation = Variation(space, 6)
    genome = space.default()
    mutants = [variation.mutate(genome, at_least=7) for _ in range(1000)]
    seen = {name: Counter(m[name] for m in mutants) for name in space.names}
    assert set(seen["whole"]) == {3, 4, 6, 7}
    assert set(seen["wide"]) == {96, 112, 144, 160}
    assert set(seen["power"]) == {16, 32, 128, 256}
    assert 64 not in seen["epochs"]
    assert 8 <= min(seen["epochs"]) < 64 < max(seen["epochs"]) <= 512
    assert 0.3 < np.median([abs(np.log(mutant["epochs"] / 64)) for mutant in mutants]) < 0.7  # of 2.1
    assert set(seen["choice"]) == {"a", "c"}
    assert set(seen["fixed"]) == {1.0}
    assert 450 < seen["spike"][0.0] < 550
    assert len(seen["rate"]) > 990
    back = [variation.mutate(space.genome({"spike": 0.0}), at_least=7)["spike"] for _ in range(200)]
    assert min(back) >= 1e-7  # from zero the only way is up


def test_at_the_ends_mutation_goes_the_other_way():
    space = SearchSpace([Gene("a", "integer", 0, 0, 1), Gene("b", "integer_log", 512, 8, 512)])
    variation = Variation(space, 7)
    for _ in range(100):
        mutant = variation.mutate(space.default(), at_least=2)
        assert mutant["a"] == 1
        assert mutant["b"] < 512


def test_space_filling_takes_every_slice_once(space):
    genomes = Variation(space, 8).space_filling(40)
    rates = sorted(space.gene("init_gain").encode(genome["init_gain"]) for genome in genomes)
    assert [int(rate * 40) for rate in rates] == list(range(40))
    halves = Counter(genome["residual"] for genome in genomes)
    assert halves[False] == halves[True] == 20


def test_refining_keeps_the_best_quarter_and_a_margin(space):
    variation = Variation(space, 9)
    best = [
        space.nearest({"lr": lr, "l1": l1, "epochs": 40})
        for lr, l1 in ((1e-3, 0.0), (2e-3, 1e-6), (3e-3, 1e-5))
    ]
    variation.refine(0.2, best)
    assert variation.ranges == space
    variation.refine(0.4, best)
    gene, whole = variation.ranges.gene("lr"), space.gene("lr")
    assert whole.encode(gene.low) == pytest.approx(whole.encode(1e-3) - 0.1)
    assert whole.encode(gene.high) == pytest.approx(whole.encode(3e-3) + 0.1)
    assert variation.ranges.gene("l1").p_zero == space.gene("l1").p_zero
    assert variation.ranges.gene("l1").low < 1e-6
    assert variation.ranges.gene("epochs").low < 40 < variation.ranges.gene("epochs").high
    assert variation.ranges.gene("width_1") == space.gene("width_1")
    once = variation.ranges
    variation.refine(0.5, best[:2])
    assert variation.ranges == once
    variation.refine(0.9, best[:2])
    assert variation.ranges.gene("lr").high < gene.high
    assert all(gene.low <= variation.draw()["lr"] <= gene.high for _ in range(50))
    assert gene.low <= variation.mutate(space.nearest({"lr": 1e-2}))["lr"] <= gene.high
    again = Variation(space, 0)
    again.restore(json.loads(json.dumps(variation.to_json())))
    assert again.ranges == variation.ranges
    assert [again.draw().key for _ in range(3)] == [variation.draw().key for _ in range(3)]


def test_deap_draws_from_states_of_its_own():
    def draws(own: DeapRandom, count: int) -> list[float]:
        found = []
        for _ in range(count):
            with own.lent():
                found += [random.random(), random.gauss(0, 1), float(np.random.rand())]
        return found

    random.seed(1)
    np.random.seed(1)
    alone = draws(DeapRandom(3), 6)
    assert random.random() == random.Random(1).random()  # the lender's states are as they were
    assert np.random.rand() == np.random.RandomState(1).rand()
    own = DeapRandom(3)
    first = draws(own, 3)
    random.seed(99)
    np.random.seed(99)
    own = DeapRandom.from_json(json.loads(json.dumps(own.to_json())))
    assert first + draws(own, 3) == alone
    with pytest.raises(KeyError), own.lent():
        raise KeyError
    assert random.random() == random.Random(99).random()
