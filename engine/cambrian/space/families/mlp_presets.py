"""The presets of the family `mlp`, as tables of what differs from `standard`.

`quick` searches the dozen genes that matter most, for the first minutes; `thorough` has wider ranges, for a
long night; `textbook` is what the textbooks teach, for those who learn or teach with Cambrian. All have the
same genes in the same order: what a preset does not search is fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cambrian.space.facts import ROWS_PER_EPOCH, SpaceFacts
from cambrian.space.families.mlp_widths import MAX_LAYERS
from cambrian.space.genes import Gene

Change = Callable[[Gene], Gene]
Changes = Mapping[str, Change]

_MATTERS_LESS = "proposal: matters less than what quick searches"
_WIDER = "wider than standard, proposal"
_TEXTBOOK = "textbook"
_NOT_TAUGHT = "not in the textbooks' list"
TEXTBOOK_BATCHES = (1, 32, 64, 128, 1024)


def preset_genes(preset: str, genes: tuple[Gene, ...], facts: SpaceFacts) -> tuple[Gene, ...]:
    """The genes of `standard` as this preset has them, in their order."""
    changes = PRESETS[preset](facts)
    return tuple(changes[gene.name](gene) if gene.name in changes else gene for gene in genes)


def _fixed(value: Any, source: str) -> Change:
    return lambda gene: replace(gene.fix(value), source=source)


def _at_default(source: str) -> Change:
    return lambda gene: replace(gene.fix(gene.default), source=source)


def _range(low: float, high: float, source: str, **fields: Any) -> Change:
    """Another range; the default is given or moves into it."""

    def change(gene: Gene) -> Gene:
        default = fields.get("default", min(max(gene.default, low), high) if gene.default else gene.default)
        return replace(gene, **{"low": low, "high": high, **fields, "default": default, "source": source})

    return change


def _among(*choices: Any, source: str, default: Any = None) -> Change:
    """Other choices; the gene's default stays where it is one of them and no other is given."""

    def change(gene: Gene) -> Gene:
        kept = gene.default if default is None and gene.default in choices else default
        return replace(gene, choices=choices, default=choices[0] if kept is None else kept, source=source)

    return change


def _batches(sizes: tuple[int, ...], source: str) -> Change:
    def change(gene: Gene) -> Gene:
        default = min(sizes, key=lambda size: abs(size - gene.default))
        return replace(gene, choices=sizes, default=default, source=source)

    return change


def _most_rows(facts: SpaceFacts) -> int:
    """The rows of an epoch: a batch of them is the full batch."""
    return min(facts.rows, facts.rows_per_epoch or ROWS_PER_EPOCH)


def _standard(facts: SpaceFacts) -> Changes:
    return {}


_FIXED_IN_QUICK = """
max_one_hot target_transform shape parametric normalisation residual init init_gain bias_init
beta1 adam_eps dropout_schedule input_noise l2 l1 gradient_clip clip_norm patience ema loss label_smoothing
"""
"""At the standard's defaults; what counts only with another choice than these needs no mention."""


def _quick(facts: SpaceFacts) -> Changes:
    low, high = (64, 256) if facts.device == "cpu" else (128, 512)
    best = "mish" if facts.task == "regression" else "selu"

    def batches(gene: Gene) -> Gene:
        sizes = tuple(size for size in gene.choices if gene.default // 2 <= size <= gene.default * 2)
        return _batches(sizes, "half to twice AutoGluon's for these rows")(gene)

    return {
        **{name: _at_default(_MATTERS_LESS) for name in _FIXED_IN_QUICK.split()},
        "batch_size": batches,
        "layers": _range(1, 4, "the middle of 86 TPE runs on tables is 4, tabm 3"),
        "width_1": _range(low, high, "the optimum is flat in width (86 TPE runs on tables)"),
        "activation": _among("relu", best, source="pytabkit's and the plain one", default=best),
        "optimizer": _fixed("adamw", "tabm, RTDL"),
        "lr": _range(3e-4, 1e-2, "the middle of 86 TPE runs on tables is 4e-4"),
        "beta2": _range(0.95, 0.999, "pytabkit 0.95, textbook 0.999"),
        "schedule": _among("constant", "coslog4", "flat_cosine", source="tabm, pytabkit"),
        "dropout": _range(0.0, 0.3, "exactly 0 in 40% of 86 TPE runs on tables"),
        "weight_decay": _range(1e-4, 3e-2, "tabm 3e-4, pytabkit 0.02"),
    }


def _thorough(facts: SpaceFacts) -> Changes:
    powers = tuple(1 << power for power in range(13) if 1 << power <= _most_rows(facts))
    # Up to the upper quarter of 86 TPE runs on tables (800 units) on a CPU, twice the standard on a GPU.
    widest = 768 if facts.device == "cpu" else 2048
    widths = {
        f"width_{layer}": _range(16, widest, f"{_WIDER}; 86 TPE runs on tables chose 320 to 800")
        for layer in range(1, MAX_LAYERS + 1)
    }
    return {
        **widths,
        "batch_size": _batches(powers, "textbook: 1 to 4096, powers of two"),
        "init_gain": _range(0.25, 4.0, _WIDER),
        "lr": _range(1e-5, 1e-1, f"{_WIDER}; textbook 1e-4 to 1"),
        "lr_sgd": _range(1e-4, 1.0, "textbook: 1e-4 to 1"),
        "momentum": _range(0.5, 0.999, f"{_WIDER}; textbook: b = 1 - 10^r"),
        "beta1": _range(0.5, 0.99, _WIDER),
        "beta2": _range(0.9, 0.9999, _WIDER),
        "adam_eps": _range(1e-10, 1e-3, _WIDER),
        "time_k": _range(0.01, 100.0, _WIDER),
        "step_gamma": _range(0.03, 0.95, _WIDER),
        "plateau_patience": _range(1, 50, _WIDER),
        "cycle_warmup": _range(0.05, 0.5, _WIDER),
        "power_s": _range(0.01, 1.0, _WIDER),
        "power_c": _range(0.25, 4.0, _WIDER),
        "warmup": _range(0.0, 0.3, _WIDER),
        "dropout": _range(0.0, 0.7, f"{_WIDER}; AutoGluon has up to 0.7 for embeddings"),
        "input_noise": _range(1e-3, 1.0, _WIDER),
        "weight_decay": _range(1e-5, 1.0, _WIDER),
        "l2": _range(1e-8, 1e-1, f"{_WIDER}; textbook 1e-3 and 1e-2 inside"),
        "l1": _range(1e-8, 1e-1, f"{_WIDER}; textbook 1e-3 and 1e-2 inside"),
        "clip_norm": _range(0.03, 30.0, _WIDER),
        "epochs": _range(min(4, facts.epochs), min(1024, facts.epochs), _WIDER),
        "patience": _range(2, 128, _WIDER),
        "ema_decay": _range(0.8, 0.9999, _WIDER),
    }


_FIXED_IN_TEXTBOOK = """
max_one_hot target_transform parametric batch_momentum residual dropout_schedule ema label_smoothing
"""


def _textbook(facts: SpaceFacts) -> Changes:
    full = _most_rows(facts)
    sizes = (*(size for size in TEXTBOOK_BATCHES if size < full), full)
    least = 16 if facts.device == "cpu" else 64
    return {
        "numeric_prep": lambda gene: (
            gene if gene.fixed else _fixed("standard", "textbook: mean 0, spread 1")(gene)
        ),
        "batch_size": _batches(sizes, "textbook: 1, 32, 64, 128, 1024 and the full batch"),
        "layers": _range(1, 4, _TEXTBOOK, default=2),
        "shape": _fixed("free", "textbook: the units of each layer"),
        # Never reached by 4 layers; different ones would be species that train alike.
        **{f"width_{layer}": _fixed(least, "textbook: at most 4 layers") for layer in (5, 6)},
        "activation": _among("relu", "sigmoid", "tanh", source=_TEXTBOOK),
        "normalisation": _among("none", "batch", source="textbook: batch norm on or off"),
        "init": _among("kaiming_uniform", "kaiming_normal", "xavier", source="textbook: He, Glorot"),
        "init_gain": lambda gene: replace(gene, source="textbook: LeCun's is He's with gain sqrt(1/2)"),
        "bias_init": _fixed("zeros", _TEXTBOOK),
        "optimizer": _among(
            "sgd", "rmsprop", "adam", source="textbook: SGD, momentum, RMSprop, Adam", default="adam"
        ),
        "lr": _range(1e-4, 1.0, "textbook: 1e-4 to 1"),
        "lr_sgd": _range(1e-4, 1.0, "textbook: 1e-4 to 1"),
        # SGD and momentum are two optimizers of the textbooks: momentum 0 is the plain one.
        "momentum": _range(
            0.9,
            0.999,
            "textbook: none, or b = 1 - 10^r with r in -3..-1",
            kind="zero_or_one_minus_log",
            p_zero=0.5,
        ),
        "rmsprop_alpha": _fixed(0.9, "Geron 2019, ch. 11: 0.9 works well"),
        "schedule": _among(
            *("time", "step", "exponential", "plateau", "one_cycle", "power"),
            source=_TEXTBOOK,
            default="one_cycle",
        ),
        "l2": _range(1e-5, 1e-1, "textbook: 1e-3 and 1e-2 inside"),
        "l1": _range(1e-5, 1e-1, "textbook: 1e-3 and 1e-2 inside"),
        "weight_decay": _fixed(0.0, f"{_NOT_TAUGHT}; L2 is"),
        "gradient_clip": _fixed("none", _NOT_TAUGHT),
        "epochs": _range(min(10, facts.epochs), min(500, facts.epochs), "textbook: 10 to 500"),
        **{name: _at_default(_NOT_TAUGHT) for name in _FIXED_IN_TEXTBOOK.split()},
    }


PRESETS: Mapping[str, Callable[[SpaceFacts], Changes]] = {
    "quick": _quick,
    "standard": _standard,
    "thorough": _thorough,
    "textbook": _textbook,
}
"""From facts to what differs from `standard`, by gene."""
