from __future__ import annotations

import json

import numpy as np
import pytest

from cambrian.search.species import PATIENCE, OpenSpecies
from cambrian.space.families import mlp


@pytest.fixture
def made(space):
    def make(limit=4, **values):
        rng = np.random.default_rng(0)
        species = OpenSpecies(space, limit)
        return species, (lambda: space.draw(rng)), rng

    return make


def brick(space, width, batch=256, **values):
    return space.genome({"width_1": width, "batch_size": batch, "shape": "brick", **values})


def test_known_good_open_half_in_their_order(space, made):
    species, draw, _ = made(4)
    known = [brick(space, 128), brick(space, 112), brick(space, 64), brick(space, 32)]
    species.start(known, draw)
    names = [each.name for each in species.open]
    assert names[:2] == [mlp.species(known[0]), mlp.species(known[2])]  # 112 is padded to 128
    assert len(set(names)) == 4
    assert species.home(known[1]).name == names[0]
    near = species.home(brick(space, 80, layers=2))  # its species did not open
    joined = species.join(brick(space, 80, layers=2), near)
    assert mlp.species(joined) == near.name


def test_joining_keeps_a_width_inside_the_padded_step(space, made):
    species, draw, _ = made(2)
    species.start([brick(space, 128)], draw)
    home = species.open[0]
    assert species.join(brick(space, 112, batch=64), home)["width_1"] == 112
    assert species.join(brick(space, 64), home)["width_1"] == 112
    assert species.join(brick(space, 256), home)["width_1"] == 128
    joined = species.join(brick(space, 16, batch=64, layers=5, dropout=0.3), home)
    assert (joined["batch_size"], joined["layers"], joined["dropout"]) == (256, 5, 0.3)


def test_a_species_without_a_parent_closes_and_the_next_come_in_turn(space, made):
    species, draw, rng = made(4)
    known = [brick(space, 128), brick(space, 64)]
    species.start(known, draw)
    first = [each.name for each in species.open]
    species.settle([known[0]], known[0], draw, rng=rng)
    names = [each.name for each in species.open]
    assert names[0] == first[0]
    assert species.unfilled == names[1:]
    assert not set(names[1:]) & set(first)
    champion = known[0]
    for place in (1, 3):  # champion's variant, draw, champion's variant
        member = species.open[place].member
        bucket = [gene.name for gene in space.genes if gene.where == "bucket"]
        assert sum(member[name] != champion[name] for name in bucket) == 1


def test_a_calm_time_closes_the_species_whose_best_is_worst(space, made):
    species, draw, rng = made(2)
    known = [brick(space, 128), brick(space, 64)]
    species.start([*known], draw)
    parents = [species.open[1].member, known[0], known[0], species.open[1].member]
    before = [each.name for each in species.open]
    for _ in range(PATIENCE - 1):
        species.settle(parents, parents[0], draw, rng=rng)
        assert [each.name for each in species.open] == before
    species.settle(parents, parents[0], draw, rng=rng)
    assert species.open[0].name == before[1]
    assert len(species.open) == 2
    assert before[0] not in species.unfilled


def test_nobody_left(space, made):
    species, draw, rng = made(4)
    species.start([brick(space, 128)], draw)
    species.settle([], None, draw, rng=rng)
    assert len(species.open) == 4


def test_a_restart_forgets_the_new_species_that_it_closes(space, made):
    """Random search restarts in every generation: their names would pile up."""
    species, draw, _ = made(4)
    species.start([], draw)
    for _ in range(5):
        kept = species.open[1:3]
        species.restart(draw, keep=kept)
        assert species.open[:2] == kept
        assert species.unfilled == [each.name for each in species.open]
    species.open = []
    species.restart(draw)
    assert sorted(species.unfilled) == sorted(each.name for each in species.open)


def test_few_species_in_all(tiny_space):
    rng = np.random.default_rng(0)
    species = OpenSpecies(tiny_space, 5)
    species.start([], lambda: tiny_space.draw(rng))
    assert sorted(each.name for each in species.open) == ["bucket=x", "bucket=y"]
    species.settle([], None, lambda: tiny_space.draw(rng), rng=rng)
    assert 1 <= len(species.open) <= 2


def test_state_goes_through_json(space, made):
    species, draw, rng = made(4)
    species.start([brick(space, 128)], draw)
    species.settle([brick(space, 128)], brick(space, 128), draw, rng=rng)
    again = OpenSpecies(space, 4)
    again.restore(json.loads(json.dumps(species.to_json())))
    assert again.open == species.open
    assert again.to_json() == species.to_json()
