"""How far each gene of the family `mlp` may be set by a user, why no further, and what switches it off.

The presets stay within what is known to help; these are the ends of what trains at all. Where nothing in the
engine ends a range, it ends where a step would be lost in float32 or a network diverge in its first epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cambrian.padding import STEP
from cambrian.space.facts import ROWS_PER_EPOCH, SpaceFacts
from cambrian.space.families.mlp_training import ACCURACY_LIKE
from cambrian.space.families.mlp_widths import MAX_LAYERS
from cambrian.space.genes import Gene
from cambrian.space.limits import Limits

MOST_EPOCHS = 10_000
_TINY = 1e-12
_RATE = "smaller steps are lost in float32, larger ones diverge at once"
_PART_OF_TRAINING = "it is a part of the training, and the rest of the curve needs some of it too"
_CHOICE = "the engine has no other"
_FIX = "Fix it at one value, or leave it out."
_BY_SCHEDULE = "Switch off schedule, or leave this schedule out of its choices."


def _choice(off: object = None, *, why: str = _CHOICE, instead: str = "") -> Limits:
    return Limits(why, off=off, instead=instead or ("" if off is not None else _FIX))


_NETWORK = {
    "family": _choice(),
    "numeric_prep": _choice(why="numbers are always scaled, for no network learns from columns in euros"),
    "max_one_hot": Limits("each category is an input of its own", 1, 1000, instead=_FIX),
    "layers": Limits("every layer's width is a gene, and there are six", 0, MAX_LAYERS, off=0),
    "shape": _choice(),
    "activation": _choice(instead="Fix layers at 0: a network without hidden layers has no activation."),
    "parametric": _choice(False),
    "normalisation": _choice("none"),
    "batch_momentum": Limits("it is a share", 1e-6, 1.0, instead="Leave batch out of normalisation."),
    "norm_eps": Limits(
        "smaller ones are lost in float32, larger ones undo the norm",
        _TINY,
        1.0,
        instead="Switch off normalisation.",
    ),
    "residual": _choice(False),
    "init": _choice(),
    "init_gain": Limits("weights beyond start dead or saturated", 0.01, 100.0, off=1.0),
    "bias_init": _choice("zeros"),
}

_OPTIMIZER = {
    "optimizer": _choice(),
    "lr": Limits(_RATE, 1e-8, 10.0, instead=_FIX),
    "lr_sgd": Limits(_RATE, 1e-8, 100.0, instead=_FIX),
    "momentum": Limits("of the last step only a share below 1 can be kept", 0.0, 0.9999, off=0.0),
    "beta1": Limits("an average that never forgets learns nothing", 0.0, 0.9999, off=0.0),
    "beta2": Limits("an average that never forgets learns nothing", 0.1, 0.999999, instead=_FIX),
    "adam_eps": Limits(
        "smaller ones are lost, larger ones outweigh every gradient", _TINY, 1.0, instead=_FIX
    ),
    "rmsprop_alpha": Limits("an average that never forgets learns nothing", 0.0, 0.9999, instead=_FIX),
    "schedule": _choice("constant"),
    "time_k": Limits("beyond, the rate stays as it is or falls at once", 1e-3, 100.0, instead=_BY_SCHEDULE),
    "step_gamma": Limits("it is a share of the rate", 1e-3, 1.0, instead=_BY_SCHEDULE),
    "step_every": Limits("it is a part of the training", 1e-3, 1.0, instead=_BY_SCHEDULE),
    "exponential_ratio": Limits("it is a share of the rate", 1e-8, 1.0, instead=_BY_SCHEDULE),
    "plateau_patience": Limits("no training has more epochs", 0, MOST_EPOCHS, instead=_BY_SCHEDULE),
    "plateau_factor": Limits("it is a share of the rate", 0.01, 1.0, instead=_BY_SCHEDULE),
    "cycle_warmup": Limits(_PART_OF_TRAINING, 0.0, 0.99, off=0.0),
    "power_s": Limits("beyond, the rate stays as it is or falls at once", 1e-3, 100.0, instead=_BY_SCHEDULE),
    "power_c": Limits("beyond, the rate falls to nothing at once", 0.0, 100.0, instead=_BY_SCHEDULE),
    "warmup": Limits(_PART_OF_TRAINING, 0.0, 0.99, off=0.0),
}

_TRAINING = {
    "dropout": Limits("of a layer some units must be left", 0.0, 0.95, off=0.0),
    "dropout_schedule": _choice("constant"),
    "input_noise": Limits("the inputs have a spread of about 1", 0.0, 10.0, off=0.0),
    "weight_decay": Limits("a step would turn weights around", 0.0, 10.0, off=0.0),
    "l2": Limits("the penalty would be all that is learnt", 0.0, 10.0, off=0.0),
    "l1": Limits("the penalty would be all that is learnt", 0.0, 10.0, off=0.0),
    "gradient_clip": _choice("none"),
    "clip_norm": Limits(
        "smaller gradients learn nothing, larger ones never occur",
        1e-3,
        100.0,
        instead="Switch off gradient_clip.",
    ),
    "epochs": Limits("an overnight run trains no longer", 1, MOST_EPOCHS, instead=_FIX),
    "patience": Limits("no training has more epochs", 1, MOST_EPOCHS, off=MOST_EPOCHS),
    "ema": _choice(False),
    "ema_decay": Limits(
        "an average that never forgets learns nothing", 0.0, 0.99999, instead="Switch off ema."
    ),
    "loss": _choice(why="the task has no other"),
    "focal_gamma": Limits(
        "beyond, all but the worst rows are ignored", 0.01, 20.0, instead="Choose another loss."
    ),
    "huber_delta": Limits(
        "it counts standard deviations of the target", 1e-3, 100.0, instead="Choose another loss."
    ),
    "label_smoothing": Limits("of a label some share must be its own", 0.0, 0.9, off=0.0),
}

_WIDTH = Limits(
    f"layers are padded to multiples of {STEP}, and their products to the memory that there is",
    STEP,
    4096,
    instead="Set layers to fewer.",
    listed=False,  # a species pads widths within steps of a range (`mlp_widths.adopt_species`)
)
_WIDTHS = {f"width_{layer}": _WIDTH for layer in range(1, MAX_LAYERS + 1)}


def limits(facts: SpaceFacts) -> Mapping[str, Limits]:
    """The limits of every gene that any task has."""
    return {
        **_NETWORK,
        **_WIDTHS,
        **_OPTIMIZER,
        **_TRAINING,
        "target_transform": _choice("none", why="log needs a regression whose targets are all above 0"),
        "batch_size": _batch_size(facts.rows),
    }


def _batch_size(rows: int) -> Limits:
    few = rows < ROWS_PER_EPOCH
    why = f"a fold has {rows} training rows here" if few else f"an epoch has at most {ROWS_PER_EPOCH} rows"
    return Limits(why, 1, min(rows, ROWS_PER_EPOCH), instead="Fix it at one value.")


def settled(gene: Gene, facts: SpaceFacts) -> Gene:
    """A gene that a user has changed, without values that mean the same network on this data."""
    match gene.name:
        case "numeric_prep" if not facts.scaled_numbers:
            return gene.fix(gene.default)
        case "max_one_hot" if facts.most_categories is not None:
            return gene.narrowed(gene.low, max(gene.low, facts.most_categories))
        case "loss" if facts.balanced_classes and {"cross_entropy", "class_weighted"} <= set(gene.choices):
            kept = tuple(choice for choice in gene.choices if choice != "class_weighted")
            return replace(gene, choices=kept, default=gene.default if gene.default in kept else kept[0])
        case "batch_size":
            return _within_an_epoch(gene, facts.rows_per_epoch or facts.rows)
        case "epochs":
            low, high = min(gene.low, facts.epochs), min(gene.high, facts.epochs)
            return _capped(gene, low, high)
    return gene


def roomy(facts: SpaceFacts) -> SpaceFacts:
    """The facts under which every gene that the task has is searched, in its whole range."""
    objectives = tuple(sorted(ACCURACY_LIKE)) if facts.task != "regression" else facts.objectives
    return replace(
        facts,
        epochs=MOST_EPOCHS,
        objectives=objectives,
        scaled_numbers=True,
        balanced_classes=False,
        most_categories=None,
    )


def _within_an_epoch(gene: Gene, rows: int) -> Gene:
    """Batches that a shorter epoch ends are batches of its length."""
    sizes = tuple(sorted({min(size, rows) for size in gene.choices}))
    return replace(gene, choices=sizes, default=min(gene.default, rows))


def _capped(gene: Gene, low: float, high: float) -> Gene:
    if gene.choices:
        choices = tuple(sorted({int(min(choice, high)) for choice in gene.choices}))
        return replace(gene, choices=choices, default=min(gene.default, int(high)))
    return replace(gene, low=low, high=high, default=min(gene.default, int(high)))
