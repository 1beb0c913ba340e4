"""The family `mlp`: its ranges against the recipes, widths, species and known-good genomes."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from space_facts import FACTS

from cambrian.errors import SettingError
from cambrian.space import table
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.families import mlp, mlp_known_good
from cambrian.space.space import SearchSpace

SPACES = {name: build_space(facts) for name, facts in FACTS.items()}
_COMMON = """
family numeric_prep max_one_hot target_transform batch_size layers shape
width_1 width_2 width_3 width_4 width_5 width_6
activation parametric normalisation batch_momentum norm_eps residual init init_gain bias_init
optimizer lr lr_sgd momentum beta1 beta2 adam_eps rmsprop_alpha
schedule time_k step_gamma step_every exponential_ratio plateau_patience plateau_factor cycle_warmup
power_s power_c warmup
dropout dropout_schedule input_noise weight_decay l2 l1 gradient_clip clip_norm
epochs patience ema ema_decay loss
"""
COMMON = _COMMON.split()

any_space = pytest.mark.parametrize("name", SPACES)


def test_the_genes_are_those_of_the_contract():
    assert set(SPACES["binary"].names) == {*COMMON, "focal_gamma", "label_smoothing"}
    assert set(SPACES["negative"].names) == {*COMMON, "huber_delta"}


@any_space
def test_every_gene_explains_itself(name):
    for gene in SPACES[name].genes:
        assert gene.source
        assert gene.help.endswith(".")
        assert gene.group
    where = {gene.name: gene.where for gene in SPACES[name].genes}
    assert {gene for gene, place in where.items() if place == "prep"} == {
        "numeric_prep",
        "max_one_hot",
        "target_transform",
    }
    assert {gene for gene, place in where.items() if place == "bucket"} == {
        "family",
        "batch_size",
        "shape",
        *(f"width_{i}" for i in range(1, 7)),
    }


@any_space
@given(seed=st.integers(0, 2**32))
def test_every_gene_round_trips_and_keeps_the_key(name, seed):
    space = SPACES[name]
    genome = space.draw(np.random.default_rng(seed))
    for gene in space.genes:
        assert gene.decode(gene.encode(genome[gene.name])) == genome[gene.name], gene.name
    again = space.genome(json.loads(json.dumps(genome.to_json())))
    assert again.key == genome.key == space.decode(space.encode(genome)).key


@any_space
def test_resolved_genes_are_stored(name):
    stored = json.loads(json.dumps(SPACES[name].to_json()))
    assert SearchSpace.from_json(stored) == SPACES[name]


@pytest.mark.parametrize(
    ("rows", "default", "low", "high"),
    [
        (2_799, 32, 8, 256),
        (2_800, 64, 8, 512),
        (4_500, 128, 16, 1024),
        (6_400, 256, 32, 2048),
        (32_000, 512, 64, 4096),
        (108_000, 1024, 128, 4096),
        (100, 32, 8, 64),
        (20, 16, 8, 16),
        (5, 4, 4, 4),
        (1, 1, 1, 1),
    ],
)
def test_batch_size_follows_the_rows(rows, default, low, high):
    gene = build_space(SpaceFacts("binary", rows)).gene("batch_size")
    assert (gene.default, gene.cells[0], gene.cells[-1]) == (default, low, high)
    assert all(size & (size - 1) == 0 for size in gene.cells)


@pytest.mark.parametrize(
    ("budget", "low", "high", "default"),
    [(4, 4, 4, 4), (64, 8, 64, 64), (300, 8, 300, 256), (9_999, 8, 512, 256), (1, 1, 1, 1)],
)
def test_epochs_are_clipped_to_the_budget(budget, low, high, default):
    gene = build_space(SpaceFacts("binary", 1_000, epochs=budget)).gene("epochs")
    assert (gene.low, gene.high, gene.default) == (low, high, default)
    assert gene.fixed == (low == high)


def test_widths_follow_the_device():
    cpu, gpu = SPACES["binary"].gene("width_3"), SPACES["regression"].gene("width_3")
    assert (cpu.low, cpu.high, cpu.step, cpu.default) == (16, 256, 16, 128)
    assert (gpu.low, gpu.high, gpu.step, gpu.default) == (64, 1024, 16, 256)


@pytest.mark.parametrize(
    ("objectives", "fixed"),
    [
        ((), True),
        (("log_loss",), True),
        (("roc_auc", "parameters"), True),
        (("macro_f1",), False),
        (("accuracy",), False),
    ],
)
def test_label_smoothing_is_searched_only_for_objectives_like_accuracy(objectives, fixed):
    gene = build_space(SpaceFacts("multiclass", 1_000, objectives=objectives)).gene("label_smoothing")
    assert gene.fixed == fixed
    assert gene.check(0) == 0
    assert gene.nearest(0.1) == (0.0 if fixed else 0.1)


def test_target_transform_and_losses_follow_the_task():
    assert SPACES["regression"].gene("target_transform").choices == ("none", "log")
    assert SPACES["negative"].gene("target_transform").fixed
    assert build_space(SpaceFacts("binary", 99, positive_target=True)).gene("target_transform").fixed
    assert SPACES["regression"].gene("loss").choices == ("mse", "mae", "huber")
    assert SPACES["binary"].gene("loss").choices == ("cross_entropy", "class_weighted", "focal")


@pytest.mark.parametrize(
    ("most", "high", "default"),
    [(None, 33, 9), (99, 33, 9), (33, 33, 9), (12, 12, 9), (6, 6, 6), (4, 4, 4), (3, 4, 4), (0, 4, 4)],
)
def test_one_hot_limits_end_at_the_most_categories(most, high, default):
    gene = build_space(SpaceFacts("binary", 1_000, most_categories=most)).gene("max_one_hot")
    assert (gene.low, gene.high, gene.default) == (4, high, default)
    assert gene.fixed == (high == 4)


def test_scaling_is_searched_only_where_a_number_is_scaled():
    assert SPACES["numbers"].gene("numeric_prep") == SPACES["binary"].gene("numeric_prep")
    assert SPACES["labels"].gene("numeric_prep").cells == ("robust_clip",)


def test_class_weights_are_searched_only_where_classes_differ_in_size():
    assert SPACES["numbers"].gene("loss").choices == ("cross_entropy", "focal")
    assert "class_weighted" in SPACES["accuracy"].gene("loss").choices


@pytest.mark.parametrize(
    ("rows_per_epoch", "default", "low", "high"),
    [(None, 1024, 128, 4096), (2**18, 1024, 128, 4096), (3_000, 1024, 128, 2048), (700, 512, 128, 512)],
)
def test_a_batch_is_never_larger_than_an_epoch(rows_per_epoch, default, low, high):
    gene = build_space(SpaceFacts("binary", 200_000, rows_per_epoch=rows_per_epoch)).gene("batch_size")
    assert (gene.default, gene.low, gene.high) == (default, low, high)


@pytest.mark.parametrize("name", ["numbers", "labels"])
def test_genes_without_effect_keep_one_value(name):
    """Draws and known-good genomes alike, though a recipe asks for another value."""
    space, rng = SPACES[name], np.random.default_rng(0)
    made = [genome for _, genome in mlp.known_good(space)] + [space.draw(rng) for _ in range(100)]
    fixed = {"numbers": {"max_one_hot": {4}}, "labels": {"max_one_hot": {4}, "numeric_prep": {"robust_clip"}}}
    for gene, values in fixed[name].items():
        assert {genome[gene] for genome in made} == values
    assert len({genome["numeric_prep"] for genome in made}) == (3 if name == "numbers" else 1)
    assert name != "numbers" or {genome["loss"] for genome in made} == {"cross_entropy", "focal"}


@pytest.mark.parametrize(
    ("values", "active", "inactive"),
    [
        ({"optimizer": "adamw"}, "lr beta1 beta2 adam_eps", "lr_sgd momentum rmsprop_alpha"),
        ({"optimizer": "rmsprop"}, "lr rmsprop_alpha", "lr_sgd momentum beta1 beta2 adam_eps"),
        ({"optimizer": "sgd_nesterov"}, "lr_sgd momentum", "lr beta1 beta2 adam_eps rmsprop_alpha"),
        ({"layers": 3, "shape": "free"}, "width_1 width_2 width_3", "width_4 width_5 width_6"),
        ({"layers": 3, "shape": "funnel"}, "width_1", "width_2 width_3"),
        (
            {"layers": 0, "dropout": 0.2},
            "init lr",
            "width_1 shape activation dropout dropout_schedule normalisation",
        ),
        (
            {"layers": 0, "normalisation": "batch"},
            "",
            "normalisation batch_momentum norm_eps residual parametric",
        ),
        ({"normalisation": "layer"}, "norm_eps", "batch_momentum"),
        ({"gradient_clip": "none", "ema": True}, "ema_decay", "clip_norm"),
        ({"schedule": "power"}, "power_s power_c", "time_k warmup cycle_warmup plateau_patience"),
        ({"loss": "focal"}, "focal_gamma", "label_smoothing"),
    ],
)
def test_conditions_of_the_family(values, active, inactive):
    genome = SPACES["accuracy"].genome(values)
    assert set(active.split()) <= genome.active
    assert not set(inactive.split()) & genome.active


def _genes(**values):
    return SPACES["binary"].genome(values).to_json()


@pytest.mark.parametrize(
    ("values", "widths"),
    [
        ({"layers": 0}, ()),
        ({"layers": 3, "shape": "brick", "width_1": 96, "width_2": 16}, (96, 96, 96)),
        ({"layers": 4, "shape": "funnel", "width_1": 208}, (208, 96, 48, 16)),
        ({"layers": 6, "shape": "funnel", "width_1": 48}, (48, 16, 16, 16, 16, 16)),
        ({"layers": 1, "shape": "diamond", "width_1": 64}, (64,)),
        ({"layers": 5, "shape": "diamond", "width_1": 256}, (64, 128, 256, 128, 64)),
        ({"layers": 4, "shape": "diamond", "width_1": 256}, (128, 256, 256, 128)),
        ({"layers": 3, "shape": "free", "width_1": 16, "width_2": 240, "width_3": 32}, (16, 240, 32)),
    ],
)
def test_layer_widths(values, widths):
    assert mlp.layer_widths(_genes(**values)) == widths


@any_space
@given(seed=st.integers(0, 2**32))
def test_padded_widths_hold_the_real_ones_at_any_depth(name, seed):
    genes = SPACES[name].draw(np.random.default_rng(seed)).to_json()
    padded = mlp.padded_widths(genes)
    assert len(padded) == 6
    for depth in range(7):
        deeper = {**genes, "layers": depth}
        real = mlp.layer_widths(deeper)
        assert len(real) == depth
        assert all(width % 16 == 0 and 16 <= width <= pad for width, pad in zip(real, padded, strict=False))
        assert mlp.species(deeper) == mlp.species(genes)


@any_space
@given(seeds=st.tuples(st.integers(0, 2**32), st.integers(0, 2**32)))
def test_a_genome_that_adopts_a_species_belongs_to_it(name, seeds):
    space = SPACES[name]
    child, member = (space.draw(np.random.default_rng(seed)) for seed in seeds)
    adopted = space.genome(mlp.adopt_species(child, member))
    assert mlp.bucket_key(adopted) == mlp.bucket_key(member)
    lanes = [gene.name for gene in space.genes if gene.where != "bucket"]
    assert all(adopted[gene] == child[gene] for gene in lanes)
    assert space.genome(mlp.adopt_species(member, member)) == member


def test_small_differences_of_width_survive_in_a_species():
    adopted = mlp.adopt_species(_genes(width_1=208, width_2=16), _genes(width_1=256, width_2=256))
    assert (adopted["width_1"], adopted["width_2"]) == (208, 208)


def test_species_reads_as_batch_and_padded_widths():
    assert mlp.species(_genes(batch_size=256, width_1=112)) == "b256 128-128-128-128-128-128"
    assert mlp.species(_genes(shape="funnel", width_1=200)) == "b128 256-128-64-32-16-16"
    assert mlp.species(_genes(shape="diamond", width_1=256)) == "b128 256-256-256-256-128-64"
    assert [mlp.padded_width(width) for width in (16, 80, 112, 144, 272, 1024)] == [
        16,
        96,
        128,
        192,
        384,
        1024,
    ]


@any_space
def test_known_good_genomes_are_valid_distinct_and_sourced(name):
    space = SPACES[name]
    named = mlp.known_good(space)
    assert len(named) >= 8
    assert len({genome.key for _, genome in named}) == len(named)
    assert {name for name, _ in named} <= set(mlp.known_good_sources())
    for _, genome in named:
        assert space.genome(genome.to_json()) == genome


def test_known_good_genomes_follow_task_and_device():
    binary, regression = dict(mlp.known_good(SPACES["binary"])), dict(mlp.known_good(SPACES["regression"]))
    accuracy = dict(mlp.known_good(SPACES["accuracy"]))
    assert (binary["realmlp_simple"]["activation"], regression["realmlp_simple"]["activation"]) == (
        "selu",
        "mish",
    )
    assert binary["realmlp_simple"]["label_smoothing"] == 0
    assert accuracy["realmlp_simple"]["label_smoothing"] == 0.1
    assert mlp.layer_widths(binary["plain_mlp"]) == (128, 128, 128)
    assert mlp.layer_widths(regression["tabm_mlp"]) == (512, 512, 512)
    assert mlp.layer_widths(binary["linear"]) == ()
    assert binary["textbook_elu"]["optimizer"] == "sgd_nesterov"
    assert binary["resnet"]["residual"] is True


@any_space
def test_known_good_recipes_name_only_genes_and_values_that_exist(name):
    # `nearest` would hide a misspelt gene or choice, so look at the recipes themselves.
    everything = set(COMMON) | {"label_smoothing", "focal_gamma", "huber_delta"}
    for recipe in mlp_known_good._RECIPES:
        by_task = recipe.regression if "huber_delta" in SPACES[name] else recipe.classification
        for name_of, value in {**recipe.genes, **(by_task or {})}.items():
            assert name_of in everything
            gene = SPACES[name].gene(name_of) if name_of in SPACES[name] else None
            if gene and not gene.numeric and not gene.fixed:
                assert value in gene.choices


def test_known_good_in_a_narrow_space_has_no_doubles():
    space = SPACES["binary"].fix({"layers": 0, "optimizer": "adamw", "lr": 1e-3, "schedule": "constant"})
    named = mlp.known_good(space)
    assert 1 <= len(named) == len({genome.key for _, genome in named})


@pytest.mark.parametrize(
    "facts",
    [
        {"task": "ranking", "rows": 10},
        {"task": "binary", "rows": 0},
        {"task": "binary", "rows": 10, "epochs": 0},
        {"task": "binary", "rows": 10, "device": "tpu"},
        {"task": "binary", "rows": 10, "most_categories": -1},
        {"task": "binary", "rows": 10, "rows_per_epoch": 0},
    ],
)
def test_impossible_facts_are_refused(facts):
    with pytest.raises(SettingError):
        SpaceFacts(**facts)


def test_unknown_family_and_preset_are_refused():
    with pytest.raises(SettingError, match="cnn"):
        build_space(FACTS["binary"], family="cnn")
    with pytest.raises(SettingError, match="quik") as caught:
        build_space(FACTS["binary"], preset="quik")
    assert caught.value.remedy == "Use quick, standard, thorough or textbook. Did you mean quick?"


def test_the_table_shows_every_gene():
    rows = {row["gene"]: row for row in table.rows(SPACES["binary"])}
    assert list(rows) == list(SPACES["binary"].names)
    assert rows["lr"] | {"help": ""} == {
        "gene": "lr",
        "kind": "log",
        "range": "0.0001..0.01",
        "default": 1e-3,
        "where": "lane",
        "condition": "optimizer is rmsprop or adam or adamw",
        "source": "textbook; tabm",
        "help": "",
    }
    assert rows["width_2"]["range"] == "16..256 by 16"
    assert rows["width_2"]["condition"] == "layers >= 2 and shape is free"
    assert rows["weight_decay"]["range"] == "0 or 0.0001..0.1"
    assert rows["weight_decay"]["kind"] == "zero or log, 0 in 50%"
    assert rows["label_smoothing"]["kind"] == "fixed"
    assert rows["ema"]["range"] == "off, on"
    assert rows["momentum"]["kind"] == "1-x log"


def test_the_space_needs_neither_torch_nor_deap():
    code = (
        "import sys; from cambrian.space import build, table; "
        "build.build_space(build.SpaceFacts('binary', 9)); "
        "print({'torch', 'deap', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
