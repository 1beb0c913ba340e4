"""The search space: genomes, keys, conditions, vectors, distance, size and storage."""

from __future__ import annotations

import hashlib
import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cambrian.errors import SettingError
from cambrian.space.genes import Condition, Gene
from cambrian.space.space import SearchSpace

SPACE = SearchSpace(
    (
        Gene("family", "categorical", "mlp", choices=("mlp",), where="bucket"),
        Gene("layers", "integer", 2, 0, 3),
        Gene("width", "integer", 32, 16, 64, step=16, when=(Condition("layers", at_least=1),)),
        Gene("drop", "zero_or_linear", 0.1, 0, 0.5, p_zero=0.4, when=(Condition("layers", at_least=1),)),
        Gene("fade", "categorical", False, choices=(False, True), when=(Condition("drop", above=0),)),
        Gene("lr", "log", 1e-3, 1e-4, 1e-2),
    )
)
FINITE = SPACE.fix({"lr": 1e-3, "drop": 0.1})


def test_missing_genes_take_their_defaults_and_order_is_the_spaces():
    genome = SPACE.genome({"lr": 0.005, "layers": 1})
    assert genome.to_json() == {
        "family": "mlp",
        "layers": 1,
        "width": 32,
        "drop": 0.1,
        "fade": False,
        "lr": 0.005,
    }
    assert list(genome) == list(SPACE.names)
    assert SPACE.default() == SPACE.genome({})


def test_conditions_nest():
    assert "fade" in SPACE.genome({"drop": 0.2}).active
    assert "fade" not in SPACE.genome({"drop": 0.0}).active
    # drop is above 0 but inactive itself, so what depends on it is inactive too.
    assert SPACE.genome({"drop": 0.2, "layers": 0}).active == {"family", "layers", "lr"}
    assert SPACE.active({"layers": 0}) == {"family", "layers", "lr"}


def test_the_key_covers_the_active_genes_only():
    linear = SPACE.genome({"layers": 0, "width": 16})
    assert linear == SPACE.genome({"layers": 0, "width": 64, "drop": 0.3, "fade": True})
    assert SPACE.genome({"width": 16}) != SPACE.genome({"width": 48})
    assert len(linear.key) == 16
    assert int(linear.key, 16) >= 0


def test_the_key_is_the_documented_hash():
    text = '{"family":"mlp","layers":0,"lr":0.001}'
    assert SPACE.genome({"layers": 0}).key == hashlib.sha256(text.encode()).hexdigest()[:16]


@given(seed=st.integers(0, 2**32))
def test_drawn_genomes_survive_json_vectors_and_storage(seed):
    genome = SPACE.draw(np.random.default_rng(seed))
    through_json = SPACE.genome(json.loads(json.dumps(genome.to_json())))
    through_vector = SPACE.decode(SPACE.encode(genome))
    for other in (through_json, through_vector):
        assert other.key == genome.key
        assert other.to_json() == genome.to_json()
        assert other.active == genome.active


def test_draws_depend_on_the_generator_alone():
    first = [SPACE.draw(np.random.default_rng(3)).to_json() for _ in range(3)]
    assert first[0] == first[1] == first[2]
    rng = np.random.default_rng(3)
    SPACE.draw(rng)
    assert rng.random() == np.random.default_rng(3).random(len(SPACE) + 1)[-1]


@pytest.mark.parametrize(
    ("values", "named"), [({"lr": 5.0}, "lr"), ({"layer": 2}, "layer"), ({"width": 8, "layers": 0}, "width")]
)
def test_unknown_genes_and_wrong_values_are_refused_by_name(values, named):
    with pytest.raises(SettingError, match=named) as caught:
        SPACE.genome(values)
    assert caught.value.remedy


def test_a_misspelt_gene_is_answered_with_the_right_one():
    with pytest.raises(SettingError) as caught:
        SPACE.genome({"layer": 2})
    assert "layers" in caught.value.remedy


def test_decode_clips_and_refuses_what_is_no_position():
    low, high = SPACE.decode([-3.0] * 6), SPACE.decode([7.0] * 6)
    assert (low["lr"], high["lr"]) == (1e-4, 1e-2)
    assert (low["layers"], high["layers"]) == (0, 3)
    with pytest.raises(TypeError, match="complex"):
        SPACE.decode([0.5, 0.5, 0.5, 0.5, 0.5, 0.5 + 0.1j])
    with pytest.raises(ValueError, match="NaN"):
        SPACE.decode([0.5, 0.5, 0.5, 0.5, 0.5, math.nan])
    with pytest.raises(ValueError, match="6 positions"):
        SPACE.decode([0.5] * 5)


def test_nearest_moves_values_in_and_leaves_unknown_genes_out():
    genome = SPACE.nearest({"lr": 3.0, "layers": 9, "kernel": 3, "width": 40})
    assert (genome["lr"], genome["layers"]) == (1e-2, 3)
    assert genome["width"] in (32, 48)


def test_distance_is_masked_symmetric_and_bounded():
    a = SPACE.genome({"layers": 0, "lr": 1e-4})
    b = SPACE.genome({"layers": 0, "lr": 1e-2, "width": 64})
    # layers and lr are active in either, the widths are not; the fixed family does not count.
    assert SPACE.distance(a, b) == pytest.approx(0.5)
    assert SPACE.distance(a, a) == 0
    c = SPACE.genome({"layers": 3, "lr": 1e-4, "drop": 0.0})
    # layers 0.75 apart, width and drop active in one only, lr equal.
    assert SPACE.distance(a, c) == pytest.approx((0.75 + 1 + 1) / 4)
    assert SPACE.distance(c, a) == SPACE.distance(a, c)
    d = SPACE.genome({"fade": True})
    assert SPACE.distance(SPACE.default(), d) == pytest.approx(1 / 5)


@given(seeds=st.tuples(st.integers(0, 999), st.integers(0, 999)))
def test_distance_is_zero_only_between_equal_genomes(seeds):
    a, b = (SPACE.draw(np.random.default_rng(seed)) for seed in seeds)
    assert 0 <= SPACE.distance(a, b) <= 1
    assert (SPACE.distance(a, b) == 0) == (a == b)


def test_size_counts_distinct_genomes():
    assert SPACE.size() == math.inf
    grid = itertools.product(*(gene.cells for gene in FINITE.genes))
    every = {FINITE.genome(dict(zip(FINITE.names, values, strict=True))).key for values in grid}
    assert FINITE.size() == len(every) == 1 + 3 * 4 * 2
    # A continuous gene that can never be active does not make a space infinite.
    assert SPACE.fix({"lr": 1e-3, "layers": 0}).size() == 1
    assert SPACE.fix(SPACE.default().to_json()).size() == 1


def fixed_genes(space):
    return {gene.name: gene.default for gene in space.genes if gene.fixed}


def test_fixed_genes():
    assert fixed_genes(SPACE) == {"family": "mlp"}
    fixed = SPACE.fix({"lr": 0.005, "drop": 0.0})
    assert fixed_genes(fixed) == {"family": "mlp", "lr": 0.005, "drop": 0.0}
    rng = np.random.default_rng(0)
    assert {fixed.draw(rng)["lr"] for _ in range(20)} == {0.005}
    with pytest.raises(SettingError, match="lr"):
        fixed.genome({"lr": 0.001})
    with pytest.raises(SettingError, match="lr"):
        SPACE.fix({"lr": 3})
    with pytest.raises(SettingError, match="kernel"):
        SPACE.fix({"kernel": 3})


def test_a_narrowed_space_keeps_the_key_of_a_genome():
    narrow = SPACE.replace(SPACE.gene("lr").narrowed(5e-4, 2e-3), SPACE.gene("drop").narrowed(0.0, 0.05))
    rng = np.random.default_rng(1)
    for _ in range(50):
        genome = narrow.draw(rng)
        assert SPACE.genome(genome.to_json()).key == genome.key


def test_storage_round_trip_and_damage():
    stored = json.loads(json.dumps(SPACE.to_json()))
    again = SearchSpace.from_json(stored)
    assert again == SPACE
    assert again.default().key == SPACE.default().key
    for damaged in ({}, {"genes": 3}, {"genes": ["x"]}, {"genes": [{"name": "a"}]}):
        with pytest.raises(SettingError):
            SearchSpace.from_json(damaged)


def test_a_space_with_double_or_disordered_genes_is_refused():
    gene = Gene("a", "integer", 1, 1, 2)
    with pytest.raises(SettingError, match="twice"):
        SearchSpace((gene, gene))
    with pytest.raises(SettingError, match="depends on a"):
        SearchSpace((Gene("b", "integer", 1, 1, 2, when=(Condition("a", at_least=2),)), gene))
