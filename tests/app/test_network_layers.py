"""Shapes and parameter counts from a genome alone, against the network that the engine builds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cambrian.data.encode import Prep, encoded_width
from cambrian.data.schema import TableSchema
from cambrian.models.mlp import MLP
from cambrian.space.build import SpaceFacts, build_space
from cambrian_desktop.views.network_layers import encoded_inputs, network_layers, parameter_count


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_parameters_are_those_of_the_engines_network(task: Any) -> None:
    space = build_space(SpaceFacts(task, 5_000))
    rng = np.random.default_rng(1)
    for _ in range(40):
        genome, inputs = space.draw(rng), int(rng.integers(1, 60))
        outputs = 4 if task == "multiclass" else 1
        network = MLP(genome, inputs, outputs)
        layers = network_layers(genome, inputs, outputs)
        assert parameter_count(layers) == sum(each.numel() for each in network.parameters())
        assert [(layer.inputs, layer.units) for layer in layers[1:]] == [
            (each.weight.shape[1], each.weight.shape[0]) for each in network.layers
        ]
        assert [layer.skip for layer in layers[1:-1]] == [each.residual for each in network.hidden_layers]


def feature(draw: Any, number: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(["numeric", "boolean", "ordinal", "datetime", "categorical", "text"]))
    count = draw(st.integers(0, 40)) if kind in ("categorical", "ordinal") else 0
    parts = ["days", "weekday", "month", "hour"][: draw(st.integers(3, 4))] if kind == "datetime" else []
    return {
        "name": f"column {number}",
        "kind": kind,
        "missing": draw(st.booleans()),
        "categories": [f"value {each}" for each in range(count)],
        "parts": parts,
    }


@st.composite
def schemas(draw: Any) -> dict[str, Any]:
    features = [feature(draw, number) for number in range(draw(st.integers(1, 8)))]
    return {"target": "y", "classes": [], "readings": {}, "features": features}


@given(schemas(), st.integers(1, 33))
def test_inputs_are_those_of_the_engines_encoder(schema: dict[str, Any], max_one_hot: int) -> None:
    expected = encoded_width(TableSchema.from_json(schema), Prep(max_one_hot=max_one_hot))
    assert encoded_inputs(schema, max_one_hot) == expected
