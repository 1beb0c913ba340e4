"""The family `mlp`: a plain multi-layer perceptron and everything about its training.

This module gathers the family: its genes (`mlp_network`, `mlp_optimizer`, `mlp_training`), how presets change
them (`mlp_presets`) and how far a user may (`mlp_limits`), the widths they mean (`mlp_widths`) and genomes
known to do well (`mlp_known_good`). An inactive gene is never read by a model
or a trainer: genomes with equal active genes train alike.
"""

from __future__ import annotations

from cambrian.space.facts import SpaceFacts
from cambrian.space.families.mlp_known_good import known_good, known_good_sources
from cambrian.space.families.mlp_limits import limits, roomy, settled
from cambrian.space.families.mlp_network import network_genes, prep_genes
from cambrian.space.families.mlp_optimizer import OPTIMIZER_GENES, SCHEDULE_GENES
from cambrian.space.families.mlp_presets import preset_genes
from cambrian.space.families.mlp_training import loss_genes, training_genes
from cambrian.space.families.mlp_widths import (
    adopt_species,
    bucket_key,
    inheritable,
    layer_widths,
    padded_width,
    padded_widths,
    species,
)
from cambrian.space.genes import Gene

__all__ = [
    "adopt_species",
    "bucket_key",
    "genes",
    "inheritable",
    "known_good",
    "known_good_sources",
    "layer_widths",
    "limits",
    "padded_width",
    "padded_widths",
    "preset",
    "roomy",
    "settled",
    "species",
]


def genes(facts: SpaceFacts) -> tuple[Gene, ...]:
    """The genes of the family with ranges resolved for these facts (preset `standard`)."""
    return (
        *prep_genes(facts),
        *network_genes(facts),
        *OPTIMIZER_GENES,
        *SCHEDULE_GENES,
        *training_genes(facts),
        *loss_genes(facts),
    )


def preset(name: str, facts: SpaceFacts) -> tuple[Gene, ...]:
    """The genes of the family as a preset has them."""
    return preset_genes(name, genes(facts), facts)
