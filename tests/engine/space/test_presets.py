"""The presets: `standard` unchanged, `textbook` as the recipes have it, and all of them whole spaces."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from space_facts import FACTS

from cambrian.space.build import PRESETS, SpaceFacts, build_space
from cambrian.space.families import mlp
from cambrian.space.space import SearchSpace

RECIPES = Path(__file__).resolve().parents[4] / "shared" / "RECIPES.md"
SPACES = {
    (preset, name): build_space(facts, preset=preset) for preset in PRESETS for name, facts in FACTS.items()
}
every_space = pytest.mark.parametrize(("preset", "name"), SPACES)

# Of genes, 20 draws and the known-good genomes, taken before there was another preset: runs of old seeds
# must meet the same individuals.
STANDARD = {
    "binary": "f36ab006ba7f6714",
    "accuracy": "8337292ae76a7359",
    "regression": "e937bb6ae7650078",
    "negative": "a778b95f957a9d1d",
    "tiny": "3c88a4e475b3874b",
    "numbers": "daf51fd38638f7a8",
    "labels": "d042bb0d00128e7c",
}


@pytest.mark.parametrize("name", STANDARD)
def test_standard_is_what_it_was_before_there_were_others(name: str) -> None:
    space, rng = build_space(FACTS[name]), np.random.default_rng(7)
    keys = [genome.key for _, genome in mlp.known_good(space)] + [space.draw(rng).key for _ in range(20)]
    content = json.dumps([space.to_json(), keys], sort_keys=True)
    assert hashlib.sha256(content.encode()).hexdigest()[:16] == STANDARD[name]
    assert space.genes == mlp.genes(FACTS[name])


@every_space
def test_every_preset_has_the_same_genes_in_the_same_order_with_sources(preset: str, name: str) -> None:
    space = SPACES[preset, name]
    assert space.names == SPACES["standard", name].names
    assert all(gene.source and gene.help for gene in space.genes)
    assert SearchSpace.from_json(json.loads(json.dumps(space.to_json()))) == space


@every_space
@settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_draws_survive_vectors_json_and_species(preset: str, name: str, seed: int) -> None:
    space, rng = SPACES[preset, name], np.random.default_rng(seed)
    genome, member = space.draw(rng), space.draw(rng)
    assert space.decode(space.encode(genome)).key == genome.key
    assert space.genome(json.loads(json.dumps(genome.to_json()))).key == genome.key
    adopted = space.genome(mlp.adopt_species(genome, member))
    assert mlp.species(adopted) == mlp.species(member)


@every_space
def test_known_good_genomes_stand_in_every_preset(preset: str, name: str) -> None:
    space = SPACES[preset, name]
    named = mlp.known_good(space)
    assert len(named) >= (4 if preset == "quick" else 8)
    assert len({genome.key for _, genome in named}) == len(named)
    assert all(space.genome(genome.to_json()) == genome for _, genome in named)


@pytest.mark.parametrize("name", FACTS)
def test_quick_searches_few_genes_and_thorough_none_less_than_standard(name: str) -> None:
    quick, standard, thorough = (SPACES[preset, name] for preset in ("quick", "standard", "thorough"))
    searched = {gene.name for gene in quick.genes if not gene.fixed}
    assert searched <= {
        *("numeric_prep", "batch_size", "layers", "width_1", "activation", "lr", "beta2", "schedule"),
        *("dropout", "weight_decay", "epochs"),
    }
    assert {"layers", "width_1", "lr", "dropout", "weight_decay"} <= searched
    rng = np.random.default_rng(3)
    for _ in range(50):
        genome = standard.draw(rng)
        assert thorough.genome(genome.to_json()) == genome
        drawn = quick.draw(rng)
        # Everything that quick has, thorough has too; the keys are made of the active genes alone.
        assert thorough.genome({gene: drawn[gene] for gene in drawn.active}).key == drawn.key


def test_thorough_has_every_power_of_two_that_the_rows_allow() -> None:
    assert SPACES["thorough", "negative"].gene("batch_size").choices == tuple(2**n for n in range(13))
    assert SPACES["thorough", "tiny"].gene("batch_size").choices == (1, 2, 4)


TEXTBOOK = {
    # The table of shared/RECIPES.md, section 2, "Preset `textbook`", for 10,000 rows and any budget.
    "lr": ("log", 1e-4, 1.0),
    "lr_sgd": ("log", 1e-4, 1.0),
    "momentum": ("zero_or_one_minus_log", 1 - 10**-1, 1 - 10**-3),
    "layers": ("integer", 1, 4),
    "epochs": ("integer_log", 10, 500),
    "batch_size": (1, 32, 64, 128, 1024, 10_000),
    "optimizer": ("sgd", "rmsprop", "adam"),
    "normalisation": ("none", "batch"),
    "activation": ("relu", "sigmoid", "tanh"),
    "schedule": ("time", "step", "exponential", "plateau", "one_cycle", "power"),
}
SEARCHED = {
    *("beta1", "beta2", "adam_eps", "norm_eps", "width_1", "width_2", "width_3", "width_4", "patience"),
    *("l1", "l2", "dropout", "input_noise", "init", "init_gain", "loss"),
    *("time_k", "step_gamma", "step_every", "exponential_ratio", "plateau_patience", "plateau_factor"),
    *("cycle_warmup", "power_s", "power_c"),
}
OF_LOSS = {"binary": {"focal_gamma"}, "regression": {"huber_delta"}}


@pytest.mark.parametrize("task", OF_LOSS)
def test_textbook_is_the_table_of_the_recipes(task: str) -> None:
    space = build_space(SpaceFacts(task, 10_000, positive_target=True), preset="textbook")
    for name, expected in TEXTBOOK.items():
        gene = space.gene(name)
        if gene.choices:
            assert gene.choices == expected
        else:
            assert (gene.kind, gene.low, gene.high) == pytest.approx(expected)
    assert {gene.name for gene in space.genes if not gene.fixed} == {*TEXTBOOK, *SEARCHED, *OF_LOSS[task]}
    for penalty in ("l1", "l2"):
        assert space.gene(penalty).low < 1e-3 < 1e-2 < space.gene(penalty).high
        assert space.gene(penalty).p_zero
    assert space.gene("shape").cells == ("free",)
    assert space.gene("dropout").p_zero
    assert space.gene("input_noise").p_zero


def test_sgd_without_momentum_is_among_the_textbooks_optimizers() -> None:
    space, rng = SPACES["textbook", "binary"], np.random.default_rng(0)
    drawn = [genome for genome in (space.draw(rng) for _ in range(400)) if genome["optimizer"] == "sgd"]
    plain = [genome for genome in drawn if genome["momentum"] == 0]
    assert 0.35 < len(plain) / len(drawn) < 0.65
    assert all(0.9 <= genome["momentum"] <= 0.999 for genome in drawn if genome not in plain)


@pytest.mark.parametrize(
    ("rows", "per_epoch", "sizes"),
    [
        (5, None, (1, 5)),
        (32, None, (1, 32)),
        (700, None, (1, 32, 64, 128, 700)),
        (500_000, None, (1, 32, 64, 128, 1024, 2**18)),
        (500_000, 3_000, (1, 32, 64, 128, 1024, 3_000)),
    ],
)
def test_the_full_batch_is_an_epoch(rows: int, per_epoch: int | None, sizes: tuple[int, ...]) -> None:
    facts = SpaceFacts("binary", rows, rows_per_epoch=per_epoch)
    assert build_space(facts, preset="textbook").gene("batch_size").choices == sizes


@pytest.mark.skipif(not RECIPES.exists(), reason="the recipes stand beside the project, not in it")
def test_the_table_above_is_that_of_the_recipes() -> None:
    text = re.sub(r"\s+", " ", RECIPES.read_text(encoding="utf-8"))
    found = re.search(r"\*\*Preset `textbook`\*\*[^:]*: (.*?)\. What 86", text)
    assert found is not None
    assert found[1] == (
        "lr 1e-4..1 log; momentum 1-10^r, r in -3..-1; beta1, beta2, eps; layers 1..4, the units of each "
        "layer a gene of its own; batch 1, 32, 64, 128, 1024, full; SGD, momentum, RMSprop, Adam; batch norm "
        "on/off (eps); L1, L2 (1e-3 and 1e-2 inside), dropout, noise; relu, sigmoid, tanh; time-based, step, "
        "exponential, performance, 1cycle, power decay with their rates; initialisation; loss; epochs "
        "10..500 with early stopping"
    )
