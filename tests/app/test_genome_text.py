"""A genome as sentences: every active gene is told, no other is, in both languages."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from chinese_texts import in_chinese
from PySide6.QtWidgets import QApplication

from cambrian.records import Change
from cambrian.space.build import SpaceFacts, build_space
from cambrian.space.families.mlp import layer_widths
from cambrian.space.families.registry import known_good
from cambrian.space.genes import Gene
from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace
from cambrian_desktop.views.genome_text import network_line, origin_text, paragraphs
from cambrian_desktop.views.genome_words import change_text, changes_text, gene_text, value_text

LANGUAGES = {"en": nullcontext, "zh_CN": in_chinese}
FACTS = {
    "regression": SpaceFacts("regression", 20_000, positive_target=True),
    "binary": SpaceFacts("binary", 20_000, objectives=("accuracy",)),
}
DRAWS = 60


@pytest.fixture(params=sorted(LANGUAGES))
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Any:
    with LANGUAGES[request.param]():
        yield request.param


@pytest.fixture(params=sorted(FACTS))
def space(request: pytest.FixtureRequest) -> SearchSpace:
    return build_space(FACTS[request.param])


def text_of(genome: Genome) -> str:
    return "\n".join(paragraph.text for paragraph in paragraphs(genome, genome.active))


def genomes(space: SearchSpace) -> list[Genome]:
    rng = np.random.default_rng(7)
    return [*(genome for _, genome in known_good(space)), *(space.draw(rng) for _ in range(DRAWS))]


def test_inactive_genes_are_not_mentioned(language: str, space: SearchSpace) -> None:
    rng = np.random.default_rng(8)
    for genome in genomes(space):
        other = space.draw(rng)
        mixed = {name: genome[name] if name in genome.active else other[name] for name in genome}
        assert text_of(space.genome(mixed)) == text_of(genome)


def test_every_active_gene_is_told(language: str, space: SearchSpace) -> None:
    """Another value of any active gene gives other sentences."""
    for genome in genomes(space):
        for gene in space.genes:
            if gene.name not in genome.active or gene.fixed:
                continue
            for value in gene.choices or [far_from(gene, genome[gene.name])]:
                changed = space.genome({**genome, gene.name: value})
                same_shape = gene.name == "shape" and layer_widths(changed) == layer_widths(genome)
                if value != genome[gene.name] and not same_shape:
                    assert text_of(changed) != text_of(genome), (gene.name, value)


def far_from(gene: Gene, value: Any) -> Any:
    """The end of a gene's range that is farther from the value: words round."""
    return gene.decode(0.0 if gene.encode(value) > 0.5 else 1.0)


def test_no_sentence_has_a_hole(language: str, space: SearchSpace) -> None:
    for genome in genomes(space):
        text = text_of(genome)
        assert "{" not in text
        assert "}" not in text
        assert "_" not in text
        assert all(paragraph.title and paragraph.text for paragraph in paragraphs(genome, genome.active))
        if language == "zh_CN":
            assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", text), text


def test_a_genome_of_the_books(qapp: QApplication) -> None:
    space = build_space(FACTS["binary"])
    genome = space.genome(
        {
            "layers": 3,
            "width_1": 128,
            "shape": "funnel",
            "activation": "relu",
            "optimizer": "sgd_nesterov",
            "lr_sgd": 0.05,
            "momentum": 0.9,
            "schedule": "one_cycle",
            "cycle_warmup": 0.3,
            "dropout": 0.15,
            "weight_decay": 0.0,
            "gradient_clip": "none",
        }
    )
    network, learning, restraint, _ = paragraphs(genome, genome.active)
    assert network.sentences[0] == (
        "A funnel of 3 hidden layers, 128 – 64 – 32 units, with the activation ReLU."
    )
    assert learning.sentences[0] == (
        "Stochastic gradient descent with learning rate 0.05 and Nesterov momentum 0.9, "
        "on batches of 256 rows."
    )
    assert "rises for the first 30% of training" in learning.text
    assert restraint.text == "15% of the hidden units are dropped at random."
    assert network_line(genome) == "128×64×32 ReLU, Nesterov SGD"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change("lr", 0.021, 0.034), "learning rate 0.021 → 0.034"),
        (Change("lr", 0.0210001, 0.0210002), "learning rate 0.0210001 → 0.0210002"),
        (Change("dropout", 0.1, 0.05), "dropout 10% → 5%"),
        (Change("width_1", 192, 224), "width of layer 1 192 → 224"),
        (Change("activation", "leaky_relu", "gelu"), "activation leaky ReLU → GELU"),
        (Change("residual", False, True), "skip connections off → on"),
        (Change("normalisation", "none", "batch"), "normalisation off → batch norm"),
        (Change("momentum", None, 0.9), "momentum 0.9"),
    ],
)
def test_changes_in_words(qapp: QApplication, change: Change, said: str) -> None:
    assert change_text(change) == said


def test_a_change_in_chinese(qapp: QApplication) -> None:
    with in_chinese():
        assert change_text(Change("lr", 0.021, 0.034)) == "学习率 0.021 → 0.034"


def test_many_changes_are_counted(qapp: QApplication) -> None:
    changes = [Change("lr", 0.1, 0.2), Change("epochs", 8, 16), Change("l2", 0.0, 1e-5)]
    assert changes_text(changes, 2) == "learning rate 0.1 → 0.2, epochs 8 → 16 and 1 more"
    assert changes_text(changes[:2], 2) == "learning rate 0.1 → 0.2, epochs 8 → 16"


def test_every_gene_and_choice_has_a_name(language: str, space: SearchSpace) -> None:
    for gene in space.genes:
        assert "_" not in gene_text(gene.name), gene.name
        assert language == "en" or gene.name == "dropout" or re.search(r"[一-鿿βγ]", gene_text(gene.name))
        for choice in gene.choices:
            if isinstance(choice, str):
                assert "_" not in value_text(gene.name, choice), choice


def test_an_unknown_origin_keeps_its_name(qapp: QApplication) -> None:
    assert origin_text("known-good: plain_mlp") == "a recipe known to do well: plain network"
    assert origin_text("a new operator") == "a new operator"
    assert change_text(Change("x_y", 1, 2)) == "x y 1 → 2"
