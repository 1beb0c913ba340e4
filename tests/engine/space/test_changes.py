"""What a user asks of single genes: a space within it, or a sentence that says why not."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from space_facts import FACTS

from cambrian.errors import SettingError
from cambrian.space.asked import SCALES, asked, asked_text
from cambrian.space.build import PRESETS, build_space, check_space
from cambrian.space.facts import SpaceFacts
from cambrian.space.families import mlp
from cambrian.space.families.mlp_limits import MOST_EPOCHS
from cambrian.space.families.registry import FAMILIES
from cambrian.space.space import SearchSpace

BINARY = SpaceFacts("binary", 5_000)
REGRESSION = SpaceFacts("regression", 5_000, positive_target=True)
MLP = FAMILIES["mlp"]


def space_of(*pairs: str, facts: SpaceFacts = BINARY, preset: str = "standard") -> SearchSpace:
    genes = {name: asked_text(value) for name, _, value in (pair.partition("=") for pair in pairs)}
    return build_space(facts, preset=preset, genes=genes)


@pytest.mark.parametrize(
    ("pair", "kind", "range_text"),
    [
        ("lr=0.001", "linear", "0.001"),
        ("lr=5e-5", "linear", "5e-05"),  # below what the preset has
        ("lr=1e-4..1e-2", "log", "0.0001..0.01"),
        ("lr=1e-6..1", "log", "1e-06..1"),
        ("lr=..1", "log", "0.0001..1"),
        ("lr=linear", "linear", "0.0001..0.01"),
        ("lr=linear 1e-4..2e-2", "linear", "0.0001..0.02"),
        ("momentum=off", "linear", "0"),
        ("momentum=0.5..0.9", "one_minus_log", "0.5..0.9"),
        ("momentum=linear 0..0.9", "linear", "0..0.9"),
        ("momentum=0 or 0.9..0.99", "zero_or_one_minus_log", "0 or 0.9..0.99"),
        ("rmsprop_alpha=1-x log", "one_minus_log", "0.1..0.99"),
        ("dropout=off", "linear", "0"),
        ("dropout=0.2", "linear", "0.2"),
        ("dropout=0..0.3", "zero_or_linear", "0..0.3"),
        ("dropout=..0.8", "zero_or_linear", "0..0.8"),
        ("dropout=0.1..0.3", "linear", "0.1..0.3"),
        ("dropout=0 or 0.1..0.3", "zero_or_linear", "0 or 0.1..0.3"),
        ("dropout=log 0.01..0.3", "log", "0.01..0.3"),
        ("l2=0 or 1e-6..1e-3", "zero_or_log", "0 or 1e-06..0.001"),
        ("l2=0..1e-3", "zero_or_log", "0 or 1e-07..0.001"),
        ("l2=1e-6..1e-3", "log", "1e-06..0.001"),
        ("weight_decay=linear", "zero_or_linear", "0 or 0.0001..0.1"),
        ("label_smoothing=0.05", "linear", "0.05"),  # fixed by the preset for want of a reason
        ("layers=2", "integer", "2"),
        ("layers=1..3", "integer", "1..3"),
        ("layers=log 1..6", "integer_log", "1..6"),
        ("layers=4,2", "integer_log", "2, 4"),
        ("layers=off", "integer", "0"),
        ("width_1=512", "integer", "512"),
        ("width_1=32..1024", "integer", "32..1024 by 16"),
        ("batch_size=100", "integer_log", "100"),
        ("batch_size=17,5000", "integer_log", "17, 5000"),
        ("batch_size=1..20", "integer_log", "1, 2, 4, 8, 16"),
        ("epochs=30", "integer", "30"),
        ("epochs=linear 10..20", "integer", "10..20"),
        ("patience=off", "integer", str(MOST_EPOCHS)),
        ("optimizer=sgd", "categorical", "sgd"),
        ("optimizer=sgd,adam", "categorical", "sgd, adam"),
        ("optimizer=adam,sgd", "categorical", "sgd, adam"),
        ("normalisation=off", "categorical", "none"),
        ("normalisation=off,batch", "categorical", "none, batch"),
        ("schedule=off", "categorical", "constant"),
        ("ema=on", "categorical", "on"),
        ("ema=off", "categorical", "off"),
        ("ema=on,off", "categorical", "off, on"),
        ("gradient_clip=off", "categorical", "none"),
        ("init_gain=off", "linear", "1"),
    ],
)
def test_a_change(pair: str, kind: str, range_text: str) -> None:
    gene = space_of(pair).gene(pair.partition("=")[0])
    assert (gene.kind, gene.range_text) == (kind, range_text)
    assert gene.source.startswith("you (")


@pytest.mark.parametrize(
    ("pair", "problem", "remedy"),
    [
        ("lrr=1", "lrr is not a gene of family mlp", "Did you mean lr?"),
        ("xyzzy=1", "xyzzy is not a gene", "`cambrian space` lists the genes"),
        ("lr=50", "gene lr: 50 is outside 1e-08..10", "larger ones diverge"),
        ("lr=1e-3..50", "gene lr: 50 is outside", "diverge"),
        ("lr=off", "gene lr cannot be switched off", "Fix it at one value"),
        ("lr=adam", "gene lr: adam is no number", "Give numbers in 1e-08..10"),
        ("lr=on", "gene lr: on is no number", "Give numbers"),
        ("lr=1e-3,1e-2", "gene lr: 0.001,0.01 has a range, not choices", "low..high"),
        ("lr=0 or 1e-4..1e-3", "cannot be 0", "Give a range in 1e-08..10"),
        ("lr=1-x log 0.1..1", "no scale 1-x log reaches", "End below 1"),
        ("lr=0.05..", "gene lr: 0.05.. leaves 0.05..0.01, which is empty", "Give both ends"),
        ("l2=log 0..1e-8", "leaves 1e-07..1e-08, which is empty", "Give both ends"),
        ("l1=1e-20", "too small to tell from 0", "Give 0"),
        ("dropout=1", "gene dropout: 1 is outside 0..0.95", "some units must be left"),
        ("dropout=log", "no log scale reaches", "0 or low..high"),
        ("momentum=1", "gene momentum: 1 is outside 0..0.9999", "share below 1"),
        ("activation=off", "gene activation cannot be switched off", "Fix layers at 0"),
        ("focal_gamma=off", "gene focal_gamma cannot be switched off", "Choose another loss"),
        ("time_k=off", "gene time_k cannot be switched off", "Switch off schedule"),
        ("optimizer=lion", "gene optimizer: lion is not one of sgd,", "no other"),
        ("optimizer=adm", "adm is not one of", "Did you mean adam?"),
        ("optimizer=1..2", "gene optimizer: 1..2 has no range", "Give one or several of sgd,"),
        ("optimizer=log", "gene optimizer: log is not one of sgd", "no other"),
        ("ema=1", "gene ema: 1 is not one of off, on", "no other"),
        ("target_transform=log", "gene target_transform: log is not one of none", "all above 0"),
        ("loss=mse", "gene loss: mse is not one of cross_entropy", "The task has no other"),
        ("layers=7", "gene layers: 7 is outside 0..6", "there are six"),
        ("layers=1.5", "gene layers: 1.5 is not a whole number", "in 0..6"),
        ("layers=log", "no log scale reaches", "Begin at 1"),
        ("layers=0 or 2..4", "no zero beside its range", "Begin the range at 0"),
        ("layers=1-x log", "no scale 1-x log", "Use linear or log"),
        ("width_1=100", "gene width_1: 100 is not a multiple of 16", "multiple of 16"),
        ("width_1=32..100", "gene width_1: 100 is not a multiple of 16", "multiple of 16"),
        ("width_1=32,64", "has a range, not choices", "16..4096 by 16"),
        ("width_1=log", "steps of 16", "Use linear"),
        ("batch_size=5001", "gene batch_size: 5001 is outside 1..5000", "5000 training rows"),
        ("batch_size=5..7", "holds no power of two", "Widen it"),
        ("batch_size=linear 1..64", "powers of two", "Use log"),
        ("epochs=0", "gene epochs: 0 is outside 1..10000", "overnight"),
        ("huber_delta=1", "gene huber_delta: the task binary has none, only regression", "Leave it out"),
    ],
)
def test_what_a_gene_cannot_be(pair: str, problem: str, remedy: str) -> None:
    with pytest.raises(SettingError) as caught:
        space_of(pair)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("pairs", "problem"),
    [
        (["optimizer=adam", "momentum=0.9"], "gene momentum would never count: it needs optimizer is sgd or"),
        (
            ["layers=off", "dropout=0.1..0.3"],
            "gene dropout would never count: it needs layers >= 1, and layers is 0",
        ),
        (["shape=brick", "width_2=32..64"], "gene width_2 would never count: it needs shape is free"),
        (
            ["layers=1", "width_2=32..64"],
            "gene width_2 would never count: it needs layers >= 2, and layers is 1",
        ),
        (["dropout=off", "dropout_schedule=flat_cosine"], "it needs dropout > 0, and dropout is 0"),
        (["layers=0", "dropout_schedule=flat_cosine"], "it needs layers >= 1"),
        (["loss=focal", "label_smoothing=0.1"], "it needs loss is cross_entropy or class_weighted"),
    ],
)
def test_a_change_that_would_never_count_is_refused(pairs: list[str], problem: str) -> None:
    with pytest.raises(SettingError) as caught:
        space_of(*pairs)
    assert problem in caught.value.problem
    assert "Leave it out, or let" in caught.value.remedy


def test_genes_that_nobody_asked_for_and_that_never_count_are_fixed() -> None:
    space = space_of("layers=2", "shape=brick", "optimizer=sgd", "momentum=off", "dropout=off")
    idle = {"width_2", "width_3", "width_6", "lr", "beta1", "adam_eps", "rmsprop_alpha", "dropout_schedule"}
    assert all(space.gene(name).fixed for name in idle)
    assert all(space.gene(name).source.startswith("never counts: it needs ") for name in idle)
    rng = np.random.default_rng(0)
    assert all(not idle & space.draw(rng).active for _ in range(50))
    # What is off may be off of genes that never count.
    assert space_of("layers=0", "dropout=off", "normalisation=off").gene("dropout").cells == (0.0,)


def test_a_choice_may_be_called_as_a_scale_is() -> None:
    for asked_for, cells in (("log", ("log",)), ("none,log", ("none", "log"))):
        gene = space_of(f"target_transform={asked_for}", facts=REGRESSION).gene("target_transform")
        assert gene.cells == cells


def test_a_preset_fixes_and_a_user_frees() -> None:
    assert build_space(BINARY, preset="quick").gene("ema").fixed
    space = space_of("ema=on,off", "l2=..1e-2", "optimizer=adamw,sgd", preset="quick")
    assert space.gene("ema").choices == (False, True)
    assert space.gene("l2").range_text == "0 or 1e-07..0.01"
    assert not space.gene("ema_decay").fixed
    assert not space.gene("lr_sgd").fixed


def test_a_default_stays_where_it_can() -> None:
    assert space_of("lr=1e-4..1e-1").gene("lr").default == 1e-3
    assert space_of("lr=1e-2..1e-1").gene("lr").default == 1e-2
    assert space_of("optimizer=adamw,sgd").gene("optimizer").default == "adamw"
    assert space_of("optimizer=rmsprop,sgd").gene("optimizer").default == "sgd"
    assert space_of("l2=1e-6..1e-3").gene("l2").default == 1e-6
    assert space_of("width_1=160..512").gene("width_1").default == 160


def test_epochs_are_those_of_the_budget_at_most() -> None:
    gene = space_of("epochs=10..200", facts=SpaceFacts("binary", 5_000, epochs=64)).gene("epochs")
    assert (gene.low, gene.high, gene.default) == (10, 64, 64)
    assert space_of("epochs=900", facts=SpaceFacts("binary", 5_000, epochs=900)).gene("epochs").cells == (
        900,
    )


def test_a_batch_is_an_epoch_at_most() -> None:
    facts = SpaceFacts("binary", 5_000, rows_per_epoch=1_000)
    assert space_of("batch_size=64,2000,3000", facts=facts).gene("batch_size").choices == (64, 1_000)


def test_values_that_mean_the_same_here_are_left_out() -> None:
    facts = SpaceFacts("binary", 5_000, balanced_classes=True, most_categories=5, scaled_numbers=False)
    assert space_of("loss=cross_entropy,class_weighted", facts=facts).gene("loss").cells == ("cross_entropy",)
    assert space_of("max_one_hot=2..20", facts=facts).gene("max_one_hot").range_text == "2..5"
    assert space_of("numeric_prep=standard,quantile", facts=facts).gene("numeric_prep").cells == ("standard",)


@pytest.mark.parametrize(
    ("genes", "options", "problem"),
    [
        ({"lrr": 1}, {}, "lrr is not a gene"),
        ({"huber_delta": 500}, {}, "gene huber_delta: 500 is outside"),  # said of the task that has it
        ({"huber_delta": 1}, {"task": "binary"}, "the task binary has none"),
        ({"huber_delta": 1.0, "focal_gamma": 1.0}, {}, "has none, only"),
        ({"loss": "mse"}, {"task": "multiclass"}, "mse is not one of"),
        ({"target_transform": "log"}, {"task": "binary"}, "log is not one of none"),
        ({"epochs": 80}, {"epochs": 64}, "gene epochs: 80 are more than the epoch budget of 64"),
        ({"epochs": {"low": 80}}, {"epochs": 64}, "gene epochs: 80 are more"),
        ({"epochs": {"low": 80}}, {}, "gene epochs: the range begins at 80 and has no end"),
        ({"batch_size": 64}, {"fit": True}, "contradict one another"),
        ({"batch_size": {"low": 64, "high": 64}}, {"fit": True}, "contradict one another"),
        ({"batch_size": 2**18 + 1}, {}, "gene batch_size: 262145 is outside 1..262144"),
    ],
)
def test_what_no_data_make_possible_is_refused_without_any(
    genes: dict[str, Any], options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(SettingError) as caught:
        check_space("standard", genes, **options)
    assert problem in caught.value.problem
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("genes", "options"),
    [
        ({}, {}),
        ({"huber_delta": 1.0}, {}),
        ({"loss": "mse"}, {"task": "regression"}),
        ({"target_transform": "log"}, {}),
        ({"epochs": 2000}, {}),
        ({"epochs": 64}, {"epochs": 64}),
        ({"batch_size": {"low": 8, "high": 64}}, {"fit": True}),
        ({"batch_size": 100_000}, {}),
    ],
)
@pytest.mark.parametrize("preset", PRESETS)
def test_what_some_data_make_possible_is_not(
    preset: str, genes: dict[str, Any], options: dict[str, Any]
) -> None:
    if not (preset == "quick" and "huber_delta" in genes):  # whose loss is fixed
        check_space(preset, genes, **options)


def test_every_gene_has_limits_that_hold_every_preset_and_off_is_within() -> None:
    for facts in FACTS.values():
        limits = MLP.limits(facts)
        for preset in PRESETS:
            for gene in build_space(facts, preset=preset).genes:
                limit = limits[gene.name]
                assert limit.why
                assert (limit.off is None) == bool(limit.instead)
                if gene.numeric:
                    assert limit.low <= gene.low <= gene.high <= limit.high, gene.name
        for gene in MLP.preset("standard", MLP.roomy(facts)):
            if limits[gene.name].off is None:
                continue
            off = build_space(facts, genes={gene.name: "off"}).gene(gene.name)
            assert off.fixed
            assert off.default == limits[gene.name].off


def numbers_of(name: str, facts: SpaceFacts) -> st.SearchStrategy[Any]:
    """Numbers within the limits, at them, and a little beyond."""
    limits = MLP.limits(facts)[name]
    whole = st.integers(int(limits.low) - 1, int(limits.high) + 1)
    steps = st.integers(1, 70).map(lambda each: 16 * each)
    floats = st.floats(limits.low, limits.high) | st.floats(-8, 1).map(lambda power: 10**power)
    return st.one_of(whole, steps, floats, st.sampled_from((0, limits.low, limits.high)))


@st.composite
def changes(draw: st.DrawFn) -> tuple[SpaceFacts, str, dict[str, Any]]:
    facts, preset = draw(st.sampled_from(list(FACTS.values()))), draw(st.sampled_from(PRESETS))
    genes = {gene.name: gene for gene in MLP.preset("standard", MLP.roomy(facts))}
    chosen: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(list(genes)), min_size=1, max_size=3, unique=True)):
        numbers = numbers_of(name, facts)
        if genes[name].numeric:
            ends = st.tuples(numbers, numbers).map(sorted).map(lambda each: {"low": each[0], "high": each[1]})
            extra = st.fixed_dictionaries(
                {}, optional={"scale": st.sampled_from(SCALES), "zero": st.just(True)}
            )
            ranges = st.tuples(ends, extra).map(lambda each: {**each[0], **each[1]})
            many = st.lists(numbers, min_size=1, max_size=4, unique=True).map(tuple)
            form = st.one_of(numbers, ranges, many, st.just("off"), st.sampled_from(SCALES).map(asked))
        else:
            word = st.sampled_from(genes[name].choices)
            form = st.one_of(
                word, st.lists(word, min_size=1, max_size=4, unique=True).map(tuple), st.just("off")
            )
        chosen[name] = draw(form)
    return facts, preset, chosen


def lies_within(value: Any, wanted: Any, *, low: float) -> bool:
    """Whether a gene's value is one of those asked for; `low` where only other things were asked."""
    if isinstance(wanted, dict):
        if value == 0 and (wanted.get("zero") or wanted.get("low", low) <= 0):
            return True
        close = 1e-11 * max(1.0, abs(value))  # ends are kept to 12 digits
        return wanted.get("low", value) - close <= value <= wanted.get("high", value) + close
    if isinstance(value, str | bool):
        return value in wanted
    return any(value == pytest.approx(each, rel=1e-11, abs=1e-11) for each in wanted)


@settings(max_examples=300, deadline=None)
@given(changes(), st.integers(0, 2**32))
def test_any_change_is_refused_in_words_or_every_draw_lies_within(
    change: tuple[SpaceFacts, str, dict[str, Any]], seed: int
) -> None:
    facts, preset, genes = change
    try:
        space = build_space(facts, preset=preset, genes={name: asked(value) for name, value in genes.items()})
    except SettingError as error:
        refusal = error
    else:
        refusal = None
    if refusal is not None:
        assert any(name in refusal.problem for name in genes), refusal.problem
        assert refusal.remedy
        return
    assert SearchSpace.from_json(json.loads(json.dumps(space.to_json()))) == space
    rng = np.random.default_rng(seed)
    drawn = [space.draw(rng) for _ in range(8)]
    named = mlp.known_good(space)
    assert len({genome.key for _, genome in named}) == len(named) > 0
    for genome in [*drawn, *(genome for _, genome in named), space.default()]:
        assert space.decode(space.encode(genome)).key == genome.key
        assert space.genome(mlp.adopt_species(genome, drawn[0])).key
        for name, wanted in genes.items():
            if name in ("epochs", "batch_size") or wanted == "off":
                continue  # bounded by budget and rows too; off: see above
            single = wanted if isinstance(wanted, dict | tuple) else (wanted,)
            assert lies_within(genome[name], single, low=space.gene(name).low), (name, wanted, genome[name])
