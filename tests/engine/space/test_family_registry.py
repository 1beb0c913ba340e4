"""Every family keeps what the search relies on, whatever its genes."""

from __future__ import annotations

import numpy as np
import pytest

from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.families.registry import FAMILIES, known_good

every_family = pytest.mark.parametrize("name", FAMILIES)


def space_of(name):
    return build_space(SpaceFacts("binary", 5_000), family=name)


@every_family
def test_its_genomes_bear_its_name(name):
    assert FAMILIES[name].name == name
    assert space_of(name).gene("family").choices == (name,)


@every_family
def test_known_good_genomes_are_of_the_space(name):
    space = space_of(name)
    named = known_good(space)
    assert named == FAMILIES[name].known_good(space)
    assert len({genome.key for _, genome in named}) == len(named) > 0
    assert all(space.genome(genome.to_json()) == genome for _, genome in named)


@every_family
def test_a_genome_that_adopts_a_species_is_of_it_and_keeps_the_rest(name):
    space, rng = space_of(name), np.random.default_rng(1)
    family = FAMILIES[name]
    for _ in range(50):
        genome, member = space.draw(rng), space.draw(rng)
        adopted = space.genome(family.adopt_species(genome, member))
        assert family.species(adopted) == family.species(member)
        kept = [gene.name for gene in space.genes if gene.where != "bucket"]
        assert all(adopted[gene] == genome[gene] for gene in kept)


@every_family
def test_lane_and_prep_genes_do_not_make_the_species(name):
    space, rng = space_of(name), np.random.default_rng(2)
    for _ in range(50):
        genome, other = space.draw(rng), space.draw(rng)
        bucket = {gene.name: genome[gene.name] for gene in space.genes if gene.where == "bucket"}
        assert FAMILIES[name].species({**other, **bucket}) == FAMILIES[name].species(genome)
