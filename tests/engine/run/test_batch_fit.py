"""The batch size `fit`: the largest with which the heaviest network fits is chosen, once for a run."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from run_parts import experiment_of

from cambrian.data.prepared import prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.run import events
from cambrian.run.batch_fit import fitting_batch_size, heaviest
from cambrian.run.resolution import first_settings, input_width, with_space
from cambrian.run.resolve import Resolved
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.families.registry import known_good
from cambrian.space.space import SearchSpace
from cambrian.training.memory import predicted_bytes
from cambrian.training.spec import TrainingShape
from real_runs import SAMPLE

SPACES = {
    "binary": SpaceFacts("binary", 9_000),
    "regression": SpaceFacts("regression", 50_000, positive_target=True, device="gpu"),
    "multiclass": SpaceFacts("multiclass", 700, objectives=("accuracy",)),
}


def priced(name, width=30):
    """A space and the prediction for its networks."""
    facts = SPACES[name]
    outputs = 7 if name == "multiclass" else 1
    shape = TrainingShape(facts.task, outputs, facts.rows, facts.rows // 4, 2**18)
    return build_space(facts), lambda genes: predicted_bytes(genes, width, shape)


@pytest.mark.parametrize("name", SPACES)
def test_no_network_of_the_space_is_heavier_than_the_heaviest(name):
    space, price = priced(name)
    most = price(heaviest(space, price))
    rng = np.random.default_rng(0)
    drawn = [price(space.draw(rng)) for _ in range(3000)]
    assert max(drawn) <= most <= 2 * max(drawn)
    assert all(price(genome) <= most for _, genome in known_good(space))


@pytest.mark.parametrize("name", SPACES)
def test_the_largest_batch_with_which_all_networks_fit_is_chosen(name):
    space, price = priced(name)
    sizes = space.gene("batch_size").cells
    needs = {size: price(heaviest(space.fix({"batch_size": size}), price)) for size in sizes}
    assert list(needs.values()) == sorted(needs.values())
    for size in sizes:
        fitting = fitting_batch_size(space, price, needs[size])
        assert needs[fitting] == needs[size]
        assert fitting >= size
        if needs[fitting] > needs[sizes[0]]:
            assert fitting_batch_size(space, price, needs[size] - 1) < size
    assert fitting_batch_size(space, price, 2**60) == sizes[-1]
    assert fitting_batch_size(space, price, 1) == sizes[0]


@pytest.fixture(scope="module")
def penguins(tmp_path_factory):
    table = read_table(SAMPLE)
    profile = profile_table(table, target="species")
    return prepare(table, profile, tmp_path_factory.mktemp("data"), split=SplitSettings(folds=3))


def fitted(penguins, megabytes):
    experiment = experiment_of(search={"batch_size": "fit"}, limits={"memory_mb": megabytes})
    return first_settings(experiment, penguins, device="cpu")


def test_a_run_resolves_it_once_and_stores_it(penguins):
    plain = first_settings(experiment_of(), penguins, device="cpu")
    assert plain.batch_size is None
    assert not SearchSpace.from_json(plain.space).gene("batch_size").fixed
    roomy, tight = fitted(penguins, 1000), fitted(penguins, 17)
    assert roomy.batch_size == 128
    assert 8 < tight.batch_size < 128
    for resolved in (roomy, tight):
        again = Resolved.from_json(json.loads(json.dumps(resolved.to_json())))
        assert SearchSpace.from_json(again.space).gene("batch_size").cells == (again.batch_size,)
        assert again.batch_size == resolved.batch_size
        space = SearchSpace.from_json(again.space)
        genome = space.draw(np.random.default_rng(1))
        assert genome["batch_size"] == resolved.batch_size
    last = events.resolved_settings(roomy)
    assert last.message.endswith(", batches of 128 rows")
    assert last.data["batch_size"] == 128


def test_networks_of_the_fitted_batch_fit_where_the_limit_allows(penguins):
    resolved = fitted(penguins, 17)
    space = SearchSpace.from_json(resolved.space)
    rng = np.random.default_rng(2)
    for genome in (space.draw(rng) for _ in range(300)):
        width = input_width(penguins, genome)
        assert predicted_bytes(genome, width, resolved.shape) <= resolved.memory_bytes


def test_it_follows_the_rows_that_minutes_leave_an_epoch(penguins):
    resolved = fitted(penguins, 1000)
    experiment = experiment_of(search={"batch_size": "fit"}, limits={"memory_mb": 1000})
    short = with_space(replace(resolved, rows_per_epoch=100), experiment, penguins, device="cpu")
    assert (resolved.batch_size, short.batch_size) == (128, 64)


def test_runs_of_older_versions_have_none(penguins):
    stored = first_settings(experiment_of(), penguins, device="cpu").to_json()
    del stored["batch_size"]
    assert Resolved.from_json(stored).batch_size is None
