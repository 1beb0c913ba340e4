"""Genomes of the family `mlp` that are known to do well, with their sources: the seeds of generation 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace


@dataclass(frozen=True, slots=True)
class _Recipe:
    """A named genome: what differs from the space's defaults, and where it is recommended.

    `width` is a factor on the default width; `regression` and `classification` hold what depends on the task.
    """

    name: str
    source: str
    genes: Mapping[str, Any]
    width: float = 1.0
    classification: Mapping[str, Any] | None = None
    regression: Mapping[str, Any] | None = None


_NO_PENALTY = {"weight_decay": 0.0, "dropout": 0.0}
_NESTEROV_ONE_CYCLE = {
    "optimizer": "sgd_nesterov",
    "lr_sgd": 0.05,
    "momentum": 0.9,
    "schedule": "one_cycle",
    "cycle_warmup": 0.3,
}

# In the order in which generation 0 opens their species.
_RECIPES = (
    _Recipe(
        "plain_mlp",
        "RTDL (Gorishniy et al. 2021), MLP with AdamW",
        {
            "activation": "relu",
            "numeric_prep": "quantile",
            "layers": 3,
            "dropout": 0.1,
            "schedule": "constant",
        },
    ),
    _Recipe(
        "realmlp_simple",
        "RealMLP-TD-S (Holzmueller et al. 2024; pytabkit) without embeddings",
        {
            "numeric_prep": "robust_clip",
            "layers": 3,
            "parametric": True,
            "init": "data_std",
            "bias_init": "he5",
            "optimizer": "adamw",
            "beta2": 0.95,
            "schedule": "coslog4",
            "dropout": 0.15,
            "dropout_schedule": "flat_cosine",
            "weight_decay": 0.02,
            "gradient_clip": "none",
            "batch_size": 256,
            "epochs": 256,
            "patience": 64,
        },
        width=2.0,
        # The NTK learning rates 0.04 and 0.2 over sqrt(256): NTK layers divide by the root of the fan-in.
        classification={"activation": "selu", "lr": 0.0025, "label_smoothing": 0.1},
        regression={"activation": "mish", "lr": 0.01},
    ),
    _Recipe(
        "tabm_mlp",
        "TabM (Gorishniy et al. 2024), the paper's plain MLP",
        {
            "activation": "relu",
            "numeric_prep": "quantile",
            "layers": 3,
            "dropout": 0.1,
            "lr": 2e-3,
            "weight_decay": 3e-4,
            "schedule": "constant",
            "patience": 16,
        },
        width=2.0,
    ),
    _Recipe(
        "textbook_elu",
        "Geron 2019, ch. 11: He initialisation, ELU, batch norm, Nesterov momentum, 1cycle",
        {
            "activation": "elu",
            "numeric_prep": "standard",
            "normalisation": "batch",
            "batch_momentum": 0.01,
            "norm_eps": 1e-3,
            "init": "kaiming_normal",
            "bias_init": "zeros",
            **_NESTEROV_ONE_CYCLE,
            **_NO_PENALTY,
        },
    ),
    _Recipe(
        "textbook_selu",
        "Geron 2019, ch. 11: self-normalising net; LeCun initialisation is He with gain sqrt(1/2)",
        {
            "activation": "selu",
            "numeric_prep": "standard",
            "layers": 4,
            "init": "kaiming_normal",
            "init_gain": 0.707106781187,
            "bias_init": "zeros",
            **_NESTEROV_ONE_CYCLE,
            **_NO_PENALTY,
        },
    ),
    _Recipe(
        "textbook_adam",
        "Ng, Deep Learning course 2: Adam defaults, He initialisation, ReLU, time-based decay, L2",
        {
            "activation": "relu",
            "numeric_prep": "standard",
            "layers": 2,
            "init": "kaiming_normal",
            "bias_init": "zeros",
            "optimizer": "adam",
            "schedule": "time",
            "l2": 1e-4,
            "gradient_clip": "none",
            **_NO_PENALTY,
        },
    ),
    _Recipe(
        "resnet",
        "RTDL (Gorishniy et al. 2021), ResNet: batch norm and skip connections",
        {
            "activation": "relu",
            "numeric_prep": "quantile",
            "layers": 5,
            "normalisation": "batch",
            "residual": True,
            "init": "kaiming_normal",
            "dropout": 0.2,
            "weight_decay": 3e-4,
        },
    ),
    _Recipe(
        "linear",
        "textbook: linear or softmax regression",
        {
            "numeric_prep": "standard",
            "layers": 0,
            "lr": 1e-2,
            "weight_decay": 0.0,
            "l2": 1e-4,
            "init": "xavier",
            "bias_init": "zeros",
        },
    ),
    _Recipe(
        "small",
        "proposal: half the width, one layer fewer, for few rows",
        {"activation": "silu", "layers": 2, "dropout": 0.2, "weight_decay": 1e-2},
        width=0.5,
    ),
    _Recipe(
        "large",
        "proposal: twice the width, one layer more, for many rows",
        {"activation": "gelu", "layers": 4, "dropout": 0.1, "normalisation": "layer", "residual": True},
        width=2.0,
    ),
    _Recipe(
        "autogluon_mlp",
        "AutoGluon's torch MLP: four layers, Adam with a small learning rate",
        {
            "activation": "relu",
            "numeric_prep": "quantile",
            "layers": 4,
            "dropout": 0.1,
            "optimizer": "adam",
            "lr": 3e-4,
            "weight_decay": 0.0,
            "l2": 1e-6,
            "schedule": "constant",
        },
    ),
)


def known_good(space: SearchSpace) -> tuple[tuple[str, Genome], ...]:
    """Named genomes, the most promising first, moved into the ranges of the space; no two are equal.

    Fewer than all are given only where a narrow space makes some of them the same.
    """
    regression = "huber_delta" in space
    found: dict[Genome, str] = {}
    for recipe in _RECIPES:
        by_task = recipe.regression if regression else recipe.classification
        width = recipe.width * space.gene("width_1").default
        genome = space.nearest(_filled(space, {"shape": "brick", **recipe.genes, **(by_task or {})}, width))
        found.setdefault(genome, recipe.name)
    return tuple((name, genome) for genome, name in found.items())


def known_good_sources() -> dict[str, str]:
    """Where each of the known-good genomes comes from."""
    return {recipe.name: recipe.source for recipe in _RECIPES}


def _filled(space: SearchSpace, genes: Mapping[str, Any], width: float) -> dict[str, Any]:
    widths = {gene.name: width for gene in space.genes if gene.name.startswith("width_")}
    return {**widths, **genes}
