"""The layers of a network with shapes and parameter counts, from its genome alone: nothing is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cambrian.space.families.mlp import layer_widths

_TEXT_INPUTS = 16
"""Inputs of a free-text column: `cambrian.data.text_features.RANK`, which the window cannot import."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the drawing.

    Attributes:
        kind: What it is.
        units: Numbers that leave it.
        inputs: Numbers that enter it; 0 for the input itself.
        parameters: Numbers that training finds: weights, biases, norm scales and shifts, slopes.
        activation: Gene value; empty where there is none.
        normalisation: Gene value; empty where there is none.
        dropout: Share of units dropped in training.
        skip: Whether what enters is added to what leaves.
    """

    kind: Literal["input", "hidden", "output"]
    units: int
    inputs: int = 0
    parameters: int = 0
    activation: str = ""
    normalisation: str = ""
    dropout: float = 0.0
    skip: bool = False


def network_layers(genes: Mapping[str, Any], inputs: int, outputs: int) -> tuple[Layer, ...]:
    """Input, hidden layers and output of family mlp.

    Args:
        genes: Values of all genes.
        inputs: Encoded features, as `encoded_inputs` counts them.
        outputs: As in the run's resolved settings.
    """
    normalisation = genes["normalisation"]
    per_unit = 1 + 2 * (normalisation != "none") + bool(genes["parametric"])
    layers = [Layer("input", inputs)]
    for index, width in enumerate(layer_widths(genes)):
        before = layers[-1].units
        layers.append(
            Layer(
                "hidden",
                width,
                before,
                width * (before + per_unit),
                activation=genes["activation"],
                normalisation="" if normalisation == "none" else normalisation,
                dropout=genes["dropout"],
                # Between two hidden layers only: the data's own width is no layer.
                skip=index > 0 and bool(genes["residual"]) and before == width,
            )
        )
    before = layers[-1].units
    return (*layers, Layer("output", outputs, before, outputs * (before + 1)))


def parameter_count(layers: tuple[Layer, ...]) -> int:
    """All parameters of a network."""
    return sum(layer.parameters for layer in layers)


def encoded_inputs(schema: Mapping[str, Any], max_one_hot: int) -> int:
    """The inputs that a table becomes: the same number as `cambrian.data.encode.encoded_width`.

    That module loads Arrow, which the window does not; a test holds the two together.

    Args:
        schema: Of the run's prepared data, as `TableSchema.to_json` wrote it.
        max_one_hot: The gene.
    """
    return sum(_feature_inputs(feature, max_one_hot) for feature in schema["features"])


def _feature_inputs(feature: Mapping[str, Any], max_one_hot: int) -> int:
    missing = int(feature["missing"])
    if feature["kind"] == "text":
        return _TEXT_INPUTS + missing
    if feature["kind"] == "datetime":
        return len(feature["parts"]) + missing
    if feature["kind"] != "categorical":
        return 1 + missing
    known = len(feature["categories"])
    if known == 2 and not missing and max_one_hot >= 2:
        return 1  # -1 or +1
    return min(known, max_one_hot) + (known > max_one_hot) + missing
