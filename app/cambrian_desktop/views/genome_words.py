"""Words for genes and their values, by which a change is told: 'learning rate 0.021 → 0.034'.

The English texts stand here marked for translation; they are translated when they are shown, so that the
language may change in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from cambrian.records import Change

_GENES: dict[str, object] = {
    "family": QT_TRANSLATE_NOOP("Genome", "family"),
    "numeric_prep": QT_TRANSLATE_NOOP("Genome", "scaling of numbers"),
    "max_one_hot": QT_TRANSLATE_NOOP("Genome", "categories with an input of their own"),
    "target_transform": QT_TRANSLATE_NOOP("Genome", "transform of the target"),
    "batch_size": QT_TRANSLATE_NOOP("Genome", "batch size"),
    "layers": QT_TRANSLATE_NOOP("Genome", "hidden layers"),
    "shape": QT_TRANSLATE_NOOP("Genome", "shape"),
    "activation": QT_TRANSLATE_NOOP("Genome", "activation"),
    "parametric": QT_TRANSLATE_NOOP("Genome", "learnt activation"),
    "normalisation": QT_TRANSLATE_NOOP("Genome", "normalisation"),
    "batch_momentum": QT_TRANSLATE_NOOP("Genome", "batch norm momentum"),
    "norm_eps": QT_TRANSLATE_NOOP("Genome", "norm epsilon"),
    "residual": QT_TRANSLATE_NOOP("Genome", "skip connections"),
    "init": QT_TRANSLATE_NOOP("Genome", "initial weights"),
    "init_gain": QT_TRANSLATE_NOOP("Genome", "initial gain"),
    "bias_init": QT_TRANSLATE_NOOP("Genome", "initial biases"),
    "optimizer": QT_TRANSLATE_NOOP("Genome", "optimizer"),
    "lr": QT_TRANSLATE_NOOP("Genome", "learning rate"),
    "lr_sgd": QT_TRANSLATE_NOOP("Genome", "learning rate"),
    "momentum": QT_TRANSLATE_NOOP("Genome", "momentum"),
    "beta1": QT_TRANSLATE_NOOP("Genome", "beta1"),
    "beta2": QT_TRANSLATE_NOOP("Genome", "beta2"),
    "adam_eps": QT_TRANSLATE_NOOP("Genome", "Adam's epsilon"),
    "rmsprop_alpha": QT_TRANSLATE_NOOP("Genome", "RMSprop's alpha"),
    "schedule": QT_TRANSLATE_NOOP("Genome", "schedule"),
    "time_k": QT_TRANSLATE_NOOP("Genome", "rate of decay"),
    "step_gamma": QT_TRANSLATE_NOOP("Genome", "factor of a step"),
    "step_every": QT_TRANSLATE_NOOP("Genome", "training between steps"),
    "exponential_ratio": QT_TRANSLATE_NOOP("Genome", "final learning rate"),
    "plateau_patience": QT_TRANSLATE_NOOP("Genome", "patience on a plateau"),
    "plateau_factor": QT_TRANSLATE_NOOP("Genome", "factor after a plateau"),
    "cycle_warmup": QT_TRANSLATE_NOOP("Genome", "rise of 1cycle"),
    "power_s": QT_TRANSLATE_NOOP("Genome", "time scale of decay"),
    "power_c": QT_TRANSLATE_NOOP("Genome", "exponent of decay"),
    "warmup": QT_TRANSLATE_NOOP("Genome", "warm-up"),
    "dropout": QT_TRANSLATE_NOOP("Genome", "dropout"),
    "dropout_schedule": QT_TRANSLATE_NOOP("Genome", "course of dropout"),
    "input_noise": QT_TRANSLATE_NOOP("Genome", "noise on the inputs"),
    "weight_decay": QT_TRANSLATE_NOOP("Genome", "weight decay"),
    "l2": QT_TRANSLATE_NOOP("Genome", "L2 penalty"),
    "l1": QT_TRANSLATE_NOOP("Genome", "L1 penalty"),
    "gradient_clip": QT_TRANSLATE_NOOP("Genome", "gradient clipping"),
    "clip_norm": QT_TRANSLATE_NOOP("Genome", "longest gradient"),
    "epochs": QT_TRANSLATE_NOOP("Genome", "epochs"),
    "patience": QT_TRANSLATE_NOOP("Genome", "patience"),
    "ema": QT_TRANSLATE_NOOP("Genome", "averaged weights"),
    "ema_decay": QT_TRANSLATE_NOOP("Genome", "decay of the average"),
    "loss": QT_TRANSLATE_NOOP("Genome", "loss"),
    "huber_delta": QT_TRANSLATE_NOOP("Genome", "Huber's threshold"),
    "focal_gamma": QT_TRANSLATE_NOOP("Genome", "focal gamma"),
    "label_smoothing": QT_TRANSLATE_NOOP("Genome", "label smoothing"),
}

# Names that are the same in every language (AdamW, ReLU) stand here too: one place to look.
_CHOICES: dict[tuple[str, str], object] = {
    ("numeric_prep", "standard"): QT_TRANSLATE_NOOP("Genome", "standardised"),
    ("numeric_prep", "robust_clip"): QT_TRANSLATE_NOOP("Genome", "robust, clipped"),
    ("numeric_prep", "quantile"): QT_TRANSLATE_NOOP("Genome", "by quantiles"),
    ("target_transform", "log"): QT_TRANSLATE_NOOP("Genome", "logarithm"),
    ("shape", "free"): QT_TRANSLATE_NOOP("Genome", "free"),
    ("shape", "brick"): QT_TRANSLATE_NOOP("Genome", "brick"),
    ("shape", "funnel"): QT_TRANSLATE_NOOP("Genome", "funnel"),
    ("shape", "diamond"): QT_TRANSLATE_NOOP("Genome", "diamond"),
    ("activation", "relu"): "ReLU",
    ("activation", "leaky_relu"): QT_TRANSLATE_NOOP("Genome", "leaky ReLU"),
    ("activation", "elu"): "ELU",
    ("activation", "selu"): "SELU",
    ("activation", "gelu"): "GELU",
    ("activation", "silu"): "SiLU",
    ("activation", "mish"): "Mish",
    ("activation", "tanh"): "tanh",
    ("activation", "sigmoid"): "sigmoid",
    ("normalisation", "batch"): QT_TRANSLATE_NOOP("Genome", "batch norm"),
    ("normalisation", "layer"): QT_TRANSLATE_NOOP("Genome", "layer norm"),
    ("init", "kaiming_uniform"): QT_TRANSLATE_NOOP("Genome", "Kaiming uniform"),
    ("init", "kaiming_normal"): QT_TRANSLATE_NOOP("Genome", "Kaiming normal"),
    ("init", "xavier"): "Xavier",
    ("init", "orthogonal"): QT_TRANSLATE_NOOP("Genome", "orthogonal"),
    ("init", "sparse"): QT_TRANSLATE_NOOP("Genome", "sparse"),
    ("init", "data_std"): QT_TRANSLATE_NOOP("Genome", "rescaled on the data"),
    ("bias_init", "zeros"): QT_TRANSLATE_NOOP("Genome", "zeros"),
    ("bias_init", "normal"): QT_TRANSLATE_NOOP("Genome", "normal"),
    ("bias_init", "torch"): QT_TRANSLATE_NOOP("Genome", "uniform"),
    ("bias_init", "he5"): QT_TRANSLATE_NOOP("Genome", "from data points"),
    ("optimizer", "sgd"): "SGD",
    ("optimizer", "sgd_nesterov"): "Nesterov SGD",
    ("optimizer", "rmsprop"): "RMSprop",
    ("optimizer", "adam"): "Adam",
    ("optimizer", "adamw"): "AdamW",
    ("schedule", "constant"): QT_TRANSLATE_NOOP("Genome", "constant"),
    ("schedule", "time"): QT_TRANSLATE_NOOP("Genome", "time-based decay"),
    ("schedule", "step"): QT_TRANSLATE_NOOP("Genome", "step decay"),
    ("schedule", "exponential"): QT_TRANSLATE_NOOP("Genome", "exponential decay"),
    ("schedule", "plateau"): QT_TRANSLATE_NOOP("Genome", "lower on plateaus"),
    ("schedule", "one_cycle"): "1cycle",
    ("schedule", "power"): QT_TRANSLATE_NOOP("Genome", "power decay"),
    ("schedule", "cosine"): QT_TRANSLATE_NOOP("Genome", "cosine"),
    ("schedule", "coslog4"): QT_TRANSLATE_NOOP("Genome", "four waves"),
    ("schedule", "flat_cosine"): QT_TRANSLATE_NOOP("Genome", "flat, then cosine"),
    ("dropout_schedule", "constant"): QT_TRANSLATE_NOOP("Genome", "constant"),
    ("dropout_schedule", "flat_cosine"): QT_TRANSLATE_NOOP("Genome", "fading"),
    ("gradient_clip", "norm"): QT_TRANSLATE_NOOP("Genome", "by length"),
    ("loss", "mse"): QT_TRANSLATE_NOOP("Genome", "squared error"),
    ("loss", "mae"): QT_TRANSLATE_NOOP("Genome", "absolute error"),
    ("loss", "huber"): QT_TRANSLATE_NOOP("Genome", "Huber's error"),
    ("loss", "cross_entropy"): QT_TRANSLATE_NOOP("Genome", "cross-entropy"),
    ("loss", "class_weighted"): QT_TRANSLATE_NOOP("Genome", "weighted cross-entropy"),
    ("loss", "focal"): QT_TRANSLATE_NOOP("Genome", "focal loss"),
    ("family", "mlp"): "MLP",
}

_SHARES = frozenset({"dropout", "step_every", "step_gamma", "exponential_ratio", "cycle_warmup", "warmup"})
"""Genes whose values are read best as per cent."""


def gene_text(gene: str) -> str:
    """What a gene is called; an unknown one keeps its name, without underscores."""
    if gene.startswith("width_"):
        return QCoreApplication.translate("Genome", "width of layer {number}").format(number=gene[6:])
    known = _GENES.get(gene)
    return _translated(known) if known else gene.replace("_", " ")


def value_text(gene: str, value: Any, digits: int = 3) -> str:
    """A gene's value as people say it; None, where the gene was not active, is a dash.

    Args:
        gene: Whose value it is.
        value: As in the genome.
        digits: Significant ones of a number that is no whole one.
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return on_text() if value else off_text()
    if isinstance(value, str):
        known = _CHOICES.get((gene, value))
        return _translated(known) if known else (off_text() if value == "none" else value.replace("_", " "))
    if gene in _SHARES:
        return percent_text(value, digits)
    return number_text(value, digits)


def change_text(change: Change) -> str:
    """One changed gene, such as 'learning rate 0.021 → 0.034'."""
    if change.before is None:  # it was not there: an arrow from nothing says nothing
        return f"{gene_text(change.gene)} {value_text(change.gene, change.after)}"
    before, after = _told_apart(change)
    return f"{gene_text(change.gene)} {before} → {after}"


def _told_apart(change: Change) -> tuple[str, str]:
    """Both values with as many digits as it takes to see the difference."""
    before = after = ""
    for digits in range(3, 13):
        before, after = (value_text(change.gene, each, digits) for each in (change.before, change.after))
        if before != after:
            break
    return before, after


def changes_text(changes: Iterable[Change], limit: int | None = None) -> str:
    """The changed genes in a line; after `limit` of them how many more there are."""
    found = [change_text(each) for each in changes]
    shown = found if limit is None else found[:limit]
    line = separator().join(shown)
    if more := len(found) - len(shown):
        line += QCoreApplication.translate("Genome", " and {count} more").format(count=more)
    return line


def number_text(value: float, digits: int = 3) -> str:
    """A number with so many significant digits; whole ones as they are."""
    return str(value) if isinstance(value, int) else f"{value:.{digits}g}"


def percent_text(share: float, digits: int = 3) -> str:
    """A share of 1 as per cent, with so many significant digits."""
    return f"{100 * share:.{digits}g}%"


def separator() -> str:
    """What stands between the items of a list in a line."""
    return QCoreApplication.translate("Genome", ", ")


def on_text() -> str:
    """What is switched on."""
    return QCoreApplication.translate("Genome", "on")


def off_text() -> str:
    """What is switched off."""
    return QCoreApplication.translate("Genome", "off")


def _translated(marked: object) -> str:
    return QCoreApplication.translate("Genome", str(marked))
