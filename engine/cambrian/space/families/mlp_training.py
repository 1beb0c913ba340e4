"""Genes of regularisation, of the length of training and of the loss."""

from __future__ import annotations

from cambrian.space.facts import SpaceFacts
from cambrian.space.families.mlp_network import HAS_LAYER
from cambrian.space.genes import Condition, Gene

ACCURACY_LIKE = frozenset({"accuracy", "balanced_accuracy", "macro_f1", "f1", "precision", "recall"})
"""Objectives that only see the predicted class: label smoothing may help them and spoils probabilities."""

_REGULARISATION_GENES = (
    Gene(
        "dropout",
        "zero_or_linear",
        0.1,
        0.0,
        0.5,
        p_zero=0.4,
        when=(HAS_LAYER,),
        source="tabm; pytabkit",
        help="Share of hidden units that are switched off at random in training.",
    ),
    Gene(
        "dropout_schedule",
        "categorical",
        "constant",
        choices=("constant", "flat_cosine"),
        when=(Condition("dropout", above=0),),
        group="dropout",
        source="pytabkit",
        help="Whether dropout stays or fades out in the second half of training.",
    ),
    Gene(
        "input_noise",
        "zero_or_log",
        0.0,
        1e-3,
        0.3,
        p_zero=0.6,
        source="textbook; share of zeros proposal",
        help="Standard deviation of the noise added to the inputs in training.",
    ),
    Gene(
        "weight_decay",
        "zero_or_log",
        3e-4,
        1e-4,
        1e-1,
        p_zero=0.5,
        when=(Condition("optimizer", values=("sgd", "sgd_nesterov", "rmsprop", "adamw")),),
        source="tabm; not for adam, which would be adamw (Loshchilov & Hutter 2019)",
        help="Decoupled weight decay: each step shrinks weights by learning rate times this.",
    ),
    Gene(
        "l2",
        "zero_or_log",
        0.0,
        1e-7,
        1e-2,
        p_zero=0.7,
        source="textbook; share of zeros proposal",
        help="Penalty on squared weights, added to the loss.",
    ),
    Gene(
        "l1",
        "zero_or_log",
        0.0,
        1e-7,
        1e-3,
        p_zero=0.7,
        source="textbook; share of zeros proposal",
        help="Penalty on absolute weights, added to the loss.",
    ),
    Gene(
        "gradient_clip",
        "categorical",
        "norm",
        choices=("none", "norm"),
        source="tabm",
        help="Whether long gradients are shortened.",
    ),
    Gene(
        "clip_norm",
        "log",
        1.0,
        0.1,
        10.0,
        when=(Condition("gradient_clip", values=("norm",)),),
        group="gradient_clip",
        source="tabm (1.0); range proposal",
        help="Length to which a longer gradient is shortened.",
    ),
)

_AVERAGE_GENES = (
    Gene(
        "ema",
        "categorical",
        False,
        choices=(False, True),
        source="Kadra 2021",
        help="Validate and predict with a moving average of the weights.",
    ),
    Gene(
        "ema_decay",
        "one_minus_log",
        0.99,
        0.9,
        0.999,
        when=(Condition("ema", values=(True,)),),
        group="ema",
        source="Kadra 2021; range proposal",
        help="Share of the average that each step keeps.",
    ),
)


def training_genes(facts: SpaceFacts) -> tuple[Gene, ...]:
    """Regularisation, epochs, early stopping and weight averaging."""
    epochs = Gene(
        "epochs",
        "integer_log",
        min(256, facts.epochs),
        min(8, facts.epochs),
        min(512, facts.epochs),
        source="textbook; tabm; pytabkit",
        help="Length of the training schedule in epochs.",
    )
    patience = Gene(
        "patience",
        "integer_log",
        16,
        4,
        64,
        source="textbook; tabm (16)",
        help="Epochs without a better validation loss after which training stops.",
    )
    return (*_REGULARISATION_GENES, epochs, patience, *_AVERAGE_GENES)


def loss_genes(facts: SpaceFacts) -> tuple[Gene, ...]:
    """The training loss and its settings."""
    return _regression_loss() if facts.task == "regression" else _classification_loss(facts)


def _regression_loss() -> tuple[Gene, ...]:
    return (
        Gene(
            "loss",
            "categorical",
            "mse",
            choices=("mse", "mae", "huber"),
            source="textbook",
            help="What training minimises: squared, absolute or Huber error.",
        ),
        Gene(
            "huber_delta",
            "log",
            1.0,
            0.1,
            3.0,
            when=(Condition("loss", values=("huber",)),),
            group="loss",
            source="textbook; range proposal",
            help="Error, in standard deviations of the target, above which Huber's loss grows linearly.",
        ),
    )


def _classification_loss(facts: SpaceFacts) -> tuple[Gene, ...]:
    smoothing = Gene(
        "label_smoothing",
        "zero_or_log",
        0.0,
        5e-3,
        0.2,
        p_zero=0.5,
        when=(Condition("loss", values=("cross_entropy", "class_weighted")),),
        group="loss",
        source="pytabkit; textbook",
        help="Share of each label given to the other classes; only helps objectives like accuracy.",
    )
    weighted = () if facts.balanced_classes else ("class_weighted",)
    return (
        Gene(
            "loss",
            "categorical",
            "cross_entropy",
            choices=("cross_entropy", *weighted, "focal"),
            source="textbook",
            help="What training minimises: cross-entropy, with rare classes weighted up, or focal loss.",
        ),
        Gene(
            "focal_gamma",
            "log",
            2.0,
            0.5,
            5.0,
            when=(Condition("loss", values=("focal",)),),
            group="loss",
            source="Lin et al. 2017; range proposal",
            help="How strongly the focal loss turns to rows that are predicted badly.",
        ),
        smoothing if ACCURACY_LIKE & set(facts.objectives) else smoothing.fix(0.0),
    )
