"""A genome as sentences in plain words; what a gene that is not active says is never mentioned."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from cambrian.space.families.mlp import layer_widths
from cambrian_desktop.models.words import recipe_text
from cambrian_desktop.views.genome_words import number_text, percent_text, separator, value_text
from cambrian_desktop.views.schedule_text import dropout_sentence, schedule_sentence

Genes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences of a genome under a heading."""

    title: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentences as running text; a Chinese full stop brings its own room."""
        return "".join(each if each.endswith("。") else f"{each} " for each in self.sentences).strip()


def paragraphs(genes: Genes, active: Collection[str]) -> tuple[Paragraph, ...]:
    """A genome in four paragraphs: the network, how it learns, what keeps it simple, what it sees.

    Args:
        genes: Values of all genes of the standard space.
        active: Names of those whose conditions hold.
    """
    spoken = {name: value for name, value in genes.items() if name in active}
    widths = layer_widths(genes)
    translate = QCoreApplication.translate
    return (
        Paragraph(translate("Genome", "The network"), tuple(_network(spoken, widths))),
        Paragraph(translate("Genome", "How it learns"), tuple(_learning(spoken))),
        Paragraph(translate("Genome", "What keeps it from learning noise"), tuple(_restraint(spoken))),
        Paragraph(translate("Genome", "What it sees"), tuple(_inputs(spoken))),
    )


def network_line(genes: Genes) -> str:
    """The network and its optimizer in a few words: '3×128 SELU, layer norm, AdamW'."""
    parts = [network_shape(genes)]
    if layer_widths(genes) and genes["normalisation"] != "none":
        parts.append(value_text("normalisation", genes["normalisation"]))
    return separator().join([*parts, value_text("optimizer", genes["optimizer"])])


def network_shape(genes: Genes) -> str:
    """The layers alone: '3×128 SELU'."""
    widths = layer_widths(genes)
    if not widths:
        return QCoreApplication.translate("Genome", "linear")
    same = len(set(widths)) == 1
    shape = f"{len(widths)}×{widths[0]}" if same else "×".join(map(str, widths))
    return f"{shape} {value_text('activation', genes['activation'])}"


def origin_text(operator: str) -> str:
    """Where an individual comes from, in words; an operator that is not known keeps its name."""
    translate = QCoreApplication.translate
    kind, _, name = operator.partition(": ")
    words = {
        "crossover": translate("Genome", "crossover"),
        "mutation": translate("Genome", "mutation"),
        "immigrant": translate("Genome", "drawn at random, to bring in something new"),
        "space-filling": translate("Genome", "drawn evenly over the search space"),
        "random": translate("Genome", "drawn at random"),
        "known-good": translate("Genome", "a recipe known to do well: {name}"),
        "known-good mutated": translate("Genome", "mutated from a recipe known to do well: {name}"),
    }
    return words.get(kind, operator).replace("{name}", recipe_text(name))


def _network(genes: Genes, widths: tuple[int, ...]) -> Iterator[str]:
    translate = QCoreApplication.translate
    yield _layers_sentence(genes, widths)
    if widths and genes["parametric"]:
        yield translate("Genome", "Every unit learns how much of {activation} it applies.").format(
            activation=value_text("activation", genes["activation"])
        )
    normalisation = genes.get("normalisation", "none")
    if normalisation == "batch":
        yield translate(
            "Genome",
            "Each hidden layer is normalised over the batch (batch norm, momentum {momentum}, "
            "epsilon {epsilon}).",
        ).format(momentum=number_text(genes["batch_momentum"]), epsilon=number_text(genes["norm_eps"]))
    elif normalisation == "layer":
        yield translate(
            "Genome", "Each hidden layer is normalised over its units (layer norm, epsilon {epsilon})."
        ).format(epsilon=number_text(genes["norm_eps"]))
    if genes.get("residual"):
        yield translate(
            "Genome", "Neighbouring hidden layers of equal width are joined by a skip connection."
        )
    yield translate("Genome", "Initial weights: {weights}, gain {gain}; initial biases: {biases}.").format(
        weights=value_text("init", genes["init"]),
        gain=number_text(genes["init_gain"]),
        biases=value_text("bias_init", genes["bias_init"]),
    )


def _layers_sentence(genes: Genes, widths: tuple[int, ...]) -> str:
    translate = QCoreApplication.translate
    if not widths:
        return translate("Genome", "A linear model, without any hidden layer.")
    activation = value_text("activation", genes["activation"])
    if len(widths) == 1:
        return translate(
            "Genome", "One hidden layer of {width} units with the activation {activation}."
        ).format(width=widths[0], activation=activation)
    if len(set(widths)) == 1:
        return translate(
            "Genome", "{count} hidden layers of {width} units each with the activation {activation}."
        ).format(count=len(widths), width=widths[0], activation=activation)
    shapes = {
        "funnel": translate(
            "Genome", "A funnel of {count} hidden layers, {widths} units, with the activation {activation}."
        ),
        "diamond": translate(
            "Genome", "A diamond of {count} hidden layers, {widths} units, with the activation {activation}."
        ),
    }
    free = translate("Genome", "{count} hidden layers of {widths} units with the activation {activation}.")
    return shapes.get(genes["shape"], free).format(
        count=len(widths), widths=" – ".join(map(str, widths)), activation=activation
    )


def _learning(genes: Genes) -> Iterator[str]:
    translate = QCoreApplication.translate
    sentences = {
        "sgd": translate(
            "Genome",
            "Stochastic gradient descent with learning rate {rate} and momentum {momentum}, "
            "on batches of {rows} rows.",
        ),
        "sgd_nesterov": translate(
            "Genome",
            "Stochastic gradient descent with learning rate {rate} and Nesterov momentum {momentum}, "
            "on batches of {rows} rows.",
        ),
    }
    other = translate("Genome", "{optimizer} with learning rate {rate}, on batches of {rows} rows.")
    yield sentences.get(genes["optimizer"], other).format(
        optimizer=value_text("optimizer", genes["optimizer"]),
        rate=number_text(genes["lr"] if "lr" in genes else genes["lr_sgd"]),
        momentum=number_text(genes.get("momentum", 0.0)),
        rows=genes["batch_size"],
    )
    if "beta1" in genes:
        yield translate(
            "Genome", "Its averages of gradients decay with {beta1} and {beta2}; epsilon is {epsilon}."
        ).format(
            beta1=number_text(genes["beta1"]),
            beta2=number_text(genes["beta2"]),
            epsilon=number_text(genes["adam_eps"]),
        )
    if "rmsprop_alpha" in genes:
        yield translate("Genome", "Its average of squared gradients decays with {alpha}.").format(
            alpha=number_text(genes["rmsprop_alpha"])
        )
    yield schedule_sentence(genes)
    yield translate(
        "Genome",
        "It trains for up to {epochs} epochs and stops after {patience} epochs without a better loss.",
    ).format(epochs=genes["epochs"], patience=genes["patience"])
    yield _loss_sentence(genes)


def _loss_sentence(genes: Genes) -> str:
    translate = QCoreApplication.translate
    loss = genes["loss"]
    sentences = {
        "mse": translate("Genome", "It minimises the squared error."),
        "mae": translate("Genome", "It minimises the absolute error."),
        "huber": translate(
            "Genome", "It minimises Huber's error, which grows linearly beyond {delta} standard deviations."
        ),
        "cross_entropy": translate("Genome", "It minimises the cross-entropy."),
        "class_weighted": translate(
            "Genome", "It minimises the cross-entropy, with rare classes weighted up."
        ),
        "focal": translate(
            "Genome", "It minimises the focal loss, which turns to badly predicted rows (gamma {gamma})."
        ),
    }
    delta, gamma = (number_text(genes.get(name, 0.0)) for name in ("huber_delta", "focal_gamma"))
    return sentences[loss].format(delta=delta, gamma=gamma) if loss in sentences else loss


def _restraint(genes: Genes) -> Iterator[str]:
    """What regularises it; one sentence that nothing does, where nothing does."""
    found = list(_restraints(genes))
    if not found:
        found = [QCoreApplication.translate("Genome", "Nothing but stopping in time.")]
    yield from found


def _restraints(genes: Genes) -> Iterator[str]:
    translate = QCoreApplication.translate
    if genes.get("dropout"):
        yield dropout_sentence(genes)
    penalties = {
        "weight_decay": translate("Genome", "weight decay {value}"),
        "l2": translate("Genome", "an L2 penalty of {value}"),
        "l1": translate("Genome", "an L1 penalty of {value}"),
    }
    named = [
        text.format(value=number_text(genes[name])) for name, text in penalties.items() if genes.get(name)
    ]
    if named:
        yield translate("Genome", "Weights are kept small by {penalties}.").format(
            penalties=separator().join(named)
        )
    if genes.get("label_smoothing"):
        yield translate("Genome", "{share} of each label is given to the other classes.").format(
            share=percent_text(genes["label_smoothing"])
        )
    if genes.get("input_noise"):
        yield translate(
            "Genome", "Noise with a standard deviation of {value} is added to the inputs in training."
        ).format(value=number_text(genes["input_noise"]))
    if "clip_norm" in genes:
        yield translate("Genome", "Gradients longer than {length} are shortened to it.").format(
            length=number_text(genes["clip_norm"])
        )
    if "ema_decay" in genes:
        yield translate(
            "Genome", "It predicts with a moving average of its weights, of which each step keeps {share}."
        ).format(share=percent_text(genes["ema_decay"]))


def _inputs(genes: Genes) -> Iterator[str]:
    translate = QCoreApplication.translate
    scaling = {
        "standard": translate("Genome", "Numbers are standardised to mean 0 and standard deviation 1."),
        "robust_clip": translate("Genome", "Numbers are scaled by their quartiles and smoothly clipped."),
        "quantile": translate("Genome", "Numbers are spread by their ranks to a normal distribution."),
    }
    if genes["numeric_prep"] in scaling:
        yield scaling[genes["numeric_prep"]]
    yield translate(
        "Genome", "The {count} commonest categories of a column get an input each; rarer ones share one."
    ).format(count=genes["max_one_hot"])
    if genes.get("target_transform") == "log":
        yield translate("Genome", "It learns the logarithm of the target.")
