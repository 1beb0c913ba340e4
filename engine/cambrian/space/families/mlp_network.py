"""Genes of the network itself: data preparation, layers, activation, normalisation, initialisation."""

from __future__ import annotations

from cambrian.padding import STEP
from cambrian.space.facts import SpaceFacts
from cambrian.space.families.mlp_widths import MAX_LAYERS
from cambrian.space.genes import Condition, Gene

HAS_LAYER = Condition("layers", at_least=1)
_NORMALISED = Condition("normalisation", values=("batch", "layer"))

_ACTIVATION_GENES = (
    Gene(
        "parametric",
        "categorical",
        False,
        choices=(False, True),
        when=(HAS_LAYER,),
        group="activation",
        source="pytabkit (RealMLP)",
        help="Let every unit learn how much of the activation it applies: a * act(x) + (1 - a) * x.",
    ),
    Gene(
        "normalisation",
        "categorical",
        "none",
        choices=("none", "batch", "layer"),
        when=(HAS_LAYER,),
        source="textbook; RTDL",
        help="Normalise each hidden layer's sums over the batch or over the layer's units.",
    ),
    Gene(
        "batch_momentum",
        "log",
        0.1,
        0.01,
        0.5,
        when=(Condition("normalisation", values=("batch",)),),
        group="normalisation",
        source="textbook; RTDL",
        help="How fast batch normalisation's running statistics follow the latest batch.",
    ),
    Gene(
        "norm_eps",
        "log",
        1e-5,
        1e-6,
        1e-2,
        when=(_NORMALISED,),
        group="normalisation",
        source="textbook",
        help="Small number added to the variance before normalisation divides by it.",
    ),
    Gene(
        "residual",
        "categorical",
        False,
        choices=(False, True),
        when=(Condition("layers", at_least=2),),
        source="Kadra 2021",
        help="Add a hidden layer's input to its output where both layers are equally wide.",
    ),
)

_INIT_GENES = (
    Gene(
        "init",
        "categorical",
        "kaiming_uniform",
        choices=("kaiming_uniform", "kaiming_normal", "xavier", "orthogonal", "sparse", "data_std"),
        source="textbook; Auto-PyTorch; pytabkit (data_std)",
        help="How weights are drawn before training; data_std rescales them on a batch of the data.",
    ),
    Gene(
        "init_gain",
        "log",
        1.0,
        0.5,
        2.0,
        group="init",
        source="Auto-PyTorch",
        help="Factor on the spread of the initial weights.",
    ),
    Gene(
        "bias_init",
        "categorical",
        "torch",
        choices=("zeros", "normal", "torch", "he5"),
        group="init",
        source="pytabkit (he5); PyTorch",
        help="How biases are set before training.",
    ),
)


_NUMERIC_PREP = Gene(
    "numeric_prep",
    "categorical",
    "robust_clip",
    choices=("standard", "robust_clip", "quantile"),
    where="prep",
    source="pytabkit (robust_clip); tabm (quantile)",
    help="How numeric columns are scaled.",
)


def prep_genes(facts: SpaceFacts) -> tuple[Gene, ...]:
    """The family and how columns become numbers."""
    logs = facts.task == "regression" and facts.positive_target
    return (
        Gene(
            "family",
            "categorical",
            "mlp",
            choices=("mlp",),
            where="bucket",
            source="textbook",
            help="Kind of network.",
        ),
        _NUMERIC_PREP if facts.scaled_numbers else _NUMERIC_PREP.fix(_NUMERIC_PREP.default),
        _max_one_hot(facts),
        Gene(
            "target_transform",
            "categorical",
            "none",
            choices=("none", "log") if logs else ("none",),
            where="prep",
            source="proposal",
            help="Learn the logarithm of a positive target instead of the target.",
        ),
    )


def _max_one_hot(facts: SpaceFacts) -> Gene:
    gene = Gene(
        "max_one_hot",
        "integer_log",
        9,
        4,
        33,
        where="prep",
        source="pytabkit",
        help="Most categories that a column may have to become one column each.",
    )
    return gene if facts.most_categories is None else gene.narrowed(4, max(4, facts.most_categories))


def network_genes(facts: SpaceFacts) -> tuple[Gene, ...]:
    """Batch size, layers, widths, activation, normalisation and initialisation."""
    activation = Gene(
        "activation",
        "categorical",
        "mish" if facts.task == "regression" else "selu",
        choices=("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "tanh", "sigmoid"),
        when=(HAS_LAYER,),
        source="textbook; pytabkit (selu, mish)",
        help="Non-linear function of the hidden layers.",
    )
    return (_batch_size(facts), *_layers(), *_widths(facts), activation, *_ACTIVATION_GENES, *_INIT_GENES)


def default_batch_size(rows: int) -> int:
    """The batch size for this many training rows, in the steps of AutoGluon's torch MLP."""
    steps = ((2_800, 32), (4_500, 64), (6_400, 128), (32_000, 256), (108_000, 512))
    return next((size for limit, size in steps if rows < limit), 1024)


def _batch_size(facts: SpaceFacts) -> Gene:
    default = default_batch_size(facts.rows)
    rows = min(facts.rows, facts.rows_per_epoch or facts.rows)
    largest_fitting = 1 << (rows.bit_length() - 1)
    high = min(8 * default, 4096, largest_fitting)
    low = min(max(default // 8, 8), high)
    sizes = tuple(1 << power for power in range(low.bit_length() - 1, high.bit_length()))
    return Gene(
        "batch_size",
        "integer_log",
        min(default, high),
        choices=sizes,
        where="bucket",
        source="textbook; AutoGluon",
        help="Rows per training step.",
    )


def _layers() -> tuple[Gene, ...]:
    return (
        Gene(
            "layers",
            "integer",
            3,
            0,
            MAX_LAYERS,
            group="architecture",
            source="textbook; tabm",
            help="Hidden layers; 0 is linear or softmax regression.",
        ),
        Gene(
            "shape",
            "categorical",
            "brick",
            choices=("free", "brick", "funnel", "diamond"),
            where="bucket",
            when=(Condition("layers", at_least=2),),
            group="architecture",
            source="Auto-PyTorch",
            help="Ties widths to width_1: brick all equal, funnel halving, diamond widest in the middle.",
        ),
    )


def _widths(facts: SpaceFacts) -> tuple[Gene, ...]:
    low, high, default = (16, 256, 128) if facts.device == "cpu" else (64, 1024, 256)
    free = Condition("shape", values=("free",))
    return tuple(
        Gene(
            f"width_{layer}",
            "integer",
            default,
            low,
            high,
            step=STEP,
            where="bucket",
            when=(Condition("layers", at_least=layer), *((free,) if layer > 1 else ())),
            group="architecture",
            source="textbook (units of each layer); Auto-PyTorch",
            help="Units of hidden layer 1 and of the widest layer of a tied shape."
            if layer == 1
            else f"Units of hidden layer {layer}.",
        )
        for layer in range(1, MAX_LAYERS + 1)
    )
